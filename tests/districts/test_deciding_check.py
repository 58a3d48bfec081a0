"""The one check that would decide: one for each way in which an answer stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.utils import translation

from districts.deciding_check import deciding_check
from districts.evidence import Evidence, Outcome, Reason
from districts.locating import Candidate, Location, locate
from districts.rules import EvidenceKind
from districts.wording_of_checks import CHECKS, check_words
from tests.districts.made import AREAS, STATIONS, make_gazetteer

A, B, C, D = (fact.code for fact in STATIONS[:4])  # A and B in one district, C and D in another
NAMES = {fact.code: fact.name for fact in STATIONS} | {"AAA": "Amra", "BBB": "Banga"}
ADDRESS, IP = EvidenceKind.DECLARED_ADDRESS, EvidenceKind.IP_LOOKUP
GAZETTEER = make_gazetteer(areas=AREAS)


def said(code: str, *, evidence: EvidenceKind | None = ADDRESS, **params: str | int) -> Reason:
    return Reason(code, tuple(params.items()), evidence)


def name(of: str, percent: int) -> Reason:
    return said("locality-share", name=of, percent=percent)


def pin(of: str, percent: int) -> Reason:
    return said("pin-share", pin=of, percent=percent)


def candidate(code: str, *reasons: Reason, share: float = 0.4) -> Candidate:
    district = code[:3]
    station = None if code == district else code
    return Candidate(district_code=district, station_code=station, share=share, reasons=reasons)


def answer(
    *candidates: Candidate,
    reasons: Sequence[Reason] = (),
    outcome: Outcome = Outcome.DELHI,
) -> Location:
    return Location(
        outcome=outcome,
        candidates=candidates,
        reasons=tuple(reasons),
        state_name="",
        gazetteer_version=7,
    )


def divided(first: Outcome, second: Outcome, *reasons: Reason) -> Location:
    conflict = said("claims-conflict", evidence=None, first=first.value, second=second.value)
    return answer(reasons=[*reasons, conflict], outcome=Outcome.CANNOT_SAY)


NAMED = said("locality-name", name="Lalkothi", station="Amraipur", percent=70)
PINNED = said("pin-stations", pin="110081", count=2, station="Amraipur", percent=60)
COARSE = said("coarse-kind", evidence=IP)

CASES: dict[str, tuple[Location, str]] = {
    "ask-port": (answer(reasons=[COARSE]), "Ask the platform for the source port and"),
    "ask-for-ips": (
        answer(reasons=[said("coarse-kind", evidence=EvidenceKind.PROVIDER_ESTIMATE)]),
        "Ask the platform for IP addresses with port",
    ),
    "no-such-pin": (
        answer(reasons=[said("pin-unknown", pin="999999")], outcome=Outcome.CANNOT_SAY),
        "no State has 999999",
    ),
    "which-town": (
        answer(
            reasons=[said("common-name", name="Model Town"), said("too-little", evidence=None)],
            outcome=Outcome.CANNOT_SAY,
        ),
        "Is it the Model Town in Delhi?",
    ),
    "which-country": (
        divided(Outcome.OTHER_STATE, Outcome.ABROAD),
        "which country and State",
    ),
    "delhi-or-abroad": (divided(Outcome.DELHI, Outcome.ABROAD), "In Delhi or abroad?"),
    "pin-or-delhi": (
        divided(
            Outcome.OTHER_STATE,
            Outcome.DELHI,
            said("pin-other-state", pin="201301", state="Uttar Pradesh"),
        ),
        "Is PIN 201301 right, which is in Uttar Pradesh,",
    ),
    "delhi-or-city": (
        divided(
            Outcome.OTHER_STATE,
            Outcome.DELHI,
            said("near-delhi-city", city="Noida", state="Uttar Pradesh"),
        ),
        "In Delhi or in Noida, Uttar Pradesh?",
    ),
    "delhi-or-state": (
        divided(Outcome.DELHI, Outcome.OTHER_STATE, said("state-named", state="Haryana")),
        "In Delhi or in Haryana?",
    ),
    "delhi-or-elsewhere": (
        divided(Outcome.DELHI, Outcome.OTHER_STATE, said("point-outside-delhi")),
        "In Delhi or outside?",
    ),
    "pin-or-locality": (
        answer(
            candidate(A, pin("110081", 60)),
            candidate(C, name("Dwarika", 90)),
            reasons=[PINNED, said("locality-against-pin", name="Dwarika", pin="110081")],
        ),
        "Which of the two is right, PIN 110081 or Dwarika?",
    ),
    "stated-station": (
        answer(
            candidate(A, pin("110081", 60)),
            candidate(C, said("station-stated", station="Chitrakund")),
            reasons=[PINNED],
        ),
        "The text gives PS Chitrakund, the rest points to PS Amraipur",
    ),
    "installation-decides": (
        answer(
            candidate(A, pin("110081", 60)),
            candidate(C, name("Dwarika", 90)),
            reasons=[said("pieces-disagree", evidence=None, count=2)],
        ),
        "divided between Amraipur and Chitrakund: ask the provider",
    ),
    "which-is-current": (
        answer(
            candidate(A, pin("110081", 60)),
            candidate(C, name("Dwarika", 90)),
            reasons=[
                said("delhi-named", evidence=EvidenceKind.INSTALLATION_ADDRESS),
                said("pieces-disagree", evidence=None, count=2),
            ],
        ),
        "ask which address is the present one",
    ),
    "point-or-address": (
        answer(
            candidate(C, said("point-in-area", station="Chitrakund", metres=900)),
            candidate(A, name("Lalkothi", 70)),
            reasons=[NAMED],
        ),
        "The point lies in Chitrakund, the address in Amraipur",
    ),
    "point-near-limit": (
        answer(candidate(A, said("point-in-area", station="Amraipur", metres=31)), candidate(B)),
        "The point is 31 m from the limit of Amraipur: the house address would decide between it "
        "and Belgram",
    ),
    "point-beside-delhi": (
        answer(
            reasons=[said("point-just-outside", station="Amraipur", metres=120)],
            outcome=Outcome.CANNOT_SAY,
        ),
        "The point is 120 m outside Delhi, beside Amraipur",
    ),
    "point-without-areas": (
        answer(reasons=[said("point-between", metres=1800)], outcome=Outcome.CANNOT_SAY),
        "Load the stations' boundaries",
    ),
    "is-it-spelt": (
        answer(
            candidate(A, name("Lalkothi", 70)),
            candidate(B, name("Lalkothi", 30)),
            reasons=[said("locality-like", written="lalkota", name="Lalkothi", station="Amraipur")],
        ),
        "Is “lalkota” Lalkothi?",
    ),
    "where-on-road": (
        answer(
            candidate(A, name("Lalkothi", 70)),
            candidate(B, name("Lalkothi", 30)),
            reasons=[said("road-named", name="Lalkothi")],
        ),
        "Where on Lalkothi?",
    ),
    "near-station": (
        answer(
            candidate(A, name("Amraipur", 60)), reasons=[said("station-name-only", name="Amraipur")]
        ),
        "Amraipur is known only as a station's name",
    ),
    "which-sector": (
        answer(
            candidate(A, name("Padmini", 50)), candidate(B, name("Padmini", 50)), reasons=[NAMED]
        ),
        "Which sector of Padmini",
    ),
    "which-district": (
        answer(
            candidate(A, name("Lalkothi", 50)), candidate(D, name("Lalkothi", 50)), reasons=[NAMED]
        ),
        "Is it the Lalkothi in Amra or the Lalkothi in Banga?",
    ),
    "pin-decides": (
        answer(
            candidate("CCC-1", name("Lalkothi", 50)),
            candidate("CCC-2", name("Lalkothi", 50)),
            reasons=[NAMED],
        ),
        "The PIN code would decide: 110091 for CCC-1, 110092 for CCC-2",
    ),
    "which-pocket": (
        answer(
            candidate(A, name("Padmini Sector 7", 50)),
            candidate(B, name("Padmini Sector 7", 50)),
            reasons=[NAMED],
        ),
        "Which pocket or block of Padmini Sector 7? It would decide between Amraipur and Belgram",
    ),
    "house-number": (
        answer(
            candidate(A, name("Lalkothi", 70)), candidate(B, name("Lalkothi", 30)), reasons=[NAMED]
        ),
        "The house or plot number would decide between Amraipur and Belgram, which share Lalkothi",
    ),
    "house-in-pin": (
        answer(
            candidate(A, name("Lalkothi", 70), pin("110081", 60)),
            candidate(B, pin("110081", 40)),
            reasons=[NAMED, PINNED],
        ),
        "The house number and street would decide between Amraipur and Belgram, which share PIN",
    ),
    "locality-in-pin": (
        answer(candidate(A, pin("110081", 60)), candidate(B, pin("110081", 40)), reasons=[PINNED]),
        "The locality, sector or block would decide between Amraipur and Belgram",
    ),
    "which-name": (
        answer(
            candidate(A, name("Lalkothi", 90)), candidate(C, name("Dwarika", 90)), reasons=[NAMED]
        ),
        "Is the house in Lalkothi, which is Amraipur's, or in Dwarika, which is Chitrakund's?",
    ),
    "ask-parent": (
        answer(
            candidate(D, name("Model Town", 90)),
            reasons=[NAMED, said("newer-station", station="Navin Path", parent="Devsar")],
        ),
        "Ask PS Devsar whether the address has gone to Navin Path",
    ),
    "ask-declared": (
        answer(reasons=[said("delhi-named", evidence=EvidenceKind.FREE_TEXT)]),
        "so far only free text names a place",
    ),
    "place-in-pin": (
        answer(reasons=[said("pin-not-mapped", pin="110099")]),
        "the stations of PIN 110099 are not known here",
    ),
    "only-delhi": (answer(reasons=[said("delhi-named")]), "Only Delhi is named"),
    "full-address": (
        answer(candidate(A, name("Lalkothi", 70)), reasons=[NAMED]),
        "The house number and the PIN code would make Amraipur sure",
    ),
    "station-in-district": (
        answer(candidate("AAA"), reasons=[said("delhi-named")]),
        "would name a station of Amra",
    ),
    "ask-address": (
        answer(reasons=[said("nothing-said", evidence=None)], outcome=Outcome.CANNOT_SAY),
        "no place is given",
    ),
}
APART = replace(
    GAZETTEER, pins={**GAZETTEER.pins, "110091": {"CCC-1": 1.0}, "110092": {"CCC-2": 1.0}}
)
OTHERS = {"pin-decides": APART, "which-sector": GAZETTEER}


@pytest.mark.parametrize("code", CASES)
def test_each_open_answer_has_its_check(code: str) -> None:
    location, words = CASES[code]

    check = deciding_check(location, OTHERS.get(code, GAZETTEER))

    assert check is not None
    assert check.code == code
    with translation.override("en"):
        told = check_words(check, NAMES)
    assert words in told
    assert "%(" not in told


def test_with_a_port_the_provider_is_asked_for_the_installation() -> None:
    location = answer(reasons=[COARSE])

    assert deciding_check(location, GAZETTEER, has_port=True) == Reason("ask-installation")


def test_every_check_is_tested_and_worded() -> None:
    assert {*CASES, "ask-installation"} == set(CHECKS)


@pytest.mark.parametrize(
    "location",
    [
        pytest.param(answer(candidate(A, share=0.97)), id="sure"),
        pytest.param(answer(outcome=Outcome.OTHER_STATE), id="another State"),
        pytest.param(answer(outcome=Outcome.ABROAD), id="abroad"),
    ],
)
def test_what_is_decided_needs_no_check(location: Location) -> None:
    assert deciding_check(location, GAZETTEER) is None


def test_with_a_pin_no_pin_is_asked_for() -> None:
    one, other = candidate(A, name("Lalkothi", 50)), candidate(D, name("Lalkothi", 50))

    check = deciding_check(answer(one, other, reasons=[NAMED, PINNED]), GAZETTEER)

    assert check is not None
    assert check.code == "house-number"


def test_one_pin_of_both_stations_decides_nothing() -> None:
    one, other = candidate(A, name("Lalkothi", 50)), candidate(B, name("Lalkothi", 50))

    check = deciding_check(answer(one, other, reasons=[NAMED]), GAZETTEER)

    assert check is not None
    assert check.code == "house-number"


def test_a_listed_name_beside_a_road_is_the_better_lead() -> None:
    road = said("road-named", name="Kesar")
    one, other = candidate(A, name("Lalkothi", 50)), candidate(B, name("Lalkothi", 50))

    check = deciding_check(answer(one, other, reasons=[road, NAMED]), GAZETTEER)

    assert check is not None
    assert check.code == "house-number"


def test_a_trace_of_a_place_is_no_share_of_it() -> None:
    one, other = candidate(A, name("Lalkothi", 98)), candidate(B, name("Lalkothi", 1))

    check = deciding_check(answer(one, other, reasons=[NAMED]), GAZETTEER)

    assert check is not None
    assert check.code == "which-name"


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        pytest.param({"text": "Lalkothi, Delhi"}, "house-number", id="one place of two stations"),
        pytest.param({"postal_code": "110081"}, "locality-in-pin", id="a PIN of two stations"),
        pytest.param({"text": "Kesar Bagh", "postal_code": "110001"}, "pin-or-locality", id="odds"),
        pytest.param({"lat": 28.72, "lon": 77.1195}, "point-near-limit", id="near the limit"),
        pytest.param({"text": "Delhi"}, "only-delhi", id="Delhi alone"),
        pytest.param({"text": "near the temple"}, "ask-address", id="no place"),
        pytest.param({"text": "Model Town"}, "which-town", id="a name of many towns"),
    ],
)
def test_real_answers_have_their_check(evidence: dict[str, str | float], code: str) -> None:
    piece = Evidence(kind=ADDRESS, **evidence)  # type: ignore[arg-type]  # as a test writes it

    check = deciding_check(locate([piece], GAZETTEER), GAZETTEER)

    assert check is not None
    assert check.code == code
