"""How the tests come in by the sign-in page."""

from __future__ import annotations

from typing import Any

import pyotp
from django.test import Client

from accounts import services
from accounts.models import OfficerSession, User
from tests.accounts.clock import Clock
from tests.factories import PASSWORD

SIGN_IN = "/sign-in/"
STEP = "/sign-in/second-factor/"


def give_password(browser: Client, officer: User, password: str = PASSWORD, **more: Any) -> Any:
    return browser.post(
        SIGN_IN,
        {"username": officer.username, "password": password, "notice": services.NOTICE},
        **more,
    )


def signed_in(officer: User, **meta: Any) -> Client:
    """A browser that came in by the page."""
    browser = Client(**meta)
    answer = give_password(browser, officer)
    assert answer.status_code == 302, answer.content
    return browser


def present(officer: User) -> OfficerSession:
    """The officer's one open session."""
    return officer.sessions.open().get()


def key_of(browser: Client) -> str:
    """The key of Django's session."""
    return browser.cookies["session"].value


def enrol(officer: User, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """An app and its recovery codes; the code it was confirmed with is spent."""
    session = services.begin_session(officer=officer, address=None, browser="", at=clock.at)
    services.begin_app(user=officer)
    secret = services.waiting_secret(officer)
    assert secret is not None
    app = pyotp.TOTP(secret)
    codes = services.confirm_app(user=officer, code=app.at(clock.at), session=session, at=clock.at)
    OfficerSession.objects.all().delete()
    clock.go_on(minutes=2)
    return app, codes


def half_way(officer: User) -> Client:
    """A browser that gave the password and is asked for the second factor."""
    browser = Client()
    assert give_password(browser, officer).headers["Location"] == STEP
    return browser


def give_code(browser: Client, code: str) -> Any:
    return browser.post(STEP, {"code": code})
