"""The triage desk as an analyst sees it: one tipline, decisions, search, and who may see what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from audit.services import keyed
from cases.masking import Node, tree
from cases.models import Case
from tests.factories import (
    make_district,
    make_officer,
    make_station,
    make_tipline,
)
from tests.nexus.ties import make_tie, shared
from tests.statements import Statements
from tests.tiplines import rows
from tests.tiplines.rows import add_sighting, add_version
from tiplines.covering import COVER, Mask
from tiplines.models import (
    Address,
    Candidate,
    Decision,
    FileRecord,
    Party,
    Tipline,
)
from tiplines.models.tipline import Outcome, Status
from tiplines.parsing.records import PartyRole

pytestmark = pytest.mark.django_db
STATEMENTS_AT_MOST = 25
CHILD, PHONE = "Meena Rawat", "+919800000011"


@pytest.fixture
def analyst(db: None) -> User:
    return make_officer(Role.ANALYST)


@pytest.fixture
def browser(client: Client, analyst: User) -> Client:
    return signed_in(client, analyst)


def signed_in(client: Client, officer: User) -> Client:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def add_party(tipline: Tipline, *, role: PartyRole, name: str, age: int | None = None) -> Party:
    display_names = [f"{name.split()[0].lower()}_x"]
    return rows.add_party(
        tipline, role=role, name=name, display_names=display_names, age=age, place="report"
    )


def make_full_tipline(*, parts: int = 1) -> Tipline:
    """A tipline with a suspect, a child, and `parts` of everything that can repeat."""
    tip = make_tipline(best_district=make_district(), best_station=make_station())
    suspect = add_party(tip, role=PartyRole.SUSPECT, name="Arun Kumar", age=34)
    child = add_party(tip, role=PartyRole.VICTIM, name=CHILD, age=12)
    add_sighting(tip, party=child, value="+919811111111", links=False)
    for part in range(parts):
        other = make_tipline()
        seen = add_sighting(tip, party=suspect, value=f"+9198000000{part:02d}")
        add_sighting(other, value=f"+9198000000{part:02d}")
        make_tie(tip, other, shared(seen))
        file = FileRecord.objects.create(
            tipline=tip, position=part, name=f"{part}.jpg", viewed_by_provider=None, place="report"
        )
        add_sighting(tip, kind="hash", value=f"md5:{part:032x}", file=file)
        Address.objects.create(
            tipline=tip,
            party=suspect,
            text=f"{part} Prashant Vihar",
            city="Delhi",
            provenance="reported",
            place="report",
        )
        Candidate.objects.create(
            tipline=tip,
            rank=part + 1,
            district=make_district(),
            station=make_station(),
            share=0.8,
            reasons=[{"code": "delhi-named", "params": {}, "evidence": ""}],
        )
        add_version(
            tip,
            number=part + 1,
            source={"reportId": tip.number, "victims": {"firstName": "Meena"}, "note": CHILD},
            difference=[["victims/firstName", "Mina", "Meena"]],
        )
    Tipline.objects.filter(pk=tip.pk).update(
        narrative=f"He wrote to {CHILD.upper()} and to meena_x on +919811111111.",
        version=parts,
        urgency_reasons=[{"code": "escalated", "points": 30, "params": {}}],
        missing=["ip-port"],
    )
    tip.refresh_from_db()
    return tip


def decide(browser: Client, tip: Tipline, **said: Any) -> Any:
    said = {"number": tip.number, "one": "1", "confirmed": "1", "back": "", **said}
    return browser.post("/decide/", said)


# --- One tipline --------------------------------------------------------------------------------


def test_a_tipline_costs_the_same_however_much_it_holds(browser: Client) -> None:
    spent = []
    browser.get(f"/tiplines/{make_full_tipline().number}/")  # the gazetteer is read once
    for parts in (1, 4, 12):
        tip = make_full_tipline(parts=parts)
        with Statements() as asked:
            answer = browser.get(f"/tiplines/{tip.number}/")
        assert answer.status_code == 200
        spent.append(len(asked))

    assert len(set(spent)) == 1, spent
    assert spent[0] <= STATEMENTS_AT_MOST


def test_nothing_that_names_a_child_is_on_the_page(browser: Client) -> None:
    tip = make_full_tipline()

    text = browser.get(f"/tiplines/{tip.number}/").content.decode()

    assert "Victim 1" in text
    for secret in (CHILD, "Meena", "Rawat", "MEENA", "meena_x", "Mina", "+919811111111"):
        assert secret not in text, secret
    assert "Arun Kumar" in text


def test_opening_is_recorded(browser: Client, analyst: User) -> None:
    tip = make_tipline()

    browser.get(f"/tiplines/{tip.number}/")

    event = Event.objects.get(verb="tipline.opened")
    assert (event.subject, event.actor_id) == (f"tipline:{tip.number}", analyst.pk)


def test_a_tipline_of_another_district_is_not_there(client: Client) -> None:
    officer = make_officer(Role.DISTRICT)
    elsewhere = make_tipline(
        status=Status.HELD, holder_district=make_district(code="DWK", name="Dwarka", name_hi="")
    )

    answer = signed_in(client, officer).get(f"/tiplines/{elsewhere.number}/")

    assert answer.status_code == 404
    assert not Event.objects.filter(verb="tipline.opened").exists()


def test_a_district_reads_its_tipline_and_decides_nothing(client: Client) -> None:
    officer = make_officer(Role.DISTRICT)
    tip = make_tipline(status=Status.HELD, holder_district=make_district())

    text = signed_in(client, officer).get(f"/tiplines/{tip.number}/").content.decode()

    assert tip.number in text
    assert "/decide/" not in text


def test_text_of_a_report_stays_text(browser: Client) -> None:
    tip = make_tipline(suspect_line='<img src=x hx-get="/x" hx-trigger=load>')
    Tipline.objects.filter(pk=tip.pk).update(narrative='<div hx-get="/x" hx-trigger="load">')

    pages = [browser.get("/queue/"), browser.get(f"/tiplines/{tip.number}/")]

    for page in pages:
        assert b"<img src=x" not in page.content
        assert b'<div hx-get="/x"' not in page.content


# --- Decisions ----------------------------------------------------------------------------------


def test_assigning_opens_a_case_and_shows_the_next(browser: Client) -> None:
    first, second = make_tipline(urgency=90), make_tipline(urgency=80)
    station = make_station()

    answer = decide(browser, first, act="assign", place=f"s:{station.pk}")

    first.refresh_from_db()
    case = Case.objects.get()
    assert (first.status, case.station_id) == (Status.HELD, station.pk)
    assert answer.url.startswith(f"/tiplines/{second.number}/?done=")


def test_what_was_done_is_said_and_can_be_undone(browser: Client) -> None:
    tip, _next = make_tipline(urgency=90), make_tipline(urgency=80)
    answer = decide(browser, tip, act="close", reason="no-lead")

    shown = browser.get(answer.url).content.decode()
    batch = Decision.objects.get().batch
    browser.post("/undo/", {"batch": str(batch), "back": ""})

    tip.refresh_from_db()
    assert f"{tip.number} closed" in shown
    assert tip.status == Status.AWAITING


def test_the_filter_is_kept_from_one_tipline_to_the_next(browser: Client) -> None:
    tip = make_tipline(urgency=90)
    make_tipline(urgency=85, provider="Instagram")
    google = make_tipline(urgency=80)

    answer = decide(browser, tip, act="close", reason="viral", back="?provider=google")

    assert answer.url.startswith(f"/tiplines/{google.number}/?provider=google&done=")


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"act": "send-back", "note": " "}, id="a return without a note"),
        pytest.param({"act": "close", "reason": ""}, id="closing without a reason"),
        pytest.param({"act": "close", "reason": "boring"}, id="a reason that is none"),
        pytest.param({"act": "assign", "place": "s:999999"}, id="a station that is none"),
        pytest.param({"act": "assign", "place": ""}, id="assigning to nobody"),
        pytest.param({"act": "transfer", "state_name": "Atlantis"}, id="a State that is none"),
        pytest.param({"act": "transfer", "state_name": "Delhi"}, id="Delhi to itself"),
    ],
)
def test_a_refused_decision_answers_422_and_changes_nothing(
    browser: Client, said: dict[str, str]
) -> None:
    tip = make_tipline()

    answer = decide(browser, tip, **said)

    tip.refresh_from_db()
    assert answer.status_code == 422
    assert tip.status == Status.AWAITING


def test_of_two_officers_the_second_is_told(browser: Client) -> None:
    tip = make_tipline()
    decide(browser, tip, act="close", reason="viral")

    answer = decide(browser, tip, act="transfer", state_name="Haryana")

    assert answer.status_code == 422
    assert "another officer was first" in answer.content.decode()
    assert Decision.objects.count() == 1


def test_many_are_shown_in_words_before_anything_happens(browser: Client) -> None:
    tips = [make_tipline() for _ in range(3)]

    answer = browser.post(
        "/decide/", {"act": "close", "number": [tip.number for tip in tips], "back": ""}
    )

    assert "Close 3 tiplines" in answer.content.decode()
    assert not Decision.objects.exists()


def test_all_that_match_are_decided_as_they_were_shown(browser: Client) -> None:
    for _ in range(50):
        make_tipline(provider="Google")
    other = make_tipline(provider="Instagram")
    said = {"act": "close", "every": "1", "back": "?provider=google"}
    seal = browser.post("/decide/", said).context["sealed"]

    answer: Any = browser.post("/decide/", {**said, "reason": "viral", "confirmed": seal})

    assert Tipline.objects.filter(status=Status.CLOSED).count() == 50
    assert Tipline.objects.get(status=Status.AWAITING) == other
    assert answer.url.startswith("/queue/?provider=google&done=")


def test_many_go_each_to_the_station_found_for_them(browser: Client) -> None:
    station = make_station()
    found: dict[str, Any] = {"best_district": station.district, "best_station": station}
    sure = [make_tipline(**found, best_share=0.95) for _ in range(2)]
    unsure = make_tipline(**found, best_share=0.4)
    said = {"act": "assign", "every": "1", "back": ""}
    preview = browser.post("/decide/", said)

    answer = browser.post(
        "/decide/",
        {**said, "place": "each", "confirmed": preview.context["sealed"]},
        follow=True,
    )

    assert "For 2 of them a station is sure." in preview.content.decode()
    assert {case.station for case in Case.objects.all()} == {station}
    assert Tipline.objects.filter(status=Status.HELD).count() == len(sure)
    assert Tipline.objects.get(status=Status.AWAITING) == unsure
    assert "1 tipline has no station that is sure" in answer.content.decode()


def test_a_list_that_changed_after_the_preview_is_shown_again(browser: Client) -> None:
    first = make_tipline()
    said = {"act": "close", "every": "1", "back": "", "reason": "viral"}
    seal = browser.post("/decide/", said).context["sealed"]
    make_tipline()
    Tipline.objects.filter(pk=first.pk).update(status=Status.CLOSED)

    answer = browser.post("/decide/", {**said, "confirmed": seal})

    assert answer.status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.STATION, Role.AUDITOR])
def test_only_the_unit_decides(client: Client, role: Role) -> None:
    tip = make_tipline(status=Status.HELD, holder_district=make_district())

    answer = decide(signed_in(client, make_officer(role)), tip, act="close", reason="viral")

    assert answer.status_code == 403


# --- Search -------------------------------------------------------------------------------------


def test_a_whole_number_leads_to_its_tipline(browser: Client) -> None:
    tip = make_tipline()

    answer: Any = browser.post("/search/", {"text": tip.number})

    assert answer.url == f"/tiplines/{tip.number}/"


@pytest.mark.parametrize("text", ["+91 98000 00000", "9800000000", "Arun", "kumar"])
def test_a_suspect_is_found_by_phone_and_by_name(browser: Client, text: str) -> None:
    tip = make_full_tipline()

    assert tip.number in browser.post("/search/", {"text": text}).content.decode()


@pytest.mark.parametrize("text", ["Meena", "Rawat", "+919811111111", "meena_"])
def test_a_child_is_not_found_by_a_part_or_a_number(browser: Client, text: str) -> None:
    tip = make_full_tipline()

    assert tip.number not in browser.post("/search/", {"text": text}).content.decode()


@pytest.mark.parametrize("text", [CHILD, f"  {CHILD.upper().replace(' ', '   ')}", "meena_x"])
def test_a_child_is_found_by_the_whole_name_and_not_named(browser: Client, text: str) -> None:
    tip = make_full_tipline()

    page = browser.post("/search/", {"text": text}).content.decode()

    assert f"/tiplines/{tip.number}/" in page
    assert CHILD not in page.replace(f"Search: {text.strip()}", "").replace(f'"{text.strip()}"', "")


def test_a_search_records_what_it_showed_and_not_the_words(browser: Client) -> None:
    tip = make_full_tipline()

    browser.post("/search/", {"text": "Arun"})

    event = Event.objects.get(verb="search.made")
    assert event.detail == {
        "exact": False,
        "count": 1,
        "firs": 0,
        "query": keyed("arun"),
        "seen": [tip.number],
    }
    assert "Arun" not in event.subject


def test_a_search_finds_only_what_the_officer_may_see(client: Client) -> None:
    tip = make_full_tipline()
    browser = signed_in(client, make_officer(Role.DISTRICT))

    for text in (tip.number, "Arun", "+919800000000"):
        assert b"Nothing that you may see" in browser.post("/search/", {"text": text}).content


def test_a_search_costs_at_most_12_statements(browser: Client) -> None:
    make_full_tipline(parts=3)

    for text in ("512/26", "Arun", "+919800000000"):
        with Statements() as asked:
            browser.post("/search/", {"text": text})
        assert len(asked) <= 12


# --- What covers a child ------------------------------------------------------------------------


def test_a_source_is_covered_below_a_victim_and_kept_elsewhere() -> None:
    source = {"victim": [{"name": "x"}], "accessToChildVictim": "teacher", "n": None}

    nodes, is_cut = tree(source, Mask({}))

    covered = Node("name", COVER, is_covered=True)
    assert nodes == (
        Node("victim", children=(Node("victim 1", children=(covered,)),)),
        Node("accessToChildVictim", "teacher"),
        Node("n"),
    )
    assert not is_cut


def test_the_queue_shows_how_long_the_provider_keeps_it(browser: Client) -> None:
    tip = make_tipline()
    lapses = timezone.now() + timedelta(days=3, hours=1)
    Tipline.objects.filter(pk=tip.pk).update(preserved_until=lapses)

    assert ">3 d<" in browser.get("/queue/").content.decode()


def test_the_queue_says_that_no_station_can_be_named(browser: Client) -> None:
    make_tipline(outcome=Outcome.DELHI)

    assert "no station can be named" in browser.get("/queue/").content.decode()


def test_a_state_is_named_in_the_language_of_the_page(browser: Client) -> None:
    tip = make_tipline(outcome=Outcome.OTHER_STATE)
    Tipline.objects.filter(pk=tip.pk).update(state_name="Gujarat")
    browser.post("/language/", {"language": "hi", "next": "/queue/"})

    for path in ("/queue/", f"/tiplines/{tip.number}/"):
        assert "गुजरात" in browser.get(path).content.decode()


def test_what_was_done_with_it_stands_in_words(browser: Client) -> None:
    tip = make_tipline()
    browser.get(f"/tiplines/{tip.number}/")

    text = browser.get(f"/tiplines/{tip.number}/").content.decode()

    assert "· opened</li>" in text
    assert "tipline.opened" not in text
