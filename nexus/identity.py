"""Which new groups go on under which old numbers, and what became of the others. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .holdings import Ints

NONE = -1


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Members that an old nexus and a new group have in common."""

    old: int
    group: int
    members: int


@dataclass(frozen=True, kw_only=True)
class Identity:
    kept: dict[int, int]
    """New group to the old number that it goes on under; the others are new."""
    merged: tuple[Overlap, ...]
    """Old nexuses that end, with the group that has most of those members that are in any."""
    left: tuple[Overlap, ...]
    """Members that went from an old nexus to a group of another number, where it did not end."""
    dissolved: tuple[int, ...]
    """Old nexuses of whose members none is in any group."""


def identify(group: Ints, old: Ints) -> Identity:
    """Numbers for new groups, from a row for each member: its new group and its old nexus or NONE.

    A number goes to one group and a group has one: they are given away by how many members both
    have in common, the most first, of equally many the older number first.
    """
    overlaps = sorted(_overlaps(group, old), key=lambda o: (-o.members, o.old, o.group))
    kept: dict[int, int] = {}
    given: set[int] = set()
    for overlap in overlaps:
        if overlap.group not in kept and overlap.old not in given:
            kept[overlap.group] = overlap.old
            given.add(overlap.old)
    moved = [overlap for overlap in overlaps if kept.get(overlap.group) != overlap.old]
    merged: dict[int, Overlap] = {}
    left: list[Overlap] = []
    for overlap in moved:
        if overlap.old in given or overlap.old in merged:
            left.append(overlap)
        else:
            merged[overlap.old] = overlap
    found = {overlap.old for overlap in overlaps}
    return Identity(
        kept=kept,
        merged=tuple(merged.values()),
        left=tuple(left),
        dissolved=tuple(sorted(set(old[old != NONE].tolist()) - found)),
    )


def _overlaps(group: Ints, old: Ints) -> Iterator[Overlap]:
    both = (group != NONE) & (old != NONE)
    width = int(old.max(initial=0)) + 1
    cells, members = np.unique(group[both] * width + old[both], return_counts=True)
    for cell, count in zip(cells.tolist(), members.tolist(), strict=True):
        yield Overlap(old=cell % width, group=cell // width, members=count)
