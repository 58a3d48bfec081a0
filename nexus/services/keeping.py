"""Groups that were found are kept under the numbers that they had, and memberships as spans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from nexus.calibrating import Learned
from nexus.clustering import (
    groups_of,
    is_alert,
    persons_of,
    score_of,
    weakest_of,
)
from nexus.holdings import Days, Ints
from nexus.identity import NONE, Identity, identify
from nexus.kinds import RELATED_FROM
from nexus.models import Lineage, Membership, Nexus, Run, Tier
from nexus.parting import NO_VERDICTS, Verdicts
from nexus.services.columns import columns, rows_of
from nexus.services.judging import UNTIL_GROWN, check_frozen, reopen_grown
from nexus.services.reading import SECONDS_A_DAY
from nexus.services.standing import Standing
from tiplines.services.copying import copy_rows, next_keys

# Of nexuses that are not frozen. `of` are keys of tiplines, null for all of them.
MEMBERS = """
select m.tipline_id, m.nexus_id from nexus_membership m
where m.until is null and (%(of)s::bigint[] is null or m.tipline_id = any(%(of)s))
  and m.nexus_id <> all(%(frozen)s)
"""
PUT_NEXUSES = """
insert into nexus_nexus as n (id, tier, score, persons, weakest_bits, accounts, tiplines,
  first_at, last_at, found_at, alerted_at, told)
select *, '{}' from unnest(%s::bigint[], %s::text[], %s::float8[], %s::float8[], %s::float8[],
  %s::int[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
on conflict (id) do update set tier = excluded.tier, score = excluded.score,
  persons = excluded.persons, weakest_bits = excluded.weakest_bits, accounts = excluded.accounts,
  tiplines = excluded.tiplines, first_at = excluded.first_at, last_at = excluded.last_at,
  alerted_at = coalesce(
    n.alerted_at, case when n.tier = 'alert' then n.found_at end, excluded.alerted_at)
"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Groups of two tiplines and more, be they of one account, numbered from 0."""

    of_tipline: Ints
    """The group of each tipline, or NONE."""
    alert: NDArray[np.bool_]
    persons: Days
    weakest_bits: Days
    accounts: Ints
    tiplines: Ints
    first_day: Days
    last_day: Days

    def __len__(self) -> int:
        return len(self.alert)


def find(learned: Learned, report_day: Days, verdicts: Verdicts = NO_VERDICTS) -> Found:
    """Members of frozen nexuses are in none: these stay as they are."""
    group = groups_of(learned, least_bits=RELATED_FROM, verdicts=verdicts)
    of_report = group[learned.held.account_of_report]
    is_free = np.ones(len(of_report), bool)
    is_free[verdicts.frozen] = False
    accounts, tiplines = (
        np.bincount(of, minlength=int(group.max(initial=-1)) + 1)
        for of in (group, of_report[is_free])
    )
    several = tiplines >= 2
    number = np.where(several, np.cumsum(several) - 1, NONE)
    of_tipline = np.where(is_free, number[of_report], NONE)
    inside = of_tipline != NONE
    persons = persons_of(learned, group)[several]
    count = int(several.sum())
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, of_tipline[inside], report_day[inside])
    np.maximum.at(last, of_tipline[inside], report_day[inside])
    return Found(
        of_tipline=of_tipline,
        alert=is_alert(persons),
        persons=persons,
        weakest_bits=weakest_of(learned, group)[several],
        accounts=accounts[several],
        tiplines=tiplines[several],
        first_day=first,
        last_day=last,
    )


def keep(
    found: Found, tiplines: Ints, run: Run, *, standing: Standing, at: datetime, is_all: bool
) -> None:
    """Put groups in force in the place of those that these tiplines were in: all of them, or all
    members of each nexus that any of them is in. `standing` is what officers had said when the
    tiplines were read: nexuses that were frozen stay as they are.

    Raises FrozenMeanwhileError.
    """
    old = _members_until_now(tiplines, standing.frozen, is_all=is_all)
    identity = identify(found.of_tipline, old)
    keys = _keys_of(found, identity)
    _store_nexuses(found, keys, at=at)
    new = np.append(keys, NONE)[found.of_tipline]
    _store_memberships(tiplines, old, new, at=at)
    _store_ends(identity, keys, run, at=at)
    if standing.verdicts.intersection(UNTIL_GROWN):
        reopen_grown(at=at)
    check_frozen(standing.frozen)


def _members_until_now(tiplines: Ints, frozen: list[int], *, is_all: bool) -> Ints:
    members, nexus = columns(
        MEMBERS,
        ("int8", "int8"),
        of=None if is_all else tiplines.tolist(),
        frozen=frozen,
    )
    old = np.full(len(tiplines), NONE, np.int64)
    old[rows_of(members, tiplines)] = nexus
    return old


def _keys_of(found: Found, identity: Identity) -> Ints:
    """The key of each group: of the nexus that it goes on as, or a new one."""
    fresh = [group for group in range(len(found)) if group not in identity.kept]
    keys = np.zeros(len(found), np.int64)
    keys[list(identity.kept)] = list(identity.kept.values())
    keys[fresh] = next_keys(Nexus._meta.db_table, len(fresh))
    return keys


def _store_nexuses(found: Found, keys: Ints, *, at: datetime) -> None:
    idle = at.timestamp() / SECONDS_A_DAY - found.last_day
    told = (
        keys.tolist(),
        np.where(found.alert, Tier.ALERT.value, Tier.RELATED.value).tolist(),
        score_of(found.persons, found.weakest_bits, idle).tolist(),
        found.persons.tolist(),
        found.weakest_bits.tolist(),
        found.accounts.tolist(),
        found.tiplines.tolist(),
        [_moment(day) for day in found.first_day.tolist()],
        [_moment(day) for day in found.last_day.tolist()],
        [at] * len(found),
        [at if is_alert else None for is_alert in found.alert.tolist()],
    )
    with connection.cursor() as cursor:
        cursor.execute(PUT_NEXUSES, told)


def _store_memberships(tiplines: Ints, old: Ints, new: Ints, *, at: datetime) -> None:
    gone = tiplines[(old != new) & (old != NONE)]
    come = (old != new) & (new != NONE)
    with connection.cursor() as cursor:
        cursor.execute(
            "update nexus_membership m set until = %s from unnest(%s::bigint[]) as g(tipline_id)"
            " where m.tipline_id = g.tipline_id and m.until is null",
            [at, gone.tolist()],
        )
    copy_rows(
        Membership._meta.db_table,
        ("nexus_id", "tipline_id", "since"),
        ((*row, at) for row in zip(new[come].tolist(), tiplines[come].tolist(), strict=True)),
    )


def _store_ends(identity: Identity, keys: Ints, run: Run, *, at: datetime) -> None:
    Lineage.objects.bulk_create(
        (
            Lineage(
                source_id=overlap.old,
                target_id=int(keys[overlap.group]),
                is_end=is_end,
                tiplines=overlap.members,
                run=run,
            )
            for is_end, overlaps in ((True, identity.merged), (False, identity.left))
            for overlap in overlaps
        ),
        batch_size=1000,
    )
    Nexus.objects.filter(pk__in=identity.dissolved).update(ended_at=at)
    for overlap in identity.merged:
        target = int(keys[overlap.group])
        Nexus.objects.filter(pk=overlap.old).update(ended_at=at, into_id=target)
        Nexus.objects.filter(into_id=overlap.old).update(into_id=target)


def _moment(day: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
