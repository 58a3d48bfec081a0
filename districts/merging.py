"""A table brought to the rows that are wanted, one load at a time; run again it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models

from .models import Dated, GazetteerVersion

_LOCK = 5_320_001  # any constant of our own: one load at a time, by advisory lock


@dataclass(kw_only=True)
class Changes:
    """What a load did to one table."""

    total: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    """Rows taken away; districts, sub-divisions and stations are closed instead, with a date."""

    @property
    def any(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def merge(
    model: type[models.Model],
    key: tuple[str, ...],
    wanted: list[dict[str, Any]],
    version: GazetteerVersion,
    *,
    new: Mapping[str, Any] | None = None,
    close_on: date | None = None,
) -> Changes:
    """Add, change and take away rows until the table holds what is wanted, in three statements.

    With `close_on` a row no longer wanted stays and ends on that day. `new` is set on rows touched.
    """
    manager = model._default_manager
    present = {tuple(getattr(row, name) for name in key): row for row in manager.all()}
    touched = {"version": version, **(new or {})}
    added: list[models.Model] = []
    changed: list[models.Model] = []
    for fields in wanted:
        row = present.pop(tuple(fields[name] for name in key), None)
        if row is None:
            added.append(model(**fields, **touched))
        elif any(getattr(row, name) != value for name, value in fields.items()):
            for name, value in {**fields, **touched}.items():
                setattr(row, name, value)
            changed.append(row)
    gone = list(present.values())
    if close_on:
        gone = [row for row in gone if isinstance(row, Dated) and row.valid_to is None]
        for row in gone:
            _close(row, close_on, version)
        manager.bulk_update(gone, ["valid_to", "version"])
    else:
        manager.filter(pk__in=[row.pk for row in gone]).delete()
    if changed:
        names = [name.removesuffix("_id") for name in wanted[0] if name not in key]
        manager.bulk_update(changed, [*names, *touched], batch_size=500)
    manager.bulk_create(added, batch_size=1000)
    return Changes(total=len(wanted), added=len(added), changed=len(changed), removed=len(gone))


def _close(row: models.Model, on: date, version: GazetteerVersion) -> None:
    if isinstance(row, Dated):
        row.valid_to = on
        row.version = version
