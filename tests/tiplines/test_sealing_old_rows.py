"""Rows from before the seals are sealed by the migration, and opened again by going back."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import NOON
from tests.tiplines.plain import tables_that_say
from tiplines.covering import COVER
from tiplines.sealing import index

BEFORE, AFTER = ("tiplines", "0002_intake"), ("tiplines", "0003_sealed")
CHILD, PHONE = "Zyqravine Qoltharp", "+919811117777"
SOURCE = {"reportId": "1", "victim": CHILD, "note": f"{CHILD} wrote"}


@pytest.fixture
def schema(db: None) -> Iterator[str]:
    """Tables of their own, as they were, beside those of the other tests."""
    with connection.cursor() as cursor:
        cursor.execute("create schema earlier")
        cursor.execute("set local search_path to earlier, public")
        cursor.execute("create table django_migrations (like public.django_migrations)")
        cursor.execute("alter table django_migrations alter id add generated always as identity")
        yield "earlier"
        cursor.execute("set local search_path to public")
        cursor.execute("drop schema earlier cascade")


def migrate(target: tuple[str, str]) -> Any:
    """The models as the migration leaves them."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return executor.loader.project_state([target]).apps


def make_rows(apps: Any) -> None:
    def make(model: str, **fields: Any) -> Any:
        return apps.get_model("tiplines", model).objects.create(**fields)

    officer = apps.get_model("accounts", "User").objects.create(username="a", rank="inspector")
    dispatch = make(
        "Dispatch", reference="r", sender="s", channel="command", name="d.zip", sha256="0" * 64,
        size_bytes=1, received_at=NOON,
    )  # fmt: skip
    document = make(
        "Document", dispatch=dispatch, position=1, name="1.json", kind="json", size_bytes=1,
        sha256="0" * 64, bundle=1, leads=True, state="read",
    )  # fmt: skip
    tip = make(
        "Tipline", number="1", dispatch=dispatch, content_sha256="0" * 64, received_at=NOON,
        status_at=NOON, narrative=f"He wrote to {CHILD}.", escalation="", police_reference="",
        suspect_line=f"Ravi Nair · {PHONE}",
    )  # fmt: skip
    child = make(
        "Party", tipline=tip, position=1, role="victim", name=CHILD, display_names=["zyq"],
        date_of_birth="2012-01-02", age=14, place="p", text="goes to school",
    )  # fmt: skip
    make("Party", tipline=tip, position=2, role="suspect", name="Ravi Nair", age=40, place="q")
    phone = make(
        "Identifier", kind="phone", value=PHONE,
        digest=sha256(f"phone\0{PHONE}".encode()).digest()[:16],
    )  # fmt: skip
    make(
        "Sighting", tipline=tip, identifier=phone, party=child, original=PHONE,
        provenance="reported", place="p/phone",
    )  # fmt: skip
    make(
        "Address", tipline=tip, party=child, text="7 Zyq Lane", city="Delhi", latitude=28.5,
        longitude=77.1, provenance="reported", place="p/address",
    )  # fmt: skip
    make(
        "FileRecord", tipline=tip, position=1, name=f"{CHILD}.jpg", text="", place="f",
    )  # fmt: skip
    make(
        "Version", tipline=tip, number=1, format="json", source=SOURCE, sha256="0" * 64,
        dispatch=dispatch, document=document, received_at=NOON,
        difference=[["victim", "x", CHILD]],
    )  # fmt: skip
    digest = bytes(phone.digest).hex()[:12]
    make(
        "Correction", tipline=tip, place="p/phone", field=f"phone:{digest}", before=PHONE,
        after=PHONE, reason=CHILD, by=officer, at=NOON,
    )  # fmt: skip


def test_old_rows_are_sealed_and_going_back_opens_them(schema: str) -> None:
    make_rows(migrate(BEFORE))
    assert "tiplines_party.name" in tables_that_say(CHILD, schema=schema)

    apps = migrate(AFTER)

    assert tables_that_say("zyq", schema=schema) == []
    assert tables_that_say(PHONE, schema=schema) == []
    child, suspect = apps.get_model("tiplines", "Party").objects.order_by("position")
    assert (child.is_protected, child.name, child.age) == (True, COVER, 14)
    assert child.name_keys
    assert (suspect.is_protected, suspect.name, suspect.sealed) == (False, "Ravi Nair", None)
    tip = apps.get_model("tiplines", "Tipline").objects.get()
    assert (tip.narrative, tip.suspect_line) == (f"He wrote to {COVER}1.", "Ravi Nair")
    phone = apps.get_model("tiplines", "Identifier").objects.get()
    assert bytes(phone.digest) == index(f"phone\0{PHONE}")
    correction = apps.get_model("tiplines", "Correction").objects.get()
    assert correction.field == f"phone:{bytes(phone.digest).hex()[:12]}"

    apps = migrate(BEFORE)

    child = apps.get_model("tiplines", "Party").objects.get(role="victim")
    assert (child.name, child.display_names, child.text) == (CHILD, ["zyq"], "goes to school")
    assert child.date_of_birth.isoformat() == "2012-01-02"
    assert apps.get_model("tiplines", "Sighting").objects.get().original == PHONE
    address = apps.get_model("tiplines", "Address").objects.get()
    assert (address.text, address.latitude) == ("7 Zyq Lane", 28.5)
    version = apps.get_model("tiplines", "Version").objects.get()
    assert (version.source, version.difference) == (SOURCE, [["victim", "x", CHILD]])
    phone = apps.get_model("tiplines", "Identifier").objects.get()
    assert bytes(phone.digest) == sha256(f"phone\0{PHONE}".encode()).digest()[:16]
    assert phone.value == PHONE
    correction = apps.get_model("tiplines", "Correction").objects.get()
    assert (correction.before, correction.reason) == (PHONE, CHILD)
    assert correction.field == f"phone:{bytes(phone.digest).hex()[:12]}"
