"""What comes in is put under the numbers of the values that it is one with (decision 26)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np
from django.db import connection

from nexus.components import chains
from nexus.kinds import Kind
from nexus.models import Joined
from nexus.services.asking import rows
from nexus.services.recalling import count_holders
from nexus.services.sighting import Sightings
from nexus.similar import SHARED_AT_MOST
from tiplines.models import Identifier
from tiplines.pdq import CHUNKS, are_near, bits_of

WITH_A_CHUNK = """
select own.id, own.value, other.id, other.value
from tiplines_identifier own
cross join lateral (
  select i.id, i.value from tiplines_identifier i
  where i.chunks is not null and i.chunks && own.chunks and i.id <> own.id and i.sealed is null
  limit %(most)s
) other
where own.id = any(%(of)s) and own.chunks is not null and own.sealed is null
"""
JOINED_AS = """
select value_id, stands_for_id from nexus_joined where value_id = any(%(of)s)
"""
JOINED_UNDER = """
select value_id, stands_for_id from nexus_joined where stands_for_id = any(%(of)s)
"""


def join_in(seen: Sightings) -> set[int]:
    """Put what is one value under one number, where several accounts hold it; the values that are
    under another number now.
    """
    found = chains([*_files_in(seen), *_copies_of(seen), *_networks_in(seen)])
    every = sorted({value for chain in found for value in chain})
    if not every:
        return set()
    root_of = roots_of(every)
    moved: set[int] = set()
    for chain in found:
        roots = {root_of.get(value, value) for value in chain}
        root = min(roots)
        fresh = [
            Joined(value_id=value, stands_for_id=root)
            for value in sorted(chain | roots)
            if value != root and root_of.get(value) != root
        ]
        under = Joined.objects.filter(stands_for__in=roots - {root})
        moved |= {*(roots - {root}), *under.values_list("value_id", flat=True)}
        under.update(stands_for=root)
        Joined.objects.bulk_create(
            fresh, update_conflicts=True, unique_fields=["value"], update_fields=["stands_for"]
        )
    return moved


def _files_in(seen: Sightings) -> list[set[int]]:
    """The hashes of each file that has several, one of which several accounts hold."""
    hashes_of: dict[int, set[int]] = defaultdict(set)
    of = (seen.kind == Kind.FILE) & (seen.file > 0)
    for file, value in zip(seen.file[of].tolist(), seen.value[of].tolist(), strict=True):
        hashes_of[file].add(value)
    several = chains(hashes_of.values())
    holders = count_holders(sorted({value for hashes in several for value in hashes}))
    return [hashes for hashes in several if any(holders[value] > 1 for value in hashes)]


def _copies_of(seen: Sightings) -> list[set[int]]:
    """Each PDQ hash with those that are near it."""
    hashes = np.unique(seen.value[seen.kind == Kind.FILE]).tolist()
    if not hashes:
        return []
    near: dict[int, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(WITH_A_CHUNK, {"of": hashes, "most": SHARED_AT_MOST * CHUNKS})
        for own, own_value, key, value in cursor.fetchall():
            if are_near(bits_of(own_value) or 0, bits_of(value) or 0):
                near[own] |= {own, key}
    return list(near.values())


def _networks_in(seen: Sightings) -> list[set[int]]:
    """The addresses of each subscriber's network that has several."""
    networks = np.unique(seen.network[seen.network > 0]).tolist()
    if not networks:
        return []
    found: dict[int, set[int]] = defaultdict(set)
    rows = Identifier.objects.filter(network__in=networks)
    for key, network in rows.values_list("pk", "network"):
        found[network or 0].add(key)
    return [keys for keys in found.values() if len(keys) > 1]


def roots_of(values: Collection[int]) -> dict[int, int]:
    """What stands for each of these values, where it is another."""
    return dict(rows(JOINED_AS, of=set(values)))


def under(roots: set[int]) -> dict[int, int]:
    """What stands under these values, and for which of them each stands."""
    return dict(rows(JOINED_UNDER, of=roots))
