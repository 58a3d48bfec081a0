"""Sign-in and sign-out, the language, one's password; and the administrator's pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.forms import NewOfficerForm, PasswordForm, PostingForm, SignInForm
from accounts.http import OfficerRequest
from accounts.models import ROLE_LABELS, Posting, User
from accounts.roles import Role
from audit.services import keyed, record, record_list

OFFICERS_A_PAGE = 50


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


# The administrator's pages


@require_safe
def officers(request: OfficerRequest) -> HttpResponse:
    today = timezone.localdate()
    text = request.GET.get("text", "").strip()[:100]
    found = services.officers_visible_to(request.user).order_by("username")
    if text:
        found = found.filter(Q(username__istartswith=text) | Q(full_name__icontains=text))
    after = request.GET.get("after", "")
    if after:
        found = found.filter(username__gt=after)
    present = Posting.objects.in_force(on=today).select_related("district", "station")
    page = list(
        found.prefetch_related(
            Prefetch("postings", present.order_by("-from_on", "-pk"), to_attr="present_postings")
        )[: OFFICERS_A_PAGE + 1]
    )
    record_list(
        verb="officers.read",
        subject="officers:all",
        seen=[user.pk for user in page[:OFFICERS_A_PAGE]],
        actor=request.user,
        at=timezone.now(),
        detail={"query": keyed(text)} if text else {},
    )
    return render(
        request,
        "accounts/officers.html",
        {
            "officers": page[:OFFICERS_A_PAGE],
            "text": text,
            "first": bool(after),
            "after": page[OFFICERS_A_PAGE - 1].username if len(page) > OFFICERS_A_PAGE else "",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_officer(request: OfficerRequest) -> HttpResponse:
    form = NewOfficerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = services.one_time_password()
        try:
            user = services.enlist(
                username=form.cleaned_data["username"],
                full_name=form.cleaned_data["full_name"],
                rank=form.cleaned_data["rank"],
                password=given,
                password_is_temporary=True,
                by=request.user,
                at=timezone.now(),
            )
        except IntegrityError:
            form.add_error("username", _("Another officer has this number."))
        else:
            return show_once(request, user, given)
    return render(
        request, "accounts/new_officer.html", {"form": form}, status=422 if form.errors else 200
    )


def show_once(request: OfficerRequest, user: User, given: str) -> HttpResponse:
    """Answer the POST itself: the password is in no message, no session and no address."""
    return render(request, "accounts/one_time_password.html", {"officer": user, "given": given})


@require_safe
def officer(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    return show_officer(request, user, PostingForm(today=timezone.localdate()))


def show_officer(
    request: OfficerRequest, user: User, form: PostingForm, *, status: int = 200
) -> HttpResponse:
    now, today = timezone.now(), timezone.localdate()
    record(verb="officer.opened", subject=f"officer:{user.pk}", actor=request.user, at=now)
    postings = list(
        user.postings.select_related("district", "station__district").order_by("-from_on", "-pk")
    )
    in_force = [each for each in postings if each.from_on <= today and not is_past(each, today)]
    return render(
        request,
        "accounts/officer.html",
        {
            "officer": user,
            "postings": [
                {
                    "posting": each,
                    "role": ROLE_LABELS[Role(each.role)],
                    "is_present": in_force[:1] == [each],
                    "is_to_come": each.from_on > today,
                }
                for each in postings
            ],
            "form": form,
            "is_own": user.pk == request.user.pk,
            "is_locked_out": services.is_locked_out(user, at=now),
        },
        status=status,
    )


def is_past(posting: Posting, today: object) -> bool:
    return posting.until_on is not None and posting.until_on < today  # type: ignore[operator]


@require_POST
def post(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    form = PostingForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        try:
            services.post(
                user=user,
                role=form.cleaned_data["role"],
                district=form.cleaned_data["district"],
                station=form.cleaned_data["station"],
                from_on=form.cleaned_data["from_on"],
                by=request.user,
                at=timezone.now(),
            )
        except services.OwnAccount:
            form.add_error(None, _("Another administrator must change your own account."))
        else:
            messages.success(request, _("The posting is recorded."))
            return redirect("accounts:officer", officer_id=user.pk)
    return show_officer(request, user, form, status=422)


@require_POST
def access(request: OfficerRequest, officer_id: int) -> HttpResponse:
    """Let the officer sign in (`active=1`) or stop it."""
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    active = request.POST.get("active") == "1"
    try:
        services.set_active(user=user, active=active, by=request.user, at=timezone.now())
    except services.OwnAccount:
        messages.error(request, _("Another administrator must change your own account."))
    else:
        messages.success(
            request,
            _("The officer may sign in.") if active else _("The officer may not sign in."),
        )
    return redirect("accounts:officer", officer_id=user.pk)


@require_POST
def unlock(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    try:
        services.unlock(user=user, by=request.user, at=timezone.now())
    except services.OwnAccount:
        messages.error(request, _("Another administrator must change your own account."))
    else:
        messages.success(request, _("The officer may try again at once."))
    return redirect("accounts:officer", officer_id=user.pk)


@require_POST
def one_time_password(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    try:
        given = services.set_one_time_password(user=user, by=request.user, at=timezone.now())
    except services.OwnAccount:
        messages.error(request, _("Another administrator must change your own account."))
        return redirect("accounts:officer", officer_id=user.pk)
    return show_once(request, user, given)
