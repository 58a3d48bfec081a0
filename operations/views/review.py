"""The weekly review of the record, and its signature."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.http import OfficerRequest
from audit.services import record
from operations.forms import SignOffForm
from operations.services import reviewing
from operations.services.reviewing import FlagKind

FLAG_WORDS = {
    FlagKind.REFUSED: gettext_lazy("Looked for what is not theirs to see"),
    FlagKind.BULK: gettext_lazy("Most readings within an hour, more than 200"),
    FlagKind.OWN_NAME: gettext_lazy("Searched for their own name"),
    FlagKind.BY_SQL: gettext_lazy("Rows changed without an act of the system"),
    FlagKind.FAILED: gettext_lazy("Pages that failed"),
}
FLAG_TONES = {FlagKind.FAILED: "near"}


@require_safe
def review(request: OfficerRequest) -> HttpResponse:
    """One week, the last that is over unless another is asked for. Reading it is recorded."""
    return show(request, week_asked(request.GET.get("week", "")), SignOffForm())


def show(
    request: OfficerRequest, monday: date, form: SignOffForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    found = reviewing.review_of(monday)
    subject = reviewing.subject_of(monday)
    record(verb="record.week-read", subject=subject, actor=request.user, at=now)
    is_over = reviewing.is_over(monday, at=now)
    signed = {signature.officer for signature in found.signatures}
    return render(
        request,
        "operations/review.html",
        {
            "monday": monday,
            "sunday": monday + timedelta(days=6),
            "before": address_of(monday - timedelta(days=7)),
            "after": address_of(monday + timedelta(days=7)) if is_over else "",
            "found": found,
            "flags": [
                (FLAG_WORDS[flag.kind], FLAG_TONES.get(flag.kind, "overdue"), flag)
                for flag in found.flags
            ],
            "is_over": is_over,
            "may_sign": is_over and request.user.username not in signed,
            "form": form,
            "weeks": [
                (week, address_of(week), signatures)
                for week, signatures in reviewing.signatures_of(*reviewing.last_weeks(now)).items()
            ],
        },
        status=status,
    )


def week_asked(text: str) -> date:
    """The Monday of the week that holds the day asked for; 404 for what is no day."""
    if not text:
        return reviewing.week_of(timezone.localdate()) - timedelta(days=7)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if not 2000 <= day.year < 3000:
        raise Http404
    return reviewing.week_of(day)


def address_of(monday: date) -> str:
    return reverse("operations:review", query={"week": monday.isoformat()})


@require_POST
def sign_off(request: OfficerRequest) -> HttpResponse:
    monday = week_asked(request.POST.get("week", ""))
    form = SignOffForm(request.POST)
    if not form.is_valid():
        return show(request, monday, form, status=422)
    try:
        reviewing.sign_off(
            monday=monday,
            finding=reviewing.Finding(form.cleaned_data["finding"]),
            by=request.user,
            at=timezone.now(),
        )
    except reviewing.NotOver:
        messages.error(request, _("This week is not over yet."))
    except reviewing.AlreadySigned:
        messages.info(request, _("You have signed this week already."))
    else:
        messages.success(request, _("Signed. It is recorded that you reviewed this week."))
    return redirect(address_of(monday))
