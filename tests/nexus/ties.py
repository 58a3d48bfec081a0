"""Ties and nexuses as a run leaves them."""

from __future__ import annotations

from collections.abc import Iterable

from nexus.evidence import SharedValue
from nexus.kinds import Kind
from nexus.models import Folded, Membership, Nexus, Run, Tie, Tier
from tests.factories import NOON
from tiplines.models import Sighting, Tipline


def make_run() -> Run:
    """The one that is in force, or a first."""
    found = Run.objects.first()
    return found or Run.objects.create(
        at=NOON, engine=1, tiplines=0, accounts=2, ip_bits=[], gap_bits=[], district_bits=[]
    )


def shared(seen: Sighting, *, holders: int = 2, bits: float = 12.5) -> SharedValue:
    """A phone that two accounts have in common."""
    return SharedValue(
        kind=Kind.PHONE, value=seen.identifier_id, holders=holders, core=0, bits=bits
    )


def as_rows(values: Iterable[SharedValue]) -> list[list[float]]:
    """As they are stored with a tie."""
    return [[each.kind, each.value, each.holders, each.core, each.bits] for each in values]


def make_tie(one: Tipline, other: Tipline, *values: SharedValue, bits: float = 12.5) -> Tie:
    first, second = sorted((one.pk, other.pk))
    return Tie.objects.create(
        run=make_run(),
        first_id=first,
        second_id=second,
        bits=bits,
        context=0.0,
        evidence=as_rows(values),
    )


def fold(*tiplines: Tipline) -> None:
    """Put them under the account of the first."""
    Folded.objects.bulk_create(Folded(tipline=tipline, account=tiplines[0]) for tipline in tiplines)


def make_nexus(*tiplines: Tipline, tier: Tier = Tier.ALERT, score: float = 4.0) -> Nexus:
    nexus = Nexus.objects.create(
        tier=tier,
        score=score,
        persons=float(len(tiplines)),
        weakest_bits=9.0,
        accounts=len(tiplines),
        tiplines=len(tiplines),
        first_at=NOON,
        last_at=NOON,
        found_at=NOON,
        alerted_at=NOON if tier == Tier.ALERT else None,
    )
    Membership.objects.bulk_create(
        Membership(nexus=nexus, tipline=tipline, since=NOON) for tipline in tiplines
    )
    return nexus
