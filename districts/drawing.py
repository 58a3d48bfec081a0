"""The map of an answer: stations as paths of an SVG, north at the top. No Django, no clock.

It is drawn in whole units, so that the paths stay short; finer bends are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from shapely import STRtree, affinity, clip_by_rect, make_valid, total_bounds, unary_union
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from .places import DELHI_LATITUDE, EARTH_KM_PER_DEGREE, plane

WIDTH = 720  # units of the drawing; on a phone about two make a pixel
HEIGHTS = (400, 720)  # at least, at most
DETAIL = 1.5  # units; finer bends are left out
SPECK = 12.0  # square units; smaller parts and holes are not drawn
PADDING = 0.08  # of the frame, on each side
FRAME_AT_LEAST_KM = 2.0
NEIGHBOUR_WITHIN_KM = 0.05  # gaps between neighbouring areas are a few metres wide
GAP_KM = NEIGHBOUR_WITHIN_KM / 2  # between the stations of one district, closed
MARK_WITHIN_KM = 3.0  # of the layer or the stations; a point beyond it is left out
BARS_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
BAR_AT_MOST = WIDTH / 4

TEXT = 24  # height of a candidate's name; those of others are a little smaller
LETTER = 0.56  # width of a letter in heights, about
LINE = 1.25
SHADES = 4

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What can be drawn: areas as latitude and longitude, or points where there are none."""

    areas: Mapping[str, BaseGeometry]
    """Station code to its area on the plane, in kilometres."""
    points: Mapping[str, tuple[float, float]]
    """Station code to a point in its area, in kilometres."""

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.areas)

    @cached_property
    def tree(self) -> STRtree:
        return STRtree([self.areas[code] for code in self.codes])


@dataclass(frozen=True, kw_only=True)
class Shaded:
    """One candidate: a station, or a district with all of its stations."""

    name: str
    share: float
    stations: tuple[str, ...]
    district: str = ""
    """Name of its district."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A point that was given, or that of a named locality. `name` is empty for one given."""

    lat: float
    lon: float
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Label:
    """Where a name stands: its middle, on the line of its letters."""

    text: str
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class DrawnCandidate:
    rank: int
    name: str
    district: str
    percent: int
    shade: int
    path: str
    """Empty for a circle around x and y."""
    x: int
    y: int
    label: Label
    km_to_mark: float | None
    """To the first mark, 0 where it lies inside; None without a mark or an area."""


@dataclass(frozen=True, kw_only=True)
class DrawnMark:
    name: str
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class Drawing:
    width: int
    height: int
    candidates: tuple[DrawnCandidate, ...]
    others: tuple[str, ...]
    """Outlines of the other stations in the frame."""
    labels: tuple[Label, ...]
    """Names of the others, where there is room."""
    around: tuple[str, ...]
    """Names of the stations that border on a candidate."""
    marks: tuple[DrawnMark, ...]
    left_out: tuple[Mark, ...]
    """Marks too far away to be drawn."""
    bar_km: float
    bar: int
    """Length of `bar_km` in units."""
    has_areas: bool

    @property
    def points(self) -> tuple[DrawnMark, ...]:
        """Those that were given."""
        return tuple(mark for mark in self.marks if not mark.name)

    @property
    def named(self) -> tuple[DrawnMark, ...]:
        return tuple(mark for mark in self.marks if mark.name)


def flat(area: BaseGeometry) -> BaseGeometry:
    """An area in degrees on the plane, in kilometres, without faults of its outline."""
    across = EARTH_KM_PER_DEGREE * math.cos(math.radians(DELHI_LATITUDE))
    scaled = affinity.affine_transform(area, [across, 0, 0, EARTH_KM_PER_DEGREE, 0, 0])
    return scaled if scaled.is_valid else make_valid(scaled)


def draw(
    layer: Layer,
    shaded: Sequence[Shaded],
    *,
    names: Mapping[str, str],
    marks: Sequence[Mark] = (),
) -> Drawing | None:
    """The map of the candidates, highest share first; None where nothing of them can be placed.

    `names` are those of all stations by code, in the reader's language.
    """
    placed = [(each, area) for each in shaded if (area := _area_of(each, layer)) is not None]
    if not placed:
        return None
    has_areas = any(not isinstance(area, Point) for _, area in placed)
    near, left_out = _in_reach(marks, [area for _, area in placed], layer)
    spots = [Point(*plane(mark.lat, mark.lon)) for mark in near]
    frame = _Frame.around([*(area for _, area in placed), *spots])
    ours = {code for each, _ in placed for code in each.stations}
    taken = _Taken(frame)
    drawn_marks = tuple(
        DrawnMark(name=mark.name, x=x, y=y)
        for mark, (x, y) in zip(near, (frame.at(spot) for spot in spots), strict=True)
    )
    for mark in drawn_marks:
        taken.add((mark.x - TEXT / 2, mark.y - TEXT / 2, mark.x + TEXT / 2, mark.y + TEXT / 2))
    candidates = tuple(
        _candidate(rank, each, area, frame, taken, spots[0] if spots else None)
        for rank, (each, area) in enumerate(placed, 1)
    )
    others, labels, around = _others(layer, ours, placed, frame, taken, names)
    bar_km, bar = frame.scale_bar()
    return Drawing(
        width=WIDTH,
        height=frame.height,
        candidates=candidates,
        others=others,
        labels=labels,
        around=around,
        marks=drawn_marks,
        left_out=left_out,
        bar_km=bar_km,
        bar=bar,
        has_areas=has_areas,
    )


def shade_of(share: float) -> int:
    """1 to SHADES, in equal steps."""
    return min(max(math.ceil(share * SHADES), 1), SHADES)


def _area_of(each: Shaded, layer: Layer) -> BaseGeometry | None:
    areas = [layer.areas[code] for code in each.stations if code in layer.areas]
    if areas:
        if len(areas) == 1:
            return areas[0]
        return unary_union(areas).buffer(GAP_KM).buffer(-GAP_KM)
    points = [layer.points[code] for code in each.stations if code in layer.points]
    if not points or layer.areas:
        return None
    return Point(
        sum(x for x, _ in points) / len(points),
        sum(y for _, y in points) / len(points),
    )


def _in_reach(
    marks: Iterable[Mark], areas: Sequence[BaseGeometry], layer: Layer
) -> tuple[list[Mark], tuple[Mark, ...]]:
    west, south, east, north = total_bounds([*areas, *layer.areas.values()])
    reach = box(west, south, east, north).buffer(MARK_WITHIN_KM)
    near: list[Mark] = []
    far: list[Mark] = []
    for mark in marks:
        inside = reach.contains(Point(*plane(mark.lat, mark.lon)))
        (near if inside else far).append(mark)
    return near, tuple(far)


@dataclass(frozen=True)
class _Frame:
    """The part of the plane that is drawn."""

    west: float
    north: float
    scale: float
    """Units in a kilometre."""
    height: int

    @classmethod
    def around(cls, shapes: Sequence[BaseGeometry]) -> _Frame:
        bounds = [shape.bounds for shape in shapes]
        west, south = min(b[0] for b in bounds), min(b[1] for b in bounds)
        east, north = max(b[2] for b in bounds), max(b[3] for b in bounds)
        wide, high = max(east - west, FRAME_AT_LEAST_KM), max(north - south, FRAME_AT_LEAST_KM)
        wide, high = wide * (1 + 2 * PADDING), high * (1 + 2 * PADDING)
        height = round(min(max(WIDTH * high / wide, HEIGHTS[0]), HEIGHTS[1]))
        scale = min(WIDTH / wide, height / high)
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        return cls(
            west=middle_x - WIDTH / scale / 2,
            north=middle_y + height / scale / 2,
            scale=scale,
            height=height,
        )

    @property
    def window(self) -> Box:
        """On the plane, a little more than what shows, so that cut edges are not seen."""
        more = 8 / self.scale
        south, east = self.north - self.height / self.scale, self.west + WIDTH / self.scale
        return self.west - more, south - more, east + more, self.north + more

    def at(self, point: Point) -> tuple[int, int]:
        return (
            round((point.x - self.west) * self.scale),
            round((self.north - point.y) * self.scale),
        )

    def outlined(self, area: BaseGeometry) -> BaseGeometry:
        """The visible part of an area, in units of the drawing."""
        part = clip_by_rect(area, *self.window)
        s = self.scale
        drawn = affinity.affine_transform(part, [s, 0, 0, -s, -self.west * s, self.north * s])
        return drawn.simplify(DETAIL)

    def scale_bar(self) -> tuple[float, int]:
        km = max((km for km in BARS_KM if km * self.scale <= BAR_AT_MOST), default=BARS_KM[0])
        return km, round(km * self.scale)


@dataclass
class _Taken:
    """Where something stands already."""

    frame: _Frame
    boxes: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        height = self.frame.height
        self.add((0, height - 2 * TEXT, self.frame.scale_bar()[1] + TEXT, height))

    def add(self, new: Box) -> None:
        self.boxes.append(new)

    def is_free(self, new: Box) -> bool:
        inside = new[0] >= 0 and new[1] >= 0 and new[2] <= WIDTH and new[3] <= self.frame.height
        return inside and not any(
            new[0] < old[2] and old[0] < new[2] and new[1] < old[3] and old[1] < new[3]
            for old in self.boxes
        )


def _candidate(
    rank: int,
    each: Shaded,
    area: BaseGeometry,
    frame: _Frame,
    taken: _Taken,
    spot: Point | None,
) -> DrawnCandidate:
    percent = round(100 * each.share)
    is_point = isinstance(area, Point)
    if isinstance(area, Point):
        path, (x, y) = "", frame.at(area)
        taken.add((x - TEXT / 2, y - TEXT / 2, x + TEXT / 2, y + TEXT / 2))
    else:
        drawn = frame.outlined(area)
        path, (x, y) = path_of(drawn), _middle(drawn)
    return DrawnCandidate(
        rank=rank,
        name=each.name,
        district=each.district,
        percent=percent,
        shade=shade_of(each.share),
        path=path,
        x=x,
        y=y,
        label=_place_label(f"{rank} {each.name} {percent} %", x, y, taken),
        km_to_mark=None if spot is None or is_point else round(area.distance(spot), 2),
    )


def _place_label(text: str, x: int, y: int, taken: _Taken) -> Label:
    """On its place or, if that is taken, above or below it; a candidate is never without one."""
    half, line = min(len(text) * LETTER * TEXT, WIDTH) / 2, LINE * TEXT
    middle = min(max(x, half), WIDTH - half)
    tries = [y + turn * line for turn in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)]
    boxes = [(middle - half, each - TEXT, middle + half, each + line - TEXT) for each in tries]
    at = next((n for n, each in enumerate(boxes) if taken.is_free(each)), 0)
    taken.add(boxes[at])
    return Label(text=text, x=round(middle), y=round(min(max(tries[at], TEXT), taken.frame.height)))


def _others(
    layer: Layer,
    ours: set[str],
    placed: Sequence[tuple[Shaded, BaseGeometry]],
    frame: _Frame,
    taken: _Taken,
    names: Mapping[str, str],
) -> tuple[tuple[str, ...], tuple[Label, ...], tuple[str, ...]]:
    """Outlines of the other stations, names where there is room, and which border on a candidate.

    Those that border come first when room is given.
    """
    if not layer.areas:
        return (), (), ()
    seen = [layer.codes[int(at)] for at in layer.tree.query(box(*frame.window))]
    all_ours = unary_union([area for _, area in placed])
    gap = {code: layer.areas[code].distance(all_ours) for code in seen if code not in ours}
    paths, labels, around = [], [], []
    for code in sorted(gap, key=lambda code: (gap[code], code)):
        name = names.get(code, code)
        if gap[code] <= NEIGHBOUR_WITHIN_KM:
            around.append(name)
        drawn = frame.outlined(layer.areas[code])
        path = path_of(drawn)
        if not path:
            continue
        paths.append(path)
        x, y = _middle(drawn)
        half = len(name) * LETTER * TEXT / 2
        room = (x - half, y - TEXT, x + half, y + (LINE - 1) * TEXT)
        if taken.is_free(room) and drawn.bounds[2] - drawn.bounds[0] >= 1.2 * half:
            taken.add(room)
            labels.append(Label(text=name, x=x, y=y))
    return tuple(paths), tuple(labels), tuple(sorted(around))


def path_of(area: BaseGeometry) -> str:
    """The outline in whole units; empty where nothing of it is large enough to be seen."""
    rings = [
        ring
        for polygon in _polygons(area)
        for ring in (polygon.exterior, *polygon.interiors)
        if Polygon(ring).area >= SPECK
    ]
    return "".join(
        "M" + "L".join(f"{round(x)},{round(y)}" for x, y, *_ in ring.coords[:-1]) + "Z"
        for ring in rings
    )


def _polygons(area: BaseGeometry) -> list[Polygon]:
    return [part for part in getattr(area, "geoms", [area]) if isinstance(part, Polygon)]


def _middle(area: BaseGeometry) -> tuple[int, int]:
    """A point inside, in units."""
    polygons = _polygons(area)
    inside = (MultiPolygon(polygons) if polygons else area).representative_point()
    return round(inside.x), round(inside.y)
