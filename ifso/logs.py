"""Log lines as JSON: ids, never content, and no local variables of a failed function."""

import json
import logging
import secrets
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from audit.requests import REQUEST_ID

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
        if request_id := REQUEST_ID.get():
            line["request"] = request_id
        line |= {key: value for key, value in vars(record).items() if key not in STANDARD}
        if record.exc_info:
            line["exception"] = told_of(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


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
        token = REQUEST_ID.set(secrets.token_hex(8))
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = REQUEST_ID.get()
            return response
        finally:
            REQUEST_ID.reset(token)
