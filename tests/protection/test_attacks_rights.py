"""A41, A42: a right is of one object and one officer, and no side door gives one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.utils import timezone
from guardian.models import GroupObjectPermission, UserObjectPermission

from accounts.models import CaseGrant, User
from accounts.models.grants import SEE_RESTRICTED, WORK_CASES, DistrictGroupGrant, StationUserGrant
from accounts.roles import Rank, Role
from accounts.scope import scoped
from accounts.services.duties import duty_of
from cases.models import Case
from cases.services import restricting
from districts.models import District, PoliceStation
from tests.cases.made import make_case
from tests.factories import make_district, make_officer, make_station
from tiplines.models import Tipline

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def elsewhere() -> PoliceStation:
    return make_station(
        code="DWA-1", name="Dwarka", district=make_district(code="DWA", name="Dwarka")
    )


def reach(officer: User) -> tuple[set[int], set[str]]:
    """Keys of cases and numbers of tiplines that the officer's next request finds."""
    fresh = User.objects.get(pk=officer.pk)
    fresh.duty = duty_of(fresh, at=timezone.now())
    with scoped(fresh):
        return (
            set(Case.objects.visible_to(fresh).values_list("pk", flat=True)),
            set(Tipline.objects.visible_to(fresh).values_list("number", flat=True)),
        )


# --- A41 ----------------------------------------------------------------------------------------


def test_a41_a_station_that_is_made_again_with_the_same_key_gives_no_right() -> None:
    station = elsewhere()
    officer = make_officer(Role.STATION, station=make_station())
    right = Permission.objects.get(codename=WORK_CASES, content_type__model="policestation")
    StationUserGrant.objects.create(user=officer, permission=right, content_object=station)
    assert station.pk in duty_of(officer, at=timezone.now()).station_ids
    key, district = station.pk, station.district

    station.delete()
    again = elsewhere()
    PoliceStation.objects.filter(pk=again.pk).delete()
    PoliceStation.objects.create(
        pk=key, **{name: getattr(again, name) for name in columns_of(again)}
    )

    assert PoliceStation.objects.get(pk=key).district == district
    assert key not in duty_of(officer, at=timezone.now()).station_ids


def columns_of(station: PoliceStation) -> list[str]:
    return [each.attname for each in station._meta.concrete_fields if not each.primary_key]


def test_a41_a_district_that_is_made_again_gives_its_old_group_nothing() -> None:
    district = make_district(code="DWA", name="Dwarka")
    officer = make_officer(Role.DISTRICT, district=make_district())
    own_group = f"district:{make_district().pk}"
    right = Permission.objects.get(codename=WORK_CASES, content_type__model="district")
    group = Group.objects.get(name=own_group)
    DistrictGroupGrant.objects.create(group=group, permission=right, content_object=district)
    key = district.pk
    assert key in duty_of(officer, at=timezone.now()).district_ids

    values = {
        each.attname: getattr(district, each.attname)
        for each in district._meta.concrete_fields
        if not each.primary_key
    }
    district.delete()
    District.objects.create(pk=key, **values)

    assert key not in duty_of(officer, at=timezone.now()).district_ids


def test_a41_a_restriction_that_is_lifted_and_made_again_names_nobody_of_before() -> None:
    case = make_case(at=timezone.now() - timedelta(hours=1))
    supervisor, named = make_officer(Role.SUPERVISOR), make_officer(Role.ANALYST)
    said: dict[str, Any] = {"hides_existence": False, "reason": "a reason", "at": timezone.now()}
    restricting.restrict(case_id=case.pk, officers=[named], by=supervisor, **said)
    assert case.pk in reach(named)[0]
    supervisor.duty = duty_of(supervisor, at=timezone.now())
    restricting.lift(case_id=case.pk, by=supervisor, at=timezone.now())
    supervisor.duty = duty_of(supervisor, at=timezone.now())

    restricting.restrict(case_id=case.pk, officers=[], by=supervisor, **said)

    assert case.pk not in reach(named)[0]
    assert set(CaseGrant.objects.values_list("user", flat=True)) == {supervisor.pk}


def test_a41_grants_hang_on_their_object_and_their_officer_by_foreign_key() -> None:
    """No generic key, which would outlive its object and pass to the next one of the number."""
    from accounts.models import grants

    models: list[Any] = [
        each
        for each in vars(grants).values()
        if isinstance(each, type) and each.__module__ == grants.__name__
    ]
    assert len(models) == 5
    for model in models:
        field = model._meta.get_field("content_object")
        assert field.is_relation
        assert field.remote_field.on_delete.__name__ == "CASCADE"
    assert not UserObjectPermission.objects.exists()
    assert not GroupObjectPermission.objects.exists()


# --- A42 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.STATION, Role.DISTRICT, Role.AUDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize(
    "way", ["global permission", "group permission", "superuser", "generic grant", "staff"]
)
def test_a42_a_right_over_everything_gives_nothing(client: Client, role: Role, way: str) -> None:
    case = make_case(station=elsewhere(), at=timezone.now() - timedelta(hours=1))
    tip = case.entries.get().tipline
    officer = make_officer(role)
    before = duty_of(officer, at=timezone.now())
    codes = [WORK_CASES, SEE_RESTRICTED, "view_case", "change_case", "view_tipline"]
    rights = list(Permission.objects.filter(codename__in=codes))
    assert len(rights) >= 5

    with transaction.atomic():
        if way == "global permission":
            officer.user_permissions.add(*rights)
        elif way == "group permission":
            group = Group.objects.create(name="everything")
            group.permissions.add(*rights)
            officer.groups.add(group)
        elif way == "superuser":
            User.objects.filter(pk=officer.pk).update(is_superuser=True)
        elif way == "staff":
            assert "is_staff" not in columns(User), "there is one now: say here that it is true"
        else:
            right = Permission.objects.get(codename="view_case")
            UserObjectPermission.objects.create(
                user=officer,
                permission=right,
                content_type=right.content_type,
                object_pk=str(case.pk),
            )

    assert duty_of(User.objects.get(pk=officer.pk), at=timezone.now()) == before
    assert reach(officer) == (set(), set())
    client.force_login(User.objects.get(pk=officer.pk), backend=BACKEND)
    denied = 403 if role in {Role.AUDITOR, Role.ADMINISTRATOR} else 404
    assert client.get(f"/cases/{case.pk}/").status_code == denied
    assert client.get(f"/tiplines/{tip.number}/").status_code == denied


def columns(model: type[User]) -> set[str]:
    return {each.attname for each in model._meta.concrete_fields}


def test_a42_a_superuser_without_a_posting_is_nobody() -> None:
    officer = User.objects.create(username="root-1", rank=Rank.INSPECTOR, is_superuser=True)

    assert duty_of(officer, at=timezone.now()).role is None
