"""Copies of one picture among many: the first of those that are near stands for all. No Django."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tiplines.pdq import CHUNKS, NEAR_BITS

from .holdings import Ints

Words = NDArray[np.uint64]
SHARED_AT_MOST = 200
"""Hashes with one chunk in common; a chunk that more have is of a frame or a blank border."""
PAIRS_AT_ONCE = 1_000_000


def leaders_of(words: Words) -> Ints:
    """For each hash, a row of four words, the row of the one that stands for it: itself, or the
    least hash near it that stands for itself. So no chain of copies ties what is far apart, and
    nothing hangs on the order of the rows.
    """
    order = np.lexsort(words.T[::-1])
    first, second = _near_pairs(words[order])
    leader = np.arange(len(words))
    leads = np.ones(len(words), bool)
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        if leads[one] and leads[other]:
            leads[other] = False
            leader[other] = one
    out = np.empty(len(words), np.int64)
    out[order] = order[leader]
    return out


def _near_pairs(words: Words) -> tuple[Ints, Ints]:
    """Rows that are near each other, the lesser first; by the second and then the first."""
    chunks = words.astype(">u8").view(">u2").reshape(len(words), CHUNKS)
    found = [np.empty((2, 0), np.int64)]
    for column in chunks.T:
        order = np.argsort(column, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(column[order]) != 0])
        sizes = np.diff(np.r_[starts, len(order)])
        for size in np.unique(sizes[(sizes > 1) & (sizes <= SHARED_AT_MOST)]).tolist():
            one, other = np.triu_indices(size, 1)
            of = starts[sizes == size]
            a_time = max(1, PAIRS_AT_ONCE // len(one))
            for begin in range(0, len(of), a_time):
                at = of[begin : begin + a_time, None]
                rows = np.stack((order[at + one].ravel(), order[at + other].ravel()))
                apart = np.bitwise_count(words[rows[0]] ^ words[rows[1]]).sum(axis=1)
                found.append(rows[:, apart <= NEAR_BITS])
    pairs = np.unique(np.sort(np.concatenate(found, axis=1), axis=0)[::-1], axis=1)
    return pairs[1], pairs[0]
