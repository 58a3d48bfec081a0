"""How urgent and how complete a tipline is, with the reasons: rule, without Django and without a
clock.

NCMEC's own priority is one reason among others and is never overwritten. Every reason carries the
points it gave, so that the sum can be checked by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

# Points for what a report says. Ground: harm to a child now > contact > production > exchange.
TYPE_POINTS = {
    "Child Sexual Molestation": 45,
    "Child Sex Trafficking": 45,
    "Online Enticement of Children for Sexual Acts": 35,
    "Child Sex Tourism": 35,
    "Unsolicited Obscene Material Sent to a Child": 25,
    "Child Pornography (possession, manufacture, and distribution)": 15,
}
TYPE_POINTS_ELSE = 10
ANNOTATION_POINTS = {
    "sadisticOnlineExploitation": 35,
    "sextortion": 25,
    "csamSolicitation": 15,
    "potentialAggravatingFactors": 15,
    "minorToMinorInteraction": 5,
    "informational": -20,
    "spam": -15,
}
FILE_POINTS = {
    "physicalHarm": 20,
    "liveStreaming": 20,
    "infant": 20,
    "bestiality": 10,
    "violenceGore": 10,
    "possibleSelfProduction": 10,
    "generativeAi": -5,
    "animeDrawingVirtualHentai": -10,
}
PRIORITY_POINTS = {"1": 40, "2": 20, "3": 10}  # NCMEC's letter; E says only that no analyst looked
CLASS_POINTS = {"A1": 15, "A2": 8, "B1": 8, "B2": 3}
ESCALATED = 30
VICTIM_NAMED = 15
VIEWED = 5
REPEATED = 10
SUPPLEMENTED = 5
FRESH = 10
EXPIRING = 10
ORGANISED = 20
MEME = -15
BATCHED_AT_MOST = 5
FRESH_FOR = timedelta(days=14)
EXPIRES_WITHIN = timedelta(days=30)

# What makes a tipline workable, out of 100: the order in which an enquiry needs it.
NEEDED = {
    "contact": 20,  # phone or e-mail
    "account": 15,
    "ip": 15,
    "ip-time": 10,
    "ip-port": 10,
    "name": 10,
    "address": 10,
    "file-hash": 5,
    "incident-time": 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rule looks at. Moments are aware."""

    incident_type: str = ""
    annotations: tuple[str, ...] = ()
    escalated: bool = False
    batched: bool = False
    ncmec_priority: str = ""
    worst_class: str = ""
    file_annotations: frozenset[str] = frozenset()
    has_files: bool = False
    all_files_meme: bool = False
    any_viewed: bool = False
    victim_named: bool = False
    prior_reports: int = 0
    supplements: int = 0
    """How many later reports add to it."""
    organised_in: int | None = None
    """The organised nexus that it is in."""
    incident_at: datetime | None = None
    preserved_until: datetime | None = None
    has: frozenset[str] = field(default_factory=frozenset)
    """Which keys of `NEEDED` the report holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    code: str
    points: int
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    urgency: int
    """0 to 100: the sum of the reasons' points, held within these bounds."""
    reasons: tuple[Reason, ...]
    completeness: int
    """0 to 100."""
    missing: tuple[str, ...]


def assess(facts: Facts, *, at: datetime) -> Assessment:
    """Judge a report as it stands at `at`."""
    reasons = tuple(reason for reason in why_urgent(facts, at=at) if reason.points)
    points = max(0, min(100, sum(reason.points for reason in reasons)))
    # Whoever passes viral material on in an organised nexus does not pass it on without malice.
    if facts.batched and not facts.organised_in and points > BATCHED_AT_MOST:
        reasons = (*reasons, Reason(code="batched", points=BATCHED_AT_MOST - points))
        points = BATCHED_AT_MOST
    missing = tuple(key for key in NEEDED if key not in facts.has)
    return Assessment(
        urgency=points,
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.points))),
        completeness=sum(NEEDED[key] for key in NEEDED if key in facts.has),
        missing=missing,
    )


def with_supplements(facts: Facts, supplements: Iterable[Facts]) -> Facts:
    """A report as it stands with what its supplements add: the graver of each, and every lead."""
    added = tuple(supplements)
    if not added:
        return facts
    every = (facts, *added)
    # A supplement without a file says nothing about whether the files are memes.
    with_files = [each for each in every if each.has_files]
    return replace(
        facts,
        annotations=tuple(dict.fromkeys(name for each in every for name in each.annotations)),
        escalated=any(each.escalated for each in every),
        batched=all(each.batched for each in every),
        ncmec_priority=gravest([each.ncmec_priority for each in every], PRIORITY_POINTS),
        worst_class=gravest([each.worst_class for each in every], CLASS_POINTS),
        file_annotations=frozenset().union(*(each.file_annotations for each in every)),
        has_files=bool(with_files),
        all_files_meme=bool(with_files) and all(each.all_files_meme for each in with_files),
        any_viewed=any(each.any_viewed for each in every),
        victim_named=any(each.victim_named for each in every),
        supplements=len(added),
        has=frozenset().union(*(each.has for each in every)),
    )


def gravest(values: Iterable[str], points: dict[str, int]) -> str:
    """The value worth most; of those worth nothing the first."""
    return max(values, key=lambda value: points.get(value, 0))


def why_urgent(facts: Facts, *, at: datetime) -> Iterator[Reason]:
    if facts.incident_type:
        points = TYPE_POINTS.get(facts.incident_type, TYPE_POINTS_ELSE)
        yield Reason(code="type", points=points, params={"type": facts.incident_type})
    if facts.escalated:
        yield Reason(code="escalated", points=ESCALATED)
    for name in facts.annotations:
        points = ANNOTATION_POINTS.get(name, 0)
        yield Reason(code="annotation", points=points, params={"name": name})
    if points := PRIORITY_POINTS.get(facts.ncmec_priority, 0):
        yield Reason(code="priority", points=points, params={"letter": facts.ncmec_priority})
    if points := CLASS_POINTS.get(facts.worst_class, 0):
        yield Reason(code="class", points=points, params={"class": facts.worst_class})
    for name in sorted(facts.file_annotations & FILE_POINTS.keys()):
        yield Reason(code="file", points=FILE_POINTS[name], params={"name": name})
    if facts.all_files_meme:
        yield Reason(code="meme", points=MEME)
    if facts.any_viewed:
        yield Reason(code="viewed", points=VIEWED)
    if facts.victim_named:
        yield Reason(code="victim", points=VICTIM_NAMED)
    if facts.prior_reports:
        yield Reason(code="prior", points=REPEATED, params={"count": facts.prior_reports})
    if facts.supplements:
        yield Reason(code="supplements", points=SUPPLEMENTED, params={"count": facts.supplements})
    if facts.organised_in:
        yield Reason(code="organised", points=ORGANISED, params={"nexus": facts.organised_in})
    if facts.incident_at and at - facts.incident_at <= FRESH_FOR:
        yield Reason(code="fresh", points=FRESH, params={"days": FRESH_FOR.days})
    if facts.preserved_until and at <= facts.preserved_until <= at + EXPIRES_WITHIN:
        days = (facts.preserved_until - at).days
        yield Reason(code="expiring", points=EXPIRING, params={"days": days})
