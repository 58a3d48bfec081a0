"""Letters that change without a service's event are noted in the record."""

from typing import Any

from django.db import migrations

from audit.watching import Watched, unwatch, watch

LETTERS = (Watched(table="cases_letter"),)


def put_on(apps: Any, schema_editor: Any) -> None:
    watch(schema_editor.connection, LETTERS)


def take_off(apps: Any, schema_editor: Any) -> None:
    unwatch(schema_editor.connection, LETTERS)


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_watched_rows"), ("cases", "0014_tightened")]

    operations = [migrations.RunPython(put_on, take_off)]
