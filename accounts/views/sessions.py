"""Where an officer is signed in; locking and unlocking; the password asked again."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services, tries
from accounts.forms import PasswordAgainForm
from accounts.gate import safe_next
from accounts.http import OfficerRequest
from accounts.views.leading import leading_to_provider

SHOWN = 10  # sessions that are over


@require_safe
def sessions(request: OfficerRequest) -> HttpResponse:
    over = request.user.sessions.filter(ended_at__isnull=False).order_by("-ended_at", "-pk")
    in_use = services.open_sessions(request.user, at=timezone.now())
    return render(
        request,
        "accounts/sessions.html",
        {"open": in_use.order_by("-seen_at", "-pk"), "over": over[:SHOWN]},
    )


@require_POST
def end(request: OfficerRequest, session_id: int) -> HttpResponse:
    """End one of one's own sessions; the present one is a sign-out."""
    session = get_object_or_404(request.user.sessions.open(), pk=session_id)
    services.end_session(session, by=request.user, at=timezone.now())
    if session == request.officer_session:
        logout(request)
        return redirect("accounts:sign-in")
    messages.success(request, _("The session is ended."))
    return redirect("accounts:sessions")


@require_POST
def end_others(request: OfficerRequest) -> HttpResponse:
    count = services.end_other_sessions(request.officer_session, by=request.user, at=timezone.now())
    messages.success(
        request,
        ngettext("%(count)d other session ended.", "%(count)d other sessions ended.", count)
        % {"count": count},
    )
    return redirect("accounts:sessions")


@require_POST
def seen(request: OfficerRequest) -> HttpResponse:
    """The script says that the officer is at the page: the middleware has noted it."""
    return HttpResponse(status=204)


@require_POST
def lock(request: OfficerRequest) -> HttpResponse:
    """The officer leaves the desk, or the script saw nobody for too long."""
    services.lock_session(request.officer_session, at=timezone.now())
    return redirect("accounts:locked")


@require_http_methods(["GET", "HEAD", "POST"])
def locked(request: OfficerRequest) -> HttpResponse:
    """Unlock and go back to the same page. A wall shows its board or signs out."""
    if request.officer_session.wall_until is not None:
        return render(request, "accounts/on_wall.html", {"session": request.officer_session})
    if request.officer_session.locked_at is None:
        return redirect(safe_next(request))
    return ask_password(request, "accounts/locked.html", unlocks=True)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: OfficerRequest) -> HttpResponse:
    """Ask for the password again; it counts for the minutes of `services.CONFIRMED_FOR`."""
    return ask_password(request, "accounts/confirm.html", unlocks=False)


@transaction.atomic
def ask_password(request: OfficerRequest, template: str, *, unlocks: bool) -> HttpResponse:
    """Wrong ones count as wrong sign-ins."""
    user, now = request.user, timezone.now()
    form = PasswordAgainForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if tries.is_held(request, user.username, at=now):
            return tries.refuse_held(request, user.username, at=now)
        given = form.cleaned_data["password"]
        if authenticate(request, username=user.username, password=given) is not None:
            act = services.open_session if unlocks else services.confirm_session
            act(request.officer_session, at=now)
            request.session.cycle_key()
            return redirect(safe_next(request))
        tries.note_wrong_password(request, user.username, at=now)
        form.add_error("password", _("This is not your present password."))
    page = render(
        request,
        template,
        {"form": form, "next": safe_next(request)},
        status=422 if form.errors else 200,
    )
    return leading_to_provider(page)
