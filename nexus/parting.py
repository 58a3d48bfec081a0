"""What officers said about groups, and the cut between those whom they put apart. No Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import igraph
import numpy as np

from .components import components
from .holdings import Days, Ints


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Rows of tiplines."""

    apart: tuple[tuple[Ints, Ints], ...] = ()
    """Those of the one side are in no group with those of the other."""
    frozen: Ints
    """Members of frozen nexuses: nothing joins or leaves these."""


NO_VERDICTS = Verdicts(frozen=np.empty(0, np.int64))


def part(
    group: Ints, whole: Ints, ties: tuple[Ints, Ints, Days], apart: Sequence[tuple[Ints, Ints]]
) -> Ints:
    """Groups in which no account of the one side is with one of the other, cut where the evidence
    between them is weakest.

    `whole` has one number for accounts that belong together whatever the evidence says; what both
    sides have in common stays where the evidence is stronger.
    """
    first, second, bits = ties
    out = group.copy()
    for one, other in apart:
        after = int(out.max(initial=-1)) + 1
        for number in np.intersect1d(out[one], out[other]).tolist():
            of_one, of_other = whole[one[out[one] == number]], whole[other[out[other] == number]]
            both = np.intersect1d(of_one, of_other)  # cannot be parted: they are one
            of_one, of_other = np.setdiff1d(of_one, both), np.setdiff1d(of_other, both)
            if not len(of_one) or not len(of_other):
                continue
            inside = np.flatnonzero((out[first] == number) & (out[second] == number))
            away = _cut(
                (whole[first[inside]], whole[second[inside]], bits[inside]), of_one, of_other
            )
            out[(out == number) & np.isin(whole, away)] = after
            after += 1
    # What only a member of the other side held is left alone.
    inside = out[first] == out[second]
    _, start, of = np.unique(whole, return_index=True, return_inverse=True)
    one_end = np.concatenate((first[inside], np.arange(len(whole))))
    other_end = np.concatenate((second[inside], start[of]))
    return components(one_end, other_end, len(group))


def _cut(ties: tuple[Ints, Ints, Days], one: Ints, other: Ints) -> Ints:
    """The nodes on the side of `other` when both sides are cut apart at the least evidence."""
    first, second, bits = ties
    nodes = np.unique(np.concatenate((first, second, one, other)))
    at = np.arange(len(nodes)) + 2
    at[np.isin(nodes, one)] = 0
    at[np.isin(nodes, other)] = 1
    ends = at[np.searchsorted(nodes, np.stack((first, second)))]
    graph = igraph.Graph(len(nodes) + 2, ends.T.tolist())
    found = graph.st_mincut(0, 1, capacity=bits.tolist())
    return nodes[np.isin(at, found.partition[1])]
