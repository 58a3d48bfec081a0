"""Links as they stand: who writes them, whom they tie, and how many a page shows."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q

from nexus.models import Link

LINKS_LOCK = 7_301_001
"""Advisory lock: links, ties and groups have one writer, so that two batches cannot deadlock."""


def partners(batch: list[int]) -> set[int]:
    """Both ends of every link that tiplines of a batch have at present."""
    pairs = Link.objects.filter(Q(first__in=batch) | Q(second__in=batch))
    return {pk for pair in pairs.values_list("first_id", "second_id") for pk in pair}


def count_links(tipline_ids: list[int]) -> None:
    """Bring `link_count` of these locked tiplines up to date.

    A link to a tipline of a restricted case counts inside that case only: the number is shown to
    officers who may not know of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with counted as (
              select o.id, count(x.id) as n
              from tiplines_tipline o
              left join lateral (
                select l.second_id as id from nexus_link l where l.first_id = o.id
                union all
                select l.first_id from nexus_link l where l.second_id = o.id
              ) l on true
              left join tiplines_tipline x on x.id = l.id and (
                x.restricted_case_id is null or x.restricted_case_id = o.restricted_case_id
              )
              where o.id = any(%(ids)s)
              group by o.id
            )
            update tiplines_tipline t set link_count = c.n from counted c
            where c.id = t.id and t.link_count <> c.n
            """,
            {"ids": tipline_ids},
        )
