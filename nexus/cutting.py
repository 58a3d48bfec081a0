"""Which single value, and which accounts, hold a group together: without them it falls apart. No
Django, no arrays: for pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from .evidence import SharedValue, added
from .kinds import RELATED_FROM, Kind


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A tie of two accounts of the group."""

    one: int
    other: int
    bits: float
    values: tuple[SharedValue, ...]

    def bits_without(self, kind: Kind, value: int) -> float:
        """At most: time and district may count for less then."""
        rest = [each for each in self.values if (each.kind, each.value) != (kind, value)]
        if len(rest) == len(self.values):
            return self.bits
        return self.bits - added(self.values) + added(rest)


@dataclass(frozen=True, kw_only=True)
class Split:
    """A value, and the accounts of the parts that are left without it, the largest first."""

    kind: Kind
    value: int
    parts: tuple[frozenset[int], ...]


def splits(accounts: Collection[int], edges: Sequence[Edge]) -> list[Split]:
    """Values without which these accounts are no longer one group, those that take away most first.

    Only a value on a tie of the strongest tree that spans the group can be one.
    """
    whole = parts_of(accounts, edges)
    holding: dict[tuple[Kind, int], list[int]] = defaultdict(list)
    for at, edge in enumerate(edges):
        for each in edge.values:
            holding[each.kind, each.value].append(at)
    found = []
    for kind, value in _candidates(edges):
        gone = {
            at for at in holding[kind, value] if edges[at].bits_without(kind, value) < RELATED_FROM
        }
        parts = parts_of(accounts, (edge for at, edge in enumerate(edges) if at not in gone))
        if len(parts) > len(whole):
            found.append(Split(kind=kind, value=value, parts=tuple(parts)))
    return sorted(found, key=lambda split: (len(split.parts[0]), split.kind, split.value))


@dataclass(frozen=True, kw_only=True)
class Player:
    """An account that much of a group hangs on."""

    account: int
    tied: int
    """How many others it is tied to."""
    parts: tuple[frozenset[int], ...]
    """What is left without it of all whom ties lead to from it, the largest first; one part where
    that stays whole.
    """


PLAYERS_AMONG = 60  # accounts tied to most, of which each is left out in turn


def players(accounts: Collection[int], edges: Sequence[Edge], *, most: int) -> list[Player]:
    """The accounts on which most hangs: those first without which most others are cut off from the
    largest part, then those that are tied to most. None in a group of two, nor one that is tied to
    less than two others.
    """
    tied: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        tied[edge.one].add(edge.other)
        tied[edge.other].add(edge.one)
    able = sorted(
        (key for key in tied if len(tied[key]) > 1), key=lambda key: (-len(tied[key]), key)
    )
    found = []
    part_of = {key: part for part in parts_of(accounts, edges) for key in part}
    for key in able[:PLAYERS_AMONG]:
        rest = part_of[key] - {key}
        parts = parts_of(rest, (edge for edge in edges if key not in (edge.one, edge.other)))
        found.append(Player(account=key, tied=len(tied[key]), parts=tuple(parts)))
    cut_off = {each.account: len(part_of[each.account]) - 1 - len(each.parts[0]) for each in found}
    found.sort(key=lambda each: (-cut_off[each.account], -each.tied, each.account))
    return found[:most]


def parts_of(accounts: Collection[int], edges: Iterable[Edge]) -> list[frozenset[int]]:
    """What ties connect, the largest first."""
    root = _Roots()
    for edge in edges:
        root.join(edge.one, edge.other)
    parts: dict[int, set[int]] = defaultdict(set)
    for account in accounts:
        parts[root.of(account)].add(account)
    return sorted(map(frozenset, parts.values()), key=lambda part: (-len(part), min(part)))


def _candidates(edges: Sequence[Edge]) -> list[tuple[Kind, int]]:
    root, found = _Roots(), set()
    for edge in sorted(edges, key=lambda edge: -edge.bits):
        if root.of(edge.one) == root.of(edge.other):
            continue
        root.join(edge.one, edge.other)
        found |= {
            (each.kind, each.value)
            for each in edge.values
            if each.is_identifier and edge.bits_without(each.kind, each.value) < RELATED_FROM
        }
    return sorted(found)


class _Roots:
    """Union and find."""

    def __init__(self) -> None:
        self.up: dict[int, int] = {}

    def of(self, node: int) -> int:
        while (above := self.up.get(node, node)) != node:
            self.up[node] = self.up.get(above, above)
            node = above
        return node

    def join(self, one: int, other: int) -> None:
        self.up[self.of(one)] = self.of(other)
