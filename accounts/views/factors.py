"""An officer's own second factors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, ParamSpec

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.forms import AppCodeForm, PasskeyForm
from accounts.gate import with_next
from accounts.http import OfficerRequest
from accounts.views.passkeys import fido_of

QUESTION = "new_passkey_question"  # in Django's session: the challenge of the passkey to be added
P = ParamSpec("P")
View = Callable[Concatenate[OfficerRequest, P], HttpResponse]


def after_password(view: View[P]) -> View[P]:
    """Ask for the password first, unless it was given a moment ago; then the officer is back on the
    list of factors.
    """

    @wraps(view)
    def asked(request: OfficerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        may = services.may_change_factors(request.officer_session, at=timezone.now())
        if may:
            return view(request, *args, **kwargs)
        return redirect(with_next("accounts:confirm", request, reverse("accounts:factors")))

    return asked


@require_safe
def factors(request: OfficerRequest) -> HttpResponse:
    return render(
        request,
        "accounts/factors.html",
        {
            "factors": services.factors_of(request.user),
            "must_enrol": settings.SECOND_FACTOR_COMPULSORY and not request.officer_session.factor,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@after_password
def app(request: OfficerRequest) -> HttpResponse:
    """POST without a code makes a secret; GET shows it; POST with a code confirms it."""
    if request.method == "POST" and "code" not in request.POST:
        services.begin_app(user=request.user)
        return redirect("accounts:app")
    secret = services.waiting_secret(request.user)
    if secret is None:
        return redirect("accounts:factors")
    form = AppCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = services.confirm_app(
                user=request.user,
                code=form.cleaned_data["code"],
                session=request.officer_session,
                at=timezone.now(),
            )
        except services.WrongFactor:
            form.add_error("code", _("This is not the code of now. Is the telephone's time right?"))
        else:
            return added(request, codes)
    address = services.app_address(request.user, secret, issuer=str(settings.UNIT["short_name"]))
    rows = list(segno.make(address, micro=False).matrix_iter(border=2))
    return render(
        request,
        "accounts/app.html",
        {
            "form": form,
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "qr_size": len(rows),
            "qr_path": path_of(rows),
        },
        status=422 if form.errors else 200,
    )


def path_of(rows: list[Iterable[int]]) -> str:
    """The dark squares as an SVG path, a square each."""
    marks = ((x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return "".join(f"M{x} {y}h1v1h-1z" for x, y in marks)


def added(request: OfficerRequest, codes: list[str]) -> HttpResponse:
    """After a new factor: a new session key, and the codes if they are the first."""
    request.session.cycle_key()
    if codes:
        return show_codes(request, codes)
    messages.success(request, _("The second factor is added."))
    return redirect("accounts:factors")


def show_codes(request: OfficerRequest, codes: list[str]) -> HttpResponse:
    """Answer the POST itself: the codes are in no message, no session and no address."""
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@require_POST
@after_password
def remove_app(request: OfficerRequest) -> HttpResponse:
    services.remove_app(user=request.user, at=timezone.now())
    messages.success(request, _("The authenticator app is removed."))
    return redirect("accounts:factors")


@require_http_methods(["GET", "HEAD", "POST"])
@after_password
def passkey(request: OfficerRequest) -> HttpResponse:
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = services.add_passkey(
                fido_of(request),
                user=request.user,
                answer=form.cleaned_data["answer"],
                state=request.session.pop(QUESTION, None) or {},
                name=form.cleaned_data["name"],
                session=request.officer_session,
                at=timezone.now(),
            )
        except services.WrongFactor:
            form.add_error(None, _("The passkey was not accepted. Try again."))
        else:
            return added(request, codes)
    options, request.session[QUESTION] = services.ask_new(fido_of(request), request.user)
    return render(
        request,
        "accounts/passkey.html",
        {"form": form, "options": options},
        status=422 if form.errors else 200,
    )


@require_POST
@after_password
def remove_passkey(request: OfficerRequest, passkey_id: int) -> HttpResponse:
    services.remove_passkey(user=request.user, passkey_id=passkey_id, at=timezone.now())
    messages.success(request, _("The passkey is removed."))
    return redirect("accounts:factors")


@require_POST
@after_password
def recovery_codes(request: OfficerRequest) -> HttpResponse:
    """Ten new codes. Without another factor they would be of no use."""
    if not services.factors_of(request.user).any:
        return redirect("accounts:factors")
    return show_codes(request, services.renew_recovery_codes(user=request.user, at=timezone.now()))
