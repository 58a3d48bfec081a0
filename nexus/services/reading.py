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
from nexus.services.standing import Standing, standing
from nexus.similar import leaders_of
from tiplines.models.tipline import Outcome
from tiplines.networks import NetworkKind
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance

KIND_OF: dict[IdentifierKind, Kind] = {
    IdentifierKind.EMAIL: Kind.EMAIL,
    IdentifierKind.PHONE: Kind.PHONE,
    IdentifierKind.DEVICE: Kind.DEVICE,
    IdentifierKind.VEHICLE: Kind.DEVICE,
    IdentifierKind.UPI: Kind.PAYMENT,
    IdentifierKind.PAN: Kind.PAYMENT,
    IdentifierKind.SCREEN_NAME: Kind.SCREEN_NAME,
    IdentifierKind.IP: Kind.IP,
    IdentifierKind.HASH: Kind.FILE,
    IdentifierKind.URL: Kind.URL,
    IdentifierKind.ACCOUNT: Kind.ACCOUNT,
    IdentifierKind.GROUP: Kind.GROUP,
}
INVITES = r"^((t|telegram)\.me|chat\.whatsapp\.com|discord\.gg|discord\.com/invite|signal\.group)/"
"""Web addresses that name a channel or group of people."""
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
SIGHTINGS = """
select s.tipline_id, s.identifier_id, coalesce(s.file_id, 0), s.provenance = %(prose)s
from tiplines_sighting s
where s.links and s.provenance <> %(added)s and s.network <> all(%(nowhere)s)
  and (%(of)s::bigint[] is null or s.tipline_id = any(%(of)s))
  and (%(values)s::bigint[] is null or s.identifier_id = any(%(values)s))
"""
# Apart from the sightings: a join of the two tables takes the database longer than both readings.
IDENTIFIERS = """
select i.id, (case when i.kind = %(url)s and i.value ~ %(invites)s then %(channel)s
   else %(kinds)s::jsonb ->> i.kind end)::int2, coalesce(i.network, 0)
from tiplines_identifier i
where %(of)s::bigint[] is null or i.id = any(%(of)s)
"""
PDQ_HASHES = """
select i.id, w.words[1], w.words[2], w.words[3], w.words[4]
from tiplines_identifier i
cross join lateral (
  select array_agg(('x' || substr(i.value, 5 + 16 * place, 16))::bit(64)::bigint order by place)
  from generate_series(0, 3) place
) w(words)
where i.chunks is not null and i.sealed is null
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
JOINED = "select value_id, stands_for_id from nexus_joined where value_id = any(%(values)s)"


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Identifiers that are one value: hashes of a file, IPv6 addresses of a subscriber."""

    values: Ints
    """Those that have the number of another, which is in `stand_for`."""
    stand_for: Ints


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


@dataclass(frozen=True, kw_only=True)
class Sightings:
    """Values that tiplines name in fields and prose, a row each."""

    tipline: Ints
    value: Ints
    """Keys of identifiers."""
    file: Ints
    """0 where it is not of a file."""
    network: Ints
    """Of the subscriber's network; 0 where it is no IPv6 address."""
    kind: NDArray[np.int16]
    is_prose: NDArray[np.bool_]

    @property
    def may_be_joined(self) -> NDArray[np.bool_]:
        """Whether the value may stand under the number of another."""
        found: NDArray[np.bool_] = (self.kind == Kind.FILE) | (self.network > 0)
        return found


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
    return _said(told, account, seen, _joined(seen, *_copies(seen)), said, of=None)


def read_some(
    tiplines: list[int], *, values: list[int] | None = None, said: Standing | None = None
) -> Said:
    """What these tiplines say, of some identifiers or of all, accounts and files joined as the run
    in force has them.
    """
    seen = sightings(tiplines, values=values)
    may_be = np.unique(seen.value[seen.may_be_joined]).tolist()
    joined = columns(JOINED, ("int8", "int8"), values=may_be)
    told = _tiplines(tiplines)
    tipline = told[0]
    of, first = columns(FOLDED, ("int8", "int8"), of=tiplines)
    account = np.arange(len(tipline))
    account[rows_of(of, tipline)] = rows_of(first, tipline)
    return _said(
        told,
        account,
        seen,
        Joined(values=joined[0], stand_for=joined[1]),
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


def sightings(of: list[int] | None, *, values: list[int] | None = None) -> Sightings:
    """What may tie, of some tiplines and identifiers or of all."""
    kinds = ", ".join(f'"{each.value}": {kind.value}' for each, kind in KIND_OF.items())
    tipline, value, file, is_prose = columns(
        SIGHTINGS,
        ("int8", "int8", "int8", "bool"),
        prose=Provenance.FREE_TEXT.value,
        added=Provenance.NCMEC.value,
        nowhere=[NetworkKind.PRIVATE.value, NetworkKind.RESERVED.value],
        of=of,
        values=values,
    )
    identifier, kind, network = columns(
        IDENTIFIERS,
        ("int8", "int2", "int8"),
        url=IdentifierKind.URL.value,
        invites=INVITES,
        channel=str(Kind.CHANNEL.value),
        kinds=f"{{{kinds}}}",
        of=None if of is None else np.unique(value).tolist(),
    )
    row = rows_of(value, identifier)
    known = np.flatnonzero(row != NO_ROW)  # some came in between the two queries
    return Sightings(
        tipline=tipline[known],
        value=value[known],
        file=file[known],
        network=network[row[known]],
        kind=kind[row[known]],
        is_prose=is_prose[known],
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
    value = _as_joined(seen, joined)
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
    return _least(group[: len(tipline)], np.arange(len(tipline)))


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


def _copies(seen: Sightings) -> tuple[Ints, Ints]:
    """PDQ hashes of suspects' files, and for each of them the hash of which it is a copy."""
    value, *words = columns(PDQ_HASHES, ("int8", "int8", "int8", "int8", "int8"))
    known = np.isin(value, seen.value)
    hashes = np.stack(words, axis=1)[known].astype(np.uint64)
    return value[known], value[known][leaders_of(hashes)]


def _joined(seen: Sightings, copies: Ints, originals: Ints) -> Joined:
    """Hashes by the files that they are of and by what they are copies of, addresses by their
    networks; the least of those that are one value stands for them.
    """
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


def _least_alike(value: Ints, alike: Ints) -> tuple[Ints, Ints]:
    """Values that a chain of equal numbers ties to a lesser one, and the least of each chain."""
    values, value_of = np.unique(value, return_inverse=True)
    numbers, number_of = np.unique(alike, return_inverse=True)
    group = components(value_of, len(values) + number_of, len(values) + len(numbers))
    least = _least(group[: len(values)], values)
    return values[least != values], least[least != values]


def _as_joined(seen: Sightings, joined: Joined) -> Ints:
    """The values, under the numbers of those that stand for them."""
    row = rows_of(seen.value, joined.values)
    known = np.flatnonzero(row != NO_ROW)
    value = seen.value.copy()
    value[known] = joined.stand_for[row[known]]
    return value


def _least(group: Ints, keys: Ints) -> Ints:
    """For each member the least key of its group."""
    least = np.full(int(group.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(least, group, keys)
    return least[group]
