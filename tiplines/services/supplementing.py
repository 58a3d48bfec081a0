"""Supplements are tied to the report they add to, whichever of the two comes first.

Tiplines of a batch are locked already. Any other that has to change is taken without waiting:
where an officer or another worker has it at the moment, the tipline of the batch stays due and is
looked at again. So nobody waits here, and nothing is missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q

from tiplines.models import Sighting, Tipline
from tiplines.models.tipline import ENDED
from tiplines.parsing.records import IdentifierKind, PartyRole
from tiplines.services.deciding import put_back
from tiplines.supplements import Told, case_numbers, is_earlier, parent_of

SHARED_AT_MOST = 2_000
"""Sightings of the accounts of a batch that are looked at; more are no account of one person."""
CAME_BACK = (  # for the queue, in English as every reason there
    "A supplement arrived after it had ended and raises its urgency from {before} to {after}."
)


@dataclass(kw_only=True)
class Family:
    """What a batch brought to light."""

    parents: list[Tipline] = field(default_factory=list)
    """Reports outside the batch that are to be judged again, locked."""
    busy: set[int] = field(default_factory=set)
    """Tiplines of the batch whose relative is in other hands: they stay due."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A supplement that gets another parent, or none any more."""

    key: int
    before: int | None
    after: int | None
    via: int
    """The tipline of the batch by which this came to light."""

    @property
    def all(self) -> set[int]:
        return {key for key in (self.key, self.before, self.after) if key is not None}


def tie(batch: Sequence[Tipline]) -> Family:
    """Tie the supplements among, of and to the locked tiplines of a batch.

    A supplement of a supplement belongs to the first report, so that a report that others add to
    never adds to one itself.
    """
    inside = {tipline.pk: tipline for tipline in batch}
    told, parents = tell(batch)
    moves = moves_of(inside, told, parents)
    judged_again = {
        parent: tip.pk
        for tip in batch
        if (parent := tip.parent_id) is not None and parent not in inside
    }
    wanted = {key for move in moves for key in move.all} | judged_again.keys()
    locked = lock(wanted - inside.keys())
    missing = wanted - inside.keys() - locked.keys()
    busy = {move.via for move in moves if move.all & missing}
    busy |= {key for parent, key in judged_again.items() if parent in missing}
    done = [move for move in moves if move.via not in busy]
    store(done)
    for move in done:
        tipline = inside.get(move.key) or locked[move.key]
        tipline.parent_id = move.after
    touched = judged_again.keys() | {key for move in done for key in (move.before, move.after)}
    return Family(parents=[tip for key, tip in locked.items() if key in touched], busy=busy)


def moves_of(
    inside: Mapping[int, Tipline], told: Mapping[int, Told], parents: Mapping[int, int | None]
) -> list[Move]:
    """Every change of parent that the batch gives reason for."""
    chosen = dict(parents)
    via: dict[int, int] = {}
    for key in inside:
        if key in told:
            parent = parent_of(told[key], told.values())
            chosen[key], via[key] = parent.key if parent else None, key
    for key, each in told.items():
        if key not in inside:
            found = parent_of(each, (told[other] for other in inside if other in told))
            present = told.get(parents[key] or 0)
            if found and (present is None or is_earlier(found.number, present.number)):
                chosen[key], via[key] = found.key, found.key
    moved = [
        Move(key=key, before=parents.get(key), after=root(key, chosen), via=via[key])
        for key in via
        if root(key, chosen) != parents.get(key)
    ]
    return moved + followers_of(moved)


def root(key: int, parents: Mapping[int, int | None]) -> int | None:
    """The first report of a chain: numbers fall from link to link, so it ends."""
    found = parents.get(key)
    while found is not None and (above := parents.get(found)) is not None:
        found = above
    return found


def followers_of(moves: Iterable[Move]) -> list[Move]:
    """The supplements of what now is a supplement itself go with it to the first report."""
    by_key = {move.key: move for move in moves if move.after is not None}
    found = Tipline.objects.filter(parent__in=by_key).exclude(pk__in=by_key).only("parent")
    pairs = [(tip.pk, tip.parent_id) for tip in found]
    return [
        Move(key=key, before=parent, after=by_key[parent].after, via=by_key[parent].via)
        for key, parent in pairs
        if parent is not None
    ]


def lock(keys: set[int]) -> dict[int, Tipline]:
    """Those of the tiplines that nobody else has in hand, locked."""
    if not keys:
        return {}
    free = Tipline.objects.filter(pk__in=keys).defer("narrative").order_by("pk")
    return {
        tip.pk: tip for tip in free.select_for_update(skip_locked=True, of=("self",), no_key=True)
    }


def store(moves: Sequence[Move]) -> None:
    """Write the new parents. A supplement stands with its parent, as restricted as it, and in no
    bundle; for the parent it is news.
    """
    if not moves:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update tiplines_tipline t set parent_id = n.parent,"
            " bundle_id = case when n.parent is null then t.bundle_id end,"
            " restricted_case_id = coalesce(p.restricted_case_id, t.restricted_case_id)"
            " from unnest(%s::bigint[], %s::bigint[]) as n(id, parent)"
            " left join tiplines_tipline p on p.id = n.parent where t.id = n.id",
            [[move.key for move in moves], [move.after for move in moves]],
        )
        cursor.execute(
            "update tiplines_tipline p set news_at = greatest(p.news_at, c.received_at)"
            " from tiplines_tipline c where c.id = any(%s) and p.id = c.parent_id",
            [[move.key for move in moves]],
        )


# --- What the batch and its possible relatives say ------------------------------------------------

Row = tuple[int, str, str, list[str], int | None]
COLUMNS = ("pk", "number", "provider_key", "prior_reports", "parent_id")
NAMED = """
select p.id, p.number, p.provider_key, p.prior_reports, p.parent_id
from tiplines_tipline p where p.number = any(%(named)s)
union
select c.id, c.number, c.provider_key, c.prior_reports, c.parent_id
from tiplines_tipline c where c.prior_reports && %(numbers)s::varchar[]
"""


def tell(batch: Sequence[Tipline]) -> tuple[dict[int, Told], dict[int, int | None]]:
    """What the rule needs of the batch and of all that may belong to it, and the present parents.

    Tiplines of the batch that have no relatives at all are left out.
    """
    named = [number for tipline in batch for number in tipline.prior_reports]
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"named": named, "numbers": [tip.number for tip in batch]})
        rows = {row[0]: row for row in cursor.fetchall()}
    stated, accounts = stated_by(batch)
    asked_for = {
        number for _key, _number, _provider, priors, _parent in rows.values() for number in priors
    }
    rows |= {
        tip.pk: (tip.pk, tip.number, tip.provider_key, tip.prior_reports, tip.parent_id)
        for tip in batch
        if tip.prior_reports or tip.parent_id or tip.number in asked_for
    }
    rows |= rows_of(stated.keys() - rows.keys())
    rows |= rows_of({parent for *_, parent in rows.values() if parent} - rows.keys())
    told = {
        key: Told(
            key=key,
            number=number,
            provider_key=provider,
            prior_reports=frozenset(priors),
            case_numbers=stated.get(key, frozenset()),
            accounts=accounts.get(key, frozenset()),
        )
        for key, number, provider, priors, _parent in rows.values()
    }
    return told, {key: parent for key, *_, parent in rows.values()}


def rows_of(keys: set[int]) -> dict[int, Row]:
    """The same columns of these tiplines; no statement where there are none."""
    if not keys:
        return {}
    found = Tipline.objects.filter(pk__in=keys)
    return {row[0]: row for row in found.values_list(*COLUMNS)}


def stated_by(
    batch: Sequence[Tipline],
) -> tuple[dict[int, frozenset[str]], dict[int, frozenset[int]]]:
    """The companies' case numbers and the suspects' accounts, of the tiplines of a batch whose text
    states such a number and of those that share an account with them.
    """
    stated = numbers_in(Q(pk__in=[tip.pk for tip in batch]))
    if not stated:
        return {}, {}
    suspects = Sighting.objects.filter(
        identifier__kind=IdentifierKind.ACCOUNT, party__role=PartyRole.SUSPECT
    )
    own = suspects.filter(tipline__in=stated).values("identifier")
    shared = list(
        suspects.filter(identifier__in=own)
        .order_by("-pk")
        .values_list("tipline_id", "identifier_id")[:SHARED_AT_MOST]
    )
    stated |= numbers_in(Q(pk__in={key for key, _account in shared} - stated.keys()))
    accounts: dict[int, set[int]] = defaultdict(set)
    for key, account in shared:
        if key in stated:
            accounts[key].add(account)
    return stated, {key: frozenset(each) for key, each in accounts.items()}


def numbers_in(chosen: Q) -> dict[int, frozenset[str]]:
    """The companies' case numbers in the texts of these tiplines; those without are left out."""
    rows = Tipline.objects.filter(chosen, narrative__icontains="case").values_list(
        "pk", "narrative", "police_reference"
    )
    found = {key: case_numbers(text, not_these=police) for key, text, police in rows}
    return {key: numbers for key, numbers in found.items() if numbers}


# --- What a supplement does to its parent ---------------------------------------------------------


def wake(
    parents: Iterable[Tipline], before: Mapping[int, int], alone: Mapping[int, int], *, at: datetime
) -> None:
    """Put ended parents back into the queue whose urgency rose by what their supplements say.

    `before` is the urgency each was decided with, `alone` the one it has without its supplements.
    One that is held stays with its holder, who is told on the desk.
    """
    for parent in parents:
        raised = max(before[parent.pk], alone[parent.pk])
        if parent.status in ENDED and parent.urgency > raised:
            put_back(
                {parent.pk},
                came_back=CAME_BACK.format(before=before[parent.pk], after=parent.urgency),
                verb="tipline.reopened",
                by=None,
                at=at,
            )
