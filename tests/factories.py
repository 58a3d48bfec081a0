"""Plain typed makers of rows. Every value is written down; a test names only what it is about."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.utils import timezone

from accounts import services as officers
from accounts.models import User
from accounts.roles import Rank, Role
from accounts.services.duties import duty_of
from districts.models import (
    District,
    DistrictKind,
    GazetteerVersion,
    PoliceStation,
    StationKind,
    StationStatus,
)
from districts.rules import Rules
from tiplines.models import Dispatch, Document, Reorganisation, RuleMove, RuleSet, Tipline
from tiplines.models.dispatch import Channel, DocumentState
from tiplines.models.tipline import Outcome, Status

NOON = datetime(2026, 11, 12, 6, 30, tzinfo=UTC)
"""12-11-2026 12:00 in India."""
PASSWORD = "a long enough password"
SERIAL = count(1)


def make_gazetteer_version() -> GazetteerVersion:
    return GazetteerVersion.objects.get_or_create(
        number=1, defaults={"digest": "0" * 64, "loaded_at": NOON}
    )[0]


def make_district(*, code: str = "ROH", name: str = "Rohini", name_hi: str = "रोहिणी") -> District:
    return District.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "name_hi": name_hi,
            "kind": DistrictKind.TERRITORIAL,
            "range_name": "Northern",
            "centre_lat": 28.7,
            "centre_lon": 77.1,
            "version": make_gazetteer_version(),
        },
    )[0]


def make_station(
    *,
    code: str = "ROH-PRASHANT-VIHAR",
    name: str = "Prashant Vihar",
    district: District | None = None,
) -> PoliceStation:
    return PoliceStation.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "district": district or make_district(),
            "kind": StationKind.TERRITORIAL,
            "status": StationStatus.ACTIVE,
            "version": make_gazetteer_version(),
        },
    )[0]


def make_officer(
    role: Role = Role.ANALYST,
    *,
    username: str = "",
    full_name: str = "Asha Verma",
    rank: Rank = Rank.INSPECTOR,
    district: District | None = None,
    station: PoliceStation | None = None,
    from_on: date = date(2020, 1, 1),
) -> User:
    """An officer on duty: `duty` is taken up as the middleware would."""
    user = officers.enlist(
        username=username or f"{role.value}-{next(SERIAL)}",
        full_name=full_name,
        rank=rank,
        password=PASSWORD,
        by=None,
        at=NOON,
    )
    if role == Role.DISTRICT:
        district = district or make_district()
    if role == Role.STATION:
        station = station or make_station()
    officers.post(
        user=user, role=role, from_on=from_on, district=district, station=station, by=None, at=NOON
    )
    user.duty = duty_of(user, at=NOON)
    return user


def make_rules(
    rules: Rules,
    *,
    from_at: datetime | None = NOON,
    replayed_at: datetime | None = NOON,
    by: User | None = None,
) -> RuleSet:
    """These rules in force in the place of those before, or, with `from_at` None, proposed."""
    base = RuleSet.objects.in_force().first()
    if from_at is not None:
        RuleSet.objects.in_force().update(until_at=from_at)
    return RuleSet.objects.create(
        number=rules.number or RuleSet.objects.count() + 1,
        content=rules.as_data(),
        why="Measured on returned hand-offs.",
        by=by or make_officer(Role.SUPERVISOR),
        at=NOON,
        settled_by=make_officer(Role.SUPERVISOR) if from_at else None,
        settled_at=from_at,
        answer=RuleSet.Answer.CONFIRMED if from_at else "",
        from_at=from_at,
        period_from=NOON - timedelta(days=365),
        period_until=NOON + timedelta(days=1),
        base_number=base.number if base else 0,
        gazetteer_version=1 if replayed_at else None,
        replayed_at=replayed_at,
    )


def make_reorganisation(
    *, number: int = 1, by: User | None = None, in_force_at: datetime | None = None
) -> Reorganisation:
    """One that was tried and waits for a second supervisor, or came in force as gazetteer 1."""
    rules = RuleSet.objects.in_force().first()
    return Reorganisation.objects.create(
        number=number,
        from_on=timezone.localdate() + timedelta(days=30),
        source="made.geojson",
        opens=[
            {
                "code": "ROH-NAYA-VIHAR",
                "name": "Naya Vihar",
                "name_hi": "नया विहार",
                "district_code": "ROH",
                "parents": ["ROH-PRASHANT-VIHAR"],
            }
        ],
        closes=["ROH-PRASHANT-VIHAR"],
        base_number=1,
        version=GazetteerVersion.objects.get(number=1) if in_force_at else None,
        why="Order 7 of 2026.",
        by=by or make_officer(Role.SUPERVISOR),
        at=NOON,
        settled_by=make_officer(Role.SUPERVISOR) if in_force_at else None,
        settled_at=in_force_at,
        answer=Reorganisation.Answer.CONFIRMED if in_force_at else "",
        in_force_at=in_force_at,
        replayed_at=NOON,
        rules_number=rules.number if rules else 0,
        places={
            "localities": [["Prashant Vihar", "ROH-PRASHANT-VIHAR", "ROH-NAYA-VIHAR"]],
            "pins": [["110085", "ROH-PRASHANT-VIHAR", "ROH-NAYA-VIHAR"]],
            "stay": {"localities": {"ROH-PRASHANT-VIHAR": 2}, "pins": {}, "tiplines": {}},
        },
    )


def make_move(by: RuleSet | Reorganisation, tipline: Tipline, *, part: str = "answer") -> RuleMove:
    """What a trial found: from a station to none, or the other way about."""
    one = {"outcome": "delhi", "answer": "assign", "station": "A", "registering": "A"}
    other = {"outcome": "cannot_say", "answer": "review", "station": "B", "registering": "B"}
    after = one | {part: other[part]}
    return RuleMove.objects.create(
        rule_set=by if isinstance(by, RuleSet) else None,
        reorganisation=by if isinstance(by, Reorganisation) else None,
        tipline=tipline,
        before=one,
        after=after,
        parts=[part],
    )


def make_dispatch(*, reference: str = "NCRB/2026/1", received_at: datetime = NOON) -> Dispatch:
    return Dispatch.objects.create(
        reference=reference,
        sender="NCRB",
        channel=Channel.COMMAND,
        name="dispatch.zip",
        sha256=hashlib.sha256(str(next(SERIAL)).encode()).hexdigest(),
        size_bytes=1000,
        received_at=received_at,
        unpacked_at=received_at,
    )


def make_document(
    *, dispatch: Dispatch | None = None, state: DocumentState = DocumentState.READ
) -> Document:
    serial = next(SERIAL)
    return Document.objects.create(
        dispatch=dispatch or make_dispatch(),
        position=serial,
        name=f"{serial}.json",
        kind="json",
        size_bytes=100,
        sha256="0" * 64,
        bundle=serial,
        leads=True,
        state=state,
    )


def make_tipline(
    *,
    number: str = "",
    dispatch: Dispatch | None = None,
    provider: str = "Google",
    urgency: int = 20,
    outcome: Outcome = Outcome.DELHI,
    best_district: District | None = None,
    best_station: PoliceStation | None = None,
    best_share: float = 0.8,
    status: Status = Status.AWAITING,
    holder_district: District | None = None,
    holder_station: PoliceStation | None = None,
    received_at: datetime = NOON,
    suspect_line: str = "A. Kumar · +9198•••••10",
    batched_reason: str = "",
) -> Tipline:
    """A tipline that every stage has been through."""
    return Tipline.objects.create(
        number=number or str(990_000_000 + next(SERIAL)),
        dispatch=dispatch or make_dispatch(),
        received_at=received_at,
        content_sha256="0" * 64,
        provider=provider,
        provider_key=provider.lower(),
        incident_type="Online Enticement of Children for Sexual Acts",
        incident_at=received_at - timedelta(days=30),
        incident_original="2026-10-13T06:30:00Z",
        ncmec_received_at=received_at - timedelta(days=20),
        preserved_until=received_at + timedelta(days=345),
        suspect_line=suspect_line,
        batched_reason=batched_reason,
        urgency=urgency,
        completeness=50,
        assessed_at=received_at,
        outcome=outcome,
        best_district=best_district,
        best_station=best_station,
        best_share=best_share if best_district else None,
        located_at=received_at,
        linked_at=received_at,
        status=status,
        status_at=received_at,
        holder_district=holder_district,
        holder_station=holder_station,
    )
