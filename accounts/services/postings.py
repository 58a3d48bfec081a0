"""What officers are posted to, and from when."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from guardian.shortcuts import assign_perm

from accounts.models import Posting, User
from accounts.roles import Role
from accounts.services.duties import WORK_CASES, unit_group_name
from accounts.services.officers import check_not_own
from audit.services import record
from districts.models import District, PoliceStation


@transaction.atomic
def post(
    *,
    user: User,
    role: Role,
    from_on: date,
    by: User | None,
    at: datetime,
    district: District | None = None,
    station: PoliceStation | None = None,
) -> Posting:
    """Post an officer from a day on; the posting open until then ends the day before.

    Raises OwnAccount.
    """
    if by is not None:
        check_not_own(user, by=by)
    User.objects.select_for_update().get(pk=user.pk)
    for earlier in Posting.objects.filter(user=user, until_on__isnull=True):
        if earlier.from_on >= from_on:
            earlier.delete()  # it would have no day; the record keeps that it was made
        else:
            earlier.until_on = from_on - timedelta(days=1)
            earlier.save(update_fields=["until_on"])
    posting = Posting.objects.create(
        user=user, role=role.value, district=district, station=station, from_on=from_on
    )
    place = district or station
    if place is not None:
        group, _ = Group.objects.get_or_create(name=unit_group_name(posting))
        assign_perm(WORK_CASES, group, place)
    record(
        verb="officer.posted",
        subject=f"officer:{user.pk}",
        actor=by,
        at=at,
        detail={
            "role": role.value,
            "place": getattr(place, "code", ""),
            "from": from_on.isoformat(),
        },
    )
    return posting
