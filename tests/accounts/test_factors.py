"""The second step: app, recovery codes, enrolment, step-up and reset. Passkeys are in
`tests/browser/test_passkeys.py`, where a browser answers.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

import pyotp
import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import OfficerSession, Passkey, Totp, User
from accounts.roles import SECOND_FACTOR, Role, needs_second_factor
from accounts.services.factors import RECOVERY_CODES
from audit.models import Event
from tests.accounts.clock import Clock
from tests.accounts.ways import SIGN_IN, give_password, present, signed_in
from tests.factories import PASSWORD, make_officer

pytestmark = pytest.mark.django_db

BOARD = "/board/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = "/sign-in/second-factor/"


@pytest.fixture
def compulsory(settings: Any) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True


def enrol(officer: User, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """An app and its recovery codes; the code it was confirmed with is spent."""
    session = services.begin_session(officer=officer, address=None, browser="", at=clock.at)
    services.begin_app(user=officer)
    secret = services.waiting_secret(officer)
    assert secret is not None
    app = pyotp.TOTP(secret)
    codes = services.confirm_app(user=officer, code=app.at(clock.at), session=session, at=clock.at)
    OfficerSession.objects.all().delete()
    clock.go_on(minutes=2)
    return app, codes


def half_way(officer: User) -> Client:
    browser = Client()
    assert give_password(browser, officer).headers["Location"] == STEP
    return browser


def give_code(browser: Client, code: str) -> Any:
    return browser.post(STEP, {"code": code})


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


# Enrolment


def test_every_role_needs_a_second_factor() -> None:
    assert dict.fromkeys(Role, True) == SECOND_FACTOR
    assert all(needs_second_factor(role) for role in (*Role, None))


@pytest.mark.usefixtures("compulsory")
@pytest.mark.parametrize("role", list(Role))
def test_until_enrolled_no_page_opens_but_enrolment(role: Role) -> None:
    from tests.conventions.test_access import ROUTES, address

    officer = make_officer(role)
    browser = signed_in(officer)
    opened = []
    for name, converters in ROUTES:
        answer = browser.get(address(name, converters))
        if answer.status_code == 200:
            opened.append(name)

    assert sorted(opened) == [
        *("accounts:confirm", "accounts:factors", "accounts:passkey", "accounts:password"),
        "health",
    ]
    assert (
        browser.get("/", headers={"HX-Request": "true"})
        .headers["HX-Redirect"]
        .startswith(reverse("accounts:factors"))
    )


@pytest.mark.usefixtures("compulsory")
def test_an_officer_enrols_an_app_at_the_first_sign_in(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    before = browser.get(BOARD)
    key = browser.session.session_key

    browser.post(reverse("accounts:app"))
    page = browser.get(reverse("accounts:app"))
    app = pyotp.TOTP(page.context["secret"].replace(" ", ""))
    wrong = browser.post(reverse("accounts:app"), {"code": "000 000"})
    still = browser.get(BOARD)
    code = app.at(clock.at)
    codes = browser.post(reverse("accounts:app"), {"code": f"{code[:3]} {code[3:]}"})

    assert before.headers["Location"].startswith(reverse("accounts:factors"))
    assert page.context["secret"] in page.content.decode()
    assert "<svg" in page.content.decode()
    assert (wrong.status_code, still.status_code) == (422, 302)
    assert len(codes.context["codes"]) == 10
    assert browser.get(BOARD).status_code == 200
    assert browser.session.session_key != key
    assert Event.objects.filter(verb="factor.added").count() == 1


def test_the_picture_holds_the_key_for_a_camera() -> None:
    address = services.app_address(User(username="28901234"), SECRET, issuer="IFSO")

    assert address == f"otpauth://totp/IFSO:28901234?secret={SECRET}&issuer=IFSO"


def test_without_compulsion_pages_open_and_the_sign_in_page_says_demo(settings: Any) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))

    assert browser.get(BOARD).status_code == 200
    assert "A demo on made data" in Client().get(SIGN_IN).content.decode()
    settings.SECOND_FACTOR_COMPULSORY = True
    assert "A demo on made data" not in Client().get(SIGN_IN).content.decode()


def test_an_app_that_gave_no_code_is_no_factor(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)

    services.begin_app(user=officer)

    assert not services.factors_of(officer).any
    assert signed_in(officer).get(BOARD).status_code == 200


# The password again


def test_changing_factors_asks_for_the_password_again(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    passkey = Passkey.objects.create(
        officer=officer, name="key", credential_id="x", credential="x", added_at=clock.at
    )
    browser = half_way(officer)
    give_code(browser, app.at(clock.at))
    acts = [
        reverse("accounts:app"),
        reverse("accounts:remove-app"),
        reverse("accounts:remove-passkey", args=[passkey.pk]),
        reverse("accounts:recovery-codes"),
        reverse("accounts:passkey"),
    ]

    for act in acts:
        assert browser.post(act).headers["Location"].startswith(reverse("accounts:confirm"))
    assert len(services.factors_of(officer).passkeys) == 1
    wrong = browser.post(reverse("accounts:confirm"), {"password": "wrong"})
    assert wrong.status_code == 422
    right = browser.post(
        reverse("accounts:confirm"), {"password": PASSWORD, "next": reverse("accounts:factors")}
    )
    assert right.headers["Location"] == reverse("accounts:factors")
    browser.post(acts[2])
    assert services.factors_of(officer).passkeys == []
    clock.go_on(minutes=5)
    assert browser.post(acts[1]).headers["Location"].startswith(reverse("accounts:confirm"))
    assert services.factors_of(officer).has_app


def test_a_first_factor_needs_the_password_again_later_in_the_day(clock: Clock) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))
    fresh = browser.post(reverse("accounts:app"))
    clock.go_on(minutes=5)

    stale = browser.get(reverse("accounts:app"))

    assert fresh.headers["Location"] == reverse("accounts:app")
    assert stale.headers["Location"].startswith(reverse("accounts:confirm"))


@pytest.mark.usefixtures("compulsory")
def test_who_removes_the_last_factor_must_enrol_anew(clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    app, _codes = enrol(officer, clock)
    browser = half_way(officer)
    give_code(browser, app.at(clock.at))
    browser.post(reverse("accounts:confirm"), {"password": PASSWORD})

    browser.post(reverse("accounts:remove-app"))

    assert browser.get(BOARD).headers["Location"].startswith(reverse("accounts:factors"))
    assert services.factors_of(officer).recovery_codes == 0
    assert Event.objects.filter(verb="factor.removed").count() == 1


# Reset by an administrator


def test_an_administrator_removes_what_is_lost_and_the_officer_is_told(clock: Clock) -> None:
    officer, administrator = make_officer(Role.SUPERVISOR), make_officer(Role.ADMINISTRATOR)
    app, _codes = enrol(officer, clock)
    browser = half_way(officer)
    give_code(browser, app.at(clock.at))
    clock.go_on(minutes=1)
    desk = signed_in(administrator)
    page = desk.get(reverse("accounts:officer", args=[officer.pk])).content.decode()

    desk.post(reverse("accounts:reset-factors", args=[officer.pk]))

    assert "Remove second factor" in page
    assert browser.get(BOARD).status_code == 302
    clock.go_on(minutes=1)
    told = signed_in(officer).get(BOARD).content.decode()
    assert "An administrator has removed your second factor" in told
    clock.go_on(minutes=1)
    assert "has removed" not in signed_in(officer).get(BOARD).content.decode()
    assert Event.objects.get(verb="officer.factors-reset").actor_id == administrator.pk


def test_nobody_resets_the_own_factors(clock: Clock) -> None:
    administrator = make_officer(Role.ADMINISTRATOR)
    app, _codes = enrol(administrator, clock)
    browser = half_way(administrator)
    give_code(browser, app.at(clock.at))

    browser.post(reverse("accounts:reset-factors", args=[administrator.pk]))

    assert services.factors_of(administrator).has_app


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
