"""Proposed rules are tried on past tiplines: which would get another answer than by those in force.

Both are given from the evidence that the tipline now holds, by the gazetteer in force, so that what
differs is due to the rules alone. The row of the proposal says how far the trial is: whoever is
killed in the middle has lost one batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from audit.services import record
from districts.answering import answer_of
from districts.evidence import Evidence
from districts.gazetteer import NoGazetteer, present_gazetteer, present_version
from districts.locating import locate
from districts.models import PoliceStation
from districts.places import Gazetteer
from districts.registering import Assigned
from districts.rules import Rules
from tiplines.models import Reorganisation, RuleMove, RuleSet, Tipline
from tiplines.models.ruling import Proposed
from tiplines.services.placing import evidence_of
from tiplines.services.rulebook import rules_of

BATCH = 300
PROGRESS = ("next_key", "total", "done", "replayed_at")


@dataclass(frozen=True)
class Side:
    """By what a tipline is answered."""

    gazetteer: Gazetteer
    rules: Rules


def try_next(*, at: datetime) -> int:
    """Try the waiting rules on the next tiplines, the newest first; return how many there were.

    Safe to run twice.
    """
    with transaction.atomic():
        proposed = due().select_for_update(skip_locked=True, of=("self",)).first()
        if proposed is None:
            return 0
        gazetteer = present_gazetteer()
        begins = proposed.gazetteer_version != gazetteer.version
        if begins:
            proposed.gazetteer_version = gazetteer.version
            begin(proposed, of_period(proposed))
        old, new = Side(gazetteer, rules_of(proposed.base_number)), Side(gazetteer, proposed.rules)
        keys, moves, _stay = next_moves(proposed, of_period(proposed), old, new)
        for move in moves:
            move.rule_set = proposed
        RuleMove.objects.bulk_create(moves)
        go_on(proposed, keys, at=at)
        proposed.save(update_fields=["gazetteer_version", *PROGRESS])
        tell(proposed, f"rules:{proposed.number}", begins=begins, at=at)
    return len(keys)


def due() -> QuerySet[RuleSet]:
    """The waiting rules that are not tried through by the gazetteer in force."""
    try:
        version = present_version().number
    except NoGazetteer:
        return RuleSet.objects.none()
    return RuleSet.objects.due_for_trial(gazetteer=version)


def of_period(proposed: RuleSet) -> QuerySet[Tipline]:
    """All located ones received in the period. Restricted ones are left out: no count tells of
    them, and they are decided.
    """
    return Tipline.objects.ever_located().filter(
        restricted_case__isnull=True,
        received_at__gte=proposed.period_from,
        received_at__lt=proposed.period_until,
    )


def begin(proposed: RuleSet | Reorganisation, chosen: QuerySet[Tipline]) -> None:
    """From the start, also where a trial by something else was under way."""
    proposed.moves.all().delete()
    newest = chosen.aggregate(newest=Max("pk"))["newest"] or 0
    proposed.next_key = newest + 1
    proposed.total = chosen.count()
    proposed.done = 0
    proposed.replayed_at = None


def next_moves(
    proposed: Proposed, chosen: QuerySet[Tipline], old: Side, new: Side
) -> tuple[list[int], list[RuleMove], Counter[str]]:
    """The keys of the next batch, what of it moves, and how many stay with each station."""
    due = chosen.filter(pk__lt=proposed.next_key).order_by("-pk")
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    evidence = evidence_of(Tipline.objects.filter(pk__in=keys).only("pk"))
    cyber = cyber_stations()
    moves, stay = [], Counter[str]()
    for pk in keys:
        before, after = (effect_of(evidence.get(pk, []), side, cyber) for side in (old, new))
        parts = [part for part in RuleMove.Part.values if before[part] != after[part]]
        if parts:
            moves.append(RuleMove(tipline_id=pk, before=before, after=after, parts=parts))
        if RuleMove.Part.STATION.value not in parts:
            stay[before[RuleMove.Part.STATION.value]] += 1
    return keys, moves, stay


def go_on(proposed: Proposed, keys: Sequence[int], *, at: datetime) -> None:
    proposed.done += len(keys)
    if keys:
        proposed.next_key = keys[-1]
    if len(keys) < BATCH:
        # What was located meanwhile was counted at the beginning, or was not.
        proposed.total, proposed.replayed_at = proposed.done, at


def tell(proposed: Proposed, subject: str, *, begins: bool, at: datetime) -> None:
    """When a trial begins, and when it is through."""
    verb = subject.partition(":")[0]
    if proposed.replayed_at is not None:
        record(verb=f"{verb}.tried", subject=subject, actor=None, at=at)
    elif begins:
        record(verb=f"{verb}.trial-begun", subject=subject, actor=None, at=at)


def effect_of(evidence: Sequence[Evidence], side: Side, cyber: Mapping[str, str]) -> dict[str, str]:
    """What is made of it, by `RuleMove.Part`; stations by their codes."""
    rules = side.rules
    location = locate(evidence, side.gazetteer, rules)
    best = location.best
    station = (best.station_code or "") if best else ""
    registering = ""
    if best is not None:
        registering = Assigned(
            district=best.district_code,
            chosen=station,
            chosen_has_area=True,
            cyber=cyber.get(best.district_code, ""),
            registers_at=rules.registering(best.district_code),
        ).registering
    return {
        RuleMove.Part.OUTCOME.value: location.outcome.value,
        RuleMove.Part.ANSWER.value: answer_of(location, rules).answer.value,
        RuleMove.Part.STATION.value: station,
        RuleMove.Part.REGISTERING.value: registering,
    }


def cyber_stations() -> dict[str, str]:
    """District code to the code of its cyber station."""
    present = PoliceStation.objects.cyber().filter(valid_to__isnull=True)
    return dict(present.order_by("-code").values_list("district__code", "code"))
