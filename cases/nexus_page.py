"""What the page of a nexus shows: its accounts, what ties them, and what holds it together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import cos, pi, sin

from django.db.models import BigIntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from cases.naming import mask_over
from cases.sounds import sounds_of
from districts.wording import state_words
from nexus.cutting import Edge, Split, players, splits
from nexus.evidence import SharedValue, adding, from_rows
from nexus.kinds import ALERT_FROM, Kind
from nexus.models import Folded, Joined, Judgement, Membership, Nexus, Tie
from nexus.wording import KIND_LABELS, word_added, word_strength
from tiplines.covering import Mask
from tiplines.models import Sighting, Tipline

TIPLINES_AT_MOST = 300
TIES_AT_MOST = 2_000  # that are looked through; the page tells the strongest
TIES_SHOWN = 60
VALUES_SHOWN = 40
JUDGEMENTS_SHOWN = 100
PLAYERS_SHOWN = 3
MONTHS_SHOWN = 24
DRAWN = range(3, 61)  # accounts
RADIUS, MARGIN = 200, 36  # of the drawing


@dataclass(frozen=True, kw_only=True)
class AccountLine:
    """One account, by a number of its own on this page."""

    number: int
    key: int
    tiplines: tuple[Tipline, ...]

    @property
    def first(self) -> Tipline:
        return self.tiplines[0]

    @property
    def where(self) -> str:
        return where_of(self.first)

    @property
    def at(self) -> datetime:
        """When it is first heard of."""
        return min(each.offence_at for each in self.tiplines)


def where_of(tipline: Tipline) -> str:
    """Who holds it; else where it likely belongs, with a question mark."""
    holder = tipline.holder_station or tipline.holder_district
    if holder is not None:
        return holder.local_name
    likely = tipline.best_station or tipline.best_district
    if likely is not None:
        return f"{likely.local_name}?"
    return state_words(tipline.state_name) if tipline.state_name else "–"


@dataclass(frozen=True, kw_only=True)
class EdgeLine:
    one: AccountLine
    other: AccountLine
    bits: float
    values: tuple[tuple[SharedValue, float, str], ...]
    """Each with the bits that it adds and its text, the strongest first."""

    @property
    def strength(self) -> str:
        return word_strength(self.bits)

    @property
    def reasons(self) -> list[str]:
        return [word_added(value, bits, text=text) for value, bits, text in self.values]


@dataclass(frozen=True, kw_only=True)
class ValueLine:
    """A value that ties accounts of the nexus."""

    identifier: int | None
    label: str
    text: str
    here: int
    """Accounts of the nexus that it ties."""
    parts: tuple[int, ...]
    """Accounts of the parts that are left without it; empty where it stays whole."""
    judgement: Judgement | None


@dataclass(frozen=True, kw_only=True)
class PlayerLine:
    account: AccountLine
    tied: int
    """How many others it is tied to."""
    parts: tuple[int, ...]
    """Accounts of the parts that are left without it; empty where the rest stays whole."""


@dataclass(frozen=True, kw_only=True)
class Month:
    first: date
    tiplines: int
    percent: int
    """Of the month with most."""


@dataclass(frozen=True, kw_only=True)
class Node:
    account: AccountLine
    x: float
    y: float
    label_x: float
    label_y: float


@dataclass(frozen=True, kw_only=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    is_strong: bool


@dataclass(frozen=True, kw_only=True)
class Graph:
    size: int
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class NexusSheet:
    nexus: Nexus
    accounts: tuple[AccountLine, ...]
    tiplines: int
    """That the officer may see, be they shown or not."""
    districts: tuple[tuple[str, int], ...]
    providers: tuple[tuple[str, int], ...]
    edges: tuple[EdgeLine, ...]
    edges_in_all: int
    values: tuple[ValueLine, ...]
    values_in_all: int
    graph: Graph | None
    players: tuple[PlayerLine, ...]
    """Accounts that much hangs on; none where something is left out."""
    months: tuple[Month, ...]
    """Of the incidents, those with none left out, the newest first."""
    judgements: tuple[tuple[Judgement, str, str], ...]
    """Of the nexus, its members and their values, each with its reason, covered, and the value."""
    shown: int
    """Tiplines that are looked at; of a larger nexus the first."""
    merged: tuple[Nexus, ...]
    """Nexuses that ended in this one."""

    @property
    def is_whole(self) -> bool:
        """Whether the officer may see all of its members."""
        return self.tiplines == self.nexus.tiplines


def sheet_of(nexus: Nexus, officer: User) -> NexusSheet:
    """Gather the sheet: as many statements, however large the nexus is."""
    members = Membership.objects.filter(nexus=nexus, until=None)
    if nexus.ended_at:
        members = Membership.objects.filter(nexus=nexus, until=nexus.ended_at)
    visible = Tipline.objects.visible_to(officer).filter(pk__in=members.values("tipline"))
    tiplines = list(
        visible.select_related("best_district", "best_station", "holder_district", "holder_station")
        .defer("narrative")
        .order_by("received_at", "pk")[: TIPLINES_AT_MOST + 1]
    )
    in_all = len(tiplines) if len(tiplines) <= TIPLINES_AT_MOST else visible.count()
    accounts = _accounts(tiplines[:TIPLINES_AT_MOST])
    edges, ties_in_all = _edges(accounts, officer)
    is_cut = in_all > TIPLINES_AT_MOST or ties_in_all > len(edges)
    # Where ties or accounts are left out, nothing can be said of what holds it together.
    held = [] if is_cut else splits([line.key for line in accounts], edges)
    values = _values(edges)
    mask = mask_over(tiplines)
    texts = _texts([value for value, _ in values], tiplines, mask)
    by_key = {line.key: line for line in accounts}
    return NexusSheet(
        nexus=nexus,
        accounts=tuple(accounts),
        tiplines=in_all,
        districts=_most(
            district.local_name
            for each in tiplines
            if (district := each.holder_district or each.best_district)
        ),
        providers=_most(each.provider for each in tiplines if each.provider),
        edges=tuple(_edge_line(edge, by_key, texts) for edge in edges[:TIES_SHOWN]),
        edges_in_all=ties_in_all,
        values=tuple(_value_lines(values, held, texts))[:VALUES_SHOWN],
        values_in_all=len(values),
        players=() if is_cut else tuple(_players(by_key, edges)),
        months=tuple(_months(tiplines[:TIPLINES_AT_MOST])),
        graph=_graph(accounts, edges) if len(accounts) in DRAWN else None,
        judgements=tuple(_judgements(nexus, tiplines, mask, officer)),
        shown=min(in_all, TIPLINES_AT_MOST),
        merged=tuple(Nexus.objects.filter(into=nexus).order_by("pk")[:VALUES_SHOWN]),
    )


def by_account(tiplines: Sequence[Tipline]) -> dict[int, list[Tipline]]:
    """Tiplines by the key of their account."""
    keys = dict(Folded.objects.filter(tipline__in=tiplines).values_list("tipline_id", "account_id"))
    of: dict[int, list[Tipline]] = defaultdict(list)
    for each in tiplines:
        of[keys.get(each.pk, each.pk)].append(each)
    return of


def _accounts(tiplines: Sequence[Tipline]) -> list[AccountLine]:
    """Those that are heard of first come first."""
    of = by_account(tiplines).items()
    lines = [AccountLine(number=0, key=key, tiplines=tuple(own)) for key, own in of]
    lines.sort(key=lambda line: line.at)
    return [replace(line, number=number) for number, line in enumerate(lines, 1)]


def _edges(accounts: Sequence[AccountLine], officer: User) -> tuple[list[Edge], int]:
    """The strongest first, with how many there are."""
    keys = [line.key for line in accounts]
    ties = Tie.objects.visible_to(officer).filter(first__in=keys, second__in=keys)
    found = [
        Edge(
            one=tie.first_id,
            other=tie.second_id,
            bits=tie.bits,
            values=tuple(from_rows(tie.evidence)),
        )
        for tie in ties.order_by("-bits", "pk")[: TIES_AT_MOST + 1]
    ]
    return found[:TIES_AT_MOST], len(found) if len(found) <= TIES_AT_MOST else ties.count()


def _values(edges: Iterable[Edge]) -> list[tuple[SharedValue, set[int]]]:
    """Each with the accounts that it ties, those that are worth most in all first."""
    worth: Counter[tuple[Kind, int]] = Counter()
    tied: dict[tuple[Kind, int], set[int]] = defaultdict(set)
    values: dict[tuple[Kind, int], SharedValue] = {}
    for edge in edges:
        for value, bits in adding(edge.values):
            key = value.kind, value.value
            worth[key] += bits  # type: ignore[assignment]
            tied[key] |= {edge.one, edge.other}
            values[key] = value
    return [(values[key], tied[key]) for key, _ in worth.most_common()]


def _texts(
    values: Iterable[SharedValue], tiplines: Sequence[Tipline], mask: Mask
) -> dict[int, str]:
    """What stands in these tiplines, by the number of the value, with whatever is protected
    covered; of what is one value any of them.
    """
    values = list(values)
    keys = {value.value for value in values if value.is_identifier}
    same = Joined.objects.filter(value=OuterRef("identifier")).values("stands_for")
    seen = (
        Sighting.objects.filter(tipline__in=tiplines, links=True)
        .annotate(root=Coalesce(Subquery(same), "identifier_id", output_field=BigIntegerField()))
        .filter(Q(identifier__in=keys) | Q(root__in=keys))
        .order_by("identifier_id", "pk")
        .distinct("identifier_id")
    )
    texts = sounds_of(values, tiplines, mask)
    for pk, root, original in seen.values_list("identifier_id", "root", "original"):
        texts[pk] = mask.text(original)
        texts.setdefault(root, texts[pk])
    return texts


def _value_lines(
    values: Iterable[tuple[SharedValue, set[int]]],
    held: Sequence[Split],
    texts: Mapping[int, str],
) -> Iterable[ValueLine]:
    """Those first without which the nexus falls apart."""
    parts = {(split.kind, split.value): tuple(len(part) for part in split.parts) for split in held}
    values = list(values)
    keys = {value.value for value, _ in values if value.is_identifier}
    said = {
        each.identifier_id: each
        for each in Judgement.objects.standing().filter(identifier__in=keys).select_related("by")
    }
    for value, tied in sorted(values, key=lambda pair: (pair[0].kind, pair[0].value) not in parts):
        identifier = value.value if value.is_identifier else None
        yield ValueLine(
            identifier=identifier,
            label=str(KIND_LABELS[value.kind]),
            text=texts.get(value.value, "") if value.is_told else "",
            here=len(tied),
            parts=parts.get((value.kind, value.value), ()),
            judgement=said.get(identifier) if identifier else None,
        )


def _edge_line(
    edge: Edge, accounts: Mapping[int, AccountLine], texts: Mapping[int, str]
) -> EdgeLine:
    one, other = sorted((accounts[edge.one], accounts[edge.other]), key=lambda line: line.number)
    return EdgeLine(
        one=one,
        other=other,
        bits=edge.bits,
        values=tuple(
            (value, bits, texts.get(value.value, "") if value.is_told else "")
            for value, bits in adding(edge.values)
        ),
    )


def _players(accounts: Mapping[int, AccountLine], edges: Sequence[Edge]) -> Iterable[PlayerLine]:
    for each in players(list(accounts), edges, most=PLAYERS_SHOWN):
        yield PlayerLine(
            account=accounts[each.account],
            tied=each.tied,
            parts=tuple(len(part) for part in each.parts) if len(each.parts) > 1 else (),
        )


def _months(tiplines: Sequence[Tipline]) -> Iterable[Month]:
    firsts = (timezone.localdate(each.offence_at).replace(day=1) for each in tiplines)
    counts = sorted(Counter(firsts).items(), reverse=True)
    most = max((number for _, number in counts), default=1)
    for first, number in counts[:MONTHS_SHOWN]:
        yield Month(first=first, tiplines=number, percent=round(100 * number / most))


def _graph(accounts: Sequence[AccountLine], edges: Sequence[Edge]) -> Graph:
    """Accounts on a circle, each beside whom it is tied to most."""
    ring = _around(accounts, edges)
    places = {}
    nodes = []
    for at, line in enumerate(ring):
        angle = 2 * pi * at / len(ring) - pi / 2
        x, y = (MARGIN + RADIUS * (1 + turn) for turn in (cos(angle), sin(angle)))
        places[line.key] = x, y
        out = 1 + 16 / RADIUS
        nodes.append(
            Node(
                account=line,
                x=round(x, 1),
                y=round(y, 1),
                label_x=round(MARGIN + RADIUS * (1 + out * cos(angle)), 1),
                label_y=round(MARGIN + RADIUS * (1 + out * sin(angle)), 1),
            )
        )
    return Graph(
        size=2 * (RADIUS + MARGIN),
        nodes=tuple(nodes),
        lines=tuple(
            Line(
                x1=round(places[edge.one][0], 1),
                y1=round(places[edge.one][1], 1),
                x2=round(places[edge.other][0], 1),
                y2=round(places[edge.other][1], 1),
                is_strong=edge.bits >= ALERT_FROM,
            )
            for edge in reversed(edges)
        ),
    )


def _around(accounts: Sequence[AccountLine], edges: Sequence[Edge]) -> list[AccountLine]:
    tied: dict[int, Counter[int]] = defaultdict(Counter)
    for edge in edges:
        tied[edge.one][edge.other] = tied[edge.other][edge.one] = int(edge.bits * 100)
    left = {line.key: line for line in accounts}
    ring = [left.pop(accounts[0].key)]
    while left:
        near = tied[ring[-1].key]
        # Of those that are left the one that is tied most to the last; of none, the first.
        key = max(left, key=lambda key: (near[key], -left[key].number))
        ring.append(left.pop(key))
    return ring


def _judgements(
    nexus: Nexus, tiplines: Sequence[Tipline], mask: Mask, officer: User
) -> Iterable[tuple[Judgement, str, str]]:
    values = Sighting.objects.filter(tipline__in=tiplines, links=True).values("identifier")
    about = Q(nexus=nexus) | Q(judged__tipline__in=tiplines) | Q(identifier__in=values)
    found = (
        Judgement.objects.visible_to(officer)
        .filter(about)
        .distinct()
        .select_related("by", "ended_by", "identifier")
        .order_by("-ended_at", "-at", "-pk")[:JUDGEMENTS_SHOWN]
    )
    for each in found:
        value = mask.text(each.identifier.value) if each.identifier else ""
        each.ended_reason = mask.text(each.ended_reason)
        yield each, mask.text(each.reason), value


def _most(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(names).most_common(8))
