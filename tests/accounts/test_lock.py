"""The lock: after how long, what it shows, how it opens, and how long a session lasts at all."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models.sessions import Ending
from accounts.roles import Role
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import give_password, key_of, signed_in
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

BOARD = "/board/"


def verbs(prefix: str = "session.") -> list[str]:
    kept = Event.objects.filter(verb__startswith=prefix).order_by("pk")
    return list(kept.values_list("verb", flat=True))


# The lock


def test_a_session_locks_after_half_an_hour_and_shows_nothing(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)

    clock.go_on(minutes=29, seconds=59)
    before = browser.get(BOARD)
    clock.go_on(minutes=30)
    after = browser.get(BOARD + "?period=week")
    page = browser.get(after.headers["Location"]).content.decode()

    assert before.status_code == 200
    assert after.headers["Location"] == "/account/locked/?next=%2Fboard%2F%3Fperiod%3Dweek"
    assert officer.full_name not in page
    assert "frame__rail" not in page
    assert verbs() == ["session.locked"]


@pytest.mark.parametrize("path", ["/", "/account/sessions/", "/nowhere/at/all/", "/password/"])
def test_no_other_page_of_a_locked_session_opens(path: str) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    browser.post(reverse("accounts:lock"))

    answer = browser.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/locked/")


def test_a_locked_session_moves_the_whole_page_of_an_htmx_request() -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))
    browser.post(reverse("accounts:lock"))

    answer = browser.get(
        BOARD, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/board/?wall=1"}
    )

    assert answer.headers["HX-Redirect"].startswith("/account/locked/?next=http")
    assert answer.content == b""


def test_a_locked_session_does_not_open_the_json_interface() -> None:
    browser = signed_in(make_officer(Role.ANALYST))
    open_one = browser.get("/api/v1/dispatches/987654321")
    browser.post(reverse("accounts:lock"))

    assert open_one.status_code == 404
    assert browser.get("/api/v1/dispatches/987654321").status_code == 403
    assert browser.post("/api/v1/dispatches").status_code == 403


def test_an_act_is_refused_while_locked_and_changes_nothing() -> None:
    officer, other = make_officer(Role.ADMINISTRATOR), make_officer()
    browser = signed_in(officer)
    browser.post(reverse("accounts:lock"))

    browser.post(reverse("accounts:access", args=[other.pk]), {"active": "0"})

    other.refresh_from_db()
    assert other.is_active


def test_the_password_unlocks_and_leads_back_with_a_new_key() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    browser.post(reverse("accounts:lock"))
    key = key_of(browser)

    answer = browser.post(
        reverse("accounts:locked"), {"password": PASSWORD, "next": "/board/?period=week"}
    )

    assert answer.headers["Location"] == "/board/?period=week"
    assert browser.get(BOARD).status_code == 200
    assert browser.session.session_key != key
    assert verbs() == ["session.locked", "session.unlocked"]


def test_unlocking_leads_only_to_our_own_pages() -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))
    browser.post(reverse("accounts:lock"))

    answer = browser.post(
        reverse("accounts:locked"), {"password": PASSWORD, "next": "https://example.org/"}
    )

    assert answer.headers["Location"] == "/"


def test_wrong_passwords_do_not_unlock_and_lock_the_account_out() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    browser.post(reverse("accounts:lock"))

    codes = [
        browser.post(reverse("accounts:locked"), {"password": "wrong"}).status_code
        for _try in range(5)
    ]
    right = browser.post(reverse("accounts:locked"), {"password": PASSWORD})

    assert codes == [422] * 4 + [429]
    assert right.status_code == 429
    assert browser.get(BOARD).status_code == 302
    assert give_password(Client(), officer).status_code == 429


def test_a_poll_of_a_page_does_not_keep_a_session_open(clock: Clock) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))

    for _poll in range(4):
        clock.go_on(minutes=8)
        last = browser.get(BOARD, headers={"HX-Request": "true", "X-Poll": "1"})

    assert "HX-Redirect" in last.headers


def test_an_act_keeps_it_open_and_so_does_the_script(clock: Clock) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))

    for _act in range(3):
        clock.go_on(minutes=20)
        assert browser.get(BOARD).status_code == 200
        clock.go_on(minutes=20)
        assert browser.post(reverse("accounts:seen")).status_code == 204


def test_twelve_hours_end_a_session_whatever_the_officer_does(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    for _act in range(47):
        clock.go_on(minutes=15)
        browser.get(BOARD)
    almost = browser.get(BOARD).status_code

    clock.go_on(minutes=15)
    after = browser.get(BOARD)

    assert almost == 200
    assert after.headers["Location"].startswith("/sign-in/")
    assert officer.sessions.get().ending == Ending.TOO_LONG
    assert browser.get(BOARD).status_code == 302


def test_the_limits_are_settings(clock: Clock, settings: object) -> None:
    settings.SESSION_IDLE_MINUTES = 5  # type: ignore[attr-defined]
    settings.SESSION_HOURS = 1  # type: ignore[attr-defined]
    browser = signed_in(make_officer(Role.SUPERVISOR))
    page = browser.get(BOARD).content.decode()

    clock.go_on(minutes=5)
    locked = browser.get(BOARD).headers["Location"]
    clock.go_on(minutes=55)
    over = browser.get(BOARD).headers["Location"]

    assert 'data-idle="300"' in page
    assert 'data-warning="120"' in page
    assert locked.startswith("/account/locked/")
    assert over.startswith("/sign-in/")
