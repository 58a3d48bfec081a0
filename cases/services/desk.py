"""What waits for a district or station officer now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from cases.clocks import NEAR_SHARE, PROGRESS, Limit, Urgency, running
from cases.counting import Capped, counts
from cases.lifecycle import CaseStatus
from cases.models import Arrest, Case, Fir
from cases.services.listing import COUNT_CAP, Wanted, cases_matching
from cases.services.news import cases_with_news

LINES = 50  # of each kind; the lists of cases hold the rest


@dataclass(frozen=True, kw_only=True)
class Line:
    """A case with the limit that brought it to the desk."""

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
    others = lines_of_arrests(officer, now=now) + lines_of_firs(officer, now=now)
    return Desk(
        new=tuple(line for line in new if line.limit.urgency != Urgency.OVERDUE),
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
                    CaseStatus.UNDER_ENQUIRY,
                    CaseStatus.REGISTERED,
                )
            }
        ),
    )


def lines_of_arrests(officer: User, *, now: datetime) -> list[Line]:
    """Arrested persons whose production before the Magistrate is not recorded."""
    arrests = (
        Arrest.objects.visible_to(officer)
        .filter(produced_at__isnull=True)
        .select_related("accused__fir__case__district", "accused__fir__case__station")
        .order_by("arrested_at", "pk")[:LINES]
    )
    return [
        Line(case=arrest.accused.fir.case, limit=limit)
        for arrest in arrests
        for limit in running(now=now, unproduced_arrests=(arrest.arrested_at,))
    ]


def lines_of_firs(officer: User, *, now: datetime) -> list[Line]:
    """FIRs whose informant is soon to be told of the progress, or should have been."""
    firs = (
        Fir.objects.visible_to(officer)
        .filter(
            informed_at__isnull=True,
            registered_at__lte=now - PROGRESS.limit * (1 - NEAR_SHARE),
        )
        .select_related("case__district", "case__station")
        .order_by("registered_at", "pk")[:LINES]
    )
    return [
        Line(case=fir.case, limit=limit)
        for fir in firs
        for limit in running(now=now, registered_at=fir.registered_at)
    ]


def sort_by_due(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.limit.due_at, line.case.pk)))
