"""The gazetteer as one value: names, PINs, areas, States. No Django, no clock.

A `Spread` says how a place or a PIN divides over stations: `{station code: share}`, summing to at
most 1; what is missing is not known to lie anywhere.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process
from shapely import STRtree, transform
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from .folding import fold, skeleton
from .parts import Part
from .vocabulary import COLONIES, GENERIC, INSTITUTIONS

Spread = Mapping[str, float]

FUZZY_FROM_LENGTH = 6  # letters of the skeleton; shorter names differ too little from each other
_OF_MANY = INSTITUTIONS | COLONIES | GENERIC
OWN_PART_CUTOFF = 80.0  # of what is left without `nagar` and the like, or of each word
FUZZY_CUTOFF = 86.0  # rapidfuzz ratio, 0 to 100: one letter wrong in 7, two in 14

KEY_FROM_LENGTH = 4  # letters; shorter keys are words
GIVES_NOTHING_TO = 0.02  # share of a PIN or a place below which a station counts as outside it
WORDS_IN_A_NAME = 8
PIN_LENGTH = 6

AROUND_KM = 1.5  # a station counts as around another by exp(-km / this); neighbours are 3 km apart

PART_POINTS = {"sector": 4, "phase": 4, "pocket": 2, "block": 2}
"""Which parts go first where names fit different ones: a block lies within a sector."""

EARTH_KM_PER_DEGREE = 111.32
DELHI_LATITUDE = 28.6  # for the plane projection, exact to 0.3 % over Delhi
NEAR_PLACES_WITHIN_KM = 2.5
NEAR_PLACES = 5
FADING_KM = 0.5  # a place counts by exp(-km / this); half the usual spacing of named places


@dataclass(frozen=True, kw_only=True)
class StationFact:
    code: str
    name: str
    district_code: str
    lat: float | None
    """Of a point in the area, not of the building. None for a station with no mapped area."""
    lon: float | None
    parents: tuple[str, ...] = ()


def _own_part(words: Sequence[str]) -> str:
    return skeleton("".join(word for word in words if word not in _OF_MANY))


def _marks(words: Sequence[str]) -> list[str]:
    """Letters and numbers that stand alone: of blocks, sectors and the like."""
    return sorted(word for word in words if len(word) == 1 or word.isdigit())


@dataclass(frozen=True, kw_only=True)
class KnownName:
    """One name and what it stands for, over all places that carry it."""

    key: str
    name: str
    spread: Spread
    is_station_name_only: bool
    is_common: bool
    is_minor: bool = False
    """Known from bus stops only."""
    is_reported: bool = False
    """Known only because press or courts put it under a station."""
    is_road: bool = False
    """A road: its one point says little of its other end."""
    is_institution: bool = False
    """A school, a temple, a market: one of several in a colony of many sectors."""
    stem: str = ""
    """Key of the name without its parts: `rohini` for Rohini Sector 22, and for Rohini."""
    behind: Spread | None = None
    """Of a post town: what it says behind a narrower name, `Gadaipur, Mehrauli`."""
    parts: frozenset[Part] = frozenset()

    @property
    def best(self) -> tuple[str, float]:
        return max(self.spread.items(), key=lambda item: (item[1], item[0]))


@dataclass(frozen=True, kw_only=True)
class OutsideName:
    """A State, a city with its State, or a place abroad. `city` is empty for a State."""

    state: str
    city: str
    is_near_delhi: bool
    country: str = ""
    """Empty for India."""
    is_district: bool = False
    """Of another State, and no well-known city: a temple or a shop may be called so."""


@dataclass(frozen=True, kw_only=True)
class PinRange:
    """PINs of one district of another State, both ends included."""

    first: str
    last: str
    state: str
    district: str


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
    families: Mapping[str, Sequence[KnownName]]
    """Stem of a planned colony to its names with parts: sectors, phases, blocks, pockets."""
    outside: Mapping[str, OutsideName]
    pin_states: Mapping[str, str]
    pin_ranges: Sequence[PinRange]
    """Sorted by their first PIN."""
    regions: Mapping[str, Spread]
    """Key of a part of Delhi, as `southdelhi`, to its stations."""
    newer: Mapping[str, tuple[str, ...]]
    """Station code to stations since carved out of it, whose limits the data does not hold."""
    places: Sequence[tuple[float, float, Spread]] = field(repr=False)
    areas: Sequence[tuple[str, BaseGeometry]] = field(repr=False)

    @property
    def has_areas(self) -> bool:
        return bool(self.areas)

    def district_of(self, station: str) -> str:
        return self.stations[station].district_code

    def range_of_pin(self, pin: str) -> PinRange | None:
        """The district of another State that holds a PIN, if the directory has it."""
        at = bisect_right(self.pin_ranges, pin, key=lambda each: each.first) - 1
        found = self.pin_ranges[at] if at >= 0 and len(pin) == PIN_LENGTH else None
        return found if found and pin <= found.last else None

    def state_of_pin(self, pin: str) -> str:
        """The State of a PIN by the directory, else that whose postal circle holds it; the longest
        prefix counts. Empty if none.
        """
        found = self.range_of_pin(pin)
        if found:
            return found.state
        for length in range(len(pin), 1, -1):
            if pin[:length] in self.pin_states:
                return self.pin_states[pin[:length]]
        return ""

    def part_of(self, stem: str, wanted: frozenset[Part]) -> KnownName | None:
        """The name, or the mean of the names, of a family that most of the wanted parts fit."""
        return self._fitting(stem, wanted)

    def has_parts(self, stem: str, designators: set[str]) -> bool:
        """Whether a family is divided in one of these ways."""
        return any(
            part[0] in designators for name in self.families.get(stem, ()) for part in name.parts
        )

    def name_spelt(self, key: str) -> KnownName | None:
        """A name whose usual spellings meet in the same skeleton."""
        known = self._skeletons.get(skeleton(key))
        return self.names[known] if known else None

    def name_like(self, words: Sequence[str], *, least: float = FUZZY_CUTOFF) -> KnownName | None:
        """The nearest name above the cutoff, of those that begin alike and are about as long. Its
        own part has to be alike, too: Uttam Vihar is not Utsav Vihar, nor Sai Hospital SCI
        Hospital; and H Block is not B Block.
        """
        known, likeness = self._nearest(skeleton("".join(words)))
        if known is None or likeness < least:
            return None
        told = fold(known.name)
        if _marks(words) != _marks(told):
            return None
        cutoff = least if known.is_institution else OWN_PART_CUTOFF
        is_alike = fuzz.ratio(_own_part(words), _own_part(told)) >= cutoff
        if not is_alike and len(words) == len(told) and not known.is_institution:
            is_alike = all(
                fuzz.ratio(skeleton(one), skeleton(other)) >= OWN_PART_CUTOFF
                for one, other in zip(words, told, strict=True)
            )
        return known if is_alike else None

    def area_at(self, lat: float, lon: float) -> FoundArea | None:
        """The area that holds a point, or else the nearest one. None when no layer is loaded."""
        if not self.areas:
            return None
        point = Point(*plane(lat, lon))
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
        x, y = plane(lat, lon)
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
    def nearby(self) -> Mapping[str, Spread]:
        """Each station to the stations around it, by the distance of points in their areas."""
        at = {
            code: plane(fact.lat, fact.lon)
            for code, fact in self.stations.items()
            if fact.lat is not None and fact.lon is not None
        }
        out: dict[str, Spread] = {code: {} for code in self.stations}
        for code, here in at.items():
            km = {other: math.dist(here, there) for other, there in at.items() if other != code}
            weights = {o: math.exp(-d / AROUND_KM) for o, d in km.items() if d <= 5 * AROUND_KM}
            total = sum(weights.values()) or 1.0
            out[code] = {other: weight / total for other, weight in sorted(weights.items())}
        return out

    def about(self, spread: Spread) -> set[str]:
        """Stations that a place speaks for, and those around them."""
        own = {code for code, share in spread.items() if share >= GIVES_NOTHING_TO}
        around = (self.nearby[code].items() for code in own)
        return own.union(
            code for each in around for code, share in each if share >= GIVES_NOTHING_TO
        )

    @cached_property
    def _fitting(self) -> Callable[[str, frozenset[Part]], KnownName | None]:
        @lru_cache(maxsize=65536)
        def fitting(stem: str, wanted: frozenset[Part]) -> KnownName | None:
            given = {designator for designator, _ in wanted}
            fits: list[tuple[float, int, KnownName]] = []
            for name in self.families.get(stem, ()):
                if any(part[0] in given and part not in wanted for part in name.parts):
                    continue
                agreed = name.parts & wanted
                most_said = max((PART_POINTS[part[0]] for part in agreed), default=0)
                # Block E of sector 18 is not meant by a block E alone.
                if agreed and all(PART_POINTS[p[0]] <= most_said for p in name.parts - agreed):
                    points = sum(PART_POINTS[part[0]] + len(part[1]) / 10 for part in agreed)
                    fits.append((points, len(name.parts - agreed), name))
            if not fits:
                return None
            most = max(points for points, _, _ in fits)
            best = [(1 / (1 + more), name) for points, more, name in fits if points == most]
            return best[0][1] if len(best) == 1 else mean_of_names(stem, best)

        return fitting

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
    def _nearest(self) -> Callable[[str], tuple[KnownName | None, float]]:
        @lru_cache(maxsize=65536)
        def nearest(spelt: str) -> tuple[KnownName | None, float]:
            if len(spelt) < FUZZY_FROM_LENGTH:
                return None, 0.0
            choices = [
                choice
                for length in range(len(spelt) - 2, len(spelt) + 3)
                for choice in self._by_beginning.get((spelt[0], length), ())
            ]
            hit = process.extractOne(spelt, choices, scorer=fuzz.ratio, score_cutoff=FUZZY_CUTOFF)
            # Numbers are never a slip: sector 15 is not sector 16.
            if hit is None or re.findall(r"\d+", hit[0]) != re.findall(r"\d+", spelt):
                return None, 0.0
            return self.names[self._skeletons[hit[0]]], hit[1]

        return nearest

    @cached_property
    def _flat_areas(self) -> list[BaseGeometry]:
        return [area for _, area in flattened(self.areas)]

    @cached_property
    def _area_tree(self) -> STRtree:
        return STRtree(self._flat_areas)

    @cached_property
    def _flat_places(self) -> list[tuple[float, float]]:
        return [plane(lat, lon) for lat, lon, _ in self.places]

    @cached_property
    def _place_tree(self) -> STRtree:
        return STRtree([Point(*place) for place in self._flat_places])


def mean_of_names(stem: str, weighed: Sequence[tuple[float, KnownName]]) -> KnownName:
    """Several names of one family as one, called by the parts they share."""
    total = sum(weight for weight, _ in weighed)
    spread: dict[str, float] = defaultdict(float)
    for weight, name in weighed:
        for station, share in name.spread.items():
            spread[station] += share * weight / total
    parts = frozenset.intersection(*(name.parts for _, name in weighed))
    shortest = min((name for _, name in weighed), key=lambda name: (len(name.name), name.name))
    return KnownName(
        key=stem + "".join(f"{designator}{value}" for designator, value in sorted(parts)),
        name=shortest.name,
        spread=dict(spread),
        is_station_name_only=False,
        is_common=False,
        stem=stem,
        parts=parts,
    )


def flattened(areas: Sequence[tuple[str, BaseGeometry]]) -> list[tuple[str, BaseGeometry]]:
    """The areas on the plane of `plane`, in kilometres."""
    scale = (EARTH_KM_PER_DEGREE * math.cos(math.radians(DELHI_LATITUDE)), EARTH_KM_PER_DEGREE)
    return [(code, transform(area, lambda points: points * scale)) for code, area in areas]


def plane(lat: float, lon: float) -> tuple[float, float]:
    """Kilometres east and north on a plane true around Delhi."""
    scale = EARTH_KM_PER_DEGREE * math.cos(math.radians(DELHI_LATITUDE))
    return lon * scale, lat * EARTH_KM_PER_DEGREE
