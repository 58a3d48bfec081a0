"""Columns of a query as arrays, without a row becoming an object, and rows by their keys."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from nexus.holdings import Ints

NO_ROW = -1
MANY = 100_000  # keys, from which looking them up in a table pays
_TYPES = {"int8": ">i8", "int2": ">i2", "float8": ">f8", "bool": "?"}
_HEADER, _TRAILER = 19, 2  # bytes about the rows of a binary COPY


def columns(query: str, types: tuple[str, ...], **values: Any) -> list[NDArray[Any]]:
    """The columns of a query as arrays, by way of a file: `types` are PostgreSQL's, none null.

    Raises ValueError where a row holds a null.
    """
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for at, kind in enumerate(types):
        fields += [(f"length{at}", ">i4"), (f"column{at}", _TYPES[kind])]
    row = np.dtype(fields)
    with TemporaryFile() as file, connection.cursor() as cursor:
        told = cursor.cursor.mogrify(query, values).decode()
        cursor.copy_expert(f"copy ({told}) to stdout (format binary)", file)
        rows, rest = divmod(file.tell() - _HEADER - _TRAILER, row.itemsize)
        table: NDArray[np.void] = np.empty(0, row)
        if rows:
            table = np.memmap(file, row, "r", offset=_HEADER, shape=(rows,))
        is_whole = all(
            (table[f"length{at}"] == np.dtype(_TYPES[kind]).itemsize).all()
            for at, kind in enumerate(types)
        )
        if rest or not is_whole:
            raise ValueError(f"A null, or a column that is not of {types}, in: {query.strip()}")
        return [
            table[f"column{at}"].astype(np.dtype(_TYPES[kind]).newbyteorder("="))
            for at, kind in enumerate(types)
        ]


def rows_of(keys: Ints, among: Ints) -> Ints:
    """The row of each key among others in any order, or NO_ROW."""
    if not len(among):
        return np.full(len(keys), NO_ROW)
    if len(keys) >= MANY:  # a table with a place for every key is several times faster
        table = np.full(int(max(keys.max(), among.max())) + 1, NO_ROW)
        table[among] = np.arange(len(among))
        found: Ints = table[keys]
        return found
    order = np.argsort(among)
    at = np.searchsorted(among, keys, sorter=order)
    row = order[np.minimum(at, len(among) - 1)]
    return np.where(among[row] == keys, row, NO_ROW)
