"""Seals open with their key and in their row only; keys are renewed without losing any."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from io import StringIO
from itertools import islice

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import NOON, make_officer
from tests.tiplines.canary import CANARY, canary_report
from tests.tiplines.intake import bring, work, zip_of
from tiplines import sealing
from tiplines.making.json_writer import write_json
from tiplines.models import Correction, Party, Tipline, Version
from tiplines.sealing import CannotOpen, key_id_of, newest_key_id, seal, unseal
from tiplines.services import rotating
from tiplines.services.correcting import correct

OLD, NEW = (b64encode(bytes([n]) * 32).decode() for n in (1, 2))


@pytest.mark.parametrize("data", [b"", b"Meena", "मीना".encode() * 100, os.urandom(5000)])
def test_what_is_sealed_opens_and_differs_each_time(data: bytes) -> None:
    first, second = seal(data, about="tipline:1"), seal(data, about="tipline:1")

    assert unseal(first, about="tipline:1") == unseal(second, about="tipline:1") == data
    assert first != second
    assert not data or data not in first


@pytest.mark.parametrize("at", [0, 2, 6, 20, -1])
def test_a_changed_seal_does_not_open(at: int) -> None:
    changed = bytearray(seal(b"Meena", about="tipline:1"))
    changed[at] ^= 1

    with pytest.raises(CannotOpen):
        unseal(bytes(changed), about="tipline:1")


def test_a_seal_of_another_row_does_not_open() -> None:
    with pytest.raises(CannotOpen, match="another row"):
        unseal(seal(b"Meena", about="tipline:1"), about="tipline:2")


def test_long_text_gets_shorter() -> None:
    assert len(seal(b"the same words " * 100, about="x")) < 200


@pytest.mark.parametrize(
    ("keys", "problem"),
    [([], "IFSO_NAME_KEYS is not set"), (["short"], "32 bytes"), (["ü" * 44], "32 bytes")],
)
def test_without_a_good_key_nothing_starts(settings: object, keys: list[str], problem: str) -> None:
    settings.NAME_KEYS = keys  # type: ignore[attr-defined]

    with pytest.raises(ImproperlyConfigured, match=problem):
        sealing.check_keys()


@pytest.mark.parametrize("module", ["ifso.wsgi", "celery -A ifso worker"])
def test_a_server_without_keys_says_so(module: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if "IFSO_NAME" not in name}
    command = ["-c", f"import {module}"] if module == "ifso.wsgi" else ["-m", *module.split()]

    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *command],
        env=inherited | {"DJANGO_SETTINGS_MODULE": "ifso.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "IFSO_NAME_KEYS is not set" in done.stderr


# --- New keys -------------------------------------------------------------------------------------


@pytest.fixture
def kept(settings: object, db: None) -> Tipline:
    """A tipline with every kind of seal, under the old key."""
    settings.NAME_KEYS = [OLD]  # type: ignore[attr-defined]
    for note in (1, 2):
        report = write_json(canary_report(990000001)).replace(b"what else", b"what %d" % note)
        bring(zip_of({"1.json": report}))
        work()
    tip = Tipline.objects.get()
    child = Party.objects.protected().earliest("pk")
    correct(
        tipline=tip.pk, place=child.place, field="name", after="Other Name", reason="x",
        by=make_officer(), at=NOON,
    )  # fmt: skip
    return tip


def all_open() -> bool:
    child = Party.objects.protected().earliest("pk")
    return (
        child.told("name") == "Other Name"
        and Correction.objects.get().before == CANARY
        and all(CANARY in str(version.source) for version in Version.objects.all())
        and any(version.difference for version in Version.objects.all())
    )


def test_every_seal_comes_under_the_new_key(settings: object, kept: Tipline) -> None:
    old = newest_key_id()
    settings.NAME_KEYS = [NEW, OLD]  # type: ignore[attr-defined]
    assert set(rotating.keys_in_use()) == {old}
    output = StringIO()

    call_command("rotate_name_keys", stdout=output)

    settings.NAME_KEYS = [NEW]  # type: ignore[attr-defined]
    assert set(rotating.keys_in_use()) == {newest_key_id()}
    assert f"key {newest_key_id()}:" in output.getvalue()
    assert all_open()


def test_stopped_in_the_middle_nothing_is_lost_and_the_rest_follows(
    settings: object, kept: Tipline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating, "BATCH", 2)
    settings.NAME_KEYS = [NEW, OLD]  # type: ignore[attr-defined]
    total = sum(rotating.keys_in_use().values())

    assert sum(islice(rotating.rotate(at=NOON), 3)) == 6
    assert len(rotating.keys_in_use()) == 2
    assert all_open()
    assert sum(rotating.rotate(at=NOON)) <= total - 6
    assert set(rotating.keys_in_use()) == {newest_key_id()}
    assert all_open()


def test_without_the_old_key_it_refuses_and_changes_nothing(
    settings: object, kept: Tipline
) -> None:
    settings.NAME_KEYS = [NEW]  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match="there is no key"):
        call_command("rotate_name_keys", stdout=StringIO())

    settings.NAME_KEYS = [OLD]  # type: ignore[attr-defined]
    assert all_open()


def test_every_column_of_seals_is_renewed(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns"
            " where column_name like '%sealed%' and table_schema = 'public'"
        )
        found = {tuple(row) for row in cursor.fetchall()}

    assert {(each.table, each.column) for each in rotating.columns()} == found


def test_the_id_of_the_key_stands_in_the_seal() -> None:
    assert key_id_of(seal(b"x", about="y")) == newest_key_id()
