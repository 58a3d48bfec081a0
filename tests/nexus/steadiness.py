"""Judgements on a stored world that is grouped again and again, of which other things are said."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

from accounts.models import User
from nexus.models import Judgement, Membership, Nexus, Tie, Verdict
from nexus.services import judging
from nexus.services.linking import link_next
from tests.factories import NOON
from tiplines.models import Sighting, Tipline

LATER = NOON + timedelta(hours=1)
SILENT = 40  # values, of each turn


def link() -> None:
    while link_next(at=LATER):
        pass


def nexus_of(tipline: Tipline | int) -> int | None:
    member = Membership.objects.filter(tipline=tipline, until=None).first()
    return None if member is None else member.nexus_id


def members_of(nexus: int) -> set[int]:
    rows = Membership.objects.filter(nexus=nexus, until=None)
    return set(rows.values_list("tipline_id", flat=True))


def hold_through(*, turns: int, analyst: User) -> int:
    """Judge, then let some values of chance fall silent and others speak again, turn by turn.

    After each turn every judgement holds, and every nexus of which more than half is together, as
    the larger half of a group, has its number. Returns how many memberships changed in all.
    """
    chance = random.Random(7)
    grouped = Membership.objects.filter(until=None).values("tipline")
    alone = list(Tipline.objects.exclude(pk__in=grouped).order_by("number")[:200])
    said: dict[str, Any] = {"reason": "known", "by": analyst, "at": LATER}
    together = [judging.put_together(chance.sample(alone, 3), nexus=None, **said) for _ in range(5)]
    link()
    nexuses = list(Nexus.objects.filter(ended_at=None).order_by("-accounts", "pk")[:6])
    apart = [_part(nexus, said) for nexus in nexuses[:3]]
    frozen = judging.judge_nexus(nexuses[4], Verdict.FROZEN, **said)
    link()
    still = members_of(nexuses[4].pk)
    values = sorted(Sighting.objects.filter(links=True).values_list("pk", flat=True))
    quiet: list[int] = []
    changed = 0
    for _ in range(turns):
        before = _members()
        spoke = chance.sample(values, SILENT)
        Sighting.objects.filter(pk__in=quiet).update(links=True)
        Sighting.objects.filter(pk__in=spoke).update(links=False)
        touched = Sighting.objects.filter(pk__in=[*quiet, *spoke]).values("tipline")
        Tipline.objects.filter(pk__in=touched).update(linked_at=None)
        quiet = spoke
        link()
        after = _members()
        changed += sum(len(of ^ after.get(nexus, set())) for nexus, of in before.items())
        _check_judgements(together, apart)
        assert members_of(frozen.nexus_id or 0) == still
        _check_numbers(before, after)
    return changed


def _part(nexus: Nexus, said: dict[str, Any]) -> Judgement:
    """Put two members apart that are tied."""
    of = members_of(nexus.pk)
    tie = Tie.objects.filter(first__in=of, second__in=of).order_by("bits", "pk")[0]
    one, other = (Tipline.objects.get(pk=key) for key in (tie.first_id, tie.second_id))
    return judging.put_apart([one], [other], nexus=nexus, **said)


def _check_judgements(together: list[Judgement], apart: list[Judgement]) -> None:
    for each in together:
        found = {nexus_of(judged.tipline_id) for judged in each.judged.all()}
        assert len(found) == 1
        assert None not in found
    for each in apart:
        one, other = (nexus_of(judged.tipline_id) for judged in each.judged.order_by("side"))
        assert one is None or one != other


def _check_numbers(before: dict[int, set[int]], after: dict[int, set[int]]) -> None:
    assert before
    for nexus, of in before.items():
        for number, members in after.items():
            both = len(of & members)
            if both * 2 > len(of) and both * 2 > len(members):
                assert number == nexus


def _members() -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(until=None).values_list("nexus_id", "tipline_id")
    for nexus, tipline in rows:
        found[nexus].add(tipline)
    return found
