"""Wrong tries go after 90 days and sessions a year after their end; what is younger stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from axes.models import AccessAttempt, AccessAttemptExpiration, AccessFailureLog, AccessLog

from accounts.models import FailedTry, OfficerSession
from accounts.models.sessions import Ending, Step
from accounts.tasks import thin_out
from audit.models import Event
from tests.accounts.clock import Clock
from tests.factories import NOON, make_officer
from tests.roles import session

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
TRY_LIMIT, SESSION_LIMIT = NOON - timedelta(days=90), NOON - timedelta(days=365)


def make_try(at: datetime) -> FailedTry:
    return FailedTry.objects.create(at=at, address="10.0.0.7", step=Step.PASSWORD)


def make_session(*, began_at: datetime, ended_at: datetime | None) -> OfficerSession:
    return OfficerSession.objects.create(
        officer=make_officer(),
        began_at=began_at,
        seen_at=began_at,
        ended_at=ended_at,
        ending=Ending.SIGNED_OUT if ended_at else "",
    )


def make_axes_rows(at: datetime) -> None:
    for model, more in (
        (AccessAttempt, {"failures_since_start": 1, "get_data": "", "post_data": ""}),
        (AccessLog, {}),
        (AccessFailureLog, {}),
    ):
        row = model.objects.create(username=f"x{at}", ip_address="10.0.0.7", **more)
        model.objects.filter(pk=row.pk).update(attempt_time=at)
    attempt = AccessAttempt.objects.get(username=f"x{at}")
    AccessAttemptExpiration.objects.create(access_attempt=attempt, expires_at=at)


def test_wrong_tries_are_kept_for_90_days(clock: Clock) -> None:
    make_try(TRY_LIMIT - TICK)
    young = make_try(TRY_LIMIT)

    thin_out()

    assert FailedTry.objects.get() == young


def test_a_session_is_kept_for_a_year_after_its_end(clock: Clock) -> None:
    long = SESSION_LIMIT - timedelta(hours=12)
    make_session(began_at=long, ended_at=SESSION_LIMIT - TICK)
    make_session(began_at=long - TICK, ended_at=None)
    kept = [
        make_session(began_at=long, ended_at=SESSION_LIMIT),
        make_session(began_at=long, ended_at=None),
        make_session(began_at=NOON, ended_at=None),
    ]

    thin_out()

    assert list(OfficerSession.objects.order_by("pk")) == kept


def test_the_tables_of_axes_are_thinned_like_the_tries(clock: Clock) -> None:
    make_axes_rows(TRY_LIMIT - TICK)
    make_axes_rows(TRY_LIMIT)

    thin_out()

    for model in (AccessAttempt, AccessLog, AccessFailureLog):
        assert model.objects.get().attempt_time == TRY_LIMIT
    assert AccessAttemptExpiration.objects.count() == 1


def test_it_leaves_one_event_with_the_counts_and_none_for_nothing(clock: Clock) -> None:
    make_try(TRY_LIMIT - TICK)
    make_try(TRY_LIMIT - TICK)
    make_session(began_at=SESSION_LIMIT - TICK, ended_at=SESSION_LIMIT - TICK)
    make_axes_rows(TRY_LIMIT - TICK)
    before = Event.objects.latest("pk").pk

    thin_out()
    thin_out()

    event = Event.objects.get(pk__gt=before)
    assert (event.verb, event.subject, event.actor_id) == ("accounts.thinned", "accounts:all", None)
    assert event.detail == {
        "tries": 2,
        "sessions": 1,
        "attempts": 2,  # the row of the attempt, and that of its end
        "access_logs": 1,
        "failure_logs": 1,
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["accounts_failedtry", "accounts_officersession"])
def test_the_system_may_delete_them_and_the_web_may_not(table: str) -> None:
    asked = "select has_table_privilege(%s, %s, 'delete')"
    with session("ifso_auditor") as cursor:
        given = {}
        for role in ("ifso_system", "ifso_web"):
            cursor.execute(asked, [role, table])
            [given[role]] = cursor.fetchone()

    assert given == {"ifso_system": True, "ifso_web": False}
