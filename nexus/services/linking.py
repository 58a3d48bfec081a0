"""Due tiplines are put into the groups that they belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q

from nexus.models import Judgement, Run
from tiplines.models import Tipline

BATCH = 1_000
LINKS_LOCK = 7_301_001
"""Advisory lock: ties and groups have one writer, so that two batches cannot deadlock."""


class FrozenMeanwhileError(Exception):
    """A nexus was frozen, or was so no longer, while groups were made: they are made again."""


JUDGING_LOCK = 7_301_003  # advisory lock: one judgement at a time


def link_next(*, at: datetime) -> int:
    """Link the next due tiplines; return how many there were, 0 also while another worker links.

    Safe to run twice. Tiplines are read without a lock and locked all at once, in order of their
    keys, so that nobody who decides or renews some of them meanwhile can stand in a ring with this;
    one renewed meanwhile stays due, and all do if an officer judged meanwhile. Before the first run
    there is nothing to link by: that run groups them all.
    """
    with transaction.atomic():
        if not _is_the_writer():
            return 0
        said = _said()
        due = dict(
            Tipline.objects.due_for_links().order_by("pk").values_list("pk", "version")[:BATCH]
        )
        if due and Run.objects.exists():
            from nexus.services.attaching import attach  # its arrays are for those who group

            try:
                attach(list(due), at=at)
            except FrozenMeanwhileError:
                transaction.set_rollback(True)
                return 0
    # Apart, for groups take a while and need no lock on tiplines that officers wait for.
    return _settle(due, said, at=at) if due else 0


def make_due(tiplines: set[int]) -> None:
    """They are linked again. Locked in the order of their keys, as everybody locks them."""
    if not tiplines:
        return
    rows = Tipline.objects.filter(pk__in=tiplines).order_by("pk").select_for_update()
    locked = list(rows.values_list("pk", flat=True))
    Tipline.objects.filter(pk__in=locked).update(linked_at=None)


def _is_the_writer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LINKS_LOCK])
        return bool(cursor.fetchone()[0])


def _said() -> tuple[Any, ...]:
    """Changes with each judgement and each end of one by an officer."""
    ended = Max("ended_at", filter=Q(ended_by__isnull=False))
    return tuple(Judgement.objects.aggregate(Max("pk"), ended=ended).values())


@transaction.atomic
def _settle(due: dict[int, int], said: tuple[Any, ...], *, at: datetime) -> int:
    present = Tipline.objects.filter(pk__in=due).order_by("pk").select_for_update()
    settled = [pk for pk, version in present.values_list("pk", "version") if due[pk] == version]
    if _said() != said:
        return 0
    return Tipline.objects.filter(pk__in=settled).update(linked_at=at)
