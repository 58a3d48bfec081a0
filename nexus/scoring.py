"""What a shared value is worth, in bits: rule, without Django.

A value that few tiplines hold says much, one that many hold says little. Values of one family are
partly one piece of evidence, so only the best counts in full. First form, hand-set; calibration
comes later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of identifier links."""

    family: str
    weight: float
    """Share of the rarity that counts: how often holders of one value belong together."""
    most_bits: float
    holders_at_most: int
    """A value held by more tiplines is a hub: it is shown, but draws no link."""


KINDS: dict[str, Kind] = {
    # weight and cap: hand-set, after the order in which such values proved personal
    "account": Kind("account", 1.0, 20.0, 200),
    "device": Kind("device", 0.9, 18.0, 60),
    "email": Kind("email", 0.95, 18.0, 60),
    "phone": Kind("phone", 0.9, 18.0, 60),
    "upi": Kind("payment", 0.9, 18.0, 60),
    "pan": Kind("payment", 0.9, 18.0, 30),
    "vehicle": Kind("vehicle", 0.8, 14.0, 30),
    "group": Kind("social", 0.8, 14.0, 60),
    "url": Kind("social", 0.45, 8.0, 30),
    "screen-name": Kind("screen name", 0.6, 10.0, 30),
    "hash": Kind("file", 0.35, 6.0, 30),
    "ip": Kind("place", 0.35, 5.0, 30),
}
REST = 0.7  # of every further value of a family
# Of a value's bits, for each of the two tiplines that has it from prose only: the text may speak of
# anybody, a friend or the child. Hand-set, like the weights.
PROSE = 0.6
STORE_FROM = 7.0  # bits: below it a link is not worth an officer's look
STRONG_FROM = 12.0  # bits: shown as strong


@dataclass(frozen=True, slots=True)
class Shared:
    """One value that two tiplines share."""

    kind: str
    identifier_id: int
    holders: int
    prose_ends: int = 0
    """Of the two tiplines, how many know it from free text only."""


@dataclass(frozen=True, slots=True)
class Worth:
    bits: float
    evidence: tuple[tuple[str, int, int, float], ...]
    """(kind, identifier, holders, bits), the strongest first; the bits add up to `bits`."""


def bits_of(shared: Shared, *, total: int) -> float:
    """Bits of one shared value among `total` tiplines, less where it stands in prose only."""
    kind = KINDS[shared.kind]
    rarity = log2(max(total, 2) / max(shared.holders, 1))
    return max(0.0, min(kind.most_bits, kind.weight * rarity)) * PROSE**shared.prose_ends


def weigh(values: Iterable[Shared], *, total: int) -> Worth:
    """What all values that two tiplines share are worth together."""
    rated = sorted(
        ((bits_of(shared, total=total), shared) for shared in values),
        key=lambda pair: (-pair[0], pair[1].identifier_id),
    )
    seen: set[str] = set()
    evidence: list[tuple[str, int, int, float]] = []
    for bits, shared in rated:
        family = KINDS[shared.kind].family
        counted = round(bits if family not in seen else bits * REST ** (len(evidence) + 1), 2)
        seen.add(family)
        evidence.append((shared.kind, shared.identifier_id, shared.holders, counted))
    return Worth(bits=round(sum(each[3] for each in evidence), 2), evidence=tuple(evidence))
