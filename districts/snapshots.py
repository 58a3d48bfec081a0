"""The rows that one version of the gazetteer is built from, kept as bytes: what an old answer
rested on can be built again after the tables have changed. No Django, no clock.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .indexing import CityFact, PlaceRow, StateFact, build_gazetteer
from .places import Gazetteer, PinRange, StationFact

BYTES_AT_MOST = 200_000_000  # unpacked; the rows of Delhi with a detailed layer have about three


class DamagedSnapshot(Exception):
    """The bytes are not those that were kept."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What `build_gazetteer` takes, but for the number of the version."""

    stations: tuple[StationFact, ...]
    pins: tuple[tuple[str, str, float], ...]
    places: tuple[PlaceRow, ...]
    aliases: tuple[tuple[str, str], ...]
    states: tuple[StateFact, ...]
    cities: tuple[CityFact, ...]
    pin_ranges: tuple[PinRange, ...] = ()
    regions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    abroad: Mapping[str, str] = field(default_factory=dict)
    other_names: tuple[tuple[str, str], ...] = ()
    post_towns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    areas: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def build(self, *, version: int) -> Gazetteer:
        return build_gazetteer(version=version, **vars(self))


@dataclass(frozen=True, kw_only=True)
class Packed:
    digest: str
    """SHA-256 of the canonical JSON: the same rows give the same digest anywhere."""
    content: bytes


def pack(rows: Rows) -> Packed:
    data = {
        "stations": [vars(each) for each in rows.stations],
        "pins": rows.pins,
        "places": [vars(each) for each in rows.places],
        "aliases": rows.aliases,
        "states": [vars(each) for each in rows.states],
        "cities": [vars(each) for each in rows.cities],
        "pin_ranges": [vars(each) for each in rows.pin_ranges],
        "regions": rows.regions,
        "abroad": rows.abroad,
        "other_names": rows.other_names,
        "post_towns": rows.post_towns,
        "areas": rows.areas,
    }
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return Packed(digest=hashlib.sha256(text).hexdigest(), content=zlib.compress(text, 9))


def unpack(packed: Packed) -> Rows:
    """The rows as they were packed. Raises DamagedSnapshot."""
    try:
        text = zlib.decompressobj().decompress(packed.content, BYTES_AT_MOST)
    except zlib.error as fault:
        raise DamagedSnapshot("it cannot be unpacked") from fault
    if hashlib.sha256(text).hexdigest() != packed.digest:
        raise DamagedSnapshot("its digest is another")
    data = json.loads(text)
    return Rows(
        stations=tuple(StationFact(**_with_tuples(row)) for row in data["stations"]),
        pins=tuple((pin, station, share) for pin, station, share in data["pins"]),
        places=tuple(PlaceRow(**_with_tuples(row)) for row in data["places"]),
        aliases=tuple((alias, station) for alias, station in data["aliases"]),
        states=tuple(StateFact(**_with_tuples(row)) for row in data["states"]),
        cities=tuple(CityFact(**_with_tuples(row)) for row in data["cities"]),
        pin_ranges=tuple(PinRange(**row) for row in data["pin_ranges"]),
        regions=data["regions"],
        abroad=data["abroad"],
        other_names=tuple((name, same_as) for name, same_as in data["other_names"]),
        post_towns={name: tuple(codes) for name, codes in data.get("post_towns", {}).items()},
        areas=tuple((station, geometry) for station, geometry in data["areas"]),
    )


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
