"""Wrong tries: counted by account and by address, and nothing tells who is an officer."""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import FailedTry, User
from accounts.roles import Role
from accounts.services.signing_in import TRIES_BY_ADDRESS
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import SIGN_IN, give_password, signed_in
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

ARGON2 = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PAIRS = 8


def unknown(number: int) -> User:
    return User(username=f"nobody-{number}")


def test_many_accounts_tried_from_one_address_make_the_address_wait(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    for number in range(TRIES_BY_ADDRESS):
        answer = give_password(Client(), unknown(number), REMOTE_ADDR="10.6.6.6")
        assert answer.status_code == 422

    held = give_password(Client(), officer, REMOTE_ADDR="10.6.6.6")
    elsewhere = give_password(Client(), officer, REMOTE_ADDR="10.7.7.7")
    clock.go_on(minutes=15)
    later = give_password(Client(), officer, REMOTE_ADDR="10.6.6.6")

    assert (held.status_code, elsewhere.status_code, later.status_code) == (429, 302, 302)


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_address_is_no_way_round(proxies: int, settings: object) -> None:
    settings.PROXIES = proxies  # type: ignore[attr-defined]
    ours = ["10.6.6.6"] if proxies else []  # our proxy appends whom it saw
    for number in range(TRIES_BY_ADDRESS):
        forged = ", ".join([f"192.0.2.{number}", f"198.51.100.{number}", *ours])
        give_password(
            Client(), unknown(number), REMOTE_ADDR="10.6.6.6", HTTP_X_FORWARDED_FOR=forged
        )

    answer = give_password(
        Client(),
        make_officer(Role.SUPERVISOR),
        REMOTE_ADDR="10.6.6.6",
        HTTP_X_FORWARDED_FOR=", ".join(["203.0.113.9", *ours]),
    )

    assert answer.status_code == 429
    assert set(FailedTry.objects.values_list("address", flat=True)) == {"10.6.6.6"}


def test_behind_our_proxy_two_addresses_are_two() -> None:
    answers = []
    for number in range(2):
        browser = Client(headers={"x-forwarded-for": f"10.0.0.{number}"})
        answers.append(give_password(browser, unknown(number)).status_code)

    assert answers == [422, 422]


def test_the_account_waits_whatever_address_is_forged() -> None:
    officer = make_officer(Role.SUPERVISOR)

    codes = [
        give_password(
            Client(), officer, "wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}"
        ).status_code
        for number in range(6)
    ]

    assert codes == [422] * 4 + [429] * 2


def test_tries_while_the_account_waits_do_not_make_it_wait_longer(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    for _try in range(5):
        give_password(Client(), officer, "wrong")
    clock.go_on(minutes=14)
    during = give_password(Client(), officer, "wrong")

    clock.go_on(minutes=1, seconds=1)

    assert during.status_code == 429
    assert give_password(Client(), officer).status_code == 302


def test_guessing_the_present_password_at_an_open_desk_locks_the_account_out() -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    new = "a sentence that I remember"
    typed = {"old_password": "wrong", "new_password1": new, "new_password2": new}

    codes = [browser.post(reverse("accounts:password"), typed).status_code for _try in range(5)]
    right = browser.post(reverse("accounts:password"), {**typed, "old_password": PASSWORD})

    assert codes == [422] * 4 + [429]
    assert right.status_code == 429
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


# Nothing tells who is an officer


def shape(answer: Any) -> str:
    """The page without what differs at every request."""
    text = answer.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    return re.sub(r'name="username" value="[^"]*"', "", text)


def test_an_unknown_number_is_answered_like_a_wrong_password_also_when_locked_out() -> None:
    officer = make_officer(Role.SUPERVISOR)
    stopped = make_officer(Role.SUPERVISOR)
    User.objects.filter(pk=stopped.pk).update(is_active=False)
    tried: dict[str, list[tuple[int, str]]] = defaultdict(list)

    for _try in range(6):
        for who in (officer, stopped, unknown(1)):
            password = PASSWORD if who is stopped else "wrong"
            answer = give_password(Client(), who, password)
            tried[who.username].append((answer.status_code, shape(answer)))

    first, *others = tried.values()
    assert [code for code, _page in first] == [422] * 4 + [429] * 2
    assert all(other == first for other in others)


def test_an_unknown_number_costs_the_same_time(settings: object) -> None:
    """Time of the processor, in pairs: what else the machine does falls out."""
    settings.PASSWORD_HASHERS = ARGON2  # type: ignore[attr-defined]
    officers = [make_officer(Role.SUPERVISOR) for _pair in range(PAIRS)]
    give_password(Client(), unknown(99))
    known: list[float] = []
    strange: list[float] = []

    for number, officer in enumerate(officers):
        for who, times in ((officer, known), (unknown(number), strange)):
            began = time.process_time()
            give_password(Client(), who, "wrong")
            times.append(time.process_time() - began)

    assert officers[0].password.startswith("argon2$")
    one, other = statistics.median(known), statistics.median(strange)
    assert abs(one - other) < 0.2 * max(one, other), (one, other)


def test_passwords_are_kept_by_argon2_only() -> None:
    from ifso import settings

    assert settings.PASSWORD_HASHERS == ARGON2


# Identity comes from the session alone


@pytest.mark.parametrize(
    "header",
    ["X-User", "X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Auth-User", "Authorization"],
)
def test_no_header_names_an_officer(header: str) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = Client(headers={header: officer.username}, REMOTE_USER=officer.username)

    page = browser.get("/board/", {"user": officer.username, "officer": str(officer.pk)})
    machine = browser.get("/api/v1/dispatches/987654321", {"user": officer.username})

    assert page.headers["Location"].startswith(SIGN_IN)
    assert machine.status_code == 401


def test_after_migration_there_is_no_officer_who_could_sign_in() -> None:
    assert not User.objects.exists()


# Who manages whom


@pytest.mark.parametrize("target", list(Role))
@pytest.mark.parametrize("by", list(Role))
def test_only_an_administrator_manages_officers_and_never_oneself(by: Role, target: Role) -> None:
    acting, officer = make_officer(by), make_officer(target)
    browser = signed_in(acting)
    today = timezone.localdate().isoformat()
    acts = [
        ("accounts:post", {"role": Role.SUPERVISOR.value, "from_on": today}),
        ("accounts:access", {"active": "0"}),
        ("accounts:one-time-password", {}),
        ("accounts:reset-factors", {}),
        ("accounts:unlock", {}),
    ]
    expected = {"officer.posted", "officer.disabled", "officer.password-set"}
    expected |= {"officer.factors-reset", "officer.unlocked"}

    for who in (acting, officer):
        before = Event.objects.order_by("pk").last()
        for route, sent in acts:
            browser.post(reverse(route, args=[who.pk]), sent)

        assert before is not None
        events = Event.objects.filter(pk__gt=before.pk)
        done = set(events.values_list("verb", flat=True)) - {"access.refused", "officer.opened"}
        may = by == Role.ADMINISTRATOR and who is officer
        assert done == (expected if may else set())
        assert services.duty_of(acting, at=timezone.now()).role == by
