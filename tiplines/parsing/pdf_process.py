"""The parent's side of the limited process that opens PDFs.

One child for each worker process, started at the first PDF and kept. A document that ends it, or
holds it too long, is refused with a reason; the next document gets a new child. A child of a
process that forks is left to that process alone.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tiplines.parsing.limits import PDF_WAIT_SECONDS_AT_MOST, UnreadableReport
from tiplines.parsing.pdf_child import ANSWER, CLEAN, DONE, READ, REQUEST, UNLOCK

HOME = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "tiplines.parsing.pdf_child")
CHUNK_BYTES = 1024 * 1024
TOO_LONG = "the PDF takes longer to read than any report does"
FELLED = "the PDF ended the process that read it: it is damaged, or made to do harm"


class ChildEnded(Exception):
    """The child died or was ended before it had answered; the text is the reason to show."""


class Child:
    """A running child, and the one question it is answering."""

    def __init__(self) -> None:
        # No secrets of ours in the environment of a process that reads what strangers wrote.
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no outside arguments
            COMMAND,
            cwd=HOME,
            env={"PYTHONPATH": str(HOME), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        assert self._process.stdout is not None  # noqa: S101
        self._requests = self._process.stdin
        self._answers = self._process.stdout

    def ask(self, act: bytes, data: bytes, password: str) -> bytes:
        """Return what the child answers. Raises UnreadableReport or ChildEnded."""
        secret = password.encode()
        deadline = time.monotonic() + PDF_WAIT_SECONDS_AT_MOST
        try:
            self._requests.write(REQUEST.pack(act, len(secret), len(data)) + secret)
            self._requests.write(data)
            self._requests.flush()
            kind, length = ANSWER.unpack(self._read(ANSWER.size, deadline))
            payload = self._read(length, deadline)
        except OSError as error:
            raise ChildEnded(self._reason()) from error
        if kind != DONE:
            reason, place = json.loads(payload)
            raise UnreadableReport(reason, place=place)
        return payload

    def _read(self, length: int, deadline: float) -> bytes:
        descriptor, parts = self._answers.fileno(), []
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        while length:
            if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise ChildEnded(TOO_LONG)
            part = os.read(descriptor, min(length, CHUNK_BYTES))
            if not part:
                raise ChildEnded(self._reason())
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def _reason(self) -> str:
        code = self._process.wait(timeout=5)
        return TOO_LONG if code == -signal.SIGXCPU else FELLED

    def end(self) -> None:
        self._process.kill()
        self.forget()
        self._process.wait()

    def forget(self) -> None:
        for pipe in (self._requests, self._answers):
            try:
                pipe.close()
            except OSError:  # what was still to be written has nobody left to read it
                continue


_lock = threading.Lock()
_child: Child | None = None


def read_pages(data: bytes, password: str = "") -> list[list[str]]:
    """Return the lines of each page, as `pdf_text` describes them. Raises UnreadableReport."""
    pages: list[list[str]] = json.loads(_ask(READ, data, password))
    return pages


def text_only(data: bytes) -> bytes:
    """Return the PDF without anything that is no text, or as it is if it has nothing else."""
    return _ask(CLEAN, data) or data


def unlocked(data: bytes, password: str) -> bytes:
    """Return the PDF without encryption and with nothing but text in it."""
    return _ask(UNLOCK, data, password)


def _ask(act: bytes, data: bytes, password: str = "") -> bytes:
    global _child
    with _lock:
        if _child is None:
            _child = Child()
        try:
            return _child.ask(act, data, password)
        except ChildEnded as ended:
            _end_child()
            raise UnreadableReport(str(ended)) from ended
        except UnreadableReport:
            raise
        except BaseException:  # interrupted: what the child still answers is for no later question
            _end_child()
            raise


def _end_child() -> None:
    global _child
    if _child is not None:
        _child.end()
        _child = None


def _after_fork() -> None:
    """In a forked process: the child belongs to the parent, and its lock may have been held."""
    global _child, _lock
    if _child is not None:
        _child.forget()
    _child, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_end_child)
