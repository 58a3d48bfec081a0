"""The rule: evidence of place to whose it is, how sure, and why. No Django, no clock.

Each piece of evidence claims Delhi, another State or abroad. Claims are weighed by the kind of
evidence, and pieces of one kind share that kind's weight, so that twenty look-ups of addresses do
not outvote one declared address. Only evidence that may name a station spreads over stations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod

from .addresses import FoundName, Manner, Reading, find_pin, read_address
from .folding import fold
from .places import Gazetteer, OutsideName, Spread


class EvidenceKind(StrEnum):
    INSTALLATION_ADDRESS = "installation-address"
    """Where a provider's reply says the connection is installed."""
    BILLING_ADDRESS = "billing-address"
    """Billing or know-your-customer address."""
    DECLARED_ADDRESS = "declared-address"
    """What the person told the platform."""
    DEVICE_POINT = "device-point"
    PHONE_ADDRESS = "phone-address"
    """Address of a telephone's subscriber."""
    FREE_TEXT = "free-text"
    PROVIDER_ESTIMATE = "provider-estimate"
    IP_LOOKUP = "ip-lookup"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What evidence of a kind is worth against the others, and whether it may name a station."""

    weight: float
    names_station: bool


STANDING: Mapping[EvidenceKind, Standing] = {
    # Points out of 100, in the order in which an enquiry would believe them; estimates of ours
    # until returned hand-offs allow them to be measured.
    EvidenceKind.INSTALLATION_ADDRESS: Standing(weight=100, names_station=True),
    EvidenceKind.BILLING_ADDRESS: Standing(weight=85, names_station=True),
    EvidenceKind.DECLARED_ADDRESS: Standing(weight=70, names_station=True),
    EvidenceKind.DEVICE_POINT: Standing(weight=65, names_station=True),
    EvidenceKind.PHONE_ADDRESS: Standing(weight=55, names_station=True),
    EvidenceKind.FREE_TEXT: Standing(weight=25, names_station=True),
    # A platform's own guess and an address look-up place the exchange, not the person.
    EvidenceKind.PROVIDER_ESTIMATE: Standing(weight=15, names_station=False),
    EvidenceKind.IP_LOOKUP: Standing(weight=10, names_station=False),
}

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

CLAIM_AT_LEAST = 0.3  # below it nothing firm enough was said: one distinctive locality just passes
DECIDE_FROM = 0.66  # share of the weighed claims; two to one, or an officer decides

# How likely a statement about the place inside Delhi is wrong or means another place, 0 to 1:
# that much of it is spread evenly over all stations. Ours, to be calibrated on returned hand-offs.
DOUBT_OF_PIN = 0.10
DOUBT_OF_POINT = 0.05
DOUBT_OF_STATED_STATION = 0.20
DOUBT_OF_MANNER = {
    Manner.AS_LISTED: 0.15,
    Manner.OTHER_SPELLING: 0.20,
    Manner.LIKE: 0.35,
    Manner.BESIDE: 0.45,
    Manner.ROAD: 0.70,  # Rohtak Road runs through five districts
}
DOUBT_OF_STATION_NAME = 0.50  # a nagar and an enclave of one name may lie far apart

POINT_SURE_FROM_M = 150  # from the limit; a phone's fix is rarely off by more
POINT_NEAR_LIMIT = 0.65  # share left to the area that holds a point nearer to its limit
POINT_ON_SLIVER_M = 30  # gaps between neighbouring polygons are a few metres wide
POINT_OUTSIDE_FROM_M = 500  # beyond the outer limit; nearer than this the layer may be off
PLACES_INSIDE_WITHIN_KM = 1.0  # without a layer: usual spacing of named places inside Delhi
AGREES_FROM = 0.25  # part of a place in a PIN's stations; neighbours alone give it less
PIN_GIVES_NOTHING_TO = 0.02  # share of a PIN below which a station counts as outside it

INDIA = ((6.0, 37.5), (68.0, 97.5))  # latitudes and longitudes of a box around the country
_INDIA_NAMES = frozenset({"in", "ind", "india", "bharat", "भारत", "356", "republic of india"})

SHARE_AT_MOST = 0.95  # statements in one address are not independent, though they are multiplied
CANDIDATES_AT_MOST = 5
CANDIDATE_FROM = 0.02  # share below which a station is not worth a line on the page


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


@dataclass(frozen=True, kw_only=True)
class Candidate:
    district_code: str
    station_code: str | None
    """None when only the district can be named."""
    share: float
    """0 to 1: how much of what is known points here. Not yet calibrated as a probability."""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Location:
    outcome: Outcome
    candidates: tuple[Candidate, ...]
    """Highest share first; only for Delhi, or when Delhi was one of two claims in conflict."""
    reasons: tuple[Reason, ...]
    state_name: str
    """The other State, in English. Empty for other outcomes and where none could be named."""
    gazetteer_version: int

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None

    @property
    def district_shares(self) -> dict[str, float]:
        """District codes with the summed shares of their candidates, highest first."""
        shares: dict[str, float] = defaultdict(float)
        for candidate in self.candidates:
            shares[candidate.district_code] += candidate.share
        return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))

    def as_data(self) -> dict[str, object]:
        """Plain data to keep with a decision."""
        return {
            "outcome": self.outcome.value,
            "state_name": self.state_name,
            "gazetteer_version": self.gazetteer_version,
            "reasons": [reason.as_data() for reason in self.reasons],
            "candidates": [
                {
                    "district_code": candidate.district_code,
                    "station_code": candidate.station_code,
                    "share": round(candidate.share, 4),
                    "reasons": [reason.as_data() for reason in candidate.reasons],
                }
                for candidate in self.candidates
            ],
        }


@dataclass(kw_only=True)
class _Piece:
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


def locate(pieces: Iterable[Evidence], gazetteer: Gazetteer) -> Location:
    """Whose it is by all the evidence together, with ranked stations when it is Delhi's."""
    weighed = [_weigh(evidence, gazetteer) for evidence in pieces]
    reasons = [reason for piece in weighed for reason in piece.reasons]
    votes = _votes(weighed)
    outcome, share, state, verdict = _verdict(votes, weighed)
    reasons += verdict
    candidates: tuple[Candidate, ...] = ()
    if votes.get(Outcome.DELHI):
        candidates, about = _rank(weighed, gazetteer, share=share[Outcome.DELHI])
        if outcome in {Outcome.DELHI, Outcome.CANNOT_SAY}:
            reasons += about
        else:
            candidates = ()
    return Location(
        outcome=outcome,
        candidates=candidates,
        reasons=tuple(dict.fromkeys(reasons)),
        state_name=state,
        gazetteer_version=gazetteer.version,
    )


# What each piece says


def _weigh(evidence: Evidence, gazetteer: Gazetteer) -> _Piece:
    piece = _Piece(kind=evidence.kind)
    country = evidence.country.strip()
    if country and country.casefold() not in _INDIA_NAMES:
        piece.claim(Outcome.ABROAD, country, CLAIM_OF_COUNTRY)
        piece.say("country-named", country=country)
        return piece
    names_station = STANDING[evidence.kind].names_station
    text = evidence.text
    reading = read_address(text, gazetteer, trust_codes=evidence.kind is not EvidenceKind.FREE_TEXT)
    pin = find_pin(evidence.postal_code, gazetteer) or reading.pin
    _claim_by_fields(piece, evidence, reading, pin, gazetteer)
    factors: list[tuple[float, Spread]] = []
    if names_station:
        factors += _by_pin(piece, pin, gazetteer)
        factors += _by_names(
            piece, (*reading.names, *_city_names(evidence, gazetteer)), pin, gazetteer
        )
        factors += _by_stated_station(piece, reading.stated_station, gazetteer)
    if evidence.lat is not None and evidence.lon is not None:
        factors += _by_point(piece, evidence.lat, evidence.lon, gazetteer)
    if names_station:
        piece.spread = _product(factors, len(gazetteer.stations))
    elif piece.claims:
        piece.say("coarse-kind")
    return piece


def _claim_by_fields(
    piece: _Piece, evidence: Evidence, reading: Reading, pin: str, gazetteer: Gazetteer
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
        if name.state != "Delhi":
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


def _claim_by_pin(piece: _Piece, pin: str, gazetteer: Gazetteer) -> None:
    state = gazetteer.state_of_pin(pin)
    if state == "Delhi":
        piece.claim(Outcome.DELHI, "", CLAIM_OF_PIN)
    elif state:
        piece.claim(Outcome.OTHER_STATE, state, CLAIM_OF_PIN)
        piece.say("pin-other-state", pin=pin, state=state)
    else:
        piece.say("pin-unknown", pin=pin)


def _city_names(evidence: Evidence, gazetteer: Gazetteer) -> tuple[FoundName, ...]:
    """A locality written into the field for the city: `Rohini`, `Najafgarh`."""
    if not evidence.city:
        return ()
    return read_address(evidence.city, gazetteer, trust_codes=False).names


def _by_pin(piece: _Piece, pin: str, gazetteer: Gazetteer) -> list[tuple[float, Spread]]:
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
        if part >= PIN_GIVES_NOTHING_TO:
            piece.say_of(station, "pin-share", pin=pin, percent=round(100 * part))
    return [(DOUBT_OF_PIN, spread)]


def _by_names(
    piece: _Piece, names: Sequence[FoundName], pin: str, gazetteer: Gazetteer
) -> list[tuple[float, Spread]]:
    """Localities sharpen within the PIN or stand against it. Two mentions of a name count once."""
    claimed = {outcome for outcome, _ in piece.claims}
    if Outcome.OTHER_STATE in claimed and Outcome.DELHI not in claimed and not pin:
        # Model Town, Ludhiana: the name was understood, but it is not ours.
        names = ()
    factors: list[tuple[float, Spread]] = []
    within = gazetteer.pins.get(pin, {})
    firmest = 0.0
    for found in {found.known.key: found for found in reversed(names)}.values():
        known, station = found.known, found.known.best[0]
        name = gazetteer.stations[station].name
        percent = round(100 * known.best[1])
        doubt = DOUBT_OF_MANNER[found.manner]
        if known.is_station_name_only:
            doubt = max(doubt, DOUBT_OF_STATION_NAME)
            piece.say("station-name-only", name=known.name)
            firmest = max(firmest, 0.0 if known.is_common else CLAIM_OF_STATION_NAME)
        elif found.manner is Manner.ROAD:
            piece.say("road-named", name=known.name)
        elif found.manner is Manner.LIKE:
            piece.say("locality-like", written=found.written, name=known.name, station=name)
        else:
            piece.say("locality-name", name=known.name, station=name, percent=percent)
            firmness = CLAIM_OF_COMMON_LOCALITY if known.is_common else CLAIM_OF_LOCALITY
            if known.is_common:
                piece.say("common-name", name=known.name)
            firmest = max(firmest, firmness)
        for code, share in known.spread.items():
            if share >= PIN_GIVES_NOTHING_TO:
                percent = round(100 * share)
                piece.say_of(code, "locality-share", name=known.name, percent=percent)
        inside = {code for code, share in within.items() if share >= PIN_GIVES_NOTHING_TO}
        held = sum(share for code, share in known.spread.items() if code in inside)
        if within and held < AGREES_FROM:
            piece.say("locality-against-pin", name=known.name, pin=pin)
        factors.append((doubt, known.spread))
    if firmest and Outcome.OTHER_STATE not in claimed:
        piece.claim(Outcome.DELHI, "", firmest)
    return factors


def _by_stated_station(
    piece: _Piece, station: str, gazetteer: Gazetteer
) -> list[tuple[float, Spread]]:
    if not station or any(outcome is Outcome.OTHER_STATE for outcome, _ in piece.claims):
        return []
    piece.claim(Outcome.DELHI, "", CLAIM_OF_LOCALITY)
    piece.say("station-stated", station=gazetteer.stations[station].name)
    piece.say_of(station, "station-stated", station=gazetteer.stations[station].name)
    return [(DOUBT_OF_STATED_STATION, {station: 1.0})]


def _by_point(
    piece: _Piece, lat: float, lon: float, gazetteer: Gazetteer
) -> list[tuple[float, Spread]]:
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
            return [(DOUBT_OF_POINT, near)]
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
    if not STANDING[piece.kind].names_station:
        return []
    piece.say("point-in-area", station=name, metres=round(max(area.edge_m, 0)))
    piece.say_of(area.station, "point-in-area", station=name, metres=round(max(area.edge_m, 0)))
    if area.edge_m >= POINT_SURE_FROM_M:
        return [(DOUBT_OF_POINT, {area.station: 1.0})]
    others = {code: share for code, share in near.items() if code != area.station}
    total = sum(others.values()) or 1.0
    spread = {code: (1 - POINT_NEAR_LIMIT) * share / total for code, share in others.items()}
    return [(DOUBT_OF_POINT, {**spread, area.station: POINT_NEAR_LIMIT})]


def _product(factors: Sequence[tuple[float, Spread]], station_count: int) -> dict[str, float]:
    """Spreads multiplied, each thinned by its doubt first: a conflict leaves both in play."""
    if not factors:
        return {}
    named = {code for _, spread in factors for code in spread}
    floors = [doubt / station_count for doubt, _ in factors]
    scores = {
        code: prod(
            floor + (1 - doubt) * spread.get(code, 0.0)
            for floor, (doubt, spread) in zip(floors, factors, strict=True)
        )
        for code in named
    }
    elsewhere = (station_count - len(named)) * prod(floors)
    total = sum(scores.values()) + elsewhere
    return {code: score / total for code, score in scores.items()}


# All pieces together


def _votes(weighed: Sequence[_Piece]) -> dict[Outcome, dict[str, float]]:
    """Weight for each outcome and place; pieces of one kind share the weight of the kind."""
    by_kind: dict[EvidenceKind, list[_Piece]] = defaultdict(list)
    for piece in weighed:
        if piece.claims:
            by_kind[piece.kind].append(piece)
    votes: dict[Outcome, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for kind, pieces in by_kind.items():
        for piece in pieces:
            total = sum(piece.claims.values())
            for (outcome, place), firmness in piece.claims.items():
                part = piece.firmness * firmness / total
                votes[outcome][place] += STANDING[kind].weight * part / len(pieces)
    return votes


def _verdict(
    votes: Mapping[Outcome, Mapping[str, float]], weighed: Sequence[_Piece]
) -> tuple[Outcome, dict[Outcome, float], str, list[Reason]]:
    """The outcome, each outcome's share of the votes, the State, and what is said about it."""
    sums = {outcome: sum(places.values()) for outcome, places in votes.items()}
    total = sum(sums.values())
    share = defaultdict(float, {outcome: value / total for outcome, value in sums.items()})
    firmest = max((piece.firmness for piece in weighed), default=0.0)
    if not total or firmest < CLAIM_AT_LEAST:
        said = any(piece.reasons for piece in weighed)
        return Outcome.CANNOT_SAY, share, "", [Reason("too-little" if said else "nothing-said")]
    ranked = sorted(sums, key=lambda outcome: (-sums[outcome], outcome.value))
    if share[ranked[0]] < DECIDE_FROM:
        params = (("first", ranked[0].value), ("second", ranked[1].value))
        return Outcome.CANNOT_SAY, share, "", [Reason("claims-conflict", params)]
    reasons: list[Reason] = []
    if len(ranked) > 1:
        percent = round(100 * share[ranked[0]])
        params_against = (("against", ranked[1].value), ("percent", percent))
        reasons.append(Reason("claims-outweighed", params_against))
    state = ""
    if ranked[0] is Outcome.OTHER_STATE:
        places = votes[Outcome.OTHER_STATE]
        named = sorted((place for place in places if place), key=lambda p: (-places[p], p))
        state = named[0] if named else ""
        if len(named) > 1:
            reasons.append(Reason("states-disagree", (("first", named[0]), ("second", named[1]))))
    return ranked[0], share, state, reasons


def _rank(
    weighed: Sequence[_Piece], gazetteer: Gazetteer, *, share: float
) -> tuple[tuple[Candidate, ...], list[Reason]]:
    """Stations by the weighed mean of what the pieces say, and what is said about the ranking."""
    speaking = [piece for piece in weighed if piece.spread]
    if not speaking:
        return (), []
    counts: dict[EvidenceKind, int] = defaultdict(int)
    for piece in speaking:
        counts[piece.kind] += 1
    weights = [STANDING[piece.kind].weight / counts[piece.kind] for piece in speaking]
    scores: dict[str, float] = defaultdict(float)
    for weight, piece in zip(weights, speaking, strict=True):
        for station, part in piece.spread.items():
            scores[station] += share * weight * part / sum(weights)
    ranked = sorted(scores, key=lambda station: (-scores[station], station))
    worth = [code for code in ranked if scores[code] >= CANDIDATE_FROM][:CANDIDATES_AT_MOST]
    candidates = [
        Candidate(
            district_code=gazetteer.district_of(station),
            station_code=station,
            share=min(scores[station], SHARE_AT_MOST),
            reasons=tuple(
                dict.fromkeys(r for piece in speaking for r in piece.station_reasons[station])
            ),
        )
        for station in worth
    ]
    reasons: list[Reason] = []
    firsts = {max(piece.spread, key=lambda code: (piece.spread[code], code)) for piece in speaking}
    if len({gazetteer.district_of(code) for code in firsts}) > 1:
        reasons.append(Reason("pieces-disagree", (("count", len(firsts)),)))
    if not candidates:
        candidates = _districts_only(scores, gazetteer)
    elif candidates[0].station_code in gazetteer.newer:
        parent = str(candidates[0].station_code)
        for code in gazetteer.newer[parent]:
            newer, older = gazetteer.stations[code].name, gazetteer.stations[parent].name
            reasons.append(Reason("newer-station", (("station", newer), ("parent", older))))
    return tuple(candidates), reasons


def _districts_only(scores: Mapping[str, float], gazetteer: Gazetteer) -> list[Candidate]:
    shares: dict[str, float] = defaultdict(float)
    for station, share in scores.items():
        shares[gazetteer.district_of(station)] += share
    best = sorted(shares, key=lambda code: (-shares[code], code))[:CANDIDATES_AT_MOST]
    return [
        Candidate(district_code=code, station_code=None, share=shares[code])
        for code in best
        if shares[code] >= CANDIDATE_FROM
    ]
