"""What could name a child is covered before it reaches a page: rule, without Django.

Two ways, because a report says the same thing in fields and in prose. By place: everything below
a key of the source that is about a victim is covered. By value: each name, identifier and address
of a protected party is looked for in every other text and replaced by that party's label. Where
the two go too far (a suspect who shares the child's surname) the officer loses a word, not the
child its cover. POCSO 23 and 33(7), JJ Act 74, BNS 72.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

COVER = "•••"
PART_AT_LEAST = 3  # letters of a single name that are looked for by themselves
NODES_AT_MOST = 3_000  # of a source; a page of more would not be read
TEXT_AT_MOST = 4_000  # characters of one value of a source

# Keys that hold the word but speak about the suspect.
ABOUT_OTHERS = ("relationshipto", "accessto")


@dataclass(frozen=True)
class Mask:
    """Replaces what stands in `labels` by its label. An empty mask changes nothing."""

    labels: Mapping[str, str]
    whole: Mapping[str, str] = field(default_factory=dict)
    """Parts of names, folded, too short to be looked for in prose: covered as a whole value."""

    def text(self, text: str) -> str:
        if not self.labels or not text:
            return text
        if (label := self.whole.get(text.strip().casefold())) is not None:
            return label
        folded = {secret.casefold(): label for secret, label in self.labels.items()}
        longest_first = sorted(folded, key=len, reverse=True)
        pattern = "|".join(re.escape(secret) for secret in longest_first)
        return re.sub(
            rf"(?<!\w)(?:{pattern})(?!\w)",
            lambda match: folded.get(match.group().casefold(), COVER),
            text,
            flags=re.IGNORECASE,
        )


def secrets_of(
    *, names: Iterable[str], values: Iterable[str], label: str
) -> Iterator[tuple[str, str]]:
    """What a text must not say of one protected party: names, their parts, and whole values."""
    for name in names:
        if name.strip():
            yield name.strip(), label
            for part in name.split():
                if len(part) >= PART_AT_LEAST:
                    yield part, label
    for value in values:
        for line in value.splitlines():
            if len(line.strip()) >= PART_AT_LEAST:
                yield line.strip(), label


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
