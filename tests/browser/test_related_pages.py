"""Bundles, supplements, corrections and news in a browser: whole at every width, in both
languages.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.roles import Role
from cases.models import Case
from tests.browser.conftest import SignIn
from tests.browser.test_pages import faults_of
from tests.cases.made import make_case
from tests.cases.test_following import make_supplement
from tests.cases.test_news import add_supplement, add_version
from tests.cases.test_queue import bundled
from tests.factories import make_officer, make_station, make_tipline
from tests.tiplines.rows import add_party, add_sighting
from tiplines.models import Tipline
from tiplines.models.tipline import Status
from tiplines.services import correcting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def make_told_case(*, at: datetime) -> Case:
    """A case with a new version and a supplement that its holder has not seen."""
    case = make_case(station=make_station(), at=at - timedelta(hours=3))
    tip = case.entries.get().tipline
    add_version(tip, at=at, difference=[["incidentSummary/incidentType", "old", "new"]])
    add_supplement(tip, at=at)
    return case


def make_corrected(*, at: datetime) -> Tipline:
    tip = make_tipline()
    party = add_party(tip)
    add_sighting(tip, party=party)
    for place, field, after in ((party.place, "name", "Arun Kumaar"), ("", "platform", "Threads")):
        correcting.correct(
            tipline=tip.pk,
            place=place,
            field=field,
            after=after,
            reason="The company's reply of 2 November says so.",
            by=make_officer(),
            at=at,
        )
    return tip


@pytest.mark.parametrize("role", [Role.ANALYST, Role.STATION])
def test_the_pages_are_whole(role: Role, sign_in: SignIn) -> None:
    now = timezone.now()
    case = make_told_case(at=now)
    parent = case.entries.get().tipline
    child = Tipline.objects.get(parent=parent)
    members, corrected = bundled(urgencies=[5] * 4), make_corrected(at=now)
    paths = {
        Role.ANALYST: [
            "/queue/",
            "/queue/?supplement=1",
            f"/queue/?bundle={members[0].bundle_id}",
            f"/tiplines/{child.number}/",
            f"/tiplines/{parent.number}/",
            f"/tiplines/{corrected.number}/",
            f"/tiplines/{corrected.number}/correct/",
        ],
        Role.STATION: ["/desk/", f"/cases/{case.pk}/", f"/tiplines/{parent.number}/"],
    }[role]
    page = sign_in(make_officer(role))
    root = page.url[: page.url.index("/", len("https://"))]
    faults: list[str] = []

    for language in ("en", "hi"):
        if language == "hi":
            page.get_by_role("button", name="हिन्दी").click()
            expect(page.locator("html")).to_have_attribute("lang", "hi")
        for path in paths:
            page.goto(root + path)
            faults += [
                f"{language} {path}: {fault}" for fault in faults_of(page, colours=language == "en")
            ]

    assert faults == []


def test_a_supplement_is_sent_and_undone_by_keyboard(sign_in: SignIn) -> None:
    child = make_supplement(make_case().entries.get().tipline)
    page = sign_in(make_officer())
    page.get_by_role("link", name="Queue", exact=True).click()
    expect(page.locator("h1")).to_contain_text("awaiting")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#pane h2").first).to_have_text(child.number)
    page.keyboard.press("p")
    page.keyboard.press("Enter")

    page.get_by_role("button", name="Undo").wait_for()
    assert Tipline.objects.get(pk=child.pk).status == Status.HELD

    page.keyboard.press("u")

    expect(page.locator("h1")).to_have_text(child.number)
    assert Tipline.objects.get(pk=child.pk).status == Status.AWAITING


def test_a_bundle_opens_by_enter_and_is_decided_at_once(sign_in: SignIn) -> None:
    bundled(urgencies=[5] * 4)
    page = sign_in(make_officer())
    page.get_by_role("link", name="Queue", exact=True).click()
    expect(page.locator("h1")).to_contain_text("awaiting")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(4)
    page.go_back()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Close…").click()
    expect(page.locator("h1")).to_have_text("Close 4 tiplines")
    page.get_by_label("Viral material shared without malice").check()
    page.get_by_role("button", name="Close 4 tiplines").click()

    page.get_by_role("button", name="Undo").wait_for()
    assert Tipline.objects.filter(status=Status.CLOSED).count() == 4
