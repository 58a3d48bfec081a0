"""An officer's page for the administrator, and what changes the postings on it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.forms import LeaveForm, PostingForm
from accounts.http import OfficerRequest
from accounts.models import ROLE_LABELS, Posting, User
from accounts.roles import UNIT_ROLES, Role
from accounts.views.own_account import not_own_account
from accounts.wording import ACT_LABELS, OWN_ACCOUNT
from audit.services import record
from districts.models import District, PoliceStation


@require_safe
def officer(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    return show_officer(request, user)


def show_officer(
    request: OfficerRequest,
    user: User,
    *,
    form: PostingForm | None = None,
    leave_form: LeaveForm | None = None,
    preview: dict[str, object] | None = None,
    status: int = 200,
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
            "form": form or PostingForm(today=today),
            "leave_form": leave_form or LeaveForm(today=today),
            "may_leave": bool(in_force),
            "preview": preview,
            "is_own": user.pk == request.user.pk,
            "is_locked_out": services.is_locked_out(user, at=now),
            "sleeps": services.sleeps(user, at=now),
            "factors": services.factors_of(user),
            "open_sessions": services.open_sessions(user, at=now).count(),
        },
        status=status,
    )


def is_past(posting: Posting, today: date) -> bool:
    return posting.until_on is not None and posting.until_on < today


def in_words(preview: services.Preview) -> dict[str, object]:
    return {
        "gained": [ACT_LABELS[act] for act in preview.gained],
        "lost": [ACT_LABELS[act] for act in preview.lost],
        "kept": [ACT_LABELS[act] for act in preview.kept],
        "ends": preview.ends,
    }


def place_in_words(role: Role, district: District | None, station: PoliceStation | None) -> str:
    if district is not None:
        return _("every case of %(place)s, earlier ones too") % {"place": district.local_name}
    if station is not None:
        return _("every case of %(place)s, earlier ones too") % {"place": station.local_name}
    return _("every district") if role in UNIT_ROLES else _("no tipline and no case")


@require_POST
def post(request: OfficerRequest, officer_id: int) -> HttpResponse:
    """With `preview` only show what would change; else do it."""
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    form = PostingForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        given = form.cleaned_data
        if "preview" in request.POST:
            preview = services.preview(user=user, role=given["role"], from_on=given["from_on"])
            place = place_in_words(given["role"], given["district"], given["station"])
            words = in_words(preview) | {"place": place}
            return show_officer(request, user, form=form, preview=words)
        try:
            services.post(
                user=user,
                role=given["role"],
                district=given["district"],
                station=given["station"],
                from_on=given["from_on"],
                by=request.user,
                at=timezone.now(),
            )
        except services.OwnAccount:
            form.add_error(None, str(OWN_ACCOUNT))
        else:
            messages.success(request, _("The posting is recorded."))
            return redirect("accounts:officer", officer_id=user.pk)
    return show_officer(request, user, form=form, status=422)


@require_POST
def cancel(request: OfficerRequest, officer_id: int, posting_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    posting = get_object_or_404(user.postings, pk=posting_id)
    try:
        with not_own_account(request):
            services.cancel_posting(
                posting=posting, by=request.user, at=timezone.now(), today=timezone.localdate()
            )
            messages.success(request, _("The posting to come is cancelled."))
    except services.HasBegun:
        messages.error(request, _("This posting has begun: end it instead."))
    return redirect("accounts:officer", officer_id=user.pk)


@require_POST
def leave(request: OfficerRequest, officer_id: int) -> HttpResponse:
    user = get_object_or_404(services.officers_visible_to(request.user), pk=officer_id)
    form = LeaveForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        last_on = form.cleaned_data["last_on"]
        try:
            services.leave(user=user, last_on=last_on, by=request.user, at=timezone.now())
        except services.OwnAccount:
            form.add_error(None, str(OWN_ACCOUNT))
        else:
            messages.success(request, _("Access closes by itself after the last day."))
            return redirect("accounts:officer", officer_id=user.pk)
    return show_officer(request, user, leave_form=form, status=422)
