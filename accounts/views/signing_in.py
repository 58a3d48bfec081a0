"""Sign-in in two steps and sign-out; the language; one's password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services, tries
from accounts.forms import PasswordForm, SignInForm
from accounts.gate import safe_next, session_of
from accounts.http import OfficerRequest
from accounts.models import User
from accounts.models.sessions import Step
from accounts.services.factors import Factor
from accounts.views.leading import leading_to_provider
from accounts.views.passkeys import fido_of

HALF = "half_signed_in"  # in Django's session: who took the first step and not yet the second
QUESTION = "passkey_question"
HALF_LASTS = timedelta(minutes=5)
SLEEPS = gettext_lazy("Nobody has signed in here for 45 days. An administrator must unlock it.")
BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """By number and password."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context = {"notice": services.NOTICE}

    @transaction.atomic
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        username = request.POST.get("username", "").replace("\0", "")[:150]
        if tries.is_held(request, username, at=timezone.now()):
            return tries.refuse_held(request, username, at=timezone.now())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user, now = form.get_user(), timezone.now()
        if services.sleeps(user, at=now):
            services.note_refused_sleeper(user=user, at=now)
            form.add_error(None, SLEEPS)
            return self.render_to_response(self.get_context_data(form=form), status=422)
        wanted = self.get_success_url()
        return after_first_step(self.request, user, first=Step.PASSWORD, wanted=wanted, at=now)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        # axes marks the request; its middleware then answers with the locked-out page.
        if getattr(form, "was_tried", False):
            username = str(form.cleaned_data.get("username", ""))
            tries.note_wrong_password(self.request, username, at=timezone.now())
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return leading_to_provider(super().render_to_response(context, **kwargs))


def after_first_step(
    request: HttpRequest, user: User, *, first: Step, wanted: str, at: datetime
) -> HttpResponse:
    """Who somebody is has been shown once: the second factor follows, for whoever has one."""
    if services.factors_of(user).any:
        request.session.cycle_key()
        request.session[HALF] = {
            "officer": user.pk,
            "hash": user.get_session_auth_hash(),
            "at": at.isoformat(),
            "first": first.value,
            "next": wanted,
        }
        return redirect("accounts:second-factor")
    sign_in(request, user, first=first, factor="", at=at)
    return redirect(wanted)


def sign_in(request: HttpRequest, user: User, *, first: Step, factor: str, at: datetime) -> None:
    """The end of every way in: a session begins, and the officer is told of the last one."""
    login(request, user, backend=BACKEND)
    session = session_of(request, user)
    assert session is not None  # noqa: S101  # `login` has just made it
    since = services.note_sign_in(
        user=user, session=session, first=first, factor=factor, notice=services.NOTICE, at=at
    )
    tell_of_last_time(request, since)


def tell_of_last_time(request: HttpRequest, since: services.SinceLastTime) -> None:
    if since.last is None:
        words = [_("This is your first sign-in.")]
    else:
        values = {
            "moment": date_format(timezone.localtime(since.last.began_at), "d-m-Y H:i"),
            "origin": " · ".join(filter(None, [since.last.address, since.last.browser])) or "–",
        }
        words = [_("Last sign-in: %(moment)s IST, %(origin)s.") % values]
    if since.failed_tries:
        words.append(
            ngettext(
                "%(count)d wrong try since then.",
                "%(count)d wrong tries since then.",
                since.failed_tries,
            )
            % {"count": since.failed_tries}
        )
    level = messages.WARNING if since.failed_tries else messages.INFO
    messages.add_message(request, level, " ".join(words))
    if since.factors_were_reset:
        messages.warning(
            request,
            _(
                "An administrator has removed your second factor since then. If you did not ask for"
                " it, tell your supervisor at once."
            ),
        )


def half_signed_in(request: HttpRequest, *, at: datetime) -> User | None:
    """Who took the first step in this browser a moment ago, if nothing changed meanwhile."""
    half = request.session.get(HALF)
    if half is None or at >= datetime.fromisoformat(half["at"]) + HALF_LASTS:
        return None
    user = User.objects.filter(pk=half["officer"], is_active=True).first()
    if user is None or not constant_time_compare(half["hash"], user.get_session_auth_hash()):
        return None
    return user


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def second_factor(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    user = half_signed_in(request, at=now)
    if user is None:
        return redirect("accounts:sign-in")
    if request.method != "POST":
        return ask_second_factor(request, user)
    if tries.is_held(request, user.username, at=now):
        return tries.refuse_held(request, user.username, at=now)
    try:
        factor = use_factor(request, user, at=now)
    except services.WrongFactor:
        tries.note_wrong(request, user, Step.SECOND_FACTOR, at=now)
        return ask_second_factor(request, user, is_wrong=True)
    half = request.session.pop(HALF)
    request.session.pop(QUESTION, None)
    sign_in(request, user, first=Step(half["first"]), factor=factor.value, at=now)
    return redirect(half["next"])


def use_factor(request: HttpRequest, user: User, *, at: datetime) -> Factor:
    """Take what was given: a passkey's answer, six digits, or a recovery code.

    Raises WrongFactor.
    """
    code = request.POST.get("code", "").replace(" ", "")
    if answer := request.POST.get("answer", ""):
        state = request.session.pop(QUESTION, None) or {}  # each question is answered once
        services.use_passkey(fido_of(request), user=user, answer=answer, state=state, at=at)
        return Factor.PASSKEY
    if code.isdecimal():
        services.use_app_code(user=user, code=code, at=at)
        return Factor.APP
    services.use_recovery_code(user=user, code=code, at=at)
    return Factor.RECOVERY_CODE


def ask_second_factor(request: HttpRequest, user: User, *, is_wrong: bool = False) -> HttpResponse:
    factors, options = services.factors_of(user), ""
    if factors.passkeys:
        options, request.session[QUESTION] = services.ask(fido_of(request), user)
    return render(
        request,
        "accounts/second_factor.html",
        {"factors": factors, "options": options, "is_wrong": is_wrong},
        status=422 if is_wrong else 200,
    )


@require_POST
def sign_out(request: OfficerRequest) -> HttpResponse:
    services.note_sign_out(user=request.user, session=request.officer_session, at=timezone.now())
    logout(request)
    response = redirect("accounts:sign-in")
    # Also the mark of an upload that broke off, which says how the file is called.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language with the officer, and in the browser for whoever has not signed in."""
    wanted = request.POST.get("language", "")
    if wanted not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    if isinstance(request.user, User):
        services.set_language(user=request.user, language=wanted)
    response = redirect(safe_next(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        wanted,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def password(request: OfficerRequest) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST" and tries.is_held(request, request.user.username, at=now):
        return tries.refuse_held(request, request.user.username, at=now)
    form = PasswordForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.change_password(
            user=request.user,
            password=form.cleaned_data["new_password1"],
            session=request.officer_session,
            at=now,
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed."))
        return redirect("home")
    if "old_password" in form.errors:
        tries.note_wrong(request, request.user, Step.PASSWORD, at=now)
    return render(
        request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200
    )
