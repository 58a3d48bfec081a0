"""Put the guard on a table that notes rows changed without a service's event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

ROWS, COLUMNS = "audit_watched_rows", "audit_watched_columns"

WATCH = """
drop trigger if exists {rows} on {table};
drop trigger if exists {columns} on {table};
create constraint trigger {rows} after {events} on {table}
  deferrable initially deferred for each row execute function audit_watch();
create constraint trigger {columns} after update {of}on {table}
  deferrable initially deferred for each row when ({changed}) execute function audit_watch();
"""


@dataclass(frozen=True, kw_only=True)
class Watched:
    table: str
    columns: tuple[str, ...] = ()
    """Whose change counts; none named: every column's."""
    inserts: bool = True
    """False where rows come in bulk without an act of anybody."""


def watch(connection: BaseDatabaseWrapper, tables: Iterable[Watched]) -> None:
    """Safe to run again: a table has the guards that its entry says, once.

    A table that a later migration makes is left to the migration that adds it to the list.
    """
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for each in tables:
            if each.table not in present:
                continue
            changed = [f"old.{name} is distinct from new.{name}" for name in each.columns]
            cursor.execute(
                WATCH.format(
                    table=each.table,
                    rows=ROWS,
                    columns=COLUMNS,
                    events="insert or delete" if each.inserts else "delete",
                    of=f"of {', '.join(each.columns)} " if each.columns else "",
                    changed=" or ".join(changed) or "old.* is distinct from new.*",
                )
            )


def unwatch(connection: BaseDatabaseWrapper, tables: Iterable[Watched]) -> None:
    with connection.cursor() as cursor:
        for each in tables:
            for name in (ROWS, COLUMNS):
                cursor.execute(f"drop trigger if exists {name} on {each.table}")
