"""Which acts ask for the password or a passkey again, and that nothing typed is lost by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services as officers
from accounts.access import table
from accounts.models import OfficerSession, User
from accounts.models.factors import RecoveryCode
from accounts.roles import Act, Role
from accounts.scope import scoped
from accounts.services.duties import duty_of
from audit.models import Event
from cases.models import Access
from cases.services import restricting
from tests.accounts.clock import Clock
from tests.accounts.ways import signed_in
from tests.cases.made import make_case
from tests.factories import PASSWORD, make_district, make_officer

pytestmark = pytest.mark.django_db
REASON = "The suspect works at this very station, line one.\r\nAnd “line two”."


@dataclass(frozen=True)
class Asked:
    """An act that asks: what it is sent to, what is typed, and the verb it then leaves."""

    keys: dict[str, int]
    typed: dict[str, str]
    verb: str


def about(officer: User) -> dict[str, int]:
    return {"officer_id": officer.pk}


def new_officer(by: User) -> Asked:
    typed = {"username": "28901234", "full_name": "Ravi Negi", "rank": "si"}
    return Asked({}, typed, "officer.enlisted")


def post(by: User) -> Asked:
    typed = {"role": "supervisor", "from_on": today()}
    return Asked(about(make_officer()), typed, "officer.posted")


def access(by: User) -> Asked:
    return Asked(about(make_officer()), {"active": "0"}, "officer.disabled")


def unlock(by: User) -> Asked:
    return Asked(about(make_officer()), {}, "officer.unlocked")


def one_time_password(by: User) -> Asked:
    return Asked(about(make_officer()), {}, "officer.password-set")


def reset_factors(by: User) -> Asked:
    officer = make_officer()
    RecoveryCode.objects.create(officer=officer, digest="0" * 64)
    return Asked(about(officer), {}, "officer.factors-reset")


def cancel_posting(by: User) -> Asked:
    officer = make_officer()
    tomorrow = timezone.localdate() + timedelta(days=1)
    officers.post(user=officer, role=Role.AUDITOR, from_on=tomorrow, by=by, at=timezone.now())
    posting = officer.postings.get(from_on=tomorrow)
    return Asked(about(officer) | {"posting_id": posting.pk}, {}, "officer.posting-cancelled")


def leave(by: User) -> Asked:
    return Asked(about(make_officer()), {"last_on": today()}, "officer.left")


def certify(by: User) -> Asked:
    return Asked({}, {"end": str(make_officer().pk), "unit": "unit"}, "officer.left")


def restrict(by: User) -> Asked:
    return Asked({"case_id": make_case().pk}, {"reason": REASON, "officers": ""}, "case.restricted")


def lift(by: User) -> Asked:
    return Asked({"case_id": restricted(by)}, {}, "case.restriction-lifted")


def name_officers(by: User) -> Asked:
    typed = {"officers": make_officer().username}
    return Asked({"case_id": restricted(by)}, typed, "case.officer-named")


def strike(by: User) -> Asked:
    officer = make_officer()
    key = restricted(by, officer)
    return Asked({"case_id": key}, {"officer": str(officer.pk)}, "case.officer-struck")


def break_glass(by: User) -> Asked:
    key = restricted(make_officer(Role.SUPERVISOR))
    return Asked({"case_id": key}, {"reason": REASON}, "case.glass-broken")


def answer(by: User) -> Asked:
    key = restricted(by)
    asking = make_officer(Role.DISTRICT, district=make_district())
    restricting.ask(case_id=key, reason=REASON, by=asking, at=timezone.now())
    typed = {"well": "1", "note": "Joint team"}
    return Asked({"access_id": Access.objects.get().pk}, typed, "case.access-granted")


def wall(by: User) -> Asked:
    return Asked({}, {"hours": "4", "next": "/board/?period=week"}, "session.put-on-wall")


def restricted(by: User, *named: User) -> int:
    case, now = make_case(), timezone.now()
    with scoped(by):
        restricting.restrict(
            case_id=case.pk, officers=named, hides_existence=False, reason=REASON, by=by, at=now
        )
    by.duty = duty_of(by, at=now)
    return case.pk


def today() -> str:
    return timezone.localdate().isoformat()


ASKS: dict[str, tuple[Role, Callable[[User], Asked]]] = {
    "accounts:new-officer": (Role.ADMINISTRATOR, new_officer),
    "accounts:post": (Role.ADMINISTRATOR, post),
    "accounts:access": (Role.ADMINISTRATOR, access),
    "accounts:unlock": (Role.ADMINISTRATOR, unlock),
    "accounts:one-time-password": (Role.ADMINISTRATOR, one_time_password),
    "accounts:reset-factors": (Role.ADMINISTRATOR, reset_factors),
    "accounts:cancel-posting": (Role.ADMINISTRATOR, cancel_posting),
    "accounts:leave": (Role.ADMINISTRATOR, leave),
    "accounts:certify": (Role.ADMINISTRATOR, certify),
    "cases:restrict": (Role.SUPERVISOR, restrict),
    "cases:lift-restriction": (Role.SUPERVISOR, lift),
    "cases:name-officers": (Role.SUPERVISOR, name_officers),
    "cases:strike-officer": (Role.SUPERVISOR, strike),
    "cases:break-glass": (Role.SUPERVISOR, break_glass),
    "cases:answer-access": (Role.SUPERVISOR, answer),
    "operations:wall": (Role.SUPERVISOR, wall),
}
DOES_NOT_ASK = {
    "accounts:officers": "a list",
    "accounts:officer": "a page",
    "accounts:roles": "a page",
}
"""Of the routes of administrators and of who may restrict cases: those that change nothing."""


def test_every_route_that_could_change_rights_is_decided() -> None:
    of_rights = {
        name
        for name, access in table().items()
        if access.acts & {Act.MANAGE_OFFICERS, Act.RESTRICT} or access.asks_again
    }

    assert of_rights == set(ASKS) | set(DOES_NOT_ASK)
    assert {name for name, access in table().items() if access.asks_again} == set(ASKS)


def long_ago() -> None:
    """Ten minutes since anybody gave a password."""
    OfficerSession.objects.update(began_at=timezone.now() - timedelta(minutes=10))


def kept_on(page: str) -> dict[str, str]:
    """What the form with the password carries."""
    before = page[: page.index("again-password")]
    form = before[before.rindex("<form") :]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def verbs_since(key: int) -> list[str]:
    return list(Event.objects.filter(pk__gt=key).order_by("pk").values_list("verb", flat=True))


def newest() -> int:
    return Event.objects.latest("pk").pk


@pytest.mark.parametrize("name", list(ASKS))
def test_it_asks_first_and_then_the_act_goes_on_with_what_was_typed(name: str) -> None:
    role, made = ASKS[name]
    officer = make_officer(role)
    browser = signed_in(officer)
    asked = made(officer)
    address, before = reverse(name, kwargs=asked.keys), newest()
    long_ago()

    page = browser.post(address, asked.typed)
    kept = kept_on(page.content.decode())
    untouched = verbs_since(before)
    after = browser.post(address, {**kept, "again-password": PASSWORD})

    assert page.status_code == 422
    assert untouched == []
    assert kept == asked.typed
    assert after.status_code in {200, 302}
    assert verbs_since(before)[:2] == ["session.confirmed", asked.verb]


@pytest.mark.parametrize("name", list(ASKS))
def test_just_after_the_password_it_does_not_ask(name: str) -> None:
    role, made = ASKS[name]
    officer = make_officer(role)
    browser = signed_in(officer)
    asked = made(officer)
    before = newest()

    browser.post(reverse(name, kwargs=asked.keys), asked.typed)

    assert asked.verb in verbs_since(before)


def stop(browser: Client, officer: User, **more: Any) -> int:
    address = reverse("accounts:access", args=[officer.pk])
    return browser.post(address, {"active": "0"} | more).status_code


def test_what_was_given_counts_for_ten_minutes(clock: Clock) -> None:
    browser, other = signed_in(make_officer(Role.ADMINISTRATOR)), make_officer()

    clock.go_on(minutes=9, seconds=59)
    soon = stop(browser, other)
    clock.go_on(seconds=1)
    late = stop(browser, other)
    given = stop(browser, other, **{"again-password": PASSWORD})
    clock.go_on(minutes=9, seconds=59)
    still = stop(browser, other)
    clock.go_on(seconds=1)

    assert (soon, late, given, still) == (302, 422, 302, 302)
    assert stop(browser, other) == 422


def test_the_password_that_unlocks_counts_too(clock: Clock) -> None:
    browser, other = signed_in(make_officer(Role.ADMINISTRATOR)), make_officer()
    clock.go_on(minutes=31)

    browser.post(reverse("accounts:locked"), {"password": PASSWORD})

    assert stop(browser, other) == 302


def test_wrong_passwords_do_nothing_and_lock_the_account_out(clock: Clock) -> None:
    browser, other = signed_in(make_officer(Role.ADMINISTRATOR)), make_officer()
    clock.go_on(minutes=10)

    codes = [stop(browser, other, **{"again-password": "wrong"}) for _try in range(5)]
    right = stop(browser, other, **{"again-password": PASSWORD})

    assert codes == [422] * 4 + [429]
    assert right == 429
    other.refresh_from_db()
    assert other.is_active


@pytest.mark.parametrize("given", ["{", "[]", '{"id": 1}', ""])
def test_hostile_answers_of_a_passkey_do_nothing(clock: Clock, given: str) -> None:
    administrator, other = make_officer(Role.ADMINISTRATOR), make_officer()
    browser = signed_in(administrator)
    clock.go_on(minutes=10)

    assert stop(browser, other, **{"again-answer": given}) == 422

    other.refresh_from_db()
    assert other.is_active
    assert administrator.failed_tries.filter(step="second-factor").count() == 1


def test_a_new_key_follows_the_password(clock: Clock) -> None:
    browser, other = signed_in(make_officer(Role.ADMINISTRATOR)), make_officer()
    clock.go_on(minutes=10)
    key = browser.session.session_key

    stop(browser, other, **{"again-password": PASSWORD})

    assert browser.session.session_key != key


def test_several_values_of_one_name_are_all_kept(clock: Clock) -> None:
    browser = signed_in(make_officer(Role.ADMINISTRATOR))
    clock.go_on(minutes=10)

    page = browser.post(reverse("accounts:certify"), {"posting": ["7", "9"], "unit": "unit"})

    assert page.context["kept"] == [("posting", "7"), ("posting", "9"), ("unit", "unit")]
