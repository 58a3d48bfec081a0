"""One JSON answer of another server. Nobody but the force's sign-in is ever asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

from accounts.links import is_guarded

TIMEOUT = 5.0  # seconds: for each wait on the line, and for the whole body
MOST_BYTES = 256 * 1024


class NoAnswer(Exception):
    """The server did not answer, or not with what was asked for.

    The text is of ours and for the log; nothing that the server said is in it.
    """

    def __init__(self, problem: str, *, status: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status


def fetch_json(
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """GET, or POST of a form. No redirect is followed and no proxy asked. Raises NoAnswer."""
    if not is_guarded(address):
        raise NoAnswer("its address is neither HTTPS nor on this machine")
    parts = urlsplit(address)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    said = {"Accept": "application/json", **(headers or {})}
    if form is not None:
        said["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        link = connection_to(parts.scheme, parts.hostname or "", parts.port)
        try:
            link.request(
                "GET" if form is None else "POST",
                path,
                body=None if form is None else urlencode(form),
                headers=said,
            )
            answer = link.getresponse()
            text = body_of(answer)
        finally:
            link.close()
    except (OSError, HTTPException, ValueError) as cause:
        raise NoAnswer(type(cause).__name__) from cause
    if answer.status != 200:
        raise NoAnswer(f"it answered with status {answer.status}", status=answer.status)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise NoAnswer("its answer is no JSON") from cause
    if not isinstance(told, dict):
        raise NoAnswer("its answer is no JSON object")
    return told


def connection_to(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(host, port, timeout=TIMEOUT)
    return HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())


def body_of(answer: HTTPResponse) -> bytes:
    """Raises NoAnswer when it is too large or comes too slowly."""
    text, until = b"", monotonic() + TIMEOUT
    while piece := answer.read1(MOST_BYTES):
        text += piece
        if len(text) > MOST_BYTES:
            raise NoAnswer("its answer is too large")
        if monotonic() > until:
            raise NoAnswer("its answer comes too slowly")
    return text
