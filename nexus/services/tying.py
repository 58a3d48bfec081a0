"""Ties as rows: pairs of accounts that more likely than not belong together, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from nexus.calibrating import Learned
from nexus.evidence import SharedValue, from_rows
from nexus.holdings import Ints
from nexus.kinds import RELATED_FROM
from nexus.models import Run, Tie
from tiplines.services.copying import copy_rows


def store_ties(learned: Learned, keys: Ints, run: Run, *, holders: Ints, core: Ints) -> None:
    """Every pair that is tied, by the keys of its accounts. `holders` and `core` have a row for
    each value.
    """
    pairs = learned.pairs
    tied = np.flatnonzero(learned.weighed.bits >= RELATED_FROM)
    copy_rows(
        Tie._meta.db_table,
        ("run_id", "first_id", "second_id", "bits", "context", "evidence"),
        (
            (run.pk, min(ends), max(ends), bits, context, json.dumps(rows))
            for *ends, bits, context, rows in zip(
                keys[pairs.first[tied]].tolist(),
                keys[pairs.second[tied]].tolist(),
                learned.weighed.bits[tied].tolist(),
                learned.weighed.context[tied].tolist(),
                _evidence(learned, tied, holders, core),
                strict=True,
            )
        ),
    )


def shared_values(learned: Learned, pair: int, holders: Ints, core: Ints) -> list[SharedValue]:
    """What a pair shares that is worth anything."""
    (rows,) = _evidence(learned, np.array([pair]), holders, core)
    return list(from_rows(rows))


def _evidence(
    learned: Learned, wanted: Ints, holders: Ints, core: Ints
) -> Iterator[list[list[float]]]:
    """For each pair, in order, what `nexus.evidence.from_rows` reads."""
    pairs, held, bits = learned.pairs, learned.held, learned.weighed.rows
    is_wanted = np.zeros(len(pairs), bool)
    is_wanted[wanted] = True
    of = pairs.pair_of_row
    rows = np.flatnonzero(is_wanted[of] & (bits > 0))
    value = pairs.value[rows]
    told = [
        list(row)
        for row in zip(
            held.value_kind[value].tolist(),
            held.value_number[value].tolist(),
            holders[value].tolist(),
            core[value].tolist(),
            bits[rows].tolist(),
            strict=True,
        )
    ]
    ends = np.searchsorted(of[rows], wanted, side="right").tolist()
    begin = 0
    for end in ends:
        yield told[begin:end]
        begin = end
