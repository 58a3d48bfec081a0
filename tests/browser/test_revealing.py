"""A covered name is uncovered from the keyboard, on a phone too, and is gone on reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from audit.models import Event
from tests.browser.conftest import SignIn
from tests.browser.test_pages import faults_of
from tests.factories import make_officer, make_tipline
from tests.tiplines.rows import add_party
from tiplines.models import Tipline
from tiplines.parsing.records import PartyRole

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHILD = "Meena Rawat"


def make_told() -> Tipline:
    tip = make_tipline()
    add_party(tip, role=PartyRole.VICTIM, name=CHILD)
    return tip


def uncover(page: Page, tip: Tipline, *, width: int) -> None:
    """By keys alone."""
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(page.url[: page.url.index("/", len("https://"))] + f"/tiplines/{tip.number}/")
    page.get_by_role("link", name="Uncover Name").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Victim 1 · Name")
    page.get_by_label("Purpose").focus()
    page.keyboard.press("p")
    page.keyboard.press("Tab")
    page.keyboard.type("to write the FIR")
    page.keyboard.press("Enter")
    expect(page.locator("#reveal strong")).to_have_text(CHILD)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_name_is_uncovered_and_covered_again(sign_in: SignIn, width: int) -> None:
    tip = make_told()
    page = sign_in(make_officer())

    uncover(page, tip, width=width)

    assert faults_of(page, widths=(width,)) == []
    assert Event.objects.get(verb="party.revealed").detail["words"] == "to write the FIR"
    page.reload()
    expect(page.get_by_label("In your own words")).to_be_visible()
    assert CHILD not in page.content()
    page.go_back()
    page.go_forward()
    assert CHILD not in page.content()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert CHILD not in stored
