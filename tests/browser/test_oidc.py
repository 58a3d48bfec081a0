"""The way to the force's identity provider and back in a real browser, under our own policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.roles import Role
from tests.accounts.made_provider import MadeProvider
from tests.browser.test_pages import faults_of
from tests.factories import make_officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BUTTON = "Sign in with the force's account"
INSTEAD = "Use the force's account instead"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """No page may complain: a move that the policy forbids is a complaint."""
    complaints: list[str] = []

    def complain(said: ConsoleMessage) -> None:
        if "status of 422" not in said.text:
            complaints.append(f"{said.location}: {said.text}")

    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(15_000)
    page.on("console", complain)
    yield page
    assert complaints == []


def test_an_officer_comes_in_and_unlocks_by_the_provider(
    page: Page, live_server: LiveServer, provider: MadeProvider
) -> None:
    officer = make_officer(Role.SUPERVISOR, full_name="Imran Qureshi")
    provider.visitor = officer.username
    page.goto(f"{live_server.url}/board/?period=all")
    assert faults_of(page, widths=(1280, 360)) == []
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url == f"{live_server.url}/board/?period=all"

    page.clock.install()
    page.goto(page.url)
    page.clock.run_for("30:01")
    expect(page.locator("h1")).to_have_text("Locked")
    page.get_by_role("link", name=INSTEAD).click()
    page.get_by_role("button", name=INSTEAD).click()

    expect(page.get_by_text("Imran Qureshi")).to_be_visible()
    assert page.url == f"{live_server.url}/board/?period=all"
    assert officer.sessions.open().get().locked_at is None


def test_whoever_is_not_known_here_reads_so(
    page: Page, live_server: LiveServer, provider: MadeProvider
) -> None:
    provider.visitor = "nobody"
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("button", name=BUTTON).click()

    expect(page.locator("h1")).to_have_text("The sign-in with the force's account did not succeed")
    assert faults_of(page, widths=(1280, 360)) == []
    page.get_by_role("button", name="हिन्दी").click()
    assert page.url == f"{live_server.url}/sign-in/"
