"""What is connected by any number of steps. No Django."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def components(one: NDArray[np.int64], other: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The number of its component for each of `count` things, tied pair by pair."""
    ties = (np.ones(len(one), np.int8), (one, other))
    _, numbers = connected_components(coo_matrix(ties, shape=(count, count)), directed=False)
    found: NDArray[np.int64] = numbers.astype(np.int64)
    return found


def chains(sets: Iterable[set[int]]) -> list[set[int]]:
    """Sets that have a member in common made one; those of one member left out."""
    chain_of: dict[int, set[int]] = {}
    for members in sets:
        own = {id(chain): chain for key in members if (chain := chain_of.get(key)) is not None}
        whole = max(own.values(), key=len, default=set())
        for chain in own.values():
            whole |= chain
        whole |= members
        for key in members.union(*(chain for chain in own.values() if chain is not whole)):
            chain_of[key] = whole
    found = {id(chain): chain for chain in chain_of.values()}
    return [chain for chain in found.values() if len(chain) > 1]
