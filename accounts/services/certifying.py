"""The quarterly look at who still needs access, unit by unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Certification, Posting, PostingQuerySet, User
from accounts.recertifying import is_due
from audit.services import record_many
from districts.models import District

NODAL = "unit"
"""The key of the nodal unit itself; every other unit is a district, by its code."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One officer on the list of a unit."""

    posting: Posting
    certified_at: datetime | None
    is_due: bool


@dataclass(frozen=True, kw_only=True)
class Unit:
    key: str
    district: District | None
    """None is the nodal unit."""
    lines: list[Line]

    @property
    def due(self) -> int:
        return sum(line.is_due for line in self.lines)


def units(*, on: date) -> list[Unit]:
    """Every unit with its officers in force on a day, those due first."""
    found: dict[str, list[Line]] = defaultdict(list)
    districts: dict[str, District | None] = {}
    postings = list(in_force(on=on))
    latest = dict(
        Certification.objects.filter(posting__in=postings)
        .values_list("posting_id")
        .annotate(Max("at"))
    )
    for posting in postings:
        district = posting.district or (posting.station.district if posting.station else None)
        key = NODAL if district is None else district.code
        districts[key] = district
        certified_at: datetime | None = latest.get(posting.pk)
        certified_on = timezone.localdate(certified_at) if certified_at else None
        due = is_due(from_on=posting.from_on, certified_on=certified_on, on=on)
        found[key].append(Line(posting=posting, certified_at=certified_at, is_due=due))
    return [
        Unit(
            key=key,
            district=districts[key],
            lines=sorted(found[key], key=by_need),
        )
        for key in sorted(found, key=lambda key: (key != NODAL, key))
    ]


def by_need(line: Line) -> tuple[bool, str]:
    return not line.is_due, line.posting.user.username


def in_force(*, on: date) -> PostingQuerySet:
    """The posting that counts of each officer who may sign in."""
    latest = (
        Posting.objects.in_force(on=on)
        .filter(user__is_active=True)
        .order_by("user_id", "-from_on", "-pk")
        .distinct("user_id")
    )
    return Posting.objects.filter(pk__in=latest.values("pk")).select_related(
        "user", "district", "station__district"
    )


@transaction.atomic
def certify(*, posting_ids: Collection[int], by: User, at: datetime, on: date) -> int:
    """Say that these officers still need their postings; return how many. One's own is left out."""
    postings = list(in_force(on=on).filter(pk__in=posting_ids).exclude(user=by))
    Certification.objects.bulk_create(
        Certification(posting=posting, by=by, at=at) for posting in postings
    )
    record_many(
        verb="officer.certified",
        subjects=[f"officer:{posting.user_id}" for posting in postings],
        actor=by,
        at=at,
    )
    return len(postings)
