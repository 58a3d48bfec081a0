"""What stands between a signed-in browser and the pages: the session, the lock, the second factor.

`accounts.http.OfficerMiddleware` asks here at every request.
"""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from accounts import services
from accounts.access import access_to
from accounts.duty import Duty
from accounts.models import OfficerSession, User
from accounts.models.sessions import Ending
from accounts.origins import address_of, browser_of
from accounts.roles import needs_second_factor
from accounts.sittings import Standing

SESSION_ROW = "officer_session"  # in Django's session: the key of our row
DUTY_MARK = "duty"  # in Django's session: the duty it was last used with

ALWAYS = frozenset({"accounts:sign-out", "accounts:language", "health"})
BY_PROVIDER = frozenset({"accounts:oidc-start", "accounts:oidc-callback"})
WHILE_LOCKED = ALWAYS | BY_PROVIDER | {"accounts:locked", "accounts:lock"}
WITHOUT_SECOND_FACTOR = (
    ALWAYS
    | BY_PROVIDER
    | {
        *("accounts:factors", "accounts:app", "accounts:remove-app", "accounts:passkey"),
        *("accounts:remove-passkey", "accounts:recovery-codes", "accounts:confirm"),
        *("accounts:password", "accounts:sign-in", "accounts:second-factor"),
        *("accounts:locked", "accounts:lock", "accounts:seen"),
    }
)


def begin_session(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receiver of Django's `user_logged_in`: no session is without a row of ours."""
    now = timezone.now()
    session = services.begin_session(
        officer=user, address=address_of(request), browser=browser_of(request), at=now
    )
    request.session[SESSION_ROW] = session.pk
    request.session[DUTY_MARK] = mark_of(services.duty_of(user, at=now))


def session_of(request: HttpRequest, officer: User) -> OfficerSession | None:
    key: int | None = request.session.get(SESSION_ROW)
    if key is None:
        return None
    return OfficerSession.objects.open().filter(pk=key, officer=officer).first()


def take_up_session(request: HttpRequest, officer: User) -> OfficerSession | None:
    """The open or locked session of this request; None after signing out one that is over."""
    now = timezone.now()
    session = session_of(request, officer)
    standing = Standing.OVER if session is None else services.standing_of(session, at=now)
    if session is None or standing == Standing.OVER:
        if session is not None:
            services.close_session(session, ending=Ending.TOO_LONG, at=now)
        logout(request)
        return None
    if standing == Standing.LOCKED:
        services.lock_session(session, at=now)
    elif "X-Poll" not in request.headers:  # a page that asks by itself is no act of an officer
        services.note_seen(session, at=now)
    return session


def refuse_while_locked(request: HttpRequest, session: OfficerSession) -> HttpResponse | None:
    """The answer of a locked session to whatever is not needed to unlock it, and of one on a wall
    to whatever is not its board.
    """
    if may_lock(session):
        return None
    try:
        name = resolve(request.path_info).view_name
    except Resolver404:
        name = ""
    opens = name in WHILE_LOCKED if session.locked_at else access_to(name).on_wall
    return None if opens else answer_elsewhere(request, "accounts:locked", name)


def refuse_without_second_factor(
    request: HttpRequest, session: OfficerSession, duty: Duty, name: str
) -> HttpResponse | None:
    """Until a second factor is enrolled, only the pages for that open."""
    if (
        session.factor
        or not settings.SECOND_FACTOR_COMPULSORY
        or not needs_second_factor(duty.role)
        or name in WITHOUT_SECOND_FACTOR
    ):
        return None
    return answer_elsewhere(request, "accounts:factors", name)


def answer_elsewhere(request: HttpRequest, page: str, asked: str) -> HttpResponse:
    """Move the whole page to `page`, which leads back here; a machine is refused."""
    if asked.startswith("api:"):
        return JsonResponse({"detail": "This session must be unlocked on the pages."}, status=403)
    if request.headers.get("HX-Request"):
        back = request.headers.get("HX-Current-URL", "")
        return HttpResponseClientRedirect(with_next(page, request, back))
    came_from = request.headers.get("Referer", "")
    back = request.get_full_path() if request.method == "GET" else came_from
    return redirect(with_next(page, request, back))


def with_next(page: str, request: HttpRequest, back: str) -> str:
    address = resolve_url(page)
    ours = is_ours(request, back)
    return f"{address}?{urlencode({'next': back})}" if ours else address


def is_ours(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def safe_next(request: HttpRequest) -> str:
    """The page to go back to, if it is one of ours."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    return wanted if is_ours(request, wanted) else "/"


def may_lock(session: OfficerSession) -> bool:
    return session.locked_at is None and session.wall_until is None


def seconds_left(session: OfficerSession) -> dict[str, int]:
    """For the script: how long without an act until it locks, when it warns, when all ends."""
    limits = services.limits()
    over = session.began_at + limits.longest - timezone.now()
    return {
        "idle": int(limits.idle.total_seconds()),
        "warning": settings.SESSION_WARNING_MINUTES * 60,
        "over": max(int(over.total_seconds()), 0),
    }


def renew_key_at_new_duty(request: HttpRequest, duty: Duty) -> None:
    """A session gets a new key when what the officer may do has changed."""
    mark = mark_of(duty)
    if request.session.get(DUTY_MARK) != mark:
        request.session[DUTY_MARK] = mark
        request.session.cycle_key()


def mark_of(duty: Duty) -> str:
    values = [sorted(each) if isinstance(each, frozenset) else each for each in astuple(duty)]
    return services.digest_of(repr(values))
