"""What is alike over spellings and addresses has a number: names and addresses of parties as they
sound, IPv6 addresses by the network of their subscriber, PDQ hashes by their chunks.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import Q

from accounts.scope import as_the_system
from tiplines.models.content import Identifier
from tiplines.services.rows import as_array
from tiplines.sounding import address_sound, name_sound

A_BATCH = 10_000
PARTIES = "select id, name from tiplines_party where not is_protected and name <> ''"
ADDRESSES = """
select a.id, a.text, a.postal_code from tiplines_address a
join tiplines_party p on p.id = a.party_id
where not p.is_protected and a.text <> ''
"""
NETWORKS = """
select id, kind, value from tiplines_identifier
where kind = 'ip' and value like '%:%' and sealed is null
"""
HASHES = """
select id, kind, value from tiplines_identifier
where kind = 'hash' and value like 'pdq:%' and sealed is null
"""
FILL = "update {} t set {} = v.told::{} from unnest(%s::bigint[], %s::text[]) v(id, told)"


def seeing_every_row(schema_editor: Any) -> AbstractContextManager[None]:
    """A database that is new is guarded after its migrations: until then the system's role has no
    rights in it, and the owner sees every row.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "select relforcerowsecurity from pg_class where oid = 'tiplines_party'::regclass"
        )
        [is_guarded] = cursor.fetchone()
    return as_the_system() if is_guarded else nullcontext()


def fill(apps: Any, schema_editor: Any) -> None:
    with seeing_every_row(schema_editor):
        number(schema_editor, PARTIES, name_sound, "tiplines_party", "sound")
        number(schema_editor, ADDRESSES, address_sound, "tiplines_address", "sound")
        number(schema_editor, NETWORKS, Identifier.network_of, "tiplines_identifier", "network")
        number(schema_editor, HASHES, chunks, "tiplines_identifier", "chunks", "int[]")


def chunks(kind: str, value: str) -> str | None:
    return as_array(Identifier.chunks_in(kind, value))


def number(
    schema_editor: Any,
    query: str,
    of: Callable[..., int | str | None],
    table: str,
    column: str,
    column_type: str = "bigint",
) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
        for start in range(0, len(rows), A_BATCH):
            numbers = {key: of(*told) for key, *told in rows[start : start + A_BATCH]}
            found = {key: str(value) for key, value in numbers.items() if value is not None}
            cursor.execute(
                FILL.format(table, column, column_type) + " where t.id = v.id",
                [list(found), list(found.values())],
            )


class Migration(migrations.Migration):
    dependencies = [
        ("tiplines", "0012_organised"),
        ("accounts", "0003_grants"),
    ]

    operations = [
        migrations.AddField("party", "sound", models.BigIntegerField(null=True)),
        migrations.AddField("address", "sound", models.BigIntegerField(null=True)),
        migrations.AddField("identifier", "network", models.BigIntegerField(null=True)),
        migrations.AddField(
            "identifier",
            "chunks",
            ArrayField(base_field=models.IntegerField(), null=True, size=None),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "sighting",
            models.Index(
                fields=["identifier", "at"],
                condition=Q(links=True, port__isnull=False),
                name="sighting_of_session",
            ),
        ),
        migrations.AddIndex(
            "identifier",
            models.Index(
                fields=["network"],
                condition=Q(network__isnull=False),
                name="identifier_by_network",
            ),
        ),
        migrations.AddIndex(
            "identifier",
            GinIndex(
                fields=["chunks"],
                condition=Q(chunks__isnull=False),
                name="identifier_by_chunk",
            ),
        ),
    ]
