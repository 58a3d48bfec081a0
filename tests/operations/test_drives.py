"""Operations: cohorts, and totals at the scale of MASOOM."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.lifecycle import OPEN, CaseStatus
from cases.models import Accused, Arrest, Case, CaseTipline, Fir, HandOff
from districts.models import District, DistrictKind
from operations import counting, figures
from operations.counting import Scope
from operations.maps import drawing
from operations.models import Operation, OperationCase
from operations.periods import Period, Reach
from operations.services import drives
from operations.services.drives import CohortFilter
from tests.factories import (
    NOON,
    make_dispatch,
    make_district,
    make_gazetteer_version,
    make_officer,
    make_station,
)
from tests.operations.rows import make_arrest, make_case, make_fir
from tests.statements import Statements
from tiplines.models import Tipline
from tiplines.models.tipline import Outcome, Status

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def supervisor() -> User:
    return make_officer(Role.SUPERVISOR)


def begin(
    by: User, *, from_at: datetime = NOON - DAY, until_at: datetime | None = None
) -> Operation:
    name = f"Operation {uuid.uuid4()}"
    return drives.begin(name=name, purpose="", from_at=from_at, until_at=until_at, by=by, at=NOON)


def everything() -> CohortFilter:
    return CohortFilter(district_ids=frozenset(District.objects.values_list("pk", flat=True)))


def counted(operation: Operation, by: User, now: datetime = NOON) -> dict[str, counting.Counted]:
    within = Period(reach=Reach.CUSTOM, from_at=operation.from_at, until_at=operation.until_at)
    scope = Scope(officer=by, now=now, period=within, operation_id=operation.pk)
    return counting.count(figures.COHORT, scope)


def test_what_the_preview_counts_is_what_is_added(supervisor: User) -> None:
    operation = begin(supervisor)
    for _index in range(3):
        make_case(by=supervisor)
    make_case(by=supervisor, status=CaseStatus.RETURNED)
    matching = everything().matching(operation_id=operation.pk, officer=supervisor)

    added = drives.add_matching(
        operation_id=operation.pk,
        cohort=everything(),
        expected=matching.count(),
        by=supervisor,
        at=NOON,
    )

    assert added == 3 == OperationCase.objects.filter(operation=operation).count()
    assert not matching.exists()
    assert Event.objects.filter(verb="operation.cases-added", detail__count=3).exists()


def test_cases_that_came_meanwhile_stop_the_act(supervisor: User) -> None:
    operation = begin(supervisor)
    make_case(by=supervisor)

    with pytest.raises(drives.CohortChanged):
        drives.add_matching(
            operation_id=operation.pk, cohort=everything(), expected=2, by=supervisor, at=NOON
        )

    assert not OperationCase.objects.exists()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param({}, 4, id="all open ones"),
        pytest.param({"first_on": date(2026, 11, 12)}, 2, id="from a day"),
        pytest.param({"last_on": date(2026, 11, 11)}, 2, id="until a day"),
        pytest.param({"stages": frozenset({CaseStatus.REGISTERED})}, 2, id="a stage"),
        pytest.param({"stages": frozenset({CaseStatus.RETURNED})}, 0, id="no closed stage"),
        pytest.param({"urgency_from": 60}, 2, id="urgent"),
        pytest.param({"district_ids": frozenset()}, 0, id="no district"),
    ],
)
def test_the_filter_means_open_cases_only(
    supervisor: User, change: dict[str, Any], found: int
) -> None:
    operation = begin(supervisor)
    for opened_at in (NOON, NOON - DAY):
        make_case(by=supervisor, opened_at=opened_at, urgency=80)
        make_case(by=supervisor, opened_at=opened_at, status=CaseStatus.REGISTERED)
        make_case(by=supervisor, opened_at=opened_at, status=CaseStatus.RETURNED)
    plain = {"district_ids": frozenset({make_district().pk}), "stages": OPEN}

    chosen = CohortFilter(**{**plain, **change})

    assert chosen.matching(operation_id=operation.pk, officer=supervisor).count() == found


def test_only_ticked_cases_are_added(supervisor: User) -> None:
    operation = begin(supervisor)
    wanted, _other = make_case(by=supervisor), make_case(by=supervisor)

    drives.add_chosen(operation_id=operation.pk, case_ids=[wanted.pk], by=supervisor, at=NOON)

    assert list(OperationCase.objects.values_list("case_id", flat=True)) == [wanted.pk]


def test_firs_and_arrests_count_from_the_beginning_to_the_end(supervisor: User) -> None:
    operation = begin(supervisor, from_at=NOON - DAY, until_at=NOON)
    case = make_case(by=supervisor, opened_at=NOON - 3 * DAY)
    drives.add_chosen(
        operation_id=operation.pk, case_ids=[case.pk], by=supervisor, at=NOON - DAY / 2
    )
    moments = (NOON - DAY - timedelta(seconds=1), NOON - DAY, NOON - timedelta(seconds=1), NOON)
    for at in moments:
        make_arrest(
            fir=make_fir(case=case, by=supervisor, registered_at=at), by=supervisor, arrested_at=at
        )

    number = counted(operation, supervisor)

    assert (number["fir"].total, number["arrest"].total) == (2, 2)


def test_an_ended_operation_takes_no_case_and_does_not_end_twice(supervisor: User) -> None:
    operation = begin(supervisor)
    case = make_case(by=supervisor)
    drives.end(operation_id=operation.pk, by=supervisor, at=NOON)

    with pytest.raises(drives.OperationOver):
        drives.add_chosen(operation_id=operation.pk, case_ids=[case.pk], by=supervisor, at=NOON)
    with pytest.raises(drives.OperationOver):
        drives.end(operation_id=operation.pk, by=supervisor, at=NOON + DAY)


def test_an_operation_that_has_not_begun_does_not_end(supervisor: User) -> None:
    operation = begin(supervisor, from_at=NOON + DAY)

    with pytest.raises(drives.NotBegun):
        drives.end(operation_id=operation.pk, by=supervisor, at=NOON)


def test_only_a_supervisor_runs_operations(supervisor: User) -> None:
    operation = begin(supervisor)
    analyst = make_officer(Role.ANALYST)

    with pytest.raises(drives.NotASupervisor):
        drives.end(operation_id=operation.pk, by=analyst, at=NOON)


def test_a_name_is_given_once(supervisor: User) -> None:
    operation = begin(supervisor)

    with pytest.raises(drives.NameTaken):
        drives.begin(
            name=operation.name, purpose="", from_at=NOON, until_at=None, by=supervisor, at=NOON
        )


# MASOOM: 1 to 3 December 2021, 500 tiplines, 172 FIRs and 103 arrests in 15 districts (domain.md 6)

TIPLINES, FIRS, ARRESTS, DISTRICTS = 500, 172, 103, 15


def masoom(by: User) -> Operation:
    """The rows of the whole operation, and as many again outside its cohort or its days."""
    districts = District.objects.bulk_create(
        District(
            code=f"D{index:02}",
            name=f"District {index:02}",
            kind=DistrictKind.TERRITORIAL,
            version=make_gazetteer_version(),
        )
        for index in range(DISTRICTS)
    )
    operation = begin(by, from_at=NOON - 3 * DAY, until_at=NOON)
    inside = rows(by, districts, serial=0)
    OperationCase.objects.bulk_create(
        OperationCase(operation=operation, case=case, added_at=NOON, added_by=by) for case in inside
    )
    rows(by, districts, serial=1)  # of no cohort
    outcomes(by, inside, at=NOON - 4 * DAY, serial=2)  # of the cohort, before it began
    return operation


def rows(by: User, districts: list[District], *, serial: int) -> list[Case]:
    opened_at = NOON - 3 * DAY
    dispatch = make_dispatch()
    cases = Case.objects.bulk_create(
        Case(
            district=districts[index % DISTRICTS],
            status=CaseStatus.REGISTERED if index < FIRS else CaseStatus.UNDER_ENQUIRY,
            status_at=opened_at,
            opened_at=opened_at,
            opened_by=by,
            handed_over_at=opened_at,
        )
        for index in range(TIPLINES)
    )
    held = Tipline.objects.bulk_create(
        Tipline(
            number=f"{serial}{index:05}",
            content_sha256="0" * 64,
            dispatch=dispatch,
            received_at=opened_at,
            outcome=Outcome.DELHI,
            status=Status.HELD,
            status_at=opened_at,
            holder_district=case.district,
        )
        for index, case in enumerate(cases)
    )
    CaseTipline.objects.bulk_create(
        CaseTipline(case=case, tipline=tip, added_at=opened_at)
        for case, tip in zip(cases, held, strict=True)
    )
    HandOff.objects.bulk_create(
        HandOff(
            case=case,
            district=case.district,
            at=opened_at,
            by=by,
            acknowledged_at=opened_at,
            accepted_at=opened_at,
        )
        for case in cases
    )
    outcomes(by, cases, at=NOON - DAY, serial=serial)
    return cases


def outcomes(by: User, cases: list[Case], *, at: datetime, serial: int) -> None:
    station = make_station(code="D00-CYBER", district=cases[0].district)
    firs = Fir.objects.bulk_create(
        Fir(
            case=case,
            number=1 + index + 1000 * serial,
            year=2026,
            station=station,
            registered_at=at,
            sections=["ITA-67B"],
            investigating_officer="Ravi Singh",
            officer_rank="inspector",
            recorded_at=at,
            recorded_by=by,
        )
        for index, case in enumerate(cases[:FIRS])
    )
    accused = Accused.objects.bulk_create(
        Accused(fir=fir, name="Made Name", recorded_at=at, recorded_by=by) for fir in firs[:ARRESTS]
    )
    Arrest.objects.bulk_create(
        Arrest(
            accused=person,
            arrested_at=at,
            place="",
            arrested_by="Ravi Singh",
            recorded_at=at,
            recorded_by=by,
        )
        for person in accused
    )


def test_masoom_shows_its_numbers_and_none_twice(supervisor: User) -> None:
    operation = masoom(supervisor)

    number = counted(operation, supervisor)

    assert {key: each.total for key, each in number.items()} == {
        "assigned": TIPLINES,
        "cases": TIPLINES,
        "acknowledged": TIPLINES,
        "accepted": TIPLINES,
        "late": 0,
        "fir": FIRS,
        "zero-fir": 0,
        "arrest": ARRESTS,
    }
    for key, whole in (("cases", TIPLINES), ("fir", FIRS), ("arrest", ARRESTS)):
        shares = sorted(number[key].by_district.values())
        assert len(shares) == DISTRICTS
        assert shares[0] == whole // DISTRICTS
        assert shares[-1] == -(-whole // DISTRICTS)


def test_the_board_of_masoom_is_right_and_takes_few_statements(supervisor: User) -> None:
    operation = masoom(supervisor)
    browser = Client()
    browser.force_login(supervisor)
    drawing()  # once for a process

    with Statements() as statements:
        answer = browser.get(reverse("operations:operation", args=[operation.pk]))

    assert len(statements) <= 12
    assert [step.shown.number for step in answer.context["steps"]] == [500, 500, 500, 500, 172, 103]
    for row in answer.context["rows"]:
        for shown in row.numbers:
            listed = browser.get(shown.href).context["number"]
            assert listed == shown.number


# The pages


@pytest.fixture
def browser(supervisor: User) -> Client:
    client = Client()
    client.force_login(supervisor)
    return client


def test_an_operation_is_begun_filled_and_ended_in_the_browser(
    supervisor: User, browser: Client
) -> None:
    cases = [make_case(by=supervisor) for _index in range(3)]
    begun = browser.post(
        reverse("operations:operations"), {"name": "MASOOM 3", "from_at": "2026-11-10T09:00"}
    )
    operation = Operation.objects.get(name="MASOOM 3")
    address = reverse("operations:cohort", args=[operation.pk])
    asked: dict[str, Any] = {
        "districts": [make_district().pk],
        "stages": [stage.value for stage in OPEN],
    }
    found = browser.get(address, asked)
    added = browser.post(address, {**asked, "expected": found.context["count"], "which": "all"})
    ended = browser.post(reverse("operations:end", args=[operation.pk]))

    operation.refresh_from_db()
    assert begun.headers["Location"] == address
    assert found.context["count"] == 3
    assert added.status_code == ended.status_code == 302
    assert set(operation.entries.values_list("case_id", flat=True)) == {case.pk for case in cases}
    assert operation.from_at == datetime.fromisoformat("2026-11-10T09:00+05:30")
    assert operation.until_at is not None


def test_an_aged_preview_adds_nothing_and_says_so(supervisor: User, browser: Client) -> None:
    operation = begin(supervisor)
    make_case(by=supervisor)
    asked = {"districts": [make_district().pk], "stages": [stage.value for stage in OPEN]}

    answer = browser.post(
        reverse("operations:cohort", args=[operation.pk]), {**asked, "expected": 7, "which": "all"}
    )

    assert answer.status_code == 422
    assert "Nothing was added" in answer.content.decode()
    assert not OperationCase.objects.exists()


def test_two_operations_of_one_name_are_refused_in_words(supervisor: User, browser: Client) -> None:
    operation = begin(supervisor)

    answer = browser.post(
        reverse("operations:operations"), {"name": operation.name, "from_at": "2026-11-10T09:00"}
    )

    assert answer.status_code == 422
    assert "Another operation has this name." in answer.content.decode()
