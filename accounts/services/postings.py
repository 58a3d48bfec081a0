"""What officers are posted to, and from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from guardian.shortcuts import assign_perm

from accounts.models import Posting, User
from accounts.models.grants import WORK_CASES
from accounts.roles import MAY, Act, Role
from accounts.services.duties import unit_group_name
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
    for earlier in Posting.objects.in_force_from(from_on).filter(user=user):
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


class HasBegun(Exception):
    """Only a posting that is still to come can be cancelled; one in force is ended."""


@transaction.atomic
def cancel_posting(*, posting: Posting, by: User, at: datetime, today: date) -> None:
    """Cancel a posting to come; the one before it, which ended for it, goes on.

    Raises OwnAccount, HasBegun.
    """
    user = posting.user
    check_not_own(user, by=by)
    User.objects.select_for_update().get(pk=user.pk)
    if posting.from_on <= today:
        raise HasBegun
    eve = posting.from_on - timedelta(days=1)
    posting.delete()
    if not user.postings.filter(until_on__isnull=True).exists():
        user.postings.filter(until_on=eve).update(until_on=None)
    record(
        verb="officer.posting-cancelled",
        subject=f"officer:{user.pk}",
        actor=by,
        at=at,
        detail={"role": posting.role, "from": posting.from_on.isoformat()},
    )


@transaction.atomic
def leave(*, user: User, last_on: date, by: User, at: datetime) -> None:
    """The officer leaves: after `last_on` no posting is in force, so nothing opens any more.

    Postings that would begin later fall away. Raises OwnAccount.
    """
    check_not_own(user, by=by)
    User.objects.select_for_update().get(pk=user.pk)
    user.postings.filter(from_on__gt=last_on).delete()
    user.postings.in_force_from(last_on).update(until_on=last_on)
    record(
        verb="officer.left",
        subject=f"officer:{user.pk}",
        actor=by,
        at=at,
        detail={"last": last_on.isoformat()},
    )


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a posting would change for an officer."""

    gained: list[Act]
    lost: list[Act]
    kept: list[Act]
    ends: list[Posting]
    """Postings that end or fall away for it."""


def preview(*, user: User, role: Role, from_on: date) -> Preview:
    """What would change on `from_on`, if the officer were posted as `role` from then on."""
    eve = user.postings.in_force(on=from_on - timedelta(days=1)).order_by("-from_on", "-pk").first()
    before = MAY[Role(eve.role)] if eve is not None else frozenset[Act]()
    return Preview(
        gained=[act for act in Act if act in MAY[role] - before],
        lost=[act for act in Act if act in before - MAY[role]],
        kept=[act for act in Act if act in before & MAY[role]],
        ends=list(
            user.postings.in_force_from(from_on)
            .select_related("district", "station")
            .order_by("from_on", "pk")
        ),
    )
