"""FIR, accused, arrest, production: what cannot have happened cannot be saved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.roles import Rank, Role
from audit.models import Event
from cases.lifecycle import CaseStatus, MoveNotAllowed
from cases.models import Accused, Arrest, Case, Fir
from cases.models.fir import FirKind
from cases.services import assigning, reach, registering
from cases.statutes import UnknownSection
from tests.cases.made import make_accused, make_arrest, make_case, make_fir
from tests.factories import NOON, make_district, make_officer, make_station, make_tipline
from tiplines.models import Tipline
from tiplines.services import deciding

pytestmark = pytest.mark.django_db

NEW_YEAR = datetime(2026, 12, 31, 18, 30, tzinfo=UTC)
"""01-01-2027 00:00 in India."""


def test_the_first_fir_registers_the_case() -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.STATION)

    fir = make_fir(case=case, by=officer)

    case.refresh_from_db()
    event = Event.objects.get(verb="case.fir-registered")
    assert case.status == CaseStatus.REGISTERED
    assert (fir.label, fir.recorded_by) == ("0512/2026", officer)
    assert (event.subject, event.detail["fir"]) == (f"case:{case.pk}", "0512/2026")


def test_a_second_fir_in_a_registered_case_is_recorded() -> None:
    case = make_case(status=CaseStatus.REGISTERED)

    make_fir(case=case, by=make_officer(Role.DISTRICT), number=513)

    assert Fir.objects.filter(case=case).count() == 2


def test_the_cyber_station_of_the_district_may_register() -> None:
    case = make_case(status=CaseStatus.UNDER_ENQUIRY)
    cyber = make_station(code="ROH-CYBER", name="Cyber Rohini")

    fir = make_fir(case=case, by=make_officer(Role.DISTRICT), station=cyber)

    assert fir.station == cyber


@pytest.mark.parametrize(
    "status", [CaseStatus.HANDED_OVER, CaseStatus.RETURNED, CaseStatus.WITHDRAWN]
)
def test_no_fir_outside_an_enquiry(status: CaseStatus) -> None:
    case = make_case(status=status)

    with pytest.raises(MoveNotAllowed):
        make_fir(case=case, by=make_officer(Role.DISTRICT))

    assert not Fir.objects.exists()


def test_a_number_of_the_station_is_given_once_and_the_case_stays_as_it_was() -> None:
    make_case(status=CaseStatus.REGISTERED)
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)
    before = Event.objects.count()

    with pytest.raises(registering.FirNumberTaken) as refusal:
        make_fir(case=case, by=officer)

    case.refresh_from_db()
    assert str(refusal.value) == ""
    assert case.status == CaseStatus.UNDER_ENQUIRY
    assert Event.objects.count() == before


def test_a_zero_fir_counts_for_itself() -> None:
    case = make_case(status=CaseStatus.REGISTERED)

    zero = make_fir(case=case, by=make_officer(Role.DISTRICT), kind=FirKind.ZERO)

    assert zero.number == 512


@pytest.mark.parametrize(
    ("registered_at", "year", "allowed"),
    [
        pytest.param(NEW_YEAR - timedelta(seconds=1), 2026, True, id="the last second"),
        pytest.param(NEW_YEAR - timedelta(seconds=1), 2027, False, id="a year too early"),
        pytest.param(NEW_YEAR, 2027, True, id="midnight in India, still 2026 in UTC"),
        pytest.param(NEW_YEAR, 2026, False, id="a year too late"),
    ],
)
def test_the_year_is_that_of_registration_in_india(
    registered_at: datetime, year: int, *, allowed: bool
) -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)

    if allowed:
        make_fir(case=case, by=officer, at=NEW_YEAR, year=year, registered_at=registered_at)
        return
    with pytest.raises(registering.YearDiffers):
        make_fir(case=case, by=officer, at=NEW_YEAR, year=year, registered_at=registered_at)


def test_an_fir_of_tomorrow_is_refused() -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)

    with pytest.raises(registering.InTheFuture):
        make_fir(case=case, by=officer, registered_at=NOON + timedelta(seconds=1))


def test_a_station_of_another_district_is_refused() -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)
    foreign = make_station(
        code="DWK-1", name="Dwarka South", district=make_district(code="DWK", name="Dwarka")
    )

    with pytest.raises(assigning.StationNotInDistrict):
        make_fir(case=case, by=officer, station=foreign)


@pytest.mark.parametrize(
    ("incident_at", "sections", "allowed"),
    [
        pytest.param(datetime(2024, 6, 30, 18, 29, tzinfo=UTC), "IPC-292", True, id="IPC, June"),
        pytest.param(datetime(2024, 6, 30, 18, 29, tzinfo=UTC), "BNS-294", False, id="BNS, June"),
        pytest.param(datetime(2024, 6, 30, 18, 30, tzinfo=UTC), "IPC-292", False, id="IPC, July"),
        pytest.param(datetime(2024, 6, 30, 18, 30, tzinfo=UTC), "BNS-294", True, id="BNS, July"),
        pytest.param(None, "IPC-292", True, id="day not known"),
    ],
)
def test_sections_are_those_of_the_day_of_offence(
    incident_at: datetime | None, sections: str, *, allowed: bool
) -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)
    Tipline.objects.update(incident_at=incident_at)

    if allowed:
        make_fir(case=case, by=officer, sections=[sections])
        return
    with pytest.raises(registering.NotInForce) as refusal:
        make_fir(case=case, by=officer, sections=["IT-67B", sections])

    assert len(refusal.value.labels) == 1
    assert Case.objects.get().status == CaseStatus.UNDER_ENQUIRY


def test_sections_must_be_named_and_known() -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)

    with pytest.raises(registering.NoSections):
        make_fir(case=case, by=officer, sections=[])
    with pytest.raises(UnknownSection):
        make_fir(case=case, by=officer, sections=["IPC-999"])


@pytest.mark.parametrize("rank", list(Rank))
def test_the_it_act_asks_for_an_inspector(rank: Rank) -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)
    below = {
        Rank.CONSTABLE,
        Rank.HEAD_CONSTABLE,
        Rank.ASSISTANT_SUB_INSPECTOR,
        Rank.SUB_INSPECTOR,
    }

    if rank not in below:
        make_fir(case=case, by=officer, officer_rank=rank)
        return
    with pytest.raises(registering.RankTooLow) as refusal:
        make_fir(case=case, by=officer, officer_rank=rank)

    assert refusal.value.source == "IT Act s. 78"
    make_fir(case=case, by=officer, officer_rank=rank, sections=["POCSO-15-1"])


def test_an_arrest_is_recorded_once_after_its_fir_and_before_now() -> None:
    case, officer = make_case(status=CaseStatus.REGISTERED), make_officer(Role.STATION)
    accused = make_accused(fir=case.firs.get(), by=officer)

    def arrest(arrested_at: datetime) -> Arrest:
        return registering.record_arrest(
            accused_id=accused.pk,
            arrested_at=arrested_at,
            place="Rohini",
            arrested_by="R. Singh",
            by=officer,
            at=NOON + timedelta(days=1),
        )

    with pytest.raises(registering.BeforeTheFir):
        arrest(NOON - timedelta(seconds=1))
    with pytest.raises(registering.InTheFuture):
        arrest(NOON + timedelta(days=1, seconds=1))
    assert arrest(NOON).accused == accused
    with pytest.raises(registering.AlreadyRecorded):
        arrest(NOON)
    assert Event.objects.filter(verb="case.arrest-recorded").count() == 1


def test_a_production_is_recorded_once_and_not_before_the_arrest() -> None:
    case, officer = make_case(status=CaseStatus.REGISTERED), make_officer(Role.STATION)
    arrest = make_arrest(accused=make_accused(fir=case.firs.get(), by=officer), by=officer)
    late = NOON + timedelta(hours=30)

    def produce(produced_at: datetime) -> Arrest:
        return registering.record_production(
            arrest_id=arrest.pk, produced_at=produced_at, by=officer, at=NOON + timedelta(days=2)
        )

    with pytest.raises(registering.BeforeTheArrest):
        produce(NOON - timedelta(seconds=1))
    with pytest.raises(registering.InTheFuture):
        produce(NOON + timedelta(days=2, seconds=1))
    assert produce(late).produced_at == late
    with pytest.raises(registering.AlreadyRecorded):
        produce(late)


@pytest.mark.parametrize(
    ("age", "minor"),
    [
        pytest.param(17, True, id="17"),
        pytest.param(18, False, id="18"),
        pytest.param(None, False, id="not known"),
    ],
)
def test_who_is_a_minor(age: int | None, *, minor: bool) -> None:
    case, officer = make_case(status=CaseStatus.REGISTERED), make_officer(Role.STATION)

    accused = make_accused(fir=case.firs.get(), by=officer, age=age)

    assert accused.is_minor is minor


def test_names_stay_out_of_the_record() -> None:
    case, officer = make_case(status=CaseStatus.REGISTERED), make_officer(Role.STATION)
    make_arrest(accused=make_accused(fir=case.firs.get(), by=officer), by=officer)

    assert not [event for event in Event.objects.all() if "Kumar" in str(event.detail)]


def test_a_foreign_officer_finds_nothing_to_write_to() -> None:
    case, officer = make_case(status=CaseStatus.REGISTERED), make_officer(Role.STATION)
    fir = case.firs.get()
    accused = make_accused(fir=fir, by=officer)
    arrest = make_arrest(accused=accused, by=officer)
    foreigner = make_officer(Role.DISTRICT, district=make_district(code="DWK", name="Dwarka"))

    with pytest.raises(reach.CaseNotVisible):
        make_fir(case=case, by=foreigner, number=600)
    with pytest.raises(reach.CaseNotVisible):
        make_accused(fir=fir, by=foreigner)
    with pytest.raises(reach.CaseNotVisible):
        make_arrest(accused=accused, by=foreigner)
    with pytest.raises(reach.CaseNotVisible):
        registering.record_production(arrest_id=arrest.pk, produced_at=NOON, by=foreigner, at=NOON)
    assert (Fir.objects.count(), Accused.objects.count()) == (1, 1)


def test_the_unit_reads_but_records_no_fir() -> None:
    case = make_case(status=CaseStatus.UNDER_ENQUIRY, tipline=make_tipline())

    with pytest.raises(deciding.NotAllowed):
        make_fir(case=case, by=make_officer(Role.SUPERVISOR))
