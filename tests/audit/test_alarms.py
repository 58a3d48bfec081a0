"""That sealing has stopped is told: on pages, in the log and by a command's exit code."""

from __future__ import annotations

import io
import logging
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from audit import checkpoints
from audit.alarms import Alarm, alarms
from audit.models import Event
from audit.sealing import seal_all
from audit.services import record
from audit.tasks import tell_alarms
from tests.accounts.clock import Clock
from tests.accounts.ways import signed_in
from tests.audit.conftest import write_events
from tests.audit.test_tampering import falsify, verify
from tests.factories import NOON, make_officer

pytestmark = pytest.mark.django_db(transaction=True)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FIVE_MINUTES, A_DAY = timedelta(minutes=5), timedelta(days=1)
TICK = timedelta(microseconds=1)


def seal_and_sign(at: datetime) -> None:
    seal_all()
    checkpoints.make_due(KEY, at=at)


def write_at(at: datetime) -> None:
    record(verb="case.seen", subject="case:1", actor=None, at=at)


def verified(*, holds: bool) -> None:
    record(
        verb="record.verified",
        subject="record:all",
        actor=None,
        at=NOON,
        detail={"holds": holds},
    )


def test_an_empty_record_is_no_alarm() -> None:
    assert alarms(at=NOON) == []


def test_what_is_sealed_and_signed_is_no_alarm_however_old() -> None:
    write_events(3)
    seal_and_sign(NOON)

    assert alarms(at=NOON + timedelta(days=30)) == []


def test_with_the_sealer_stopped_it_is_told_after_five_minutes() -> None:
    write_at(NOON - timedelta(hours=1))
    seal_and_sign(NOON)
    write_at(NOON)
    write_at(NOON + timedelta(minutes=4))

    assert alarms(at=NOON + FIVE_MINUTES - TICK) == []
    assert alarms(at=NOON + FIVE_MINUTES) == [Alarm.NOT_SEALED]

    seal_all()

    assert alarms(at=NOON + FIVE_MINUTES) == []


def test_a_sealer_that_never_worked_is_told_too() -> None:
    write_at(NOON)

    assert alarms(at=NOON + FIVE_MINUTES) == [Alarm.NOT_SEALED]


def test_a_day_without_a_checkpoint_is_told() -> None:
    write_at(NOON)
    seal_and_sign(NOON)
    write_at(NOON)
    seal_all()

    assert alarms(at=NOON + A_DAY - TICK) == []
    assert alarms(at=NOON + A_DAY) == [Alarm.NOT_SIGNED]

    seal_and_sign(NOON + A_DAY)

    assert alarms(at=NOON + A_DAY) == []


@pytest.mark.parametrize(
    ("results", "told"),
    [
        pytest.param([False], [Alarm.NOT_WHOLE], id="failed"),
        pytest.param([True, False], [Alarm.NOT_WHOLE], id="failed after a good one"),
        pytest.param([False, True], [], id="good after a failed one"),
    ],
)
def test_the_last_check_counts(results: list[bool], told: list[Alarm]) -> None:
    for holds in results:
        verified(holds=holds)
    seal_and_sign(NOON)

    assert alarms(at=NOON) == told


def test_a_check_keeps_what_it_found(clock: Clock) -> None:
    write_events(3)
    seal_and_sign(NOON)

    assert verify().code == 0

    event = Event.objects.get(verb="record.verified")
    assert event.detail == {"holds": True, "from": 1, "to": 3, "faults": 0}


def test_a_check_that_finds_a_change_is_told_from_then_on(clock: Clock) -> None:
    write_events(3)
    seal_and_sign(NOON)
    falsify("update audit_event set subject = 'case:9' where subject = 'case:1'")

    assert verify().code == 1

    assert alarms(at=NOON) == [Alarm.NOT_WHOLE]
    assert Event.objects.get(verb="record.verified").detail["holds"] is False


def test_a_part_that_holds_says_nothing_of_the_whole(clock: Clock) -> None:
    write_events(3)
    verified(holds=False)
    seal_and_sign(NOON)

    assert verify("--from", "2").code == 0

    assert alarms(at=NOON) == [Alarm.NOT_WHOLE]


# How it is told


@pytest.mark.parametrize("role", list(Role))
def test_whoever_reads_the_record_or_manages_officers_sees_it_on_every_page(
    clock: Clock, role: Role
) -> None:
    browser = signed_in(make_officer(role))
    clock.go_on(minutes=6)

    page = browser.get("/account/sessions/").content.decode()

    is_told = role in {Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR}
    assert ("has not been sealed" in page) == is_told


def test_a_page_asks_by_one_statement_and_for_these_roles_alone(clock: Clock) -> None:
    asked = {}
    for role in (Role.AUDITOR, Role.ANALYST):
        browser = signed_in(make_officer(role))
        with CaptureQueriesContext(connection) as statements:
            browser.get("/account/sessions/")
        asked[role] = sum("audit_seal" in each["sql"] for each in statements)

    assert asked == {Role.AUDITOR: 1, Role.ANALYST: 0}


def test_the_statement_goes_along_indexes() -> None:
    from audit.alarms import STATE, VERIFIED

    with connection.cursor() as cursor:
        cursor.execute("set enable_seqscan = off")
        cursor.execute(f"explain {STATE}", [VERIFIED])
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("reset enable_seqscan")

    assert "Seq Scan" not in plan
    assert "Sort" not in plan
    assert plan.count("audit_event_pkey") == 2
    assert all(name in plan for name in ("event_by_verb", "audit_checkpoint_pkey"))


def test_the_timetable_writes_an_error_line(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    write_at(NOON)
    tell_alarms()
    assert caplog.records == []
    clock.go_on(minutes=5)

    with caplog.at_level(logging.ERROR):
        tell_alarms()

    [line] = caplog.records
    assert (line.levelname, line.alarm) == ("ERROR", "not-sealed")  # type: ignore[attr-defined]


def test_the_command_ends_with_1_as_long_as_it_lasts(clock: Clock) -> None:
    write_at(NOON)
    call_command("audit_alarms", stdout=io.StringIO())
    clock.go_on(minutes=5)
    out = io.StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("audit_alarms", stdout=out)

    assert refusal.value.returncode == 1
    assert out.getvalue().startswith("not-sealed: ")
