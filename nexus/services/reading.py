"""What tiplines say, out of the database into arrays.

Victims' and reporters' values are not among them (`Sighting.links`), nor what NCMEC's systems
added: it says nothing that a suspect did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from districts.models import District
from districts.reference import states
from nexus.components import components
from nexus.holdings import Ints, Mentions
from nexus.kinds import Kind
from nexus.models import Verdict
from nexus.parting import Verdicts
from nexus.services.columns import NO_ROW, columns, rows_of
from nexus.services.joining import Joined, as_joined, join, joined_before, least_of
from nexus.services.sighting import Sightings, sightings
from nexus.services.standing import Standing, standing
from tiplines.models.tipline import Outcome
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance

STATES_FROM = 1000  # numbers of other States, beside those of Delhi's districts
ONE_ACCOUNT_AT_MOST = 1000
"""Tiplines that name one account of a suspect; what more name is a placeholder, and folds none."""
SECONDS_A_DAY = 86_400
PORTS_A_BLOCK = 1024
"""Operators give each subscriber behind a shared address a block of its ports; this is a common
size (RFC 7422).
"""
NO_KIND = -1  # of what ties nobody

# `of` are keys of tiplines, null for all of them.
TIPLINES = """
select t.id, (extract(epoch from
    coalesce(t.incident_at, t.ncmec_received_at, t.received_at)) / %(day)s)::float8,
  coalesce(case t.outcome
    when %(delhi)s then array_position(%(districts)s::bigint[], t.best_district_id)
    when %(other)s then %(states_from)s - 1 + array_position(%(states)s::text[], t.state_name::text)
  end, -1)::int2,
  t.parent_id is not null or t.prior_reports <> '{}'
from tiplines_tipline t
where %(of)s::bigint[] is null or t.id = any(%(of)s)
order by t.number collate "C"
"""
ACCOUNTS = """
select s.tipline_id, s.identifier_id
from tiplines_sighting s
join tiplines_identifier i on i.id = s.identifier_id
join tiplines_party p on p.id = s.party_id
where i.kind = %(account)s and p.role = %(suspect)s and s.links and s.provenance <> %(added)s
  and s.identifier_id <> all(%(never)s)
"""
# Uses of addresses that may be shared by many, with the block of ports and the minute.
SESSIONS = """
select s.tipline_id, s.identifier_id, (s.port / %(block)s)::int8,
  floor(extract(epoch from s.at) / 60)::int8
from tiplines_sighting s
where s.links and s.provenance <> %(added)s and s.port is not null and s.at is not null
  and s.network in ('', 'cgnat', 'mobile')
  and (%(of)s::bigint[] is null or s.tipline_id = any(%(of)s))
"""
# Names and addresses of suspects, as they sound.
SOUNDS = """
select p.tipline_id, %(name)s::int2, p.sound from tiplines_party p
where p.role = %(suspect)s and p.sound is not null and not p.is_protected
  and (%(of)s::bigint[] is null or p.tipline_id = any(%(of)s))
union all
select a.tipline_id, %(address)s::int2, a.sound from tiplines_address a
join tiplines_party p on p.id = a.party_id
where p.role = %(suspect)s and a.sound is not null and not p.is_protected
  and (%(of)s::bigint[] is null or a.tipline_id = any(%(of)s))
"""
EARLIER = """
select t.id, e.id from tiplines_tipline t
cross join unnest(t.prior_reports) n(number)
join tiplines_tipline e on e.number = n.number and e.id <> t.id
where %(of)s::bigint[] is null or t.id = any(%(of)s)
union
select t.id, t.parent_id from tiplines_tipline t
where t.parent_id is not null and (%(of)s::bigint[] is null or t.id = any(%(of)s))
"""
# Tiplines that officers put together, each with the next of its judgement; a number for each two.
TOGETHER = """
with next as (
  select d.tipline_id, d.id, lead(d.tipline_id) over (
    partition by d.judgement_id order by t.number collate "C"
  ) as other
  from nexus_judged d
  join nexus_judgement j on j.id = d.judgement_id
  join tiplines_tipline t on t.id = d.tipline_id
  where j.verdict = %(together)s and j.ended_at is null
    and (%(of)s::bigint[] is null or d.judgement_id in (
      select mine.judgement_id from nexus_judged mine where mine.tipline_id = any(%(of)s)
    ))
)
select v.tipline_id, next.id from next
cross join lateral (values (tipline_id), (other)) v(tipline_id)
where next.other is not null
  and (%(of)s::bigint[] is null or v.tipline_id = any(%(of)s))
"""
APART = """
select d.judgement_id, d.tipline_id, d.side
from nexus_judged d join nexus_judgement j on j.id = d.judgement_id
where j.verdict = %(apart)s and j.ended_at is null
  and (%(of)s::bigint[] is null or d.tipline_id = any(%(of)s))
"""
FROZEN = """
select m.tipline_id from nexus_membership m
where m.nexus_id = any(%(frozen)s) and m.until is null
  and (%(of)s::bigint[] is null or m.tipline_id = any(%(of)s))
"""
# By an index, whatever the planner believes of tables that were written a moment ago.
SAME_ACCOUNTS = """
with accounts as materialized (
  select distinct f.account_id
  from unnest(%(of)s::bigint[]) v(tipline_id)
  cross join lateral (
    select account_id from nexus_folded f where f.tipline_id = v.tipline_id offset 0
  ) f
)
select f.tipline_id from accounts
cross join lateral (
  select tipline_id from nexus_folded f where f.account_id = accounts.account_id offset 0
) f
"""
FOLDED = "select tipline_id, account_id from nexus_folded where tipline_id = any(%(of)s)"


@dataclass(frozen=True, kw_only=True)
class Said:
    """Mentions, with the keys behind their numbers.

    Numbers of values are keys of identifiers, of a file the least of its hashes, of a subscriber's
    network the least of its addresses; of `REPORT` keys of tiplines, of `NAME` and `ADDRESS` how
    they sound, of `SESSION` a mixture of its parts. The number of an account is the row of its
    first tipline, and rows are in the order of NCMEC's numbers, so that nothing hangs on what came
    in first.
    """

    tiplines: Ints
    """The key for each row of the tiplines."""
    mentions: Mentions
    joined: Joined
    verdicts: Verdicts
    standing: Standing


def with_accounts(tiplines: Iterable[int]) -> list[int]:
    """These tiplines and all others about their accounts."""
    wanted = set(tiplines)
    with connection.cursor() as cursor:
        cursor.execute(SAME_ACCOUNTS, {"of": sorted(wanted)})
        return sorted(wanted | {key for (key,) in cursor.fetchall()})


def read_all() -> Said:
    """Everything that may tie suspects, accounts and files joined anew."""
    said = standing()
    of, account = columns(
        ACCOUNTS,
        ("int8", "int8"),
        account=IdentifierKind.ACCOUNT.value,
        suspect=PartyRole.SUSPECT.value,
        added=Provenance.NCMEC.value,
        never=said.never,
    )
    seen = sightings(None)
    told = _tiplines(None)
    account = _accounts(told[0], of, account)
    return _said(told, account, seen, join(seen), said, of=None)


def read_some(
    tiplines: list[int], *, values: list[int] | None = None, said: Standing | None = None
) -> Said:
    """What these tiplines say, of some identifiers or of all, accounts and files joined as the run
    in force has them.
    """
    seen = sightings(tiplines, values=values)
    told = _tiplines(tiplines)
    tipline = told[0]
    of, first = columns(FOLDED, ("int8", "int8"), of=tiplines)
    account = np.arange(len(tipline))
    account[rows_of(of, tipline)] = rows_of(first, tipline)
    return _said(
        told,
        account,
        seen,
        joined_before(seen),
        said or standing(),
        of=tiplines,
    )


def _tiplines(of: list[int] | None) -> list[NDArray[Any]]:
    """Key, day and district of each, and whether it names an earlier report; by number."""
    return columns(
        TIPLINES,
        ("int8", "float8", "int2", "bool"),
        day=SECONDS_A_DAY,
        delhi=Outcome.DELHI.value,
        other=Outcome.OTHER_STATE.value,
        states_from=STATES_FROM,
        districts=sorted(District.objects.values_list("pk", flat=True)),
        states=sorted({state.name for state in states()}),
        of=of,
    )


def _said(
    tiplines: list[NDArray[Any]],
    account: Ints,
    seen: Sightings,
    joined: Joined,
    said: Standing,
    *,
    of: list[int] | None,
) -> Said:
    tipline, day, district, names_earlier = tiplines
    later = earlier = np.empty(0, np.int64)
    if names_earlier.any():
        naming = None if of is None else tipline[names_earlier].tolist()
        later, earlier = columns(EARLIER, ("int8", "int8"), of=naming)
    of_sound, of_kind, sound = columns(
        SOUNDS,
        ("int8", "int2", "int8"),
        name=Kind.NAME.value,
        address=Kind.ADDRESS.value,
        suspect=PartyRole.SUSPECT.value,
        of=of,
    )
    judged = judgement = np.empty(0, np.int64)
    if Verdict.TOGETHER in said.verdicts:
        judged, judgement = columns(TOGETHER, ("int8", "int8"), together=Verdict.TOGETHER, of=of)
    of_session, session = sessions(of)
    named = np.concatenate((seen.tipline, of_sound, of_session, later, earlier, judged))
    others = len(named) - len(seen.tipline)
    row = rows_of(named, tipline)
    # What came in between two of the queries waits for the next run.
    value = as_joined(seen, joined)
    kind = _as_judged(value, seen.kind, joined, said)
    known = np.flatnonzero((row != NO_ROW) & np.append(kind != NO_KIND, np.ones(others, bool)))
    by_report = known[np.argsort(row[known], kind="stable")]
    kind = np.concatenate(
        (
            kind,
            of_kind,
            np.full(len(session), Kind.SESSION),
            np.full(2 * len(later), Kind.REPORT),
            np.full(len(judged), Kind.JUDGED),
        )
    )
    value = np.concatenate((value, sound, session, earlier, earlier, judgement))
    is_prose = np.append(seen.is_prose, np.zeros(others, bool))
    return Said(
        tiplines=tipline,
        mentions=Mentions(
            report_day=day,
            report_account=account,
            report_district=district,
            report=row[by_report],
            kind=kind[by_report].astype(np.int8),
            value=value[by_report],
            is_prose=is_prose[by_report],
        ),
        joined=joined,
        verdicts=_verdicts(tipline, said, of=of),
        standing=said,
    )


def _as_judged(
    value: Ints, kind: NDArray[np.int16], joined: Joined, said: Standing
) -> NDArray[np.int16]:
    """Kinds, of values that officers trust that of trusted ones, of what ties nobody none; a file
    is judged by any of its hashes, a network by any of its addresses.
    """
    out = kind.copy()
    for values, becomes in ((said.always, Kind.TRUSTED), (said.never, NO_KIND)):
        judged = np.array(values, np.int64)
        roots = joined.stand_for[np.isin(joined.values, judged)]
        out[np.isin(value, np.append(judged, roots))] = becomes
    return out


def _verdicts(tipline: Ints, said: Standing, *, of: list[int] | None) -> Verdicts:
    judgement = apart = frozen = np.empty(0, np.int64)
    side = np.empty(0, np.int16)
    if Verdict.APART in said.verdicts:
        judgement, apart, side = columns(
            APART, ("int8", "int8", "int2"), apart=Verdict.APART, of=of
        )
    if Verdict.FROZEN in said.verdicts:
        (frozen,) = columns(FROZEN, ("int8",), frozen=said.frozen, of=of)
    row, rows = rows_of(apart, tipline), rows_of(frozen, tipline)
    return Verdicts(
        apart=tuple(
            (row[is_of & (side == 0)], row[is_of & (side == 1)])
            for is_of in ((judgement == each) & (row != NO_ROW) for each in np.unique(judgement))
        ),
        frozen=rows[rows != NO_ROW],
    )


def _accounts(tipline: Ints, of: Ints, account: Ints) -> Ints:
    """For each tipline the row of the first that a chain of suspects' accounts ties it to."""
    names, account, tiplines = np.unique(account, return_inverse=True, return_counts=True)
    row = rows_of(of, tipline)
    folds = (row != NO_ROW) & (tiplines[account] <= ONE_ACCOUNT_AT_MOST)
    every = len(tipline) + len(names)
    group = components(row[folds], len(tipline) + account[folds], every)
    return least_of(group[: len(tipline)], np.arange(len(tipline)))


def sessions(of: list[int] | None) -> tuple[Ints, Ints]:
    """Tiplines and the sessions that they name, by address, block of ports and minute."""
    tipline, address, block, minute = columns(
        SESSIONS,
        ("int8", "int8", "int8", "int8"),
        block=PORTS_A_BLOCK,
        added=Provenance.NCMEC.value,
        of=of,
    )
    return tipline, session_numbers(address, block, minute)


def session_numbers(address: Ints, block: Ints, minute: Ints) -> Ints:
    """The same for the same three, and hardly ever for others: 56 bits, well mixed."""
    mixed = np.zeros(len(address), np.uint64)
    for part in (address, block, minute):
        mixed = (mixed ^ part.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    return (mixed >> np.uint64(8)).astype(np.int64)
