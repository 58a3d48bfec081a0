"""Every route is listed in the access table, and opens for exactly the roles that the table
admits.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.access import STRANGERS, table
from accounts.duty import Duty
from accounts.gate import BY_PROVIDER
from accounts.roles import Act, Role
from ifso.routes import every_route_is_listed, routes
from tests.factories import make_officer, make_tipline

pytestmark = pytest.mark.django_db


ROUTES = sorted(routes(), key=lambda each: (each[0], len(each[1])))
NAMES = [name for name, _ in ROUTES]


def test_the_table_lists_every_route_and_nothing_else() -> None:
    assert sorted(table()) == sorted(set(NAMES))


def test_a_route_that_is_not_listed_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert every_route_is_listed() == []

    monkeypatch.delitem(table(), "cases:search")
    monkeypatch.setitem(table(), "cases:never-was", STRANGERS)

    told = [each.msg.partition(" ")[0] for each in every_route_is_listed()]
    assert told == ["cases:never-was", "cases:search"]


def address(name: str, converters: dict[str, object]) -> str:
    values = dict.fromkeys(converters, "987654321")
    try:
        return reverse(name, kwargs=values)
    except NoReverseMatch:
        return reverse(name, kwargs=dict.fromkeys(values, "00000000-0000-4000-8000-000000000000"))


@pytest.mark.parametrize(("name", "converters"), ROUTES, ids=NAMES)
def test_a_stranger_gets_in_only_where_the_table_says(
    client: Client, name: str, converters: dict[str, object]
) -> None:
    answer = client.get(address(name, converters))

    if name == "accounts:second-factor":  # only after the password
        assert answer["Location"] == reverse("accounts:sign-in")
    elif name in BY_PROVIDER:  # not in the settings of the tests
        assert answer.status_code == 404
    elif table()[name].strangers:
        assert answer.status_code in {200, 405}
    elif name.startswith("api:"):
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("accounts:sign-in"))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_stopped_exactly_where_the_table_says(client: Client, role: Role) -> None:
    officer = make_officer(role)
    client.force_login(officer)
    wrong = []
    for name, converters in ROUTES:
        if name in {"home", "accounts:sign-out"}:
            continue
        answer = client.get(address(name, converters))
        admitted = table()[name].admits(officer.duty)
        if (answer.status_code == 403) == admitted:
            wrong.append((name, admitted, answer.status_code))

    assert wrong == []


def test_without_a_duty_nothing_opens_that_needs_an_act() -> None:
    assert not [
        name for name, access in table().items() if access.acts and access.admits(Duty(role=None))
    ]
    assert not any(Duty(role=None).may(act) for act in Act)


def test_nobody_without_a_posting_sees_a_tipline() -> None:
    from tiplines.models import Tipline

    make_tipline()
    officer = make_officer(Role.ANALYST)
    officer.duty = Duty()

    assert not Tipline.objects.visible_to(officer).exists()
