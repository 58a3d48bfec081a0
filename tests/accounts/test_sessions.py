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
from tests.accounts.ways import give_password, key_of, present, signed_in
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

BOARD = "/board/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def verbs(prefix: str = "session.") -> list[str]:
    kept = Event.objects.filter(verb__startswith=prefix).order_by("pk")
    return list(kept.values_list("verb", flat=True))


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
