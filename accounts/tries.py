"""Wrong tries at the edge: axes counts them by account, we by address; both make one wait."""

from __future__ import annotations

from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import services
from accounts.models import User
from accounts.models.sessions import Step
from accounts.origins import address_of


def is_held(request: HttpRequest, username: str, *, at: datetime) -> bool:
    """Whether this account or this address has to wait, before anything is checked.

    Inside a transaction: until its end other tries of the same account stand in line, so that
    many at once are counted one by one.
    """
    services.stand_in_line(username)
    return services.is_address_held(address_of(request), at=at) or not AxesProxyHandler.is_allowed(
        request, {"username": username}
    )


def note_wrong_password(request: HttpRequest, username: str, *, at: datetime) -> None:
    """After `authenticate` refused: axes has counted it already."""
    note_try(request, username, Step.PASSWORD, at=at)


def note_wrong(request: HttpRequest, user: User, step: Step, *, at: datetime) -> None:
    """What was checked elsewhere than in `authenticate` counts like a wrong sign-in."""
    user_login_failed.send(
        sender=__name__, credentials={"username": user.username}, request=request
    )
    note_try(request, user.username, step, at=at)


def note_try(request: HttpRequest, username: str, step: Step, *, at: datetime) -> None:
    services.note_failed_try(
        username=username,
        step=step,
        address=address_of(request),
        locked=bool(getattr(request, "axes_locked_out", False)),
        at=at,
    )


def refuse_held(request: HttpRequest, username: str, *, at: datetime) -> HttpResponse:
    """Answer a try while one has to wait: nothing was checked, and the wait grows no longer."""
    services.note_held_try(username=username, at=at)
    return locked_out(request)


def locked_out(request: HttpRequest, *args: object) -> HttpResponse:
    """The answer after too many wrong tries."""
    return render(request, "accounts/locked_out.html", status=429)
