"""The map of an answer: which stations, how shaded, where their names stand, how long it may be."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from districts.drawing import (
    HEIGHTS,
    LETTER,
    TEXT,
    WIDTH,
    Drawing,
    Label,
    Layer,
    Mark,
    Shaded,
    draw,
    flat,
    path_of,
    shade_of,
)
from districts.places import plane
from tests.districts.made import AREAS, NORTH_POINT, STATIONS, square

NAMES = {fact.code: fact.name for fact in STATIONS}
POINTS = {
    fact.code: plane(fact.lat, fact.lon)
    for fact in STATIONS
    if fact.lat is not None and fact.lon is not None
}
LAYER = Layer(areas={code: flat(shape(area)) for code, area in AREAS}, points=POINTS)
NO_AREAS = Layer(areas={}, points=POINTS)
AMRAIPUR = Shaded(name="Amraipur", share=0.7, stations=("AAA-AMRAIPUR",))
BELGRAM = Shaded(name="Belgram", share=0.2, stations=("AAA-BELGRAM",))
DEVSAR = Shaded(name="Devsar", share=0.3, stations=("BBB-DEVSAR",))


def drawn(*shaded: Shaded, layer: Layer = LAYER, marks: tuple[Mark, ...] = ()) -> Drawing:
    drawing = draw(layer, shaded, names=NAMES, marks=marks)
    assert drawing is not None
    return drawing


def corners(path: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"(-?\d+),(-?\d+)", path)]


def test_candidates_are_shaded_by_share_in_their_order() -> None:
    drawing = drawn(AMRAIPUR, BELGRAM)

    told = [(each.rank, each.name, each.percent, each.shade) for each in drawing.candidates]
    assert told == [(1, "Amraipur", 70, 3), (2, "Belgram", 20, 1)]
    assert all(corners(each.path) for each in drawing.candidates)


@pytest.mark.parametrize(
    ("share", "shade"),
    [(0.0, 1), (0.01, 1), (0.25, 1), (0.26, 2), (0.5, 2), (0.75, 3), (0.76, 4), (1.0, 4)],
)
def test_shades_are_equal_steps(share: float, shade: int) -> None:
    assert shade_of(share) == shade


def test_north_is_at_the_top_and_east_on_the_right() -> None:
    one, other = drawn(AMRAIPUR, DEVSAR).candidates

    assert one.y < other.y
    assert one.x < other.x


def test_a_square_stays_a_square() -> None:
    places = corners(drawn(AMRAIPUR).candidates[0].path)

    wide = max(x for x, _ in places) - min(x for x, _ in places)
    high = max(y for _, y in places) - min(y for _, y in places)
    assert high / wide == pytest.approx(1 / 0.878, abs=0.02)  # cosine of Delhi's latitude


def test_neighbours_are_outlined_and_named_and_the_far_side_of_the_city_is_not() -> None:
    drawing = drawn(AMRAIPUR)

    assert drawing.around == ("Belgram",)
    assert len(drawing.others) == 1


def test_what_the_frame_holds_without_bordering_is_outlined_only() -> None:
    drawing = drawn(AMRAIPUR, DEVSAR)

    assert len(drawing.others) == 2
    assert drawing.around == ("Belgram", "Chitrakund")


def test_everything_stays_within_the_drawing() -> None:
    drawing = drawn(AMRAIPUR, DEVSAR, marks=(Mark(lat=28.65, lon=77.17),))

    assert HEIGHTS[0] <= drawing.height <= HEIGHTS[1]
    for each in drawing.candidates:
        assert all(0 <= x <= WIDTH and 0 <= y <= drawing.height for x, y in corners(each.path))
    for label in [*drawing.labels, *(each.label for each in drawing.candidates)]:
        assert room_of(label)[0] >= -1
        assert room_of(label)[2] <= WIDTH + 1
        assert TEXT <= label.y <= drawing.height


def room_of(label: Label) -> tuple[float, float, float, float]:
    half = len(label.text) * LETTER * TEXT / 2
    return label.x - half, label.y - TEXT, label.x + half, label.y


def test_names_do_not_cover_each_other() -> None:
    close = [
        (
            f"S{n}",
            {
                "type": "Polygon",
                "coordinates": square(28.7, 77.1 + n * 0.002, half=0.001)["coordinates"],
            },
        )
        for n in range(5)
    ]
    layer = Layer(areas={code: flat(shape(area)) for code, area in close}, points={})
    shaded = [Shaded(name=f"Station {code}", share=0.2, stations=(code,)) for code, _ in close]

    drawing = draw(layer, shaded, names={})

    assert drawing is not None
    labels = [each.label for each in drawing.candidates]
    for one, other in combinations(map(room_of, labels), 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_a_point_that_is_given_is_marked_and_its_distance_told() -> None:
    drawing = drawn(AMRAIPUR, BELGRAM, marks=(Mark(lat=NORTH_POINT[0], lon=NORTH_POINT[1]),))

    inside, beside = drawing.candidates
    assert inside.km_to_mark == 0
    assert beside.km_to_mark == pytest.approx(0.02 * 111.32 * 0.878, abs=0.02)
    [point] = drawing.points
    places = corners(inside.path)
    assert min(x for x, _ in places) < point.x < max(x for x, _ in places)
    assert min(y for _, y in places) < point.y < max(y for _, y in places)


def test_a_named_locality_is_no_given_point() -> None:
    drawing = drawn(AMRAIPUR, marks=(Mark(lat=28.721, lon=77.101, name="Padmini Sector 7"),))

    assert drawing.points == ()
    assert [mark.name for mark in drawing.named] == ["Padmini Sector 7"]


def test_a_point_in_another_town_is_left_out_and_does_not_shrink_the_map() -> None:
    far = Mark(lat=19.0, lon=72.8)

    drawing = drawn(AMRAIPUR, marks=(far,))

    assert drawing.left_out == (far,)
    assert drawing.marks == ()
    assert drawing.candidates[0].path == drawn(AMRAIPUR).candidates[0].path


def test_a_district_is_drawn_as_all_its_stations_together() -> None:
    district = Shaded(name="AAA", share=0.5, stations=("AAA-AMRAIPUR", "AAA-BELGRAM"))

    [candidate] = drawn(district).candidates

    assert candidate.path.count("M") == 1
    places = corners(candidate.path)
    wide = max(x for x, _ in places) - min(x for x, _ in places)
    high = max(y for _, y in places) - min(y for _, y in places)
    assert wide > 1.5 * high


def test_without_areas_stations_are_circles_relative_to_each_other() -> None:
    drawing = drawn(AMRAIPUR, DEVSAR, layer=NO_AREAS)

    assert not drawing.has_areas
    assert [each.path for each in drawing.candidates] == ["", ""]
    assert drawing.candidates[0].y < drawing.candidates[1].y
    assert drawing.others == ()


@pytest.mark.parametrize("layer", [LAYER, NO_AREAS])
def test_a_station_that_is_not_mapped_is_left_out(layer: Layer) -> None:
    nowhere = Shaded(name="Navin Path", share=0.9, stations=("BBB-NAVIN-PATH",))

    assert draw(layer, [nowhere], names=NAMES) is None
    assert [each.name for each in drawn(nowhere, AMRAIPUR, layer=layer).candidates] == ["Amraipur"]


def test_nothing_to_shade_is_no_map() -> None:
    assert draw(LAYER, [], names=NAMES) is None


def test_fine_bends_are_left_out() -> None:
    circle: BaseGeometry = Point(*plane(*NORTH_POINT)).buffer(3, quad_segs=500)
    layer = Layer(areas={"AAA-AMRAIPUR": circle}, points={})

    path = drawn(AMRAIPUR, layer=layer).candidates[0].path

    assert len(corners(path)) < 60


def test_a_faulty_outline_is_drawn_all_the_same() -> None:
    bow = shape(
        {
            "type": "Polygon",
            "coordinates": [[[77.1, 28.7], [77.2, 28.8], [77.2, 28.7], [77.1, 28.8], [77.1, 28.7]]],
        }
    )

    drawing = drawn(AMRAIPUR, layer=Layer(areas={"AAA-AMRAIPUR": flat(bow)}, points={}))

    assert drawing.candidates[0].path.count("M") == 2


def test_specks_are_not_drawn() -> None:
    assert path_of(Point(5, 5).buffer(1)) == ""


def test_the_bar_says_its_length() -> None:
    drawing = drawn(AMRAIPUR)
    places = corners(drawing.candidates[0].path)
    units = (max(y for _, y in places) - min(y for _, y in places)) / (0.04 * 111.32)

    assert drawing.bar == pytest.approx(drawing.bar_km * units, rel=0.02)
    assert 0 < drawing.bar <= WIDTH / 4
