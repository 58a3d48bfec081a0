"""The pages: who opens them, how many statements they take, and that a number is its list."""

from __future__ import annotations

import re
from datetime import UTC, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import MAY, Act, Role
from audit.models import Event
from districts.models import District
from operations import figures, maps
from operations.models import Operation
from tests.factories import make_district, make_officer, make_station, make_tipline
from tests.operations.rows import make_arrest, make_case, make_fir, make_held
from tests.statements import Statements

pytestmark = pytest.mark.django_db


def browser_of(officer: User) -> Client:
    browser = Client()
    browser.force_login(officer)
    return browser


@pytest.fixture
def supervisor() -> User:
    return make_officer(Role.SUPERVISOR)


def begin(officer: User, name: str = "MASOOM") -> Operation:
    now = timezone.now()
    return Operation.objects.create(
        name=name, from_at=now - timedelta(days=1), made_at=now, made_by=officer
    )


@pytest.mark.parametrize("role", list(Role))
def test_each_page_opens_for_the_roles_of_the_table_and_for_no_other(role: Role) -> None:
    operation = begin(make_officer(Role.SUPERVISOR))
    browser = browser_of(make_officer(role))
    pages = {
        reverse("operations:board"): Act.SUPERVISE,
        reverse("operations:balance"): Act.SUPERVISE,
        reverse("operations:figure", args=["fir"]): Act.SUPERVISE,
        reverse("operations:operations"): Act.SUPERVISE,
        reverse("operations:operation", args=[operation.pk]): Act.SUPERVISE,
        reverse("operations:operation-figure", args=[operation.pk, "fir"]): Act.SUPERVISE,
        reverse("operations:cohort", args=[operation.pk]): Act.SUPERVISE,
        reverse("operations:record"): Act.READ_RECORD,
        reverse("accounts:officers"): Act.MANAGE_OFFICERS,
        reverse("accounts:new-officer"): Act.MANAGE_OFFICERS,
        reverse("accounts:officer", args=[operation.made_by_id]): Act.MANAGE_OFFICERS,
    }

    answers = {page: browser.get(page).status_code for page in pages}

    assert answers == {page: 200 if act in MAY[role] else 403 for page, act in pages.items()}


def numbers(page: str) -> dict[str, tuple[str, int]]:
    """Every number of the board by its id: where it leads and what it says."""
    found = {}
    for tag, rest in re.findall(r"<a class=\"[^\"]*\" (id=\"n-[^>]*)>(.*?)</a>", page, re.S):
        key = re.search(r'id="n-([^"]*)"', tag)
        href = re.search(r'href="([^"]*)"', tag)
        number = re.search(r"(?:^|>)([\d,]+)(?:<| <)", rest)
        if key and href and number:
            found[key[1]] = (href[1].replace("&amp;", "&"), int(number[1].replace(",", "")))
    return found


@pytest.mark.parametrize("query", ["", "?period=all", "?period=week&shade=fir"])
def test_every_number_on_the_board_leads_to_exactly_its_rows(supervisor: User, query: str) -> None:
    now = timezone.now()
    for code, name in (("ROH", "Rohini"), ("NTH", "North")):
        station = make_station(code=f"{code}-A", district=make_district(code=code, name=name))
        for days in (0, 2, 9):
            at = now - timedelta(days=days)
            case = make_held(by=supervisor, station=station, opened_at=at)
            fir = make_fir(case=case, by=supervisor, registered_at=at)
            make_arrest(fir=fir, by=supervisor, arrested_at=at)
        make_tipline(best_district=station.district, received_at=now, urgency=90)
    browser = browser_of(supervisor)

    page = browser.get(reverse("operations:board") + query).content.decode()

    shown = numbers(page)
    assert {key.rpartition("-")[0] for key in shown} >= {each.key for each in figures.FUNNEL}
    assert any(number for _href, number in shown.values())
    for key, (href, number) in shown.items():
        answer = browser.get(href)
        assert answer.context["number"] == number, key
        assert len(answer.context["rows"]) == number, key


def test_the_board_takes_few_statements_however_many_rows(supervisor: User) -> None:
    browser = browser_of(supervisor)
    taken = []

    for number in (0, 1, 20):
        for _index in range(number):
            make_held(by=supervisor, station=make_station())
        with Statements() as statements:
            browser.get(reverse("operations:board"))
        taken.append(len(statements))

    assert max(taken) <= 12
    assert taken[1] == taken[2]


@pytest.mark.parametrize("key", list(figures.FIGURES))
def test_a_list_takes_as_many_statements_for_one_row_as_for_many(
    supervisor: User, key: str
) -> None:
    browser = browser_of(supervisor)
    address = reverse("operations:figure", args=[key]) + "?period=all"
    taken = []

    for number in (1, 15):
        for _index in range(number):
            case = make_held(by=supervisor, station=make_station())
            make_arrest(fir=make_fir(case=case, by=supervisor), by=supervisor)
            make_tipline(best_district=make_district())
        with Statements() as statements:
            assert browser.get(address).status_code == 200
        taken.append(len(statements))

    assert taken[0] == taken[1]
    assert taken[0] <= 12


def test_the_poll_answers_with_the_panel_alone(supervisor: User) -> None:
    answer = browser_of(supervisor).get(reverse("operations:board"), headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert page.count('id="panel"') == 1
    assert "<html" not in page


def test_the_wall_has_no_rail(supervisor: User) -> None:
    page = browser_of(supervisor).get(reverse("operations:board") + "?wall=1").content.decode()

    assert "frame__rail" not in page
    assert page.partition("<template")[0].count("<h1") == 1


def test_days_the_wrong_way_round_are_refused_in_words(supervisor: User) -> None:
    answer = browser_of(supervisor).get(
        reverse("operations:board") + "?period=custom&first=2026-11-03&last=2026-11-01"
    )

    assert answer.status_code == 422
    assert "The last day is before the first." in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    ["?after=yesterday", "?after=2026-11-12T00:00:00~1", "?after=~", "?district=NOWHERE"],
)
def test_an_address_that_we_never_gave_out_is_not_found(supervisor: User, query: str) -> None:
    answer = browser_of(supervisor).get(reverse("operations:figure", args=["fir"]) + query)

    assert answer.status_code == 404


def test_the_map_shows_each_district_once_and_says_what_the_table_says(supervisor: User) -> None:
    north = make_district(code="NTH", name="North")
    station = make_station(code="N", district=north)
    make_held(by=supervisor, station=station, opened_at=timezone.now())
    make_district()
    maps.drawn.cache_clear()  # other tests drew other districts of the same version

    page = browser_of(supervisor).get(reverse("operations:board")).content.decode()

    assert "<title>North · With a district: 1</title>" in page
    assert page.count("map__area") >= District.objects.count()
    assert "style=" not in page


def test_the_reconciliation_names_a_dispatch_that_does_not_add_up(supervisor: User) -> None:
    make_tipline()  # a tipline without a receipt: it came from nowhere
    browser = browser_of(supervisor)

    page = browser.get(reverse("operations:balance")).content.decode()

    assert "does not reconcile" in page
    assert "0 reports stored, 1 tiplines there" in page


def test_reading_the_record_is_recorded_with_its_filter() -> None:
    auditor = make_officer(Role.AUDITOR)
    browser = browser_of(auditor)

    browser.get(reverse("operations:record"), {"verb": "officer.posted"})

    event = Event.objects.newest_first().first()
    assert event is not None
    assert (event.verb, event.actor_id) == ("record.read", auditor.pk)
    assert event.detail == {"verb": "officer.posted"}


@pytest.mark.parametrize(
    ("query", "verbs"),
    [
        ({"officer": "a-1"}, {"record.read"}),
        ({"officer": "nobody"}, set()),
        ({"verb": "officer.enlisted"}, {"officer.enlisted"}),
        ({"day": "2026-11-12"}, {"officer.enlisted", "officer.posted"}),
        ({"day": "2026-11-11"}, set()),
        ({"subject": "record:all"}, {"record.read"}),
    ],
)
def test_the_record_is_filtered_by_officer_verb_subject_and_day(
    query: dict[str, str], verbs: set[str]
) -> None:
    browser = browser_of(make_officer(Role.AUDITOR, username="a-1"))
    if "day" not in query:
        browser.get(reverse("operations:record"))

    answer = browser.get(reverse("operations:record"), query)

    assert {event.verb for event in answer.context["events"]} == verbs


def test_the_record_says_what_was_refused_from_where_and_in_both_zones() -> None:
    browser = browser_of(make_officer(Role.AUDITOR))
    browser.get(reverse("operations:board"), REMOTE_ADDR="10.1.1.1")
    at = Event.objects.get(verb="access.refused").at

    page = browser.get(reverse("operations:record")).content.decode()

    assert page.count('<span class="badge badge--overdue">refused</span>') == 1
    assert "10.1.1.1" in page
    assert f"{at.astimezone(UTC):%H:%M:%S} UTC" in page
    assert f"{timezone.localtime(at):%H:%M:%S} IST" in page


def test_the_record_pages_by_key_without_gap_or_repeat() -> None:
    auditor = make_officer(Role.AUDITOR)
    Event.objects.bulk_create(
        Event(at=timezone.now(), verb="case.opened", subject=f"case:{index}")
        for index in range(120)
    )
    browser = browser_of(auditor)
    address, found = reverse("operations:record") + "?verb=case.opened", []

    while address:
        answer = browser.get(address)
        found += [event.subject for event in answer.context["events"]]
        following = answer.context["next"]
        address = reverse("operations:record") + following if following else ""

    assert found == [f"case:{index}" for index in reversed(range(120))]


def test_a_case_of_no_cohort_is_not_on_the_board_of_an_operation(supervisor: User) -> None:
    operation = begin(supervisor)
    make_case(by=supervisor)

    answer = browser_of(supervisor).get(reverse("operations:operation", args=[operation.pk]))

    assert {step.shown.number for step in answer.context["steps"]} == {0}
