"""Rows that change without a service's event are noted in the record."""

from typing import Any

from django.db import migrations

from audit.watching import unwatch, watch
from operations.watched import TABLES


def put_on(apps: Any, schema_editor: Any) -> None:
    watch(schema_editor.connection, TABLES)


def take_off(apps: Any, schema_editor: Any) -> None:
    unwatch(schema_editor.connection, TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0001_operations"),
        ("audit", "0005_watched_rows"),
        ("accounts", "0003_grants"),
        ("tiplines", "0004_restricted"),
        ("cases", "0004_restricted"),
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
    ]

    operations = [migrations.RunPython(put_on, take_off)]
