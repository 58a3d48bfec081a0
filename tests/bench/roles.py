"""Requests of a benchmark go to the database as the web does, under row-level security."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def as_the_web() -> Iterator[None]:
    before = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = "ifso_web"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = before
