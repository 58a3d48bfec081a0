"""Ten ways to falsify the record, done as superuser with the guards off: each is found, with its
place.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from audit import checkpoints, verifying
from audit.form import BEGINNING, bytes_of
from audit.models import Event, Seal
from audit.sealing import seal_all
from audit.services import record
from tests.audit.conftest import write_events
from tests.factories import NOON
from tests.roles import session

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = 40
SIGNED_AT = 20
TABLES = ("audit_event", "audit_seal", "audit_checkpoint")


@pytest.fixture
def record_of_forty(outside: Path) -> None:
    """Forty sealed events, signed at the twentieth and at the last."""
    for count in (SIGNED_AT, EVENTS - SIGNED_AT):
        write_events(count)
        seal_all()
        checkpoints.make(Seal.objects.latest("seq"), checkpoints.signing_key(), at=timezone.now())


def falsify(*statements: str) -> None:
    """As the owner of the tables, who may do what the guards forbid once they are off."""
    with session("ifso_owner") as cursor:
        cursor.execute("begin")
        for table in TABLES:
            cursor.execute(f"alter table {table} disable trigger {table}_append_only")
        for statement in statements:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"alter table {table} enable trigger {table}_append_only")
        cursor.execute("commit")


@dataclass(frozen=True)
class Verdict:
    code: int
    said: str

    @property
    def first_bad(self) -> int | None:
        named = [line for line in self.said.splitlines() if line.startswith("first bad: ")]
        return int(named[0].removeprefix("first bad: ")) if named else None


def verify(*arguments: str) -> Verdict:
    out = io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except CommandError as refusal:
        return Verdict(refusal.returncode, out.getvalue() + str(refusal))
    return Verdict(0, out.getvalue())


def event_at(seq: int) -> str:
    return f"(select event_id from audit_seal where seq = {seq})"


def chain_anew(first: int) -> None:
    """What whoever may do anything does after a change: every hash from `first` on, computed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce((select hash from audit_seal where seq = %s), %s)",
            [first - 1, BEGINNING],
        )
    seals = list(Seal.objects.filter(seq__gte=first).order_by("seq"))
    statements = [
        f"update audit_seal s set hash = sha256(coalesce((select p.hash from audit_seal p"
        f" where p.seq = s.seq - 1), decode('{BEGINNING.hex()}', 'hex')) ||"
        f" (select {bytes_of('s.seq')} from audit_event e where e.id = s.event_id))"
        f" where s.seq = {seal.seq}"
        for seal in seals
    ]
    falsify(*statements)


def change_a_field() -> None:
    falsify(f"update audit_event set subject = 'case:false' where id = {event_at(7)}")


def change_the_time() -> None:
    falsify(f"update audit_event set at = at - interval '1 microsecond' where id = {event_at(31)}")


def delete_one() -> None:
    falsify(
        f"delete from audit_event where id = {event_at(12)}",
        "delete from audit_seal where seq = 12",
    )


def delete_only_the_event() -> None:
    falsify(f"delete from audit_event where id = {event_at(12)}")


def delete_the_last_ten() -> None:
    falsify(
        "delete from audit_event where id in (select event_id from audit_seal where seq > 30)",
        "delete from audit_seal where seq > 30",
        "delete from audit_checkpoint where size > 30",
    )


def swap_two() -> None:
    falsify(
        "create temp table swapped on commit drop as select event_id, seq from audit_seal"
        " where seq in (15, 18)",
        "update audit_seal set event_id = -seq where seq in (15, 18)",
        "update audit_seal set event_id = (select event_id from swapped where seq = 18)"
        " where seq = 15",
        "update audit_seal set event_id = (select event_id from swapped where seq = 15)"
        " where seq = 18",
    )


def insert_one() -> None:
    falsify(
        "insert into audit_event (id, at, actor_name, verb, subject, detail, request_id)"
        " values (1000000, now(), '', 'case.seen', 'case:false', '{}', '')",
        "update audit_seal set seq = seq + 1000 where seq >= 22",
        "update audit_seal set seq = seq - 999 where seq > 1000",
        "insert into audit_seal select 22, 1000000, algorithm, hash from audit_seal where seq = 23",
    )


def chain_anew_from_21() -> None:
    falsify(f"update audit_event set subject = 'case:false' where id = {event_at(21)}")
    chain_anew(21)


def replace_everything() -> None:
    falsify(
        "delete from audit_checkpoint",
        "delete from audit_seal",
        "delete from audit_event",
    )
    for index in range(EVENTS):
        record(verb="case.seen", subject=f"case:{index}", actor=None, at=NOON)
    seal_all()


def roll_back_to_yesterday() -> None:
    """The backup of when there were twenty events, and ten that came since."""
    falsify(
        "delete from audit_event where id in (select event_id from audit_seal where seq > 20)",
        "delete from audit_seal where seq > 20",
        "delete from audit_checkpoint where size > 20",
    )


def change_the_algorithm() -> None:
    falsify("update audit_seal set algorithm = 2 where seq = 9")


@pytest.mark.usefixtures("record_of_forty")
@pytest.mark.parametrize("step", [1, 7, verifying.STEP])
@pytest.mark.parametrize(
    ("tamper", "first_bad"),
    [
        (change_a_field, 7),
        (change_the_time, 31),
        (delete_one, 12),
        (delete_only_the_event, 12),
        (delete_the_last_ten, 31),
        (swap_two, 15),
        (insert_one, 22),
        (chain_anew_from_21, 21),
        (replace_everything, 1),
        (roll_back_to_yesterday, 21),
        (change_the_algorithm, 9),
    ],
)
def test_each_way_to_falsify_is_found_at_its_place(
    tamper: Callable[[], None], first_bad: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "STEP", step)  # places in a piece of the stream
    assert verify().code == 0

    tamper()

    for way in ([], ["--processes", "2"], ["--sql"]):
        found = verify(*way)
        assert (found.code, found.first_bad) == (1, first_bad), found.said


@pytest.mark.usefixtures("record_of_forty")
def test_a_chain_made_anew_between_two_checkpoints_is_bounded_by_them() -> None:
    falsify(f"update audit_event set subject = 'case:false' where id = {event_at(33)}")
    chain_anew(33)

    found = verify()

    assert found.code == 1
    assert "21: changed, somewhere up to 40, after it was signed" in found.said


@pytest.mark.usefixtures("record_of_forty")
def test_without_the_checkpoints_a_chain_made_anew_would_not_show(outside: Path) -> None:
    """Why they have to stand elsewhere."""
    kept = outside.parent / "kept elsewhere"
    outside.rename(kept)
    replace_everything()

    inside = verify()
    with_what_was_kept = verify(
        *("--checkpoint", str(kept / "checkpoints.txt")),
        *("--keys", str(kept / "public-keys.txt")),
    )

    assert inside.code == 0
    assert "note: no checkpoint" in inside.said
    assert (with_what_was_kept.code, with_what_was_kept.first_bad) == (1, 1)


@pytest.mark.usefixtures("record_of_forty")
def test_a_checkpoint_that_another_key_signed_does_not_count(outside: Path) -> None:
    path = outside / "checkpoints.txt"
    path.write_text(path.read_text().replace("\n40\n", "\n39\n"))

    found = verify()

    assert found.code == 1
    assert "39: a checkpoint does not count: no key that we know signed this note" in found.said


@pytest.mark.usefixtures("record_of_forty")
def test_a_row_of_checkpoints_that_says_other_than_its_note_is_found() -> None:
    falsify("update audit_checkpoint set hash = '' where size = 20")

    assert verify().first_bad == 20


@pytest.mark.usefixtures("record_of_forty")
def test_a_clock_set_back_is_a_note_and_no_fault() -> None:
    for seconds in (0, 1):
        record(
            verb="case.seen",
            subject="case:1",
            actor=None,
            at=NOON - timedelta(hours=1) + timedelta(seconds=seconds),
        )
    seal_all()

    found = verify()

    assert found.code == 0
    assert found.said.count("the clock was set back") == 1
    assert "the clock was set back before 41;" in found.said


@pytest.mark.usefixtures("record_of_forty")
def test_events_that_nobody_seals_are_a_fault_after_an_hour() -> None:
    record(verb="case.seen", subject="case:1", actor=None, at=timezone.now())
    assert verify().code == 0

    record(
        verb="case.seen",
        subject="case:1",
        actor=None,
        at=timezone.now() - timedelta(hours=1, seconds=1),
    )

    assert (verify().code, verify().first_bad) == (1, 41)


@pytest.mark.usefixtures("record_of_forty")
def test_what_was_restored_from_another_cluster_neither_waits_nor_hides_what_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into audit_event (at, actor_name, verb, subject, detail, request_id, xid)"
            " values (%s, '', 'case.seen', 'case:1', '{}', '', 1000000000)",
            [NOON],
        )
    seal_all()
    assert verify().code == 0

    record(verb="case.seen", subject="case:1", actor=None, at=timezone.now() - timedelta(days=1))

    assert (verify().code, verify().first_bad) == (1, 42)


@pytest.mark.usefixtures("record_of_forty")
def test_a_hash_of_another_length_is_found() -> None:
    falsify("update audit_seal set hash = '\\x01' where seq = 17")

    assert verify().first_bad == 17


@pytest.mark.usefixtures("record_of_forty")
def test_only_a_part_can_be_asked_for() -> None:
    change_a_field()

    assert verify("--from", "8").code == 0
    assert verify("--from", "7").first_bad == 7
    assert verify("--from", "41").code == 0  # nothing yet
    assert verify("--from", "42").code == 2


@pytest.mark.usefixtures("record_of_forty")
def test_where_nobody_can_say_it_ends_with_2(outside: Path) -> None:
    assert verify("--checkpoint", "no such file").code == 2

    (outside / "public-keys.txt").unlink()

    assert verify().code == 2


def test_an_empty_record_holds() -> None:
    assert Event.objects.count() == 0
    assert verify().code == 0


@pytest.mark.parametrize("rows", [1, 4, 5])
def test_as_many_processes_as_events_or_more(rows: int) -> None:
    write_events(rows)
    seal_all()

    assert verify("--processes", "4").code == 0
