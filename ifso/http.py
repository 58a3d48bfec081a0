"""What was asked for and not given is recorded too, once the request has been rolled back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.models import User
from audit.models import Outcome
from audit.services import keyed, record

REFUSALS = frozenset({401, 403, 404})
UNUSED = (  # what a page could ask the browser for and ours never do
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen"),
    *("geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment"),
    *(
        "picture-in-picture",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    ),
)
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
}


class Headers:
    """Headers of every answer beside Django's own: nobody keeps a copy of anything but our static
    files, which are answered before.

    It stands outside of all that may fail, so that pages of errors and answers to machines, which
    no session brings, have them too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        add_never_cache_headers(response)
        return response


class Refusals:
    """One event for each refused look at something that exists only for those who may see it.

    401 stands for the machine interface alone: pages send strangers to sign-in. An address that
    is no route guards nothing and leaves nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in REFUSALS:
            tell(request, response.status_code, Outcome.REFUSED)
        elif response.status_code >= 500:
            with contextlib.suppress(DatabaseError):  # what failed may be the database itself
                tell(request, response.status_code, Outcome.FAILED)
        return response


def tell(request: HttpRequest, status: int, outcome: Outcome) -> None:
    match = request.resolver_match
    if match is None:
        return
    user = getattr(request, "user", None)
    record(
        verb=f"access.{outcome.value}",
        subject=f"route:{match.view_name}",
        actor=user if isinstance(user, User) else None,
        at=timezone.now(),
        detail={"status": status, "asked": asked(match.kwargs)},
        outcome=outcome,
    )


def asked(values: Mapping[str, object]) -> dict[str, object]:
    """The keys in the address; what is no key may be a name that somebody typed there."""
    return {
        name: value
        if isinstance(value, int)
        else str(value)
        if isinstance(value, UUID) or (str(value).isdecimal() and len(str(value)) <= 20)
        else keyed(str(value))
        for name, value in values.items()
    }
