"""Officers in real browsers, on the test's own server and with real workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import chromium
from tests.accounts.conftest import provider
from tests.factories import PASSWORD
from tests.faults.conftest import Workers, wait_until, workers

__all__ = ["Workers", "provider", "workers"]

SignIn = Callable[[User], Page]
TOLD = "Clear-Site-Data header on"  # what Chromium says when signing out empties its store


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium.find() is None:
        reason = "no Chromium on this machine; as root: apt-get install -y chromium"
        for item in items:
            if "tests/browser" in str(item.path):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def sync_playwright_beside_the_orm() -> None:
    """Playwright runs an event loop in this thread; Django must not mind."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return chromium.launch_options()


@pytest.fixture(autouse=True)
def tables_are_emptied_at_rest(browser: Browser, live_server: LiveServer) -> Iterator[None]:
    """An open page polls on, and what the server still reads would stand in the emptying's way."""
    before = sessions()
    yield
    for context in browser.contexts:
        context.close()
    wait_until(lambda: sessions() <= before, seconds=20, what="the server's sessions to end")


@pytest.fixture
def sign_in(browser: Browser, live_server: LiveServer) -> Iterator[SignIn]:
    """Open a browser of one's own for an officer and sign in. No page may complain or fail."""
    complaints: list[str] = []

    def complain(said: ConsoleMessage) -> None:
        if not said.text.startswith(TOLD):
            complaints.append(f"{said.location}: {said.text}")

    def signed_in(officer: User) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(15_000)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.goto(f"{live_server.url}/")
        page.get_by_label("Belt or PIS number").fill(officer.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page

    yield signed_in
    assert complaints == []


def sessions() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pid from pg_stat_activity"
            " where datname = current_database() and application_name = ''"
        )
        return {pid for (pid,) in cursor.fetchall()}
