"""Postings are dated: what an officer may do and see follows the day."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.duty import NO_DUTY
from accounts.models import Posting, User
from accounts.roles import Rank, Role
from accounts.services.duties import duty_of
from audit.models import Event
from audit.services import keyed
from cases.models import Case
from tests.factories import NOON, make_district, make_officer, make_station
from tests.operations.rows import make_case
from tests.statements import Statements

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def browser_of(officer: User) -> Client:
    browser = Client()
    browser.force_login(officer)
    return browser


def test_a_posting_that_ended_yesterday_closes_everything_at_the_next_request() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = browser_of(officer)
    before = browser.get(reverse("operations:board")).status_code

    Posting.objects.update(until_on=timezone.localdate() - DAY)

    assert before == 200
    assert browser.get(reverse("operations:board")).status_code == 403
    home = browser.get("/")
    assert home.status_code == 403
    assert "no posting in force" in home.content.decode()


def test_the_last_day_counts() -> None:
    officer = make_officer(Role.SUPERVISOR)
    Posting.objects.update(until_on=timezone.localdate())

    assert browser_of(officer).get(reverse("operations:board")).status_code == 200


def test_a_posting_that_begins_tomorrow_opens_nothing_today() -> None:
    officer = make_officer(Role.SUPERVISOR, from_on=timezone.localdate() + DAY)

    assert browser_of(officer).get(reverse("operations:board")).status_code == 403


def test_posting_anew_ends_the_one_before_on_its_eve() -> None:
    administrator, officer = make_officer(Role.ADMINISTRATOR), make_officer(Role.ANALYST)

    services.post(
        user=officer, role=Role.SUPERVISOR, from_on=date(2026, 12, 1), by=administrator, at=NOON
    )

    first, second = officer.postings.order_by("from_on")
    assert (first.until_on, second.until_on) == (date(2026, 11, 30), None)
    assert duty_of(officer, at=NOON.replace(day=30)).role == Role.ANALYST
    assert duty_of(officer, at=NOON.replace(month=12, day=1)).role == Role.SUPERVISOR


def test_an_officer_has_one_open_posting() -> None:
    officer = make_officer()

    with pytest.raises(IntegrityError, match="one_open_posting_per_user"), transaction.atomic():
        Posting.objects.create(user=officer, role=Role.ANALYST.value, from_on=date(2026, 1, 1))


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.STATION])
def test_a_role_of_a_place_needs_its_place(role: Role) -> None:
    officer = make_officer()
    Posting.objects.update(until_on=date(2026, 1, 1))

    with pytest.raises(IntegrityError, match="posting_place_fits_role"), transaction.atomic():
        Posting.objects.create(user=officer, role=role.value, from_on=date(2026, 2, 1))


def test_a_transfer_moves_the_reach_to_the_new_district() -> None:
    administrator, officer = make_officer(Role.ADMINISTRATOR), make_officer(Role.DISTRICT)
    north = make_station(code="N", district=make_district(code="NTH", name="North"))
    here = make_case(by=officer)
    there = make_case(by=officer, station=north)

    services.post(
        user=officer,
        role=Role.DISTRICT,
        district=north.district,
        from_on=date(2026, 11, 13),
        by=administrator,
        at=NOON,
    )

    seen = {}
    for day in (date(2026, 11, 12), date(2026, 11, 13)):
        officer.duty = duty_of(officer, at=NOON.replace(day=day.day))
        seen[day.day] = set(Case.objects.visible_to(officer).values_list("pk", flat=True))
    assert seen == {12: {here.pk}, 13: {there.pk}}


def test_a_stopped_officer_is_out_at_the_next_click() -> None:
    administrator, officer = make_officer(Role.ADMINISTRATOR), make_officer(Role.SUPERVISOR)
    browser = browser_of(officer)

    browser_of(administrator).post(reverse("accounts:access", args=[officer.pk]), {"active": "0"})

    assert browser.get(reverse("operations:board")).status_code == 302
    officer.refresh_from_db()
    assert duty_of(officer, at=NOON) == NO_DUTY
    assert Event.objects.filter(verb="officer.disabled").exists()


def test_nobody_changes_the_own_account() -> None:
    administrator = make_officer(Role.ADMINISTRATOR)
    browser = browser_of(administrator)
    today = timezone.localdate().isoformat()

    browser.post(
        reverse("accounts:post", args=[administrator.pk]), {"role": "supervisor", "from_on": today}
    )
    browser.post(reverse("accounts:access", args=[administrator.pk]), {"active": "0"})
    browser.post(reverse("accounts:one-time-password", args=[administrator.pk]))

    administrator.refresh_from_db()
    assert administrator.is_active
    assert not administrator.password_is_temporary
    assert [posting.role for posting in administrator.postings.all()] == ["administrator"]


# In the browser


def test_an_officer_is_enlisted_posted_and_signs_in() -> None:
    browser = browser_of(make_officer(Role.ADMINISTRATOR))
    station = make_station()
    enlisted = browser.post(
        reverse("accounts:new-officer"),
        {"username": "28901234", "full_name": "Ravi Singh", "rank": Rank.SUB_INSPECTOR.value},
    )
    officer = User.objects.get(username="28901234")

    posted = browser.post(
        reverse("accounts:post", args=[officer.pk]),
        {"role": "station", "station": station.pk, "from_on": timezone.localdate().isoformat()},
    )

    given = enlisted.context["given"]
    assert given in enlisted.content.decode()
    assert "no-store" in enlisted.headers["Cache-Control"]
    assert posted.status_code == 302
    assert officer.check_password(given)
    assert duty_of(officer, at=timezone.now()).station_ids == {station.pk}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"role": "station"}, "This role needs it."),
        ({"role": "analyst", "district": "1"}, "leave it empty"),
        ({"role": "analyst", "from_on": "2020-01-01"}, "today or later"),
        ({"role": "king"}, "not one of the available choices"),
    ],
)
def test_a_posting_that_makes_no_sense_is_refused_in_words(
    typed: dict[str, str], words: str
) -> None:
    officer = make_officer()
    district = make_district()
    if "district" in typed:
        typed = {**typed, "district": str(district.pk)}
    browser = browser_of(make_officer(Role.ADMINISTRATOR))

    answer = browser.post(
        reverse("accounts:post", args=[officer.pk]),
        {"from_on": timezone.localdate().isoformat(), **typed},
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert officer.postings.count() == 1


def test_a_number_is_given_once() -> None:
    officer = make_officer()

    answer = browser_of(make_officer(Role.ADMINISTRATOR)).post(
        reverse("accounts:new-officer"),
        {"username": officer.username, "full_name": "Ravi Singh", "rank": "si"},
    )

    assert answer.status_code == 422
    assert "Another officer has this number." in answer.content.decode()


def test_the_list_of_officers_pages_and_finds() -> None:
    for index in range(60):
        make_officer(username=f"u{index:03}", full_name=f"Name {index}")
    browser = browser_of(make_officer(Role.ADMINISTRATOR, username="a"))
    address = reverse("accounts:officers")

    with Statements(at_most=9):
        first = browser.get(address)
    second = browser.get(address, {"after": first.context["after"]})
    found = browser.post(address, {"text": "Name 17"})

    assert len(first.context["officers"]) == 50
    assert len(second.context["officers"]) == 11
    assert [each.username for each in found.context["officers"]] == ["u017"]


def test_a_search_among_officers_pages_without_an_address() -> None:
    for index in range(60):
        make_officer(username=f"u{index:03}", full_name=f"Kiran {index}")
    make_officer(username="other", full_name="Somebody Else")
    browser = browser_of(make_officer(Role.ADMINISTRATOR, username="a"))
    address = reverse("accounts:officers")

    first = browser.post(address, {"text": "kiran"})
    second = browser.post(address, {"text": "kiran", "after": first.context["after"]})

    assert [len(page.context["officers"]) for page in (first, second)] == [50, 10]
    assert not second.context["after"]
    for page in (first.content.decode(), second.content.decode()):
        assert 'name="text" value="kiran"' in page
        assert not [link for link in re.findall(r'href="([^"]*)"', page) if "kiran" in link]
        assert "?after=" not in page
    assert Event.objects.latest("pk").detail["query"] == keyed("Kiran")


def test_a_name_in_the_address_of_the_officers_finds_nothing_and_is_repeated_nowhere() -> None:
    for index in range(60):
        make_officer(username=f"u{index:03}", full_name=f"Name {index}")
    browser = browser_of(make_officer(Role.ADMINISTRATOR, username="a"))

    answer = browser.get(reverse("accounts:officers"), {"text": "Name 17"})

    assert len(answer.context["officers"]) == 50
    assert answer.context["text"] == ""
    links = re.findall(r'(?:href|action)="([^"]*)"', answer.content.decode())
    assert [link for link in links if "text=" in link] == []
