"""Restricted cases: who sees them, who asks, who broke the glass, and the answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.views.decorators.http import require_GET, require_POST

from accounts.http import OfficerRequest
from accounts.models import User
from audit.services import record_list
from cases.models import Access, Case
from cases.restricted_forms import AnswerForm, NameForm, ReasonForm, RestrictForm
from cases.services import restricting
from cases.services.reach import CaseNotVisible
from cases.views.blocked import blocked
from cases.views.case import draw, find_case

SHOWN_AT_MOST = 100
NOT_RESTRICTED = lazy_("This case is not restricted any more.")
TOO_MANY = lazy_("One of them is named in as many restricted cases as one officer may be.")


@require_GET
def restricted(request: OfficerRequest) -> HttpResponse:
    """What awaits the officer's answer, what was answered, and the cases that name the officer."""
    officer = request.user
    theirs = Access.objects.select_related("officer", "answered_by").order_by("-at")
    cases = list(
        Case.objects.visible_to(officer)
        .filter(is_restricted=True)
        .with_places()
        .order_by("-status_at")[:SHOWN_AT_MOST]
    )
    record_list(
        verb="restricted.read",
        subject="cases:restricted",
        seen=[case.pk for case in cases],
        actor=officer,
        at=timezone.now(),
    )
    return render(
        request,
        "cases/restricted.html",
        {
            "awaiting": theirs.awaiting(officer)[:SHOWN_AT_MOST],
            "mine": theirs.filter(officer=officer)[:SHOWN_AT_MOST],
            "cases": cases,
        },
    )


@require_POST
def restrict(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = RestrictForm(request.POST, auto_id="restrict_%s")
    if form.is_valid():
        try:
            restricting.restrict(
                case_id=found.pk,
                officers=form.cleaned_data["officers"],
                hides_existence=form.cleaned_data["hides_existence"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except restricting.AlreadyRestricted:
            form.add_error(None, _("Another officer has restricted it meanwhile."))
        except restricting.TooManyNamed:
            form.add_error("officers", str(TOO_MANY))
        else:
            messages.success(request, _("Restricted. Only the named officers see this case now."))
            return redirect("cases:case", case_id=found.pk)
    return draw(request, found, refused={"restrict_form": form})


@require_POST
def lift(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    try:
        restricting.lift(case_id=found.pk, by=request.user, at=timezone.now())
    except restricting.NotRestricted:
        messages.error(request, str(NOT_RESTRICTED))
    else:
        messages.success(request, _("The restriction is lifted."))
    return redirect("cases:case", case_id=found.pk)


@require_POST
def name_officers(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = NameForm(request.POST, auto_id="name_%s")
    if form.is_valid():
        try:
            for officer in form.cleaned_data["officers"]:
                restricting.name_officer(
                    case_id=found.pk, officer=officer, by=request.user, at=timezone.now()
                )
        except restricting.TooManyNamed:
            form.add_error("officers", str(TOO_MANY))
        except restricting.NotRestricted:
            form.add_error(None, str(NOT_RESTRICTED))
        else:
            messages.success(request, _("Named. The officers see the case from now on."))
            return redirect("cases:case", case_id=found.pk)
    return draw(request, found, refused={"name_form": form})


@require_POST
def strike(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    key = request.POST.get("officer", "")
    officer = get_object_or_404(User, pk=int(key[:18]) if key.isdecimal() else None)
    try:
        restricting.strike_officer(
            case_id=found.pk, officer=officer, by=request.user, at=timezone.now()
        )
    except restricting.NotRestricted:
        messages.error(request, str(NOT_RESTRICTED))
    except restricting.OwnerStays:
        messages.error(request, _("Who answers for the restriction stays named."))
    else:
        messages.success(request, _("The officer does not see the case any more."))
    return redirect("cases:case", case_id=found.pk)


@require_POST
def ask(request: OfficerRequest, case_id: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="ask_%s")
    if not form.is_valid():
        return blocked(request, case_id, ask_form=form)
    try:
        restricting.ask(
            case_id=case_id,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except CaseNotVisible:
        raise Http404 from None
    messages.success(request, _("Asked. The answer shows under Restricted."))
    return redirect("cases:restricted")


@require_POST
def break_glass(request: OfficerRequest, case_id: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="break_%s")
    if not form.is_valid():
        return blocked(request, case_id, break_form=form)
    try:
        restricting.break_glass(
            case_id=case_id,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except CaseNotVisible:
        raise Http404 from None
    messages.warning(
        request, _("You have access for four hours. The supervisors are told and will review it.")
    )
    return redirect("cases:case", case_id=case_id)


@require_POST
def answer(request: OfficerRequest, access_id: int) -> HttpResponse:
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            restricting.answer(
                access_id=access_id,
                is_well=form.cleaned_data["well"] == "1",
                note=form.cleaned_data["note"],
                by=request.user,
                at=timezone.now(),
            )
        except restricting.NotYoursToAnswer:
            raise Http404 from None
        except restricting.AlreadyAnswered:
            messages.error(request, _("Another officer has answered meanwhile."))
        except restricting.TooManyNamed:
            messages.error(request, str(TOO_MANY))
        else:
            messages.success(request, _("Answered."))
    return redirect("cases:restricted")
