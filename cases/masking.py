"""A source as a page shows it, with what could name a child covered: rule, without Django.

Two ways, because a report says the same thing in fields and in prose. By place: everything below
a key of the source that is about a victim is covered. By value: as `tiplines.covering` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tiplines.covering import COVER, Mask

NODES_AT_MOST = 3_000  # of a source; a page of more would not be read
TEXT_AT_MOST = 4_000  # characters of one value of a source

# Keys that hold the word but speak about the suspect.
ABOUT_OTHERS = ("relationshipto", "accessto")


@dataclass(frozen=True)
class Node:
    """One value of a source, or the values below a name."""

    name: str
    value: str = ""
    children: tuple[Node, ...] = ()
    is_covered: bool = False


class Budget:
    def __init__(self, left: int) -> None:
        self.left = left


def tree(source: Any, mask: Mask) -> tuple[tuple[Node, ...], bool]:
    """A source as nodes to show, covered, and whether some were left out for their number."""
    budget = Budget(NODES_AT_MOST)
    nodes = tuple(below("", source, mask, covered=False, budget=budget))
    return nodes, budget.left <= 0


def below(name: str, value: Any, mask: Mask, *, covered: bool, budget: Budget) -> Iterator[Node]:
    entries: Iterable[tuple[str, Any]]
    if isinstance(value, Mapping):
        entries = value.items()
    elif isinstance(value, list):
        entries = ((f"{name} {place}".strip(), each) for place, each in enumerate(value, 1))
    else:
        entries = [(name, value)]
    for key, each in entries:
        if budget.left <= 0:
            return
        budget.left -= 1
        hidden = covered or is_about_a_victim(key)
        if isinstance(each, (Mapping, list)):
            children = tuple(below(key, each, mask, covered=hidden, budget=budget))
            yield Node(mask.text(key), children=children)
        elif each is None or each == "":
            yield Node(mask.text(key))
        elif hidden:
            yield Node(mask.text(key), COVER, is_covered=True)
        else:
            yield Node(mask.text(key), mask.text(str(each)[:TEXT_AT_MOST]))


def is_about_a_victim(key: str) -> bool:
    folded = key.casefold()
    return ("victim" in folded or folded.startswith("child")) and not folded.startswith(
        ABOUT_OTHERS
    )
