"""How many statements a request costs, the brackets of its transaction aside. A test runs inside a
transaction of its own, so that a request's scope is put back there after: that does not count.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN", "COMMIT")


class Statements(CaptureQueriesContext):
    """Captures statements; its length is their number as a request by itself would make them."""

    def __init__(self, *, at_most: int | None = None) -> None:
        super().__init__(connection)
        self.at_most = at_most

    def __len__(self) -> int:
        told = [query["sql"].strip() for query in self.captured_queries]
        scopes = sum("set_config" in each for each in told)
        return len([each for each in told if not each.startswith(BRACKETS)]) - scopes // 2

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if self.at_most is not None and raised[0] is None:
            assert len(self) <= self.at_most, [query["sql"] for query in self.captured_queries]
