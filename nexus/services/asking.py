"""Keys and rows that a query names."""

from __future__ import annotations

from typing import Any

from django.db import connection

from tiplines.parsing.records import Provenance


def asked(query: str, **values: Any) -> set[int]:
    """The keys that a query names."""
    return {key for (key,) in rows(query, **values)}


def rows(query: str, **values: Any) -> list[Any]:
    """The rows of a query; keys go into it as arrays, which are read faster than lists."""
    told = {
        name: sorted(value) if isinstance(value, list | set) else value
        for name, value in values.items()
    }
    with connection.cursor() as cursor:
        cursor.execute(query, {**told, "added": Provenance.NCMEC.value})
        return list(cursor.fetchall())
