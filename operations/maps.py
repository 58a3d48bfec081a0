"""The map of the districts as paths of an SVG, drawn once per process and state of the gazetteer.

With boundaries loaded it shows the areas; without them a circle for each district near its centre,
moved apart until none covers another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians

from shapely import affinity, make_valid
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from districts.models import Boundary, District, GazetteerVersion

WIDTH = 400  # units of the drawing
HEIGHT = 400
MARGIN = 8
RADIUS = 30  # of a district's circle
APART = 2 * RADIUS + 6  # between two centres, at the least
GAP = 1.5  # slivers between neighbouring stations up to twice this are closed
ROUNDS = 200  # of moving apart; it settles after some dozens
DETAIL = 1.2  # units; finer bends are left out
SPECK = 4.0  # square units; smaller gaps between areas are not drawn


@dataclass(frozen=True, kw_only=True)
class Area:
    """One district in the drawing."""

    district_id: int
    path: str
    """Empty for a circle."""
    x: float
    y: float
    """Where its name stands; for a circle its centre."""


def drawing() -> dict[int, Area]:
    """Every territorial district in the drawing, by its key. Two small queries, or none to draw."""
    newest = GazetteerVersion.objects.newest()
    if newest is None:
        return {}
    return drawn(newest.number, newest.layer_digest)


@lru_cache(maxsize=2)
def drawn(version: int, layer_digest: str) -> dict[int, Area]:
    """The arguments only say for which state it was drawn."""
    areas = from_boundaries()
    return areas if areas else from_centres()


def from_boundaries() -> dict[int, Area]:
    parts: dict[int, list[BaseGeometry]] = defaultdict(list)
    rows = Boundary.objects.filter(station__district__in=District.objects.territorial())
    for district_id, geojson in rows.values_list("station__district_id", "geojson").order_by("pk"):
        area = shape(geojson.get("geometry", geojson))
        parts[district_id].append(area if area.is_valid else make_valid(area))
    if not parts:
        return {}
    keys = list(parts)
    areas = fitted([unary_union(parts[key]) for key in keys])
    return {
        key: outlined(key, area.buffer(GAP).buffer(-GAP).simplify(DETAIL))
        for key, area in zip(keys, areas, strict=True)
    }


def fitted(areas: list[BaseGeometry]) -> list[BaseGeometry]:
    """The same, in units of the drawing with north at the top."""
    west, south, east, north = unary_union(areas).bounds
    across = cos(radians((south + north) / 2))  # a degree of longitude against one of latitude
    scale = min(
        (WIDTH - 2 * MARGIN) / ((east - west) * across), (HEIGHT - 2 * MARGIN) / (north - south)
    )
    left = (WIDTH - (east - west) * across * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2
    matrix = [across * scale, 0, 0, -scale, left - west * across * scale, top + north * scale]
    return [affinity.affine_transform(area, matrix) for area in areas]


def outlined(district_id: int, area: BaseGeometry) -> Area:
    polygons = [part for part in getattr(area, "geoms", [area]) if isinstance(part, Polygon)]
    place = MultiPolygon(polygons).representative_point()
    rings = [
        ring
        for polygon in polygons
        for ring in (polygon.exterior, *polygon.interiors)
        if Polygon(ring).area >= SPECK
    ]
    path = "".join(
        "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y, *_ in ring.coords[:-1]) + "Z" for ring in rings
    )
    return Area(district_id=district_id, path=path, x=round(place.x, 1), y=round(place.y, 1))


def from_centres() -> dict[int, Area]:
    districts = District.objects.territorial().filter(
        centre_lat__isnull=False, centre_lon__isnull=False
    )
    centres = {
        district.pk: (district.centre_lon or 0.0, -(district.centre_lat or 0.0))
        for district in districts.order_by("code")
    }
    return {
        key: Area(district_id=key, path="", x=round(x, 1), y=round(y, 1))
        for key, (x, y) in spread(centres).items()
    }


def spread(centres: dict[int, tuple[float, float]]) -> dict[int, tuple[float, float]]:
    """Centres scaled into the drawing and pushed apart; always the same for the same centres."""
    if not centres:
        return {}
    xs, ys = zip(*centres.values(), strict=True)
    inner = MARGIN + RADIUS
    wide, high = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    at = {
        key: [
            inner + (x - min(xs)) / wide * (WIDTH - 2 * inner),
            inner + (y - min(ys)) / high * (HEIGHT - 2 * inner),
        ]
        for key, (x, y) in centres.items()
    }
    keys = list(at)
    for _round in range(ROUNDS):
        moved = False
        for index, one in enumerate(keys):
            for other in keys[index + 1 :]:
                dx, dy = at[other][0] - at[one][0], at[other][1] - at[one][1]
                away = hypot(dx, dy)
                if away >= APART:
                    continue
                moved = True
                if away < 0.01:
                    dx, dy, away = 1.0, 0.0, 1.0
                push = (APART - away) / 2 + 0.1
                for key, sign in ((one, -1), (other, 1)):
                    at[key][0] = min(
                        max(at[key][0] + sign * dx / away * push, inner), WIDTH - inner
                    )
                    at[key][1] = min(
                        max(at[key][1] + sign * dy / away * push, inner), HEIGHT - inner
                    )
        if not moved:
            break
    return {key: (x, y) for key, (x, y) in at.items()}
