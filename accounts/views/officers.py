"""The administrator's pages: the list of officers, new ones, and their access."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import NewOfficerForm
from accounts.http import OfficerRequest
from accounts.models import Posting, User
from accounts.views.own_account import not_own_account
from audit.services import keyed, record_list

OFFICERS_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def officers(request: OfficerRequest) -> HttpResponse:
    """The list by GET. A search of it by POST, its further pages too: no name is in an address."""
    today = timezone.localdate()
    asked = request.POST if request.method == "POST" else request.GET
    text = request.POST.get("text", "").replace("\0", "").strip()[:100]
    found = services.officers_visible_to(request.user).order_by("username")
    if text:
        found = found.filter(Q(username__istartswith=text) | Q(full_name__icontains=text))
    after = asked.get("after", "").replace("\0", "")
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


@require_POST
def access(request: OfficerRequest, officer_id: int) -> HttpResponse:
    """Let the officer sign in (`active=1`) or stop it."""
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    active = request.POST.get("active") == "1"
    with not_own_account(request):
        ended = services.set_active(user=user, active=active, by=request.user, at=timezone.now())
        messages.success(
            request,
            _("The officer may sign in.")
            if active
            else _("The officer may not sign in. Ended: sessions %(sessions)d, keys %(tokens)d.")
            % {"sessions": ended.sessions, "tokens": ended.tokens},
        )
    return redirect("accounts:officer", officer_id=user.pk)


@require_POST
def unlock(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    with not_own_account(request):
        services.unlock(user=user, by=request.user, at=timezone.now())
        messages.success(request, _("The officer may try again at once."))
    return redirect("accounts:officer", officer_id=user.pk)


@require_POST
def one_time_password(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    with not_own_account(request):
        given = services.set_one_time_password(user=user, by=request.user, at=timezone.now())
        return show_once(request, user, given)
    return redirect("accounts:officer", officer_id=user.pk)


@require_POST
def reset_factors(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    with not_own_account(request):
        services.reset_factors(user=user, by=request.user, at=timezone.now())
        messages.success(
            request, _("The second factor is removed. The officer enrols anew at the next sign-in.")
        )
    return redirect("accounts:officer", officer_id=user.pk)
