"""How the tests come in by the sign-in page."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts import services
from accounts.models import OfficerSession, User
from tests.factories import PASSWORD

SIGN_IN = "/sign-in/"


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
