"""A report may name thousands of files and addresses: its page shows them part by part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Case, Q, Value, When

from tiplines.models import FileRecord, Sighting, Tipline

FILES_A_PART = 100
SIGHTINGS_A_PART = 200
SIGHTINGS_AT_MOST = 10_000  # read for one page; beyond it the source of the report has them
PART_DIGITS = 6
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Part:
    """Which rows of a longer list are shown."""

    number: int
    """From 1."""
    size: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.last < self.total else None

    def of(self, rows: Sequence[T]) -> Sequence[T]:
        return rows[self.first - 1 : self.last]


def part_of(asked: str, *, size: int, total: int) -> Part:
    """The part whose number a request names; the first, or the last there is, for any other."""
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= PART_DIGITS
    last = max(1, -(-total // size))
    return Part(number=min(max(1, int(asked)), last) if is_number else 1, size=size, total=total)


def sightings_of(
    tipline: Tipline, protected: Iterable[int], files: Iterable[FileRecord]
) -> list[Sighting]:
    """Those of the parties, of the incident and of these files, in the order of the report.

    What is known of a protected party comes whatever the number: it is to be covered everywhere.
    """
    rank = Case(When(party__in=list(protected), then=Value(0)), default=Value(1))
    found = tipline.sightings.filter(Q(file__isnull=True) | Q(file__in=list(files)))
    return sorted(
        found.select_related("identifier").order_by(rank, "pk")[:SIGHTINGS_AT_MOST],
        key=lambda seen: seen.pk,
    )


def shown_of(sightings: Sequence[Sighting], asked: str) -> tuple[Part, list[Sighting]]:
    """The part of the parties' and the incident's sightings that is asked for, with the files'."""
    others = [seen for seen in sightings if seen.file_id is None]
    part = part_of(asked, size=SIGHTINGS_A_PART, total=len(others))
    return part, [*part.of(others), *(seen for seen in sightings if seen.file_id is not None)]
