"""The second step: app, recovery codes, secrets at rest. Passkeys are in
`tests/browser/test_passkeys.py`, where a browser answers.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import Totp
from accounts.roles import Role
from accounts.services.factors import RECOVERY_CODES
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import SIGN_IN, STEP, enrol, give_code, give_password, half_way, present
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

BOARD = "/board/"


# The second step


def test_with_an_app_the_password_alone_opens_nothing(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    enrol(officer, clock)

    browser = half_way(officer)

    assert browser.get(BOARD).headers["Location"].startswith(SIGN_IN)
    assert not officer.sessions.exists()
    assert not Event.objects.filter(verb="officer.signed-in").exists()


def test_the_code_of_now_opens_and_the_record_says_with_what(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    browser = Client()
    browser.post(
        SIGN_IN,
        {
            "username": officer.username,
            "password": PASSWORD,
            "notice": services.NOTICE,
            "next": "/board/?period=week",
        },
    )

    answer = give_code(browser, app.at(clock.at))

    assert answer.headers["Location"] == "/board/?period=week"
    assert browser.get(BOARD).status_code == 200
    assert present(officer).factor == "app"
    assert Event.objects.get(verb="officer.signed-in").detail["factor"] == "app"


@pytest.mark.parametrize(
    ("seconds", "opens"),
    [(-60, False), (-30, True), (0, True), (30, True), (60, False)],
)
def test_a_code_of_one_step_before_or_after_is_taken(
    seconds: int, *, opens: bool, clock: Clock
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)

    answer = give_code(half_way(officer), app.at(int(clock.at.timestamp()) + seconds))

    assert answer.status_code == (302 if opens else 422)


def test_a_code_works_once_and_none_before_it_works_after(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    now = int(clock.at.timestamp())

    codes = [
        give_code(half_way(officer), app.at(now + seconds)).status_code for seconds in (0, 0, -30)
    ]

    assert codes == [302, 422, 422]


def test_wrong_codes_lock_the_account_out_like_wrong_passwords(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    browser = half_way(officer)

    answers = [
        give_code(browser, wrong).status_code for wrong in ("000000", "x", "", "9", "1" * 99)
    ]
    right = give_code(browser, app.at(clock.at))

    assert answers == [422] * 4 + [429]
    assert right.status_code == 429
    assert give_password(Client(), officer).status_code == 429
    steps = Event.objects.filter(verb__in=["officer.sign-in-failed", "officer.locked-out"])
    assert [event.detail.get("step") for event in steps.order_by("pk")] == [
        *["second-factor"] * 5,
        *[None] * 2,
    ]


def test_a_right_password_between_does_not_forget_wrong_codes(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    enrol(officer, clock)

    answers = [give_code(half_way(officer), "000000").status_code for _try in range(4)]
    last = give_code(half_way(officer), "000000")

    assert answers == [422] * 4
    assert last.status_code == 429


def test_the_second_step_waits_five_minutes_and_not_for_a_changed_password(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    late, changed = half_way(officer), half_way(officer)
    officer.refresh_from_db()
    officer.set_password("another long password")
    officer.save()
    after_change = give_code(changed, app.at(clock.at))

    clock.go_on(minutes=5)

    assert after_change.headers["Location"] == SIGN_IN
    assert give_code(late, app.at(clock.at)).headers["Location"] == SIGN_IN


def test_the_code_of_another_officer_opens_nothing(clock: Clock) -> None:
    officer, other = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    enrol(officer, clock)
    theirs, codes = enrol(other, clock)

    browser = half_way(officer)

    assert give_code(browser, theirs.at(clock.at)).status_code == 422
    assert give_code(browser, codes[0]).status_code == 422


def test_hostile_answers_of_a_passkey_are_refused(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    enrol(officer, clock)

    for answer in ("{", "[]", "1", '{"id": 1}', '{"rawId": "é", "response": {}}', "null"):
        got = half_way(officer).post(STEP, {"answer": answer})
        assert got.status_code in {422, 429}
        services.unlock(user=officer, by=make_officer(Role.ADMINISTRATOR), at=clock.at)

    assert not officer.sessions.exists()


# Recovery codes


def test_each_recovery_code_opens_once_and_none_lies_readable(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    _app, codes = enrol(officer, clock)

    first = give_code(half_way(officer), codes[0].upper())
    again = give_code(half_way(officer), codes[0])
    second = give_code(half_way(officer), codes[1])

    assert len(set(codes)) == RECOVERY_CODES == 10
    assert [each.status_code for each in (first, again, second)] == [302, 422, 302]
    assert services.factors_of(officer).recovery_codes == 8
    kept = str(list(officer.recovery_codes.values()))
    assert not any(code in kept for code in codes)


def test_new_recovery_codes_make_the_old_ones_worthless(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, old = enrol(officer, clock)
    browser = half_way(officer)
    give_code(browser, app.at(clock.at))
    browser.post(reverse("accounts:confirm"), {"password": PASSWORD})

    page = browser.post(reverse("accounts:recovery-codes"))

    new = page.context["codes"]
    assert all(code in page.content.decode() for code in new)
    assert "no-store" in page.headers["Cache-Control"]
    assert give_code(half_way(officer), old[0]).status_code == 422
    assert give_code(half_way(officer), new[0]).status_code == 302


# Secrets at rest


def test_the_secret_lies_encrypted_and_survives_a_change_of_keys(
    clock: Clock, settings: Any
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    before = Totp.objects.get().secret
    [old], new = settings.FACTOR_KEYS, Fernet.generate_key().decode()

    settings.FACTOR_KEYS = [new, old]
    call_command("rotate_factor_keys", stdout=StringIO())
    settings.FACTOR_KEYS = [new]

    assert app.secret not in before
    assert app.secret not in Totp.objects.get().secret
    assert give_code(half_way(officer), app.at(clock.at)).status_code == 302


def test_keys_that_open_nothing_are_not_taken_silently(clock: Clock, settings: Any) -> None:
    enrol(make_officer(Role.SUPERVISOR), clock)
    before = Totp.objects.get().secret
    settings.FACTOR_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rotate_factor_keys")

    assert Totp.objects.get().secret == before
