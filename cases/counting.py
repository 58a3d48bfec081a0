"""How many rows several lists have, each counted no further than a cap, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise

_Which = TypeVar("_Which", bound=StrEnum)


@dataclass(frozen=True)
class Capped:
    """How many rows, counted no further than a cap."""

    number: int
    is_more: bool = False


def capped(number: int, cap: int) -> Capped:
    """A count that was ended at one more than the cap."""
    return Capped(min(number, cap), number > cap)


@dataclass(frozen=True)
class Chip:
    """One of several lists, to choose by how many rows it has."""

    name: Promise
    href: str
    on: bool
    count: Capped


def chips(
    words: Mapping[_Which, Promise],
    lists: Mapping[_Which, QuerySet[Any]],
    *,
    chosen: _Which,
    cap: int,
) -> list[Chip]:
    """A chip for each list, asked for as `?which=`, its rows counted up to the cap."""
    numbers = counts({which.value: (found, cap) for which, found in lists.items()})
    return [
        Chip(name=words[which], href=f"?which={which}", on=which == chosen, count=numbers[which])
        for which in lists
    ]


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
        name: capped(number, cap)
        for (name, (_, cap)), number in zip(lists.items(), numbers, strict=True)
    }
