"""Sessions: how long, when they lock, how they end, and that each act leaves its event."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import ApiToken, OfficerSession
from accounts.models.sessions import Ending
from accounts.roles import Role
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import give_password, present, signed_in
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

BOARD = "/board/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


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


# My sessions


def test_an_officer_sees_where_one_is_signed_in_and_ends_one() -> None:
    officer = make_officer(Role.SUPERVISOR)
    here = signed_in(officer, REMOTE_ADDR="10.1.1.1", headers={"user-agent": CHROME})
    there = signed_in(officer, REMOTE_ADDR="10.2.2.2")
    page = here.get(reverse("accounts:sessions")).content.decode()
    other = OfficerSession.objects.get(address="10.2.2.2")

    here.post(reverse("accounts:end-session", args=[other.pk]))

    assert "Chrome, Windows" in page
    assert "10.1.1.1" in page
    assert "10.2.2.2" in page
    assert there.get(BOARD).status_code == 302
    assert here.get(BOARD).status_code == 200
    assert verbs() == ["session.ended"]


def test_all_others_end_in_one_act() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browsers = [signed_in(officer) for _browser in range(4)]
    stranger = signed_in(make_officer(Role.SUPERVISOR))

    browsers[2].post(reverse("accounts:end-other-sessions"))

    assert [browser.get(BOARD).status_code for browser in browsers] == [302, 302, 200, 302]
    assert stranger.get(BOARD).status_code == 200
    assert Event.objects.get(verb="session.others-ended").detail["count"] == 3


def test_nobody_ends_the_session_of_another_or_one_that_is_over() -> None:
    officer, other = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    browser, theirs = signed_in(officer), signed_in(other)
    session = present(other)

    answer = browser.post(reverse("accounts:end-session", args=[session.pk]))

    assert answer.status_code == 404
    assert theirs.get(BOARD).status_code == 200


def test_ending_the_present_session_signs_out() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)

    answer = browser.post(reverse("accounts:end-session", args=[present(officer).pk]))

    assert answer.headers["Location"] == "/sign-in/"
    assert browser.get(BOARD).status_code == 302


def test_with_a_one_time_password_a_session_locks_and_unlocks_too() -> None:
    officer, administrator = make_officer(Role.SUPERVISOR), make_officer(Role.ADMINISTRATOR)
    given = services.set_one_time_password(user=officer, by=administrator, at=timezone.now())
    browser = Client()
    give_password(browser, officer, given)
    browser.post(reverse("accounts:lock"))

    page = browser.get(reverse("accounts:locked"))
    unlocked = browser.post(reverse("accounts:locked"), {"password": given})

    assert page.status_code == 200
    assert unlocked.status_code == 302
    assert browser.get(BOARD).headers["Location"] == reverse("accounts:password")


# New keys


def key_of(browser: Client) -> str:
    return browser.cookies["session"].value


def test_the_key_changes_at_sign_in_and_with_the_password() -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    browser.get("/sign-in/")
    session = browser.session
    session["planted"] = "by somebody else"
    session.save()
    planted = key_of(browser)
    browser.cookies["session"] = planted
    give_password(browser, officer)
    at_sign_in = key_of(browser)

    browser.post(
        reverse("accounts:password"),
        {
            "old_password": PASSWORD,
            "new_password1": "a sentence that I remember",
            "new_password2": "a sentence that I remember",
        },
    )

    assert len({planted, at_sign_in, browser.session.session_key}) == 3
    assert browser.get(BOARD).status_code == 200
    thief = Client()
    for stale in (planted, at_sign_in):
        thief.cookies["session"] = stale
        assert thief.get(BOARD).status_code == 302


def test_a_changed_password_ends_the_other_sessions() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser, elsewhere = signed_in(officer), signed_in(officer)
    new = "a sentence that I remember"

    browser.post(
        reverse("accounts:password"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert browser.get(BOARD).status_code == 200
    assert elsewhere.get(BOARD).status_code == 302
    assert OfficerSession.objects.filter(ending=Ending.PASSWORD).count() == 1


def test_a_new_posting_changes_the_key_at_the_next_request() -> None:
    officer, administrator = make_officer(Role.ANALYST), make_officer(Role.ADMINISTRATOR)
    browser = signed_in(officer)
    browser.get("/queue/")
    key = key_of(browser)

    services.post(
        user=officer,
        role=Role.SUPERVISOR,
        from_on=timezone.localdate(),
        by=administrator,
        at=timezone.now(),
    )
    answer = browser.get(BOARD)

    thief = Client()
    thief.cookies["session"] = key
    assert answer.status_code == 200
    assert browser.session.session_key != key
    assert thief.get(BOARD).status_code == 302


# Stopping an officer


def test_stopping_an_officer_ends_sessions_and_keys_at_once_and_says_so() -> None:
    officer, administrator = make_officer(Role.ANALYST), make_officer(Role.ADMINISTRATOR)
    browsers = [signed_in(officer), signed_in(officer)]
    key = services.make_token(
        officer=officer, name="gateway", route="api:dispatches", at=timezone.now()
    )
    machine = Client(headers={"Authorization": f"Bearer {key}"})
    before = machine.get("/api/v1/dispatches/987654321").status_code
    desk = signed_in(administrator)

    desk.post(reverse("accounts:access", args=[officer.pk]), {"active": "0"})

    said = desk.get(reverse("accounts:officer", args=[officer.pk])).content.decode()
    assert "sessions 2, keys 1" in said
    assert before == 404
    assert [browser.get("/queue/").status_code for browser in browsers] == [302, 302]
    assert machine.get("/api/v1/dispatches/987654321").status_code == 401
    assert Event.objects.get(verb="officer.disabled").detail == {"sessions": 2, "tokens": 1}
    assert verbs() == []


def test_letting_in_again_does_not_bring_sessions_or_keys_back() -> None:
    officer, administrator = make_officer(Role.SUPERVISOR), make_officer(Role.ADMINISTRATOR)
    browser = signed_in(officer)
    services.make_token(officer=officer, name="x", route="api:dispatches", at=timezone.now())

    for active in (False, True):
        services.set_active(user=officer, active=active, by=administrator, at=timezone.now())

    assert browser.get(BOARD).status_code == 302
    assert not ApiToken.objects.filter(revoked_at=None).exists()
    assert give_password(Client(), officer).status_code == 302


# Before and after sign-in


def test_without_accepting_the_notice_nobody_comes_in_and_no_password_is_tried() -> None:
    officer = make_officer(Role.SUPERVISOR)

    for notice in ({}, {"notice": "2019-1"}):
        answer = Client().post(
            "/sign-in/", {"username": officer.username, "password": PASSWORD, **notice}
        )
        assert answer.status_code == 422

    assert not OfficerSession.objects.exists()
    assert not officer.failed_tries.exists()


def test_the_sign_in_event_says_which_notice_was_accepted() -> None:
    officer = make_officer(Role.SUPERVISOR)
    signed_in(officer)

    event = Event.objects.get(verb="officer.signed-in")
    assert event.detail == {
        "session": present(officer).pk,
        "factor": "none",
        "notice": services.NOTICE,
    }


def test_after_sign_in_the_officer_is_told_of_the_last_one_and_of_wrong_tries(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    first = signed_in(officer, REMOTE_ADDR="10.9.8.7", headers={"user-agent": CHROME})
    first_page = first.get(BOARD).content.decode()
    clock.go_on(hours=2)
    for _try in range(2):
        give_password(Client(), officer, "wrong")
    clock.go_on(hours=1)

    page = signed_in(officer).get(BOARD).content.decode()

    assert "This is your first sign-in." in first_page
    assert "Last sign-in: 12-11-2026 12:00 IST, 10.9.8.7 · Chrome, Windows." in page
    assert "2 wrong tries since then." in page


def test_signing_out_ends_the_session() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)

    browser.post(reverse("accounts:sign-out"))

    assert officer.sessions.get().ending == Ending.SIGNED_OUT


# Accounts that sleep


def test_an_account_that_slept_45_days_needs_an_administrator(clock: Clock) -> None:
    officer, administrator = make_officer(Role.SUPERVISOR), make_officer(Role.ADMINISTRATOR)
    signed_in(officer)
    clock.go_on(days=45)

    wrong = give_password(Client(), officer, "wrong")
    right = give_password(Client(), officer)
    services.unlock(user=officer, by=administrator, at=clock.at)
    woken = give_password(Client(), officer)

    assert "45 days" not in wrong.content.decode()
    assert right.status_code == 422
    assert "45 days" in right.content.decode()
    assert woken.status_code == 302
    assert Event.objects.filter(verb="officer.dormant-refused").count() == 1
