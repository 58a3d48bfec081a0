"""Real worker processes on the test's own database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ifso.embedded.processes import spawn
from tests.processes import worker_environment

HOME = Path(__file__).resolve().parents[2]
SESSIONS = "workers-of-a-test"


class Workers:
    """A worker with its timetable, as a process group of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = (
            *(sys.executable, "-m", "celery", "-A", "ifso", "worker", "--beat"),
            *(
                "--queues",
                "celery,nexus",
                "--concurrency",
                "2",
                "--schedule",
                str(self.data / "timetable"),
            ),
            *("--without-mingle", "--without-gossip", "--loglevel", "warning"),
        )
        env = {**worker_environment(), "PGAPPNAME": SESSIONS}
        with (self.data / "worker.log").open("ab") as log:
            self.process = spawn(command, log=log.fileno(), env=env, cwd=HOME)

    def kill(self) -> None:
        """SIGKILL to the worker and every child of it, as when a machine dies."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def workers(transactional_db: None) -> Iterator[Workers]:
    running = Workers(Path(settings.DATA))
    yield running
    running.kill()
    wait_until(no_session_of_workers, seconds=20, what="the worker's sessions to end")


def no_session_of_workers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and application_name = %s",
            [SESSIONS],
        )
        return bool(cursor.fetchone()[0] == 0)


def wait_until(holds: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.1)
