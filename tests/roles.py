"""The test's database through other roles than the web's, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from django.db import connection


@contextmanager
def session(role: str) -> Iterator[Any]:
    """A cursor of a session that signed in as `role`; each statement is a transaction."""
    given = connection.get_connection_params() | {"user": role}
    given.pop("cursor_factory", None)
    with closing(psycopg2.connect(**given)) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            yield cursor
