"""Makers of rows for the tests of cases, by the services: every such row can exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import User
from accounts.roles import Rank, Role
from cases.lifecycle import CaseStatus
from cases.models import Accused, Arrest, Case, Fir, Letter, Proposal
from cases.models.case import ReturnReason
from cases.models.fir import FirKind
from cases.services import assigning, ending, holding, proposing, registering
from cases.services.proposing import Wish
from districts.models import PoliceStation
from tests.factories import NOON, make_officer, make_station, make_tipline
from tiplines.models import Tipline
from tiplines.models.decision import CloseReason


def make_case(
    *,
    status: CaseStatus = CaseStatus.HANDED_OVER,
    tipline: Tipline | None = None,
    station: PoliceStation | None = None,
    with_station: bool = True,
    alone: bool = False,
    at: datetime = NOON,
) -> Case:
    """A case with one tipline, at a station or, `with_station` False, with its district; `alone`
    if it is of an organised nexus.
    """
    tipline = tipline or make_tipline()
    station = station or make_station()
    analyst = make_officer()
    decided = assigning.assign(
        tipline_ids=[tipline.pk],
        district_id=station.district_id,
        station_id=station.pk if with_station else None,
        by=analyst,
        at=at,
        alone=alone,
    )
    case = Case.objects.get(entries__tipline=tipline, entries__left_at__isnull=True)
    if status == CaseStatus.WITHDRAWN:
        assigning.undo(batch=decided.batch, by=analyst, at=at)
    elif status != CaseStatus.HANDED_OVER:
        officer = make_officer(Role.DISTRICT, district=station.district)
        if status == CaseStatus.RETURNED:
            holding.return_case(
                case_id=case.pk, reason=ReturnReason.OTHER_STATION, note="", by=officer, at=at
            )
        elif status == CaseStatus.ACKNOWLEDGED:
            holding.acknowledge(case_id=case.pk, by=officer, at=at)
        else:
            holding.accept(case_id=case.pk, by=officer, at=at)
        if status == CaseStatus.REGISTERED:
            make_fir(case=case, by=officer, at=at)
    return Case.objects.get(pk=case.pk)


def make_fir(
    *,
    case: Case,
    by: User,
    at: datetime = NOON,
    number: int = 512,
    year: int = 2026,
    kind: FirKind = FirKind.REGULAR,
    station: PoliceStation | None = None,
    registered_at: datetime | None = None,
    sections: Sequence[str] = ("IT-67B", "POCSO-15-1"),
    officer_rank: Rank = Rank.INSPECTOR,
) -> Fir:
    station = station or case.station or make_station()
    return registering.register_fir(
        case_id=case.pk,
        kind=kind,
        number=number,
        year=year,
        station_id=station.pk,
        registered_at=registered_at or at,
        sections=sections,
        investigating_officer="R. Singh",
        officer_rank=officer_rank,
        by=by,
        at=at,
    )


def make_accused(
    *,
    fir: Fir,
    by: User,
    age: int | None = 34,
    name: str = "A. Kumar",
    address: str = "Rohini",
) -> Accused:
    return registering.add_accused(
        fir_id=fir.pk, name=name, age=age, address=address, by=by, at=NOON
    )


def make_arrest(*, accused: Accused, by: User, arrested_at: datetime = NOON) -> Arrest:
    return registering.record_arrest(
        accused_id=accused.pk,
        arrested_at=arrested_at,
        place="Rohini",
        arrested_by="R. Singh",
        by=by,
        at=arrested_at + timedelta(hours=1),
    )


def make_letter(
    *tiplines: Tipline,
    by: User | None = None,
    state_name: str = "Haryana",
    note: str = "",
    at: datetime = NOON,
) -> Letter:
    """To another State, about these tiplines or about a new one."""
    decided = ending.transfer(
        tipline_ids=[tip.pk for tip in tiplines or (make_tipline(),)],
        state_name=state_name,
        note=note,
        by=by or make_officer(),
        at=at,
    )
    return Letter.objects.get(batch=decided.batch)


def make_proposal(
    tiplines: Sequence[Tipline], *, by: User, at: datetime = NOON, note: str = ""
) -> Proposal:
    """To close these, however few they are."""
    return proposing.propose(
        wish=Wish(wanted=Proposal.Wanted.CLOSE, reason=CloseReason.NO_LEAD.value, note=note),
        tipline_ids=[tip.pk for tip in tiplines],
        by=by,
        at=at,
    )
