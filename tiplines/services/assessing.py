"""Due tiplines are judged: urgency and completeness, a batch in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tiplines.assessment import Facts, assess
from tiplines.models import Address, FileRecord, Party, Sighting, Tipline
from tiplines.parsing.records import IdentifierKind, PartyRole

BATCH = 500
MEMES = frozenset({"potentialMeme", "viral"})
COMPANY = frozenset({PartyRole.REPORTER.value, PartyRole.CONTACT.value, PartyRole.POLICE.value})


def assess_next(*, at: datetime) -> int:
    """Judge the next due tiplines; return how many there were. Safe to run twice."""
    with transaction.atomic():
        due = list(
            Tipline.objects.due_for_assessment()
            .select_for_update(skip_locked=True, of=("self",))
            .defer("narrative")
            .order_by("pk")[:BATCH]
        )
        found = facts_of(due) if due else {}
        for tipline in due:
            judged = assess(found[tipline.pk], at=at)
            tipline.urgency = judged.urgency
            tipline.urgency_reasons = [
                {"code": reason.code, "points": reason.points, "params": reason.params}
                for reason in judged.reasons
            ]
            tipline.completeness = judged.completeness
            tipline.missing = list(judged.missing)
            tipline.assessed_at = at
        Tipline.objects.bulk_update(
            due,
            ["urgency", "urgency_reasons", "completeness", "missing", "assessed_at"],
            batch_size=BATCH,
        )
    return len(due)


def facts_of(tiplines: Sequence[Tipline]) -> dict[int, Facts]:
    """What the rule needs to know of each tipline, in four statements."""
    keys = [tipline.pk for tipline in tiplines]
    has: dict[int, set[str]] = defaultdict(set)
    victims: set[int] = set()
    for tipline_id, role, name in Party.objects.filter(tipline__in=keys).values_list(
        "tipline_id", "role", "name"
    ):
        if role == PartyRole.VICTIM and name:
            victims.add(tipline_id)
        if role == PartyRole.SUSPECT and name:
            has[tipline_id].add("name")
    sightings = Sighting.objects.filter(tipline__in=keys).values_list(
        "tipline_id", "identifier__kind", "party__role", "at", "port"
    )
    for tipline_id, kind, role, moment, port in sightings:
        if role in COMPANY or role == PartyRole.VICTIM:
            continue
        has[tipline_id] |= shown_by(kind, moment, port)
    for tipline_id in (
        Address.objects.filter(tipline__in=keys)
        .exclude(label__in=["estimated", "geo"])
        .exclude(party__role__in=COMPANY)
        .values_list("tipline_id", flat=True)
    ):
        has[tipline_id].add("address")
    files: dict[int, list[tuple[bool | None, list[str]]]] = defaultdict(list)
    for tipline_id, viewed, marks in FileRecord.objects.filter(tipline__in=keys).values_list(
        "tipline_id", "viewed_by_provider", "annotations"
    ):
        files[tipline_id].append((viewed, marks))
    for tipline in tiplines:
        if tipline.incident_at is not None:
            has[tipline.pk].add("incident-time")
    return {
        tipline.pk: Facts(
            incident_type=tipline.incident_type,
            annotations=tuple(tipline.annotations),
            escalated=bool(tipline.escalation),
            batched=bool(tipline.batched_reason),
            ncmec_priority=tipline.ncmec_priority,
            worst_class=tipline.worst_class,
            file_annotations=frozenset(name for _, marks in files[tipline.pk] for name in marks),
            all_files_meme=bool(files[tipline.pk])
            and all(MEMES & set(marks) for _, marks in files[tipline.pk]),
            any_viewed=any(viewed for viewed, _ in files[tipline.pk]),
            victim_named=tipline.pk in victims,
            prior_reports=len(tipline.prior_reports),
            incident_at=tipline.incident_at,
            preserved_until=tipline.preserved_until,
            has=frozenset(has[tipline.pk]),
        )
        for tipline in tiplines
    }


def shown_by(kind: str, moment: datetime | None, port: int | None) -> set[str]:
    """What one identifier adds to the completeness of a tipline."""
    match kind:
        case IdentifierKind.PHONE | IdentifierKind.EMAIL:
            return {"contact"}
        case IdentifierKind.ACCOUNT | IdentifierKind.SCREEN_NAME:
            return {"account"}
        case IdentifierKind.IP:
            return {"ip"} | ({"ip-time"} if moment else set()) | ({"ip-port"} if port else set())
        case IdentifierKind.HASH:
            return {"file-hash"}
    return set()
