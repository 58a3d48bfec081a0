"""Bring rights and row-level security in line with `ifso/protection/tables.py`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from ifso.protection.tables import EVERY, policies, rights


class Command(BaseCommand):
    help = "Rights and row-level security of every table; run as the owner, after migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        unlisted = set(connection.introspection.table_names()) - set(EVERY)
        if unlisted:
            raise CommandError(
                f"{', '.join(sorted(unlisted))}: say in ifso/protection/tables.py who sees them."
            )
        # One after the other in one transaction: nobody meets a table half protected.
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in (*rights(), *policies()):
                cursor.execute(statement)
