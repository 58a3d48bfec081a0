"""Rules that change without a service's event are noted in the record."""

from typing import Any

from django.db import migrations

from audit.watching import unwatch, watch
from operations.watched import TABLES

RULES = tuple(each for each in TABLES if each.table == "tiplines_ruleset")


def put_on(apps: Any, schema_editor: Any) -> None:
    watch(schema_editor.connection, RULES)


def take_off(apps: Any, schema_editor: Any) -> None:
    unwatch(schema_editor.connection, RULES)


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_watched_letters"), ("tiplines", "0006_rules")]

    operations = [migrations.RunPython(put_on, take_off)]
