"""What a proposal was tried on and by whom it is: changed without an event, it is noted."""

from typing import Any

from django.db import migrations

from audit.watching import watch
from operations.watched import TABLES

PROPOSALS = tuple(
    each for each in TABLES if each.table in {"tiplines_ruleset", "tiplines_reorganisation"}
)


def put_on(apps: Any, schema_editor: Any) -> None:
    watch(schema_editor.connection, PROPOSALS)


class Migration(migrations.Migration):
    dependencies = [("operations", "0005_watched_reorganisations")]

    operations = [migrations.RunPython(put_on, migrations.RunPython.noop)]
