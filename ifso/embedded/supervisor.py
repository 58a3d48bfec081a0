"""Web, workers, linker, sealer and timetable as children of one process: `./dev demo` and
`./dev up`.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ifso.embedded.processes import end, spawn

READY_SECONDS = 60.0
PYTHON = sys.executable


@dataclass(frozen=True)
class Service:
    name: str
    role: str
    """Of the database."""
    command: tuple[str, ...]
    wait_seconds: float
    """How long it may take to end in good order: a worker finishes its batch first."""


def services(*, port: int, data: Path) -> tuple[Service, ...]:
    """In the order of starting; they are stopped in this order too, so that work drains."""
    bin_folder = Path(PYTHON).parent
    celery = (PYTHON, "-m", "celery", "-A", "ifso", "--quiet")
    return (
        Service(
            "web",
            "ifso_web",
            (str(bin_folder / "gunicorn"), "ifso.wsgi", "--bind", f"127.0.0.1:{port}",
             "--worker-class", "gthread", "--workers", "2", "--threads", "4",
             "--max-requests", "5000", "--max-requests-jitter", "500", "--log-level", "warning"),
            10,
        ),
        Service(
            "timetable",
            "ifso_worker",
            (*celery, "beat", "--loglevel", "warning",
             "--schedule", str(data / "timetable"), "--pidfile", ""),
            5,
        ),
        Service(
            "worker",
            "ifso_worker",
            (*celery, "worker", "--loglevel", "warning", "--concurrency", "2",
             "--without-mingle", "--without-gossip"),
            30,
        ),
        Service(
            "linker",
            "ifso_worker",
            (*celery, "worker", "--loglevel", "warning", "--concurrency", "1", "--queues", "nexus",
             "--hostname", "linker@%h", "--without-mingle", "--without-gossip"),
            30,
        ),
        Service("sealer", "ifso_worker", (PYTHON, "manage.py", "seal_audit"), 10),
    )  # fmt: skip


@contextlib.contextmanager
def serving(
    *, port: int, data: Path, env: Callable[..., dict[str, str]]
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run every service for as long as the block; `env` gives its environment by database role."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    wanted = services(port=port, data=data)
    try:
        for service in wanted:
            with (data / "log" / f"{service.name}.log").open("ab") as log:
                running[service.name] = spawn(
                    service.command, log=log.fileno(), env=env(role=service.role)
                )
        yield running
    finally:
        for service in wanted:
            if service.name in running:
                end(running[service.name], wait_seconds=service.wait_seconds)


def first_free_port(wanted: int) -> int:
    for port in range(wanted, wanted + 100):
        with contextlib.closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port from {wanted} to {wanted + 99}.")


def await_web(port: int, running: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if dead := first_dead(running):
            raise SystemExit(f"The {dead} ended at once; see log/{dead}.log in the data folder.")
        health = f"http://127.0.0.1:{port}/health/"
        with contextlib.suppress(OSError), urllib.request.urlopen(health, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("The web server did not answer; see log/web.log in the data folder.")


def first_dead(running: dict[str, subprocess.Popen[bytes]]) -> str | None:
    return next((name for name, process in running.items() if process.poll() is not None), None)


class Interrupted(BaseException):
    """We were asked to stop."""


def stop_on_signals() -> None:
    def interrupt(number: int, frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)  # a second Ctrl-C must not leave children behind
        raise Interrupted

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def is_running(pid_file: Path) -> int | None:
    """The process id in `pid_file` if that process is still one of ours."""
    with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
        pid = int(pid_file.read_text())
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline")
        if not command.exists() or b"ifso.embedded" in command.read_bytes():
            return pid
    return None
