"""A point's name over the stations around it."""

import pytest
from shapely.geometry import shape

from districts.places import flattened
from districts.spreading import spread_points
from tests.districts.made import AREAS

FLAT = flattened([(code, shape(geometry)) for code, geometry in AREAS])
LIMIT = 77.12  # longitude of the limit between Amraipur and Belgram


def test_a_point_amid_an_area_is_its_own() -> None:
    assert spread_points([(28.72, 77.10, 400)], FLAT) == [{"AAA-AMRAIPUR": pytest.approx(1)}]


def test_a_point_on_the_limit_is_shared_evenly() -> None:
    (spread,) = spread_points([(28.72, LIMIT, 400)], FLAT)

    assert spread["AAA-AMRAIPUR"] == pytest.approx(0.5, abs=0.05)
    assert sum(spread.values()) == pytest.approx(1)


def test_the_nearer_the_limit_the_less_is_sure() -> None:
    places = [(28.72, LIMIT - metres / 97_700, 400) for metres in (100, 400, 700)]
    shares = [spread["AAA-AMRAIPUR"] for spread in spread_points(places, FLAT)]

    assert 0.5 < shares[0] < shares[1] < shares[2] < 1


def test_a_point_far_from_any_area_says_nothing() -> None:
    assert spread_points([(28.0, 76.0, 400)], FLAT) == [{}]
