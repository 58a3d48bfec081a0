"""The lock in a real browser: it warns, takes the content out of the page, and gives it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from tests.browser.conftest import SignIn
from tests.browser.test_pages import faults_of
from tests.factories import PASSWORD, make_officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at_rest(page: Page, path: str = "/board/?period=all") -> Page:
    """The page with a clock that the test moves."""
    page.clock.install()
    page.goto(page.url.split("/board")[0].rstrip("/") + path)
    return page


def test_an_idle_page_warns_then_shows_nothing_and_comes_back(sign_in: SignIn) -> None:
    officer = make_officer(Role.SUPERVISOR, full_name="Imran Qureshi")
    page = at_rest(sign_in(officer))

    page.clock.run_for("27:59")
    expect(page.get_by_text("locks soon")).to_be_hidden()
    page.clock.run_for("00:03")
    expect(page.get_by_text("locks soon")).to_be_visible()
    assert faults_of(page, widths=(1280, 360)) == []
    page.clock.run_for("02:00")

    expect(page.locator("h1")).to_have_text("Locked")
    assert "Imran Qureshi" not in page.content()
    assert page.locator("table, nav, header").count() == 0
    assert faults_of(page) == []
    expect(page.get_by_label("Password")).to_be_focused()
    session = officer.sessions.open().get()
    assert session.locked_at is not None
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("Imran Qureshi")).to_be_visible()
    assert page.url.endswith("/board/?period=all")


def test_whoever_moves_is_there(sign_in: SignIn) -> None:
    # A page without polls: those of 29 minutes at once take a minute of a busy machine.
    page = at_rest(sign_in(make_officer(Role.SUPERVISOR)), "/roles/")
    page.clock.run_for("29:00")
    expect(page.get_by_text("locks soon")).to_be_visible()

    with page.expect_response("**/account/seen/") as told:
        page.get_by_role("button", name="I am here").click()

    assert told.value.status == 204
    expect(page.get_by_text("locks soon")).to_be_hidden()
    page.clock.run_for("27:00")
    expect(page.locator("h1")).not_to_have_text("Locked")


def test_a_poll_says_that_it_is_one(sign_in: SignIn) -> None:
    page = at_rest(sign_in(make_officer(Role.SUPERVISOR)))

    with page.expect_request(lambda asked: "hx-request" in asked.headers) as poll:
        page.clock.run_for("01:00")

    assert poll.value.headers["x-poll"] == "1"


def test_one_tab_locks_the_others(sign_in: SignIn) -> None:
    first = at_rest(sign_in(make_officer(Role.SUPERVISOR)))
    second = first.context.new_page()
    second.goto(first.url)

    first.clock.run_for("30:01")

    expect(first.locator("h1")).to_have_text("Locked")
    expect(second.locator("h1")).to_have_text("Locked")


def test_going_back_after_the_lock_shows_the_lock(sign_in: SignIn) -> None:
    page = sign_in(make_officer(Role.SUPERVISOR))
    page.get_by_role("link", name="Operations").click()
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.locator("h1")).to_have_text("Locked")

    page.go_back()

    expect(page.locator("h1")).to_have_text("Locked")
    assert "frame__rail" not in page.content()
