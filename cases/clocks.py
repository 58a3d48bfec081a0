"""Time limits, each with the provision that sets it: rules, without Django and without a clock.

A limit is computed from when it started, never counted by a job.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class Clock:
    code: str
    limit: timedelta
    source: str

    def due_at(self, started_at: datetime) -> datetime:
        return started_at + self.limit


ACKNOWLEDGEMENT = Clock("acknowledgement", timedelta(hours=24), "unit's standing order")
ACCEPTANCE = Clock("acceptance", timedelta(hours=72), "unit's standing order")
PRODUCTION = Clock("production", timedelta(hours=24), "BNSS 58")
LETTER = Clock("letter", timedelta(days=15), "unit's standing order")
PROGRESS = Clock("progress", timedelta(days=90), "BNSS 193(3)(ii)")

CLOCKS = {
    clock.code: clock for clock in (ACKNOWLEDGEMENT, ACCEPTANCE, LETTER, PRODUCTION, PROGRESS)
}

NEAR_SHARE = 0.25  # of the limit: from here on it is shown as near


class Urgency(StrEnum):
    CALM = "calm"
    NEAR = "near"
    OVERDUE = "overdue"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A clock that runs in a case."""

    clock: Clock
    due_at: datetime
    urgency: Urgency


def urgency(*, clock: Clock, due_at: datetime, now: datetime) -> Urgency:
    """How pressing a limit is at `now`. At the due moment itself it is still in time."""
    if now > due_at:
        return Urgency.OVERDUE
    return Urgency.NEAR if due_at - now <= clock.limit * NEAR_SHARE else Urgency.CALM


def limit_of(clock: Clock, *, started_at: datetime, now: datetime) -> Limit:
    due_at = clock.due_at(started_at)
    return Limit(clock=clock, due_at=due_at, urgency=urgency(clock=clock, due_at=due_at, now=now))


def running(
    *,
    now: datetime,
    handed_over_at: datetime | None = None,
    acknowledged_at: datetime | None = None,
    registered_at: datetime | None = None,
    unproduced_arrests: tuple[datetime, ...] = (),
) -> tuple[Limit, ...]:
    """The limits that run in a case at `now`, the earliest due first.

    `handed_over_at` is given while the hand-off awaits acknowledgement, `acknowledged_at` while it
    awaits acceptance, `registered_at` while the informant has not been told of progress,
    `unproduced_arrests` for arrests whose production before the Magistrate is not recorded. All
    aware.
    """
    starts: list[tuple[Clock, datetime]] = []
    if handed_over_at is not None:
        starts.append((ACKNOWLEDGEMENT, handed_over_at))
    if acknowledged_at is not None:
        starts.append((ACCEPTANCE, acknowledged_at))
    if registered_at is not None:
        starts.append((PROGRESS, registered_at))
    starts += [(PRODUCTION, at) for at in unproduced_arrests]
    limits = (limit_of(clock, started_at=start, now=now) for clock, start in starts)
    return tuple(sorted(limits, key=lambda limit: limit.due_at))
