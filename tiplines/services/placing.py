"""Due tiplines are located: whose they are, with candidates and reasons."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import QuerySet

from districts.evidence import Evidence
from districts.gazetteer import NoGazetteer, present_gazetteer, present_version
from districts.locating import Location
from districts.models import District, PoliceStation
from districts.replaying import ENGINE, locate_on
from districts.rules import EvidenceKind
from tiplines.models import Address, Candidate, KeptBasis, Tipline
from tiplines.models.sealable import about_tipline
from tiplines.parsing.records import PartyRole, Provenance
from tiplines.sealing import seal_json
from tiplines.services.copying import update_rows
from tiplines.services.rulebook import present_rules

BATCH = 300
MARKED_AT_ONCE = 5000
LOCATION = {
    "outcome": "text",
    "state_name": "text",
    "location_reasons": "jsonb",
    "gazetteer_version": "text",
    "rules_number": "integer",
    "engine": "smallint",
    "best_district_id": "bigint",
    "best_station_id": "bigint",
    "best_share": "float8",
    "located_at": "timestamptz",
}
"""What the locator found, with the types of the columns."""
CANDIDATES_AT_MOST = 5
ELSEWHERE = frozenset(
    {
        PartyRole.REPORTER.value,
        PartyRole.CONTACT.value,
        PartyRole.POLICE.value,
        PartyRole.VICTIM.value,
    }
)
"""Whose addresses do not say where the suspect is."""


def locate_next(*, at: datetime) -> int:
    """Locate the next due tiplines; return how many there were. Safe to run twice."""
    with transaction.atomic():
        due = list(
            Tipline.objects.due_for_location()
            .select_for_update(skip_locked=True, of=("self",))
            .defer("narrative")
            .order_by("pk")[:BATCH]
        )
        if not due:
            return 0
        gazetteer, rules = present_gazetteer(), present_rules()
        districts, stations = keys_of(gazetteer.version)
        evidence = evidence_of(due)
        candidates: list[Candidate] = []
        kept: list[KeptBasis] = []
        for tipline in due:
            found, basis = locate_on(evidence[tipline.pk], gazetteer, rules)
            kept.append(
                KeptBasis(
                    tipline=tipline,
                    sealed_basis=seal_json(basis.as_data(), about=about_tipline(tipline.pk)),
                )
            )
            apply(found, tipline, rules.number, districts, stations, at=at)
            candidates += [
                Candidate(
                    tipline=tipline,
                    rank=rank,
                    district_id=districts[each.district_code],
                    station_id=stations[each.station_code] if each.station_code else None,
                    share=each.share,
                    reasons=[reason.as_data() for reason in each.reasons],
                )
                for rank, each in enumerate(found.candidates[:CANDIDATES_AT_MOST], 1)
            ]
        Candidate.objects.filter(tipline__in=due).delete()
        Candidate.objects.bulk_create(candidates)
        KeptBasis.objects.bulk_create(
            kept,
            update_conflicts=True,
            unique_fields=["tipline"],
            update_fields=["sealed_basis"],
        )
        update_rows(
            Tipline._meta.db_table,
            LOCATION,
            [
                (
                    *(tipline.pk, tipline.outcome, tipline.state_name),
                    *(json.dumps(tipline.location_reasons), tipline.gazetteer_version),
                    *(tipline.rules_number, tipline.engine),
                    *(tipline.best_district_id, tipline.best_station_id, tipline.best_share),
                    tipline.located_at,
                )
                for tipline in due
            ],
        )
    return len(due)


@transaction.atomic
def mark_stale() -> int:
    """What awaits a decision and was located by another gazetteer, other rules or another engine
    than those in force becomes due again: the next of it; return how many. What is decided stays.
    """
    try:
        version = present_version().number
    except NoGazetteer:
        return 0
    located = Tipline.objects.awaiting().filter(located_at__isnull=False)
    stale = located.exclude(
        gazetteer_version=str(version), rules_number=present_rules().number, engine=ENGINE
    ).order_by("pk")
    # What an officer is deciding now is left alone.
    free = stale.select_for_update(skip_locked=True).values("pk")[:MARKED_AT_ONCE]
    return Tipline.objects.filter(pk__in=free).update(located_at=None)


@lru_cache(maxsize=2)
def keys_of(version: int) -> tuple[dict[str, int], dict[str, int]]:
    """Code to key, of districts and of stations, in a version of the gazetteer."""
    return (
        dict(District.objects.values_list("code", "pk")),
        dict(PoliceStation.objects.values_list("code", "pk")),
    )


def apply(
    found: Location,
    tipline: Tipline,
    rules_number: int,
    districts: dict[str, int],
    stations: dict[str, int],
    *,
    at: datetime,
) -> None:
    best = found.best
    tipline.outcome = found.outcome.value
    tipline.state_name = found.state_name[:60]
    tipline.location_reasons = [reason.as_data() for reason in found.reasons]
    tipline.gazetteer_version = str(found.gazetteer_version)
    tipline.rules_number = rules_number
    tipline.engine = ENGINE
    tipline.best_district_id = districts[best.district_code] if best else None
    tipline.best_station_id = stations[best.station_code] if best and best.station_code else None
    tipline.best_share = best.share if best else None
    tipline.located_at = at


def evidence_of(tiplines: Sequence[Tipline] | QuerySet[Tipline]) -> dict[int, list[Evidence]]:
    """Every piece of evidence of place in each tipline, in one statement."""
    pieces: dict[int, list[Evidence]] = defaultdict(list)
    addresses = Address.objects.filter(tipline__in=tiplines).select_related("party").order_by("pk")
    for address in addresses:
        if address.party is None or address.party.role not in ELSEWHERE:
            pieces[address.tipline_id].append(piece(address))
    return pieces


def piece(address: Address) -> Evidence:
    return Evidence(
        kind=kind_of(address),
        text=address.told("text"),
        city=address.told("city"),
        postal_code=address.told("postal_code"),
        state=address.told("state"),
        country=address.told("country"),
        lat=address.told("latitude"),
        lon=address.told("longitude"),
        provenance=address.place,
    )


def kind_of(address: Address) -> EvidenceKind:
    if address.label == "estimated":
        return EvidenceKind.PROVIDER_ESTIMATE
    if address.label == "geo" or address.provenance == Provenance.NCMEC:
        return EvidenceKind.IP_LOOKUP
    if address.provenance == Provenance.FREE_TEXT:
        return EvidenceKind.FREE_TEXT
    if address.label == "Billing":
        return EvidenceKind.BILLING_ADDRESS
    if address.told("latitude") is not None and not address.told("text"):
        return EvidenceKind.DEVICE_POINT
    return EvidenceKind.DECLARED_ADDRESS
