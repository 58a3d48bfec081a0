"""Fixtures of the whole suite.

The suite signs in to the database as the web does. What a test arranges or reads itself acts for
the system, as a worker would; a request of a client runs with the web's own rights in the
officer's scope, because the middleware takes them in every request.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.signals import connection_created

from accounts import scope
from tests import network
from tests.accounts.clock import Clock

WEB = "ifso_web"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Made by the owner, used by the web."""
    owner = connection.settings_dict["USER"]
    with django_db_blocker.unblock():
        call_command("protect")
        with connection.cursor() as cursor:
            # The test runner empties tables between tests; a test of its own puts the guard back.
            for table in ("audit_event", "audit_seal", "audit_checkpoint"):
                cursor.execute(f"alter table {table} disable trigger {table}_no_truncate")
            cursor.execute("grant truncate on all tables in schema public to ifso_system")
            cursor.execute("grant all on all tables in schema public to ifso_system")
            # A test of a migration makes the tables of before in a schema of its own.
            name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
            cursor.execute(f"grant create on database {name} to ifso_system")
            # A query without end fails by its text, before the test does (pyproject.toml: timeout).
            cursor.execute(f"alter database {name} set statement_timeout = '2min'")
        connection.close()
        connection.settings_dict["USER"] = WEB
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["USER"] = owner


def act_for_the_system(connection: Any, **_: object) -> None:
    if connection.settings_dict["USER"] == WEB:
        scope.take_the_role(connection)


@pytest.fixture(autouse=True, scope="session")
def arrangements_act_for_the_system() -> None:
    connection_created.connect(act_for_the_system)


@pytest.fixture(autouse=True, scope="session")
def network_guard() -> None:
    network.guard(settings.REDIS_URL)


@pytest.fixture(autouse=True)
def nothing_leaves_the_machine(network_guard: None) -> Iterator[None]:
    """Also not where the code makes light of an attempt that was refused."""
    network.REFUSED.clear()
    yield
    assert network.REFUSED == []


@pytest.fixture(autouse=True)
def outside_any_request() -> Iterator[None]:
    token = scope.PRESENT.set(scope.SYSTEM)
    yield
    scope.PRESENT.reset(token)


@pytest.fixture(autouse=True)
def own_data_folder(settings: object, tmp_path: Path) -> None:
    """Originals that a test receives go to its own folder."""
    settings.DATA = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
