"""What one piece of evidence of place says: a claim on Delhi, another State or abroad, and where in
Delhi. No Django, no clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .addresses import Reading, read_address
from .combining import Basis, Statement, combine
from .folding import fold
from .found import FoundName, Manner
from .places import GIVES_NOTHING_TO, Gazetteer, OutsideName
from .rules import NAMES_NO_STATION, EvidenceKind
from .stated import find_pin

# How firmly one statement says "Delhi", "another State" or "abroad", 0 to 1.
CLAIM_OF_PIN = 1.0  # typed as a number of its own; the circles are official
CLAIM_OF_POINT = 1.0
CLAIM_OF_COUNTRY = 1.0
CLAIM_OF_NEAR_CITY = 1.0  # Noida or Gurugram is not written by mistake; "Delhi" beside it often is
CLAIM_OF_STATE_FIELD = 0.8
CLAIM_OF_CITY_FIELD = 0.7
CLAIM_OF_CITY_IN_TEXT = 0.6
CLAIM_OF_DELHI_IN_TEXT = 0.6
CLAIM_OF_STATE_IN_TEXT = 0.6
CLAIM_OF_LOCALITY = 0.35  # a name of ours may be a name elsewhere
CLAIM_OF_STATION_NAME = 0.3  # says Delhi as a locality does, a little less; says no station
CLAIM_OF_COMMON_LOCALITY = 0.1
CLAIM_OF_POINT_NEAR_PLACES = 0.6  # without a boundary layer


POINT_SURE_FROM_M = 150  # from the limit; a phone's fix is rarely off by more
POINT_NEAR_LIMIT = 0.65  # share left to the area that holds a point nearer to its limit
POINT_ON_SLIVER_M = 30  # gaps between neighbouring polygons are a few metres wide
POINT_OUTSIDE_FROM_M = 500  # beyond the outer limit; nearer than this the layer may be off
PLACES_INSIDE_WITHIN_KM = 1.0  # without a layer: usual spacing of named places inside Delhi
AGREES_FROM = 0.25  # part of a place in a PIN's stations; neighbours alone give it less

INDIA = ((6.0, 37.5), (68.0, 97.5))  # latitudes and longitudes of a box around the country
_INDIA_NAMES = frozenset({"in", "ind", "india", "bharat", "भारत", "356", "republic of india"})


class Outcome(StrEnum):
    DELHI = "delhi"
    OTHER_STATE = "other_state"
    ABROAD = "abroad"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One piece of evidence of place, as the report or a reply gives it. Empty means not given."""

    kind: EvidenceKind
    text: str = ""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: str = ""
    """Name or code; empty is taken as India, since the report was sent here."""
    lat: float | None = None
    lon: float | None = None
    provenance: str = ""
    """Where it stands, for the officer: a path in the report, a reply's number."""


@dataclass(frozen=True)
class Reason:
    """One for or against. `code` picks the wording in `districts.wording`, `params` fill it."""

    code: str
    params: tuple[tuple[str, str | int], ...] = ()
    evidence: EvidenceKind | None = None
    """The kind of evidence it rests on; None where it is about all of it."""

    def as_data(self) -> dict[str, object]:
        """Plain data to keep with a decision."""
        return {"code": self.code, "params": dict(self.params), "evidence": self.evidence or ""}


@dataclass(kw_only=True)
class Piece:
    """What one piece of evidence comes to."""

    kind: EvidenceKind
    claims: dict[tuple[Outcome, str], float] = field(default_factory=lambda: defaultdict(float))
    """(outcome, State or country) to firmness."""
    spread: dict[str, float] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    station_reasons: dict[str, list[Reason]] = field(default_factory=lambda: defaultdict(list))

    def say(self, code: str, /, **params: str | int) -> None:
        self.reasons.append(Reason(code, tuple(params.items()), self.kind))

    def say_of(self, about: str, code: str, /, **params: str | int) -> None:
        self.station_reasons[about].append(Reason(code, tuple(params.items()), self.kind))

    def claim(self, outcome: Outcome, place: str, firmness: float) -> None:
        self.claims[outcome, place] += firmness

    @property
    def firmness(self) -> float:
        return min(1.0, sum(self.claims.values()))


def weigh(evidence: Evidence, gazetteer: Gazetteer) -> Piece:
    piece = Piece(kind=evidence.kind)
    country = evidence.country.strip()
    if country and country.casefold() not in _INDIA_NAMES:
        piece.claim(Outcome.ABROAD, country, CLAIM_OF_COUNTRY)
        piece.say("country-named", country=country)
        return piece
    names_station = evidence.kind not in NAMES_NO_STATION
    text = evidence.text
    reading = read_address(text, gazetteer, trust_codes=evidence.kind is not EvidenceKind.FREE_TEXT)
    pin = find_pin(evidence.postal_code, gazetteer) or reading.pin
    _claim_by_fields(piece, evidence, reading, pin, gazetteer)
    statements: list[Statement] = []
    if names_station:
        statements += _by_pin(piece, pin, gazetteer)
        statements += _by_names(
            piece, (*reading.names, *_city_names(evidence, gazetteer)), pin, gazetteer
        )
        statements += _by_stated_station(piece, reading.stated_station, gazetteer)
        if reading.region:
            statements.append(Statement(Basis.REGION, gazetteer.regions[reading.region]))
    if evidence.lat is not None and evidence.lon is not None:
        statements += _by_point(piece, evidence.lat, evidence.lon, gazetteer)
    if names_station:
        piece.spread = combine(statements, gazetteer)
    elif piece.claims:
        piece.say("coarse-kind")
    return piece


def _claim_by_fields(
    piece: Piece, evidence: Evidence, reading: Reading, pin: str, gazetteer: Gazetteer
) -> None:
    """Claims of PIN, State, city and of cities and States in the text."""
    fields = (
        (_outside_name(evidence.state, gazetteer), CLAIM_OF_STATE_FIELD),
        (_outside_name(evidence.city, gazetteer), CLAIM_OF_CITY_FIELD),
    )
    named = [(name, firmness) for name, firmness in fields if name is not None]
    named += [
        (name, CLAIM_OF_CITY_IN_TEXT if name.city else CLAIM_OF_STATE_IN_TEXT)
        for name in dict.fromkeys(reading.outside)
    ]
    is_near = any(name.is_near_delhi for name, _ in named)
    if pin:
        _claim_by_pin(piece, pin, gazetteer)
    for name, firmness in named:
        if name.country:
            piece.claim(Outcome.ABROAD, name.country, firmness)
            piece.say("place-abroad", place=name.city, country=name.country)
        elif name.state != "Delhi":
            if name.is_near_delhi:
                piece.claim(Outcome.OTHER_STATE, name.state, CLAIM_OF_NEAR_CITY)
                piece.say("near-delhi-city", city=name.city, state=name.state)
            elif name.city:
                piece.claim(Outcome.OTHER_STATE, name.state, firmness)
                piece.say("city-named", city=name.city, state=name.state)
            else:
                piece.claim(Outcome.OTHER_STATE, name.state, firmness)
                piece.say("state-named", state=name.state)
        elif not is_near:
            piece.claim(Outcome.DELHI, "", firmness)
            piece.say("delhi-named")
    if reading.says_delhi and not is_near:
        piece.claim(Outcome.DELHI, "", CLAIM_OF_DELHI_IN_TEXT)
        piece.say("delhi-named")


def _outside_name(text: str, gazetteer: Gazetteer) -> OutsideName | None:
    words = fold(text)
    found = gazetteer.outside.get("".join(words))
    if found is None and "delhi" in words and len(words) <= 3 and "ncr" not in words:
        return OutsideName(state="Delhi", city="Delhi", is_near_delhi=False)
    return found


def _claim_by_pin(piece: Piece, pin: str, gazetteer: Gazetteer) -> None:
    state = gazetteer.state_of_pin(pin)
    if state == "Delhi":
        piece.claim(Outcome.DELHI, "", CLAIM_OF_PIN)
    elif state:
        piece.claim(Outcome.OTHER_STATE, state, CLAIM_OF_PIN)
        held = gazetteer.range_of_pin(pin)
        if held:
            piece.say("pin-other-district", pin=pin, district=held.district, state=state)
        else:
            piece.say("pin-other-state", pin=pin, state=state)
    else:
        piece.say("pin-unknown", pin=pin)


def _city_names(evidence: Evidence, gazetteer: Gazetteer) -> tuple[FoundName, ...]:
    """A locality written into the field for the city: `Rohini`, `Najafgarh`."""
    if not evidence.city:
        return ()
    return read_address(evidence.city, gazetteer, trust_codes=False).names


def _by_pin(piece: Piece, pin: str, gazetteer: Gazetteer) -> list[Statement]:
    spread = gazetteer.pins.get(pin)
    if spread is None:
        if pin and gazetteer.state_of_pin(pin) == "Delhi":
            piece.say("pin-not-mapped", pin=pin)
        return []
    best, share = max(spread.items(), key=lambda item: (item[1], item[0]))
    name = gazetteer.stations[best].name
    if len(spread) == 1:
        piece.say("pin-one-station", pin=pin, station=name)
    else:
        percent = round(100 * share)
        piece.say("pin-stations", pin=pin, count=len(spread), station=name, percent=percent)
    for station, part in spread.items():
        if part >= GIVES_NOTHING_TO:
            piece.say_of(station, "pin-share", pin=pin, percent=round(100 * part))
    return [Statement(Basis.PIN, spread)]


def _by_names(
    piece: Piece, names: Sequence[FoundName], pin: str, gazetteer: Gazetteer
) -> list[Statement]:
    """Localities sharpen within the PIN or stand against it. Two mentions of a name count once."""
    claimed = {outcome for outcome, _ in piece.claims}
    is_elsewhere = bool(claimed & {Outcome.OTHER_STATE, Outcome.ABROAD})
    if is_elsewhere and Outcome.DELHI not in claimed and not pin:
        # Model Town, Ludhiana: the name was understood, but it is not ours.
        names = ()
    statements: list[Statement] = []
    within = gazetteer.pins.get(pin, {})
    firmest = 0.0
    distinct = {found.known.key: found for found in reversed(names)}
    first = True
    for found in sorted(distinct.values(), key=lambda found: (found.is_around, found.start)):
        known, station = found.known, found.known.best[0]
        name = gazetteer.stations[station].name
        percent = round(100 * known.best[1])
        if known.is_station_name_only:
            piece.say("station-name-only", name=known.name)
            firmest = max(firmest, 0.0 if known.is_common else CLAIM_OF_STATION_NAME)
        elif found.manner is Manner.ROAD:
            piece.say("road-named", name=known.name)
        elif found.manner is Manner.LIKE:
            piece.say("locality-like", written=found.written, name=known.name, station=name)
        else:
            if known.is_reported:
                piece.say("reported-name", name=known.name, station=name)
            else:
                piece.say("locality-name", name=known.name, station=name, percent=percent)
            firmness = CLAIM_OF_COMMON_LOCALITY if known.is_common else CLAIM_OF_LOCALITY
            if known.is_common:
                piece.say("common-name", name=known.name)
            firmest = max(firmest, firmness)
        for code, share in known.spread.items():
            if known.is_reported:
                piece.say_of(code, "reported-under", name=known.name)
            elif share >= GIVES_NOTHING_TO:
                percent = round(100 * share)
                piece.say_of(code, "locality-share", name=known.name, percent=percent)
        inside = {code for code, share in within.items() if share >= GIVES_NOTHING_TO}
        held = sum(share for code, share in known.spread.items() if code in inside)
        if within and held < AGREES_FROM:
            piece.say("locality-against-pin", name=known.name, pin=pin)
        basis = basis_of(found, is_first=first)
        if within and not inside & gazetteer.about(known.spread):
            basis = Basis.NAMESAKE
        elif basis is Basis.BESIDE and any(
            each.manner in _PLAIN and not each.known.is_road for each in distinct.values()
        ):
            basis = Basis.LANDMARK
        elif _is_namesake(found, distinct.values(), gazetteer):
            basis = Basis.NAMESAKE
        says = known.spread if first or known.behind is None else known.behind
        statements.append(Statement(basis, says))
        first &= found.manner in {Manner.ROAD, Manner.BESIDE} or basis in _NOT_THE_PLACE
    if firmest and not is_elsewhere:
        piece.claim(Outcome.DELHI, "", firmest)
    return statements


def _is_namesake(found: FoundName, names: Iterable[FoundName], gazetteer: Gazetteer) -> bool:
    """Whether a name that stands in many places is written with a colony that is nowhere near the
    one that is known: `Jama Masjid, Wazirabad`, `Gandhi Nagar, Burari`.
    """
    if not (found.known.is_institution or found.known.is_common):
        return False
    about = gazetteer.about(found.known.spread)
    return any(
        about.isdisjoint(each.known.spread)
        for each in names
        if each.manner in _PLAIN
        and not (each.known.is_institution or each.known.is_road)
        and (found.known.is_institution or not each.known.is_common)
    )


_PLAIN = {Manner.AS_LISTED, Manner.OTHER_SPELLING}
_NOT_THE_PLACE = {Basis.NAMED_ROAD, Basis.WITHIN, Basis.NAMESAKE}
"""What follows these may still be the narrowest place."""
_BASIS = {
    Manner.OTHER_SPELLING: Basis.SPELT,
    Manner.LIKE: Basis.LIKE,
    Manner.BESIDE: Basis.BESIDE,
    Manner.ROAD: Basis.ROAD,
}


def basis_of(found: FoundName, *, is_first: bool) -> Basis:
    if found.known.is_station_name_only:
        return Basis.STATION_NAME
    if found.known.is_road and found.manner is not Manner.ROAD:
        return Basis.NAMED_ROAD
    is_plain = found.manner in {Manner.AS_LISTED, Manner.OTHER_SPELLING}
    if is_plain and found.is_within:
        return Basis.WITHIN
    if is_plain and found.known.is_reported:
        return Basis.REPORTED
    if is_plain and found.known.is_minor:
        return Basis.MINOR
    if is_plain and found.is_part_unknown:
        return Basis.PART_UNKNOWN
    if found.is_by_house:
        return Basis.HOUSE_BLOCK
    if is_plain and not is_first:
        return Basis.NAME_AFTER
    return _BASIS.get(found.manner, Basis.NAME)


def _by_stated_station(piece: Piece, station: str, gazetteer: Gazetteer) -> list[Statement]:
    if not station or any(outcome is Outcome.OTHER_STATE for outcome, _ in piece.claims):
        return []
    piece.claim(Outcome.DELHI, "", CLAIM_OF_LOCALITY)
    piece.say("station-stated", station=gazetteer.stations[station].name)
    piece.say_of(station, "station-stated", station=gazetteer.stations[station].name)
    return [Statement(Basis.STATED_STATION, {station: 1.0})]


def _by_point(piece: Piece, lat: float, lon: float, gazetteer: Gazetteer) -> list[Statement]:
    (south, north), (west, east) = INDIA
    if not (south <= lat <= north and west <= lon <= east):
        piece.claim(Outcome.ABROAD, "", CLAIM_OF_POINT)
        piece.say("point-abroad")
        return []
    area = gazetteer.area_at(lat, lon)
    km, near = gazetteer.places_near(lat, lon)
    if area is None:
        if km <= PLACES_INSIDE_WITHIN_KM:
            piece.claim(Outcome.DELHI, "", CLAIM_OF_POINT_NEAR_PLACES)
            piece.say("point-near-places", metres=round(1000 * km))
            return [Statement(Basis.POINT, near)]
        if near:
            piece.say("point-between", metres=round(1000 * km))
            return []
        piece.claim(Outcome.OTHER_STATE, "", CLAIM_OF_POINT)
        piece.say("point-outside-delhi")
        return []
    if area.edge_m < -POINT_OUTSIDE_FROM_M:
        piece.claim(Outcome.OTHER_STATE, "", CLAIM_OF_POINT)
        piece.say("point-outside-delhi")
        return []
    name = gazetteer.stations[area.station].name
    if area.edge_m < -POINT_ON_SLIVER_M:
        piece.say("point-just-outside", station=name, metres=round(-area.edge_m))
        return []
    piece.claim(Outcome.DELHI, "", CLAIM_OF_POINT)
    if piece.kind in NAMES_NO_STATION:
        return []
    piece.say("point-in-area", station=name, metres=round(max(area.edge_m, 0)))
    piece.say_of(area.station, "point-in-area", station=name, metres=round(max(area.edge_m, 0)))
    if area.edge_m >= POINT_SURE_FROM_M:
        return [Statement(Basis.POINT, {area.station: 1.0})]
    others = {code: share for code, share in near.items() if code != area.station}
    total = sum(others.values()) or 1.0
    spread = {code: (1 - POINT_NEAR_LIMIT) * share / total for code, share in others.items()}
    return [Statement(Basis.POINT, {**spread, area.station: POINT_NEAR_LIMIT})]
