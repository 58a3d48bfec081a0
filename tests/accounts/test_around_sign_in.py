"""The notice before sign-in, what is told after it, and accounts that sleep."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import OfficerSession
from accounts.models.sessions import Ending
from accounts.roles import Role
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import give_password, present, signed_in
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

BOARD = "/board/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


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
