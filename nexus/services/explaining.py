"""Why two tiplines belong together, or why not: what adds up to the bits between their accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexus.evidence import SharedValue
from nexus.models import Run
from nexus.services.columns import rows_of
from nexus.services.recalling import recall
from nexus.services.tying import shared_values
from nexus.weighing import gaps_of


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`prior`, `context` and what the values add (`nexus.evidence`) are `bits`."""

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
        values=tuple(shared_values(recalled.learned, pair, recalled.holders, recalled.core)),
    )
