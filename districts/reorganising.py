"""A new set of stations and areas over the rows of a version: which places and PINs go where.

Only what belonged to a station that closes, or of which another comes out, is looked at again: by
the area that holds its point. No Django, no clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely import Point, STRtree
from shapely.geometry import shape

from .indexing import PlaceRow
from .places import Gazetteer, StationFact, flattened, plane
from .snapshots import Rows


@dataclass(frozen=True, kw_only=True)
class Opened:
    code: str
    name: str
    district_code: str
    parents: tuple[str, ...]
    """The stations it comes out of."""
    name_hi: str = ""


@dataclass(frozen=True, kw_only=True)
class Reorganisation:
    opens: tuple[Opened, ...]
    closes: tuple[str, ...]
    areas: Mapping[str, Mapping[str, Any]]
    """Station code to geometry, of all stations there will be."""


@dataclass(frozen=True)
class Remapped:
    """A locality or a PIN and its first station."""

    name: str
    before: str
    after: str
    """Codes; empty where no station is known for it."""

    @property
    def moves(self) -> bool:
        return self.before != self.after


def reorganised(rows: Rows, change: Reorganisation) -> Rows:
    """The rows as they will be."""
    touched = set(change.closes) | {parent for each in change.opens for parent in each.parents}
    at = _finder(change)
    places = tuple(
        replace(row, station=at(row.lat, row.lon)) if row.station in touched else row
        for row in rows.places
    )
    went: dict[str, Counter[str]] = defaultdict(Counter)
    for before, after in zip(rows.places, places, strict=True):
        if before.station in touched:
            went[before.station][after.station] += 1
    closed = set(change.closes)
    opened = tuple(
        StationFact(
            code=each.code,
            name=each.name,
            district_code=each.district_code,
            lat=_middle(change.areas[each.code]).y,
            lon=_middle(change.areas[each.code]).x,
            parents=each.parents,
        )
        for each in change.opens
    )
    names_hi = tuple((each.name_hi, each.code) for each in change.opens if each.name_hi)
    return replace(
        rows,
        stations=(*(each for each in rows.stations if each.code not in closed), *opened),
        pins=tuple(_pins(rows.pins, went, closed)),
        places=_merged(places),
        aliases=(*((alias, code) for alias, code in rows.aliases if code not in closed), *names_hi),
        areas=tuple(sorted(change.areas.items())),
    )


def remapped(old: Gazetteer, new: Gazetteer) -> tuple[list[Remapped], list[Remapped]]:
    """Localities and PINs, of which some move to another station."""
    localities = [
        Remapped(known.name, known.best[0], new.names[key].best[0] if key in new.names else "")
        for key, known in sorted(old.names.items())
    ]
    pins = [
        Remapped(pin, _first(old.pins[pin]), _first(new.pins.get(pin, {})))
        for pin in sorted(old.pins)
    ]
    return localities, pins


def _finder(change: Reorganisation) -> Any:
    codes = sorted(change.areas)
    shapes = [(code, shape(dict(change.areas[code]))) for code in codes]
    flat = [area for _, area in flattened(shapes)]
    tree = STRtree(flat)

    def at(lat: float, lon: float) -> str:
        """The area that holds the point, else the nearest."""
        return codes[int(tree.nearest(Point(*plane(lat, lon))))]

    return at


def _middle(geometry: Mapping[str, Any]) -> Point:
    point: Point = shape(dict(geometry)).representative_point()
    return point


def _pins(
    pins: Iterable[tuple[str, str, float]],
    went: Mapping[str, Mapping[str, int]],
    closed: set[str],
) -> Iterator[tuple[str, str, float]]:
    """A station's share of a PIN goes where its places went. The largest share first."""
    shares: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for pin, station, share in pins:
        places = went.get(station)
        if places:
            total = sum(places.values())
            for after, count in places.items():
                shares[pin][after] += share * count / total
        elif station not in closed:
            shares[pin][station] += share
    for pin in sorted(shares):
        for station, share in sorted(shares[pin].items(), key=lambda item: (-item[1], item[0])):
            yield pin, station, round(share, 6)


def _merged(places: Iterable[PlaceRow]) -> tuple[PlaceRow, ...]:
    """Parts of one place that came to one station are one part."""
    found: dict[tuple[str, str, float, float, str], PlaceRow] = {}
    for row in places:
        key = (row.name, row.kind, row.lat, row.lon, row.station)
        there = found.get(key)
        if there is None:
            found[key] = row
        elif there.share is not None and row.share is not None:
            found[key] = replace(there, share=min(1.0, there.share + row.share))
    return tuple(found[key] for key in sorted(found))


def _first(spread: Mapping[str, float]) -> str:
    return max(spread.items(), key=lambda item: (item[1], item[0]))[0] if spread else ""
