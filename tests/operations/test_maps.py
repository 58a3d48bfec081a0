"""The map: circles that do not cover each other, or areas where boundaries are loaded."""

from __future__ import annotations

from itertools import combinations
from math import hypot

import pytest

from districts.models import Boundary
from operations import maps
from operations.boards import legend, percent, shade, sparkline
from tests.factories import NOON, make_district, make_gazetteer_version, make_station

CENTRES = {
    1: (77.20, -28.65),
    2: (77.21, -28.65),
    3: (77.21, -28.66),
    4: (77.05, -28.60),
    5: (77.30, -28.70),
    6: (77.10, -28.75),
}


def test_no_circle_covers_another_or_leaves_the_drawing() -> None:
    places = maps.spread(CENTRES)

    for one, other in combinations(places.values(), 2):
        assert hypot(one[0] - other[0], one[1] - other[1]) >= 2 * maps.RADIUS
    for x, y in places.values():
        assert maps.RADIUS <= x <= maps.WIDTH - maps.RADIUS
        assert maps.RADIUS <= y <= maps.HEIGHT - maps.RADIUS


def test_the_same_centres_give_the_same_drawing() -> None:
    assert maps.spread(CENTRES) == maps.spread(CENTRES)


def test_districts_at_one_point_are_drawn_apart() -> None:
    places = maps.spread({1: (77.2, -28.6), 2: (77.2, -28.6)})

    assert places[1] != places[2]


@pytest.mark.django_db
def test_boundaries_of_the_stations_become_the_area_of_their_district() -> None:
    maps.drawn.cache_clear()
    district = make_district()
    for index in range(2):
        west = 77.0 + index * 0.1
        corners = [[west, 28.6], [west + 0.1, 28.6], [west + 0.1, 28.7], [west, 28.7], [west, 28.6]]
        Boundary.objects.create(
            station=make_station(code=f"S{index}", district=district),
            geojson={"type": "Polygon", "coordinates": [corners]},
            source="made",
            loaded_at=NOON,
            version=make_gazetteer_version(),
        )

    areas = maps.drawing()
    maps.drawn.cache_clear()

    assert list(areas) == [district.pk]
    assert areas[district.pk].path.count("M") == 1  # the two stations are one area
    assert 0 < areas[district.pk].x < maps.WIDTH


@pytest.mark.django_db
def test_without_a_gazetteer_there_is_no_map() -> None:
    assert maps.drawing() == {}


@pytest.mark.parametrize("highest", [0, 1, 2, 3, 4, 5, 17, 100])
def test_every_number_has_the_shade_that_the_legend_says(highest: int) -> None:
    bands = {band.shade: band for band in legend(highest)}

    for value in range(highest + 1):
        band = bands[shade(value, highest=highest)]
        assert band.lowest <= value <= band.highest


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, 0), (0, 9, 0), (1, 1000, 1), (999, 1000, 99), (5, 10, 50), (10, 10, 100)],
)
def test_a_bar_is_never_empty_for_something_nor_full_for_less(
    part: int, whole: int, shown: int
) -> None:
    assert percent(part, of=whole) == shown


def test_a_trend_stays_within_its_box() -> None:
    trend = sparkline([0, 1, 5, 10], highest=10)

    assert [column.height for column in trend.columns] == [1.0, 2.0, 10.0, 20]
    assert all(column.y >= 0 and column.y + column.height <= 20 for column in trend.columns)
    assert all(column.x >= 0 and column.x + column.width <= 100 for column in trend.columns)
