"""What a reorganisation would do to places, PINs and the tiplines that await a decision.

Of a proposed one the workers make the version that would come in force and try that; nothing is
changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from districts import relocating
from districts.gazetteer import (
    NoGazetteer,
    gazetteer_of,
    present_gazetteer,
    present_version,
)
from districts.locating import Candidate, locate
from districts.merging import lock
from districts.models import GazetteerVersion
from districts.places import Gazetteer
from districts.reorganising import Opened, Remapped, remapped
from districts.reorganising import Reorganisation as Change
from tiplines.models import Reorganisation, RuleMove, Tipline
from tiplines.services.placing import evidence_of
from tiplines.services.rulebook import present_rules
from tiplines.services.trying import PROGRESS, Side, begin, go_on, next_moves, tell

BATCH = 300


def due() -> QuerySet[Reorganisation]:
    """The proposed one, if it is not tried through by the rules in force."""
    try:
        gazetteer = present_version().number
    except NoGazetteer:
        return Reorganisation.objects.none()
    rules = present_rules().number
    return Reorganisation.objects.due_for_trial(rules=rules, gazetteer=gazetteer)


def try_next(*, at: datetime) -> int:
    """Try the proposed one on the next tiplines, the newest first; return how many there were.

    Safe to run twice.
    """
    with transaction.atomic():
        locked = due().select_for_update(skip_locked=True, of=("self",))
        proposed = locked.select_related("version").first()
        if proposed is None:
            return 0
        rules, chosen = present_rules(), awaiting()
        version = proposed.version or make_version(proposed, at=at)
        if version is None:
            return 0
        old, new = present_gazetteer(), gazetteer_of(version.number)
        begins = proposed.rules_number != rules.number
        if begins:
            begin(proposed, chosen)
            proposed.rules_number, proposed.places = rules.number, preview(old, new)
        keys, moves, stay = next_moves(proposed, chosen, Side(old, rules), Side(new, rules))
        for move in moves:
            move.reorganisation = proposed
        RuleMove.objects.bulk_create(moves)
        tiplines = proposed.places["stay"]["tiplines"]
        proposed.places["stay"]["tiplines"] = Counter(tiplines) + stay
        go_on(proposed, keys, at=at)
        proposed.save(update_fields=["version", "areas", "rules_number", "places", *PROGRESS])
        tell(proposed, f"reorganisation:{proposed.number}", begins=begins, at=at)
    return len(keys)


def awaiting() -> QuerySet[Tipline]:
    """Restricted ones are not among them: they are decided."""
    return Tipline.objects.awaiting().ever_located()


def make_version(proposed: Reorganisation, *, at: datetime) -> GazetteerVersion | None:
    """What would come in force; from now on nothing else is loaded. None if something just was."""
    lock()
    if present_version().number != proposed.base_number:
        return None
    change = Change(
        opens=tuple(opened(each) for each in proposed.opens),
        closes=tuple(proposed.closes),
        areas=proposed.areas or {},
    )
    proposed.version = relocating.hold(
        change,
        back_to=proposed.back_to,
        from_on=proposed.from_on,
        source=proposed.source,
        at=at,
    )
    proposed.areas = None
    return proposed.version


def opened(said: dict[str, Any]) -> Opened:
    return Opened(**said | {"parents": tuple(said["parents"])})


def preview(old: Gazetteer, new: Gazetteer) -> dict[str, Any]:
    """Localities and PINs that move, as name, from, to; by station how many of them stay, and how
    many tiplines, which are counted as they are tried.
    """
    localities, pins = remapped(old, new)
    return {
        "localities": moves_of(localities),
        "pins": moves_of(pins),
        "stay": {"localities": stay_of(localities), "pins": stay_of(pins), "tiplines": {}},
    }


def moves_of(found: Iterable[Remapped]) -> list[tuple[str, str, str]]:
    return [(each.name, each.before, each.after) for each in found if each.moves]


def stay_of(found: Iterable[Remapped]) -> Counter[str]:
    return Counter(each.before for each in found if not each.moves)


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
        batch = list(awaiting().filter(pk__gt=last).only("number").order_by("pk")[:BATCH])
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
