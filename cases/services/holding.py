"""What the holder of a case does with it: take it up, give it back, pass it to a station."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation

from accounts.models import User
from accounts.scope import as_the_unit
from audit.services import record
from cases.lifecycle import CaseStatus, check_move
from cases.models import Case, CaseTipline, HandOff, Restriction
from cases.models.case import ReturnReason
from cases.services.assigning import station_of
from cases.services.reach import lock_case
from districts.models import District, PoliceStation
from tiplines.models import Tipline
from tiplines.services.deciding import put_back


class NotOfTheDistrict(Exception):
    """Only an officer of the district itself passes a case to one of its stations."""


class AlreadyThere(Exception):
    """The case is with that station already."""


class SamePlace(Exception):
    """The better place named is the one that has the case."""


@dataclass(frozen=True, kw_only=True)
class BetterPlace:
    """Where a returned case belongs: a district and perhaps its station, or another State."""

    district_id: int | None = None
    station_id: int | None = None
    state_name: str = ""


@transaction.atomic
def acknowledge(*, case_id: int, by: User, at: datetime) -> Case:
    """Say that the case is seen; whether it is theirs is still to be said, by another clock.

    Raises lifecycle.MoveNotAllowed, reach.CaseNotVisible and deciding.NotAllowed.
    """
    case = lock_case(case_id=case_id, by=by)
    move(case, CaseStatus.ACKNOWLEDGED, at=at)
    take_up(case, by=by, at=at)
    record(verb="case.acknowledged", subject=f"case:{case.pk}", actor=by, at=at)
    return case


@transaction.atomic
def accept(*, case_id: int, by: User, at: datetime) -> Case:
    """Say that it is theirs: the enquiry may start. What was not acknowledged is so by this act.

    Raises lifecycle.MoveNotAllowed, reach.CaseNotVisible and deciding.NotAllowed.
    """
    case = lock_case(case_id=case_id, by=by)
    if case.status == CaseStatus.HANDED_OVER:
        take_up(case, by=by, at=at)
    move(case, CaseStatus.UNDER_ENQUIRY, at=at)
    hand_off = present_hand_off(case)
    hand_off.accepted_at, hand_off.accepted_by = at, by
    hand_off.save(update_fields=["accepted_at", "accepted_by"])
    record(verb="case.accepted", subject=f"case:{case.pk}", actor=by, at=at)
    return case


@transaction.atomic
def return_case(
    *,
    case_id: int,
    reason: ReturnReason,
    note: str,
    by: User,
    at: datetime,
    better: BetterPlace | None = None,
) -> Case:
    """Give the case back: its tiplines await a decision of the unit again, and say why.

    `better` is where it belongs, if that is known. Raises SamePlace, lifecycle.MoveNotAllowed,
    assigning.StationNotInDistrict, reach.CaseNotVisible and deciding.NotAllowed.
    """
    case = lock_case(case_id=case_id, by=by)
    if better is not None and better.district_id is not None:
        if (better.district_id, better.station_id) == (case.district_id, case.station_id):
            raise SamePlace
        if better.station_id is not None:
            station_of(better.station_id, district_id=better.district_id)
    move(case, CaseStatus.RETURNED, at=at)
    hand_off = present_hand_off(case)
    hand_off.returned_at, hand_off.returned_by = at, by
    hand_off.reason, hand_off.note = reason.value, note
    if better is not None:
        hand_off.better_district_id = better.district_id
        hand_off.better_station_id = better.station_id
        hand_off.better_state = better.state_name
    hand_off.save(
        update_fields=[
            *("returned_at", "returned_by", "reason", "note"),
            *("better_district", "better_station", "better_state"),
        ]
    )
    entries = CaseTipline.objects.filter(case=case, left_at__isnull=True)
    tipline_ids = set(entries.values_list("tipline_id", flat=True))
    entries.update(left_at=at)
    with as_the_unit():
        put_back(
            tipline_ids,
            came_back=why_it_came_back(case, hand_off),
            is_return=True,
            verb="tipline.came-back",
            by=by,
            at=at,
        )
    record(
        verb="case.returned",
        subject=f"case:{case.pk}",
        actor=by,
        at=at,
        detail={"reason": reason.value},
    )
    return case


@transaction.atomic
def allot_station(*, case_id: int, station_id: int, by: User, at: datetime) -> Case:
    """Pass the case to a station of the district, which has to acknowledge it in its turn.

    The district has thereby taken the case up. Raises lifecycle.MoveNotAllowed once an FIR is
    registered, assigning.StationNotInDistrict, NotOfTheDistrict, AlreadyThere,
    reach.CaseNotVisible and deciding.NotAllowed.
    """
    case = lock_case(case_id=case_id, by=by)
    if case.district_id not in by.duty.district_ids:
        raise NotOfTheDistrict
    station = station_of(station_id, district_id=case.district_id)
    if case.station_id == station.pk:
        raise AlreadyThere
    if case.status != CaseStatus.HANDED_OVER:
        move(case, CaseStatus.HANDED_OVER, at=at)
    elif case.station_id is None:
        take_up(case, by=by, at=at)
    case.station = station
    case.handed_over_at = at
    case.save(update_fields=["station", "handed_over_at"])
    HandOff.objects.create(case=case, district_id=case.district_id, station=station, at=at, by=by)
    Restriction.objects.filter(case=case, lifted_at__isnull=True).update(station=station)
    held = tiplines_of(case)
    locked = held.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)
    Tipline.objects.filter(pk__in=list(locked)).update(holder_station=station)
    record(
        verb="case.allotted",
        subject=f"case:{case.pk}",
        actor=by,
        at=at,
        detail={"station": station.code},
    )
    return case


def move(case: Case, to: CaseStatus, *, at: datetime) -> None:
    """Change the status of a locked case. Raises lifecycle.MoveNotAllowed."""
    check_move(CaseStatus(case.status), to)
    case.status = to.value
    case.status_at = at
    case.save(update_fields=["status", "status_at"])


def take_up(case: Case, *, by: User, at: datetime) -> None:
    hand_off = present_hand_off(case)
    hand_off.acknowledged_at, hand_off.acknowledged_by = at, by
    hand_off.save(update_fields=["acknowledged_at", "acknowledged_by"])


def present_hand_off(case: Case) -> HandOff:
    """The hand-off by which the present holder got the case."""
    return HandOff.objects.filter(case=case).latest("at", "pk")


def tiplines_of(case: Case) -> QuerySet[Tipline]:
    """Those that are in the case now."""
    return Tipline.objects.filter(case_entries__case=case, case_entries__left_at__isnull=True)


def why_it_came_back(case: Case, returned: HandOff) -> str:
    """For the queue, in English whoever returned it: unit, reason, better place, and the officer's
    own words.
    """
    with translation.override("en"):
        said = [f"{named(case.district, case.station)}: {ReturnReason(returned.reason).label}"]
    if returned.better_district is not None:
        said.append(f"Better: {named(returned.better_district, returned.better_station)}")
    elif returned.better_state:
        said.append(f"Better: {returned.better_state}")
    return ". ".join([*said, returned.note.strip()]) if returned.note.strip() else ". ".join(said)


def named(district: District, station: PoliceStation | None) -> str:
    return f"PS {station.name}, {district.name}" if station else district.name
