"""Sign-in by the force's identity provider, and unlocking or confirming by it.

It stands in for the password: whatever follows a right password follows here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import provider, services, tries
from accounts.fetching import NoAnswer
from accounts.gate import safe_next
from accounts.models import User
from accounts.models.sessions import Step
from accounts.origins import address_of
from accounts.provider import Journey, NotVouched
from accounts.views.signing_in import SLEEPS, after_first_step
from audit.requests import REQUEST

JOURNEY = "journey_to_provider"  # in Django's session
View = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger(__name__)


def where_offered(view: View) -> View:
    """Without a provider in the settings there is no such page."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        if not provider.is_offered():
            raise Http404
        return view(request)

    return asked


@login_not_required
@where_offered
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider: to sign in, or, signed in already, to show it once more."""
    now = timezone.now()
    if services.is_address_held(address_of(request), at=now):
        return tries.refuse_held(request, "", at=now)
    if request.user.pk is None and request.POST.get("notice") != services.NOTICE:
        messages.warning(request, _("The notice has changed. Read it, then sign in again."))
        return redirect("accounts:sign-in")
    try:
        address, journey = provider.begin(
            officer=request.user.pk, wanted=safe_next(request), back=way_back(request), at=now
        )
    except NoAnswer as failure:
        return say_it_is_silent(request, failure)
    request.session[JOURNEY] = journey
    return redirect(address)


@login_not_required
@where_offered
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """The browser comes back. At a sign-in the provider is asked outside of any transaction."""
    now = timezone.now()
    if services.is_address_held(address_of(request), at=now):
        return tries.refuse_held(request, "", at=now)
    journey = end_journey(request)
    try:
        if journey is not None and journey["officer"] != request.user.pk:
            raise NotVouched("other-session")
        username = provider.name_vouched_for(
            journey, told=request.GET.dict(), back=way_back(request), at=now
        )
    except NoAnswer as failure:
        return say_it_is_silent(request, failure)
    except NotVouched as refusal:
        return refuse(request, "", why=refusal.why, at=now)
    assert journey is not None  # noqa: S101  # else nobody would have been vouched for
    finish = come_in if journey["officer"] is None else show_once_more
    with transaction.atomic():
        return finish(request, username, wanted=journey["next"], at=now)


def end_journey(request: HttpRequest) -> Journey | None:
    """What the session kept, which no later request finds there, whatever becomes of this one."""
    journey: Journey | None = request.session.pop(JOURNEY, None)
    if journey is not None:
        request.session.save()
    return journey


def come_in(request: HttpRequest, username: str, *, wanted: str, at: datetime) -> HttpResponse:
    if tries.is_held(request, username, at=at):
        return tries.refuse_held(request, username, at=at)
    user = User.objects.filter(username=username).first()
    if user is None:
        return refuse(request, username, why="unknown", at=at)
    if not user.is_active:
        return refuse(request, username, why="stopped", at=at)
    if services.duty_of(user, at=at).role is None:
        return refuse(request, username, why="no-posting", at=at)
    if services.sleeps(user, at=at):
        services.note_refused_sleeper(user=user, at=at)
        return turned_away(request, words=str(SLEEPS))
    return after_first_step(request, user, first=Step.PROVIDER, wanted=wanted, at=at)


def show_once_more(
    request: HttpRequest, username: str, *, wanted: str, at: datetime
) -> HttpResponse:
    """Unlock a locked session; in an open one it counts like the password given again."""
    user, session = request.user, request.officer_session  # type: ignore[attr-defined]
    if username != user.get_username():
        return refuse(request, user.get_username(), why="other-officer", at=at)
    if tries.is_held(request, username, at=at):
        return tries.refuse_held(request, username, at=at)
    act = services.confirm_session if session.locked_at is None else services.open_session
    act(session, at=at)
    request.session.cycle_key()
    return redirect(wanted)


def way_back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("accounts:oidc-callback"))


def refuse(request: HttpRequest, username: str, *, why: str, at: datetime) -> HttpResponse:
    """One page for whatever was wrong: only the record says which."""
    services.note_not_vouched(username=username, why=why, address=address_of(request), at=at)
    return turned_away(request)


def turned_away(request: HttpRequest, *, words: str = "") -> HttpResponse:
    said = {"words": words, "reference": REQUEST.get().id}
    return render(request, "accounts/not_vouched.html", said, status=422)


def say_it_is_silent(request: HttpRequest, failure: NoAnswer) -> HttpResponse:
    logger.warning("the force's sign-in gave no answer", extra={"problem": failure.problem})
    return render(
        request, "accounts/provider_silent.html", {"reference": REQUEST.get().id}, status=503
    )
