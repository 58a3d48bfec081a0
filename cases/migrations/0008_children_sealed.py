"""Name and address of every accused under 18 are sealed; backwards they are opened again.

The plain text stays in dead rows until they are vacuumed, and in older backups.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import migrations

from accounts.scope import as_the_system
from tiplines.sealing import seal_json, unseal_json

COVER = "•••"
ADULT_FROM = 18
BATCH = 500


def about_of(row: Any) -> str:
    return f"fir:{row.fir_id}"


def seeing_every_row(schema_editor: Any) -> AbstractContextManager[None]:
    """A database that is new is guarded after its migrations: until then the system's role has no
    rights in it, and the owner sees every row.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "select relforcerowsecurity from pg_class where oid = 'cases_accused'::regclass"
        )
        [is_guarded] = cursor.fetchone()
    return as_the_system() if is_guarded else nullcontext()


def seal_children(apps: Any, schema_editor: Any) -> None:
    Accused = apps.get_model("cases", "Accused")
    children = Accused.objects.filter(age__lt=ADULT_FROM, sealed=None).order_by("pk")
    with seeing_every_row(schema_editor):
        while rows := list(children[:BATCH]):
            for row in rows:
                said = {"name": row.name, "address": row.address}
                hidden = {name: text for name, text in said.items() if text}
                row.sealed = seal_json(hidden, about=about_of(row))
                row.name = COVER
                row.address = COVER if row.address else ""
            Accused.objects.bulk_update(rows, ["name", "address", "sealed"])


def open_children(apps: Any, schema_editor: Any) -> None:
    Accused = apps.get_model("cases", "Accused")
    with seeing_every_row(schema_editor):
        while rows := list(Accused.objects.exclude(sealed=None).order_by("pk")[:BATCH]):
            for row in rows:
                hidden = unseal_json(bytes(row.sealed), about=about_of(row))
                row.name, row.address = hidden.get("name", ""), hidden.get("address", "")
                row.sealed = None
            Accused.objects.bulk_update(rows, ["name", "address", "sealed"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_accused_seal"), ("accounts", "0003_grants")]

    operations = [migrations.RunPython(seal_children, open_children)]
