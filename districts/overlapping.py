"""Which areas lie on one another. No Django, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
from shapely import STRtree, contains_xy, prepare
from shapely.geometry.base import BaseGeometry

OVERLAP_AT_MOST = 0.05  # of the smaller area; two that were drawn apart differ by less along a line
GRID = 50  # points each way; the exact overlap of two areas with many teeth is too large to hold


def overlapping(
    areas: Mapping[str, BaseGeometry], touched: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Pairs of which one is `touched` and that overlap by more than a little of the smaller."""
    codes = sorted(areas)
    tree = STRtree([areas[code] for code in codes])
    for code in sorted(touched):
        for other in sorted(codes[at] for at in tree.query(areas[code])):
            if other == code or (other in touched and other < code):
                continue
            small, large = sorted((areas[code], areas[other]), key=lambda area: float(area.area))
            if share_within(small, large) > OVERLAP_AT_MOST:
                yield code, other


def share_within(small: BaseGeometry, large: BaseGeometry) -> float:
    """How much of the one lies in the other, by the points of a grid."""
    west, south, east, north = small.bounds
    steps = (np.arange(GRID) + 0.5) / GRID
    x, y = (
        each.ravel()
        for each in np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    )
    prepare(small)
    prepare(large)
    inside = contains_xy(small, x, y)
    x, y = x[inside], y[inside]
    if not len(x):
        middle = small.representative_point()
        x, y = np.array([middle.x]), np.array([middle.y])
    return float(contains_xy(large, x, y).mean())
