"""How well groups of tiplines match a planted truth, and what simpler methods would find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nexus.components import components
from nexus.holdings import Holdings, Ints
from nexus.kinds import Kind
from tests.nexus.world import World

STRONG = (Kind.EMAIL, Kind.PHONE, Kind.DEVICE, Kind.PAYMENT)
HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Shares from 0 to 1 but for `largest`, a count of tiplines."""

    precision: float
    """B-cubed over the tiplines of rings, like recall and F1; over all tiplines, doing nothing does
    well.
    """
    recall: float
    noise_alone: float
    """Of tiplines that belong to nothing, those that are in no group."""
    half_found: float
    """Of rings, those of which one group that is mostly theirs holds at least half."""
    largest: int

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def truth_of(world: World) -> Ints:
    """The true group of each tipline: its ring, or its person outside any ring."""
    outside = world.ring.max(initial=-1) + 1 + world.person
    _, truth = np.unique(np.where(world.ring >= 0, world.ring, outside), return_inverse=True)
    return truth


def marks_of(world: World, group: Ints) -> Marks:
    """Marks of a group's number for each tipline."""
    truth = truth_of(world)
    _, group = np.unique(group, return_inverse=True)
    both, cell, cells = np.unique(
        group * (truth.max() + 1) + truth, return_inverse=True, return_counts=True
    )
    of_group, of_truth = np.bincount(group), np.bincount(truth)
    in_ring = world.ring >= 0
    noise = ~in_ring & (of_truth[truth] == 1)
    ring = both % (truth.max() + 1)
    mostly = cells / of_group[both // (truth.max() + 1)] >= HALF
    found = np.zeros(len(of_truth))
    np.maximum.at(found, ring, np.where(mostly, cells / of_truth[ring], 0.0))
    return Marks(
        precision=float((cells[cell] / of_group[group])[in_ring].mean()),
        recall=float((cells[cell] / of_truth[truth])[in_ring].mean()),
        noise_alone=float((of_group[group][noise] == 1).mean()),
        half_found=float((found[np.unique(truth[in_ring])] >= HALF).mean()),
        largest=int(of_group.max()),
    )


def share_alike(world: World, group: Ints) -> float:
    """Of all tiplines, those whose group is their true group, member for member."""
    truth = truth_of(world)
    _, group = np.unique(group, return_inverse=True)
    _, cell, cells = np.unique(
        group * (truth.max() + 1) + truth, return_inverse=True, return_counts=True
    )
    whole = (cells[cell] == np.bincount(group)[group]) & (cells[cell] == np.bincount(truth)[truth])
    return float(whole.mean())


def alerts_right(world: World, group: Ints, is_alert: NDArray[np.bool_]) -> tuple[int, float]:
    """How many groups are alerts, and the share of these that is mostly of one ring."""
    held = is_alert[group]
    rings = int(world.ring.max(initial=-1)) + 2
    both, cells = np.unique(group[held] * rings + world.ring[held] + 1, return_counts=True)
    of_ring = (both % rings > 0) & (cells / np.bincount(group)[both // rings] >= HALF)
    count = int(is_alert.sum())
    return count, len(np.unique((both // rings)[of_ring])) / max(count, 1)


def ceiling(world: World, held: Holdings) -> Ints:
    """What a perfect judge could tell: true groups as far as any shared value connects them."""
    truth = np.zeros(held.accounts, np.int64)
    truth[held.account_of_report] = truth_of(world)
    return _tied(held, held.account, held.value * (int(truth.max()) + 1) + truth[held.account])


def by_any_value(held: Holdings, *, at_most: int = 0, kinds: tuple[Kind, ...] = ()) -> Ints:
    """Accounts tied by any value, or by values that few hold, or by values of some kinds."""
    ties = np.ones(len(held.value), bool)
    if at_most:
        ties &= held.holders[held.value] <= at_most
    if kinds:
        ties &= np.isin(held.value_kind[held.value], kinds)
    return _tied(held, held.account[ties], held.value[ties])


def _tied(held: Holdings, account: Ints, knot: Ints) -> Ints:
    """The group of each tipline, where accounts are tied by the knots that they share."""
    names, knot = np.unique(knot, return_inverse=True)
    group = components(account, held.accounts + knot, held.accounts + len(names))
    return group[held.account_of_report]
