"""All groups anew from all tiplines, under the numbers that they had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from audit.services import record
from nexus.calibrating import Learned, calibrate
from nexus.clustering import (
    ENGINE,
    RELATED_FROM,
    groups_of,
    is_alert,
    persons_of,
    score_of,
    weakest_of,
)
from nexus.holdings import HOLDERS_AT_MOST, Days, Ints, fold
from nexus.identity import NONE, Identity, identify
from nexus.kinds import Kind
from nexus.models import Joined, Lineage, Membership, Nexus, Run, Tie, Tier, Worth
from nexus.services.reading import SECONDS_A_DAY, Said, columns, read_all, rows_of
from tiplines.services.copying import copy_rows, next_keys

REBUILD_LOCK = 7_301_002  # advisory lock: one run at a time


class AlreadyRunningError(Exception):
    """Another run is under way."""


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


def rebuild(*, at: datetime) -> Run:
    """Learn from all tiplines, find the groups and put them in force, all or nothing.

    Raises AlreadyRunningError. Tiplines that come in meanwhile are left to the next run.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [REBUILD_LOCK])
            if not cursor.fetchone()[0]:
                raise AlreadyRunningError
        said = read_all()
        learned = calibrate(fold(said.mentions))
        found = find(learned, said.mentions.report_day)
        run = _store_learned(learned, said, at=at)
        _store_groups(found, said, run)
        Worth.objects.exclude(run=run).delete()
        Tie.objects.exclude(run=run).delete()
        record(
            verb="nexus.rebuilt",
            subject=f"nexus-run:{run.pk}",
            actor=None,
            at=at,
            detail={
                "tiplines": run.tiplines,
                "nexuses": len(found),
                "alerts": int(found.alert.sum()),
            },
        )
    return run


def find(learned: Learned, report_day: Days) -> Found:
    group = groups_of(learned, least_bits=RELATED_FROM)
    accounts, tiplines = np.bincount(group), np.bincount(group[learned.held.account_of_report])
    several = tiplines >= 2
    number = np.where(several, np.cumsum(several) - 1, NONE)
    of_tipline = number[group[learned.held.account_of_report]]
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


def _store_learned(learned: Learned, said: Said, *, at: datetime) -> Run:
    held, by, pairs = learned.held, learned.calibration, learned.pairs
    run = Run.objects.create(
        at=at,
        engine=ENGINE,
        tiplines=len(said.tiplines),
        accounts=held.accounts,
        ip_bits=by.ip_bits.tolist(),
        gap_bits=by.gap_bits.tolist(),
        district_bits=by.district_bits.tolist(),
    )
    _store_folded(said)
    _store_joined(learned, said)
    ties = (held.holders >= 2) & (held.holders <= HOLDERS_AT_MOST[held.value_kind])
    first_of = said.tiplines[held.account_number]  # the key of each account
    of_core = first_of[held.account[by.in_core]]
    in_core = np.bincount(held.value[by.in_core], minlength=len(ties))
    end = np.cumsum(in_core)
    copy_rows(
        "nexus_worth",
        ("run_id", "kind", "value", "holders", "chance", "beside", "core"),
        (
            (run.pk, *row, of_core[end[at] - in_core[at] : end[at]].tolist())
            for at, *row in zip(
                np.flatnonzero(ties).tolist(),
                held.value_kind[ties].tolist(),
                held.value_number[ties].tolist(),
                held.holders[ties].tolist(),
                by.chance[ties].tolist(),
                by.beside[ties].tolist(),
                strict=True,
            )
        ),
    )
    worth = learned.weighed.bits >= RELATED_FROM
    copy_rows(
        "nexus_tie",
        ("run_id", "first_id", "second_id", "bits"),
        (
            (run.pk, min(ends), max(ends), bits)
            for *ends, bits in zip(
                first_of[pairs.first[worth]].tolist(),
                first_of[pairs.second[worth]].tolist(),
                learned.weighed.bits[worth].tolist(),
                strict=True,
            )
        ),
    )
    return run


def _store_folded(said: Said) -> None:
    """Only what changed is written."""
    account = said.mentions.report_account
    _, inverse, count = np.unique(account, return_inverse=True, return_counts=True)
    several = count[inverse] > 1
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table folded_now (tipline_id bigint primary key, account_id bigint)"
            " on commit drop"
        )
    copy_rows(
        "folded_now",
        ("tipline_id", "account_id"),
        zip(said.tiplines[several].tolist(), said.tiplines[account[several]].tolist(), strict=True),
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze folded_now")
        cursor.execute(
            "delete from nexus_folded f where not exists"
            " (select from folded_now n where n.tipline_id = f.tipline_id)"
        )
        cursor.execute(
            "insert into nexus_folded as f (tipline_id, account_id)"
            " select n.tipline_id, n.account_id from folded_now n"
            " on conflict (tipline_id) do update set account_id = excluded.account_id"
            " where f.account_id <> excluded.account_id"
        )
        cursor.execute("drop table folded_now")


def _store_joined(learned: Learned, said: Said) -> None:
    """Of files that several accounts have."""
    held = learned.held
    shared = held.value_number[(held.value_kind == Kind.FILE) & (held.holders >= 2)]
    worth = np.isin(said.files, shared)
    Joined.objects.all().delete()
    copy_rows(
        "nexus_joined",
        ("hash_id", "file_id"),
        zip(said.hashes[worth].tolist(), said.files[worth].tolist(), strict=True),
    )


def _store_groups(found: Found, said: Said, run: Run) -> None:
    old = _members_until_now(said.tiplines)
    identity = identify(found.of_tipline, old)
    keys = _keys_of(found, identity)
    _store_nexuses(found, identity, keys, at=run.at)
    new = np.append(keys, NONE)[found.of_tipline]
    _store_memberships(said.tiplines, old, new, at=run.at)
    _store_ends(identity, keys, run)


def _members_until_now(tiplines: Ints) -> Ints:
    members, nexus = columns(
        "select tipline_id, nexus_id from nexus_membership where until is null", ("int8", "int8")
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


NEXUS_COLUMNS = (
    *("id", "tier", "score", "persons", "weakest_bits", "accounts", "tiplines"),
    *("first_at", "last_at", "found_at"),
)
NEW_NEXUSES = "create temporary table nexus_now (like nexus_nexus) on commit drop"
PUT_NEXUSES = """
insert into nexus_nexus (id, tier, score, persons, weakest_bits, accounts, tiplines,
  first_at, last_at, found_at)
select id, tier, score, persons, weakest_bits, accounts, tiplines, first_at, last_at, found_at
from nexus_now
on conflict (id) do update set tier = excluded.tier, score = excluded.score,
  persons = excluded.persons, weakest_bits = excluded.weakest_bits, accounts = excluded.accounts,
  tiplines = excluded.tiplines, first_at = excluded.first_at, last_at = excluded.last_at
"""


def _store_nexuses(found: Found, identity: Identity, keys: Ints, *, at: datetime) -> None:
    idle = at.timestamp() / SECONDS_A_DAY - found.last_day
    rows = zip(
        keys.tolist(),
        np.where(found.alert, Tier.ALERT.value, Tier.RELATED.value).tolist(),
        score_of(found.persons, found.weakest_bits, idle).tolist(),
        found.persons.tolist(),
        found.weakest_bits.tolist(),
        found.accounts.tolist(),
        found.tiplines.tolist(),
        map(_moment, found.first_day.tolist()),
        map(_moment, found.last_day.tolist()),
        [at] * len(found),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(NEW_NEXUSES)
        copy_rows("nexus_now", NEXUS_COLUMNS, rows)
        cursor.execute(PUT_NEXUSES)
        cursor.execute("drop table nexus_now")


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


def _store_ends(identity: Identity, keys: Ints, run: Run) -> None:
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
    Nexus.objects.filter(pk__in=identity.dissolved).update(ended_at=run.at)
    for overlap in identity.merged:
        target = int(keys[overlap.group])
        Nexus.objects.filter(pk=overlap.old).update(ended_at=run.at, into_id=target)
        Nexus.objects.filter(into_id=overlap.old).update(into_id=target)


def _moment(day: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
