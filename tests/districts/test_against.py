"""What speaks against a candidate: what another one has and it has not."""

from __future__ import annotations

import pytest
from django.utils import translation

from districts.against import KINDS, against
from districts.evidence import Evidence, Reason
from districts.locating import Candidate, locate
from districts.rules import EvidenceKind
from districts.wording_of_checks import AGAINST, against_words
from tests.districts.made import AREAS, make_gazetteer

NAMES = {"A": "Amraipur", "B": "Belgram"}


def candidate(code: str, *reasons: Reason) -> Candidate:
    return Candidate(district_code=code[0], station_code=code, share=0.5, reasons=reasons)


def pin(percent: int, *, of: str = "110081") -> Reason:
    return Reason("pin-share", (("pin", of), ("percent", percent)), EvidenceKind.BILLING_ADDRESS)


def name(percent: int) -> Reason:
    return Reason("locality-share", (("name", "Lalkothi"), ("percent", percent)))


STATED = Reason("station-stated", (("station", "Amraipur"),))
POINT = Reason("point-in-area", (("station", "Amraipur"), ("metres", 80)))


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        pytest.param([pin(60)], [], "Holds nothing of PIN 110081; Amraipur does", id="no PIN"),
        pytest.param(
            [pin(60)], [pin(40)], "Amraipur holds more of PIN 110081: 60 %", id="less of a PIN"
        ),
        pytest.param([name(70)], [], "Holds nothing of Lalkothi; Amraipur does", id="no place"),
        pytest.param(
            [name(70)], [name(30)], "Amraipur holds more of Lalkothi: 70 %", id="less of a place"
        ),
        pytest.param(
            [STATED],
            [],
            "The text itself gives another police station, Amraipur",
            id="another is stated",
        ),
        pytest.param([POINT], [], "The point lies in the area of Amraipur", id="point"),
    ],
)
def test_what_the_other_has_speaks_against(
    first: list[Reason], second: list[Reason], said: str
) -> None:
    for_first, for_second = against([candidate("A", *first), candidate("B", *second)])

    assert for_first == ()
    with translation.override("en"):
        assert [against_words(reason, NAMES) for reason in for_second] == [said]


def test_halves_and_what_only_oneself_holds_speak_against_nobody() -> None:
    assert against([candidate("A", pin(50)), candidate("B", pin(50))]) == [(), ()]
    assert against([candidate("A", pin(50), name(80))]) == [()]


def test_it_rests_on_the_evidence_that_speaks_for_the_other() -> None:
    _, [reason] = against([candidate("A", pin(60)), candidate("B")])

    assert reason.evidence is EvidenceKind.BILLING_ADDRESS


def test_a_code_without_a_name_stays() -> None:
    _, [reason] = against([candidate("A", pin(60)), candidate("B")])

    assert "A" in against_words(reason, {}).split()


def test_every_kind_is_worded_and_no_wording_is_left_over() -> None:
    codes = {code for kind in KINDS.values() for code in (kind.none, kind.less) if code}

    assert codes == set(AGAINST)


def test_the_locator_still_says_what_is_turned_round_here() -> None:
    text = "Lalkothi, Silver Cinema, PS Amraipur, Delhi 110081"
    evidence = Evidence(kind=EvidenceKind.DECLARED_ADDRESS, text=text, lat=28.72, lon=77.1)

    found = locate([evidence], make_gazetteer(areas=AREAS)).candidates

    assert set(KINDS) <= {reason.code for each in found for reason in each.reasons}
