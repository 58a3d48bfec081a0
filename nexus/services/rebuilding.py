"""All groups anew from all tiplines, under the numbers that they had."""

from __future__ import annotations

import contextlib
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from audit.services import record
from nexus.calibrating import Learned, calibrate
from nexus.holdings import HOLDERS_AT_MOST, Holdings, fold
from nexus.kinds import ENGINE, Kind
from nexus.models import Joined, Run, Tie, Worth
from nexus.services.keeping import find, keep
from nexus.services.linking import LINKS_LOCK, FrozenMeanwhileError
from nexus.services.reading import Said, read_all
from nexus.services.tying import store_ties
from tiplines.services.copying import copy_rows

REBUILD_LOCK = 7_301_002  # advisory lock: one run at a time
TRIES = 3


class AlreadyRunningError(Exception):
    """Another run is under way."""


def rebuild(*, at: datetime) -> Run:
    """Learn from all tiplines, find the groups and put them in force, all or nothing; again where
    an officer froze a nexus meanwhile.

    Raises AlreadyRunningError, and FrozenMeanwhileError where that happens again and again. Nothing
    is linked meanwhile: what comes in stays due, and is put into the new groups.
    """
    for _ in range(TRIES - 1):
        with contextlib.suppress(FrozenMeanwhileError):
            return _rebuild(at=at)
    return _rebuild(at=at)


@transaction.atomic
def _rebuild(*, at: datetime) -> Run:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [REBUILD_LOCK])
        if not cursor.fetchone()[0]:
            raise AlreadyRunningError
        cursor.execute("select pg_advisory_xact_lock(%s)", [LINKS_LOCK])
    said = read_all()
    learned = calibrate(fold(said.mentions))
    found = find(learned, said.mentions.report_day, said.verdicts)
    run = _store_learned(learned, said, at=at)
    Worth.objects.exclude(run=run).delete()
    Tie.objects.exclude(run=run).delete()
    keep(found, said.tiplines, run, standing=said.standing, at=at, is_all=True)
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


def _store_learned(learned: Learned, said: Said, *, at: datetime) -> Run:
    held, by = learned.held, learned.calibration
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
    is_hub = held.holders > HOLDERS_AT_MOST[held.value_kind]
    ties = (held.holders >= 2) & ~is_hub
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
    _store_hubs(held, is_hub, run)
    store_ties(learned, first_of, run, holders=held.holders, core=in_core)
    return run


def _store_hubs(held: Holdings, is_hub: NDArray[np.bool_], run: Run) -> None:
    """They tie nobody until the next run: whoever links need not count who holds them."""
    copy_rows(
        "nexus_worth",
        ("run_id", "kind", "value", "holders", "chance", "beside", "core"),
        (
            (run.pk, *row, 0.0, 0.0, [])
            for row in zip(
                held.value_kind[is_hub].tolist(),
                held.value_number[is_hub].tolist(),
                held.holders[is_hub].tolist(),
                strict=True,
            )
        ),
    )


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
    """Of values that several accounts have, or that officers judged."""
    held, values, stand_for = learned.held, said.joined.values, said.joined.stand_for
    joins = (held.value_kind == Kind.FILE) | (held.value_kind == Kind.IP)
    shared = held.value_number[joins & (held.holders >= 2)]
    judged = [*said.standing.never, *said.standing.always]
    of_judged = stand_for[np.isin(values, judged) | np.isin(stand_for, judged)]
    worth = np.isin(stand_for, np.append(shared, of_judged))
    Joined.objects.all().delete()
    copy_rows(
        "nexus_joined",
        ("value_id", "stands_for_id"),
        zip(values[worth].tolist(), stand_for[worth].tolist(), strict=True),
    )
