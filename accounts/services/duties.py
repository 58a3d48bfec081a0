"""What an officer may do and see now: the posting in force and the grants, as one `Duty`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.utils import timezone

from accounts.duty import NO_DUTY, Duty
from accounts.models import Posting, User
from accounts.models.grants import (
    SEE_RESTRICTED,
    WORK_CASES,
    CaseGrant,
    DistrictGroupGrant,
    DistrictUserGrant,
    StationGroupGrant,
    StationUserGrant,
)
from accounts.roles import UNIT_ROLES, Role


def duty_of(user: User, *, at: datetime) -> Duty:
    """What `user` may do at a moment, by the posting in force on its day in India; else no duty.

    A posting's unit group holds the grants on its district or station; a grant to the officer in
    person (a joint team, a restricted case) adds to them. Two queries, one where no grant counts.
    """
    on = timezone.localdate(at)
    postings = Posting.objects.in_force(on=on).filter(user=user).select_related("station")
    posting = postings.order_by("-from_on", "-pk").first()
    if posting is None or not user.is_active:
        return NO_DUTY
    role = Role(posting.role)
    if role not in {*UNIT_ROLES, Role.DISTRICT, Role.STATION}:
        return Duty(role=role)  # auditors and administrators see no place and no case
    held = grants(user, group_name=unit_group_name(posting), at=at)
    if role in UNIT_ROLES:
        return Duty(role=role, case_ids=held["case"])  # they see every place
    return Duty(
        role=role,
        home_district_id=posting.station.district_id if posting.station else posting.district_id,
        district_ids=held["district"],
        station_ids=held["station"],
        case_ids=held["case"],
    )


def grants(user: User, *, group_name: str, at: datetime) -> dict[str, frozenset[int]]:
    """Keys of the districts, stations and restricted cases granted to the officer or the group."""

    def of(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.values_list(Value(kind), "content_object_id")

    own = {"user": user, "permission__codename": WORK_CASES}
    theirs = {"group__name": group_name, "permission__codename": WORK_CASES}
    lasting = Q(until_at__isnull=True) | Q(until_at__gt=at)
    named = CaseGrant.objects.filter(lasting, user=user, permission__codename=SEE_RESTRICTED)
    rows = of("district", DistrictUserGrant.objects.filter(**own)).union(
        of("district", DistrictGroupGrant.objects.filter(**theirs)),
        of("station", StationUserGrant.objects.filter(**own)),
        of("station", StationGroupGrant.objects.filter(**theirs)),
        of("case", named),
    )
    found: dict[str, set[int]] = {"district": set(), "station": set(), "case": set()}
    for kind, key in rows:
        found[kind].add(key)
    return {kind: frozenset(keys) for kind, keys in found.items()}


def unit_group_name(posting: Posting) -> str:
    """The group whose grants a posting carries: one for each district and station; "" for none."""
    if posting.role == Role.DISTRICT:
        return f"district:{posting.district_id}"
    return f"station:{posting.station_id}" if posting.role == Role.STATION else ""
