"""What an officer may do on a day, by the posting in force and the grants of its unit."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import Group
from guardian.shortcuts import get_objects_for_group, get_objects_for_user

from accounts.duty import NO_DUTY, Duty
from accounts.models import Posting, User
from accounts.roles import Role
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
