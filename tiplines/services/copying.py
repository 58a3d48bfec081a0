"""Many rows at once: new ones go in by COPY, held ones change by one UPDATE from arrays."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection

NULL = r"\N"
AT_ONCE = 50_000  # rows in memory as text


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows; a list is an array, JSON comes as its text. NUL becomes U+FFFD, as in `clean`.

    Raises DataError where the database refuses a value, as an INSERT would.
    """
    waiting = iter(rows)
    while some := list(islice(waiting, AT_ONCE)):
        lines = ["\t".join([ENCODE[type(value)](value) for value in row]) for row in some]
        lines.append("")
        # A lone surrogate has no UTF-8 form.
        data = io.BytesIO("\n".join(lines).encode("utf-8", "replace"))
        with connection.wrap_database_errors, connection.cursor() as cursor:
            cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", data)


def next_keys(table: str, count: int) -> list[int]:
    """Keys for `count` new rows, reserved whether they are used or not."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)",
            [table, count],
        )
        return [key for (key,) in cursor.fetchall()]


def update_rows(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Set columns of rows by key: `columns` is name to SQL type, a row is (key, value, …).

    JSON comes as its text.
    """
    if not rows:
        return
    names = [f"c{at}" for at, _ in enumerate(columns)]
    assignments = [
        f"{name} = v.{source}::{kind}"
        for (name, kind), source in zip(columns.items(), names, strict=True)
    ]
    keys, *values = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"update {table} t set {', '.join(assignments)}"  # noqa: S608  # names are ours
            f" from unnest(%s::bigint[]{', %s::text[]' * len(names)})"
            f" as v(key, {', '.join(names)}) where t.id = v.key",
            [list(keys), *([as_text(each) for each in column] for column in values)],
        )


def as_text(value: Any) -> str | None:
    """A value as PostgreSQL reads it from text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return literal(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def text(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", r"\\")
    if "\n" in value:
        value = value.replace("\n", r"\n")
    if "\t" in value:
        value = value.replace("\t", r"\t")
    if "\r" in value:
        value = value.replace("\r", r"\r")
    return value.replace("\x00", "\ufffd") if "\x00" in value else value


def array(values: Sequence[Any]) -> str:
    """A literal of a text array, each element in quotes."""
    return text(literal(values))


def literal(values: Sequence[Any]) -> str:
    quoted = (str(each).replace("\\", r"\\").replace('"', r"\"") for each in values)
    return "{" + ",".join([f'"{each}"' for each in quoted]) + "}"


ENCODE: dict[type, Callable[[Any], str]] = {
    str: text,
    int: int.__repr__,
    float: float.__repr__,
    bool: lambda value: "t" if value else "f",
    type(None): lambda _: NULL,
    datetime: datetime.isoformat,
    date: date.isoformat,
    bytes: lambda value: r"\\x" + value.hex(),
    list: array,
    tuple: array,
}
