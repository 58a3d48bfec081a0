"""What two accounts share, value by value, and what each adds to their bits. No Django, no arrays:
for pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .kinds import KINDS, Kind

SOUNDS = frozenset({Kind.NAME, Kind.ADDRESS})
"""Of how a name or an address sounds, over scripts and spellings."""
NO_IDENTIFIERS = SOUNDS | {Kind.REPORT, Kind.JUDGED, Kind.SESSION}
REST = 0.6  # of what further values of a family would be worth by themselves


@dataclass(frozen=True, kw_only=True)
class SharedValue:
    kind: Kind
    value: int
    """A number of `nexus.services.reading.Said`."""
    holders: int
    """Accounts that hold it."""
    core: int
    """How many of them other values tie together."""
    bits: float
    """What it would be worth by itself."""

    @property
    def is_identifier(self) -> bool:
        """Whether its number is the key of an identifier."""
        return self.kind not in NO_IDENTIFIERS

    @property
    def is_told(self) -> bool:
        """Whether it stands in the tiplines as a text."""
        return self.is_identifier or self.kind in SOUNDS


def adding(values: Iterable[SharedValue]) -> list[tuple[SharedValue, float]]:
    """Each value with the bits that it adds, the strongest first: in full the best of its family,
    in part the others.
    """
    families = set()
    found = []
    for value in sorted(values, key=lambda value: (-value.bits, value.kind, value.value)):
        family = KINDS[value.kind].family
        found.append((value, value.bits * (REST if family in families else 1.0)))
        families.add(family)
    return sorted(found, key=lambda pair: -pair[1])


def added(values: Iterable[SharedValue]) -> float:
    """Bits of all these values together."""
    return sum(bits for _, bits in adding(values))


def from_rows(rows: Iterable[Sequence[float]]) -> Iterator[SharedValue]:
    """As they are stored with a tie: [kind, value, holders, core, bits] for each."""
    for kind, value, holders, core, bits in rows:
        yield SharedValue(
            kind=Kind(int(kind)), value=int(value), holders=int(holders), core=int(core), bits=bits
        )
