"""Weighed pairs to groups of accounts, and how many persons stand behind a group. No Django."""

from __future__ import annotations

import random

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from .calibrating import Learned
from .components import components
from .holdings import Days, Holdings, Ints
from .kinds import Family, Kind
from .parting import NO_VERDICTS, Verdicts, part
from .weighing import chance_of

CUT_FROM = 7  # accounts; smaller components are left whole
RESOLUTION = 0.02  # of Leiden by the constant Potts model: how thin a bridge must be to be cut
SEED = 1

PERSONAL = (Family.EMAIL, Family.PHONE, Family.DEVICE, Family.SCREEN_NAME, Family.NAME)
SAME_PERSON_FROM = -6.0  # bits of the personal families, between accounts of one group
MARKS = {Kind.PHONE: 1.0, Kind.DEVICE: 1.0, Kind.EMAIL: 0.5}
"""How much accounts with such a value, and nothing personal in common, count as another person:
one who changes addresses keeps his telephone."""
UNMARKED = 0.3
PERSONS_FROM = 2.5  # of an alert: fewer are one offender with several accounts, as a rule
ONE_ACCOUNT = 60.0  # bits: certain
HALF_AFTER_DAYS = 365.0
"""After so long without a tipline a nexus ranks half as high."""


def groups_of(learned: Learned, *, least_bits: float, verdicts: Verdicts = NO_VERDICTS) -> Ints:
    """A group's number for each account; one that is tied to none is alone in its own.

    What officers put together stays together, what they put apart is cut apart at the weakest
    evidence between, and those of a frozen nexus are alone.
    """
    held, pairs = learned.held, learned.pairs
    tied = learned.weighed.bits >= least_bits
    if len(verdicts.frozen):
        is_frozen = np.zeros(held.accounts, bool)
        is_frozen[held.account_of_report[verdicts.frozen]] = True
        tied &= ~(is_frozen[pairs.first] | is_frozen[pairs.second])
    first, second, bits = pairs.first[tied], pairs.second[tied], learned.weighed.bits[tied]
    group = components(first, second, held.accounts)
    whole = _wholes(learned, tied)
    group = _cut_bridges(group, whole, first, second, chance_of(bits))
    if not verdicts.apart:
        return group
    sides = [
        (held.account_of_report[one], held.account_of_report[other])
        for one, other in verdicts.apart
    ]
    return part(group, whole, (first, second, bits), sides)


def _wholes(learned: Learned, tied: NDArray[np.bool_]) -> Ints:
    """One number for accounts that officers put together; else each has its own."""
    pairs = learned.pairs
    judged = np.zeros(len(pairs), bool)
    judged[pairs.pair_of_row[pairs.kind == Kind.JUDGED]] = True
    judged &= tied
    return components(pairs.first[judged], pairs.second[judged], learned.held.accounts)


def is_alert(persons: Days) -> NDArray[np.bool_]:
    """Whether several persons are behind each group, by how many about there are."""
    return persons >= PERSONS_FROM


def persons_of(learned: Learned, group: Ints) -> Days:
    """About how many persons are behind each group."""
    pairs, held = learned.pairs, learned.held
    is_personal = np.isin(pairs.family, PERSONAL)
    personal = np.zeros(len(pairs))
    np.add.at(personal, pairs.pair_of_family[is_personal], learned.weighed.families[is_personal])
    same = (
        (group[pairs.first] == group[pairs.second])
        & (personal > 0)
        & (personal + learned.calibration.prior > SAME_PERSON_FROM)
    )
    person = components(pairs.first[same], pairs.second[same], held.accounts)
    weight = _weights(held, person)
    of_group, of_person = np.divmod(np.unique(group * len(weight) + person), len(weight))
    persons = np.zeros(int(group.max(initial=0)) + 1)
    np.add.at(persons, of_group, weight[of_person])
    return persons


def score_of(persons: Days, weakest_bits: Days, idle_days: Days) -> Days:
    """By which nexuses are ranked, from 0: persons, times how sure they belong together, times how
    fresh it is. A rank, never a verdict.
    """
    recent: Days = np.exp2(-np.maximum(idle_days, 0.0) / HALF_AFTER_DAYS)
    return persons * chance_of(weakest_bits) * recent


def weakest_of(learned: Learned, group: Ints) -> Days:
    """For each group the bits at which it falls apart: of the weakest tie that holds it together
    when the strongest do; `ONE_ACCOUNT` where an account is alone.
    """
    pairs, bits = learned.pairs, learned.weighed.bits
    inside = group[pairs.first] == group[pairs.second]
    first, second, bits = pairs.first[inside], pairs.second[inside], bits[inside]
    out = np.full(int(group.max(initial=-1)) + 1, ONE_ACCOUNT)
    if len(bits):
        # The tree leaves out ties of weight 0, which is why the strongest weighs 1.
        weight = bits.max() + 1 - bits
        size = learned.held.accounts
        tree = minimum_spanning_tree(coo_matrix((weight, (first, second)), shape=(size, size)))
        tree = tree.tocoo()
        np.minimum.at(out, group[tree.row], bits.max() + 1 - tree.data)
    return out


def _weights(held: Holdings, person: Ints) -> Days:
    weight = np.full(int(person.max(initial=0)) + 1, UNMARKED)
    for kind, worth in MARKS.items():
        of = person[held.account[held.value_kind[held.value] == kind]]
        weight[of] = np.maximum(weight[of], worth)
    return weight


def _cut_bridges(group: Ints, whole: Ints, first: Ints, second: Ints, chance: Days) -> Ints:
    """Large components divided where only a thin bridge holds them: each by itself, by Leiden."""
    out = group.copy()
    large = np.flatnonzero(np.bincount(group) >= CUT_FROM)
    order = np.argsort(group[first], kind="stable")
    first, second, chance = first[order], second[order], chance[order]
    of = group[first]
    bounds = np.searchsorted(of, np.concatenate((large, large + 1))).reshape(2, -1)
    after = int(group.max(initial=-1)) + 1
    for begin, end in bounds.T.tolist():
        members = np.unique(np.concatenate((first[begin:end], second[begin:end])))
        wholes, node, size = np.unique(whole[members], return_inverse=True, return_counts=True)
        ends = np.searchsorted(wholes, whole[np.stack((first[begin:end], second[begin:end]))])
        cut = _leiden(size, ends, chance[begin:end])[node]
        away = cut > 0
        out[members[away]] = after + cut[away] - 1
        after += int(cut.max(initial=0))
    return out


def _leiden(size: Ints, ends: Ints, chance: Days) -> NDArray[np.int64]:
    igraph.set_random_number_generator(random.Random(SEED))  # noqa: S311 - cut always alike
    graph = igraph.Graph(len(size), ends.T.tolist())
    found = graph.community_leiden(
        objective_function="CPM",
        weights=chance.tolist(),
        node_weights=size.tolist(),
        resolution=RESOLUTION,
        n_iterations=-1,
    )
    return np.array(found.membership, np.int64)
