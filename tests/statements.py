"""How many statements a request costs. A test runs inside a transaction, so that a request's own
is a savepoint there and its scope is put back after: neither happens outside tests.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

ONLY_IN_TESTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


class Statements(CaptureQueriesContext):
    """Captures statements; its length is their number as a request alone would make them."""

    def __init__(self, *, at_most: int | None = None) -> None:
        super().__init__(connection)
        self.at_most = at_most

    def __len__(self) -> int:
        told = [query["sql"].strip() for query in self.captured_queries]
        scopes = sum("set_config" in each for each in told)
        return len([each for each in told if not each.startswith(ONLY_IN_TESTS)]) - scopes // 2

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if self.at_most is not None and raised[0] is None:
            assert len(self) <= self.at_most, [query["sql"] for query in self.captured_queries]
