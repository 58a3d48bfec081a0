"""Drawing from tables of weighted choices, with the sums computed once."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Choice = TypeVar("Choice")


class Weighted(Generic[Choice]):
    """Choices with weights; the weights need not sum to anything."""

    def __init__(self, *table: tuple[Choice, float]) -> None:
        self.choices = tuple(choice for choice, _ in table)
        self._sums = list(accumulate(weight for _, weight in table))

    def draw(self, rng: Random) -> Choice:
        return rng.choices(self.choices, cum_weights=self._sums)[0]
