"""Steps of a browser on its way to the made provider and back."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts import services
from audit.models import Event
from tests.accounts.made_provider import MadeProvider

START = "/oidc/start/"
CALLBACK = "/oidc/callback/"
BOARD = "/board/"
BUTTON = "Sign in with the force's account"


def set_out(browser: Client, wanted: str = "") -> str:
    """Press the button; return the provider's address."""
    answer = browser.post(START, {"notice": services.NOTICE, "next": wanted})
    assert answer.status_code == 302, answer.content
    return str(answer.headers["Location"])


def come_by(
    provider: MadeProvider, who: str, *, browser: Client | None = None, **claims: Any
) -> Any:
    browser = browser or Client()
    return browser.get(provider.log_in(set_out(browser), who, **claims))


def why() -> list[str]:
    """What the record says of those who were not let in."""
    events = Event.objects.filter(verb="officer.sign-in-failed").order_by("pk")
    assert all(event.detail["step"] == "provider" for event in events)
    return [event.detail["why"] for event in events]
