"""Why two tiplines belong together, or why not: what adds up to the bits between their accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexus.kinds import Kind
from nexus.models import Run
from nexus.services.reading import rows_of
from nexus.services.recalling import Recalled, recall
from nexus.weighing import REST, gaps_of


@dataclass(frozen=True, kw_only=True)
class SharedValue:
    kind: Kind
    value: int
    """A number of `nexus.services.reading.Said`."""
    holders: int
    """Accounts that hold it."""
    core: int
    """How many of them other values tie together."""
    bits: float
    """What it adds: beside a better value of its family less than it is worth alone."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`prior`, `context` and the bits of the values add up to `bits`."""

    run: Run
    bits: float
    prior: float
    """Of two accounts of which nothing is known."""
    context: float
    """Of time and district."""
    gap_days: float | None
    """Between the times in which the two accounts were reported; 0 where these overlap, None where
    they share nothing and nothing was weighed.
    """
    values: tuple[SharedValue, ...]
    """The strongest first."""


def explain(one: int, other: int) -> Explanation | None:
    """Why these tiplines are tied, or how little ties them; None if they are of one account.

    Raises NoRunYetError.
    """
    recalled = recall([one, other])
    held = recalled.learned.held
    rows = rows_of(np.array([one, other]), recalled.tiplines)
    ends = sorted(held.account_of_report[rows].tolist())
    if ends[0] == ends[1]:
        return None
    pairs = recalled.learned.pairs
    at = np.flatnonzero((pairs.first == ends[0]) & (pairs.second == ends[1]))
    prior = recalled.learned.calibration.prior
    if not len(at):
        return Explanation(
            run=recalled.run, bits=prior, prior=prior, context=0.0, gap_days=None, values=()
        )
    pair = int(at[0])
    weighed = recalled.learned.weighed
    return Explanation(
        run=recalled.run,
        bits=float(weighed.bits[pair]),
        prior=prior,
        context=float(weighed.context[pair]),
        gap_days=float(gaps_of(pairs, held)[pair]),
        values=_values(recalled, pair),
    )


def _values(recalled: Recalled, pair: int) -> tuple[SharedValue, ...]:
    pairs, held, rows = recalled.learned.pairs, recalled.learned.held, recalled.learned.weighed.rows
    found: list[SharedValue] = []
    families: set[int] = set()
    of_pair = np.flatnonzero(pairs.pair_of_row == pair)
    for row in sorted(of_pair.tolist(), key=lambda row: (-rows[row], row)):
        family = int(pairs.family_of_row[row])
        value = int(pairs.value[row])
        kind, number = Kind(int(held.value_kind[value])), int(held.value_number[value])
        known = recalled.known[kind, number]
        found.append(
            SharedValue(
                kind=kind,
                value=number,
                holders=known.holders,
                core=len(known.core),
                bits=float(rows[row]) * (REST if family in families else 1.0),
            )
        )
        families.add(family)
    return tuple(sorted(found, key=lambda value: -value.bits))
