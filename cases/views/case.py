"""The page of a case and every act on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import OfficerRequest
from accounts.roles import Rank
from audit.services import record
from cases.case_page import page_of
from cases.forms import (
    AccusedForm,
    AllotForm,
    ArrestForm,
    FirForm,
    ProductionForm,
    ProgressForm,
    ReturnForm,
    SeenForm,
)
from cases.lifecycle import CaseStatus
from cases.models import Case
from cases.models.case import ReturnReason
from cases.models.fir import FirKind
from cases.restricted_forms import NameForm, RestrictForm
from cases.services import holding, news, registering
from cases.views.blocked import blocked
from cases.wording import (
    ALL_REFUSALS,
    MINOR_ARREST_WARNING,
    MINOR_WARNING,
    STATUS_TONES,
    refusal_words,
)


@require_GET
@transaction.atomic
def case(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = Case.objects.visible_to(request.user).filter(pk=case_id).first()
    if found is None:
        return blocked(request, case_id)
    return draw(request, found)


@require_POST
def acknowledge(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = forms.Form(request.POST)
    if form.is_valid() and attempt(
        form,
        lambda: holding.acknowledge(case_id=found.pk, by=request.user, at=timezone.now()),
    ):
        messages.success(request, _("Acknowledged. Accept the case, or return it, within 3 days."))
        return redirect("cases:case", case_id=found.pk)
    return draw(request, found, refused={"acknowledge_form": form})


@require_POST
def accept(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = forms.Form(request.POST)
    if form.is_valid() and attempt(
        form,
        lambda: holding.accept(case_id=found.pk, by=request.user, at=timezone.now()),
    ):
        messages.success(request, _("Accepted. The case is under enquiry."))
        return redirect("cases:case", case_id=found.pk)
    return draw(request, found, refused={"acknowledge_form": form})


@require_POST
def mark_seen(request: OfficerRequest, case_id: int) -> HttpResponse:
    """The holder knows what the page told, and no more: the page says until when that was."""
    found = find_case(request, case_id)
    form = SeenForm(request.POST)
    if form.is_valid():
        news.mark_seen(
            case_id=found.pk,
            until=form.cleaned_data["until"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("Noted: the new information is known."))
        return redirect("cases:case", case_id=found.pk)
    return draw(request, found, refused={"seen_form": form})


@require_POST
def return_case(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = ReturnForm(request.POST, auto_id="return_%s")
    if form.is_valid() and attempt(
        form,
        lambda: holding.return_case(
            case_id=found.pk,
            reason=ReturnReason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"],
            better=form.cleaned_data["better"],
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(request, _("Returned. The unit decides on its tiplines again."))
        return redirect("cases:case", case_id=found.pk)
    return draw(request, found, refused={"return_form": form})


@require_POST
def allot(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = AllotForm(request.POST, case=found, auto_id="allot_%s")
    if form.is_valid() and attempt(
        form,
        lambda: holding.allot_station(
            case_id=found.pk,
            station_id=form.cleaned_data["station"].pk,
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(request, _("Passed on. The station has to acknowledge it."))
        return redirect("cases:case", case_id=found.pk)
    return draw(request, found, refused={"allot_form": form})


@require_POST
def register_fir(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = FirForm(request.POST, case=found, auto_id="fir_%s")
    if form.is_valid() and attempt(
        form,
        lambda: registering.register_fir(
            case_id=found.pk,
            kind=FirKind(form.cleaned_data["kind"]),
            number=form.cleaned_data["number"],
            year=form.cleaned_data["year"],
            station_id=form.cleaned_data["station"].pk,
            registered_at=form.cleaned_data["moment"],
            sections=form.cleaned_data["sections"],
            investigating_officer=form.cleaned_data["investigating_officer"],
            officer_rank=Rank(form.cleaned_data["officer_rank"]),
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(request, _("FIR registered."))
        return to_part(found, "fir")
    return draw(request, found, refused={"fir_form": form})


@require_POST
def record_progress(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = ProgressForm(request.POST, case=found, auto_id="progress_%s")
    if form.is_valid() and attempt(
        form,
        lambda: registering.record_progress(
            fir_id=form.cleaned_data["fir"].pk,
            informed_at=form.cleaned_data["moment"],
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(request, _("Recorded that the informant was told."))
        return to_part(found, "fir")
    return draw(request, found, refused={"progress_form": form})


@require_POST
def add_accused(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = AccusedForm(request.POST, case=found, auto_id="accused_%s")
    if form.is_valid() and attempt(
        form,
        lambda: registering.add_accused(
            fir_id=form.cleaned_data["fir"].pk,
            name=form.cleaned_data["name"],
            age=form.cleaned_data["age"],
            address=form.cleaned_data["address"],
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(request, _("Accused added."))
        return to_part(found, "accused")
    return draw(request, found, refused={"accused_form": form})


@require_POST
def record_arrest(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = ArrestForm(request.POST, case=found, auto_id="arrest_%s")
    if form.is_valid() and attempt(
        form,
        lambda: registering.record_arrest(
            accused_id=form.cleaned_data["accused"].pk,
            arrested_at=form.cleaned_data["moment"],
            place=form.cleaned_data["place"],
            arrested_by=form.cleaned_data["arrested_by"],
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(
            request, _("Arrest recorded. Produce before the Magistrate within 24 hours (BNSS 58).")
        )
        return to_part(found, "arrests")
    return draw(request, found, refused={"arrest_form": form})


@require_POST
def record_production(request: OfficerRequest, case_id: int) -> HttpResponse:
    found = find_case(request, case_id)
    form = ProductionForm(request.POST, case=found, auto_id="production_%s")
    if form.is_valid() and attempt(
        form,
        lambda: registering.record_production(
            arrest_id=form.cleaned_data["arrest"].pk,
            produced_at=form.cleaned_data["moment"],
            by=request.user,
            at=timezone.now(),
        ),
    ):
        messages.success(request, _("Production recorded."))
        return to_part(found, "arrests")
    return draw(request, found, refused={"production_form": form})


def find_case(request: OfficerRequest, case_id: int) -> Case:
    """The case, or 404 for whoever may not see it."""
    cases = Case.objects.visible_to(request.user).with_places().select_related("opened_by")
    return get_object_or_404(cases, pk=case_id)


def attempt(form: forms.Form, act: Callable[[], object]) -> bool:
    """Run a service; its refusal becomes an error of the form, beside the field it is about."""
    try:
        act()
    except ALL_REFUSALS as refusal:
        field, words = refusal_words(refusal)
        form.add_error(field if field in form.fields else None, words)
        return False
    return True


def draw(
    request: OfficerRequest, found: Case, *, refused: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """The page; with a refused form in its place, as 422. It is recorded that it was shown."""
    now = timezone.now()
    record(verb="case.seen", subject=f"case:{found.pk}", actor=request.user, at=now)
    page = page_of(find_case(request, found.pk), request.user, now=now)
    context: dict[str, Any] = {
        "page": page,
        "case": page.case,
        "tone": STATUS_TONES[CaseStatus(page.case.status)],
        "minor_warning": MINOR_WARNING,
        "minor_arrest_warning": MINOR_ARREST_WARNING,
    }
    if page.restriction:
        context["name_form"] = NameForm(auto_id="name_%s")
    elif page.may_restrict:
        context["restrict_form"] = RestrictForm(auto_id="restrict_%s")
    if page.may_return:
        context["return_form"] = ReturnForm(auto_id="return_%s")
    if page.may_allot:
        context["allot_form"] = AllotForm(case=page.case, auto_id="allot_%s")
    if page.may_register:
        context["fir_form"] = FirForm(case=page.case, auto_id="fir_%s")
    if page.may_register and page.firs:
        context["accused_form"] = AccusedForm(case=page.case, auto_id="accused_%s")
        context["progress_form"] = ProgressForm(case=page.case, auto_id="progress_%s")
    if page.may_register and page.accused:
        context["arrest_form"] = ArrestForm(case=page.case, auto_id="arrest_%s")
        context["production_form"] = ProductionForm(case=page.case, auto_id="production_%s")
    status = 422 if refused else 200
    return render(request, "cases/case.html", context | (refused or {}), status=status)


def to_part(found: Case, part: str) -> HttpResponse:
    return redirect(f"{reverse('cases:case', kwargs={'case_id': found.pk})}#{part}")
