"""Due tiplines are linked to all others that share a value worth it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction

from nexus.models import Link
from nexus.scoring import KINDS, STORE_FROM, Shared, weigh
from tiplines.models import Tipline

BATCH = 300
EVIDENCE_KEPT = 12
LINKS_LOCK = 7_301_001  # advisory lock: links have one writer, so that two batches cannot deadlock

PAIRS = """
with values_of_batch as (
  select distinct s.identifier_id
  from tiplines_sighting s
  where s.tipline_id = any(%(batch)s) and s.links
), holders as (
  select v.identifier_id, i.kind, h.n
  from values_of_batch v
  join tiplines_identifier i on i.id = v.identifier_id
  cross join lateral (
    select count(*) as n from (
      select distinct s.tipline_id from tiplines_sighting s
      where s.identifier_id = v.identifier_id and s.links limit 201
    ) few
  ) h
  where h.n > 1 and h.n <= (%(caps)s::jsonb ->> i.kind)::int
)
select distinct least(mine.tipline_id, other.tipline_id),
       greatest(mine.tipline_id, other.tipline_id), holders.kind, holders.identifier_id, holders.n
from holders
join tiplines_sighting mine
  on mine.identifier_id = holders.identifier_id and mine.links and mine.tipline_id = any(%(batch)s)
join tiplines_sighting other
  on other.identifier_id = holders.identifier_id and other.links
  and other.tipline_id <> mine.tipline_id
"""


def link_next(*, at: datetime) -> int:
    """Link the next due tiplines; return how many there were, 0 also while another worker links.

    Safe to run twice: a pair's link is made anew from the values that it shares now.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LINKS_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        due = list(
            Tipline.objects.due_for_links()
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH]
        )
        if not due:
            return 0
        # Every step of the query is a look-up by key, also before the first ANALYZE of a new table.
        cursor.execute("set local enable_hashjoin = off; set local enable_mergejoin = off")
        shared: dict[tuple[int, int], list[Shared]] = defaultdict(list)
        cursor.execute(PAIRS, {"batch": due, "caps": caps()})
        for first, second, kind, identifier_id, holders in cursor.fetchall():
            shared[first, second].append(Shared(kind, identifier_id, holders))
        total = total_tiplines()
        links = []
        for (first, second), values in shared.items():
            worth = weigh(values, total=total)
            if worth.bits >= STORE_FROM:
                evidence = [list(each) for each in worth.evidence[:EVIDENCE_KEPT]]
                links.append(
                    Link(
                        first_id=first, second_id=second, bits=worth.bits, evidence=evidence, at=at
                    )
                )
        Link.objects.filter(first__in=due).delete()
        Link.objects.filter(second__in=due).delete()
        Link.objects.bulk_create(links, batch_size=1000)
        Tipline.objects.filter(pk__in=due).update(linked_at=at)
        touched = {link.first_id for link in links} | {link.second_id for link in links} | set(due)
        count_links(sorted(touched))
    return len(due)


def caps() -> str:
    """Holders allowed by kind, as JSON for the query."""
    pairs = ", ".join(f'"{name}": {kind.holders_at_most}' for name, kind in KINDS.items())
    return "{" + pairs + "}"


def total_tiplines() -> int:
    """About how many tiplines there are: rarity needs the order of size only."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0) from tiplines_tipline")
        return int(cursor.fetchone()[0])


def count_links(tipline_ids: list[int]) -> None:
    """Bring `link_count` of these tiplines up to date; rows are locked in order of their keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with ordered as (
              select id from tiplines_tipline where id = any(%(ids)s) order by id for update
            ), counted as (
              select o.id, (select count(*) from nexus_link l where l.first_id = o.id)
                         + (select count(*) from nexus_link l where l.second_id = o.id) as n
              from ordered o
            )
            update tiplines_tipline t set link_count = c.n from counted c
            where c.id = t.id and t.link_count <> c.n
            """,
            {"ids": tipline_ids},
        )
