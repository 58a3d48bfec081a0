"""A station is carved out of another, and one closes: which places and PINs go where."""

from dataclasses import replace

import pytest

from districts import reference
from districts.evidence import Evidence
from districts.indexing import PlaceRow
from districts.locating import locate
from districts.reorganising import (
    Opened,
    Remapped,
    Reorganisation,
    remapped,
    reorganised,
)
from districts.rules import EvidenceKind
from districts.snapshots import Rows
from tests.districts.made import AREAS, PINS, PLACES, STATIONS, place, square

NORTH_WEST = (28.735, 77.09)
"""In the part of Amraipur that becomes Nayapur."""
ROWS = Rows(
    stations=STATIONS[:4],
    pins=PINS,
    places=(
        *PLACES,
        place("Hari Kunj", "AAA-AMRAIPUR", at=NORTH_WEST),
        place("Devsar Gaon", "BBB-DEVSAR", share=1.0, at=(28.6, 77.225)),
    ),
    aliases=(("Amrai Pur Kalan", "AAA-AMRAIPUR"), ("Dev Sar", "BBB-DEVSAR")),
    states=tuple(reference.states()),
    cities=tuple(reference.cities()),
    areas=AREAS,
)
NAYAPUR = Opened(code="AAA-NAYAPUR", name="Nayapur", district_code="AAA", parents=("AAA-AMRAIPUR",))
AFTER = {
    "AAA-AMRAIPUR": square(28.715, 77.105, half=0.015),
    "AAA-NAYAPUR": square(*NORTH_WEST, half=0.005),
    "AAA-BELGRAM": square(28.72, 77.14),
    "BBB-CHITRAKUND": square(28.60, 77.22, half=0.04),
}
CHANGE = Reorganisation(opens=(NAYAPUR,), closes=("BBB-DEVSAR",), areas=AFTER)


def test_what_belonged_to_touched_stations_goes_by_the_new_areas() -> None:
    old, new = ROWS.build(version=1), reorganised(ROWS, CHANGE).build(version=2)

    localities, pins = remapped(old, new)

    moved = {each.name: (each.before, each.after) for each in localities if each.moves}
    assert moved["Hari Kunj"] == ("AAA-AMRAIPUR", "AAA-NAYAPUR")
    assert moved["Model Town"] == ("BBB-DEVSAR", "BBB-CHITRAKUND")
    assert moved["Devsar Gaon"] == ("BBB-DEVSAR", "BBB-CHITRAKUND")
    assert "Kesar Bagh" not in moved
    assert "BBB-DEVSAR" not in new.stations
    assert new.pins["110001"] == {"BBB-CHITRAKUND": 1.0}
    assert new.pins["110081"]["AAA-NAYAPUR"] > 0
    assert new.pins["110081"]["AAA-BELGRAM"] == pytest.approx(0.4)
    assert Remapped("110001", "BBB-DEVSAR", "BBB-CHITRAKUND") in pins
    there = Evidence(kind=EvidenceKind.DEVICE_POINT, lat=NORTH_WEST[0], lon=NORTH_WEST[1])
    best = locate([there], new).best
    assert best is not None
    assert best.station_code == "AAA-NAYAPUR"


def test_without_a_change_of_stations_only_areas_are_others() -> None:
    same = Reorganisation(opens=(), closes=(), areas=dict(AREAS))

    after = reorganised(ROWS, same)

    assert after == replace(ROWS, places=tuple(sorted(ROWS.places, key=key)), pins=after.pins)
    assert sorted(after.pins) == sorted(ROWS.pins)


def key(row: PlaceRow) -> tuple[str, str, float, float, str]:
    return row.name, row.kind, row.lat, row.lon, row.station
