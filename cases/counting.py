"""How many rows several lists have, each counted no further than a cap, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet


@dataclass(frozen=True)
class Capped:
    """How many rows, counted no further than a cap."""

    number: int
    is_more: bool = False


def counts(lists: Mapping[str, tuple[QuerySet[Any], int]]) -> dict[str, Capped]:
    """For each name the number of rows, up to the cap beside it, all in one statement."""
    parts: list[str] = []
    values: list[Any] = []
    for found, cap in lists.values():
        sql, params = found.order_by().values("pk")[: cap + 1].query.sql_with_params()
        # Only what the ORM compiled is put together; every value stays a parameter.
        parts.append(f"(select count(*) from ({sql}) few)")  # noqa: S608
        values += params
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(parts)}", values)
        numbers = cursor.fetchone()
    return {
        name: Capped(min(number, cap), number > cap)
        for (name, (_, cap)), number in zip(lists.items(), numbers, strict=True)
    }
