"""What the demo is filled with: officers of every role, and half a day of their work on made
tiplines.

Everything goes through the same services as on the pages; all people are invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts import services as officers
from accounts.models import User
from accounts.roles import Rank, Role
from accounts.services.duties import duty_of
from cases.models import Case
from cases.models.case import ReturnReason
from cases.models.fir import FirKind
from cases.services import assigning, ending, holding, registering
from districts.models import District, PoliceStation
from operations.services import drives
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Outcome
from tiplines.services import deciding

PASSWORD = "tipline desk demo"  # noqa: S105  # shown on the screen; only for made data
POSTED_ON = date(2026, 1, 1)
SEED = 7
TRANSFERRED = 500  # of the tiplines located in another State
CLOSED = 260
ASSIGNED_FROM = 0.5  # share of the first candidate
FIRST_FIR = 301


@dataclass(frozen=True)
class Enlisted:
    username: str
    full_name: str
    rank: Rank
    role: Role
    place: str = ""


SHOWN = (
    Enlisted("analyst", "Asha Verma", Rank.SUB_INSPECTOR, Role.ANALYST),
    Enlisted("supervisor", "Imran Qureshi", Rank.DEPUTY_COMMISSIONER, Role.SUPERVISOR),
    Enlisted("rohini", "Harpreet Kaur", Rank.ASSISTANT_COMMISSIONER, Role.DISTRICT, "ROH"),
    Enlisted("prashant", "Meena Joshi", Rank.INSPECTOR, Role.STATION, "ROH-PRASHANT-VIHAR"),
    Enlisted("auditor", "Thomas Mathew", Rank.ASSISTANT_COMMISSIONER, Role.AUDITOR),
    Enlisted("admin", "Lakshmi Rao", Rank.INSPECTOR, Role.ADMINISTRATOR),
)
"""The sign-ins that the demo prints."""
OF_DISTRICTS = tuple(
    Enlisted(code.lower(), name, Rank.INSPECTOR, Role.DISTRICT, code)
    for code, name in (
        *(("CEN", "Vikram Solanki"), ("DWK", "Sunil Yadav"), ("EST", "Farida Ansari")),
        *(("NDD", "Joseph D'Souza"), ("NED", "Rekha Bhatt"), ("NTH", "Gurmeet Sandhu")),
        *(("NWD", "Anita Rathore"), ("OND", "Mohan Pillai"), ("OUT", "Shabnam Sheikh")),
        *(("SED", "Deepak Negi"), ("SHD", "Kavita Meena"), ("STH", "Bhupen Bora")),
        *(("SWD", "Ritu Malhotra"), ("WST", "Karan Bedi")),
    )
)


def enlist(*, at: datetime) -> None:
    """Every demo officer that is not there yet, posted."""
    there = set(User.objects.values_list("username", flat=True))
    for one in (*SHOWN, *OF_DISTRICTS):
        if one.username in there:
            continue
        user = officers.enlist(
            username=one.username,
            full_name=one.full_name,
            rank=one.rank,
            password=PASSWORD,
            by=None,
            at=at,
        )
        is_district = one.role == Role.DISTRICT
        is_station = one.role == Role.STATION
        officers.post(
            user=user,
            role=one.role,
            district=District.objects.get(code=one.place) if is_district else None,
            station=PoliceStation.objects.get(code=one.place) if is_station else None,
            from_on=POSTED_ON,
            by=None,
            at=at,
        )


def on_duty(username: str, *, at: datetime) -> User:
    user = User.objects.get(username=username)
    user.duty = duty_of(user, at=at)
    return user


def is_untouched() -> bool:
    """Whether nobody has decided anything yet."""
    return not Decision.objects.exists()


def work_half_a_day(*, at: datetime) -> None:
    """The analyst decides, districts acknowledge and register, the supervisor begins an
    operation.
    """
    analyst = on_duty("analyst", at=at)
    triage(analyst, at=at)
    chance = random.Random(SEED)  # noqa: S311  # the same demo every time
    for one in OF_DISTRICTS:
        investigate(on_duty(one.username, at=at), chance, at=at)
    investigate(on_duty("rohini", at=at), chance, at=at, left=0.6)  # work for whoever tries it
    begin_operation(on_duty("supervisor", at=at), at=at)


def triage(analyst: User, *, at: datetime) -> None:
    """Leave the most urgent for whoever tries the demo; decide others as a unit would."""
    waiting = Tipline.objects.visible_to(analyst).awaiting()
    elsewhere = waiting.filter(outcome=Outcome.OTHER_STATE).exclude(state_name="")
    keys = list(elsewhere.order_by("urgency", "pk").values_list("pk", flat=True)[:TRANSFERRED])
    ending.transfer(tipline_ids=keys, state_name=None, by=analyst, at=at)
    nowhere = waiting.filter(outcome=Outcome.CANNOT_SAY)
    keys = list(nowhere.order_by("urgency", "pk").values_list("pk", flat=True)[:CLOSED])
    deciding.close(tipline_ids=keys, reason=CloseReason.NO_LEAD, by=analyst, at=at)
    found = waiting.filter(outcome=Outcome.DELHI, best_share__gte=ASSIGNED_FROM)
    places: dict[tuple[int, int | None], list[int]] = {}
    for tipline in found.only("best_district", "best_station"):
        if tipline.best_district_id is not None:
            place = (tipline.best_district_id, tipline.best_station_id)
            places.setdefault(place, []).append(tipline.pk)
    for (district_id, station_id), keys in places.items():
        assigning.assign(
            tipline_ids=keys, district_id=district_id, station_id=station_id, by=analyst, at=at
        )


def investigate(officer: User, chance: random.Random, *, at: datetime, left: float = 0.3) -> None:
    """Most cases are acknowledged, one comes back, some become FIRs, some of those arrests.

    `left` is the share, 0 to 1, that nobody has acknowledged yet.
    """
    held = list(Case.objects.visible_to(officer).awaiting_acknowledgement().order_by("pk"))
    for index, case in enumerate(held):
        if chance.random() < left:
            continue
        if index == 5:
            holding.return_case(
                case_id=case.pk,
                reason=ReturnReason.PERSON_ELSEWHERE,
                note="The tenant moved out in March.",
                by=officer,
                at=at,
            )
            continue
        if index % 6 == 0:
            holding.acknowledge(case_id=case.pk, by=officer, at=at)
            continue
        holding.accept(case_id=case.pk, by=officer, at=at)
        if case.station_id is not None and chance.random() < 0.3:
            register(case, FIRST_FIR + index, officer, arrest=chance.random() < 0.6, at=at)


def register(case: Case, number: int, officer: User, *, arrest: bool, at: datetime) -> None:
    assert case.station_id is not None  # noqa: S101  # the caller looked
    fir = registering.register_fir(
        case_id=case.pk,
        kind=FirKind.REGULAR,
        number=number,
        year=timezone.localtime(at).year,
        station_id=case.station_id,
        registered_at=at,
        sections=["IT-67B", "POCSO-15-1"],
        investigating_officer=officer.full_name,
        officer_rank=Rank.INSPECTOR,
        by=officer,
        at=at,
    )
    name = case.headline.partition(" · ")[0] or "Not yet named"
    accused = registering.add_accused(
        fir_id=fir.pk, name=name, age=31, address="", by=officer, at=at
    )
    if arrest:
        registering.record_arrest(
            accused_id=accused.pk,
            arrested_at=at,
            place="Delhi",
            arrested_by=officer.full_name,
            by=officer,
            at=at,
        )


def begin_operation(supervisor: User, *, at: datetime) -> None:
    operation = drives.begin(
        name="Demo drive",
        purpose="All cases of the demo's first day.",
        from_at=at - timedelta(hours=1),
        until_at=None,
        by=supervisor,
        at=at,
    )
    cases = Case.objects.visible_to(supervisor).open().values_list("pk", flat=True)
    drives.add_chosen(operation_id=operation.pk, case_ids=list(cases), by=supervisor, at=at)
