"""An hour of the unit's day in real Chromium: from a dispatch to an arrest on the board."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import Role
from audit.models import Event
from districts.gazetteer import forget
from districts.loading import load_gazetteer
from districts.models import District
from tests.browser.conftest import SignIn, Workers
from tests.factories import NOON, make_officer
from tests.tiplines.intake import json_report, zip_of
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.browser
NUMBER = "990000001"
WAIT_MS = 60_000  # for the workers


@pytest.mark.django_db(transaction=True)
def test_a_dispatch_becomes_an_arrest_on_the_board(workers: Workers, sign_in: SignIn) -> None:
    forget()
    load_gazetteer(at=NOON)
    rohini = District.objects.get(code="ROH")
    analyst = make_officer(Role.ANALYST, full_name="Asha Verma")
    officer = make_officer(Role.DISTRICT, full_name="Harpreet Kaur", district=rohini)
    supervisor = make_officer(Role.SUPERVISOR, full_name="Imran Qureshi")
    workers.start()

    assign_as_analyst(sign_in(analyst))
    arrest_as_district_officer(sign_in(officer))
    see_as_supervisor(sign_in(supervisor))

    [account] = reconcile()
    assert account.holds
    assert (account.stored, account.held, account.quarantined) == (2, 1, 1)
    done = set(Event.objects.values_list("verb", "actor_id"))
    assert {
        ("dispatch.received", analyst.pk),
        ("tipline.opened", analyst.pk),
        ("case.accepted", officer.pk),
        ("case.fir-registered", officer.pk),
        ("case.arrest-recorded", officer.pk),
    } <= done


def assign_as_analyst(page: Page) -> None:
    page.get_by_role("link", name="Dispatches", exact=True).click()
    page.get_by_label("File").set_input_files(
        {
            "name": "dispatch.zip",
            "mimeType": "application/zip",
            "buffer": zip_of(
                {
                    "1.json": json_report(NUMBER),
                    "2.json": json_report("990000002"),
                    "broken.json": b'{"reportId": ',
                }
            ),
        }
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("reconciles")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Received 3 = stored 2")).to_be_visible()
    expect(page.get_by_role("rowheader", name="broken.json")).to_be_visible()

    page.get_by_role("link", name="Queue", exact=True).click()
    page.get_by_role("link", name=NUMBER).click()
    beside = page.locator("#tipline")
    expect(beside).to_contain_text(NUMBER)
    beside.get_by_role("button", name="Assign to PS Prashant Vihar").click()
    expect(beside).to_contain_text("990000002")


def arrest_as_district_officer(page: Page) -> None:
    page.get_by_role("link", name="Desk", exact=True).click()
    page.get_by_role("row", name="Ravi Nair").get_by_role("link").click()
    page.get_by_role("button", name="Acknowledge and accept").click()
    expect(page.get_by_text("Under enquiry", exact=True)).to_be_visible()

    just_now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    fir = page.locator("#fir")
    fir.get_by_label("FIR number").fill(f"512/{just_now[2:4]}")
    fir.get_by_label("Police station").select_option(label="Prashant Vihar")
    fir.get_by_label("Investigating officer").fill("Meena Joshi")
    fir.get_by_label("Rank").select_option(label="Inspector")
    fir.get_by_label("Registered").fill(just_now)
    fir.get_by_label("67B").check()
    fir.get_by_role("button", name="Register FIR").click()
    expect(fir.get_by_role("definition").first).to_contain_text(f"0512/{just_now[:4]}")

    accused = page.locator("#accused")
    accused.get_by_text("Add an accused").click()
    accused.get_by_label("Name").fill("Ravi Nair")
    accused.get_by_label("Age").fill("31")
    accused.get_by_role("button", name="Add accused").click()
    expect(accused.get_by_text("Ravi Nair")).to_be_visible()

    arrests = page.locator("#arrests")
    arrests.get_by_text("Record an arrest").click()
    arrests.get_by_label("Arrested", exact=True).fill(just_now)
    arrests.get_by_label("Place").fill("Rohini, Sector 14")
    arrests.get_by_label("Arrested by").fill("Meena Joshi")
    arrests.get_by_role("button", name="Record arrest").click()
    expect(arrests.get_by_text("Rohini, Sector 14")).to_be_visible()


def see_as_supervisor(page: Page) -> None:
    page.get_by_role("link", name="Board", exact=True).click()
    for figure, rows in (("FIR", "0512/"), ("Arrest", "Meena Joshi")):
        link = page.locator(".funnel__link", has_text=figure).first
        expect(link.locator(".funnel__number")).to_have_text("1")
        link.click()
        expect(page.get_by_role("main")).to_contain_text(rows)
        page.go_back()
