"""Where script sends the form of an act, the page that asks again takes the place of the whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import OfficerSession, User
from accounts.roles import Role
from cases.models import Access, Restriction
from cases.services import restricting
from tests.cases.made import make_case
from tests.factories import NOON, PASSWORD, make_officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REASON = "A neighbour has just called: the child is alone with him."


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    made = browser.new_context(base_url=live_server.url).new_page()
    made.set_default_timeout(15_000)
    return made


def sign_in_long_ago(page: Page, officer: User) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Belt or PIS number").fill(officer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accept and sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    OfficerSession.objects.update(began_at=timezone.now() - timedelta(minutes=10))


def give_password(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Your password again")
    assert page.locator("main").count() == 1
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_a_case_is_restricted_after_the_password(page: Page) -> None:
    case = make_case()
    sign_in_long_ago(page, make_officer(Role.SUPERVISOR))
    page.goto(f"/cases/{case.pk}/")
    page.get_by_text("Restrict to named officers").click()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Restrict", exact=True).click()

    give_password(page)

    expect(page.get_by_text("Restricted. Only the named officers")).to_be_visible()
    assert Restriction.objects.get().reason == REASON


def test_the_glass_is_broken_after_the_password(page: Page) -> None:
    case = make_case()
    restricting.restrict(
        case_id=case.pk,
        officers=[],
        hides_existence=False,
        reason=REASON,
        by=make_officer(Role.SUPERVISOR),
        at=NOON,
    )
    sign_in_long_ago(page, make_officer(Role.SUPERVISOR))
    page.goto(f"/cases/{case.pk}/")
    page.get_by_label("Reason").last.fill(REASON)
    page.get_by_role("button", name="Break the glass").click()

    give_password(page)

    expect(page.get_by_text("You have access for four hours")).to_be_visible()
    expect(page.locator("h1")).to_have_text(f"Case {case.pk}")
    assert Access.objects.get().reason == REASON
