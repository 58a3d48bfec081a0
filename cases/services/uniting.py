"""The tiplines of an organised nexus handed over as one: one case, one holder, one FIR to come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.roles import Act
from cases.models import Case, CaseTipline
from cases.models.case import CaseQuerySet
from cases.services.assigning import assign, may_assign
from cases.services.following import Way, follow, join_cases
from nexus.models import Nexus
from tiplines.models import Tipline
from tiplines.models.decision import Kind
from tiplines.services.deciding import check_may, lock_awaiting

AT_ONCE_AT_MOST = 500  # tiplines; those that are left are offered next


class NothingAwaits(Exception):
    """None of the chosen tiplines awaits a decision that the officer may take."""


class CaseNotOfNexus(Exception):
    """The case is not open, or none of its tiplines is of the nexus."""


@dataclass(frozen=True, kw_only=True)
class United:
    batch: UUID
    case: Case
    count: int
    left: int
    """Of the chosen: decided by another officer first, no longer of the nexus, a supervisor's, or
    of a restricted case.
    """


def awaiting_of(nexus: Nexus, officer: User) -> list[Tipline]:
    """Its tiplines that await a decision and are of no restricted case, the most urgent first."""
    found = Tipline.objects.visible_to(officer).awaiting()
    found = found.filter(organised_in=nexus.pk, restricted_case=None)
    return list(
        found.select_related("best_station", "best_district")
        .defer("narrative")
        .order_by("-urgency", "pk")[:AT_ONCE_AT_MOST]
    )


def open_cases_of(nexus: Nexus, officer: User) -> CaseQuerySet:
    """Open cases that its tiplines are in."""
    inside = CaseTipline.objects.filter(tipline__organised_in=nexus.pk, left_at=None)
    return Case.objects.visible_to(officer).open().filter(pk__in=inside.values("case"))


@transaction.atomic
def hand_over(
    nexus: Nexus,
    *,
    tipline_ids: Collection[int],
    district_id: int,
    station_id: int | None,
    by: User,
    at: datetime,
    note: str,
) -> United:
    """Open one case for these tiplines of the nexus; the most urgent heads it.

    Raises deciding.NotAllowed, deciding.NotVisible, StationNotInDistrict and NothingAwaits.
    """
    found = _lock(nexus, tipline_ids, by)
    first, *others = sorted(found, key=lambda tip: (-tip.urgency, tip.pk))
    opened = assign(
        tipline_ids=[first.pk],
        district_id=district_id,
        station_id=station_id,
        by=by,
        at=at,
        note=note,
        alone=True,
    )
    case = Case.objects.get(entries__tipline=first, entries__left_at=None)
    _join(others, case, batch=opened.batch, by=by, at=at, note=note)
    left = len(set(tipline_ids)) - len(found)
    return United(batch=opened.batch, case=case, count=len(found), left=left)


@transaction.atomic
def join(
    nexus: Nexus, *, tipline_ids: Collection[int], case_id: int, by: User, at: datetime, note: str
) -> United:
    """Put these tiplines of the nexus into an open case that others of it are in.

    Raises deciding.NotAllowed, deciding.NotVisible, CaseNotOfNexus and NothingAwaits.
    """
    # Cases are locked before tiplines, as everywhere.
    case = Case.objects.visible_to(by).filter(pk=case_id).select_for_update().first()
    if case is None or not open_cases_of(nexus, by).filter(pk=case.pk).exists():
        raise CaseNotOfNexus
    found = _lock(nexus, tipline_ids, by)
    batch = _join(found, case, by=by, at=at, note=note)
    left = len(set(tipline_ids)) - len(found)
    return United(batch=batch, case=case, count=len(found), left=left)


def _lock(nexus: Nexus, tipline_ids: Collection[int], by: User) -> list[Tipline]:
    check_may(by, Act.TRIAGE)
    locked = lock_awaiting(list(tipline_ids), by=by, alone=True)
    of = set(
        Tipline.objects.filter(
            pk__in=[tip.pk for tip in locked.awaiting], organised_in=nexus.pk
        ).values_list("pk", flat=True)
    )
    found = [
        tip
        for tip in locked.awaiting
        # One of a restricted case takes its restriction into a case of its own.
        if tip.pk in of and tip.restricted_case_id is None and may_assign(tip, by)
    ]
    if not found:
        raise NothingAwaits
    return found


def _join(
    tiplines: list[Tipline],
    case: Case,
    *,
    by: User,
    at: datetime,
    note: str,
    batch: UUID | None = None,
) -> UUID:
    way = Way(kind=Kind.ASSIGN, district_id=case.district_id, station_id=case.station_id, note=note)
    batch = follow(way, tiplines, batch=batch, by=by, at=at, confirmed_by=None)
    pairs = [(tip, case) for tip in tiplines]
    join_cases(pairs, batch=batch, by=by, at=at, verb="case.joined")
    return batch
