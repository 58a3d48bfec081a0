"""What waits for a district or station officer now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from cases.clocks import NEAR_SHARE, PROGRESS, Limit, Urgency, running
from cases.counting import Capped, counts
from cases.lifecycle import CaseStatus
from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.services.listing import COUNT_CAP, Wanted, cases_matching
from cases.services.news import cases_with_news

LINES = 50  # of each kind; the lists of cases hold the rest


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
    mine = Case.objects.visible_to(officer)
    waiting = mine.awaiting_acknowledgement().with_places().order_by("handed_over_at", "pk")
    new = [
        Line(case=case, limit=limit)
        for case in waiting[:LINES]
        for limit in running(now=now, handed_over_at=case.handed_over_at)
    ]
    new += lines_of_acceptance(mine, now=now)
    others = lines_of_production(mine, now=now) + lines_of_progress(mine, now=now)
    return Desk(
        new=sort_by_due(line for line in new if line.limit.urgency != Urgency.OVERDUE),
        overdue=sort_by_due(
            line for line in (*new, *others) if line.limit.urgency == Urgency.OVERDUE
        ),
        due_soon=sort_by_due(line for line in others if line.limit.urgency != Urgency.OVERDUE),
        told=tuple(cases_with_news(officer).with_places().order_by("-urgency", "pk")[:LINES]),
        counts=counts(
            {
                status: (cases_matching(officer, Wanted(statuses=frozenset({status}))), COUNT_CAP)
                for status in (
                    CaseStatus.HANDED_OVER,
                    CaseStatus.ACKNOWLEDGED,
                    CaseStatus.UNDER_ENQUIRY,
                    CaseStatus.REGISTERED,
                )
            }
        ),
    )


def lines_of_acceptance(cases: CaseQuerySet, *, now: datetime) -> list[Line]:
    """Cases that the holder has seen and has yet to accept or return."""
    waiting = cases.awaiting_acceptance().with_places().order_by("status_at", "pk")
    return [
        Line(case=case, limit=limit)
        for case in waiting[:LINES]
        for limit in running(now=now, acknowledged_at=case.status_at)
    ]


def lines_of_production(cases: CaseQuerySet, *, now: datetime) -> list[Line]:
    """Cases in which somebody arrested has yet to be produced before the Magistrate."""
    waiting = cases.filter(unproduced_since__isnull=False).with_places()
    return [
        Line(case=case, limit=limit)
        for case in waiting.order_by("unproduced_since", "pk")[:LINES]
        if case.unproduced_since is not None
        for limit in running(now=now, unproduced_arrests=(case.unproduced_since,))
    ]


def lines_of_progress(cases: CaseQuerySet, *, now: datetime) -> list[Line]:
    """Cases whose informant is soon to be told of the progress, or should have been."""
    waiting = cases.filter(uninformed_since__lte=now - PROGRESS.limit * (1 - NEAR_SHARE))
    return [
        Line(case=case, limit=limit)
        for case in waiting.with_places().order_by("uninformed_since", "pk")[:LINES]
        for limit in running(now=now, registered_at=case.uninformed_since)
    ]


def sort_by_due(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.limit.due_at, line.case.pk)))
