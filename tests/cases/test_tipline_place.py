"""A tipline's page on where it belongs: the check that would decide, and the map of candidates."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.roles import Role
from districts.models import PoliceStation
from tests.districts.rows import made_rows
from tests.factories import NOON, make_officer, make_tipline
from tests.tiplines.rows import add_party
from tiplines.models import Address, Candidate, Tipline
from tiplines.models.tipline import Outcome
from tiplines.parsing.records import PartyRole, Provenance

pytestmark = pytest.mark.django_db
ADDRESS = "declared-address"
SHARED = [("AAA-AMRAIPUR", 0.5, 70), ("AAA-BELGRAM", 0.3, 30)]
POINT = "place-map__point"


@pytest.fixture(autouse=True)
def gazetteer() -> Iterator[None]:
    with made_rows():
        yield


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(
        make_officer(Role.ANALYST), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def reason(code: str, *, evidence: str = ADDRESS, **params: str | int) -> dict[str, Any]:
    return {"code": code, "params": params, "evidence": evidence}


NAMED = reason("locality-name", name="Lalkothi", station="Amraipur", percent=70)


def located(
    *reasons: dict[str, Any],
    shares: list[tuple[str, float, int]] = SHARED,
    outcome: Outcome = Outcome.DELHI,
    missing: list[str] | None = None,
) -> Tipline:
    """A tipline whose candidates share Lalkothi."""
    tip = make_tipline(outcome=outcome)
    tip.location_reasons = list(reasons)
    tip.missing = missing or []
    tip.gazetteer_version, tip.located_at = "1", NOON
    tip.save()
    for rank, (code, share, percent) in enumerate(shares, 1):
        station = PoliceStation.objects.get(code=code)
        Candidate.objects.create(
            tipline=tip,
            rank=rank,
            district=station.district,
            station=station,
            share=share,
            reasons=[reason("locality-share", name="Lalkothi", percent=percent)],
        )
    return tip


def unlocated() -> Tipline:
    tip = make_tipline()
    Tipline.objects.filter(pk=tip.pk).update(located_at=None)
    return tip


def add_point(tip: Tipline, *, role: PartyRole = PartyRole.SUSPECT, **more: Any) -> None:
    age = more.pop("age", 34)
    party = add_party(tip, role=role, name="A. Kumar", age=age)
    row = {"label": "", "provenance": Provenance.REPORTED.value} | more
    Address.objects.create(
        tipline=tip, party=party, latitude=28.72, longitude=77.11, place="x", **row
    )


def page_of(browser: Client, tip: Tipline) -> str:
    answer = browser.get(f"/tiplines/{tip.number}/")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_the_check_and_the_map_stand_below_the_candidates(browser: Client) -> None:
    page = page_of(browser, located(NAMED))

    check = "The house or plot number would decide between Amraipur and Belgram"
    assert page.index("PS Belgram") < page.index(check) < page.index("place-map__drawing")
    assert '<details class="why why--printed" data-open-wide>' in page
    assert "1 Amraipur, 50 %" in page
    assert page.count("place-map__drawing") == 1
    assert len(page[page.index("<figure") : page.index("</figure>")].encode()) < 50_000


def test_the_named_locality_is_marked(browser: Client) -> None:
    page = page_of(browser, located(NAMED))

    assert "place-map__named" in page
    assert POINT not in page


@pytest.mark.parametrize(
    ("more", "is_shown"),
    [
        pytest.param({}, True, id="the device of a suspect"),
        pytest.param({"role": PartyRole.VICTIM}, False, id="a victim"),
        pytest.param({"role": PartyRole.REPORTER}, False, id="who reported it"),
        pytest.param({"label": "geo"}, False, id="a look-up places the exchange"),
        pytest.param({"label": "estimated"}, False, id="so does an estimate"),
    ],
)
def test_only_a_point_of_the_suspect_is_drawn(
    browser: Client, more: dict[str, Any], *, is_shown: bool
) -> None:
    tip = located(NAMED)
    add_point(tip, **more)

    assert (POINT in page_of(browser, tip)) is is_shown


def test_no_point_of_a_protected_suspect_is_drawn(browser: Client) -> None:
    tip = located(NAMED)
    add_point(tip, age=15)
    assert tip.parties.get().is_protected

    assert POINT not in page_of(browser, tip)


@pytest.mark.parametrize(
    ("missing", "words"),
    [(["ip-port"], "Ask the platform for the source port"), ([], "Ask the internet provider")],
)
def test_whom_to_ask_depends_on_the_port(browser: Client, missing: list[str], words: str) -> None:
    tip = located(reason("coarse-kind", evidence="ip-lookup"), shares=[], missing=missing)

    assert words in page_of(browser, tip)


@pytest.mark.parametrize(
    "tip",
    [
        pytest.param(lambda: located(NAMED, shares=[("AAA-BELGRAM", 0.95, 90)]), id="sure"),
        pytest.param(lambda: located(shares=[], outcome=Outcome.OTHER_STATE), id="another State"),
        pytest.param(unlocated, id="not located yet"),
    ],
)
def test_where_nothing_is_left_to_decide_no_check_is_named(browser: Client, tip: Any) -> None:
    assert "One check would decide" not in page_of(browser, tip())


def test_reasons_of_an_earlier_locator_leave_the_page_whole(browser: Client) -> None:
    old = {"code": "locality-against-pin", "params": {}, "evidence": "tea-leaves"}

    page = page_of(browser, located(old, {"code": "never-was"}))

    assert "place-map__drawing" in page
