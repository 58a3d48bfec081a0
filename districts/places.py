"""The gazetteer as one value: names, PINs, areas, States. No Django, no clock.

A `Spread` says how a place or a PIN divides over stations: `{station code: share}`, summing to at
most 1; what is missing is not known to lie anywhere.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from rapidfuzz import fuzz, process
from shapely import STRtree, transform
from shapely.geometry import Point, box, shape
from shapely.geometry.base import BaseGeometry

from .folding import fold, skeleton, word_set

Spread = Mapping[str, float]

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

FUZZY_FROM_LENGTH = 6  # letters of the skeleton; shorter names differ too little from each other
FUZZY_CUTOFF = 86.0  # rapidfuzz ratio, 0 to 100: one letter wrong in 7, two in 14

KEY_FROM_LENGTH = 4  # letters; shorter keys are words
WORDS_IN_A_NAME = 5

EARTH_KM_PER_DEGREE = 111.32
DELHI_LATITUDE = 28.6  # for the plane projection, exact to 0.3 % over Delhi
NEAR_PLACES_WITHIN_KM = 2.5
NEAR_PLACES = 5
FADING_KM = 0.5  # a place counts by exp(-km / this); half the usual spacing of named places

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
class StationFact:
    code: str
    name: str
    district_code: str
    lat: float | None
    """Of a point in the area, not of the building. None for a station with no mapped area."""
    lon: float | None
    parents: tuple[str, ...] = ()


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


@dataclass(frozen=True, kw_only=True)
class KnownName:
    """One name and what it stands for, over all places that carry it."""

    key: str
    name: str
    spread: Spread
    is_station_name_only: bool
    is_common: bool

    @property
    def best(self) -> tuple[str, float]:
        return max(self.spread.items(), key=lambda item: (item[1], item[0]))


@dataclass(frozen=True, kw_only=True)
class OutsideName:
    """A State, or a city with its State. `city` is empty for a State."""

    state: str
    city: str
    is_near_delhi: bool


@dataclass(frozen=True, kw_only=True)
class FoundArea:
    station: str
    edge_m: float
    """Metres from the point to the limit of the area; negative when the point lies outside it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Gazetteer:
    """Everything the locator knows at one version. Built once, read many times, never changed."""

    version: int
    stations: Mapping[str, StationFact]
    pins: Mapping[str, Spread]
    names: Mapping[str, KnownName]
    station_names: Mapping[str, str]
    """Key of a name or alias of a territorial station to its code."""
    sectored: frozenset[str]
    """Keys of planned colonies with numbered sectors."""
    outside: Mapping[str, OutsideName]
    pin_states: Mapping[str, str]
    newer: Mapping[str, tuple[str, ...]]
    """Station code to stations since carved out of it, whose limits the data does not hold."""
    places: Sequence[tuple[float, float, Spread]] = field(repr=False)
    areas: Sequence[tuple[str, BaseGeometry]] = field(repr=False)

    @property
    def has_areas(self) -> bool:
        return bool(self.areas)

    def district_of(self, station: str) -> str:
        return self.stations[station].district_code

    def state_of_pin(self, pin: str) -> str:
        """The State whose postal circle holds a PIN; the longest prefix counts. Empty if none."""
        for length in range(len(pin), 1, -1):
            if pin[:length] in self.pin_states:
                return self.pin_states[pin[:length]]
        return ""

    def name_spelt(self, key: str) -> KnownName | None:
        """A name whose usual spellings meet in the same skeleton."""
        known = self._skeletons.get(skeleton(key))
        return self.names[known] if known else None

    def name_like(self, key: str) -> KnownName | None:
        """The nearest name above the cutoff, of those that begin alike and are about as long."""
        return self._nearest(skeleton(key))

    def area_at(self, lat: float, lon: float) -> FoundArea | None:
        """The area that holds a point, or else the nearest one. None when no layer is loaded."""
        if not self.areas:
            return None
        point = Point(*_plane(lat, lon))
        held = self._area_tree.query(point, predicate="intersects")
        if len(held):
            index = int(held[0])
            return FoundArea(
                station=self.areas[index][0],
                edge_m=1000 * self._flat_areas[index].boundary.distance(point),
            )
        index = int(self._area_tree.nearest(point))
        return FoundArea(
            station=self.areas[index][0], edge_m=-1000 * self._flat_areas[index].distance(point)
        )

    def places_near(self, lat: float, lon: float) -> tuple[float, dict[str, float]]:
        """Kilometres to the nearest named place (infinite if none is near), and their spread."""
        x, y = _plane(lat, lon)
        reach = NEAR_PLACES_WITHIN_KM
        found = self._place_tree.query(box(x - reach, y - reach, x + reach, y + reach))
        near = sorted((math.dist((x, y), self._flat_places[i]), int(i)) for i in found)
        near = [(km, i) for km, i in near[:NEAR_PLACES] if km <= reach]
        if not near:
            return math.inf, {}
        spread: dict[str, float] = defaultdict(float)
        weights = [math.exp(-km / FADING_KM) for km, _ in near]
        for weight, (_, index) in zip(weights, near, strict=True):
            for station, share in self.places[index][2].items():
                spread[station] += share * weight / sum(weights)
        return near[0][0], dict(spread)

    @cached_property
    def _skeletons(self) -> dict[str, str]:
        # Of two names with one skeleton the one with more places behind it comes first.
        out: dict[str, str] = {}
        for key in sorted(self.names, key=lambda k: (self.names[k].is_station_name_only, k)):
            out.setdefault(skeleton(key), key)
        return out

    @cached_property
    def _by_beginning(self) -> dict[tuple[str, int], list[str]]:
        out: dict[tuple[str, int], list[str]] = defaultdict(list)
        for spelt in self._skeletons:
            if len(spelt) >= FUZZY_FROM_LENGTH:
                out[spelt[0], len(spelt)].append(spelt)
        return out

    @cached_property
    def _nearest(self) -> Callable[[str], KnownName | None]:
        @lru_cache(maxsize=65536)
        def nearest(spelt: str) -> KnownName | None:
            if len(spelt) < FUZZY_FROM_LENGTH:
                return None
            choices = [
                choice
                for length in range(len(spelt) - 2, len(spelt) + 3)
                for choice in self._by_beginning.get((spelt[0], length), ())
            ]
            hit = process.extractOne(spelt, choices, scorer=fuzz.ratio, score_cutoff=FUZZY_CUTOFF)
            # Numbers are never a slip: sector 15 is not sector 16.
            if hit is None or re.findall(r"\d+", hit[0]) != re.findall(r"\d+", spelt):
                return None
            return self.names[self._skeletons[hit[0]]]

        return nearest

    @cached_property
    def _flat_areas(self) -> list[BaseGeometry]:
        scale = (EARTH_KM_PER_DEGREE * math.cos(math.radians(DELHI_LATITUDE)), EARTH_KM_PER_DEGREE)
        return [transform(area, lambda points: points * scale) for _, area in self.areas]

    @cached_property
    def _area_tree(self) -> STRtree:
        return STRtree(self._flat_areas)

    @cached_property
    def _flat_places(self) -> list[tuple[float, float]]:
        return [_plane(lat, lon) for lat, lon, _ in self.places]

    @cached_property
    def _place_tree(self) -> STRtree:
        return STRtree([Point(*place) for place in self._flat_places])


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
    here = _plane(row.lat, row.lon)
    others = sorted(
        (math.dist(here, _plane(fact.lat, fact.lon)), fact.code)
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


def _plane(lat: float, lon: float) -> tuple[float, float]:
    """Kilometres east and north on a plane true around Delhi."""
    scale = EARTH_KM_PER_DEGREE * math.cos(math.radians(DELHI_LATITUDE))
    return lon * scale, lat * EARTH_KM_PER_DEGREE
