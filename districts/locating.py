"""The rule: evidence of place to whose it is, how sure, and why. No Django, no clock.

Each piece of evidence claims Delhi, another State or abroad. Claims are weighed by the kind of
evidence, and pieces of one kind share that kind's weight, so that twenty look-ups of addresses do
not outvote one declared address. Only evidence that may name a station spreads over stations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .evidence import Evidence, Outcome, Piece, Reason, weigh
from .places import Gazetteer
from .rules import DEFAULT, EvidenceKind, Rules

CLAIM_AT_LEAST = 0.3  # below it nothing firm enough was said: one distinctive locality just passes

UNCLAIMED = 0.5  # chance of Delhi where nothing says of which State an address is; an estimate

SHARE_AT_MOST = 0.99  # statements in one address are not independent, though they are multiplied
CANDIDATES_AT_MOST = 5
CANDIDATES_AT_LEAST = 3  # named whatever their share, for an officer's eye
CANDIDATE_FROM = 0.02  # share below which a station is not worth a line on the page


@dataclass(frozen=True, kw_only=True)
class Candidate:
    district_code: str
    station_code: str | None
    """None when only the district can be named."""
    share: float
    """0 to 1: how likely it is, as measured on addresses of known place (docs/calibration.md)."""
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


def locate(pieces: Iterable[Evidence], gazetteer: Gazetteer, rules: Rules = DEFAULT) -> Location:
    """Whose it is by all the evidence together, with ranked stations when it is Delhi's."""
    weighed = [weigh(evidence, gazetteer) for evidence in pieces]
    reasons = [reason for piece in weighed for reason in piece.reasons]
    votes = _votes(weighed, rules)
    outcome, share, state, verdict = _verdict(votes, weighed, rules)
    reasons += verdict
    candidates: tuple[Candidate, ...] = ()
    if votes.get(Outcome.DELHI) or not votes:
        # Names that are not sure enough to claim Delhi still say where in Delhi it would be.
        claimed = share[Outcome.DELHI] if votes else UNCLAIMED
        candidates, about = _rank(weighed, gazetteer, rules, share=claimed)
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


def _votes(weighed: Sequence[Piece], rules: Rules) -> dict[Outcome, dict[str, float]]:
    """Weight for each outcome and place; pieces of one kind share the weight of the kind."""
    by_kind: dict[EvidenceKind, list[Piece]] = defaultdict(list)
    for piece in weighed:
        if piece.claims:
            by_kind[piece.kind].append(piece)
    votes: dict[Outcome, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for kind, pieces in by_kind.items():
        for piece in pieces:
            total = sum(piece.claims.values())
            for (outcome, place), firmness in piece.claims.items():
                part = piece.firmness * firmness / total
                votes[outcome][place] += rules.weights[kind] * part / len(pieces)
    return votes


def _verdict(
    votes: Mapping[Outcome, Mapping[str, float]], weighed: Sequence[Piece], rules: Rules
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
    if share[ranked[0]] < rules.decide_from:
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
    weighed: Sequence[Piece], gazetteer: Gazetteer, rules: Rules, *, share: float
) -> tuple[tuple[Candidate, ...], list[Reason]]:
    """Stations by the weighed mean of what the pieces say, and what is said about the ranking."""
    speaking = [piece for piece in weighed if piece.spread]
    if not speaking:
        return (), []
    counts: dict[EvidenceKind, int] = defaultdict(int)
    for piece in speaking:
        counts[piece.kind] += 1
    weights = [rules.weights[piece.kind] / counts[piece.kind] for piece in speaking]
    scores: dict[str, float] = defaultdict(float)
    for weight, piece in zip(weights, speaking, strict=True):
        for station, part in piece.spread.items():
            scores[station] += share * weight * part / sum(weights)
    ranked = sorted(scores, key=lambda station: (-scores[station], station))
    worth = [
        code
        for place, code in enumerate(ranked[:CANDIDATES_AT_MOST])
        if place < CANDIDATES_AT_LEAST or scores[code] >= CANDIDATE_FROM
        if scores[ranked[0]] >= CANDIDATE_FROM
    ]
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
