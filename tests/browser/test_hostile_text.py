"""What strangers wrote does nothing in a browser: no dialog, no request of its own, no complaint;
and after signing out nothing is left in the browser.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from accounts.roles import Role
from cases.models import Case
from cases.services import assigning
from tests.browser.conftest import SignIn
from tests.factories import make_district, make_officer, make_station
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Dispatch, QuarantineItem, Tipline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVIL = "evil-address"
TEXTS = (
    f"<script>alert(1);fetch('/{EVIL}')</script>",
    f"<img src='/{EVIL}' onerror=alert(1)>",
    f"<div hx-get='/{EVIL}' hx-trigger='load'>x</div>",
    f'"><svg onload=alert(1)><a data-hx-get="/{EVIL}" data-hx-trigger="load">',
    f"javascript:fetch('/{EVIL}')",
    f"</script></title></textarea></template><iframe src='/{EVIL}'></iframe>",
    "{{constructor.constructor('alert(1)')()}}<body onload=alert(1) hx-on::load=alert(1)>",
)
HTMX_PLACE = "htmx-current-path-for-history"  # what it writes as soon as a page is there
ADDRESS = f"javascript:fetch('/{EVIL}')//https://example.com/x"
LOOKED_FOR = "[onerror],[onload],[hx-get*='evil'],[data-hx-get*='evil'],[href^='javascript'],iframe"


def hostile_report(number: str, text: str) -> dict[str, Any]:
    """Each text field that the police-side form has says the same."""
    report = json_report(number, policeReference=text, **{text: text})
    about = report["reportedInformation"]
    about["reportingEsp"] = {"espName": text}
    about["incidentSummary"] |= {"incidentType": text, "incidentDescription": text}
    about["additionalInformations"] = {"additionalInformations": [{"value": text}]}
    about["webpages"] = {"webpages": [{"url": ADDRESS, "additionalInfo": text}]}
    about["uploadedFiles"] = {
        "uploadedFiles": [
            {"fileName": text, "originalFileName": text, "locationOfFile": ADDRESS, "md5": text}
        ]
    }
    [person] = about["reportedPeople"]["reportedPersons"]
    person |= {
        "firstName": text,
        "lastName": text,
        "espUserId": text,
        "screenName": {"value": text},
        "profileUrl": ADDRESS,
        "emails": {"emails": [{"value": f"{text}@example.com"}]},
    }
    person["addresses"]["addresses"][0] |= {"street1": text, "city": text}
    return report


def receive_hostile() -> Dispatch:
    files: dict[str, bytes | dict[str, Any]] = {
        f"{number}-{text.replace('/', '')[:60]}.json": hostile_report(str(993000001 + number), text)
        for number, text in enumerate(TEXTS)
    }
    files[f"broken-{TEXTS[1].replace('/', '')}.json"] = json.dumps(TEXTS)[:-1].encode()
    now = timezone.now()
    dispatch = bring(zip_of(files), name=f"{TEXTS[2].replace('/', '')}.zip", at=now)
    Dispatch.objects.filter(pk=dispatch.pk).update(reference=TEXTS[0], sender=TEXTS[3])
    work(at=now)
    return dispatch


class Watched:
    """What the page does that no officer asked for."""

    def __init__(self, page: Page) -> None:
        self.page, self.faults = page, list[str]()
        self.home = urlsplit(page.url).netloc
        page.on("dialog", self.dialog)
        page.context.on("request", self.request)

    def dialog(self, dialog: Any) -> None:
        self.faults.append(f"a dialog on {self.page.url}")
        dialog.dismiss()

    def request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.netloc != self.home or EVIL in address.path:
            self.faults.append(f"{self.page.url} asked for {request.url}")

    def look(self, path: str, *, says: bool = True) -> None:
        self.page.goto(f"http://{self.home}{path}")
        self.check(says=says)

    def check(self, *, says: bool = True) -> None:
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
        if says:  # the text is there, as text
            assert EVIL in self.page.locator("main").inner_text() + self.page.title(), self.page.url
        assert self.page.locator(LOOKED_FOR).count() == 0, self.page.url


def test_texts_of_strangers_do_nothing_on_any_page(sign_in: SignIn) -> None:
    dispatch = receive_hostile()
    analyst, station = make_officer(Role.ANALYST), make_station()
    district = make_district()
    tiplines = list(Tipline.objects.order_by("number"))
    assert len(tiplines) == len(TEXTS)
    now = timezone.now()
    assigning.assign(
        tipline_ids=[tiplines[0].pk],
        district_id=district.pk,
        station_id=station.pk,
        note=TEXTS[2],
        by=analyst,
        at=now,
    )
    case = Case.objects.get()
    watched = Watched(sign_in(analyst))

    watched.look("/queue/", says=False)
    for tipline in tiplines:
        watched.look(f"/tiplines/{tipline.number}/")
    watched.look(f"/dispatches/{dispatch.pk}/")
    watched.look("/dispatches/")
    watched.look(f"/quarantine/?dispatch={dispatch.pk}")
    watched.look(f"/quarantine/{QuarantineItem.objects.get().pk}/")
    for text in (TEXTS[0], TEXTS[2], EVIL):
        watched.page.locator("#search-box").fill(text)
        watched.page.locator("#search-box").press("Enter")
        watched.check(says=False)

    at_the_desk = Watched(sign_in(make_officer(Role.STATION, station=station)))
    at_the_desk.look("/desk/", says=False)
    at_the_desk.look(f"/cases/{case.pk}/")
    at_the_desk.look(f"/tiplines/{tiplines[0].number}/")
    assert watched.faults + at_the_desk.faults == []


def test_the_watch_sees_what_it_is_there_for(browser: Browser, live_server: LiveServer) -> None:
    """The same texts on a page without our policy and without escaping."""
    page = browser.new_page(bypass_csp=True)
    page.goto(f"{live_server.url}/health/")
    watched = Watched(page)

    page.set_content(f"<main>{TEXTS[1]}</main>")
    page.wait_for_timeout(500)

    assert any("a dialog" in fault for fault in watched.faults), watched.faults
    assert any(EVIL in fault for fault in watched.faults)
    assert page.locator(LOOKED_FOR).count() == 1
    page.close()


def test_after_signing_out_nothing_is_left_in_the_browser(sign_in: SignIn) -> None:
    receive_hostile()
    page = sign_in(make_officer(Role.ANALYST))
    number = Tipline.objects.order_by("number")[0].number
    page.goto(f"{page.url.split('/queue')[0]}/tiplines/{number}/")
    shown = page.url
    page.evaluate("localStorage.setItem('upload a-name.zip 1 1', '/dispatches/upload/1/')")

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Password").wait_for()

    kept = page.evaluate("[{...localStorage}, {...sessionStorage}]")
    assert kept in ([{}, {}], [{}, {HTMX_PLACE: "/sign-in/"}])
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    assert page.evaluate("caches.keys().then((all) => all.length)") == 0
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    assert EVIL not in page.content()
    assert page.locator("header, nav, table").count() == 0
    page.goto(shown)
    expect(page.get_by_label("Password")).to_be_visible()
