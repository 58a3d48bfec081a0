"""Locating an address: the answer in words and as a map; nothing typed in a URL or the record."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.roles import Role
from audit.models import Event
from audit.services import keyed
from cases.place_map import legend
from tests.districts.rows import made_rows
from tests.factories import make_officer
from tests.statements import Statements

pytestmark = pytest.mark.django_db
ADDRESS = "H. No. 7, Kesar Bagh, Delhi"


@pytest.fixture
def gazetteer() -> Iterator[None]:
    with made_rows():
        yield


@pytest.fixture
def browser(client: Client) -> Client:
    return signed_in(client, Role.ANALYST)


def signed_in(client: Client, role: Role) -> Client:
    client.force_login(make_officer(role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(browser: Client, **said: str) -> str:
    answer = browser.post("/locate/", said)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(
            {"text": ADDRESS, "pin": "110081", "lat": "28.72", "lon": "77.14"},
            ["Can be assigned", "Amra › PS Belgram, 99 %"],
            id="ours and sure",
        ),
        pytest.param({"text": "Lalkothi, Delhi"}, ["An officer decides", "Likeliest:"], id="ours"),
        pytest.param({"text": "Sector 62, Noida"}, ["Another State", "Uttar Pradesh"], id="beside"),
        pytest.param({"lat": "51.5", "lon": "-0.1"}, ["Abroad", "Outside India"], id="abroad"),
        pytest.param({"text": "near the temple"}, ["Cannot say", "No place"], id="unknown"),
        pytest.param({"text": "Delhi"}, ["Delhi, but no station"], id="Delhi alone"),
    ],
)
def test_each_answer_is_said_in_words(
    browser: Client, said: dict[str, str], words: list[str]
) -> None:
    page = asked(browser, **said)

    for each in words:
        assert each in page


@pytest.mark.usefixtures("gazetteer")
def test_each_station_stands_with_what_is_for_and_against_it(browser: Client) -> None:
    page = asked(browser, text="Lalkothi", pin="110081")

    assert "Holds 70 % of Lalkothi" in page
    assert "Amraipur holds more of Lalkothi: 70 %" in page
    assert page.index("PS Amraipur") < page.index("PS Belgram")
    assert "By gazetteer version 1" in page


@pytest.mark.usefixtures("gazetteer")
def test_the_one_check_that_would_decide_is_named_where_one_is_left(browser: Client) -> None:
    check = "The house or plot number would decide between Amraipur and Belgram"

    assert check in asked(browser, text="Lalkothi, Delhi")
    assert "One check would decide" not in asked(browser, text="Sector 62, Noida")


@pytest.mark.usefixtures("gazetteer")
def test_a_station_newer_than_the_boundaries_is_named(browser: Client) -> None:
    assert "Navin Path: carved out of it since" in asked(browser, text="Model Town, Delhi")


@pytest.mark.usefixtures("gazetteer")
def test_the_map_shows_the_candidates_and_the_point_and_says_the_same_as_a_table(
    browser: Client,
) -> None:
    page = asked(browser, text="Lalkothi", pin="110081", lat="28.72", lon="77.119")

    drawing = page[page.index('<svg class="place-map__drawing"') :]
    drawing = drawing[: drawing.index("</svg>")]
    assert '<title id="place-map-title">' in drawing
    assert re.search(r"<desc[^>]*>1 Amraipur, \d+ %\. 2 Belgram, \d+ %\.", drawing)
    assert len(re.findall(r'place-map__area--\d" d="M', drawing)) == 2
    assert "place-map__point" in drawing
    assert "inside</td>" in page
    assert "the point given" in page


@pytest.mark.usefixtures("gazetteer")
def test_the_page_has_no_style_of_its_own_and_stays_small(browser: Client) -> None:
    page = asked(browser, text="Lalkothi", lat="28.6", lon="77.24")

    assert not re.search(r"<style|\sstyle=|<script(?! defer src=)", page)
    assert len(page.encode()) < 100_000


def test_without_boundaries_stations_are_circles_and_the_page_says_so(browser: Client) -> None:
    with made_rows(with_areas=False):
        page = asked(browser, text="Lalkothi, Delhi")

    assert "No boundaries are loaded" in page
    assert len(re.findall(r"<circle class=\"place-map__area place-map__area--\d", page)) == 2


def test_without_a_gazetteer_the_page_says_so(browser: Client) -> None:
    answer = browser.post("/locate/", {"text": ADDRESS})

    assert answer.status_code == 422
    assert b"No gazetteer is loaded" in answer.content
    assert not Event.objects.filter(verb="address.located").exists()


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({}, "Give an address, a PIN code or a point", id="nothing"),
        pytest.param({"text": "  "}, "Give an address, a PIN code or a point", id="blank"),
        pytest.param({"lat": "28.7"}, "latitude and longitude", id="half a point"),
        pytest.param({"lat": "north", "lon": "77"}, "Enter a number", id="no number"),
        pytest.param({"lat": "nan", "lon": "77"}, "Enter a number", id="not a number"),
        pytest.param({"lat": "128", "lon": "77"}, "less than or equal to 90", id="off the earth"),
        pytest.param({"pin": "1100"}, "A PIN code has six digits", id="short PIN"),
        pytest.param({"text": "x" * 501}, "at most 500", id="long"),
        pytest.param({"text": "a\x00b"}, "Null characters", id="a null"),
        pytest.param({"text": "x", "kind": "rumour"}, "not one of the", id="unknown kind"),
    ],
)
def test_what_cannot_be_located_is_refused_in_words(
    browser: Client, said: dict[str, str], words: str
) -> None:
    answer = browser.post("/locate/", said)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Event.objects.filter(verb="address.located").exists()


@pytest.mark.usefixtures("gazetteer")
def test_it_is_recorded_with_the_answer_and_without_the_words(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        asked(browser, text="Kesar Bagh", pin="110081", lat="28.72", lon="77.14")

    event = Event.objects.get(verb="address.located")
    assert event.detail == {
        "query": keyed("kesar bagh 110081 28.72 77.14"),
        "answer": "assign",
        "district": "AAA",
        "station": "AAA-BELGRAM",
        "gazetteer_version": 1,
    }
    assert "Kesar" not in caplog.text


@pytest.mark.usefixtures("gazetteer")
def test_what_an_address_asks_for_is_not_located(browser: Client) -> None:
    page = browser.get("/locate/", {"text": ADDRESS}).content.decode()

    assert "PS Belgram" not in page
    assert re.search(r"<textarea[^>]*>\s*</textarea>", page)
    assert not Event.objects.filter(verb="address.located").exists()


@pytest.mark.usefixtures("gazetteer")
def test_evidence_of_a_coarse_kind_names_no_station(browser: Client) -> None:
    said = {"lat": "28.72", "lon": "77.10"}

    assert "PS Amraipur" in asked(browser, **said)
    assert "PS Amraipur" not in asked(browser, **said, kind="ip-lookup")


@pytest.mark.usefixtures("gazetteer")
def test_markup_that_is_typed_stays_text(browser: Client) -> None:
    answer = browser.post("/locate/", {"text": "<script>alert(1)</script> Lalkothi"})

    assert b"<script>alert" not in answer.content


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize("role", list(Role))
def test_who_sees_tiplines_may_ask_and_has_it_on_the_rail(client: Client, role: Role) -> None:
    may = role not in {Role.AUDITOR, Role.ADMINISTRATOR}
    browser = signed_in(client, role)

    answer = browser.get("/locate/")

    assert answer.status_code == (200 if may else 403)
    assert (b'href="/locate/"' in answer.content) is may


@pytest.mark.usefixtures("gazetteer")
def test_it_costs_few_statements_once_the_gazetteer_is_read(browser: Client) -> None:
    asked(browser, text="Lalkothi, Delhi")

    with Statements() as statements:
        asked(browser, text="Kesar Bagh, Delhi")

    assert len(statements) <= 12


def test_the_legend_leaves_no_percent_out() -> None:
    bands = legend()

    told = [percent for band in bands for percent in range(band.lowest, band.highest + 1)]
    assert sorted(told) == list(range(101))
