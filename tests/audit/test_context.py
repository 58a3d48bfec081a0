"""An event says who asked, from where and how it ended; without one there is no reading."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, DistrictUserGrant, User
from accounts.models.grants import WORK_CASES
from accounts.roles import Role
from accounts.services import NOTICE, make_token
from accounts.services.duties import duty_of
from audit.models import Event, Outcome
from audit.requests import NO_REQUEST, REQUEST, enrol
from audit.services import POLL_QUIET, keyed, record, record_list
from tests.cases.made import make_case
from tests.factories import (
    NOON,
    PASSWORD,
    make_dispatch,
    make_district,
    make_officer,
    make_station,
    make_tipline,
)

pytestmark = pytest.mark.django_db


def signed_in(officer: User, **headers: str) -> Client:
    browser = Client(headers=headers)
    browser.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def newest() -> Event:
    return Event.objects.latest("pk")


# Who and from where


def test_an_event_of_a_request_carries_its_context() -> None:
    officer = make_officer(Role.DISTRICT)
    browser = signed_in(officer)

    answer = browser.get(reverse("cases:cases"), REMOTE_ADDR="10.20.30.40")

    event = newest()
    assert event.role == "district"
    assert event.district_id == next(iter(officer.duty.district_ids))
    assert event.source == "10.20.30.40"
    assert event.request_id == answer["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{16}", event.session)
    key = browser.session.session_key
    assert key
    assert event.session not in key


def test_an_event_of_a_station_officer_carries_the_district_of_the_station() -> None:
    station = make_station(district=make_district(code="DWK", name="Dwarka"))
    officer = make_officer(Role.STATION, station=station)

    signed_in(officer).get(reverse("cases:cases"))

    assert (newest().role, newest().district_id) == ("station", station.district_id)
    assert officer.duty.district_ids == frozenset()


def test_an_officer_of_a_joint_team_acts_for_the_own_district() -> None:
    officer = make_officer(Role.DISTRICT)
    other = make_district(code="DWK", name="Dwarka")
    DistrictUserGrant.objects.create(
        content_object=other,
        user=officer,
        permission=Permission.objects.get(codename=WORK_CASES, content_type__model="district"),
    )

    signed_in(officer).get(reverse("cases:cases"))

    assert duty_of(officer, at=timezone.now()).district_ids == {make_district().pk, other.pk}
    assert newest().district_id == make_district().pk


def test_the_unit_acts_for_no_district() -> None:
    signed_in(make_officer(Role.ANALYST)).get(reverse("cases:cases"))

    assert (newest().role, newest().district_id) == ("analyst", None)


def test_two_sessions_of_an_officer_are_told_apart() -> None:
    officer = make_officer(Role.DISTRICT)
    for browser in (signed_in(officer), signed_in(officer)):
        for _ in range(2):
            browser.get(reverse("cases:cases"))

    sessions = list(Event.objects.filter(verb="cases.read").values_list("session", flat=True))

    assert sessions[0] == sessions[1] != sessions[2] == sessions[3]


def test_outside_a_request_the_system_acts() -> None:
    record(verb="case.seen", subject="case:1", actor=None, at=NOON)

    event = newest()
    assert (event.role, event.session, event.source, event.request_id) == ("", "", "", "")
    assert (event.outcome, event.origin, event.purpose) == ("done", "service", "")


def test_what_signing_in_made_known_is_forgotten_with_the_request() -> None:
    signed_in(make_officer(Role.DISTRICT)).get(reverse("cases:cases"))
    enrol(session_key="x", role="analyst", district_id=None)  # there is no request now

    assert REQUEST.get() is NO_REQUEST


def test_the_database_fills_in_the_transaction() -> None:
    record(verb="case.seen", subject="case:1", actor=None, at=NOON)

    with connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()::text::bigint")
        assert newest().xid == cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("forwarded", "kept"),
    [("203.0.113.7", "203.0.113.7"), ("not an address", ""), ("", "127.0.0.1")],
)
def test_behind_the_proxy_the_address_is_what_the_proxy_saw(
    settings: object, forwarded: str, kept: str
) -> None:
    settings.PROXIES = 1  # type: ignore[attr-defined]
    browser = signed_in(make_officer(Role.DISTRICT), **{"X-Forwarded-For": forwarded})

    browser.get(reverse("cases:cases"))

    assert newest().source == kept


def test_a_machine_is_the_officer_whose_key_it_has() -> None:
    officer = make_officer(Role.ANALYST)
    key = make_token(officer=officer, name="x", route="api:dispatches", at=NOON)
    dispatch = make_dispatch()
    dispatch.received_by = officer
    dispatch.save()

    Client(headers={"Authorization": f"Bearer {key}"}).get(
        reverse("api:dispatches", kwargs={"dispatch_id": dispatch.pk})
    )

    event = newest()
    assert (event.verb, event.actor_id, event.role) == ("receipt.taken", officer.pk, "analyst")
    assert ApiToken.objects.count() == 1


# What was refused


def test_a_look_beyond_ones_reach_is_one_event() -> None:
    case = make_case()
    elsewhere = make_district(code="NTH", name="North")
    stranger = make_officer(Role.DISTRICT, district=elsewhere)
    browser = signed_in(stranger)
    before = newest().pk

    browser.get(reverse("cases:case", args=[case.pk]))

    [event] = Event.objects.filter(pk__gt=before)
    assert (event.verb, event.outcome, event.actor_id) == (
        "access.refused",
        Outcome.REFUSED,
        stranger.pk,
    )
    assert event.subject == "route:cases:case"
    assert event.detail == {"status": 404, "asked": {"case_id": case.pk}}


def test_a_route_that_is_not_the_officers_is_one_event() -> None:
    browser = signed_in(make_officer(Role.DISTRICT))
    before = newest().pk

    browser.get(reverse("operations:board"))

    [event] = Event.objects.filter(pk__gt=before)
    assert (event.verb, event.detail) == ("access.refused", {"status": 403, "asked": {}})


def test_a_name_typed_into_an_address_is_not_recorded() -> None:
    browser = signed_in(make_officer(Role.ANALYST))

    browser.get(reverse("cases:tipline", args=["Ravi-Nair"]))
    typed = newest()
    browser.get(reverse("cases:tipline", args=["990000001"]))

    assert typed.detail["asked"] == {"number": keyed("Ravi-Nair")}
    assert newest().detail["asked"] == {"number": "990000001"}


def test_a_key_that_opens_nothing_is_recorded_without_an_officer() -> None:
    Client(headers={"Authorization": "Bearer x"}).get(
        reverse("api:dispatches", kwargs={"dispatch_id": 1})
    )

    assert (newest().verb, newest().detail["status"], newest().actor_id) == (
        "access.refused",
        401,
        None,
    )


@pytest.mark.parametrize("address", ["/no/such/page/", "/cases/"])
def test_strangers_and_addresses_that_are_no_route_leave_nothing(
    client: Client, address: str
) -> None:
    client.get(address)

    assert not Event.objects.exists()


# Fail closed


def test_a_reading_that_cannot_be_recorded_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    tip = make_tipline()
    browser = signed_in(make_officer(Role.ANALYST))
    browser.raise_request_exception = False

    def fail(*arguments: object, **options: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(Event.objects, "bulk_create", fail)
    for address in (
        reverse("cases:tipline", args=[tip.number]),
        reverse("cases:queue"),
        reverse("tiplines:dispatch", args=[tip.dispatch_id]),
    ):
        answer = browser.get(address)
        assert answer.status_code == 500
        assert tip.number not in answer.content.decode()


def test_a_page_that_failed_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(make_officer(Role.ANALYST))
    browser.raise_request_exception = False

    def fail(*arguments: object, **options: object) -> None:
        raise ValueError

    monkeypatch.setattr("cases.views.triage.chips_of", fail)
    browser.get(reverse("cases:queue"))

    assert (newest().verb, newest().outcome) == ("access.failed", Outcome.FAILED)


# Pages that ask again by themselves


def test_a_page_that_asks_again_leaves_an_event_when_it_shows_something_new() -> None:
    officer = make_officer(Role.ANALYST)
    now = timezone.now()

    def poll(*seen: int, later: timedelta = timedelta(0)) -> int:
        record_list(
            verb="queue.read",
            subject="queue:awaiting",
            seen=seen,
            actor=officer,
            at=now + later,
            is_poll=True,
        )
        return Event.objects.filter(verb="queue.read").count()

    assert poll(1, 2) == 1
    assert poll(1, 2, later=timedelta(seconds=5)) == 1
    assert poll(2, later=timedelta(seconds=10)) == 1
    assert poll(2, 3, later=timedelta(seconds=15)) == 2
    assert poll(1, 2, 3, later=timedelta(seconds=20)) == 2
    assert poll(1, later=POLL_QUIET + timedelta(seconds=1)) == 3


def test_the_queue_and_a_dispatch_being_worked_do_not_flood_the_record() -> None:
    tip = make_tipline()
    browser = signed_in(make_officer(Role.ANALYST))
    pages = {
        "queue-head": reverse("cases:queue"),
        "became": reverse("tiplines:dispatch", args=[tip.dispatch_id]),
    }
    for target, address in pages.items():
        browser.get(address)
        before = newest().pk
        for _ in range(3):
            browser.get(address, headers={"HX-Request": "true", "HX-Target": target})
        assert newest().pk == before
        browser.get(address)
        assert newest().pk == before + 1


def test_equal_texts_compare_and_cannot_be_read() -> None:
    assert keyed("Ravi  Nair") == keyed("ravi nair ") != keyed("Ravi Nayar")
    assert len(keyed("x")) == 64


def test_signing_in_is_recorded_with_its_address(client: Client) -> None:
    officer = make_officer(Role.ANALYST, username="a-1")

    client.post(
        reverse("accounts:sign-in"),
        {"username": "a-1", "password": PASSWORD, "notice": NOTICE},
        REMOTE_ADDR="10.9.8.7",
    )

    event = Event.objects.get(verb="officer.signed-in")
    assert (event.actor_id, event.source) == (officer.pk, "10.9.8.7")
