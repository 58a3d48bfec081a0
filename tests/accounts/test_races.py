"""Many at once: tries are counted one by one, and a code works once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import FailedTry, User
from accounts.roles import Role
from tests.accounts.ways import give_code, give_password, half_way
from tests.factories import make_officer

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 8


def all_at_once(act: Callable[[int], int]) -> list[int]:
    barrier = Barrier(AT_ONCE)

    def one(number: int) -> int:
        barrier.wait()
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(one, range(AT_ONCE)))


def with_app(officer: User, *, at: datetime) -> pyotp.TOTP:
    session = services.begin_session(officer=officer, address=None, browser="", at=at)
    services.begin_app(user=officer)
    secret = services.waiting_secret(officer)
    assert secret is not None
    app = pyotp.TOTP(secret)
    spent = app.at(int(at.timestamp()) - 30)
    services.confirm_app(user=officer, code=spent, session=session, at=at)
    return app


def test_of_many_wrong_tries_at_once_five_are_checked() -> None:
    officer = make_officer(Role.SUPERVISOR)

    codes = all_at_once(lambda _number: give_password(Client(), officer, "wrong").status_code)

    assert codes == [422] * 4 + [429] * 4
    assert FailedTry.objects.filter(officer=officer).count() == 5


def test_of_many_with_the_same_code_one_comes_in() -> None:
    officer = make_officer(Role.SUPERVISOR)
    app = with_app(officer, at=timezone.now())
    browsers = [half_way(officer) for _browser in range(AT_ONCE)]
    before = officer.sessions.count()
    code = app.at(int(timezone.now().timestamp()))

    codes = all_at_once(lambda number: give_code(browsers[number], code).status_code)

    assert codes.count(302) == 1
    assert officer.sessions.count() == before + 1
