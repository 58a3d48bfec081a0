"""Reorganisations that change without a service's event are noted in the record."""

from typing import Any

from django.db import migrations

from audit.watching import unwatch, watch
from operations.watched import TABLES

REORGANISATIONS = tuple(each for each in TABLES if each.table == "tiplines_reorganisation")


def put_on(apps: Any, schema_editor: Any) -> None:
    watch(schema_editor.connection, REORGANISATIONS)


def take_off(apps: Any, schema_editor: Any) -> None:
    unwatch(schema_editor.connection, REORGANISATIONS)


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_watched_rules"), ("tiplines", "0011_reorganisations")]

    operations = [migrations.RunPython(put_on, take_off)]
