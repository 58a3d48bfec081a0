"""Identifiers that are one value stand under one number (decision 26)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexus.components import components
from nexus.holdings import Ints
from nexus.kinds import Kind
from nexus.services.columns import NO_ROW, columns, rows_of
from nexus.services.sighting import Sightings
from nexus.similar import leaders_of

PDQ_HASHES = """
select i.id, w.words[1], w.words[2], w.words[3], w.words[4]
from tiplines_identifier i
cross join lateral (
  select array_agg(('x' || substr(i.value, 5 + 16 * place, 16))::bit(64)::bigint order by place)
  from generate_series(0, 3) place
) w(words)
where i.chunks is not null and i.sealed is null
"""
JOINED = "select value_id, stands_for_id from nexus_joined where value_id = any(%(values)s)"


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Identifiers that are one value: hashes of a file, IPv6 addresses of a subscriber."""

    values: Ints
    """Those that have the number of another, which is in `stand_for`."""
    stand_for: Ints


def join(seen: Sightings) -> Joined:
    """Hashes by the files that they are of and by what they are copies of, addresses by their
    networks; the least of those that are one value stands for them.
    """
    copies, originals = _copies(seen)
    is_file = (seen.kind == Kind.FILE) & (seen.file > 0)
    is_network = seen.network > 0
    found = [
        _least_alike(
            np.concatenate((seen.value[is_file], copies)),
            np.concatenate((seen.file[is_file], -originals)),
        ),
        _least_alike(seen.value[is_network], seen.network[is_network]),
    ]
    values, stand_for = (np.concatenate(each) for each in zip(*found, strict=True))
    return Joined(values=values, stand_for=stand_for)


def joined_before(seen: Sightings) -> Joined:
    """As the run in force has them, and what was linked since."""
    may_be = np.unique(seen.value[seen.may_be_joined]).tolist()
    values, stand_for = columns(JOINED, ("int8", "int8"), values=may_be)
    return Joined(values=values, stand_for=stand_for)


def as_joined(seen: Sightings, joined: Joined) -> Ints:
    """The values, under the numbers of those that stand for them."""
    row = rows_of(seen.value, joined.values)
    known = np.flatnonzero(row != NO_ROW)
    value = seen.value.copy()
    value[known] = joined.stand_for[row[known]]
    return value


def _copies(seen: Sightings) -> tuple[Ints, Ints]:
    """PDQ hashes of suspects' files, and for each of them the hash of which it is a copy."""
    value, *words = columns(PDQ_HASHES, ("int8", "int8", "int8", "int8", "int8"))
    known = np.isin(value, seen.value)
    hashes = np.stack(words, axis=1)[known].astype(np.uint64)
    return value[known], value[known][leaders_of(hashes)]


def _least_alike(value: Ints, alike: Ints) -> tuple[Ints, Ints]:
    """Values that a chain of equal numbers ties to a lesser one, and the least of each chain."""
    values, value_of = np.unique(value, return_inverse=True)
    numbers, number_of = np.unique(alike, return_inverse=True)
    group = components(value_of, len(values) + number_of, len(values) + len(numbers))
    least = least_of(group[: len(values)], values)
    return values[least != values], least[least != values]


def least_of(group: Ints, keys: Ints) -> Ints:
    """For each member the least key of its group."""
    least = np.full(int(group.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(least, group, keys)
    return least[group]
