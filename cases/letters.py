"""What a letter is, by rule: its number, and which tiplines go into one letter. Without Django."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")


def dispatch_number(*, unit: str, year: int, number: int) -> str:
    """As it stands on the letter: `IFSO/TL/2026/00042`. Each year begins with 1."""
    return f"{unit}/TL/{year}/{number:05d}"


@dataclass(frozen=True, order=True, kw_only=True)
class Envelope:
    """What tiplines of one act share that go into one letter.

    Those of restricted cases go apart: whoever may not see them must not see their letter.
    """

    kind: str
    addressee: str
    restricted_case: int = 0
    """0 for what is open to the whole unit."""


def sorted_into_letters(found: Iterable[tuple[Envelope, T]]) -> list[tuple[Envelope, list[T]]]:
    """One letter for each act and addressee, in the order of the envelopes."""
    pairs = sorted(found, key=lambda pair: pair[0])
    return [
        (envelope, [each for _envelope, each in group])
        for envelope, group in groupby(pairs, key=lambda pair: pair[0])
    ]
