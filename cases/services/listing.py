"""The list of cases, a page at a time: newest change first, by key and never by offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from cases.lifecycle import CaseStatus
from cases.models import Case
from cases.models.case import CaseQuerySet

PAGE = 50  # rows
COUNT_CAP = 1000  # counting further than this costs more than it tells


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page begins: after or before this row."""

    status_at: datetime
    case_id: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is narrowed to; None leaves it open."""

    statuses: frozenset[CaseStatus] | None = None
    district_id: int | None = None
    station_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: tuple[Case, ...]
    count: int
    """Of all rows that match, at most COUNT_CAP."""
    is_capped: bool
    previous: Place | None
    """The row before which the earlier page ends; None on the first page."""
    next: Place | None


def cases_matching(officer: User, wanted: Wanted) -> CaseQuerySet:
    found = Case.objects.visible_to(officer)
    if wanted.statuses is not None:
        found = found.filter(status__in=sorted(wanted.statuses))
    if wanted.district_id is not None:
        found = found.filter(district_id=wanted.district_id)
    if wanted.station_id is not None:
        found = found.filter(station_id=wanted.station_id)
    return found


def page_of_cases(
    *, officer: User, wanted: Wanted, after: Place | None = None, before: Place | None = None
) -> Page:
    """A page of the cases that `officer` may see; `after` and `before` are the edge of another."""
    found = cases_matching(officer, wanted)
    count = capped_count(found)
    rows = found.with_places()
    if before is not None:
        newer = Q(status_at__gt=before.status_at) | Q(
            status_at=before.status_at, pk__gt=before.case_id
        )
        # The bare bound lets the index be used; the exact condition stands beside it.
        rows = rows.filter(newer, status_at__gte=before.status_at).order_by("status_at", "pk")
    else:
        if after is not None:
            older = Q(status_at__lt=after.status_at) | Q(
                status_at=after.status_at, pk__lt=after.case_id
            )
            rows = rows.filter(older, status_at__lte=after.status_at)
        rows = rows.order_by("-status_at", "-pk")
    fetched = list(rows[: PAGE + 1])
    has_more = len(fetched) > PAGE
    shown = fetched[:PAGE]
    if before is not None:
        shown.reverse()
    has_previous = has_more if before is not None else after is not None
    has_next = has_more if before is None else True
    return Page(
        rows=tuple(shown),
        count=min(count, COUNT_CAP),
        is_capped=count > COUNT_CAP,
        previous=place_of(shown[0]) if shown and has_previous else None,
        next=place_of(shown[-1]) if shown and has_next else None,
    )


def place_of(case: Case) -> Place:
    return Place(status_at=case.status_at, case_id=case.pk)


def capped_count(found: CaseQuerySet) -> int:
    """How many match; COUNT_CAP + 1 stands for more than COUNT_CAP."""
    return found.order_by()[: COUNT_CAP + 1].count()
