"""The project's own servers: they start, keep their data, are shared, and never outlive us."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from ifso.embedded import stores
from ifso.embedded.supervisor import first_free_port

HOME = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from ifso.embedded.stores import stores
with stores(Path(sys.argv[1])) as addresses:
    print(addresses.database_url, addresses.redis_url, flush=True)
    time.sleep(120)
"""


@pytest.fixture(autouse=True)
def no_other_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers under test are those of the folder given, not the ones that this suite uses."""
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "own"
    yield folder
    for path in [tmp_path, *tmp_path.rglob("*")]:
        if path.is_dir():
            path.chmod(0o700)  # the server's account made some of them


def connect(url: str) -> psycopg2.extensions.connection:
    return psycopg2.connect(host=url.partition("host=")[2], user="postgres", dbname="ifso")


def wait_until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def running_under(data: Path) -> list[int]:
    """Processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(data).encode() in command and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def test_data_outlives_the_servers(data: Path) -> None:
    with stores.stores(data) as addresses, connect(addresses.database_url) as link:
        link.cursor().execute("create table kept (n int); insert into kept values (7)")
        redis.Redis.from_url(addresses.redis_url).set("kept", "7")

    with stores.stores(data) as addresses, connect(addresses.database_url) as link:
        cursor = link.cursor()
        cursor.execute("select n from kept")
        assert cursor.fetchone() == (7,)
        assert redis.Redis.from_url(addresses.redis_url).get("kept") == b"7"


def test_hindi_names_can_be_compared(data: Path) -> None:
    with stores.stores(data) as addresses, connect(addresses.database_url) as link:
        cursor = link.cursor()
        cursor.execute("create extension pg_trgm")
        cursor.execute("select similarity('राम कुमार', 'रामू कुमार') > 0")
        assert cursor.fetchone() == (True,)


def test_nothing_is_left_when_the_starter_is_killed(data: Path) -> None:
    env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    command = [sys.executable, "-c", HOLD, str(data)]
    with subprocess.Popen(command, cwd=HOME, env=env, stdout=subprocess.PIPE) as holder:  # noqa: S603
        assert holder.stdout is not None
        assert b"postgres://" in holder.stdout.readline()
        assert running_under(data)
        holder.send_signal(signal.SIGKILL)

    assert wait_until(lambda: not running_under(data)), running_under(data)
    with stores.stores(data) as addresses, connect(addresses.database_url) as link:
        link.cursor().execute("select 1")


def test_a_second_command_uses_the_servers_that_run(data: Path) -> None:
    with stores.stores(data) as first:
        with stores.stores(data) as second:
            assert second == first
        with connect(first.database_url) as link:
            link.cursor().execute("select 1")


def test_servers_named_in_the_environment_come_first(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://a@b/c")
    monkeypatch.setenv("REDIS_URL", "redis://d")

    with stores.stores(data) as addresses:
        assert addresses.environment("ifso_web") == {
            "DATABASE_URL": "postgres://ifso_web@b/c",
            "REDIS_URL": "redis://d",
        }
    assert not data.exists()


def test_a_long_folder_still_has_a_socket(tmp_path: Path) -> None:
    folder = stores.socket_folder(tmp_path / ("long" * 30), "pg")

    assert len(bytes(folder / ".s.PGSQL.5432")) <= stores.SOCKET_PATH_LIMIT


def test_a_busy_port_is_passed_over() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        port = busy.getsockname()[1]

        assert first_free_port(port) > port
