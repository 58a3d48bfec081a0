"""Statements about the place, put together: each doubted by its kind, then multiplied. No Django.

A statement may be right, or mean a place nearby, or be wrong altogether. How often each happens
was fitted on addresses of known place (docs/calibration.md), so that what comes out can be read as
a probability.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import prod

from .places import Gazetteer, Spread


class Basis(StrEnum):
    """What a statement rests on."""

    PIN = "pin"
    POINT = "point"
    STATED_STATION = "stated-station"
    NAME = "name"
    """The first known place of an address, which is the narrowest as a rule."""
    WITHIN = "within"
    """A known place in a longer name that is not known: what is called after a place is often
    elsewhere.
    """
    NAMESAKE = "namesake"
    """A known place wholly apart from the PIN: of 13 such addresses all were where the PIN is."""
    HOUSE_BLOCK = "house-block"
    """The block of a colony that the number of a house shows."""
    PART_UNKNOWN = "part-unknown"
    """A colony where the text names a sector or block that is not known."""
    NAME_AFTER = "name-after"
    """A place named after it: what the first lies in or near."""
    MINOR = "minor"
    """A name known from bus stops only, of which there may be others elsewhere."""
    REPORTED = "reported"
    """A place that press or courts put under a station: of 77 such reports 63 named the station
    that holds most of it.
    """
    SPELT = "spelt"
    LIKE = "like"
    BESIDE = "beside"
    LANDMARK = "landmark"
    """Beside which the place is that is named as well."""
    ROAD = "road"
    """A road called after a known place, which may lie at its other end."""
    NAMED_ROAD = "named-road"
    """A known road, a point of which is known."""
    STATION_NAME = "station-name"
    REGION = "region"
    """A part of Delhi: revenue districts of that name are not the police's."""


@dataclass(frozen=True)
class Doubt:
    """Shares of the statements of a kind that mean a place nearby, and that mean any place."""

    nearby: float
    anywhere: float


DOUBTS: dict[Basis, Doubt] = {
    Basis.PIN: Doubt(0.4, 0.05),
    Basis.POINT: Doubt(0.0, 0.05),
    Basis.STATED_STATION: Doubt(0.1, 0.1),
    Basis.NAME: Doubt(0.05, 0.015),
    Basis.WITHIN: Doubt(0.2, 0.15),
    Basis.NAMESAKE: Doubt(0.05, 0.5),
    Basis.HOUSE_BLOCK: Doubt(0.1, 0.01),
    Basis.PART_UNKNOWN: Doubt(0.18, 0.01),
    Basis.NAME_AFTER: Doubt(0.4, 0.005),
    Basis.MINOR: Doubt(0.1, 0.35),
    Basis.REPORTED: Doubt(0.2, 0.05),
    Basis.SPELT: Doubt(0.02, 0.02),
    Basis.LIKE: Doubt(0.2, 0.3),
    Basis.BESIDE: Doubt(0.25, 0.05),
    Basis.LANDMARK: Doubt(0.5, 0.05),
    Basis.ROAD: Doubt(0.05, 0.5),
    Basis.NAMED_ROAD: Doubt(0.1, 0.3),
    Basis.STATION_NAME: Doubt(0.3, 0.1),
    Basis.REGION: Doubt(0.0, 0.01),
}


SHARPENED = (1.4, 1.1, 0.9)
"""Power of what is multiplied, of one, two and more statements: addresses crowd about a name more
than its spread says, but what further ones say is partly what was said before.
"""


@dataclass(frozen=True)
class Statement:
    basis: Basis
    spread: Spread


def combine(statements: Sequence[Statement], gazetteer: Gazetteer) -> dict[str, float]:
    """Shares of the stations by all statements; a conflict leaves both sides in play."""
    if not statements:
        return {}
    doubted = [_doubted(statement, gazetteer) for statement in statements]
    named = {code for spread, _ in doubted for code in spread}
    power = SHARPENED[min(len(statements), len(SHARPENED)) - 1]
    scores = {
        code: prod(floor + spread.get(code, 0.0) for spread, floor in doubted) ** power
        for code in named
    }
    unnamed = prod(floor for _, floor in doubted) ** power
    total = sum(scores.values()) + (len(gazetteer.stations) - len(named)) * unnamed
    return {code: score / total for code, score in scores.items()}


def _doubted(statement: Statement, gazetteer: Gazetteer) -> tuple[Mapping[str, float], float]:
    """The spread with its doubt, without what any station has; and what any station has."""
    doubt = DOUBTS[statement.basis]
    right = 1 - doubt.nearby - doubt.anywhere
    out: dict[str, float] = defaultdict(float)
    for station, share in statement.spread.items():
        out[station] += right * share
        for other, part in gazetteer.nearby[station].items():
            out[other] += doubt.nearby * share * part
    return out, doubt.anywhere / len(gazetteer.stations)
