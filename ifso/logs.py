"""Log lines as JSON: ids, never content, and no local variables of a failed function."""

import json
import logging
import re
import secrets
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from accounts.origins import address_of
from audit.requests import REQUEST, Request

# What JSON leaves as it is: C1 and DEL, ends of lines and paragraphs, marks of direction.
CONTROL = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "request",
}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST.get().id:
            line["request"] = request_id
        line |= {key: value for key, value in vars(record).items() if key not in STANDARD}
        if record.exc_info:
            line["exception"] = told_of(record.exc_info[1])
        return CONTROL.sub(escaped, json.dumps(line, default=str, ensure_ascii=False))


def escaped(control: re.Match[str]) -> str:
    """Still the same JSON, but nothing in it ends a line, drives a terminal or turns its text."""
    return f"\\u{ord(control[0]):04x}"


def told_of(error: BaseException | None) -> str:
    """Where an error came from and of what kind it is, innermost last. Never its message: the
    database's repeats whole rows.
    """
    if error is None:
        return ""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{told_of(cause)}{frames}{type(error).__module__}.{type(error).__qualname__}\n"


class RequestIds:
    """Give each request an id: on its log lines, in its answer and on an error page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = Request(id=secrets.token_hex(8), source=address_of(request) or "")
        token = REQUEST.set(begun)
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = begun.id
            return response
        finally:
            REQUEST.reset(token)
