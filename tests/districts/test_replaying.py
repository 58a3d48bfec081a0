"""The same answer from what was stored; and which station registers."""

import hashlib
import json
from dataclasses import replace

import pytest

from districts.evidence import Evidence
from districts.registering import Assigned
from districts.replaying import ENGINE, Basis, differences, locate_on
from districts.rules import DEFAULT, EvidenceKind, RegistersAt
from tests.districts.made import AREAS, make_gazetteer

EVIDENCE = (
    Evidence(
        kind=EvidenceKind.DECLARED_ADDRESS,
        text="H.No 12, Kesar Bagh, Delhi",
        postal_code="110081",
        provenance="persons[0]",
    ),
    Evidence(kind=EvidenceKind.DEVICE_POINT, lat=28.72, lon=77.141),
    Evidence(kind=EvidenceKind.IP_LOOKUP, city="Mumbai", state="Maharashtra"),
)
ANSWERS = (7, "d13b")
"""The engine and the digest of what it answers below."""


def test_a_basis_comes_back_from_its_data_and_replays_to_the_same() -> None:
    gazetteer = make_gazetteer(areas=AREAS)
    location, basis = locate_on(EVIDENCE, gazetteer, DEFAULT)

    again = Basis.from_data(json.loads(json.dumps(basis.as_data())))

    assert again == basis
    assert again.evidence == EVIDENCE
    assert (again.found_district, again.found) == ("AAA", "AAA-BELGRAM")
    assert location.best is not None
    assert location.best.station_code == again.found
    assert differences(again, gazetteer, DEFAULT) == ()


def test_every_part_that_was_changed_is_named() -> None:
    gazetteer = make_gazetteer(areas=AREAS)
    _location, basis = locate_on(EVIDENCE, gazetteer, DEFAULT)
    elsewhere = replace(EVIDENCE[0], text="Model Town", postal_code="110001")
    heavy = DEFAULT.weights | {EvidenceKind.IP_LOOKUP: 100}  # type: ignore[operator]

    assert differences(replace(basis, answer={}), gazetteer, DEFAULT) == ("answer",)
    assert "location" in differences(replace(basis, evidence=(elsewhere,)), gazetteer, DEFAULT)
    assert "location" in differences(basis, gazetteer, replace(DEFAULT, weights=heavy))
    assert differences(basis, gazetteer, replace(DEFAULT, number=3)) == ("rules",)
    assert "gazetteer" in differences(basis, replace(gazetteer, version=8), DEFAULT)


def test_changed_answers_need_another_engine() -> None:
    """If this fails: the code answers otherwise than before. Raise `replaying.ENGINE`, and write
    the number and the digest here.
    """
    pieces = [
        [Evidence(kind=kind, text=text, city=city, postal_code=pin)]
        for kind in EvidenceKind
        for text, city, pin in (
            ("Kesar Bagh", "", ""),
            ("12 Padmini Sector 7, Delhi", "New Delhi", "110081"),
            ("Kesr Bagh near PS Devsar", "", "110001"),
            ("Model Town", "Ludhiana", ""),
            ("Lalkothi", "Delhi", "201301"),
            ("Belgram Road", "", ""),
            ("", "Noida", ""),
            ("near the market", "", ""),
        )
    ]
    points = [(28.72, 77.1), (28.72, 77.12), (28.7, 77.16), (28.5, 77.0), (51.5, 0.1)]
    pieces += [[Evidence(kind=EvidenceKind.DEVICE_POINT, lat=lat, lon=lon)] for lat, lon in points]
    pieces += [[one, *EVIDENCE] for [one] in pieces] + [list(EVIDENCE), []]
    answers = [
        locate_on(each, gazetteer, DEFAULT)[1].as_data()
        for gazetteer in (make_gazetteer(), make_gazetteer(areas=AREAS))
        for each in pieces
    ]
    told = json.dumps([DEFAULT.as_data(), answers], sort_keys=True)

    assert (ENGINE, hashlib.sha256(told.encode()).hexdigest()[:4]) == ANSWERS


AT_CYBER = Assigned(
    district="AAA",
    chosen="A",
    chosen_has_area=True,
    cyber="C",
    registers_at=RegistersAt.CYBER,
)


@pytest.mark.parametrize(
    ("assigned", "residence", "registering"),
    [
        pytest.param(
            Assigned(district="AAA", chosen="A", chosen_has_area=True, found="B", cyber="C"),
            *("A", "A"),
            id="the chosen station is that of residence, and registers",
        ),
        pytest.param(
            AT_CYBER,
            *("A", "C"),
            id="the district registers at its cyber station",
        ),
        pytest.param(
            Assigned(
                district="AAA", chosen="A", chosen_has_area=True, registers_at=RegistersAt.CYBER
            ),
            *("A", "A"),
            id="it has none",
        ),
        pytest.param(
            replace(AT_CYBER, is_fixed=True),
            *("A", "A"),
            id="it does, but the case was opened before",
        ),
        pytest.param(
            Assigned(
                district="AAA", chosen="M", found="B", cyber="C", registers_at=RegistersAt.CYBER
            ),
            *("B", "M"),
            id="it does, but an officer chose the metro's station",
        ),
        pytest.param(
            Assigned(district="AAA", chosen="C", found="B", cyber="C"),
            *("B", "C"),
            id="an officer chose the cyber station: residence as found",
        ),
        pytest.param(
            Assigned(district="AAA", found="B", cyber="C"),
            *("", ""),
            id="the district is to name the station",
        ),
        pytest.param(
            Assigned(district="AAA", found="B", cyber="C", registers_at=RegistersAt.CYBER),
            *("", "C"),
            id="and registers at its cyber station",
        ),
    ],
)
def test_residence_and_registering_station(
    assigned: Assigned, residence: str, registering: str
) -> None:
    assert (assigned.residence, assigned.registering) == (residence, registering)
