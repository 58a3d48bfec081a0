"""Sign-in and sign-out, the language, one's password."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import PasswordForm, SignInForm
from accounts.http import OfficerRequest
from accounts.models import User


class SignIn(LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    @transaction.atomic
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        services.note_sign_in(user=form.get_user(), at=timezone.now())
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        # axes marks the request; its middleware then answers with the locked-out page.
        locked = bool(getattr(self.request, "axes_locked_out", False))
        username = str(form.cleaned_data.get("username", ""))
        services.note_failed_sign_in(username=username, locked=locked, at=timezone.now())
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def sign_out(request: OfficerRequest) -> HttpResponse:
    services.note_sign_out(user=request.user, at=timezone.now())
    logout(request)
    return redirect("accounts:sign-in")


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


def safe_next(request: HttpRequest) -> str:
    """The page to go back to, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else "/"


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: OfficerRequest) -> HttpResponse:
    form = PasswordForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.change_password(
            user=request.user, password=form.cleaned_data["new_password1"], at=timezone.now()
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed."))
        return redirect("home")
    return render(
        request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200
    )
