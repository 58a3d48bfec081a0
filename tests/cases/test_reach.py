"""What an officer outside the unit may know of a tipline that is theirs: nothing of the others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from cases.forms import AllotForm
from cases.models import Case
from cases.models.case import ReturnReason
from cases.services import assigning, holding
from districts.models import PoliceStation
from tests.cases.made import make_case
from tests.cases.test_triage_pages import add_party, signed_in
from tests.factories import (
    NOON,
    make_district,
    make_officer,
    make_station,
    make_tipline,
)
from tests.nexus.ties import fold, make_nexus, make_tie, shared
from tests.statements import Statements
from tests.tiplines import rows
from tests.tiplines.rows import add_sighting, add_version
from tiplines.models import Tipline
from tiplines.parsing.records import PartyRole

pytestmark = pytest.mark.django_db
NOTE = "CANARY: the brother runs a shop"
HOUR = timedelta(hours=1)


def dwarka() -> Any:
    return make_district(code="DWK", name="Dwarka", name_hi="")


def tipline_that_moved_on() -> tuple[Tipline, Case, User, User]:
    """Returned by Dwarka with a note, now with Rohini; its first case and an officer of each."""
    tip, analyst = make_tipline(), make_officer(full_name="Unit Analyst")
    there = make_officer(Role.DISTRICT, district=dwarka(), username="dwarka-officer")
    here = make_officer(Role.DISTRICT)
    assigning.assign(
        tipline_ids=[tip.pk], district_id=dwarka().pk, by=analyst, at=NOON, note="CANARY: hurry"
    )
    case = Case.objects.get()
    record(verb="tipline.opened", subject=f"tipline:{tip.number}", actor=there, at=NOON + HOUR)
    holding.return_case(
        case_id=case.pk,
        reason=ReturnReason.PERSON_ELSEWHERE,
        note=NOTE,
        by=there,
        at=NOON + 2 * HOUR,
    )
    assigning.assign(
        tipline_ids=[tip.pk], district_id=make_district().pk, by=analyst, at=NOON + 3 * HOUR
    )
    return tip, case, there, here


def test_the_next_holder_learns_nothing_of_the_one_before(client: Client) -> None:
    tip, case, _there, here = tipline_that_moved_on()

    text = signed_in(client, here).get(f"/tiplines/{tip.number}/").content.decode()

    for foreign in ("CANARY", "Dwarka", "dwarka-officer", f"/cases/{case.pk}/"):
        assert foreign not in text, foreign
    assert "Rohini" in text


def test_the_unit_sees_the_whole_way(client: Client) -> None:
    tip, case, *_ = tipline_that_moved_on()

    text = signed_in(client, make_officer()).get(f"/tiplines/{tip.number}/").content.decode()

    for own in (NOTE, "CANARY: hurry", "Dwarka", "dwarka-officer", f"/cases/{case.pk}/"):
        assert own in text, own


def test_who_gave_a_tipline_back_is_not_told_what_it_says_now(client: Client) -> None:
    tip, case, there, _here = tipline_that_moved_on()
    Tipline.objects.filter(pk=tip.pk).update(provider="CANARY-PROVIDER")
    suspect = add_party(tip, role=PartyRole.SUSPECT, name="Canary Suspect")
    add_sighting(tip, party=suspect, value="+919800000099")

    text = signed_in(client, there).get(f"/cases/{case.pk}/").content.decode()

    for foreign in ("CANARY-PROVIDER", "Canary Suspect", "+919800000099"):
        assert foreign not in text, foreign
    assert NOTE in text  # their own words stay in their own case


def test_ties_elsewhere_are_neither_shown_nor_counted(client: Client) -> None:
    here = make_officer(Role.DISTRICT)
    tip = make_tipline()
    assigning.assign(
        tipline_ids=[tip.pk], district_id=make_district().pk, by=make_officer(), at=NOON
    )
    seen = add_sighting(tip, value="+919800000001")
    browser = signed_in(client, here)
    before = normal(browser.get(f"/tiplines/{tip.number}/"))

    others = [make_tipline() for _ in range(3)]
    for other in others:
        add_sighting(other, value="+919800000001")
        make_tie(tip, other, shared(seen, holders=4))
    make_nexus(tip, *others)
    fold(tip, make_tipline())

    assert normal(browser.get(f"/tiplines/{tip.number}/")) == before


def test_a_tie_within_reach_does_not_tell_how_many_hold_what_ties(client: Client) -> None:
    here, analyst = make_officer(Role.DISTRICT), make_officer()
    tips = [make_tipline() for _ in range(4)]
    assigning.assign(
        tipline_ids=[tip.pk for tip in tips[:2]],
        district_id=make_district().pk,
        by=analyst,
        at=NOON,
    )
    for tip in tips:
        seen = add_sighting(tip, value="+919800000001")
    make_tie(tips[0], tips[1], shared(seen, holders=4))
    make_tie(tips[0], tips[2], shared(seen, holders=4))
    make_nexus(*tips)

    text = signed_in(client, here).get(f"/tiplines/{tips[0].number}/").content.decode()
    of_unit = signed_in(client, analyst).get(f"/tiplines/{tips[0].number}/").content.decode()

    assert "Phone +919800000001: 12.5 bits" in text
    assert "1 other tipline ·" in text
    assert "held by" not in text
    assert tips[2].number not in text
    assert "Phone +919800000001: 12.5 bits" in of_unit
    assert "held by" not in of_unit
    assert "3 other tiplines" in of_unit


def normal(answer: Any) -> str:
    """The page without what differs from one opening to the next."""
    text: str = answer.content.decode()
    start, end = text.index('<article class="tip"'), text.index("Who opened it or acted on it")
    return text[start:end]


# --- Children -----------------------------------------------------------------------------------


def test_a_childs_value_is_covered_where_the_report_repeats_it(client: Client) -> None:
    tip = make_tipline()
    child = add_party(tip, role=PartyRole.VICTIM, name="Meena Rawat")
    add_sighting(tip, party=child, value="+919811111111", links=False)
    add_sighting(tip, value="+919811111111")
    browser = signed_in(client, make_officer())

    page = browser.get(f"/tiplines/{tip.number}/").content.decode()
    search = browser.post("/search/", {"text": "+919811111111"}).content.decode()

    assert "+919811111111" not in page
    assert tip.number not in search


def test_a_suspect_under_18_by_birth_is_covered_and_not_found(client: Client) -> None:
    tip = make_tipline(suspect_line="")
    young = rows.add_party(tip, name="Sunil Das", date_of_birth=date(2010, 1, 1))
    add_sighting(tip, party=young, value="+919822222222")
    browser = signed_in(client, make_officer())

    page = browser.get(f"/tiplines/{tip.number}/").content.decode()
    found = [
        browser.post("/search/", {"text": text}).content.decode()
        for text in ("Sunil", "+919822222222")
    ]

    assert "Minor 1" in page
    assert "Sunil" not in page
    assert "+919822222222" not in page
    assert not any(tip.number in text for text in found)


def test_what_an_officer_wrote_of_a_child_is_covered_too(client: Client) -> None:
    tip, analyst = make_tipline(), make_officer()
    add_party(tip, role=PartyRole.VICTIM, name="Meena Rawat")
    decided = assigning.assign(
        tipline_ids=[tip.pk],
        district_id=make_district().pk,
        by=analyst,
        at=NOON,
        note="Call the father of Meena Rawat",
    )
    assert decided.count == 1
    officer = make_officer(Role.DISTRICT)
    holding.return_case(
        case_id=Case.objects.get().pk,
        reason=ReturnReason.OTHER_STATE,
        note="Meena lives in Noida",
        by=officer,
        at=NOON,
    )

    text = signed_in(client, analyst).get(f"/tiplines/{tip.number}/").content.decode()

    assert "Meena" not in text
    assert "Victim 1 lives in Noida" in text


def test_a_name_of_two_letters_is_covered_in_the_source(client: Client) -> None:
    tip = make_tipline()
    add_party(tip, role=PartyRole.SUSPECT, name="Om Ray", age=16)
    add_version(
        tip,
        number=1,
        source={"firstName": "Om", "note": "Om and others"},
    )

    text = signed_in(client, make_officer()).get(f"/tiplines/{tip.number}/").content.decode()

    assert ">Om<" not in text
    assert "Om and others" in text  # a word this short is no name everywhere


def test_a_case_covers_the_values_of_a_suspect_under_18(client: Client) -> None:
    tip = make_tipline()
    for name, age, phone in (("Sunil", 16, "+919822222222"), ("Arun", 34, "+919833333333")):
        party = add_party(tip, role=PartyRole.SUSPECT, name=name, age=age)
        add_sighting(tip, party=party, value=phone)
    assigning.assign(
        tipline_ids=[tip.pk], district_id=make_district().pk, by=make_officer(), at=NOON
    )
    browser = signed_in(client, make_officer(Role.DISTRICT))

    text = browser.get(f"/cases/{Case.objects.get().pk}/").content.decode()

    assert "+919833333333" in text
    assert "+919822222222" not in text
    assert "Sunil" not in text


# --- Versions -----------------------------------------------------------------------------------


def test_an_addition_does_not_push_the_report_off_the_page(client: Client) -> None:
    tip = make_tipline()
    sources: list[dict[str, Any]] = [
        {"report": {"note": "old words"}},
        {"report": {"note": "own words"}},
        {"fileId": "ab12"},
    ]
    for number, source in enumerate(sources, 1):
        add_version(
            tip,
            number=number,
            format="xml",
            source=source,
        )
    Tipline.objects.filter(pk=tip.pk).update(version=3)

    text = signed_in(client, make_officer()).get(f"/tiplines/{tip.number}/").content.decode()

    assert "own words" in text
    assert "ab12" in text
    assert "old words" not in text


def test_an_addition_alone_is_on_the_page(client: Client) -> None:
    tip = make_tipline()
    add_version(
        tip,
        number=1,
        format="xml",
        source={"fileId": "ab12"},
    )

    assert b"ab12" in signed_in(client, make_officer()).get(f"/tiplines/{tip.number}/").content


# --- Odd input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/tiplines/%00/", "/queue/?provider=%00", "/cases/?station=%00", "/officers/?text=%00"],
)
def test_a_nul_in_an_address_is_a_bad_request(client: Client, path: str) -> None:
    browser = signed_in(client, make_officer())

    assert browser.get(path).status_code == 400


def test_a_nul_in_a_form_finds_nothing(client: Client) -> None:
    browser = signed_in(client, make_officer())

    assert browser.post("/search/", {"text": "a\0b"}).status_code == 200
    answer = browser.post("/decide/", {"number": "9\0", "act": "close", "back": "?provider=\0"})
    assert answer.status_code == 302


@pytest.mark.parametrize("place", ["d:999999999", "s:999999999", "d:", "x:1"])
def test_a_place_that_does_not_exist_is_refused_at_the_form(client: Client, place: str) -> None:
    tip = make_tipline()
    browser = signed_in(client, make_officer())

    answer = browser.post(
        "/decide/",
        {"number": tip.number, "one": "1", "confirmed": "1", "act": "assign", "place": place},
    )

    assert answer.status_code == 422


def test_nothing_is_handed_to_a_station_that_is_no_more(client: Client) -> None:
    station, tip = make_station(), make_tipline()
    PoliceStation.objects.filter(pk=station.pk).update(valid_to="2020-01-01")
    browser = signed_in(client, make_officer())

    answer = browser.post(
        "/decide/",
        {
            "number": tip.number,
            "one": "1",
            "confirmed": "1",
            "act": "assign",
            "place": f"s:{station.pk}",
        },
    )

    assert answer.status_code == 422
    assert not AllotForm(case=make_case(with_station=False)).fields["station"].queryset  # type: ignore[attr-defined]


def test_a_districts_page_costs_the_same_however_many_ties(client: Client) -> None:
    here, analyst = make_officer(Role.DISTRICT), make_officer()
    browser, spent = signed_in(client, here), []
    for links in (1, 6):
        tips = [make_tipline() for _ in range(links + 1)]
        assigning.assign(
            tipline_ids=[tip.pk for tip in tips],
            district_id=make_station().district_id,
            by=analyst,
            at=NOON,
        )
        for other in tips[1:]:
            make_tie(tips[0], other)
        with Statements() as asked:
            browser.get(f"/tiplines/{tips[0].number}/")
        spent.append(len(asked))

    assert spent[0] == spent[1]
