"""What a pair of accounts shares, in bits: the one scoring function. No Django.

Bits are log2 odds that two accounts belong together. Two accounts of any start at the prior; each
shared value adds what it is worth; values of one family count in full once and in part after that;
time and district add or take away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evidence import REST
from .holdings import NO_DISTRICT, Days, Holdings, Ints, Pairs, gap_days
from .kinds import KINDS, Kind

MOST_CHANCE = 0.995  # of two holders of one value, however good it is
LEAST_CHANCE = 1e-7
GAPS = np.array([1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512])  # days, where buckets of gaps begin
SAME, OTHER, UNKNOWN = 0, 1, 2  # the districts of two accounts
CONTEXT_OF_PERSONAL = -2.0
"""Bits that time and district take at most where a personal value is shared."""

_IS_PERSONAL = np.array([KINDS[kind].is_personal for kind in Kind])
_IN_PROSE = np.array([KINDS[kind].in_prose for kind in Kind])
_IS_TIED_BY_FAMILY = np.array([KINDS[kind].is_tied_by_family for kind in Kind])


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What was learned from all tiplines: all that a pair's bits depend on beside the pair."""

    accounts: int
    chance: Days
    """For each value, that two holders whom other evidence ties to its core belong together."""
    beside: Days
    """For each value, the factor by which that falls for each holder outside the core."""
    in_core: NDArray[np.bool_]
    """For each row of holdings."""
    ip_bits: Days
    """Log2 odds of a shared address by the bucket of the gap."""
    gap_bits: Days
    district_bits: Days

    @property
    def prior(self) -> float:
        """Bits of two accounts of which nothing is known."""
        return 1 - float(np.log2(max(self.accounts, 2)))


@dataclass(frozen=True, kw_only=True)
class Weighed:
    rows: Days
    """Bits of each row of evidence by itself."""
    families: Days
    """Bits of each family of a pair, its further values counted in part."""
    context: Days
    """Bits of time and district, for each pair."""
    bits: Days
    """The whole, for each pair: prior, families and context."""


def weigh(pairs: Pairs, held: Holdings, by: Calibration) -> Weighed:
    """Bits of every pair."""
    rows = _row_bits(pairs, held, by)
    if not len(pairs):
        return Weighed(rows=rows, families=rows, context=rows, bits=rows)
    best = np.maximum.reduceat(rows, pairs.family_starts)
    total = np.add.reduceat(rows, pairs.family_starts)
    families = best + REST * (total - best)
    context = _context(pairs, held, by)
    bits = by.prior + np.add.reduceat(families, pairs.pair_starts) + context
    return Weighed(rows=rows, families=families, context=context, bits=bits)


def without_row(pairs: Pairs, weighed: Weighed) -> Days:
    """For each row, the bits of its pair by evidence of other kinds: without the row's family, or
    without the row alone where other values of the family say something of their own.
    """
    rows, of = weighed.rows, pairs.family_of_row
    rest = np.add.reduceat(rows, pairs.family_starts)[of] - rows
    best = np.maximum.reduceat(rows, pairs.family_starts)[of]
    is_best = np.flatnonzero(rows == best)
    at_best = is_best[np.unique(of[is_best], return_index=True)[1]]  # one of each family
    others = rows.copy()
    others[at_best] = 0.0
    next_best = best.copy()
    next_best[at_best] = np.maximum.reduceat(others, pairs.family_starts)[of[at_best]]
    of_family = next_best + REST * (rest - next_best)
    left = np.where(_IS_TIED_BY_FAMILY[pairs.kind], of_family, 0.0)
    return weighed.bits[pairs.pair_of_row] - weighed.families[of] + left


def chance_of(bits: Days) -> Days:
    """Probability of log2 odds."""
    return 1 / (1 + np.exp2(-np.clip(bits, -60, 60)))


def odds_of(chance: Days) -> Days:
    """Log2 odds of a probability."""
    bounded = np.clip(chance, LEAST_CHANCE, MOST_CHANCE)
    return np.log2(bounded / (1 - bounded))


def gap_bucket(days: Days) -> Ints:
    return np.digitize(days, GAPS)


def gaps_of(pairs: Pairs, held: Holdings) -> Days:
    """Days between the times in which the two accounts of each pair were reported."""
    first, last = held.account_first, held.account_last
    one, other = pairs.first, pairs.second
    return gap_days(first[one], last[one], first[other], last[other])


def districts_of(one: Ints, other: Ints) -> Ints:
    """Whether districts are the same, others, or one is not known."""
    unknown = (one == NO_DISTRICT) | (other == NO_DISTRICT)
    return np.where(unknown, UNKNOWN, np.where(one == other, SAME, OTHER))


def _row_bits(pairs: Pairs, held: Holdings, by: Calibration) -> Days:
    beside = by.beside[pairs.value]
    both = np.where(by.in_core[pairs.one], 1.0, beside)
    both *= np.where(by.in_core[pairs.other], 1.0, beside)
    in_prose = _IN_PROSE[pairs.kind]
    both *= np.where(held.is_prose[pairs.one], in_prose, 1.0)
    both *= np.where(held.is_prose[pairs.other], in_prose, 1.0)
    odds = odds_of(by.chance[pairs.value] * both)
    by_gap = by.ip_bits[gap_bucket(pairs.gap_days)]
    odds = np.where(pairs.kind == Kind.IP, np.maximum(odds, by_gap), odds)
    return np.maximum(odds - by.prior, 0.0)


def _context(pairs: Pairs, held: Holdings, by: Calibration) -> Days:
    if not len(by.gap_bits):
        return np.zeros(len(pairs))
    gap = by.gap_bits[gap_bucket(gaps_of(pairs, held))]
    by_family = np.logical_and.reduceat(pairs.kind == Kind.IP, pairs.family_starts)
    only_ip = np.logical_and.reduceat(by_family, pairs.pair_starts)
    # The time between two uses of an address is in its own bits already.
    gap = np.where(only_ip, np.minimum(gap, 0.0), gap)
    district = held.account_district
    bits = gap + by.district_bits[districts_of(district[pairs.first], district[pairs.second])]
    personal = np.logical_or.reduceat(_IS_PERSONAL[pairs.kind], pairs.family_starts)
    is_personal = np.logical_or.reduceat(personal, pairs.pair_starts)
    return np.where(is_personal, np.maximum(bits, CONTEXT_OF_PERSONAL), bits)
