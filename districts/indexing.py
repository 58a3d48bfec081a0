"""Rows of the gazetteer to the one value that the locator reads. No Django, no clock."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import shape

from .folding import fold, word_set
from .places import KEY_FROM_LENGTH, Gazetteer, KnownName, OutsideName, Spread, StationFact, plane

STATION_NAME_KIND = "station name"

KIND_WEIGHT = {
    "post-office locality": 1.0,  # a point in use today
    "village/census-town 2011": 0.8,  # true outline, 2011; villages give their name to colonies
    "municipal ward (2007 delimitation)": 0.7,  # wards reach beyond the locality they are named for
    STATION_NAME_KIND: 0.6,  # the locality of that name is mostly, not always, in the station
}
"""How much a kind of row counts where several carry one name."""
OTHER_KIND_WEIGHT = 0.5

SURE_INSIDE_FROM_M = 300  # offices' points are off by about this much (64 checked against names)
DOUBTFUL_WITHIN_M = 100
SURE_INSIDE, LIKELY_INSIDE, DOUBTFUL_INSIDE = 0.9, 0.75, 0.55  # estimates, to be calibrated
STATION_OWN_NAME = 0.6  # share of a station-name row kept for the station itself; an estimate
NEIGHBOUR_COUNT = 3  # stations that share what a point leaves over

COMMON_NAMES = word_set(
    "adarshnagar ashoknagar civillines cantt gandhinagar ganeshnagar govindpuri harinagar "
    "indiranagar jawaharnagar krishnanagar laxminagar modeltown motinagar nehrunagar newcolony "
    "patelnagar premnagar rajendranagar rajindernagar rajnagar ramnagar sadarbazar sadarbazaar "
    "shantinagar shastrinagar shivajinagar shyamnagar subhashnagar tilaknagar vijaynagar "
    "vivekvihar ambedkarnagar bharatnagar anandvihar kirtinagar azadnagar maidan khera "
    "rampur alipur shivvihar vikasnagar sangamvihar jamamasjid"
)
"""Names found in towns all over India: alone they do not say Delhi."""

_NOT_PLACES = word_set(
    "delhi newdelhi ndmc dmc pur city airport highcourt powerhouse village market secretariat "
    "gpo northdelhi southdelhi eastdelhi westdelhi centraldelhi colony nagar vihar"
)
_TAIL = re.compile(
    r"(?i)\s*\b(po|so|bo|gpo|so (north|south|east|west|new|central).*delhi|postal sb|"
    r"charge\s*\d+|\(part\)|\(u\).*)\s*$"
)
_DESIGNATORS = word_set(
    "phase sector block part pocket extension north south east west central market village "
    "1 2 3 4 5 6 a b c d e f g h j k"
)


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
    spreads = _place_spreads([row for row in places if row.station in known], known)
    station_names = {_key(fact.name): code for code, fact in known.items()}
    for alias, station in aliases:
        if station in known:
            station_names.setdefault(_key(alias), station)
    station_names = {key: code for key, code in station_names.items() if _is_name(key)}
    newer: dict[str, list[str]] = defaultdict(list)
    for fact in known.values():
        for parent in fact.parents:
            newer[parent].append(fact.code)
    names = _known_names(spreads, station_names, known)
    state_facts = list(states)
    return Gazetteer(
        version=version,
        stations=known,
        pins={pin: _normal(spread) for pin, spread in by_pin.items()},
        names=names,
        station_names=station_names,
        sectored=frozenset(
            match[1] for key in names if (match := re.fullmatch(r"([a-z]{4,})sector\d+", key))
        ),
        outside=_outside_names(state_facts, cities),
        pin_states={prefix: fact.name for fact in state_facts for prefix in fact.pin_prefixes},
        newer={code: tuple(sorted(codes)) for code, codes in newer.items()},
        places=[(lat, lon, spread) for (_, _, lat, lon), spread in spreads.items()],
        areas=[(code, shape(dict(geometry))) for code, geometry in areas if code in known],
    )


_Place = tuple[str, str, float, float]


def _place_spreads(
    rows: Sequence[PlaceRow], stations: Mapping[str, StationFact]
) -> dict[_Place, dict[str, float]]:
    spreads: dict[_Place, dict[str, float]] = defaultdict(dict)
    for row in rows:
        spread = spreads[row.name, row.kind, row.lat, row.lon]
        if row.share is not None:
            spread[row.station] = row.share
            continue
        inside = STATION_OWN_NAME if row.kind == STATION_NAME_KIND else _sure_inside(row.edge_m)
        neighbours = _neighbours(row, stations)
        spread[row.station] = inside
        for code in neighbours:
            spread[code] = spread.get(code, 0) + (1 - inside) / len(neighbours)
    return dict(spreads)


def _sure_inside(edge_m: float | None) -> float:
    if edge_m is None or edge_m < DOUBTFUL_WITHIN_M:
        return DOUBTFUL_INSIDE
    return SURE_INSIDE if edge_m >= SURE_INSIDE_FROM_M else LIKELY_INSIDE


def _neighbours(row: PlaceRow, stations: Mapping[str, StationFact]) -> list[str]:
    here = plane(row.lat, row.lon)
    others = sorted(
        (math.dist(here, plane(fact.lat, fact.lon)), fact.code)
        for fact in stations.values()
        if fact.lat is not None and fact.lon is not None and fact.code != row.station
    )
    return [code for _, code in others[:NEIGHBOUR_COUNT]]


def _known_names(
    spreads: Mapping[_Place, Spread],
    station_names: Mapping[str, str],
    stations: Mapping[str, StationFact],
) -> dict[str, KnownName]:
    """Every name with the mean of its places; a wide name (Rohini) has that of its parts."""
    parts: dict[str, list[tuple[float, Spread]]] = defaultdict(list)
    shown: dict[str, str] = {}
    is_locality: set[str] = set()
    for (name, kind, _, _), spread in spreads.items():
        clean = _clean(name)
        words = fold(clean)
        weight = KIND_WEIGHT.get(kind, OTHER_KIND_WEIGHT)
        own = "".join(words)
        for key in {own, *_wider(words)}:
            if not _is_name(key):
                continue
            parts[key].append((weight, spread))
            if key == own or key not in shown:
                shown[key] = (
                    clean if key == own else " ".join(words[: _length_of(words, key)]).title()
                )
            if kind != STATION_NAME_KIND:
                is_locality.add(key)
    for key, code in station_names.items():
        if key not in parts:
            parts[key].append((1.0, {code: STATION_OWN_NAME}))
            shown[key] = stations[code].name
    return {
        key: KnownName(
            key=key,
            name=shown[key],
            spread=_mean(found),
            is_station_name_only=key not in is_locality,
            is_common=key in COMMON_NAMES,
        )
        for key, found in parts.items()
    }


def _clean(name: str) -> str:
    """The name without what the lists add: `(Part)`, `PO`, a word cut off at `*`."""
    name = name.split("(")[0].strip() or name
    if name.endswith("*"):
        cut = name.rsplit(" ", 1)[0]
        name = "" if re.search(r"\b\w \w \w\b", name) else cut
    return _TAIL.sub("", name).strip()


def _wider(words: tuple[str, ...]) -> list[str]:
    out: list[str] = []
    while len(words) > 1 and (words[-1] in _DESIGNATORS or words[-1].isdigit()):
        words = words[:-1]
        if words[-1] not in _DESIGNATORS:
            out.append("".join(words))
    return out


def _length_of(words: tuple[str, ...], key: str) -> int:
    return next(n for n in range(1, len(words) + 1) if "".join(words[:n]) == key)


def _outside_names(
    states: Iterable[StateFact], cities: Iterable[CityFact]
) -> dict[str, OutsideName]:
    out: dict[str, OutsideName] = {}
    for state in states:
        for name in (state.name, *state.variants):
            out[_key(name)] = OutsideName(state=state.name, city="", is_near_delhi=False)
    for city in cities:
        out.setdefault(
            _key(city.name),
            OutsideName(state=city.state, city=city.name, is_near_delhi=city.is_near_delhi),
        )
    return {key: value for key, value in out.items() if key}


def _key(name: str) -> str:
    return "".join(fold(name))


def _is_name(key: str) -> bool:
    return len(key) >= KEY_FROM_LENGTH and key not in _NOT_PLACES and not key.isdigit()


def _mean(parts: Sequence[tuple[float, Spread]]) -> dict[str, float]:
    out: dict[str, float] = defaultdict(float)
    total = sum(weight for weight, _ in parts)
    for weight, spread in parts:
        for station, share in spread.items():
            out[station] += share * weight / total
    return dict(out)


def _normal(spread: Spread) -> dict[str, float]:
    total = sum(spread.values()) or 1.0
    return {station: share / total for station, share in spread.items()}
