"""Request types and the sign-in middleware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts import again, gate, provider
from accounts.access import access_to
from accounts.duty import NO_DUTY, Duty
from accounts.models import ROLE_LABELS, OfficerSession, User
from accounts.roles import Act
from accounts.scope import scoped
from accounts.services.duties import duty_of
from audit.alarms import Alarm, alarms
from audit.requests import enrol

# What opens while the password is one that an administrator knows.
WITH_A_TEMPORARY_PASSWORD = frozenset(
    gate.WHILE_LOCKED | {"accounts:password", "accounts:sign-in", "accounts:seen"}
)


ERROR_FROM = 500  # statuses that say that we failed


class OfficerRequest(HttpRequest):
    """A request that passed the middleware: `user` is an officer with a duty."""

    user: User
    officer_session: OfficerSession
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
        if not user.is_authenticated:
            return self.get_response(request)
        session = gate.take_up_session(request, user)
        if session is None:
            response = self.get_response(request)
        else:
            request.officer_session = session  # type: ignore[attr-defined]
            user.duty = duty_of(user, at=timezone.now())
            gate.renew_key_at_new_duty(request, user.duty)
            translation.activate(user.language)
            duty, key = user.duty, request.session.session_key
            enrol(session_key=key, role=duty.role, district_id=duty.home_district_id)
            locked = gate.refuse_while_locked(request, session)
            response = locked or self.answer_within_scope(request, user)
        return response

    def answer_within_scope(self, request: HttpRequest, user: User) -> HttpResponse:
        """One transaction in the officer's scope; undone if we failed."""
        if request.method == "POST":
            request.POST  # noqa: B018  # the body comes in before the transaction begins
        with scoped(user):
            response = self.get_response(request)
            if response.status_code >= ERROR_FROM or hasattr(request, "is_undone"):
                transaction.set_rollback(True)
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
        duty = getattr(request.user, "duty", NO_DUTY)
        session = getattr(request, "officer_session", None)
        if session is not None and (
            refusal := gate.refuse_without_second_factor(request, session, duty, match.view_name)
        ):
            return refusal
        if match.namespace == "api":  # the JSON interface asks the same table itself
            return None
        access = access_to(match.view_name)
        if not access.admits(duty):
            raise PermissionDenied
        if access.asks_again and request.method == "POST":
            return again.ask_first(cast("OfficerRequest", request), at=timezone.now())
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """What a view wrote before it failed is undone, once the page that says so is drawn."""
        request.is_undone = True  # type: ignore[attr-defined]


def officer_context(request: HttpRequest) -> dict[str, Any]:
    """For templates: what the officer may do, by the names of `Act`, the role in words, alarms of
    the record, and for the script when the session locks.
    """
    duty = getattr(getattr(request, "user", None), "duty", NO_DUTY)
    session = getattr(request, "officer_session", None)
    return {
        "may": {act.name.lower(): duty.may(act) for act in Act},
        "role_name": ROLE_LABELS[duty.role] if duty.role else "",
        "record_alarms": lambda: record_alarms(duty),
        "unit": settings.UNIT,
        "second_factor_is_optional": not settings.SECOND_FACTOR_COMPULSORY,
        "provider_is_offered": provider.is_offered(),
        "sitting": gate.seconds_left(session) if session and gate.may_lock(session) else None,
    }


def record_alarms(duty: Duty) -> list[Alarm]:
    """For those who read the record or manage officers; only pages with a frame ask."""
    is_told = duty.may(Act.READ_RECORD) or duty.may(Act.MANAGE_OFFICERS)
    return alarms(at=timezone.now()) if is_told else []
