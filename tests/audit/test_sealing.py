"""The chain has no gap and no double, whatever happens to the sealer."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import InternalError

from audit import sealing
from audit.form import bytes_of
from audit.models import Event, Seal
from audit.sealing import LOCK, alone, seal, seal_all
from audit.services import record
from audit.verifying import verify_part
from audit.witnesses import end_of_chain
from ifso.embedded.processes import spawn
from tests.audit.conftest import write_events
from tests.factories import NOON
from tests.processes import worker_environment
from tests.roles import session

pytestmark = pytest.mark.django_db(transaction=True)

HOME = Path(__file__).resolve().parents[2]


def run(statement: str, values: tuple[int, ...] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def chain() -> list[tuple[int, str]]:
    """Place and subject of every sealed event, once the whole chain is found to hold."""
    part = verify_part(0, end_of_chain())
    assert part.faults == []
    subjects = dict(Event.objects.values_list("pk", "subject"))
    seals = list(Seal.objects.order_by("seq"))
    assert [seal.seq for seal in seals] == list(range(1, len(seals) + 1))
    return [(seal.seq, subjects[seal.event_id]) for seal in seals]


def test_events_are_sealed_in_order_without_gaps() -> None:
    write_events(3)
    with transaction.atomic():  # takes a key and is undone
        record(verb="case.seen", subject="case:undone", actor=None, at=NOON)
        transaction.set_rollback(True)
    write_events(2)

    count, place = seal_all(batch=2)

    assert count == 5
    assert [seq for seq, _subject in chain()] == [1, 2, 3, 4, 5]
    assert seal_all(place, batch=2)[0] == 0
    assert seal_all(batch=2)[0] == 0


def test_an_act_that_is_still_running_holds_back_what_came_after_it() -> None:
    began, may_end, ended = (threading.Event() for _ in range(3))

    def slow_act() -> None:
        with transaction.atomic():
            record(verb="case.seen", subject="case:slow", actor=None, at=NOON)
            began.set()
            may_end.wait(10)
        connection.close()
        ended.set()

    _count, place = seal_all()
    threading.Thread(target=slow_act).start()
    assert began.wait(10)
    record(verb="case.seen", subject="case:quick", actor=None, at=NOON)

    held_back, place = seal_all(place)
    may_end.set()
    assert ended.wait(10)
    after, _place = seal_all(place)

    assert (held_back, after) == (0, 2)
    assert [subject for _seq, subject in chain()] == ["case:slow", "case:quick"]


def test_events_of_a_restored_dump_are_sealed_and_the_chain_goes_on() -> None:
    """Transactions are numbered anew in another cluster: rows come with numbers far ahead of it."""
    write_events(2)
    seal_all()
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        here = cursor.fetchone()[0]
    run(
        "insert into audit_event (at, actor_name, verb, subject, detail, request_id, xid)"
        " values (now(), '', 'case.seen', 'case:ahead', '{}', '', %s),"
        " (now(), '', 'case.seen', 'case:behind', '{}', '', 3)",
        (here + 1_000_000,),
    )

    count, place = seal_all()  # as the sealer does when it starts
    record(verb="case.seen", subject="case:new", actor=None, at=NOON)
    after, place = seal_all(place)

    assert (count, after) == (2, 1)
    assert [subject for _seq, subject in chain()][2:] == ["case:ahead", "case:behind", "case:new"]
    assert seal_all(place)[0] == 0


class Killed(Exception):
    pass


def killed_at(number: int) -> Callable[..., object]:
    """A wrapper that lets so many statements through and then ends the sealer."""
    seen = 0

    def wrapper(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Killed
        return execute(*arguments)

    return wrapper


def test_killed_at_any_statement_it_leaves_no_gap_and_no_double() -> None:
    write_events(7)
    number = 0
    while True:
        number += 1
        try:
            with connection.execute_wrapper(killed_at(number)):
                seal_all(batch=3)
        except Killed:
            chain()
            write_events(1)
            continue
        break

    assert number > 8
    assert len(chain()) == Event.objects.count()


def test_killed_between_the_seals_and_their_commit_it_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_events(4)
    with monkeypatch.context() as patched:

        def seal_and_die(*arguments: Any, **options: Any) -> list[Any]:
            found = seal(*arguments, **options)
            if found:
                assert end_of_chain() == 4
                raise Killed
            return found

        patched.setattr(sealing, "seal", seal_and_die)
        with pytest.raises(Killed):
            seal_all()

    assert end_of_chain() == 0
    assert seal_all()[0] == len(chain()) == 4


def sealer() -> subprocess.Popen[bytes]:
    env = {
        **worker_environment(),
        "IFSO_CHECKPOINTS": str(settings.CHECKPOINTS),
        "IFSO_SIGNING_KEY": str(settings.SIGNING_KEY),
    }
    return spawn([sys.executable, "manage.py", "seal_audit"], cwd=HOME, env=env)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_sealer_killed_at_work_is_followed_by_another() -> None:
    run(
        "insert into audit_event (at, actor_name, verb, subject, detail, request_id)"
        " select now(), '', 'case.seen', 'case:' || g, '{}', '' from generate_series(1, 60000) g"
    )
    first = sealer()
    until(lambda: end_of_chain() > 0)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    at_death = end_of_chain()

    second = sealer()
    try:
        until(lambda: end_of_chain() == 60_000)
    finally:
        second.terminate()
        assert second.wait(20) == 0

    assert 0 < at_death < 60_000
    assert verify_part(0, 60_000).faults == []
    assert verify_part(0, 60_000).count == 60_000


def test_a_sealer_whose_session_is_cut_off_begins_anew() -> None:
    write_events(1)
    running = sealer()
    try:
        until(lambda: end_of_chain() == 1)
        with session("ifso_worker") as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_locks"
                " where locktype = 'advisory' and objid = %s",
                (LOCK,),
            )
        write_events(1)
        until(lambda: end_of_chain() == 2)
    finally:
        running.terminate()
        assert running.wait(20) == 0


def test_a_second_sealer_waits_for_the_first() -> None:
    waited = 0

    def wait() -> None:
        nonlocal waited
        waited += 1
        if waited == 3:
            raise InterruptedError

    def second() -> None:
        try:
            with alone(wait=wait):
                raise AssertionError("two sealers at once")
        except InterruptedError:
            pass
        finally:
            connection.close()

    with alone(wait=lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(10)
    with alone(wait=lambda: pytest.fail("nobody holds it any more")):
        pass

    assert waited == 3


def test_the_bytes_of_an_event_can_be_made_without_the_database() -> None:
    """The form is what its description says, and nothing that only PostgreSQL knows."""
    at = datetime(2026, 11, 12, 6, 30, 0, 123456, tzinfo=UTC)
    record(verb="case.seen", subject="case:1", actor=None, at=at, detail={"bb": 1, "a": "ä"})
    seal_all()
    event, seal = Event.objects.get(), Seal.objects.get()

    def column(kind: int, data: bytes | None) -> bytes:
        size = -1 if data is None else len(data)
        return struct.pack(">Ii", kind, size) + (data or b"")

    def number(value: int | None) -> bytes:
        return column(20, None if value is None else struct.pack(">q", value))

    def text(value: str) -> bytes:
        return column(25, value.encode())

    micro = int((at - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
    detail = json.dumps({"a": "ä", "bb": 1}, ensure_ascii=False)
    data = b"\x01\x01" + struct.pack(">I", 17)
    data += number(1) + number(event.pk) + column(1184, struct.pack(">q", micro))
    data += number(None) + text("") + text("") + number(None) + text("") + text("")
    data += text("case.seen") + text("case:1") + text("done") + text("") + text("service")
    data += number(event.xid) + column(3802, b"\x01" + detail.encode()) + text("")

    with connection.cursor() as cursor:
        cursor.execute(f"select {bytes_of('1')} from audit_event e")
        assert bytes(cursor.fetchone()[0]) == data
    assert bytes(seal.hash) == hashlib.sha256(bytes(32) + data).digest()


@pytest.mark.parametrize("table", ["audit_seal", "audit_checkpoint"])
@pytest.mark.parametrize("change", ["update {} set hash = ''", "delete from {}"])
def test_seals_and_checkpoints_are_final(table: str, change: str) -> None:
    write_events(1)
    call_command("seal_audit", "--once")

    with pytest.raises(InternalError, match="append-only"):
        run(change.format(table))


def test_without_a_key_it_does_not_begin() -> None:
    Path(settings.SIGNING_KEY).unlink()

    with pytest.raises(CommandError, match="IFSO_SIGNING_KEY"):
        call_command("seal_audit", "--once")
