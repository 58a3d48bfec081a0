"""Makers of the rows that only the boards need."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from accounts.models import User
from cases.lifecycle import CaseStatus
from cases.models import Accused, Arrest, Case, CaseTipline, Fir, HandOff
from cases.models.fir import FirKind
from districts.models import District, PoliceStation
from tests.factories import NOON, make_document, make_station, make_tipline
from tiplines.models import QuarantineItem, Tipline
from tiplines.models.tipline import Status

SERIAL = count(1)


def make_case(
    *,
    by: User,
    station: PoliceStation | None = None,
    status: CaseStatus = CaseStatus.HANDED_OVER,
    opened_at: datetime = NOON,
    acknowledged_at: datetime | None = None,
    urgency: int = 20,
    tipline: Tipline | None = None,
) -> Case:
    """A case with its hand-off, as `assign` would leave it; with its tipline if one is given."""
    station = station or make_station()
    case = Case.objects.create(
        district=station.district,
        station=station,
        status=status.value,
        status_at=acknowledged_at or opened_at,
        opened_at=opened_at,
        opened_by=by,
        handed_over_at=opened_at,
        headline="A. Kumar",
        urgency=urgency,
    )
    returned = status == CaseStatus.RETURNED
    accepted = status in {CaseStatus.UNDER_ENQUIRY, CaseStatus.REGISTERED}
    HandOff.objects.create(
        case=case,
        district=station.district,
        station=station,
        at=opened_at,
        by=by,
        acknowledged_at=acknowledged_at,
        accepted_at=acknowledged_at if accepted else None,
        returned_at=opened_at if returned else None,
        reason="too-little" if returned else "",
    )
    if tipline is not None:
        CaseTipline.objects.create(case=case, tipline=tipline, added_at=opened_at)
    return case


def make_held(*, by: User, station: PoliceStation, opened_at: datetime = NOON) -> Case:
    """A case with the tipline that it holds."""
    tipline = make_tipline(
        status=Status.HELD,
        holder_district=station.district,
        holder_station=station,
        best_district=station.district,
        received_at=opened_at - timedelta(hours=2),
    )
    Tipline.objects.filter(pk=tipline.pk).update(status_at=opened_at)
    return make_case(by=by, station=station, opened_at=opened_at, tipline=tipline)


def make_fir(
    *,
    case: Case,
    by: User,
    registered_at: datetime = NOON,
    kind: FirKind = FirKind.REGULAR,
) -> Fir:
    return Fir.objects.create(
        case=case,
        kind=kind.value,
        number=next(SERIAL),
        year=2026,
        station=case.station or make_station(),
        registered_at=registered_at,
        sections=["ITA-67B"],
        investigating_officer="Ravi Singh",
        officer_rank="inspector",
        recorded_at=registered_at,
        recorded_by=by,
    )


def make_arrest(*, fir: Fir, by: User, arrested_at: datetime = NOON) -> Arrest:
    accused = Accused.objects.create(
        fir=fir, name="Made Name", age=30, recorded_at=arrested_at, recorded_by=by
    )
    return Arrest.objects.create(
        accused=accused,
        arrested_at=arrested_at,
        place="Rohini",
        arrested_by="Ravi Singh",
        recorded_at=arrested_at,
        recorded_by=by,
    )


def make_quarantine_item(*, at: datetime = NOON) -> QuarantineItem:
    document = make_document()
    return QuarantineItem.objects.create(
        dispatch=document.dispatch, document=document, reason="no closing tag", at=at
    )


def make_districts(number: int) -> list[District]:
    from tests.factories import make_district

    return [
        make_district(code=f"D{index:02}", name=f"District {index:02}") for index in range(number)
    ]
