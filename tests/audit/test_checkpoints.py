"""Checkpoints: when they are made, what they say, and that the file outside misses none."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from audit import checkpoints, notes
from audit.models import Checkpoint, Seal
from tests.factories import NOON

HOUR = timedelta(hours=1)
SAID = notes.Checkpoint(origin="ifso/record", size=7, hash=bytes(range(32)), algorithm=1, at=NOON)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = notes.public_half(KEY, name="ifso/record")


def seal_up_to(size: int) -> None:
    Seal.objects.create(seq=size, event_id=size, algorithm=1, hash=size.to_bytes(32, "big"))


# The note


def test_a_note_says_what_was_signed_and_by_which_key() -> None:
    note = notes.signed(SAID, KEY)

    assert note.splitlines()[:2] == ["ifso/record", "7"]
    assert notes.opened(note, [PUBLIC]) == SAID


def test_a_key_is_handed_on_as_one_line() -> None:
    assert notes.public_key(str(PUBLIC)) == PUBLIC


@given(st.data())
def test_no_letter_of_a_note_can_be_changed(data: st.DataObject) -> None:
    note = notes.signed(SAID, KEY)
    signed = note.index("\n\n")
    place = data.draw(st.integers(0, signed - 1))
    letter = data.draw(st.characters().filter(lambda each: each != note[place]))

    with pytest.raises(notes.BadNote):
        notes.opened(note[:place] + letter + note[place + 1 :], [PUBLIC])


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [notes.public_half(Ed25519PrivateKey.generate(), name="ifso/record")],
        [notes.public_half(KEY, name="another/record")],
    ],
)
def test_a_note_by_a_key_we_do_not_know_is_refused(keys: list[notes.PublicKey]) -> None:
    with pytest.raises(notes.BadNote, match="no key"):
        notes.opened(notes.signed(SAID, KEY), keys)


@pytest.mark.parametrize("text", ["", "a note", "a\n\nb\n", "a\n\n— ifso/record AAAA\n"])
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(notes.BadNote):
        notes.opened(text, [PUBLIC])


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line[:-4] + "AAAA",
        lambda line: line.replace("+", "-"),
        lambda line: "another" + line,
        lambda line: line.replace(notes.b64(b"\x01" + PUBLIC.public), notes.b64(b"\x02" * 33)),
    ],
)
def test_a_key_that_was_changed_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(notes.BadNote):
        notes.public_key(change(str(PUBLIC)))


# When


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("size", "later", "is_due"),
    [
        (100, HOUR, False),
        (101, HOUR - timedelta(seconds=1), False),
        (101, HOUR, True),
        (10_099, timedelta(0), False),
        (10_100, timedelta(0), True),
        (101, -HOUR, True),  # the clock was set back: better one more than an hour too late
    ],
)
def test_one_is_due_every_hour_and_every_ten_thousand_events(
    size: int, later: timedelta, *, is_due: bool
) -> None:
    key = checkpoints.signing_key()
    seal_up_to(100)
    assert checkpoints.make_due(key, at=NOON)
    if size > 100:
        seal_up_to(size)

    assert (checkpoints.make_due(key, at=NOON + later) is not None) == is_due


@pytest.mark.django_db
def test_where_nothing_is_sealed_nothing_is_signed() -> None:
    assert checkpoints.make_due(checkpoints.signing_key(), at=NOON) is None


# The file outside


@pytest.mark.django_db
def test_the_file_holds_each_note_once_and_the_key(outside: Path) -> None:
    key = checkpoints.signing_key()
    for size in (1, 2, 3):
        seal_up_to(size)
        checkpoints.make(Seal.objects.get(seq=size), key, at=NOON)
    checkpoints.write_out(key)

    held = checkpoints.notes_in(outside / "checkpoints.txt")

    assert held == list(Checkpoint.objects.order_by("size").values_list("note", flat=True))
    assert [notes.opened(note, checkpoints.known_keys()).size for note in held] == [1, 2, 3]


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [0, 10, 60, 100, -1])
def test_what_a_crash_left_out_is_written_at_the_next_start(outside: Path, kept: int) -> None:
    """The row was there, the file had nothing of it, or a part, at whatever letter it broke off."""
    key = checkpoints.signing_key()
    seal_up_to(1)
    checkpoints.make(Seal.objects.get(seq=1), key, at=NOON)
    path = outside / "checkpoints.txt"
    whole = path.read_text()
    seal_up_to(2)
    second = checkpoints.make(Seal.objects.get(seq=2), key, at=NOON)
    path.write_text(whole + (checkpoints.DIVIDER + second.note)[:kept])

    checkpoints.write_out(key)

    assert checkpoints.notes_in(path)[-1] == second.note
    assert [
        notes.opened(each, checkpoints.known_keys()).size for each in checkpoints.notes_in(path)
    ] == [1, 2]


@pytest.mark.django_db
def test_a_new_key_is_added_and_the_old_one_still_counts(outside: Path, tmp_path: Path) -> None:
    first = checkpoints.signing_key()
    seal_up_to(1)
    checkpoints.make(Seal.objects.get(seq=1), first, at=NOON)
    seal_up_to(2)
    checkpoints.make(Seal.objects.get(seq=2), Ed25519PrivateKey.generate(), at=NOON)

    keys = checkpoints.known_keys()

    assert len(keys) == 2
    assert [
        notes.opened(each, keys).size for each in checkpoints.notes_in(outside / "checkpoints.txt")
    ] == [1, 2]


@pytest.mark.django_db
def test_an_exported_checkpoint_is_enough_to_check_by(tmp_path: Path) -> None:
    seal_up_to(1)
    checkpoints.make(Seal.objects.get(), checkpoints.signing_key(), at=NOON)
    out = io.StringIO()

    call_command("export_checkpoint", stdout=out)

    kept = tmp_path / "exported"
    kept.write_text(out.getvalue())
    [line] = [each for each in out.getvalue().splitlines() if each.startswith("key ")]
    key = notes.public_key(line.partition(": ")[2])
    [note] = checkpoints.notes_in(kept)
    assert notes.opened(note, [key]).size == 1
    assert "How to check" in out.getvalue()
    assert "कैसे जाँचें" in out.getvalue()


@pytest.mark.django_db
def test_there_may_be_no_checkpoint_to_export() -> None:
    with pytest.raises(CommandError, match="no such checkpoint"):
        call_command("export_checkpoint")
