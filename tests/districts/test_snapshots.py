"""A version of the gazetteer can be built again after the tables have changed."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from districts import reference
from districts.evidence import Evidence
from districts.gazetteer import (
    NotKept,
    forget,
    gazetteer_of,
    present_gazetteer,
    rows_in_tables,
    rows_of,
)
from districts.loading import load_boundaries, load_gazetteer
from districts.locating import locate
from districts.models import GazetteerSnapshot, GazetteerVersion
from districts.rules import EvidenceKind
from districts.snapshots import DamagedSnapshot, Rows, pack, unpack
from tests.districts.made import AREAS, PINS, PLACES, STATIONS, square
from tests.districts.test_loading import change, collection, copy_of_data, feature

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ADDRESS = Evidence(
    kind=EvidenceKind.DECLARED_ADDRESS, text="H.No 12, Kesar Bagh, Delhi", lat=28.72, lon=77.13
)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


@pytest.fixture
def rows() -> Rows:
    return Rows(
        stations=STATIONS,
        pins=PINS,
        places=PLACES,
        aliases=(("Amrai Pur Kalan", "AAA-AMRAIPUR"),),
        states=tuple(reference.states()),
        cities=tuple(reference.cities()),
        areas=AREAS,
    )


def test_rows_come_back_as_they_were_packed(rows: Rows) -> None:
    packed = pack(rows)

    again = unpack(packed)

    assert again == rows
    assert pack(again) == packed
    one, other = (locate([ADDRESS], each.build(version=7)) for each in (rows, again))
    assert one.candidates
    assert one == other


@pytest.mark.parametrize("how", ["no archive", "other rows"])
def test_a_damaged_snapshot_is_not_read(rows: Rows, how: str) -> None:
    packed = pack(rows)
    content = b"x" if how == "no archive" else zlib.compress(b"{}")

    with pytest.raises(DamagedSnapshot):
        unpack(replace(packed, content=content))


@pytest.mark.django_db
def test_each_version_is_kept_as_it_was_loaded(tmp_path: Path) -> None:
    load_gazetteer(at=AT)
    first = rows_in_tables()
    folder = copy_of_data(tmp_path)
    change(folder / "police_stations.csv", ",Prashant Vihar,", ",Prashant Gram,")
    change(folder / "cities.csv", "Noida,", "Nayi Noida,")
    load_gazetteer(at=AT, folder=folder)
    layer = collection(feature("ROH-PRASHANT-VIHAR", square(28.72, 77.13)))
    load_boundaries(layer=layer, source="made", at=AT)

    assert rows_of(1) == first
    assert rows_of(2) == replace(rows_in_tables(folder=folder), areas=())
    assert not gazetteer_of(1).has_areas
    names = [gazetteer_of(number).stations["ROH-PRASHANT-VIHAR"].name for number in (1, 2, 3)]
    assert names == ["Prashant Vihar", "Prashant Gram", "Prashant Gram"]
    assert present_gazetteer() is gazetteer_of(3)
    assert gazetteer_of(3).has_areas


@pytest.mark.django_db
def test_a_load_that_changes_nothing_keeps_nothing_more() -> None:
    load_gazetteer(at=AT)
    load_gazetteer(at=AT)

    assert GazetteerSnapshot.objects.count() == 1


@pytest.mark.django_db
def test_a_version_of_before_is_kept_by_the_next_load_and_older_ones_are_not(
    tmp_path: Path,
) -> None:
    load_gazetteer(at=AT)
    GazetteerVersion.objects.update(number=5)
    GazetteerVersion.objects.create(number=4, digest="0" * 64, loaded_at=AT)
    GazetteerSnapshot.objects.all().delete()
    present = present_gazetteer()
    folder = copy_of_data(tmp_path)
    change(folder / "police_stations.csv", ",Prashant Vihar,", ",Prashant Gram,")

    load_gazetteer(at=AT, folder=folder)

    assert present.version == 5
    assert gazetteer_of(5).stations == present.stations
    assert gazetteer_of(6).stations != present.stations
    with pytest.raises(NotKept):
        gazetteer_of(4)
