"""Passkeys with Chromium's own virtual authenticator: the whole exchange, offline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import OfficerSession, Passkey, User
from accounts.roles import Role
from tests.browser.test_pages import faults_of
from tests.factories import PASSWORD, make_officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Desk:
    """A browser with a security key in it."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.page: Page = browser.new_context().new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.page.on("console", self.note)
        self.devtools: CDPSession = self.page.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        self.key: str = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})[
            "authenticatorId"
        ]

    def note(self, said: ConsoleMessage) -> None:
        if not said.text.startswith("Clear-Site-Data header"):  # Chromium tells that it did it
            self.complaints.append(said.text)

    def credentials(self) -> list[dict[str, Any]]:
        got = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.key})
        return list(got["credentials"])

    def verify_user(self, *, verified: bool) -> None:
        self.devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.key, "isUserVerified": verified}
        )

    def give_password(self, officer: User) -> None:
        self.page.goto(f"{self.address}/sign-in/")
        self.page.get_by_label("Belt or PIS number").fill(officer.username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Accept and sign in").click()

    def enrol(self, officer: User) -> None:
        self.give_password(officer)
        self.page.get_by_role("link", name="Add a passkey").click()
        self.page.get_by_label("Name for this passkey").fill("Blue key")
        self.page.get_by_role("button", name="Go on").click()
        expect(self.page.locator(".codes li")).to_have_count(10)

    def sign_out(self) -> None:
        self.page.get_by_role("link", name="I have kept them").click()
        self.page.get_by_role("button", name="Sign out").click()


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, settings: Any) -> Iterator[Desk]:
    settings.SECOND_FACTOR_COMPULSORY = True
    made = Desk(browser, live_server.url)
    yield made
    made.page.context.close()


def test_an_officer_enrols_a_passkey_and_signs_in_with_it(desk: Desk) -> None:
    officer = make_officer(Role.SUPERVISOR)
    desk.enrol(officer)
    assert faults_of(desk.page) == []
    desk.sign_out()

    desk.give_password(officer)
    expect(desk.page.locator("h1")).to_have_text("Second step")
    assert faults_of(desk.page) == []
    desk.page.get_by_role("button", name="Use a passkey").click()

    expect(desk.page.get_by_role("button", name="Sign out")).to_be_visible()
    session = officer.sessions.open().get()
    passkey = Passkey.objects.get()
    [held] = desk.credentials()
    assert session.factor == "passkey"
    assert passkey.name == "Blue key"
    assert passkey.used_at is not None
    assert passkey.sign_count == held["signCount"] > 0
    assert desk.complaints == []


def test_a_passkey_is_enough_where_an_act_asks_again(desk: Desk) -> None:
    officer = make_officer(Role.ADMINISTRATOR)
    desk.enrol(officer)
    desk.page.get_by_role("link", name="I have kept them").click()
    OfficerSession.objects.update(began_at=timezone.now() - timedelta(minutes=10))
    desk.page.goto(f"{desk.address}/officers/new/")
    desk.page.get_by_label("Belt or PIS number").fill("28901234")
    desk.page.get_by_label("Name").fill("Ravi Negi")
    desk.page.get_by_label("Rank").select_option("si")
    desk.page.get_by_role("button", name="Enlist").click()
    expect(desk.page.locator("h1")).to_have_text("Your password again")
    assert faults_of(desk.page) == []
    assert not User.objects.filter(username="28901234").exists()

    desk.page.get_by_role("button", name="Use a passkey").click()

    expect(desk.page.get_by_text("Ravi Negi").first).to_be_visible()
    assert User.objects.get(username="28901234").full_name == "Ravi Negi"


def test_a_copied_key_is_refused_as_its_counter_stands_behind(desk: Desk) -> None:
    officer = make_officer(Role.SUPERVISOR)
    desk.enrol(officer)
    desk.sign_out()
    Passkey.objects.update(sign_count=1000)

    desk.give_password(officer)
    desk.page.get_by_role("button", name="Use a passkey").click()

    expect(desk.page.get_by_text("That is not right")).to_be_visible()
    assert not officer.sessions.open().exists()
    assert officer.failed_tries.filter(step="second-factor").count() == 1


def test_a_key_that_does_not_know_its_user_adds_nothing(desk: Desk) -> None:
    officer = make_officer(Role.SUPERVISOR)
    desk.verify_user(verified=False)
    desk.give_password(officer)
    desk.page.get_by_role("link", name="Add a passkey").click()
    desk.page.get_by_label("Name for this passkey").fill("Blue key")

    desk.page.get_by_role("button", name="Go on").click()

    expect(desk.page.locator("[data-passkey-failed]")).to_be_visible()
    assert not Passkey.objects.exists()


def test_an_answer_to_another_question_opens_nothing(desk: Desk) -> None:
    """What a key once signed cannot be sent again."""
    officer = make_officer(Role.SUPERVISOR)
    desk.enrol(officer)
    desk.sign_out()
    sent: list[str] = []
    desk.page.on(
        "request",
        lambda asked: sent.append(asked.post_data or "") if asked.method == "POST" else None,
    )
    desk.give_password(officer)
    desk.page.get_by_role("button", name="Use a passkey").click()
    desk.page.get_by_role("button", name="Sign out").click()
    [first] = [each for each in sent if "answer=" in each]
    Passkey.objects.update(sign_count=0)

    desk.give_password(officer)
    expect(desk.page.locator("h1")).to_have_text("Second step")
    desk.page.evaluate(
        """(body) => {
          const form = document.querySelector("[data-passkey]");
          form.querySelector("[name=answer]").value = new URLSearchParams(body).get("answer");
          form.submit();
        }""",
        first,
    )

    expect(desk.page.get_by_text("That is not right")).to_be_visible()
    assert not officer.sessions.open().exists()
