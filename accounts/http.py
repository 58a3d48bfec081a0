"""Request types and the sign-in middleware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.access import access_to
from accounts.duty import NO_DUTY
from accounts.models import ROLE_LABELS, User
from accounts.roles import Act
from accounts.services import duty_of
from audit.requests import enrol

# What opens while the password is one that an administrator knows.
WITH_A_TEMPORARY_PASSWORD = frozenset(
    {"accounts:password", "accounts:sign-in", "accounts:sign-out", "accounts:language", "health"}
)


class OfficerRequest(HttpRequest):
    """A request that passed the middleware: `user` is an officer with a duty."""

    user: User
    htmx: HtmxDetails


class SignInMiddleware(LoginRequiredMiddleware):
    """Send strangers to sign-in; a signed-out HTMX request moves the whole page there."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request"):
            here = request.headers.get("HX-Current-URL", "/")
            return HttpResponseClientRedirect(redirect_to_login(here).url)
        return super().handle_no_permission(request, view_func)


class OfficerMiddleware:
    """Give the officer today's duty and language, and hold each route to the access table."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("a NUL, which no row of the database can hold")
        user = request.user
        if user.is_authenticated:
            user.duty = duty_of(user, on=timezone.localdate())
            translation.activate(user.language)
            duty, key = user.duty, request.session.session_key
            enrol(session_key=key, role=duty.role, district_ids=duty.district_ids)
        response = self.get_response(request)
        if user.is_authenticated:
            add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None:
            return None
        if (
            getattr(request.user, "password_is_temporary", False)
            and match.view_name not in WITH_A_TEMPORARY_PASSWORD
        ):
            return redirect("accounts:password")
        if match.namespace == "api":  # the JSON interface asks the same table itself
            return None
        duty = getattr(request.user, "duty", NO_DUTY)
        if not access_to(match.view_name).admits(duty):
            raise PermissionDenied
        return None


def officer_context(request: HttpRequest) -> dict[str, Any]:
    """For templates: what the officer may do, by the names of `Act`, and the role in words."""
    duty = getattr(getattr(request, "user", None), "duty", NO_DUTY)
    return {
        "may": {act.name.lower(): duty.may(act) for act in Act},
        "role_name": ROLE_LABELS[duty.role] if duty.role else "",
        "unit": settings.UNIT,
    }


def locked_out(request: HttpRequest, credentials: dict[str, Any], *args: object) -> HttpResponse:
    """The answer after too many wrong tries."""
    return render(request, "accounts/locked_out.html", status=429)
