"""Every figure: the number on the board, the rows of its list, and a count made by hand here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from cases.lifecycle import CaseStatus
from cases.models import Arrest, Case, Fir, HandOff, Letter
from cases.models.fir import FirKind
from districts.models import District
from operations import counting, figures
from operations.counting import Scope
from operations.lists import page_of
from operations.periods import Period, Reach, period
from tests.cases.made import make_letter
from tests.factories import (
    NOON,
    make_dispatch,
    make_district,
    make_officer,
    make_station,
    make_tipline,
)
from tests.operations.rows import (
    make_arrest,
    make_case,
    make_fir,
    make_held,
    make_quarantine_item,
)
from tests.statements import Statements
from tiplines.models import Dispatch, QuarantineItem, Tipline
from tiplines.models.tipline import Outcome, Status

pytestmark = pytest.mark.django_db

AGES = (
    timedelta(0),
    timedelta(hours=13),  # yesterday in India
    timedelta(hours=25),
    timedelta(days=4),  # last week
    timedelta(days=20),  # last month
)


@pytest.fixture
def supervisor() -> User:
    """With rows of every kind, in two districts and in none, from every period."""
    officer = make_officer(Role.SUPERVISOR)
    stations = [
        make_station(),
        make_station(
            code="NTH-MAURICE-NAGAR",
            name="Maurice Nagar",
            district=make_district(code="NTH", name="North"),
        ),
    ]
    for number, age in enumerate(AGES):
        at = NOON - age
        for station in stations:
            district = station.district
            make_tipline(received_at=at, best_district=district, urgency=20 + 50 * (number % 2))
            make_held(by=officer, station=station, opened_at=at)
            case = make_case(
                by=officer,
                station=station,
                opened_at=at - timedelta(hours=30),
                status=CaseStatus.REGISTERED,
                acknowledged_at=at,
            )
            make_arrest(
                fir=make_fir(case=case, by=officer, registered_at=at), by=officer, arrested_at=at
            )
            make_fir(case=case, by=officer, registered_at=at, kind=FirKind.ZERO)
            make_case(by=officer, station=station, opened_at=at, urgency=80)
            make_case(by=officer, station=station, opened_at=at, status=CaseStatus.RETURNED)
            make_case(
                by=officer,
                station=station,
                opened_at=at,
                status=CaseStatus.ACKNOWLEDGED,
                acknowledged_at=at,
            )
            back = make_tipline(received_at=at, best_district=district)
            Tipline.objects.filter(pk=back.pk).update(return_count=1 + number % 2)
            make_case(by=officer, station=station, opened_at=at, status=CaseStatus.WITHDRAWN)
        make_tipline(received_at=at, outcome=Outcome.OTHER_STATE)
        for status in (Status.TRANSFERRED, Status.CLOSED, Status.SENT_BACK):
            make_tipline(received_at=at, outcome=Outcome.OTHER_STATE, status=status)
        expired = make_tipline(received_at=at - timedelta(days=400), best_district=make_district())
        Tipline.objects.filter(pk=expired.pk).update(preserved_until=at - timedelta(minutes=1))
        make_quarantine_item(at=at)
        make_letter(make_tipline(received_at=at, outcome=Outcome.OTHER_STATE), by=officer, at=at)
        make_dispatch(received_at=at)
    passed_on(
        make_case(by=officer, station=stations[0], opened_at=NOON - timedelta(days=2)), officer
    )
    return officer


def passed_on(case: Case, by: User) -> None:
    """The district acknowledged it and passed it on; the station acknowledged and accepted it."""
    HandOff.objects.filter(case=case).update(acknowledged_at=NOON - timedelta(days=1))
    HandOff.objects.create(
        case=case,
        district=case.district,
        station=case.station,
        at=NOON - timedelta(hours=2),
        by=by,
        acknowledged_at=NOON - timedelta(hours=1),
        accepted_at=NOON - timedelta(minutes=30),
    )
    case.handed_over_at = NOON - timedelta(hours=2)
    case.status = CaseStatus.UNDER_ENQUIRY.value
    case.save()


Taken = tuple[datetime, int | None]
"""When a row counts, and for which district."""


def tiplines(wanted: Callable[[Tipline], bool], moment: str, district: str) -> list[Taken]:
    return [
        (getattr(each, moment), getattr(each, district))
        for each in Tipline.objects.all()
        if wanted(each)
    ]


def cases(wanted: Callable[[Case], bool], moment: str) -> list[Taken]:
    return [
        (getattr(each, moment), each.district_id) for each in Case.objects.all() if wanted(each)
    ]


def acknowledged() -> list[Taken]:
    taken: list[Taken] = []
    for case in Case.objects.all():
        last = max(case.hand_offs.all(), key=lambda hand_off: hand_off.at)
        if last.acknowledged_at and not last.returned_at and case.status != "handed-over":
            taken.append((last.acknowledged_at, case.district_id))
    return taken


def accepted() -> list[Taken]:
    taken: list[Taken] = []
    for case in Case.objects.all():
        last = max(case.hand_offs.all(), key=lambda hand_off: hand_off.at)
        if last.accepted_at and case.status in {"under-enquiry", "registered"}:
            taken.append((last.accepted_at, case.district_id))
    return taken


def firs(kind: FirKind) -> list[Taken]:
    return [
        (fir.registered_at, fir.case.district_id)
        for fir in Fir.objects.select_related("case")
        if fir.kind == kind
    ]


def is_awaiting(tip: Tipline) -> bool:
    return tip.status == "awaiting"


def by_hand() -> dict[str, list[Taken]]:
    """Every figure again, in plain Python and not by its definition."""
    open_stages = {"handed-over", "acknowledged", "under-enquiry", "registered"}
    return {
        "received": tiplines(lambda tip: True, "received_at", "best_district_id"),
        "located": tiplines(lambda tip: tip.outcome == "delhi", "received_at", "best_district_id"),
        "assigned": tiplines(lambda tip: tip.status == "held", "status_at", "holder_district_id"),
        "cases": cases(lambda case: case.status in open_stages, "opened_at"),
        "acknowledged": acknowledged(),
        "accepted": accepted(),
        "not-accepted": cases(
            lambda case: (
                case.status == "acknowledged" and NOON - case.status_at > timedelta(days=3)
            ),
            "status_at",
        ),
        "escalated": tiplines(
            lambda tip: is_awaiting(tip) and tip.return_count > 1, "status_at", "best_district_id"
        ),
        "fir": firs(FirKind.REGULAR),
        "arrest": [
            (arrest.arrested_at, arrest.accused.fir.case.district_id)
            for arrest in Arrest.objects.all()
        ],
        "transferred": [
            (tip.status_at, None) for tip in Tipline.objects.all() if tip.status == "transferred"
        ],
        "closed": [
            (tip.status_at, None) for tip in Tipline.objects.all() if tip.status == "closed"
        ],
        "sent-back": [
            (tip.status_at, None) for tip in Tipline.objects.all() if tip.status == "sent-back"
        ],
        "zero-fir": firs(FirKind.ZERO),
        "awaiting": tiplines(is_awaiting, "received_at", "best_district_id"),
        "urgent-awaiting": tiplines(
            lambda tip: is_awaiting(tip) and tip.urgency >= 60, "received_at", "best_district_id"
        ),
        "urgent-not-acknowledged": cases(
            lambda case: case.status == "handed-over" and case.urgency >= 60, "handed_over_at"
        ),
        "late": cases(
            lambda case: (
                case.status == "handed-over" and NOON - case.handed_over_at > timedelta(hours=24)
            ),
            "handed_over_at",
        ),
        "open": cases(lambda case: case.status in open_stages, "opened_at"),
        "expired": tiplines(
            lambda tip: is_awaiting(tip) and (tip.preserved_until or NOON) < NOON,
            "preserved_until",
            "best_district_id",
        ),
        "intake": [
            (each.received_at, None) for each in Dispatch.objects.all() if not each.finished_at
        ],
        "letters-overdue": [
            (each.asked_at, None)
            for each in Letter.objects.all()
            if not each.acknowledged_at and NOON - each.asked_at > timedelta(days=15)
        ],
        "quarantined": [(item.at, None) for item in QuarantineItem.objects.all()],
    }


STANDING = {"awaiting", "urgent-awaiting", "urgent-not-acknowledged", "late", "open"} | {
    "intake",
    *("quarantined", "escalated", "not-accepted", "letters-overdue"),
}
WITHOUT_DISTRICT = {"transferred", "closed", "sent-back", "intake", "quarantined"} | {
    "letters-overdue"
}


def expected(key: str, taken: list[Taken], reach: Reach, days: tuple[date, date]) -> list[Taken]:
    if key in STANDING:
        return taken
    if key == "expired":
        reach = Reach.MONTH
    today = date(2026, 11, 12)
    first, last = {
        Reach.DAY: (today, today),
        Reach.WEEK: (date(2026, 11, 9), date(2026, 11, 15)),
        Reach.MONTH: (date(2026, 11, 1), date(2026, 11, 30)),
        Reach.ALL: (date.min, date.max),
        Reach.CUSTOM: days,
    }[reach]
    in_india = timedelta(hours=5, minutes=30)
    return [each for each in taken if first <= (each[0] + in_india).date() <= last]


DAYS = (date(2026, 10, 20), date(2026, 11, 11))


def asked(reach: Reach) -> Period:
    return period(reach, now=NOON, first_on=DAYS[0], last_on=DAYS[1])


@pytest.mark.parametrize("reach", list(Reach))
def test_every_number_is_the_number_of_its_rows_in_every_district(
    supervisor: User, reach: Reach
) -> None:
    scope = Scope(officer=supervisor, now=NOON, period=asked(reach))
    hand_made = by_hand()

    counted = counting.count(figures.BOARD, scope)

    assert set(counted) == set(hand_made)
    for figure in figures.BOARD:
        taken = expected(figure.key, hand_made[figure.key], reach, DAYS)
        assert counted[figure.key].total == len(taken), figure.key
        assert figure.rows(scope).count() == len(taken), figure.key
        assert len(walked(figure, scope)) == len(taken), figure.key
        assert counted[figure.key].earliest_at == min((at for at, _ in taken), default=None)
        for district in District.objects.all():
            there = [each for each in taken if each[1] == district.pk]
            part = Scope(officer=supervisor, now=NOON, period=asked(reach), district_id=district.pk)
            assert bool(figure.district) is (figure.key not in WITHOUT_DISTRICT)
            assert counted[figure.key].of(district.pk) == len(there), figure.key
            assert figure.rows(part).count() == len(there), figure.key


def walked(figure: counting.Figure, scope: Scope) -> set[int]:
    """The keys of all rows, page by page as an officer would."""
    found: list[Any] = []
    after = None
    while True:
        rows, after = page_of(figure, scope, after=after)
        found += rows
        if after is None:
            break
    assert len({row.pk for row in found}) == len(found)
    return {row.pk for row in found}


def test_a_list_longer_than_a_page_is_walked_without_gap_or_repeat() -> None:
    officer = make_officer(Role.SUPERVISOR)
    for _index in range(120):
        make_tipline(received_at=NOON)  # all at one moment: the key decides

    for figure in (figures.RECEIVED, figures.WAITING):
        scope = Scope(officer=officer, now=NOON)
        assert walked(figure, scope) == set(Tipline.objects.values_list("pk", flat=True))


def test_all_figures_come_in_one_statement(supervisor: User) -> None:
    scope = Scope(officer=supervisor, now=NOON, period=asked(Reach.WEEK))

    with Statements() as statements:
        counting.count(figures.BOARD, scope)

    assert len(statements) == 1


def test_the_unit_accounts_for_every_tipline(supervisor: User) -> None:
    counted = counting.count(figures.BOARD, Scope(officer=supervisor, now=NOON))

    number = {key: each.total for key, each in counted.items()}
    ended = number["transferred"] + number["closed"] + number["sent-back"]
    assert number["received"] == number["awaiting"] + number["assigned"] + ended


def test_an_officer_of_a_district_counts_only_what_the_district_holds(supervisor: User) -> None:
    rohini = make_officer(Role.DISTRICT)

    counted = counting.count(figures.BOARD, Scope(officer=rohini, now=NOON))

    assert set(counted["cases"].by_district) == {make_district().pk}
    assert counted["quarantined"].total == 0
    assert counted["intake"].total == 0


def test_an_officer_without_duty_counts_nothing(supervisor: User) -> None:
    stranger = User(username="no-posting")

    counted = counting.count(figures.BOARD, Scope(officer=stranger, now=NOON))

    assert {each.total for each in counted.values()} == {0}


def test_the_trend_ends_today_and_adds_up_to_the_cases_of_its_days(supervisor: User) -> None:
    scope = Scope(officer=supervisor, now=NOON)

    days = counting.trend(figures.CASES, scope)

    rohini = days[make_district().pk]
    today = [case for case in by_hand()["cases"] if case[0] == NOON]
    assert len(rohini) == counting.TREND_DAYS
    assert rohini[-1] == len([case for case in today if case[1] == make_district().pk])
    assert sum(map(sum, days.values())) == len(
        [case for case in by_hand()["cases"] if NOON - case[0] < timedelta(days=13, hours=12)]
    )
