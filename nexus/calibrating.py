"""What a value is worth, learned from the tiplines themselves, without labels. No Django.

A value is worth what the *other* ties of its holders say: the e-mail address of a person is held by
accounts that share a device too; a file of a leaked pack by strangers. For each value its core is
the largest group of holders whom other evidence ties together; a mixture of cohesive and incidental
values, fitted for each kind and number of holders, says how likely the value is of the first sort.
Time and district are learned from pairs that are tied well without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from .components import components
from .holdings import HOLDERS_AT_MOST, Days, Holdings, Ints, Pairs, gap_days, pairs_of
from .kinds import KINDS, Family, Kind
from .weighing import (
    GAPS,
    MOST_CHANCE,
    UNKNOWN,
    Calibration,
    Weighed,
    districts_of,
    gap_bucket,
    gaps_of,
    odds_of,
    weigh,
    without_row,
)

ROUNDS = 3
TIED_FROM = 0.0  # bits of other evidence: more likely together than not
SURE_FROM = 5.0  # bits without context, of pairs from which the context is learned
LEARN_FROM = 15  # values of one kind and number of holders; fewer teach nothing
CONTEXT_FROM = 200  # pairs
RANDOM_PAIRS = 200_000
HOLDERS = ((2, 2), (3, 3), (4, 5), (6, 11), (12, 60), (61, 120))
"""Values are fitted apart by how many hold them."""

FOUND_OF_TWO = 0.6
"""Share of pairs who belong together that other evidence ties. Of values with two holders it cannot
be told from the share of cohesive values; so it is set, after made worlds.
"""
COHESIVE_SPREAD = {3: 1.0, 4: 1.5}
COHESIVE_SPREAD_OF_MANY = 2.5
"""Of the Beta-Binomial of cohesive values, by their least holders: of some few members show."""
INCIDENTAL_SPREAD = 20.0
COHESIVE_AT_MOST = 0.8
INCIDENTAL_AT_MOST = 0.15
STEPS = 40

IP_AT_MOST = 3.5  # bits of an address by its gap alone
IP_BY_HAND = np.maximum(IP_AT_MOST - 1.5 * np.log2(1 + np.concatenate(([0.0], GAPS))), -12.0)
IP_FROM = 50  # shared addresses of one gap; fewer teach nothing
CONTEXT_AT_MOST = 6.0
DISTRICT_BITS = (-3.0, 4.0)


@dataclass(frozen=True, kw_only=True)
class Learned:
    """All that is known of the pairs of one run."""

    held: Holdings
    pairs: Pairs
    calibration: Calibration
    weighed: Weighed


def calibrate(held: Holdings) -> Learned:
    """Learn what every value is worth and weigh every pair by it."""
    pairs = pairs_of(held)
    by = _before_learning(held)
    if not len(pairs):
        return Learned(held=held, pairs=pairs, calibration=by, weighed=weigh(pairs, held, by))
    chances = _random_pairs(held)
    for _ in range(ROUNDS):
        weighed = weigh(pairs, held, by)
        tied = without_row(pairs, weighed) >= TIED_FROM
        by = _learn_values(by, held, cores(held, pairs, tied))
        weighed = weigh(pairs, held, by)
        by = _learn_context(by, held, pairs, weighed, chances)
        by = replace(by, ip_bits=_ip_bits(pairs, weigh(pairs, held, by)))
    return Learned(held=held, pairs=pairs, calibration=by, weighed=weigh(pairs, held, by))


def cores(held: Holdings, pairs: Pairs, tied: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For each row of holdings, whether it is of its value's core: the largest group of holders
    that other evidence ties together; of equally large ones, the first.
    """
    rows = len(held.account)
    if not rows:
        return np.zeros(0, bool)
    group = components(pairs.one[tied], pairs.other[tied], rows)
    size = np.bincount(group)[group]
    largest = np.maximum.reduceat(size, held.starts)[held.value]
    candidates = (size >= 2) & (size == largest)
    first = np.full(len(held.holders), rows, np.int64)
    np.minimum.at(first, held.value[candidates], group[candidates])
    found: NDArray[np.bool_] = candidates & (group == first[held.value])
    return found


def _before_learning(held: Holdings) -> Calibration:
    chance = np.array([KINDS[kind].chance for kind in Kind])[held.value_kind]
    return Calibration(
        accounts=held.accounts,
        chance=chance / np.sqrt(np.maximum(held.holders - 1, 1)),
        beside=np.ones(len(held.holders)),
        in_core=np.zeros(len(held.account), bool),
        ip_bits=IP_BY_HAND,
        gap_bits=np.empty(0),
        district_bits=np.empty(0),
    )


def _learn_values(by: Calibration, held: Holdings, in_core: NDArray[np.bool_]) -> Calibration:
    tied = np.bincount(held.value[in_core], minlength=len(held.holders)).astype(np.float64)
    chance, beside = np.zeros(len(held.holders)), np.ones(len(held.holders))
    for kind, least, values in _alike(held):
        holders = held.holders[values].astype(float)
        chance[values], beside[values] = _learn(
            kind, least, tied[values], holders, _of_kind(held, kind, tied)
        )
    return replace(by, chance=chance, beside=beside, in_core=in_core)


def _alike(held: Holdings) -> Iterator[tuple[Kind, int, Ints]]:
    """Kind, least number of holders and values, for each kind and bucket that has any."""
    for kind in Kind:
        for least, most in HOLDERS:
            most = min(most, int(HOLDERS_AT_MOST[kind]))
            alike = (held.value_kind == kind) & (held.holders >= least) & (held.holders <= most)
            if alike.any():
                yield kind, least, np.flatnonzero(alike)


def _of_kind(held: Holdings, kind: Kind, tied: Days) -> tuple[Days, Days]:
    """Tied holders and holders of all values of a kind that more than two hold."""
    of = (held.value_kind == kind) & (held.holders > 2) & (held.holders <= HOLDERS_AT_MOST[kind])
    return tied[of], held.holders[of].astype(float)


def _learn(
    kind: Kind, least: int, tied: Days, holders: Days, of_kind: tuple[Days, Days]
) -> tuple[Days, Days]:
    """Chance of two holders in the core, and what is left of it beside the core."""
    rule = KINDS[kind]
    if rule.is_certain:
        return np.full(len(tied), MOST_CHANCE), np.ones(len(tied))
    shrinks = 1.0 if rule.is_shared else np.sqrt(max(least - 1, 1))
    beside = np.full(len(tied), 1.0 if least == 2 else rule.beside)
    if len(tied) >= LEARN_FROM:
        fitted, mean = _cohesive(least, tied, holders, tied, holders)
    elif kind is not Kind.FILE and len(of_kind[0]) >= LEARN_FROM:
        # Files of many holders are viral or leaked, those of few may be a ring's: not one sort.
        fitted, mean = _cohesive(least, tied, holders, *of_kind)
    else:
        by_hand = np.where(holders == 2, 1.0, np.clip(2 * (tied + 0.5) / holders, 0, 1))
        return rule.chance * by_hand / (1.0 if rule.is_shared else np.sqrt(holders - 1)), beside
    if least > 2 and not (rule.is_shared or rule.family is Family.SOCIAL):
        beside *= (mean / COHESIVE_AT_MOST) ** 2  # many of its holders have nothing to do with it
    kept = rule.kept if rule.is_shared else rule.kept * min(1.0, 2 / least)
    return (1 - kept) * fitted + kept * np.maximum(fitted, rule.chance / shrinks), beside


def _cohesive(
    least: int, tied: Days, holders: Days, of_tied: Days, of_holders: Days
) -> tuple[Days, float]:
    """Probability that each value is cohesive, by a mixture fitted on the values `of_…`, and the
    mean share of its holders that a cohesive one has in its core.
    """
    if of_holders.max() == 2:
        return _cohesive_of_two(tied, of_tied), 1.0
    spread = COHESIVE_SPREAD.get(least, COHESIVE_SPREAD_OF_MANY)
    share, cohesive, incidental = 0.3, 0.6, 0.02
    for _ in range(STEPS):
        likely = _posterior(of_tied, of_holders, share, (cohesive, spread), incidental)
        share = float(np.clip(likely.mean(), 1e-4, 0.999))
        if likely.sum() > 5:
            mean = (likely * of_tied).sum() / (likely * of_holders).sum()
            cohesive = float(np.clip(mean, 0.3, COHESIVE_AT_MOST))
        if (1 - likely).sum() > 5:
            mean = ((1 - likely) * of_tied).sum() / ((1 - likely) * of_holders).sum()
            incidental = float(np.clip(mean, 0.001, INCIDENTAL_AT_MOST))
    return _posterior(tied, holders, share, (cohesive, spread), incidental), cohesive


def _posterior(
    tied: Days, holders: Days, share: float, cohesive: tuple[float, float], incidental: float
) -> Days:
    odds = (
        _beta_binomial(tied, holders, incidental, INCIDENTAL_SPREAD)
        + np.log(1 - share)
        - _beta_binomial(tied, holders, *cohesive)
        - np.log(share)
    )
    out: Days = 1 / (1 + np.exp(np.clip(odds, -500, 500)))
    return out


def _beta_binomial(tied: Days, holders: Days, mean: float, spread: float) -> Days:
    """Log likelihood but for the binomial coefficient, which cancels."""
    a, b = mean * spread, (1 - mean) * spread
    out: Days = betaln(tied + a, holders - tied + b) - betaln(a, b)
    return out


def _cohesive_of_two(tied: Days, of_tied: Days) -> Days:
    """Two holders are tied or not: the share of cohesive values follows from how many are."""
    found = float((of_tied > 0).mean())
    incidental = 0.001
    share = float(np.clip((found - incidental) / (FOUND_OF_TWO - incidental), 1e-4, 0.98))
    if_tied = share * FOUND_OF_TWO / (share * FOUND_OF_TWO + (1 - share) * incidental)
    missed = share * (1 - FOUND_OF_TWO)
    if_not = missed / (missed + (1 - share) * (1 - incidental))
    return np.where(tied > 0, if_tied, if_not)


def _random_pairs(held: Holdings) -> tuple[Days, Days]:
    """Shares of gap buckets and of same, other and unknown districts among random pairs."""
    one, other = np.random.default_rng(0).integers(held.accounts, size=(2, RANDOM_PAIRS))
    first, last = held.account_first, held.account_last
    gaps = gap_bucket(gap_days(first[one], last[one], first[other], last[other]))
    districts = districts_of(held.account_district[one], held.account_district[other])
    return _shares(gaps, len(GAPS) + 1), _shares(districts, 3)


def _learn_context(
    by: Calibration,
    held: Holdings,
    pairs: Pairs,
    weighed: Weighed,
    chances: tuple[Days, Days],
) -> Calibration:
    sure = weighed.bits - weighed.context >= SURE_FROM
    if int(sure.sum()) <= CONTEXT_FROM:
        return by
    district = held.account_district
    gaps = gap_bucket(gaps_of(pairs, held)[sure])
    districts = districts_of(district[pairs.first[sure]], district[pairs.second[sure]])
    gap_bits = np.log2(_shares(gaps, len(GAPS) + 1) / chances[0])
    district_bits = np.log2(_shares(districts, 3) / chances[1])
    district_bits[UNKNOWN] = 0.0
    return replace(
        by,
        gap_bits=np.clip(gap_bits, -CONTEXT_AT_MOST, CONTEXT_AT_MOST),
        district_bits=np.clip(district_bits, *DISTRICT_BITS),
    )


def _ip_bits(pairs: Pairs, weighed: Weighed) -> Days:
    """Log2 odds of an address shared after so many days, from how often its holders are tied."""
    is_ip = pairs.kind == Kind.IP
    buckets = gap_bucket(pairs.gap_days[is_ip])
    tied = without_row(pairs, weighed)[is_ip] >= TIED_FROM
    count = np.bincount(buckets, minlength=len(GAPS) + 1)
    found = np.bincount(buckets, weights=tied, minlength=len(GAPS) + 1)
    rate = found / np.maximum(count, 1) / FOUND_OF_TWO
    learned = np.minimum(odds_of(np.clip(rate, 1e-5, 0.95)), IP_AT_MOST)
    return np.where(count > IP_FROM, learned, IP_BY_HAND)


def _shares(values: Ints, count: int) -> Days:
    """Shares of small whole numbers, none of them nought."""
    times = np.bincount(values, minlength=count).astype(np.float64) + 1
    shares: Days = times / times.sum()
    return shares
