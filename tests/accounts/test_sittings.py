"""When a session locks, when it is over, when an account sleeps: the edges."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.sittings import DORMANT_AFTER, Limits, Standing, is_dormant, standing
from tests.factories import NOON

LIMITS = Limits(longest=timedelta(hours=12), idle=timedelta(minutes=30))
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("began", "seen", "locked", "expected"),
    [
        pytest.param(timedelta(), timedelta(), False, Standing.OPEN, id="just begun"),
        pytest.param(
            timedelta(hours=1),
            timedelta(minutes=30) - MOMENT,
            False,
            Standing.OPEN,
            id="almost idle too long",
        ),
        pytest.param(
            timedelta(hours=1), timedelta(minutes=30), False, Standing.LOCKED, id="idle too long"
        ),
        pytest.param(timedelta(hours=1), timedelta(), True, Standing.LOCKED, id="locked by hand"),
        pytest.param(
            timedelta(hours=12) - MOMENT, timedelta(), False, Standing.OPEN, id="almost over"
        ),
        pytest.param(timedelta(hours=12), timedelta(), False, Standing.OVER, id="over"),
        pytest.param(
            timedelta(hours=12), timedelta(hours=1), True, Standing.OVER, id="over while locked"
        ),
    ],
)
def test_how_a_session_stands(
    began: timedelta, seen: timedelta, *, locked: bool, expected: Standing
) -> None:
    assert (
        standing(
            began_at=NOON - began,
            seen_at=NOON - seen,
            locked_at=NOON if locked else None,
            at=NOON,
            limits=LIMITS,
        )
        == expected
    )


@pytest.mark.parametrize(
    ("enlisted", "signed_in", "woken", "expected"),
    [
        pytest.param(44, None, None, False, id="enlisted lately"),
        pytest.param(45, None, None, True, id="never signed in"),
        pytest.param(400, 44, None, False, id="signed in lately"),
        pytest.param(400, 45, None, True, id="signed in long ago"),
        pytest.param(400, 90, 44, False, id="woken lately"),
        pytest.param(400, 90, 45, True, id="woken long ago"),
        pytest.param(400, 1, 90, False, id="woken long ago, signed in since"),
    ],
)
def test_when_an_account_sleeps(
    enlisted: int, signed_in: int | None, woken: int | None, *, expected: bool
) -> None:
    def ago(days: int | None) -> datetime | None:
        return None if days is None else NOON - timedelta(days=days)

    assert timedelta(days=45) == DORMANT_AFTER
    assert (
        is_dormant(
            enlisted_at=NOON - timedelta(days=enlisted),
            last_sign_in_at=ago(signed_in),
            woken_at=ago(woken),
            at=NOON,
        )
        == expected
    )
