"""Sign-in and sign-out, lock-out, the language, passwords: each act leaves its event."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

SIGN_IN = "/sign-in/"


def sign_in(browser: Client, officer: User, password: str = PASSWORD, **more: str) -> int:
    return browser.post(
        SIGN_IN,
        {"username": officer.username, "password": password, "notice": services.NOTICE, **more},
    ).status_code


def verbs() -> list[str]:
    kept = Event.objects.exclude(verb__in=["officer.enlisted", "officer.posted"])
    return list(kept.order_by("pk").values_list("verb", flat=True))


def test_an_officer_signs_in_and_out_and_both_are_recorded() -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()

    signed_in = sign_in(browser, officer)
    board = browser.get(reverse("operations:board"))
    signed_out = browser.post(reverse("accounts:sign-out"))
    after = browser.get(reverse("operations:board"))

    assert (signed_in, board.status_code, signed_out.status_code) == (302, 200, 302)
    assert after.status_code == 302
    assert after.headers["Location"].startswith(SIGN_IN)
    assert verbs() == ["officer.signed-in", "officer.signed-out"]


def test_the_page_speaks_both_languages_to_a_stranger() -> None:
    page = Client().get(SIGN_IN).content.decode()

    assert 'lang="hi">केवल अधिकृत' in page
    assert "Every sign-in, act and reading is recorded" in page
    assert "Misuse is an offence" in page
    assert "दुरुपयोग अपराध है" in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/board/?period=week", "/board/?period=week"),
        ("https://example.org/", "/"),
        ("//example.org/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_only_to_our_own_pages(wanted: str, place: str) -> None:
    officer = make_officer(Role.SUPERVISOR)

    answer = Client().post(
        SIGN_IN,
        {
            "username": officer.username,
            "password": PASSWORD,
            "notice": services.NOTICE,
            "next": wanted,
        },
    )

    assert answer.headers["Location"] == place


def test_a_wrong_password_is_recorded_without_what_was_typed() -> None:
    officer, browser = make_officer(), Client()

    assert sign_in(browser, officer, "wrong") == 422
    browser.post(
        SIGN_IN, {"username": "my secret password", "password": "x", "notice": services.NOTICE}
    )

    events = Event.objects.filter(verb="officer.sign-in-failed").order_by("pk")
    assert [event.subject for event in events] == [f"officer:{officer.pk}", "officer:unknown"]
    assert "secret" not in str(list(events.values()))


def test_after_five_wrong_tries_even_the_right_password_waits() -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()

    answers = [sign_in(browser, officer, "wrong") for _try in range(5)]
    right = browser.post(
        SIGN_IN, {"username": officer.username, "password": PASSWORD, "notice": services.NOTICE}
    )

    assert answers == [422] * 4 + [429]
    assert right.status_code == 429
    assert "15 minutes" in right.content.decode()
    assert verbs() == ["officer.sign-in-failed"] * 4 + ["officer.locked-out"] * 2


def test_from_another_address_the_account_waits_too_and_other_accounts_do_not() -> None:
    officer, other = make_officer(), make_officer(Role.SUPERVISOR)
    for _try in range(5):
        sign_in(Client(), officer, "wrong")

    elsewhere = Client(REMOTE_ADDR="10.1.2.3")

    assert sign_in(elsewhere, officer) == 429
    assert sign_in(Client(), other) == 302


def test_after_fifteen_minutes_the_officer_may_sign_in_again() -> None:
    officer = make_officer(Role.SUPERVISOR)
    for _try in range(5):
        sign_in(Client(), officer, "wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert sign_in(Client(), officer) == 302


def test_a_right_password_forgets_the_wrong_tries() -> None:
    officer = make_officer(Role.SUPERVISOR)
    for _try in range(4):
        sign_in(Client(), officer, "wrong")
    sign_in(Client(), officer)

    assert [sign_in(Client(), officer, "wrong") for _try in range(4)] == [422] * 4


def test_an_administrator_unlocks_at_once() -> None:
    officer, administrator = make_officer(Role.SUPERVISOR), make_officer(Role.ADMINISTRATOR)
    for _try in range(5):
        sign_in(Client(), officer, "wrong")
    browser = Client()
    browser.force_login(administrator)
    page = browser.get(reverse("accounts:officer", args=[officer.pk])).content.decode()

    browser.post(reverse("accounts:unlock", args=[officer.pk]))

    assert "Locked out after wrong tries" in page
    assert sign_in(Client(), officer) == 302
    assert "officer.unlocked" in verbs()


# Language


def test_the_language_is_kept_with_the_officer() -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    browser.force_login(officer)

    answer = browser.post(reverse("accounts:language"), {"language": "hi", "next": "/board/"})

    officer.refresh_from_db()
    assert (officer.language, answer.headers["Location"]) == ("hi", "/board/")
    assert '<html lang="hi">' in browser.get("/board/").content.decode()


def test_a_stranger_reads_the_page_in_the_language_chosen() -> None:
    browser = Client()

    browser.post(reverse("accounts:language"), {"language": "hi", "next": SIGN_IN})

    assert '<html lang="hi">' in browser.get(SIGN_IN).content.decode()


def test_an_unknown_language_or_a_foreign_page_is_refused() -> None:
    browser = Client()

    assert browser.post(reverse("accounts:language"), {"language": "xx"}).status_code == 400
    answer = browser.post(
        reverse("accounts:language"), {"language": "en", "next": "https://example.org"}
    )
    assert answer.headers["Location"] == "/"


# Passwords


def test_with_a_one_time_password_only_the_password_form_opens() -> None:
    administrator, officer = make_officer(Role.ADMINISTRATOR), make_officer(Role.SUPERVISOR)
    given = services.set_one_time_password(user=officer, by=administrator, at=timezone.now())
    browser = Client()
    assert sign_in(browser, officer, given) == 302

    before = browser.get(reverse("operations:board"))
    chosen = "a sentence that I remember"
    changed = browser.post(
        reverse("accounts:password"), {"new_password1": chosen, "new_password2": chosen}
    )
    after = browser.get(reverse("operations:board"))

    assert before.headers["Location"] == reverse("accounts:password")
    assert (changed.status_code, after.status_code) == (302, 200)
    assert "officer.password-changed" in verbs()
    assert sign_in(Client(), officer, given) == 422


def test_a_one_time_password_ends_the_sessions_that_are_open() -> None:
    administrator, officer = make_officer(Role.ADMINISTRATOR), make_officer(Role.SUPERVISOR)
    browser = Client()
    sign_in(browser, officer)

    services.set_one_time_password(user=officer, by=administrator, at=timezone.now())

    assert browser.get("/board/").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        pytest.param("wrong", "a sentence that I remember", "a sentence that I remember", id="old"),
        pytest.param(PASSWORD, "short", "short", id="short"),
        pytest.param(PASSWORD, "a sentence that I remember", "another one entirely", id="again"),
    ],
)
def test_a_change_of_password_that_is_not_right_changes_nothing(
    old: str, new: str, again: str
) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    browser.force_login(officer)

    answer = browser.post(
        reverse("accounts:password"),
        {"old_password": old, "new_password1": new, "new_password2": again},
    )

    assert answer.status_code == 422
    assert sign_in(Client(), officer) == 302
