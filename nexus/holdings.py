"""Tiplines folded into accounts, who holds which value, and the pairs that share one. No Django.

A value with n holders costs n rows; pairs are made in memory, of values up to the cap of their
kind, and only those worth showing are ever stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kinds import KINDS, Kind

Ints = NDArray[np.int64]
Days = NDArray[np.float64]

FAMILY_OF = np.array([KINDS[kind].family for kind in Kind], np.int64)
HOLDERS_AT_MOST = np.array([KINDS[kind].holders_at_most for kind in Kind], np.int64)
NO_DISTRICT = -1
_FAMILIES = 16  # room for a family beside a pair in one number
_VALUES = 2**56  # room for a value beside a kind


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """What tiplines say: `report_*` a row for each tipline, the others for each value it names."""

    report_day: Days
    """Days since any fixed moment."""
    report_account: Ints
    """Tiplines about one account of one platform have one number."""
    report_district: NDArray[np.int16]
    report: Ints
    """Row of the tipline."""
    kind: NDArray[np.int8]
    value: Ints
    """Numbers of values; of different kinds they may be the same."""
    is_prose: NDArray[np.bool_]
    """Found in what somebody wrote, not in a field of its own."""


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """Which account holds which value from when to when, sorted by value and account."""

    account: Ints
    value: Ints
    first_day: Days
    last_day: Days
    is_prose: NDArray[np.bool_]
    """Known from prose only."""
    value_kind: NDArray[np.int8]
    """A row for each value, like `value_number` and `holders`."""
    value_number: Ints
    """As mentioned."""
    holders: Ints
    """How many accounts hold each value: accounts, not tiplines, so that one who is reported often
    does not make his own address common."""
    account_of_report: Ints
    account_number: Ints
    """As mentioned."""
    account_first: Days
    account_last: Days
    account_district: Ints
    """The one that is named most often."""

    @property
    def accounts(self) -> int:
        return len(self.account_first)

    @property
    def starts(self) -> Ints:
        """First row of each value."""
        return np.concatenate(([0], np.cumsum(self.holders)[:-1]))


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of accounts that share values. Rows of evidence are sorted by pair and family."""

    one: Ints
    """Row of holdings of the first account, for each row of evidence; `other` the second's."""
    other: Ints
    value: Ints
    kind: NDArray[np.int8]
    gap_days: Days
    """Days between the times in which the two held the value; 0 where these overlap."""
    family_starts: Ints
    """Rows of evidence at which a family of a pair begins."""
    pair_starts: Ints
    """Families at which a pair begins."""
    family_of_row: Ints
    pair_of_family: Ints
    family: Ints
    first: Ints
    """The two accounts of each pair."""
    second: Ints

    @property
    def pair_of_row(self) -> Ints:
        return self.pair_of_family[self.family_of_row]

    def __len__(self) -> int:
        return len(self.first)


def fold(mentions: Mentions) -> Holdings:
    """Accounts and what they hold, of any number of mentions.

    Raises ValueError for a number of a value that leaves no room for its kind.
    """
    if len(mentions.value) and not 0 <= mentions.value.min() <= mentions.value.max() < _VALUES:
        raise ValueError("Numbers of values go from 0 to 2 ** 56: use keys, not digests.")
    account_number, account_of_report = np.unique(mentions.report_account, return_inverse=True)
    accounts = len(account_number)
    first, last = np.full(accounts, np.inf), np.full(accounts, -np.inf)
    np.minimum.at(first, account_of_report, mentions.report_day)
    np.maximum.at(last, account_of_report, mentions.report_day)
    tagged = mentions.kind.astype(np.int64) << 56 | mentions.value
    values, value = np.unique(tagged, return_inverse=True)
    key = value * accounts + account_of_report[mentions.report]
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(_changes(key))
    day = mentions.report_day[mentions.report][order]
    is_prose = mentions.is_prose[order]
    held = key[starts] // max(accounts, 1)
    return Holdings(
        account=key[starts] % max(accounts, 1),
        value=held,
        first_day=np.minimum.reduceat(day, starts) if len(starts) else day,
        last_day=np.maximum.reduceat(day, starts) if len(starts) else day,
        is_prose=np.logical_and.reduceat(is_prose, starts) if len(starts) else is_prose,
        value_kind=(values >> 56).astype(np.int8),
        value_number=values & (_VALUES - 1),
        holders=np.bincount(held, minlength=len(values)),
        account_of_report=account_of_report,
        account_number=account_number,
        account_first=first,
        account_last=last,
        account_district=_districts(mentions, account_of_report, accounts),
    )


def _districts(mentions: Mentions, account_of_report: Ints, accounts: int) -> Ints:
    known = mentions.report_district >= 0
    width = int(mentions.report_district.max(initial=0)) + 1
    key = account_of_report[known] * width + mentions.report_district[known]
    named, times = np.unique(key, return_counts=True)
    order = np.lexsort((-times, named // width))
    owner = named[order] // width
    best = order[_changes(owner)]
    out = np.full(accounts, NO_DISTRICT, np.int64)
    out[named[best] // width] = named[best] % width
    return out


def pairs_of(held: Holdings) -> Pairs:
    """Every pair that shares a value which is no hub, with a row for each value that it shares."""
    starts = held.starts
    ties = (held.holders >= 2) & (held.holders <= HOLDERS_AT_MOST[held.value_kind])
    ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for count in np.unique(held.holders[ties]).tolist():
        at = starts[ties & (held.holders == count)]
        left, right = np.triu_indices(count, 1)
        ones.append((at[:, None] + left).ravel())
        others.append((at[:, None] + right).ravel())
    one, other = np.concatenate(ones), np.concatenate(others)
    value = held.value[one]
    pair = held.account[one] * held.accounts + held.account[other]
    key = pair * _FAMILIES + FAMILY_OF[held.value_kind[value]]
    order = np.argsort(key, kind="stable")
    key, one, other, value = key[order], one[order], other[order], value[order]
    new_family = _changes(key)
    family_starts = np.flatnonzero(new_family)
    family_key = key[family_starts]
    new_pair = _changes(family_key // _FAMILIES)
    pair_starts = np.flatnonzero(new_pair)
    pair_key = family_key[pair_starts] // _FAMILIES
    return Pairs(
        one=one,
        other=other,
        value=value,
        kind=held.value_kind[value],
        gap_days=gap_days(
            held.first_day[one], held.last_day[one], held.first_day[other], held.last_day[other]
        ),
        family_starts=family_starts,
        pair_starts=pair_starts,
        family_of_row=np.cumsum(new_family) - 1,
        pair_of_family=np.cumsum(new_pair) - 1,
        family=family_key % _FAMILIES,
        first=pair_key // max(held.accounts, 1),
        second=pair_key % max(held.accounts, 1),
    )


def gap_days(first: Days, last: Days, other_first: Days, other_last: Days) -> Days:
    """Days between two spans of time, 0 where they overlap."""
    apart: Days = np.maximum(first, other_first) - np.minimum(last, other_last)
    return np.maximum(apart, 0.0)


def _changes(key: Ints) -> NDArray[np.bool_]:
    """Where a sorted column takes another value, its beginning included."""
    return np.concatenate(([True], key[1:] != key[:-1]))[: len(key)]
