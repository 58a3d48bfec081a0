"""Fixtures of the whole suite."""

from pathlib import Path

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Let the test runner empty the record between tests; a test of its own puts the guard back."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for table in ("audit_event", "audit_seal", "audit_checkpoint"):
            cursor.execute(f"alter table {table} disable trigger {table}_no_truncate")


@pytest.fixture(autouse=True)
def own_data_folder(settings: object, tmp_path: Path) -> None:
    """Originals that a test receives go to its own folder."""
    settings.DATA = tmp_path  # type: ignore[attr-defined]
