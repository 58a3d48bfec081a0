"""An officer puts a field of a tipline right, and takes it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import OfficerRequest
from audit.services import record
from cases.correction_lines import choices_of
from cases.naming import names_of
from cases.triage_forms import CorrectForm
from tiplines.models import Correction, Tipline
from tiplines.services import correcting
from tiplines.services.correcting import (
    NothingChanged,
    NothingThere,
    ReasonMissing,
    UnreadableValue,
    targets_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: OfficerRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Tipline.objects.visible_to(request.user), number=number)
    names = names_of(list(found.parties.select_related("tipline").order_by("position", "pk")))
    choices = [(each.value, each.words) for each in choices_of(targets_of(found), names)]
    form = CorrectForm(
        request.POST if request.method == "POST" else None,
        choices=choices,
        initial={"target": request.GET.get("target", "")},
    )
    if form.is_valid() and attempt(form, found, request):
        messages.success(request, _("Corrected. The tipline is assessed, located and linked anew."))
        return redirect("cases:tipline", number=number)
    subject = f"tipline:{found.number}"
    record(verb="tipline.opened", subject=subject, actor=request.user, at=timezone.now())
    return render(
        request,
        "triage/correct.html",
        {"tipline": found, "form": form},
        status=422 if form.is_bound else 200,
    )


def attempt(form: CorrectForm, found: Tipline, request: OfficerRequest) -> bool:
    """Correct it; a refusal becomes an error of the form, beside the field it is about."""
    place, field = form.cleaned_data["target"]
    try:
        correcting.correct(
            tipline=found.pk,
            place=place,
            field=field,
            after=form.cleaned_data["after"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except UnreadableValue:
        form.add_error("after", _("This is no value for that field. A time needs its zone."))
    except NothingChanged:
        form.add_error("after", _("The field says this already."))
    except NothingThere:
        form.add_error("target", _("The tipline has changed: this field is gone. Choose again."))
    except ReasonMissing:
        form.add_error("reason", _("Say how it is known."))
    return form.is_valid()


@require_POST
def undo(request: OfficerRequest, correction_id: int) -> HttpResponse:
    seen = Correction.objects.filter(tipline__in=Tipline.objects.visible_to(request.user))
    found = get_object_or_404(seen.select_related("tipline"), pk=correction_id)
    try:
        correcting.undo(correction=found.pk, by=request.user, at=timezone.now())
    except NothingThere:
        messages.error(request, _("This correction was undone already."))
    else:
        messages.success(request, _("Undone: the field says again what was received."))
    return redirect("cases:tipline", number=found.tipline.number)
