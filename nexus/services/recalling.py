"""What the run in force says of some tiplines: their accounts weighed as all were, in small."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from django.db import connection

from nexus.calibrating import Learned
from nexus.evidence import NO_IDENTIFIERS
from nexus.holdings import HOLDERS_AT_MOST, Days, Holdings, Ints, Mentions, fold, pairs_of
from nexus.kinds import KINDS, Kind
from nexus.models import Folded, Run, Worth
from nexus.parting import Verdicts
from nexus.services.reading import read_some, with_accounts
from nexus.services.standing import Standing
from nexus.weighing import MOST_CHANCE, Calibration, weigh
from tiplines.parsing.records import Provenance

# Of a value that more tiplines name than a hub has holders, that many are counted. What is one
# value with it counts as it.
HOLDERS = """
select v.value, case when h.tiplines = %(most)s then h.tiplines else h.accounts end
from unnest(%(values)s::bigint[]) v(value)
cross join lateral (
  select count(*) as tiplines, count(distinct coalesce(f.account_id, few.tipline_id)) as accounts
  from (
    select distinct s.tipline_id
    from (
      select v.value
      union all
      select j.value_id from nexus_joined j where j.stands_for_id = v.value
    ) same
    join tiplines_sighting s on s.identifier_id = same.value
    where s.links and s.provenance <> %(added)s and s.tipline_id <> all(%(but)s)
    limit %(most)s
  ) few
  left join nexus_folded f on f.tipline_id = few.tipline_id
) h
"""


class NoRunYetError(Exception):
    """Nothing has been learned yet: `manage.py nexus_rebuild` does it."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one value."""

    holders: int
    """Accounts among all tiplines."""
    chance: float
    beside: float = 1.0
    core: frozenset[int] = frozenset()
    """Accounts, by their first tiplines."""


@dataclass(frozen=True, kw_only=True)
class Recalled:
    run: Run
    tiplines: Ints
    """The key for each row of tiplines of what was learned."""
    report_day: Days
    learned: Learned
    """Of these accounts alone, with what all tiplines say about values."""
    holders: Ints
    """Accounts that hold each value of what was learned, among all tiplines."""
    core: Ints
    """How many of them other values tie together."""
    verdicts: Verdicts

    @property
    def accounts(self) -> Ints:
        """The key of each account: of its first tipline."""
        return self.tiplines[self.learned.held.account_number]


def recall(
    tiplines: Iterable[int],
    *,
    values: list[int] | None = None,
    run: Run | None = None,
    standing: Standing | None = None,
) -> Recalled:
    """The accounts of these tiplines, with all their other tiplines, and what they share: of some
    identifiers or of all. Raises NoRunYetError.
    """
    run = run or Run.objects.order_by("-pk").first()
    if run is None:
        raise NoRunYetError
    said = read_some(with_accounts(tiplines), values=values, said=standing)
    held = fold(said.mentions)
    known = _known(run, held)
    hubs = [value for value, of in known.items() if of.holders > KINDS[value[0]].holders_at_most]
    if hubs:
        held = fold(_without(said.mentions, hubs))
    kinds = map(Kind, held.value_kind.tolist())
    unshared = Known(holders=1, chance=0.0)
    of_value = [
        known.get(value, unshared) for value in zip(kinds, held.value_number.tolist(), strict=True)
    ]
    by = _calibration(run, held, said.tiplines, of_value)
    pairs = pairs_of(held)
    learned = Learned(held=held, pairs=pairs, calibration=by, weighed=weigh(pairs, held, by))
    return Recalled(
        run=run,
        tiplines=said.tiplines,
        report_day=said.mentions.report_day,
        learned=learned,
        holders=np.array([of.holders for of in of_value], np.int64),
        core=np.array([len(of.core) for of in of_value], np.int64),
        verdicts=said.verdicts,
    )


def _known(run: Run, held: Holdings) -> dict[tuple[Kind, int], Known]:
    """By what the run learned; a value that nobody shared then, by what its kind is worth."""
    shared = np.flatnonzero(held.holders >= 2)
    numbers = held.value_number[shared].tolist()
    values = list(zip(map(Kind, held.value_kind[shared].tolist()), numbers, strict=True))
    learned = list(Worth.objects.filter(run=run, value__in=numbers))
    members = {account for each in learned for account in each.core}
    now = dict(Folded.objects.filter(tipline__in=members).values_list("tipline_id", "account_id"))
    known = {
        (Kind(each.kind), each.value): Known(
            holders=each.holders,
            chance=each.chance,
            beside=each.beside,
            core=frozenset(now.get(account, account) for account in each.core),
        )
        for each in learned
    }
    fresh = [value for value in values if value not in known]
    counts = count_holders([number for kind, number in fresh if kind not in NO_IDENTIFIERS])
    for kind, number in fresh:
        rule = KINDS[kind]
        # A name that the run does not know is a hub's, or came in since: it waits for the next run.
        # Of a session nobody is known to be one.
        is_few = rule.is_certain or kind is Kind.SESSION
        unknown = 2 if is_few else rule.holders_at_most + 1
        chance = MOST_CHANCE if rule.is_certain else rule.chance
        known[kind, number] = Known(holders=counts.get(number, unknown), chance=chance)
    return {value: known[value] for value in values}


def count_holders(numbers: list[int], *, but: Iterable[int] = ()) -> dict[int, int]:
    """Accounts that hold each identifier, or one that stands under its number, by other tiplines
    than some, counted no further than a hub needs.
    """
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            HOLDERS,
            {
                "values": numbers,
                "but": sorted(but),
                "added": Provenance.NCMEC.value,
                "most": int(HOLDERS_AT_MOST.max()) + 1,
            },
        )
        return dict(cursor.fetchall())


def _without(mentions: Mentions, hubs: list[tuple[Kind, int]]) -> Mentions:
    is_hub = np.zeros(len(mentions.value), bool)
    for kind, number in hubs:
        is_hub |= (mentions.kind == kind) & (mentions.value == number)
    return replace(
        mentions,
        report=mentions.report[~is_hub],
        kind=mentions.kind[~is_hub],
        value=mentions.value[~is_hub],
        is_prose=mentions.is_prose[~is_hub],
    )


def _calibration(run: Run, held: Holdings, tiplines: Ints, of_value: list[Known]) -> Calibration:
    accounts = tiplines[held.account_number[held.account]].tolist()
    in_core = [
        account in of_value[value].core
        for account, value in zip(accounts, held.value.tolist(), strict=True)
    ]
    return Calibration(
        accounts=run.accounts,
        chance=np.array([of.chance for of in of_value]),
        beside=np.array([of.beside for of in of_value]),
        in_core=np.array(in_core, bool),
        ip_bits=np.array(run.ip_bits),
        gap_bits=np.array(run.gap_bits),
        district_bits=np.array(run.district_bits),
    )
