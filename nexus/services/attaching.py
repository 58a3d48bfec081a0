"""Tiplines that came in or changed are put into the groups of the run in force at once.

What a value is worth is what the run learned of it; what it does not know is worth what its kind
is, until the next run. Only the groups that these tiplines touch are made anew, by the same rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection

from nexus.components import chains
from nexus.evidence import NO_IDENTIFIERS
from nexus.holdings import HOLDERS_AT_MOST
from nexus.kinds import KINDS, RELATED_FROM, Kind
from nexus.models import Folded, Run, Tie, Verdict, Worth
from nexus.services.asking import asked, rows
from nexus.services.joining_in import join_in, roots_of, under
from nexus.services.keeping import find, keep
from nexus.services.linking import make_due
from nexus.services.reading import ONE_ACCOUNT_AT_MOST, PORTS_A_BLOCK
from nexus.services.recalling import count_holders, recall
from nexus.services.sighting import Sightings, sightings
from nexus.services.standing import Standing, standing, with_joined
from nexus.services.tying import store_ties
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance

AROUND_AT_MOST = 20_000
"""Accounts whose groups are made anew between runs; what touches more waits for the next run."""

# Who is reported under the accounts of these tiplines, as far as an account can have them.
SAME_ACCOUNT = """
with mine as (
  select distinct s.identifier_id
  from tiplines_sighting s
  join tiplines_identifier i on i.id = s.identifier_id
  join tiplines_party p on p.id = s.party_id
  where s.tipline_id = any(%(of)s) and i.kind = %(account)s and p.role = %(suspect)s
    and s.links and s.provenance <> %(added)s and s.identifier_id <> all(%(never)s)
)
select mine.identifier_id, few.tipline_id, coalesce(f.account_id, few.tipline_id)
from mine
cross join lateral (
  select distinct s.tipline_id
  from tiplines_sighting s
  join tiplines_party p on p.id = s.party_id
  where s.identifier_id = mine.identifier_id and p.role = %(suspect)s
    and s.links and s.provenance <> %(added)s
  limit %(most)s + 1
) few
left join nexus_folded f on f.tipline_id = few.tipline_id
"""
ACCOUNTS_OF = """
select distinct coalesce(f.account_id, v.tipline_id)
from unnest(%(of)s::bigint[]) v(tipline_id)
left join nexus_folded f on f.tipline_id = v.tipline_id
"""
HOLDERS = """
select distinct s.tipline_id from tiplines_sighting s
where s.identifier_id = any(%(values)s) and s.links and s.provenance <> %(added)s
"""
SAME_SESSION = """
select distinct other.tipline_id
from tiplines_sighting own
cross join lateral (
  select s.tipline_id from tiplines_sighting s
  where s.identifier_id = own.identifier_id and s.links and s.provenance <> %(added)s
    and s.port is not null and s.at >= date_trunc('minute', own.at)
    and s.at < date_trunc('minute', own.at) + interval '1 minute'
    and s.port / %(block)s = own.port / %(block)s
    and s.network in ('', 'cgnat', 'mobile')
  limit %(most)s
) other
where own.tipline_id = any(%(of)s) and own.links and own.provenance <> %(added)s
  and own.port is not null and own.at is not null and own.network in ('', 'cgnat', 'mobile')
"""
NUMBERS = "select id, number from tiplines_tipline where id = any(%(of)s)"
FOLDED_AS = "select tipline_id, account_id from nexus_folded where tipline_id = any(%(of)s)"
HUBS = """
select value from nexus_worth
where value = any(%(of)s) and run_id = %(run)s and holders > 0 and chance = 0
  and kind <> all(%(none)s)
"""
NAMED_EACH_OTHER = """
select e.id from tiplines_tipline t
cross join unnest(t.prior_reports) n(number)
join tiplines_tipline e on e.number = n.number
where t.id = any(%(of)s)
union
select later.id from tiplines_tipline later
where later.prior_reports && (
  select array_agg(t.number) from tiplines_tipline t where t.id = any(%(of)s)
)
union
select t.parent_id from tiplines_tipline t where t.id = any(%(of)s) and t.parent_id is not null
union
select t.id from tiplines_tipline t where t.parent_id = any(%(of)s)
union
select d.tipline_id from nexus_judged mine
join nexus_judgement j on j.id = mine.judgement_id
join nexus_judged d on d.judgement_id = j.id
where mine.tipline_id = any(%(of)s) and j.verdict = %(together)s and j.ended_at is null
"""
# Each by an index, whatever the planner believes of tables that were written a moment ago.
IN_ANY_GROUP = """
select v.account from unnest(%(of)s::bigint[]) v(account)
cross join lateral (
  (select from nexus_folded f where f.account_id = v.account limit 1)
  union all
  (select from nexus_membership m where m.tipline_id = v.account and m.until is null limit 1)
  union all
  (select from nexus_tie t where t.run_id = %(run)s and t.first_id = v.account limit 1)
  union all
  (select from nexus_tie t where t.run_id = %(run)s and t.second_id = v.account limit 1)
  limit 1
) any_of
"""
TIED = """
with recursive near(account) as (
  select unnest(%(of)s::bigint[])
  union
  select x.account from near
  cross join lateral (
    select t.second_id as account from nexus_tie t
    where t.run_id = %(run)s and t.first_id = near.account
    union all
    select t.first_id from nexus_tie t where t.run_id = %(run)s and t.second_id = near.account
  ) x
)
select account from near
"""
MEMBERS_WITH = """
with mine as materialized (
  select unnest(%(of)s::bigint[]) as id
  union
  select f.tipline_id from unnest(%(of)s::bigint[]) v(account)
  cross join lateral (
    select tipline_id from nexus_folded f where f.account_id = v.account offset 0
  ) f
), nexuses as materialized (
  select distinct own.nexus_id from mine
  cross join lateral (
    select nexus_id from nexus_membership m
    where m.tipline_id = mine.id and m.until is null offset 0
  ) own
), members as materialized (
  select m.tipline_id from nexuses
  cross join lateral (
    select tipline_id from nexus_membership m
    where m.nexus_id = nexuses.nexus_id and m.until is null offset 0
  ) m
)
select distinct coalesce(f.account_id, members.tipline_id) from members
left join lateral (
  select account_id from nexus_folded f where f.tipline_id = members.tipline_id offset 0
) f on true
"""


def attach(tiplines: list[int], *, at: datetime) -> None:
    """The accounts of these tiplines, what ties them and their groups, made anew; nothing before
    the first run. One writer at a time: the caller holds `linking.LINKS_LOCK`.
    """
    run = Run.objects.order_by("-pk").first()
    if run is None:
        return
    said = standing()
    keys, ended = _fold_in(tiplines, said)
    own = asked(ACCOUNTS_OF, of=tiplines)
    told = sorted({*tiplines, *_folded_under(own)})
    seen = sightings(told)
    moved = _accounts_with(join_in(seen))
    counted = _count(seen, (run, said))
    make_due(_passing_caps(tiplines, seen, counted, (run, said)))
    partners = _partners(told, own, seen, counted, (run, said))
    start = asked(IN_ANY_GROUP, of=own | keys, run=run.pk) | partners | moved | ended
    around = _around(start, run)
    if 0 < len(around) <= AROUND_AT_MOST:
        _regroup(around, ended, (run, said), at=at)


def _passing_caps(
    tiplines: list[int], seen: Sightings, counted: _Counted, by: tuple[Run, Standing]
) -> set[int]:
    """Tiplines whose ties rest on a value that became a hub through these ones. The run in force is
    told that it is one.
    """
    run, said = by
    own = np.flatnonzero(np.isin(seen.tipline, tiplines))
    values, at = np.unique(seen.value[own], return_index=True)
    kind_of = {
        counted.joined.get(value, value): kind
        for value, kind in zip(values.tolist(), seen.kind[own][at].tolist(), strict=True)
    }
    most = {value: KINDS[Kind(kind)].holders_at_most for value, kind in kind_of.items()}
    most |= _trusted(most, said)
    now = counted.holders
    many = [value for value in kind_of if value not in counted.hubs and now[value] > most[value]]
    if not many:
        return set()
    before = count_holders(many, but=tiplines)
    hubs = [
        Worth(
            run=run,
            kind=kind_of[value],
            value=value,
            holders=now[value],
            chance=0,
            beside=0,
            core=[],
        )
        for value in many
        if before[value] <= most[value]
    ]
    Worth.objects.bulk_create(
        hubs,
        update_conflicts=True,
        unique_fields=["run", "kind", "value"],
        update_fields=["holders", "chance"],
    )
    every = with_joined({each.value for each in hubs})
    return asked(HOLDERS, values=every) - set(tiplines) if hubs else set()


def _folded_under(accounts: set[int]) -> set[int]:
    rows = Folded.objects.filter(account__in=accounts)
    return set(rows.values_list("tipline_id", flat=True))


def _fold_in(tiplines: list[int], said: Standing) -> tuple[set[int], set[int]]:
    """Tiplines about one account put under one key, and those apart that no longer name it.

    Returns the keys of all accounts that this may have changed, and those that are keys no more.
    A key stays while its own tipline is of the account: what the run learned goes on under it.
    """
    old = asked(ACCOUNTS_OF, of=tiplines)
    own = {*tiplines, *_folded_under(old)}
    found, others = _chained(own, said)
    is_key = old | others
    numbers = dict(rows(NUMBERS, of={key for chain in found for key in chain}))
    key_of: dict[int, int] = {}
    for chain in found:
        first = min(chain, key=lambda key: (key not in is_key, numbers[key]))
        key_of |= dict.fromkeys(chain, first)
    alone = own - set(key_of)
    Folded.objects.filter(tipline__in=alone).delete()
    for key in sorted(key for key in others if key_of[key] != key):
        Folded.objects.filter(account=key).update(account=key_of[key])
    folded = dict(rows(FOLDED_AS, of=set(key_of)))
    Folded.objects.bulk_create(
        [
            Folded(tipline_id=key, account_id=first)
            for key, first in sorted(key_of.items())
            if folded.get(key) != first
        ],
        update_conflicts=True,
        unique_fields=["tipline"],
        update_fields=["account"],
    )
    ended = {key for key in is_key if key_of.get(key, key) != key}
    return is_key | alone | set(key_of.values()), ended


def _chained(own: set[int], said: Standing) -> tuple[list[set[int]], set[int]]:
    """Which of these tiplines name one account, with the keys of the other accounts that do; and
    those keys.
    """
    told: dict[int, set[int]] = defaultdict(set)
    members: dict[int, int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(
            SAME_ACCOUNT,
            {
                "of": sorted(own),
                "account": IdentifierKind.ACCOUNT.value,
                "suspect": PartyRole.SUSPECT.value,
                "added": Provenance.NCMEC.value,
                "most": ONE_ACCOUNT_AT_MOST,
                "never": said.never,
            },
        )
        for identifier, tipline, account in cursor.fetchall():
            members[identifier] += 1
            told[identifier].add(tipline if tipline in own else account)
    named = [told[each] for each in told if members[each] <= ONE_ACCOUNT_AT_MOST]
    found = chains(named)
    others = {key for chain in found for key in chain} - own
    return found, others


def _accounts_with(values: set[int]) -> set[int]:
    """The accounts that hold these, unless they are too many to group anew before the next run."""
    held = asked(HOLDERS, values=values) if values else set()
    return asked(ACCOUNTS_OF, of=held) if 0 < len(held) <= AROUND_AT_MOST else set()


def _partners(
    tiplines: list[int],
    own: set[int],
    seen: Sightings,
    counted: _Counted,
    by: tuple[Run, Standing],
) -> set[int]:
    """Accounts that more likely than not belong with one of these, and those that these are."""
    run, said = by
    values = _shared(seen, counted, said)
    near = set(tiplines) | asked(NAMED_EACH_OTHER, of=tiplines, together=Verdict.TOGETHER)
    most = KINDS[Kind.SESSION].holders_at_most + 1
    near |= asked(SAME_SESSION, of=tiplines, block=PORTS_A_BLOCK, most=most)
    if values:
        near |= asked(HOLDERS, values=values)
    if len(near) < 2:
        return set()
    recalled = recall(near, values=values, run=run, standing=said)
    tied = recalled.learned.weighed.bits >= RELATED_FROM
    keys, pairs = recalled.accounts, recalled.learned.pairs
    ends = np.stack((keys[pairs.first[tied]], keys[pairs.second[tied]]))
    return set(ends[:, np.isin(ends, list(own)).any(axis=0)].ravel().tolist())


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """How many accounts hold each identifier that some tiplines name, or that is one value with it:
    all that are one value count together.
    """

    holders: dict[int, int]
    """Of a hub one more than any value may have that ties."""
    joined: dict[int, int]
    """What stands for each that is one value with others, itself included."""
    hubs: set[int]
    """That the run in force knows."""


def _count(seen: Sightings, by: tuple[Run, Standing]) -> _Counted:
    run, said = by
    roots = set(roots_of(np.unique(seen.value[seen.may_be_joined]).tolist()).values())
    roots |= set(seen.value[seen.may_be_joined].tolist())
    joined = {}
    if roots:
        joined = under(roots)
        joined |= {root: root for root in set(joined.values())}
    values = {*np.unique(seen.value).tolist(), *joined}
    numbers = {joined.get(value, value) for value in values}
    none = [kind.value for kind in NO_IDENTIFIERS]
    hubs = asked(HUBS, of=numbers, run=run.pk, none=none) - set(said.always)
    counted = dict.fromkeys(hubs, int(HOLDERS_AT_MOST.max()) + 1)
    counted |= count_holders(sorted(numbers - hubs))
    return _Counted(
        holders={value: counted[joined.get(value, value)] for value in values},
        joined=joined,
        hubs={value for value in values if joined.get(value, value) in hubs},
    )


def _shared(seen: Sightings, counted: _Counted, said: Standing) -> list[int]:
    """Identifiers that these tiplines share with others and that are no hubs, with all that are one
    value with them.
    """
    values, at = np.unique(seen.value, return_index=True)
    most = dict(zip(values.tolist(), HOLDERS_AT_MOST[seen.kind[at]].tolist(), strict=True))
    of_root = {counted.joined.get(value, value): many for value, many in most.items()}
    most |= {value: of_root[root] for value, root in counted.joined.items() if root in of_root}
    most |= _trusted(most, said)
    return sorted(value for value in most if 1 < counted.holders[value] <= most[value])


def _trusted(values: Collection[int], said: Standing) -> dict[int, int]:
    """How many may hold each of these that officers trust."""
    trusted = set(said.always) & set(values)
    return dict.fromkeys(trusted, KINDS[Kind.TRUSTED].holders_at_most)


def _around(start: set[int], run: Run) -> set[int]:
    """These accounts, all whom ties lead to, and all members of their groups."""
    around = start
    while True:
        wider = asked(TIED, of=around, run=run.pk)
        wider |= asked(MEMBERS_WITH, of=wider)
        if wider == around:
            return around
        around = wider


def _regroup(around: set[int], ended: set[int], by: tuple[Run, Standing], *, at: datetime) -> None:
    run, said = by
    recalled = recall(around - ended, run=run, standing=said)
    learned = recalled.learned
    Tie.objects.filter(run=run, first__in=around).delete()
    Tie.objects.filter(run=run, second__in=around).delete()
    store_ties(learned, recalled.accounts, run, holders=recalled.holders, core=recalled.core)
    found = find(learned, recalled.report_day, recalled.verdicts)
    keep(found, recalled.tiplines, run, standing=said, at=at, is_all=False)
