"""How the name of a point divides over the stations around it. No Django, no clock.

People write the name of a place from some way off: a metro station's for the colony around it.
How far is known for each kind of point, so that a point near the limit of two stations speaks for
both.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from shapely import STRtree, points
from shapely.geometry.base import BaseGeometry

from .places import Spread, plane

REACH_M: Mapping[str, float] = {
    "landmark": 70,
    "market": 85,
    "block": 105,
    "bus stop": 140,
    "metro station": 175,
    "locality": 210,
    "road": 280,
    "post-office locality": 245,
}
"""Kind of point to the standard deviation of where its name is written, in metres; estimates."""

_RINGS = ((0.0, 1), (0.5, 6), (1.0, 8), (1.5, 10), (2.1, 12))
"""Distance in standard deviations, and how many samples stand on the ring."""
_MIDDLE = 0.125  # half the radius of the disc that the sample in the middle stands for
SHARE_FROM = 0.01


def spread_points(
    places: Sequence[tuple[float, float, float]], areas: Sequence[tuple[str, BaseGeometry]]
) -> list[Spread]:
    """Shares of the stations around each (latitude, longitude, reach in metres).

    `areas` are flat, in kilometres, as `places.plane` makes them. A place with no area around it
    has an empty spread.
    """
    if not places or not areas:
        return [{} for _ in places]
    xs: list[float] = []
    ys: list[float] = []
    for lat, lon, reach in places:
        x, y = plane(lat, lon)
        xs += [x + reach / 1000 * east for east, _, _ in _SAMPLES]
        ys += [y + reach / 1000 * north for _, north, _ in _SAMPLES]
    tree = STRtree([area for _, area in areas])
    held = tree.query(points(xs, ys), predicate="within")
    sums: list[dict[str, float]] = [defaultdict(float) for _ in places]
    for sample, area in zip(*held.tolist(), strict=True):
        place, at = divmod(sample, len(_SAMPLES))
        sums[place][areas[area][0]] += _SAMPLES[at][2]
    return [_normal(spread) for spread in sums]


def _samples() -> list[tuple[float, float, float]]:
    """Offsets east and north in standard deviations, and their weights, over a round bell."""
    out: list[tuple[float, float, float]] = []
    for number, (radius, count) in enumerate(_RINGS):
        # The weight of a ring is its area times the height of the bell.
        weight = (radius or _MIDDLE) * math.exp(-(radius**2) / 2) / count
        for step in range(count):
            angle = 2 * math.pi * (step / count + 0.13 * number)
            out.append((radius * math.cos(angle), radius * math.sin(angle), weight))
    return out


def _normal(spread: Mapping[str, float]) -> Spread:
    total = sum(spread.values())
    shares = {code: share / total for code, share in spread.items()}
    kept = {code: share for code, share in shares.items() if share >= SHARE_FROM}
    whole = sum(kept.values())
    return {code: share / whole for code, share in sorted(kept.items())}


_SAMPLES = _samples()
