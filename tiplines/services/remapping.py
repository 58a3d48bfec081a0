"""What a reorganisation would do to the tiplines that await a decision. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from districts.locating import Candidate, locate
from districts.places import Gazetteer
from tiplines.models import Tipline
from tiplines.services.placing import evidence_of
from tiplines.services.rulebook import present_rules

BATCH = 300


@dataclass(frozen=True)
class Moved:
    number: str
    before: str
    after: str
    """Codes of stations, or of a district where none can be named; empty where neither can."""


def moved_tiplines(old: Gazetteer, new: Gazetteer) -> Iterator[Moved]:
    """Undecided tiplines that would get another station, the oldest first."""
    rules, last = present_rules(), 0
    while True:
        due = Tipline.objects.awaiting().filter(located_at__isnull=False, pk__gt=last)
        batch = list(due.only("number").order_by("pk")[:BATCH])
        if not batch:
            return
        evidence = evidence_of(batch)
        for tipline in batch:
            pieces = evidence.get(tipline.pk, [])
            before, after = (
                place_of(locate(pieces, gazetteer, rules).best) for gazetteer in (old, new)
            )
            if before != after:
                yield Moved(tipline.number, before, after)
        last = batch[-1].pk


def place_of(best: Candidate | None) -> str:
    return (best.station_code or best.district_code) if best else ""
