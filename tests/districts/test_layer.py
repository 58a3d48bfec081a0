"""What the map is drawn from: areas and names by code, and the points of named localities."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from districts.evidence import Reason
from districts.layer import forget, marks_of, present_map
from districts.models import Boundary, GazetteerVersion, Locality
from tests.districts.made import square
from tests.factories import NOON, make_district, make_gazetteer_version, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


def add_boundary(code: str, area: dict[str, Any]) -> None:
    Boundary.objects.create(
        station=make_station(code=code),
        geojson=area,
        source="made",
        loaded_at=NOON,
        version=make_gazetteer_version(),
    )


def add_place(name: str, *, station: str = "S1", share: float | None = None, **more: Any) -> None:
    at = make_station(code=station)
    row = {
        "folded_name": name.casefold(),
        "kind": "post-office locality",
        "lat": 28.7,
        "lon": 77.1,
        "confidence": "high",
        "source": "made",
    } | more
    Locality.objects.create(
        name=name,
        station=at,
        district=at.district,
        share=share,
        version=make_gazetteer_version(),
        **row,
    )


def named(*names: str) -> list[Reason]:
    return [Reason("locality-name", (("name", name), ("percent", 90))) for name in names]


def test_without_a_gazetteer_nothing_can_be_drawn() -> None:
    mapped = present_map()

    assert (mapped.layer.areas, mapped.layer.points, mapped.names) == ({}, {}, {})


def test_areas_are_read_once_until_the_layer_changes() -> None:
    add_boundary("S1", square(28.7, 77.1))
    first = present_map()

    with CaptureQueriesContext(connection) as statements:
        again = present_map()
    add_boundary("S2", square(28.7, 77.2))
    GazetteerVersion.objects.update(layer_digest="1" * 64)

    assert again is first
    assert len(statements) == 1
    assert set(first.layer.areas) == {"S1"}
    assert set(present_map().layer.areas) == {"S1", "S2"}


def test_a_feature_around_the_polygon_is_read_too() -> None:
    add_boundary("S1", {"type": "Feature", "geometry": square(28.7, 77.1)})

    assert present_map().layer.areas["S1"].area == pytest.approx(17.4, abs=0.1)


def test_names_follow_the_language_and_fall_back_to_english() -> None:
    make_station(code="S1", name="Prashant Vihar", district=make_district())
    mapped = present_map()

    with translation.override("en"):
        assert (mapped.names["ROH"], mapped.names["S1"]) == ("Rohini", "Prashant Vihar")
    with translation.override("hi"):
        assert (mapped.names["ROH"], mapped.names["S1"]) == ("रोहिणी", "Prashant Vihar")
    assert mapped.stations_of == {"ROH": ("S1",)}


def test_the_locality_that_the_text_names_is_marked() -> None:
    add_place("Kesar Bagh", lat=28.72)
    add_place("Lalkothi", lat=28.73)

    [mark] = marks_of(named("Kesar Bagh"), ["S1"])

    assert (mark.name, mark.lat, mark.lon) == ("Kesar Bagh", 28.72, 77.1)


@pytest.mark.parametrize(
    "add",
    [
        pytest.param({"station": "S2"}, id="in a station that is no candidate"),
        pytest.param({"kind": "station name"}, id="the name of a station"),
    ],
)
def test_what_is_not_the_place_is_not_marked(add: dict[str, Any]) -> None:
    add_place("Kesar Bagh", **add)

    assert marks_of(named("Kesar Bagh"), ["S1"]) == []


def test_of_a_place_in_parts_the_point_or_else_the_largest_part_is_marked() -> None:
    add_place("Lalkothi", share=0.3, lat=28.1)
    add_place("Lalkothi (Part)", share=0.7, lat=28.2, folded_name="lalkothi part")

    assert [mark.lat for mark in marks_of(named("Lalkothi"), ["S1"])] == [28.2]

    add_place("Lalkothi", lat=28.3)

    assert [mark.lat for mark in marks_of(named("Lalkothi"), ["S1"])] == [28.3]


def test_reasons_of_other_kinds_name_no_place() -> None:
    add_place("Kesar Bagh")

    with CaptureQueriesContext(connection) as statements:
        found = marks_of([Reason("road-named", (("name", "Kesar Bagh"),))], ["S1"])

    assert found == []
    assert len(statements) == 0
