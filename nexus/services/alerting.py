"""What follows from an organised nexus: its tiplines rank higher and wait for the unit's decision,
closed ones come back, and holders in different places learn of each other.

Derived from the rows as they are, time and again: what was done before is not done twice, and what
a lost nudge left undone is done by the next. Tiplines are locked before nexuses, as whoever links
locks them; nobody waits here for a nexus, which a full run may hold for a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from audit.services import record_each
from nexus.models import Nexus, Tier, Verdict
from tiplines import nudges
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services.deciding import put_back

BATCH = 500  # tiplines, or nexuses, in one transaction
ALERTS_LOCK = 7_301_004  # advisory lock: consequences have one writer

CAME_BACK = (  # for the queue, in English as every reason there
    "It is in an organised nexus, {label}, which was not known when it was closed."
)
STAYS_CLOSED = (CloseReason.DUPLICATE, CloseReason.ALREADY_INVESTIGATED)
"""Reasons that hold in an organised nexus, too: the matter is pursued elsewhere."""

# What each tipline's nexus says of it now, beside what it has had its consequences for. Nothing
# follows for one whose nexus has no other member outside restricted cases: it would tell of them.
CHANGED = """
with organised as (
  select n.id, exists (
    select from nexus_judgement j
    where j.nexus_id = n.id and j.verdict = %(released)s and j.ended_at is null
  ) as is_released
  from nexus_nexus n
  where n.tier = %(alert)s and n.ended_at is null and not exists (
    select from nexus_judgement j
    where j.nexus_id = n.id and j.verdict = %(dismissed)s and j.ended_at is null
  )
), now as (
  select id, nexus, for_the_unit from (
    select t.id, o.id as nexus, not o.is_released as for_the_unit,
      count(*) filter (where t.restricted_case_id is null) over (partition by o.id)
        > (t.restricted_case_id is null)::int as has_others
    from organised o
    join nexus_membership m on m.nexus_id = o.id and m.until is null
    join tiplines_tipline t on t.id = m.tipline_id
  ) members
  where has_others
), before as (
  select id, organised_in as nexus, for_the_unit from tiplines_tipline
  where organised_in is not null
)
select coalesce(now.id, before.id), now.nexus, coalesce(now.for_the_unit, false), before.nexus
from now full join before using (id)
where (now.nexus, now.for_the_unit) is distinct from (before.nexus, before.for_the_unit)
order by 1
limit %(most)s
"""
MARK = """
update tiplines_tipline t set organised_in = c.nexus, for_the_unit = c.for_the_unit,
  assessed_at = case
    when t.organised_in is distinct from c.nexus then null else t.assessed_at end,
  -- What its holder was told last, if it was of the nexus that it has left.
  news_at = case
    when c.nexus is null and t.news_at = (
      select told_at from nexus_nexus n where n.id = t.organised_in
    ) then null else t.news_at end
from unnest(%(keys)s::bigint[], %(nexuses)s::bigint[], %(for_the_unit)s::boolean[])
  as c(id, nexus, for_the_unit)
where t.id = c.id
"""

# Holders are not told again because their nexus goes on under another number.
TOLD_BEFORE = """
update nexus_nexus n set told = b.told, told_at = b.told_at
from unnest(%(nexuses)s::bigint[], %(before)s::bigint[]) as c(nexus, before)
join nexus_nexus b on b.id = c.before
where n.id = c.nexus and n.told = '{}'
  and n.id in (select id from nexus_nexus where id = any(%(nexuses)s) for update skip locked)
"""

# Who holds tiplines of each organised nexus, beside who was told. Of restricted cases nobody is.
HOLDERS = """
select n.id, n.told, coalesce(h.codes, '{}') from nexus_nexus n
left join (
  select t.organised_in, array_agg(distinct coalesce(s.code, d.code)) as codes
  from tiplines_tipline t
  join districts_district d on d.id = t.holder_district_id
  left join districts_policestation s on s.id = t.holder_station_id
  where t.organised_in is not null and t.restricted_case_id is null
  group by t.organised_in
) h on h.organised_in = n.id
where (h.codes is not null or n.told <> '{}') and (select array_agg(x order by x)
  from unnest(n.told) x) is distinct from (select array_agg(x order by x) from unnest(h.codes) x)
order by n.id
limit %(most)s
"""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A tipline that came into an organised nexus, left it, or is in another."""

    tipline: int
    nexus: int | None
    for_the_unit: bool
    before: int | None


def alert_next(*, at: datetime) -> int:
    """Do what follows for the next tiplines; return how many there were, 0 also while another does.

    Safe to run twice.
    """
    with transaction.atomic():
        if not _is_the_writer():
            return 0
        changes = _changes()
        if changes:
            _mark(changes, at=at)
    if changes:
        nudges.send(nudges.ASSESS)
    return len(changes)


def tell_holders(*, at: datetime) -> int:
    """Tell holders of organised nexuses of those who hold more of them; return how many nexuses
    have other holders. What somebody else works on waits for the next time.

    Safe to run twice. One that holds none any more is not news.
    """
    with transaction.atomic():
        if not _is_the_writer():
            return 0
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS, {"most": BATCH})
            rows = cursor.fetchall()
        held = Tipline.objects.filter(organised_in__in=[row[0] for row in rows], status=Status.HELD)
        keys = list(held.order_by("pk").select_for_update().values_list("pk", flat=True))
        free = Nexus.objects.filter(pk__in=[row[0] for row in rows])
        mine = set(free.select_for_update(skip_locked=True).values_list("pk", flat=True))
        rows = [row for row in rows if row[0] in mine]
        news = [key for key, told, now in rows if len(now) > 1 and set(now) - set(told)]
        for key, _told, now in rows:
            changed: dict[str, Any] = {"told_at": at} if key in news else {}
            if len(now) < 2:
                changed = {"told_at": None}
            Nexus.objects.filter(pk=key).update(told=now, **changed)
        Tipline.objects.filter(pk__in=keys, organised_in__in=news).update(news_at=at)
        record_each(
            verb="nexus.holders-told",
            details=[
                (f"nexus:{key}", {"holders": sorted(now)})
                for key, _told, now in rows
                if key in news
            ],
            actor=None,
            at=at,
        )
    return len(rows)


def _is_the_writer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [ALERTS_LOCK])
        return bool(cursor.fetchone()[0])


def _changes() -> list[Change]:
    values: dict[str, str | int] = {
        "alert": Tier.ALERT,
        "released": Verdict.RELEASED,
        "dismissed": Verdict.DISMISSED,
        "most": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, values)
        return [
            Change(tipline=key, nexus=nexus, for_the_unit=held, before=before)
            for key, nexus, held, before in cursor.fetchall()
        ]


def _mark(changes: list[Change], *, at: datetime) -> None:
    keys = [each.tipline for each in changes]
    # Locked in the order of their keys, as everybody locks them.
    list(Tipline.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            MARK,
            {
                "keys": keys,
                "nexuses": [each.nexus for each in changes],
                "for_the_unit": [each.for_the_unit for each in changes],
            },
        )
    moved = {(each.nexus, each.before) for each in changes if each.nexus and each.before}
    if moved:
        nexuses, before = zip(*sorted(moved), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(TOLD_BEFORE, {"nexuses": list(nexuses), "before": list(before)})
    woken = _wake([each for each in changes if each.nexus and not each.before], at=at)
    _record(changes, woken, at=at)


def _wake(come: list[Change], *, at: datetime) -> set[int]:
    """Put those back into the queue that were closed by somebody who did not know; return their
    keys.
    """
    closed = set(
        Decision.objects.filter(
            tipline__in=[each.tipline for each in come],
            tipline__status=Status.CLOSED,
            undone_at=None,
            knew_nexus=False,
        )
        .exclude(reason__in=STAYS_CLOSED)
        .values_list("tipline_id", flat=True)
    )
    woken: dict[int, set[int]] = {}
    for each in come:
        if each.nexus and each.tipline in closed:
            woken.setdefault(each.nexus, set()).add(each.tipline)
    for nexus, keys in sorted(woken.items()):
        put_back(
            keys,
            came_back=CAME_BACK.format(label=Nexus(pk=nexus).label),
            verb="tipline.reopened",
            by=None,
            at=at,
        )
    return {key for keys in woken.values() for key in keys}


def _record(changes: list[Change], woken: set[int], *, at: datetime) -> None:
    """One event for each nexus: how many came, left and were woken."""
    counts: dict[int, dict[str, int]] = {}
    for each in changes:
        for nexus, what in ((each.nexus, "came"), (each.before, "left")):
            if nexus and each.nexus != each.before:
                of = counts.setdefault(nexus, {"came": 0, "left": 0, "woken": 0})
                of[what] += 1
                of["woken"] += what == "came" and each.tipline in woken
    record_each(
        verb="nexus.followed",
        details=[(f"nexus:{nexus}", dict(of)) for nexus, of in sorted(counts.items())],
        actor=None,
        at=at,
    )
