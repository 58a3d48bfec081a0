"""What waits for a district or station officer now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Value, prefetch_related_objects

from accounts.models import User
from cases.clocks import (
    ACCEPTANCE,
    ACKNOWLEDGEMENT,
    CLOCKS,
    NEAR_SHARE,
    PRODUCTION,
    PROGRESS,
    Limit,
    Urgency,
    limit_of,
)
from cases.counting import Capped, counts
from cases.lifecycle import CaseStatus
from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.services.listing import Wanted, cases_matching
from cases.services.news import cases_with_news

LINES = 50  # of each clock; the lists of cases hold the rest
COUNTED_AT_MOST = 500  # of each status; the list counts further
OF_HAND_OFF = (ACKNOWLEDGEMENT, ACCEPTANCE)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A case with a limit that brought it to the desk: of several alike, the earliest."""

    case: Case
    limit: Limit


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Each list the earliest due first."""

    new: tuple[Line, ...]
    overdue: tuple[Line, ...]
    due_soon: tuple[Line, ...]
    told: tuple[Case, ...]
    """Cases about which something came in that the holder has not seen, the most urgent first."""
    counts: dict[str, Capped]
    """Of open cases by status."""


def desk_of(*, officer: User, now: datetime) -> Desk:
    """The desk of whatever `officer` may see, in a constant number of statements."""
    lines = sort_by_due(lines_of(Case.objects.visible_to(officer), now=now))
    told = tuple(cases_with_news(officer).order_by("-urgency", "pk")[:LINES])
    # Places of all lists at once: joined into each, they cost more than the lists themselves.
    prefetch_related_objects([*(line.case for line in lines), *told], "district", "station")
    late = tuple(line for line in lines if line.limit.urgency == Urgency.OVERDUE)
    in_time = [line for line in lines if line.limit.urgency != Urgency.OVERDUE]
    return Desk(
        new=tuple(line for line in in_time if line.limit.clock in OF_HAND_OFF),
        overdue=late,
        due_soon=tuple(line for line in in_time if line.limit.clock not in OF_HAND_OFF),
        told=told,
        counts=counts(
            {
                status: (
                    cases_matching(officer, Wanted(statuses=frozenset({status}))),
                    COUNTED_AT_MOST,
                )
                for status in (
                    CaseStatus.HANDED_OVER,
                    CaseStatus.ACKNOWLEDGED,
                    CaseStatus.UNDER_ENQUIRY,
                    CaseStatus.REGISTERED,
                )
            }
        ),
    )


def lines_of(cases: CaseQuerySet, *, now: datetime) -> list[Line]:
    """Of each clock that brings cases to a desk, those due first: all in one statement."""
    nearly_due = now - PROGRESS.limit * (1 - NEAR_SHARE)
    waiting = {
        ACKNOWLEDGEMENT: (cases.awaiting_acknowledgement(), "handed_over_at"),
        ACCEPTANCE: (cases.awaiting_acceptance(), "status_at"),
        PRODUCTION: (cases.filter(unproduced_since__isnull=False), "unproduced_since"),
        PROGRESS: (cases.filter(uninformed_since__lte=nearly_due), "uninformed_since"),
    }
    first, *others = (
        found.annotate(clock=Value(clock.code), since=F(since)).order_by(since, "pk")[:LINES]
        for clock, (found, since) in waiting.items()
    )
    return [
        Line(
            case=case,
            limit=limit_of(
                CLOCKS[case.clock],  # type: ignore[attr-defined]
                started_at=case.since,  # type: ignore[attr-defined]
                now=now,
            ),
        )
        for case in first.union(*others, all=True)
    ]


def sort_by_due(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.limit.due_at, line.case.pk)))
