"""Start and end child processes so that none outlives us."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

LIBC = ctypes.CDLL(None)  # before any fork: the dropped account may not read root's Python
PR_SET_PDEATHSIG = 1


def when_parent_dies(number: int) -> Callable[[], None]:
    """For `preexec_fn`: ask the kernel to send `number` to the child when its parent is gone."""

    def ask() -> None:
        if sys.platform == "linux":
            LIBC.prctl(PR_SET_PDEATHSIG, number)

    return ask


def unprivileged() -> pwd.struct_passwd | None:
    """The account that servers run under when we are root, as PostgreSQL refuses root; else
    None.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("PostgreSQL refuses to run as root and there is no account called nobody.")


def spawn(
    command: Sequence[str],
    *,
    log: IO[bytes] | int | None = None,
    account: pwd.struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    ends_by: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a group of its own, so that a Ctrl-C in the terminal reaches us alone."""
    identity: dict[str, object] = {}
    if account:
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        env=None if env is None else dict(env),
        cwd=cwd,
        process_group=0,
        preexec_fn=when_parent_dies(ends_by),
        **identity,
    )


def end(process: subprocess.Popen[bytes], *, by: int = signal.SIGTERM, wait_seconds: float) -> None:
    """Ask `process` to end and wait; past `wait_seconds` end its whole group for good."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
