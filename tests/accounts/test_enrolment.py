"""Enrolling and removing second factors: when it is asked for, and the password again."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import Passkey, User
from accounts.roles import SECOND_FACTOR, Role, needs_second_factor
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import (
    SIGN_IN,
    enrol,
    give_code,
    half_way,
    signed_in,
)
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

BOARD = "/board/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def compulsory(settings: Any) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True


# Enrolment


def test_every_role_needs_a_second_factor() -> None:
    assert dict.fromkeys(Role, True) == SECOND_FACTOR
    assert all(needs_second_factor(role) for role in (*Role, None))


@pytest.mark.usefixtures("compulsory")
@pytest.mark.parametrize("role", list(Role))
def test_until_enrolled_no_page_opens_but_enrolment(role: Role) -> None:
    from tests.conventions.test_access import ROUTES, address

    officer = make_officer(role)
    browser = signed_in(officer)
    opened = []
    for name, converters in ROUTES:
        answer = browser.get(address(name, converters))
        if answer.status_code == 200:
            opened.append(name)

    assert sorted(opened) == [
        *("accounts:confirm", "accounts:factors", "accounts:passkey", "accounts:password"),
        "health",
    ]
    assert (
        browser.get("/", headers={"HX-Request": "true"})
        .headers["HX-Redirect"]
        .startswith(reverse("accounts:factors"))
    )


@pytest.mark.usefixtures("compulsory")
def test_an_officer_enrols_an_app_at_the_first_sign_in(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    before = browser.get(BOARD)
    key = browser.session.session_key

    browser.post(reverse("accounts:app"))
    page = browser.get(reverse("accounts:app"))
    app = pyotp.TOTP(page.context["secret"].replace(" ", ""))
    wrong = browser.post(reverse("accounts:app"), {"code": "000 000"})
    still = browser.get(BOARD)
    code = app.at(clock.at)
    codes = browser.post(reverse("accounts:app"), {"code": f"{code[:3]} {code[3:]}"})

    assert before.headers["Location"].startswith(reverse("accounts:factors"))
    assert page.context["secret"] in page.content.decode()
    assert "<svg" in page.content.decode()
    assert (wrong.status_code, still.status_code) == (422, 302)
    assert len(codes.context["codes"]) == 10
    assert browser.get(BOARD).status_code == 200
    assert browser.session.session_key != key
    assert Event.objects.filter(verb="factor.added").count() == 1


def test_enrolling_ends_the_sessions_that_know_the_password_only(clock: Clock) -> None:
    """Who stole the password and came in first cannot enrol a factor of one's own after it."""
    officer = make_officer(Role.SUPERVISOR)
    thief, browser = signed_in(officer), signed_in(officer)

    browser.post(reverse("accounts:app"))
    secret = browser.get(reverse("accounts:app")).context["secret"].replace(" ", "")
    browser.post(reverse("accounts:app"), {"code": pyotp.TOTP(secret).at(clock.at)})

    assert thief.get(reverse("accounts:factors")).headers["Location"].startswith(SIGN_IN)
    assert browser.get(BOARD).status_code == 200


def test_the_picture_holds_the_key_for_a_camera() -> None:
    address = services.app_address(User(username="28901234"), SECRET, issuer="IFSO")

    assert address == f"otpauth://totp/IFSO:28901234?secret={SECRET}&issuer=IFSO"


def test_without_compulsion_pages_open_and_the_sign_in_page_says_demo(settings: Any) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))

    assert browser.get(BOARD).status_code == 200
    assert "A demo on made data" in Client().get(SIGN_IN).content.decode()
    settings.SECOND_FACTOR_COMPULSORY = True
    assert "A demo on made data" not in Client().get(SIGN_IN).content.decode()


def test_an_app_that_gave_no_code_is_no_factor(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)

    services.begin_app(user=officer)

    assert not services.factors_of(officer).any
    assert signed_in(officer).get(BOARD).status_code == 200


# The password again


def test_changing_factors_asks_for_the_password_again(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    passkey = Passkey.objects.create(
        officer=officer, name="key", credential_id="x", credential="x", added_at=clock.at
    )
    browser = half_way(officer)
    give_code(browser, app.at(clock.at))
    acts = [
        reverse("accounts:app"),
        reverse("accounts:remove-app"),
        reverse("accounts:remove-passkey", args=[passkey.pk]),
        reverse("accounts:recovery-codes"),
        reverse("accounts:passkey"),
    ]

    for act in acts:
        assert browser.post(act).headers["Location"].startswith(reverse("accounts:confirm"))
    assert len(services.factors_of(officer).passkeys) == 1
    wrong = browser.post(reverse("accounts:confirm"), {"password": "wrong"})
    assert wrong.status_code == 422
    right = browser.post(
        reverse("accounts:confirm"), {"password": PASSWORD, "next": reverse("accounts:factors")}
    )
    assert right.headers["Location"] == reverse("accounts:factors")
    browser.post(acts[2])
    assert services.factors_of(officer).passkeys == []
    clock.go_on(minutes=5)
    assert browser.post(acts[1]).headers["Location"].startswith(reverse("accounts:confirm"))
    assert services.factors_of(officer).has_app


def test_a_first_factor_needs_the_password_again_later_in_the_day(clock: Clock) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))
    fresh = browser.post(reverse("accounts:app"))
    clock.go_on(minutes=5)

    stale = browser.get(reverse("accounts:app"))

    assert fresh.headers["Location"] == reverse("accounts:app")
    assert stale.headers["Location"].startswith(reverse("accounts:confirm"))


@pytest.mark.usefixtures("compulsory")
def test_who_removes_the_last_factor_must_enrol_anew(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    browser = half_way(officer)
    give_code(browser, app.at(clock.at))
    browser.post(reverse("accounts:confirm"), {"password": PASSWORD})

    browser.post(reverse("accounts:remove-app"))

    assert browser.get(BOARD).headers["Location"].startswith(reverse("accounts:factors"))
    assert services.factors_of(officer).recovery_codes == 0
    assert Event.objects.filter(verb="factor.removed").count() == 1


# Reset by an administrator


def test_an_administrator_removes_what_is_lost_and_the_officer_is_told(clock: Clock) -> None:
    officer, administrator = make_officer(Role.SUPERVISOR), make_officer(Role.ADMINISTRATOR)
    app, _codes = enrol(officer, clock)
    browser = half_way(officer)
    give_code(browser, app.at(clock.at))
    clock.go_on(minutes=1)
    desk = signed_in(administrator)
    page = desk.get(reverse("accounts:officer", args=[officer.pk])).content.decode()

    desk.post(reverse("accounts:reset-factors", args=[officer.pk]))

    assert "Remove second factor" in page
    assert browser.get(BOARD).status_code == 302
    clock.go_on(minutes=1)
    told = signed_in(officer).get(BOARD).content.decode()
    assert "An administrator has removed your second factor" in told
    clock.go_on(minutes=1)
    assert "has removed" not in signed_in(officer).get(BOARD).content.decode()
    assert Event.objects.get(verb="officer.factors-reset").actor_id == administrator.pk


def test_nobody_resets_the_own_factors(clock: Clock) -> None:
    administrator = make_officer(Role.ADMINISTRATOR)
    app, _codes = enrol(administrator, clock)
    browser = half_way(administrator)
    give_code(browser, app.at(clock.at))

    browser.post(reverse("accounts:reset-factors", args=[administrator.pk]))

    assert services.factors_of(administrator).has_app
