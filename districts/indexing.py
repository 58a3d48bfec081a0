"""Rows of the gazetteer to the one value that the locator reads. No Django, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from .naming import (
    ALONE,
    COMMON_NAMES,
    SHARED_KIND,
    Place,
    every_name,
    families,
    is_name,
    key_of,
)
from .places import (
    KEY_FROM_LENGTH,
    Gazetteer,
    OutsideName,
    PinRange,
    Spread,
    StationFact,
    flattened,
)
from .spreading import REACH_M, spread_points

POINT_ALONE = 0.75  # share of the one station that is listed for a point; the rest lies around


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    name: str
    kind: str
    station: str
    share: float | None
    """Part of the place in this station; None where the row is a point."""
    lat: float
    lon: float
    edge_m: float | None


@dataclass(frozen=True, kw_only=True)
class StateFact:
    name: str
    variants: tuple[str, ...]
    pin_prefixes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CityFact:
    name: str
    state: str
    is_near_delhi: bool


def build_gazetteer(
    *,
    version: int,
    stations: Iterable[StationFact],
    pins: Iterable[tuple[str, str, float]],
    places: Iterable[PlaceRow],
    aliases: Iterable[tuple[str, str]],
    states: Iterable[StateFact],
    cities: Iterable[CityFact],
    pin_ranges: Iterable[PinRange] = (),
    regions: Mapping[str, Mapping[str, float]] | None = None,
    abroad: Mapping[str, str] | None = None,
    other_names: Iterable[tuple[str, str]] = (),
    post_towns: Mapping[str, Iterable[str]] | None = None,
    areas: Iterable[tuple[str, Mapping[str, Any]]] = (),
) -> Gazetteer:
    """Index rows for the locator. Rows of stations that are not among `stations` are left out.

    `pins` are (PIN, station, share), `aliases` (alias, station), `areas` (station, geometry).
    """
    known = {station.code: station for station in stations}
    by_pin: dict[str, dict[str, float]] = defaultdict(dict)
    for pin, station, share in pins:
        if station in known:
            by_pin[pin][station] = share
    shapes = [(code, shape(dict(geometry))) for code, geometry in areas if code in known]
    rows = [row for row in places if row.station in known]
    shared: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row.kind == SHARED_KIND:
            shared[row.name][row.station] = row.share or POINT_ALONE
    spreads = _place_spreads([row for row in rows if row.kind != SHARED_KIND], shapes)
    station_names = {key_of(fact.name): code for code, fact in known.items()}
    for alias, station in aliases:
        if station in known:
            station_names.setdefault(key_of(alias), station)
    station_names = {key: code for key, code in station_names.items() if is_name(key)}
    newer: dict[str, list[str]] = defaultdict(list)
    for fact in known.values():
        for parent in fact.parents:
            newer[parent].append(fact.code)
    names = every_name(
        spreads,
        station_names,
        known,
        other_names=other_names,
        post_towns=post_towns or {},
        shared=shared,
    )
    state_facts = list(states)
    ranges = sorted(pin_ranges, key=lambda each: each.first)
    return Gazetteer(
        version=version,
        stations=known,
        pins={pin: _normal(spread) for pin, spread in by_pin.items()},
        names=names,
        station_names=station_names,
        families=families(names),
        outside=_outside_names(state_facts, cities, ranges, abroad or {}),
        pin_states={prefix: fact.name for fact in state_facts for prefix in fact.pin_prefixes},
        pin_ranges=ranges,
        regions=_region_spreads(regions or {}, known),
        newer={code: tuple(sorted(codes)) for code, codes in newer.items()},
        places=[(lat, lon, spread) for (_, _, lat, lon), spread in spreads.items()],
        areas=shapes,
    )


def _place_spreads(
    rows: Sequence[PlaceRow], areas: Sequence[tuple[str, BaseGeometry]]
) -> dict[Place, Spread]:
    """Every place with its stations: from the areas where they are loaded, else as listed."""
    listed: dict[Place, dict[str, float]] = defaultdict(dict)
    for row in rows:
        share = ALONE.get(row.kind, POINT_ALONE) if row.share is None else row.share
        listed[row.name, row.kind, row.lat, row.lon][row.station] = share
    spreads: dict[Place, Spread] = dict(listed)
    if areas:
        near = [place for place in listed if place[1] in REACH_M]
        reaches = [(lat, lon, REACH_M[kind]) for _, kind, lat, lon in near]
        found = zip(near, spread_points(reaches, flattened(areas)), strict=True)
        spreads.update((place, spread) for place, spread in found if spread)
    return spreads


def _region_spreads(
    regions: Mapping[str, Mapping[str, float]], stations: Mapping[str, StationFact]
) -> dict[str, Spread]:
    """Stations of one district share its part evenly."""
    held: dict[str, list[str]] = defaultdict(list)
    for code, fact in stations.items():
        held[fact.district_code].append(code)
    return {
        key_of(region): {
            code: share / len(held[district])
            for district, share in shares.items()
            for code in held[district]
        }
        for region, shares in regions.items()
    }


def _outside_names(
    states: Iterable[StateFact],
    cities: Iterable[CityFact],
    ranges: Iterable[PinRange],
    abroad: Mapping[str, str],
) -> dict[str, OutsideName]:
    out: dict[str, OutsideName] = {}
    for state in states:
        for name in (state.name, *state.variants):
            out[key_of(name)] = OutsideName(state=state.name, city="", is_near_delhi=False)
    for city in cities:
        out.setdefault(
            key_of(city.name),
            OutsideName(state=city.state, city=city.name, is_near_delhi=city.is_near_delhi),
        )
    for place, country in abroad.items():
        there = OutsideName(state="", city=place, is_near_delhi=False, country=country)
        out.setdefault(key_of(place), there)
    found: dict[str, set[PinRange]] = defaultdict(set)
    for each in ranges:
        found[key_of(each.district)].add(replace(each, first="", last=""))
    for key, districts in found.items():
        (one, *others) = sorted(districts, key=lambda each: each.state)
        if not others and key not in COMMON_NAMES and len(key) > KEY_FROM_LENGTH:
            # Aurangabad is in Bihar and in Maharashtra: such a name says nothing of the State.
            there = OutsideName(
                state=one.state, city=one.district, is_near_delhi=False, is_district=True
            )
            out.setdefault(key, there)
    return {key: value for key, value in out.items() if key}


def _normal(spread: Spread) -> dict[str, float]:
    total = sum(spread.values()) or 1.0
    return {station: share / total for station, share in spread.items()}
