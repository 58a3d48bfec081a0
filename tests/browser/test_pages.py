"""Every page of every role, in both languages, wide and narrow: nothing scrolls sideways, nothing
complains, and axe finds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from cases.lifecycle import CaseStatus
from cases.models import Case, Proposal
from cases.services import registering
from districts.models import PoliceStation
from districts.rules import Rules
from operations.services import drives
from tests.browser.conftest import SignIn
from tests.cases.made import make_accused, make_case, make_fir, make_proposal
from tests.cases.test_triage_pages import make_full_tipline
from tests.districts.rows import made_rows
from tests.factories import (
    make_district,
    make_move,
    make_officer,
    make_reorganisation,
    make_rules,
    make_station,
    make_tipline,
)
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Candidate, Dispatch, Tipline
from tiplines.models.tipline import Outcome

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 360)  # px
COLOURS_SEEN = {
    "color-contrast": {"enabled": False}
}  # the same at every width and in both languages
LISTED = 24  # tiplines of every outcome and urgency


@dataclass(frozen=True, kw_only=True)
class World:
    """One of everything that a page can show."""

    officers: dict[Role, User]
    dispatch: Dispatch
    tipline: Tipline
    new: Case
    registered: Case
    proposal: Proposal
    operation: int


def make_world(*, at: datetime) -> World:
    district, station = make_district(), make_station()
    officers = {
        role: make_officer(role, username=f"of-{role.value}", district=None, station=None)
        for role in Role
    }
    files: dict[str, bytes | dict[str, Any]] = {
        "1.json": b"{",
        "2.json": json_report("991000001"),
        "3.jpg": b"\xff\xd8\xff\xe0" + bytes(40),
        "4.csv": b"Ref;Rang\n991000002;9810012345\n",
    }
    dispatch = bring(zip_of(files), at=at)
    work(at=at)
    for number in range(LISTED):
        make_tipline(urgency=number * 4, outcome=list(Outcome)[number % 4], received_at=at)
    new = make_case(tipline=make_tipline(best_district=district), at=at)
    registered = make_case(status=CaseStatus.UNDER_ENQUIRY, station=station, at=at)
    investigator = officers[Role.DISTRICT]
    fir = make_fir(case=registered, by=investigator, at=at)
    accused = registering.add_accused(
        fir_id=fir.pk, name="A. Kumar", age=34, address="Rohini", by=investigator, at=at
    )
    registering.record_arrest(
        accused_id=accused.pk,
        arrested_at=at,
        place="Rohini",
        arrested_by="R. Singh",
        by=investigator,
        at=at,
    )
    make_accused(fir=fir, by=investigator, age=16)
    proposed = [make_tipline(received_at=at) for _ in range(3)]
    operation = drives.begin(
        name="MASOOM",
        purpose="",
        from_at=at - timedelta(days=1),
        until_at=None,
        by=officers[Role.SUPERVISOR],
        at=at,
    )
    make_rules(Rules(number=1, assign_from=0.75))
    waiting = make_rules(Rules(number=2, assign_from=0.7), from_at=None)
    make_move(waiting, proposed[0])
    make_reorganisation(number=1, in_force_at=at)
    make_move(make_reorganisation(number=2), proposed[0], part="station")
    return World(
        officers=officers,
        dispatch=dispatch,
        tipline=make_full_tipline(parts=2),
        new=new,
        registered=registered,
        proposal=make_proposal(proposed, by=officers[Role.SUPERVISOR], at=at),
        operation=operation.pk,
    )


def paths_of(role: Role, world: World) -> list[str]:
    """The pages that the rail and the rows of the role lead to."""
    triage = [
        "/queue/",
        "/queue/?status=held",
        "/queue/?urgent=1&outcome=abroad",
        f"/tiplines/{world.tipline.number}/",
        "/dispatches/",
        f"/dispatches/{world.dispatch.pk}/",
        f"/quarantine/?dispatch={world.dispatch.pk}",
        *(f"/quarantine/{item.pk}/" for item in world.dispatch.quarantine.all()),
        f"/documents/{world.dispatch.documents.get(kind='csv').pk}/columns/",
    ]
    cases = ["/cases/", "/cases/?status=returned", "/search/", "/locate/"]
    own = [f"/cases/{world.new.pk}/", f"/cases/{world.registered.pk}/"]
    record = ["/record/", "/record/?day=2020-01-01", "/record/review/"]
    looked = f"/tiplines/{world.tipline.number}/looked/"
    match role:
        case Role.ANALYST:
            child = world.tipline.parties.get(is_protected=True)
            reveal = f"/tiplines/{world.tipline.number}/reveal/?what=party-{child.pk}-name"
            waiting = ["/proposals/", f"/proposals/{world.proposal.pk}/"]
            return [*triage, *waiting, *cases, own[1], reveal, "/password/", "/account/sessions/"]
        case Role.SUPERVISOR:
            board = ["/board/?period=all", "/board/?wall=1", "/board/balance/"]
            figures = ["/board/fir/?period=all"]
            drive = f"/operations/{world.operation}/"
            operations = ["/operations/", drive, f"{drive}add-cases/", f"{drive}fir/"]
            rules = ["/rules/", "/rules/propose/", "/rules/1/", "/rules/2/"]
            stations = [f"/rules/reorganisations/{each}" for each in ("", "propose/", "1/", "2/")]
            return [*board, *figures, *operations, *rules, *stations, *record, looked]
        case Role.DISTRICT:
            return ["/desk/", "/cases/", *own, f"/tiplines/{held_number(world.new)}/"]
        case Role.STATION:
            return ["/desk/", "/cases/", own[0]]
        case Role.AUDITOR:
            own_account = ["/account/second-factor/", "/account/confirm/", "/roles/"]
            return [*record, looked, *own_account]
        case Role.ADMINISTRATOR:
            officer = f"/officers/{world.officers[Role.AUDITOR].pk}/"
            certify = ["/officers/certify/", "/officers/certify/?unit=unit"]
            return ["/officers/", "/officers/new/", officer, *certify, "/roles/"]


def held_number(case: Case) -> str:
    return Tipline.objects.get(case_entries__case=case).number


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role_is_whole(role: Role, sign_in: SignIn) -> None:
    world = make_world(at=timezone.now())
    page = sign_in(world.officers[role])
    root = page.url[: page.url.index("/", len("https://"))]
    faults: list[str] = []

    for language in ("en", "hi"):
        if language == "hi":
            page.get_by_role("button", name="हिन्दी").click()
            expect(page.locator("html")).to_have_attribute("lang", "hi")
        for path in paths_of(role, world):
            answer = page.goto(root + path)
            assert answer is not None
            assert answer.status == 200, path
            faults += [
                f"{language} {path}: {fault}" for fault in faults_of(page, colours=language == "en")
            ]

    assert faults == []


def test_the_answer_to_an_address_is_whole_and_its_map_can_be_read(sign_in: SignIn) -> None:
    with made_rows():
        page = sign_in(make_officer(Role.ANALYST))
        page.get_by_role("link", name="Locate", exact=True).click()
        page.get_by_label("Address").fill("Lalkothi, Delhi")
        page.get_by_role("button", name="Locate").click()

        expect(page.get_by_role("img", name="Map of the likely stations")).to_be_visible()
        assert faults_of(page) == []
        assert page.url.endswith("/locate/")
        page.set_viewport_size({"width": 360, "height": 800})
        name = page.locator(".place-map__name--candidate").first
        assert name.evaluate("one => one.getBoundingClientRect().height") >= 10  # px


def test_the_map_of_a_tipline_is_folded_on_a_phone_only(sign_in: SignIn) -> None:
    with made_rows():
        station = PoliceStation.objects.get(code="AAA-BELGRAM")
        tip = make_tipline(best_district=station.district, best_station=station)
        Candidate.objects.create(
            tipline=tip, rank=1, district=station.district, station=station, share=0.8
        )
        page = sign_in(make_officer(Role.ANALYST))
        root = page.url[: page.url.index("/", len("https://"))]
        drawing = page.get_by_role("img", name="Map of the likely stations")

        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{root}/tiplines/{tip.number}/")
        expect(drawing).to_be_visible()
        assert faults_of(page, widths=(1280,)) == []

        page.set_viewport_size({"width": 360, "height": 800})
        page.reload()
        expect(drawing).not_to_be_visible()
        page.get_by_text("map", exact=True).click()
        expect(drawing).to_be_visible()
        assert faults_of(page, widths=(360,)) == []


def test_the_page_before_the_door_is_whole(sign_in: SignIn) -> None:
    world = make_world(at=timezone.now())
    page = sign_in(world.officers[Role.DISTRICT])

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()

    assert faults_of(page) == []


def test_what_is_open_beside_the_queue_is_whole(sign_in: SignIn) -> None:
    """Opened, decided and undone by keyboard; the counts above the list follow."""
    world = make_world(at=timezone.now())
    page = sign_in(world.officers[Role.ANALYST])
    awaiting = Tipline.objects.awaiting().count()
    page.get_by_role("link", name="Queue", exact=True).click()
    expect(page.locator("h1")).to_have_text(f"Queue: {awaiting} awaiting")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#pane h2").first).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.press("v")

    expect(page.locator("h1")).to_have_text(f"Queue: {awaiting - 1} awaiting")
    expect(page.locator("#queue-scope")).to_contain_text(str(awaiting - 1))
    assert faults_of(page, widths=(1280,)) == []

    page.keyboard.press("u")

    expect(page.locator("h1")).to_have_text(f"Queue: {awaiting} awaiting")
    assert page.url.endswith("/queue/")


def faults_of(page: Page, *, widths: tuple[int, ...] = WIDTHS, colours: bool = True) -> list[str]:
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        beyond = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if beyond > 0:
            found.append(f"scrolls {beyond} px sideways at {width} px")
        rules = {} if colours and width == widths[0] else COLOURS_SEEN
        options = {"resultTypes": ["violations"], "rules": rules}
        for fault in Axe().run(page, options=options).response["violations"]:
            places = ", ".join(str(node["target"][0]) for node in fault["nodes"][:3])
            found.append(f"{fault['id']} at {width} px: {places}")
    return found
