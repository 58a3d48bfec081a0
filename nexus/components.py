"""What is connected by any number of steps. No Django."""

from __future__ import annotations

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
