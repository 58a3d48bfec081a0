"""Officers and their postings."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from guardian.shortcuts import assign_perm, get_objects_for_group, get_objects_for_user

from accounts.duty import NO_DUTY, Duty
from accounts.models import ApiToken, Posting, User
from accounts.roles import Rank, Role
from audit.services import record
from districts.models import District, PoliceStation

WORK_CASES = "work_cases"  # the object permission that guardian grants on districts and stations


def duty_of(user: User, *, on: date) -> Duty:
    """What `user` may do on the day `on` in India, by the posting in force then; else no duty.

    A posting's unit group holds the grants on its district or station; a grant to the officer in
    person (a joint team) adds to them. One query for the posting, and for officers outside the
    unit one for each kind of grant.
    """
    posting = Posting.objects.in_force(on=on).filter(user=user).order_by("-from_on", "-pk").first()
    if posting is None or not user.is_active:
        return NO_DUTY
    role = Role(posting.role)
    if role not in {Role.DISTRICT, Role.STATION}:
        return Duty(role=role)
    group = Group.objects.filter(name=unit_group_name(posting)).first()
    return Duty(
        role=role,
        district_ids=granted(District, user, group),
        station_ids=granted(PoliceStation, user, group),
    )


def granted(
    model: type[District | PoliceStation], user: User, group: Group | None
) -> frozenset[int]:
    own = get_objects_for_user(
        user,
        WORK_CASES,
        klass=model,
        use_groups=False,
        with_superuser=False,
        accept_global_perms=False,
    )
    keys = set(own.values_list("pk", flat=True))
    if group is not None:
        theirs = get_objects_for_group(group, WORK_CASES, klass=model, accept_global_perms=False)
        keys |= set(theirs.values_list("pk", flat=True))
    return frozenset(keys)


def unit_group_name(posting: Posting) -> str:
    """The group whose grants a posting carries: one for each district and each station."""
    if posting.role == Role.DISTRICT:
        return f"district:{posting.district_id}"
    return f"station:{posting.station_id}"


@transaction.atomic
def enlist(
    *, username: str, full_name: str, rank: Rank, password: str, by: User | None, at: datetime
) -> User:
    """Make an officer. Raises IntegrityError if the number is taken."""
    user = User.objects.create_user(username, password, full_name=full_name, rank=rank.value)
    record(verb="officer.enlisted", subject=f"officer:{user.pk}", actor=by, at=at)
    return user


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
    """Post an officer from a day on; the posting open until then ends the day before."""
    User.objects.select_for_update().get(pk=user.pk)
    for earlier in Posting.objects.filter(user=user, until_on__isnull=True):
        if earlier.from_on >= from_on:
            earlier.delete()  # never came into force: nothing was done under it
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


@transaction.atomic
def set_active(*, user: User, active: bool, by: User, at: datetime) -> None:
    """Let an officer sign in, or stop it at once: the next request of an open session is
    refused.
    """
    user.is_active = active
    user.save(update_fields=["is_active"])
    verb = "officer.enabled" if active else "officer.disabled"
    record(verb=verb, subject=f"officer:{user.pk}", actor=by, at=at)


@transaction.atomic
def make_token(*, officer: User, name: str, route: str, at: datetime) -> str:
    """Return a new key for one route. It is shown once and never kept."""
    key = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        officer=officer, name=name, route=route, digest=digest_of(key), created_at=at
    )
    record(verb="token.made", subject=f"token:{token.pk}", actor=officer, at=at)
    return key


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
