"""Ways in for the workers. Each asks the rows what is due: a lost or doubled nudge does no harm."""

from __future__ import annotations

import time
from collections.abc import Callable

from celery import shared_task
from django.utils import timezone

from districts.gazetteer import keep_missing
from tiplines import nudges
from tiplines.models import Dispatch, Document, Tipline
from tiplines.services import (
    assessing,
    placing,
    reading,
    receiving,
    remapping,
    trying,
    watching,
)
from tiplines.services.finishing import finish_dispatches
from tiplines.services.reorganising import apply_due

TURN_SECONDS = 10.0
"""How long one message may keep a worker before another kind of work gets its turn."""
READ_SECONDS_AT_MOST = 600
"""After this a reader is killed: a document without an end fells it like any other that does."""


def work(step: Callable[[], int | bool], *, again: str) -> None:
    """Repeat `step` until nothing is due; at the end of the turn ask for another."""
    ends = time.monotonic() + TURN_SECONDS
    while step():
        if time.monotonic() > ends:
            nudges.send(again)
            return
    finish_dispatches(at=timezone.now())


@shared_task
def unpack() -> None:
    """List the documents of dispatches that came in. Safe twice: a listed dispatch is not due."""
    work(lambda: receiving.unpack_next(at=timezone.now()), again=nudges.UNPACK)


@shared_task(time_limit=READ_SECONDS_AT_MOST)
def read() -> None:
    """Read due documents into tiplines. Safe twice: a document that was read is not due."""
    work(lambda: reading.read_next(at=timezone.now()), again=nudges.READ)


@shared_task
def assess() -> None:
    """Judge due tiplines. Safe twice: a judged tipline is not due."""
    work(lambda: assessing.assess_next(at=timezone.now()), again=nudges.ASSESS)


@shared_task
def locate() -> None:
    """Locate due tiplines. Safe twice: a located tipline is not due."""
    work(lambda: placing.locate_next(at=timezone.now()), again=nudges.LOCATE)


@shared_task
def locate_again() -> None:
    """What awaits a decision and was located by another gazetteer or other rules than those in
    force becomes due. Safe twice: what is due already is not marked again.
    """
    keep_missing()
    now = timezone.now()
    apply_due(today=timezone.localdate(now), at=now)
    work(placing.mark_stale, again=nudges.LOCATE_AGAIN)


@shared_task
def try_rules() -> None:
    """Try proposed rules on past tiplines. Safe twice: the proposal says how far it is."""
    work(lambda: trying.try_next(at=timezone.now()), again=nudges.TRY_RULES)


@shared_task
def try_reorganisation() -> None:
    """Try proposed stations and areas on what awaits a decision. Safe twice: the proposal says how
    far it is.
    """
    work(lambda: remapping.try_next(at=timezone.now()), again=nudges.TRY_REORGANISATION)


@shared_task
def watch() -> None:
    """Take in complete files of the watched folder. Safe twice: the same bytes come in once."""
    watching.take_watched(at=timezone.now())


@shared_task
def tidy() -> None:
    """Remove uploads that a crash left behind. Safe twice: what is gone is not there."""
    receiving.tidy(at=timezone.now())


@shared_task
def sweep() -> None:
    """Find what a lost nudge left behind, and close the account of finished dispatches."""
    due = {
        nudges.UNPACK: Dispatch.objects.still_packed(),
        nudges.READ: Document.objects.due(),
        nudges.ASSESS: Tipline.objects.due_for_assessment(),
        nudges.LOCATE: Tipline.objects.due_for_location(),
        nudges.LINK: Tipline.objects.due_for_links(),
        nudges.TRY_RULES: trying.due(),
        nudges.TRY_REORGANISATION: remapping.due(),
    }
    nudges.send(*(task for task, rows in due.items() if rows.exists()))
    finish_dispatches(at=timezone.now())
