"""Due tiplines are linked to all others that share a value worth it, and put into groups."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from nexus.models import Link, Run
from nexus.scoring import KINDS, STORE_FROM, Shared, weigh
from nexus.services.links import LINKS_LOCK, count_links, partners
from tiplines.models import Tipline
from tiplines.parsing.records import Provenance

BATCH = 300
EVIDENCE_KEPT = 12

# What NCMEC's systems added ties nobody: it says nothing that the suspect did. The last column
# counts the ends, of the two, that have the value from prose only.
PAIRS = """
with mine as materialized (
  select s.identifier_id, s.tipline_id, bool_and(s.provenance = %(prose)s)::int as is_prose
  from tiplines_sighting s
  where s.tipline_id = any(%(batch)s) and s.links and s.provenance <> %(added)s
  group by s.identifier_id, s.tipline_id
), holders as materialized (
  select v.identifier_id, i.kind, h.n
  from (select distinct identifier_id from mine) v
  cross join lateral (
    select kind from tiplines_identifier i where i.id = v.identifier_id offset 0
  ) i
  cross join lateral (
    select count(*) as n from (
      select distinct s.tipline_id from tiplines_sighting s
      where s.identifier_id = v.identifier_id and s.links and s.provenance <> %(added)s
      limit 201
    ) few
  ) h
  where h.n > 1 and h.n <= (%(caps)s::jsonb ->> i.kind)::int
)
select distinct least(mine.tipline_id, other.tipline_id),
       greatest(mine.tipline_id, other.tipline_id), holders.kind, holders.identifier_id, holders.n,
       mine.is_prose + other.is_prose
from mine
join holders using (identifier_id)
cross join lateral (
  select s.tipline_id, bool_and(s.provenance = %(prose)s)::int as is_prose
  from tiplines_sighting s
  where s.identifier_id = mine.identifier_id and s.links and s.tipline_id <> mine.tipline_id
    and s.provenance <> %(added)s
  group by s.tipline_id
  offset 0
) other
"""


def link_next(*, at: datetime) -> int:
    """Link the next due tiplines; return how many there were, 0 also while another worker links.

    Safe to run twice: a pair's link is made anew from the values that it shares now. Tiplines are
    read without a lock and locked all at once, in order of their keys, so that nobody who decides
    or renews some of them meanwhile can stand in a ring with this; one renewed meanwhile stays due.
    """
    with transaction.atomic():
        if not _is_the_writer():
            return 0
        due = dict(
            Tipline.objects.due_for_links().order_by("pk").values_list("pk", "version")[:BATCH]
        )
        if due and Run.objects.exists():
            from nexus.services.attaching import attach  # its arrays are for those who group

            attach(list(due), at=at)
    # Apart, for groups take a while and need no lock on tiplines that officers wait for.
    with transaction.atomic():
        if not due or not _is_the_writer():
            return 0
        links = links_between(list(due), at=at)
        touched = partners(list(due)) | set(due)
        touched |= {link.first_id for link in links} | {link.second_id for link in links}
        present = dict(
            Tipline.objects.filter(pk__in=touched)
            .order_by("pk")
            .select_for_update()
            .values_list("pk", "version")
        )
        settled = {pk for pk, version in due.items() if present.get(pk) == version}
        Link.objects.filter(Q(first__in=settled) | Q(second__in=settled)).delete()
        Link.objects.bulk_create(
            [link for link in links if link.first_id in settled or link.second_id in settled],
            batch_size=1000,
        )
        Tipline.objects.filter(pk__in=settled).update(linked_at=at)
        count_links(sorted(touched))
    return len(settled)


def _is_the_writer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LINKS_LOCK])
        return bool(cursor.fetchone()[0])


def links_between(batch: list[int], *, at: datetime) -> list[Link]:
    """Every link worth keeping of the tiplines of a batch with any other, not yet stored."""
    shared: dict[tuple[int, int], list[Shared]] = defaultdict(list)
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "batch": batch,
            "caps": caps(),
            "added": Provenance.NCMEC.value,
            "prose": Provenance.FREE_TEXT.value,
        }
        cursor.execute(PAIRS, values)
        for first, second, *value in cursor.fetchall():
            shared[first, second].append(Shared(*value))
    total = total_tiplines()
    worths = {pair: weigh(values, total=total) for pair, values in shared.items()}
    return [
        Link(
            first_id=first,
            second_id=second,
            bits=worth.bits,
            evidence=[list(each) for each in worth.evidence[:EVIDENCE_KEPT]],
            at=at,
        )
        for (first, second), worth in worths.items()
        if worth.bits >= STORE_FROM
    ]


def caps() -> str:
    """Holders allowed by kind, as JSON for the query."""
    pairs = ", ".join(f'"{name}": {kind.holders_at_most}' for name, kind in KINDS.items())
    return "{" + pairs + "}"


def total_tiplines() -> int:
    """About how many tiplines there are: rarity needs the order of size only."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0) from tiplines_tipline")
        return int(cursor.fetchone()[0])
