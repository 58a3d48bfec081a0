"""What could name a child is covered: rule, without Django.

A report says the same thing in fields and in prose, so each name, identifier and address of a
protected person is looked for in every other text and replaced by that person's label. Where this
goes too far (a suspect who shares the child's surname) the officer loses a word, not the child its
cover. POCSO 23 and 33(7), JJ Act 74, BNS 72.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from tiplines.minors import is_protected
from tiplines.parsing.records import Party, TipReport

COVER = "•••"
PART_AT_LEAST = 3  # letters of a single name that are looked for by themselves
TELLING_FROM = 7  # letters of a whole name that are no part of another word by chance
# Between the words of a secret; what is neither this nor a letter may be a vowel sign of Hindi.
BETWEEN = r"[\s!-/:-@\[-`{-~]"
WORDS = re.compile(rf"{BETWEEN}+")


@dataclass(frozen=True)
class Mask:
    """Replaces what stands in `labels` by its label. An empty mask changes nothing."""

    labels: Mapping[str, str]
    whole: Mapping[str, str] = field(default_factory=dict)
    """Names, folded, that are not looked for in prose: covered where they are the whole value."""

    def text(self, text: str) -> str:
        if len(text) < self.shortest:
            return text
        if (label := self.whole.get(text.strip().casefold())) is not None:
            return label
        squeezed = key_of(text)
        found = [secret for secret in self.secrets if secret.key in squeezed]
        if not found:
            return text
        pattern = "|".join(secret.pattern for secret in found)
        return re.sub(
            pattern,
            lambda match: self.by_key.get(key_of(match.group()), COVER),
            text,
            flags=re.IGNORECASE,
        )

    def covers(self, text: str) -> bool:
        """Whether the text says anything that is to be covered."""
        return self.text(text) != text

    @cached_property
    def shortest(self) -> int:
        """Letters of the shortest thing to be covered; nothing is as short where there is none."""
        lengths = [len(each) for each in (*self.whole, *(secret.key for secret in self.secrets))]
        return max(1, min(lengths)) if lengths else sys.maxsize

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """Each once, the longest first."""
        texts = sorted({text.casefold() for text in self.labels}, key=len, reverse=True)
        return tuple(Secret(text) for text in texts if key_of(text))

    @cached_property
    def by_key(self) -> dict[str, str]:
        return {key_of(text): label for text, label in self.labels.items()}


@dataclass(frozen=True)
class Secret:
    """A text to be found however it is spaced: `Meena Rawat`, `meena.rawat`, `+91 98111-11111`."""

    text: str

    @cached_property
    def key(self) -> str:
        return key_of(self.text)

    @cached_property
    def pattern(self) -> str:
        """A name of several words also inside a longer word: `meenarawat99`."""
        words = [word for word in WORDS.split(self.text) if word]
        pieces = [piece for word in words for piece in (word if word.isdecimal() else [word])]
        found = r"[+@#]?" + rf"{BETWEEN}*".join(map(re.escape, pieces))
        if len(words) > 1 and self.key.isalpha() and len(self.key) >= TELLING_FROM:
            return found
        return rf"(?<![^\W_]){found}(?![^\W_])"


def key_of(text: str) -> str:
    return WORDS.sub("", text).casefold()


@dataclass(frozen=True, kw_only=True)
class Protected:
    """What a report says of one protected person: all of it names that person."""

    position: int
    """Of the party in the report, from 1."""
    label: str
    names: tuple[str, ...]
    texts: tuple[str, ...]
    """Identifiers, addresses and prose: looked for line by line."""
    values: frozenset[tuple[str, str]]
    """Identifiers as kind and value."""


@dataclass(frozen=True)
class Guard:
    """Covers the protected persons of one report in all that it says. True if there are any."""

    persons: tuple[Protected, ...]

    def __bool__(self) -> bool:
        return bool(self.persons)

    @cached_property
    def positions(self) -> frozenset[int]:
        return frozenset(each.position for each in self.persons)

    @cached_property
    def prose(self) -> Mask:
        """For prose: everything that is said of them."""
        return Mask({**self.of_texts, **self.named.labels}, self.single)

    @cached_property
    def named(self) -> Mask:
        """For values that belong to nobody in particular: names and their parts."""
        labels = {
            part: each.label
            for each in self.persons
            for name in each.names
            for part in (*name.split(), name.strip())
            if len(part) >= PART_AT_LEAST
        }
        return Mask(labels, self.single)

    @cached_property
    def others(self) -> Mask:
        """For what belongs to another person: a name of two words, or a name as the whole value.

        A surname alone is that person's own.
        """
        full = {
            name.strip(): each.label
            for each in self.persons
            for name in each.names
            if len(name.split()) > 1
        }
        return Mask(full, {name.strip().casefold(): label for name, label in self.all_names})

    @cached_property
    def values(self) -> frozenset[tuple[str, str]]:
        """Identifiers of the protected persons."""
        return frozenset().union(*(each.values for each in self.persons))

    @property
    def all_names(self) -> list[tuple[str, str]]:
        return [(name, each.label) for each in self.persons for name in each.names if name.strip()]

    @cached_property
    def single(self) -> dict[str, str]:
        """Parts of names, however short: covered where a value says no more."""
        return {part: label for name, label in self.all_names for part in name.casefold().split()}

    @cached_property
    def of_texts(self) -> dict[str, str]:
        return {
            line.strip(): each.label
            for each in self.persons
            for text in each.texts
            for line in text.splitlines()
            if len(line.strip()) >= PART_AT_LEAST
        }


NOBODY = Guard(())


def guard_of(report: TipReport, *, at: datetime) -> Guard:
    """Who is protected in a report about something that happened at `at`."""
    persons = tuple(
        protected(party, position)
        for position, party in enumerate(report.parties, 1)
        if is_protected(role=party.role, age=party.age, date_of_birth=party.date_of_birth, at=at)
    )
    return Guard(persons) if persons else NOBODY


def protected(party: Party, position: int) -> Protected:
    return Protected(
        position=position,
        label=label_of(position),
        names=(party.name, *party.display_names),
        texts=(
            *(text for each in party.mentions for text in texts_of(each.original, each.value)),
            *(each.text for each in party.addresses),
            party.text,
        ),
        values=frozenset((each.kind.value, each.value) for each in party.mentions),
    )


def texts_of(original: str, value: str) -> tuple[str, str, str]:
    """An identifier as it may stand in prose: as written, normalised, and without its company."""
    return original, value, value.partition(":")[2]


def label_of(position: int) -> str:
    """How a covered person stands in a kept text: pages say `Victim 1` or `Minor 2` instead."""
    return f"{COVER}{position}"
