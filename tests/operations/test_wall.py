"""A board on a wall: what it shows, what it refuses, and every way in which it ends."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.access import table
from accounts.models import OfficerSession, User
from accounts.models.sessions import Ending
from accounts.roles import Role
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import present, signed_in
from tests.cases.made import make_case
from tests.conventions.test_access import NAMES, ROUTES, address
from tests.factories import PASSWORD, make_dispatch, make_officer, make_tipline
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db
BOARD, WALL, LOCKED = "/board/", "/board/wall/", "/account/locked/"
OPEN_TO_IT = {
    "operations:board": 200,
    "operations:balance": 200,
    "accounts:locked": 200,
    "accounts:sign-out": 405,  # a POST signs out
}
POLL = {"HX-Request": "true", "X-Poll": "1", "HX-Current-URL": "http://testserver/board/"}


@pytest.fixture
def supervisor() -> User:
    return make_officer(Role.SUPERVISOR, full_name="Imran Qureshi")


def on_wall(officer: User, *, hours: int = 12, back: str = BOARD) -> Client:
    browser = signed_in(officer)
    answer = browser.post(WALL, {"hours": hours, "next": back})
    assert answer.headers["Location"] == back, answer.content
    return browser


def poll(browser: Client) -> Any:
    return browser.get(BOARD, headers=POLL)


def is_sent_to_sign_in(answer: Any) -> bool:
    return str(answer.headers.get("HX-Redirect", "")).startswith("/sign-in/")


# What it shows and what not


@pytest.mark.parametrize(("name", "converters"), ROUTES, ids=NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_other_route_answers_as_locked(
    supervisor: User, name: str, converters: dict[str, object], method: str
) -> None:
    browser = on_wall(supervisor)

    answer = getattr(browser, method)(address(name, converters))

    if name in OPEN_TO_IT:
        assert not answer.headers.get("Location", "").startswith(LOCKED)
        assert method == "post" or answer.status_code == OPEN_TO_IT[name]
    elif name.startswith("api:"):
        assert answer.status_code == 403
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(LOCKED)
    assert set(OPEN_TO_IT) == {each for each, access in table().items() if access.on_wall}


def test_no_address_beside_the_routes_opens_either(supervisor: User) -> None:
    browser = on_wall(supervisor)

    assert browser.get("/nowhere/at/all/").headers["Location"].startswith(LOCKED)
    assert browser.get("/", headers=POLL).headers["HX-Redirect"].startswith(LOCKED)


def test_the_board_has_no_link_to_rows_and_names_nobody(supervisor: User) -> None:
    make_case()
    make_tipline(suspect_line="Ravi Nair")
    browser = on_wall(supervisor, back="/board/?period=all")

    page = browser.get("/board/?period=all").content.decode()
    panel = browser.get("/board/?period=all", headers=POLL).content.decode()

    assert "Rohini" in page
    for text in (page, panel):
        links = re.findall(r'(?:href|action)="(/[^"]*|\?[^"]*)"', text)
        assert {each.partition("?")[0] for each in links if "static" not in each} <= {
            *(BOARD, "/board/balance/"),
        }
        assert not any(word in text for word in ("Imran", "Ravi Nair", supervisor.username))
        assert "frame__rail" not in text
    assert "session.js" not in page


def test_the_answer_to_does_it_reconcile_names_no_dispatch(
    supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from operations.views import boards

    dispatch = make_dispatch(reference="NCRB/2026/77")
    account = replace(reconcile()[0], misstated=1)
    monkeypatch.setattr(boards, "reconcile", lambda: [account])
    ordinary = signed_in(make_officer(Role.SUPERVISOR)).get("/board/balance/").content.decode()
    wall = on_wall(supervisor).get("/board/balance/").content.decode()

    assert dispatch.reference in ordinary
    assert "does not reconcile" in wall
    assert dispatch.reference not in wall
    assert "<a" not in wall


def test_the_page_that_stands_for_locked_leads_back_or_signs_out(supervisor: User) -> None:
    browser = on_wall(supervisor)

    page = browser.get(LOCKED).content.decode()
    refused = browser.post(LOCKED, {"password": PASSWORD})
    browser.post(reverse("accounts:lock"))

    assert "the board and nothing else" in page
    assert "Imran" not in page
    assert refused.status_code == 200
    assert present(supervisor).locked_at is None
    assert browser.get("/queue/").status_code == 302
    assert browser.get(BOARD).status_code == 200


def test_it_is_recorded_and_listed(supervisor: User) -> None:
    on_wall(supervisor, hours=4)

    event = Event.objects.get(verb="session.put-on-wall")
    session = present(supervisor)
    page = signed_in(supervisor).get("/account/sessions/").content.decode()

    assert event.actor_id == supervisor.pk
    assert event.detail == {"session": session.pk, "hours": 4}
    assert "on a wall" in page


@pytest.mark.parametrize("hours", ["0", "13", "-1", "x", ""])
def test_at_most_twelve_hours(supervisor: User, hours: str) -> None:
    browser = signed_in(supervisor)

    browser.post(WALL, {"hours": hours})

    assert present(supervisor).wall_until is None
    assert browser.get("/queue/").status_code == 200


def test_the_hours_offered_end_with_the_session(supervisor: User, clock: Clock) -> None:
    browser = signed_in(supervisor)
    for _act in range(21):
        clock.go_on(minutes=30 - 1)
        browser.get(BOARD)

    offered = browser.get(BOARD).context["wall_form"].fields["hours"].choices

    # 10:09 after the sign-in at 12:00; the session ends at 24:00
    assert offered == [(1, "23:09"), (2, "00:00")]


# How it ends


def test_idle_time_does_not_lock_it(supervisor: User, clock: Clock) -> None:
    browser = on_wall(supervisor)

    clock.go_on(hours=11, minutes=59, seconds=59)

    assert poll(browser).status_code == 200
    assert not is_sent_to_sign_in(poll(browser))
    assert browser.get(BOARD).status_code == 200
    assert not Event.objects.filter(verb="session.locked").exists()


@pytest.mark.parametrize("hours", [4, 12])
def test_it_ends_at_its_hour_whoever_touches_it(supervisor: User, clock: Clock, hours: int) -> None:
    browser = on_wall(supervisor, hours=hours)

    clock.go_on(hours=hours)

    assert is_sent_to_sign_in(poll(browser))
    assert browser.get(BOARD).headers["Location"].startswith("/sign-in/")
    ended = OfficerSession.objects.get()
    assert (ended.ending, ended.ended_at) == (Ending.TOO_LONG, ended.wall_until)


def test_a_wall_whose_browser_never_came_back_is_over_too(supervisor: User, clock: Clock) -> None:
    elsewhere = signed_in(supervisor)
    on_wall(supervisor, hours=1)
    clock.go_on(minutes=29)
    elsewhere.get(BOARD)
    before = elsewhere.get("/account/sessions/").context["open"].count()
    clock.go_on(minutes=29)
    elsewhere.get(BOARD)
    clock.go_on(minutes=2)

    assert before == 2
    assert elsewhere.get("/account/sessions/").context["open"].count() == 1
    signed_in(supervisor)
    ended = OfficerSession.objects.get(wall_until__isnull=False)
    assert (ended.ending, ended.ended_at) == (Ending.TOO_LONG, ended.wall_until)


def test_a_wall_begun_late_ends_with_the_session(supervisor: User, clock: Clock) -> None:
    browser = signed_in(supervisor)
    for _act in range(22):
        clock.go_on(minutes=30 - 1)
        browser.get(BOARD)
    browser.post(WALL, {"hours": 2, "again-password": PASSWORD})
    began_at = present(supervisor).began_at

    assert present(supervisor).wall_until == began_at + services.limits().longest
    clock.at = began_at + services.limits().longest
    assert is_sent_to_sign_in(poll(browser))


def test_disabling_the_officer_ends_it_at_the_next_poll(supervisor: User) -> None:
    browser, desk = on_wall(supervisor), signed_in(make_officer(Role.ADMINISTRATOR))
    before = poll(browser)

    desk.post(reverse("accounts:access", args=[supervisor.pk]), {"active": "0"})

    assert before.status_code == 200
    assert is_sent_to_sign_in(poll(browser))


def test_another_session_of_the_officer_ends_it(supervisor: User) -> None:
    browser = on_wall(supervisor)
    session = present(supervisor)

    signed_in(supervisor).post(reverse("accounts:end-session", args=[session.pk]))

    assert is_sent_to_sign_in(poll(browser))


def test_an_officer_who_loses_the_board_loses_it_on_the_wall(
    supervisor: User, clock: Clock
) -> None:
    browser, by = on_wall(supervisor), make_officer(Role.ADMINISTRATOR)

    services.post(user=supervisor, role=Role.ANALYST, from_on=clock.at.date(), by=by, at=clock.at)

    assert poll(browser).status_code == 403


def test_signing_out_ends_it(supervisor: User) -> None:
    browser = on_wall(supervisor)

    browser.post(reverse("accounts:sign-out"))

    assert is_sent_to_sign_in(poll(browser))
