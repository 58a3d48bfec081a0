"""New stations and areas from a day on: proposed with two files, tried, confirmed by another."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import OfficerRequest
from audit.services import record_list
from districts.gazetteer import NoGazetteer, present_gazetteer
from districts.models import GazetteerVersion
from operations.reorganisation_forms import DayForm, ReorganisationForm
from operations.reorganisation_lines import closed_lines, flows, named, names_in, opened_lines
from operations.rule_forms import WhyForm
from operations.rule_lines import district_names
from operations.views.rules import REFUSALS as OF_RULES
from operations.views.rules import counts_of, given, moves_page, telling_refusals
from tiplines.models import Reorganisation, RuleMove
from tiplines.services import reorganising, ruling

HISTORY_AT_MOST = 100
REFUSALS: Mapping[type[Exception], Promise] = {
    **OF_RULES,
    ruling.AnotherWaits: lazy_(
        "Another reorganisation is proposed or waits for its day: it has to be settled or called "
        "off first."
    ),
    ruling.NotTried: lazy_(
        "It has not been tried on all tiplines yet, by the rules now in force. Look again in a "
        "moment."
    ),
    reorganising.NotToCome: lazy_(
        "Its day is over. Refuse it; it can be proposed for another day."
    ),
    reorganising.CannotComeBack: lazy_(
        "Other stations, areas or places were loaded since: propose with files what is to change."
    ),
    NoGazetteer: lazy_("No stations are loaded yet."),
}


@require_safe
def reorganisations(request: OfficerRequest) -> HttpResponse:
    """What is proposed or waits for its day, and every one there was."""
    seen = Reorganisation.objects.visible_to(request.user).for_list()
    seen = seen.select_related("by", "settled_by", "called_off_by")
    return render(
        request,
        "operations/reorganisations.html",
        {
            "open": seen.open().first(),
            "all": seen.order_by("-number")[:HISTORY_AT_MOST],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: OfficerRequest) -> HttpResponse:
    with telling_refusals(request, REFUSALS):
        form = ReorganisationForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            present=present_gazetteer(),
        )
        if form.is_valid():
            try:
                made = reorganising.propose(
                    change=form.change,
                    base=form.present.version,
                    from_on=form.cleaned_data["from_on"],
                    source=form.source,
                    why=form.cleaned_data["why"],
                    by=request.user,
                    at=timezone.now(),
                )
            except ruling.AnotherWaits as refusal:
                form.add_error(None, str(REFUSALS[type(refusal)]))
            else:
                return redirect("operations:reorganisation", reorganisation_number=made.number)
        return render(
            request,
            "operations/propose_reorganisation.html",
            {"form": form},
            status=422 if form.errors else 200,
        )
    return redirect("operations:reorganisations")


@require_safe
def reorganisation(request: OfficerRequest, reorganisation_number: int) -> HttpResponse:
    """One, and what it would move or would have moved."""
    officer = request.user
    seen = Reorganisation.objects.visible_to(officer)
    seen = seen.select_related("by", "settled_by", "called_off_by", "version")
    found = get_object_or_404(seen, number=reorganisation_number)
    moves = RuleMove.objects.visible_to(officer).filter(reorganisation=found)
    names, districts = names_in(found), district_names()
    page = moves_page(request, moves if found.replayed_at else moves.none(), names)
    record_list(
        verb="reorganisation.opened",
        subject=f"reorganisation:{found.number}",
        seen=[line.number for line in page["lines"]],
        actor=officer,
        at=timezone.now(),
        is_poll=bool(request.htmx),
    )
    tried = {}
    if found.replayed_at:
        tried = {
            "flows": flows(found, moves, names),
            "places": named(found.places["localities"], names),
            "pins": named(found.places["pins"], names),
            **counts_of(moves, request.GET.get("part", "")),
        }
    newest = GazetteerVersion.objects.newest()
    present = newest.number if newest else 0
    return render(
        request,
        "operations/reorganisation.html",
        {
            "found": found,
            "opens": opened_lines(found, names, districts),
            "closes": closed_lines(found, names, districts),
            "is_own": found.by_id == officer.pk,
            "is_outdated": found.version is None and found.base_number != present,
            "is_last": found.version is not None and found.version.number == present,
            "why_form": WhyForm(),
            "day_form": DayForm(),
            **page,
            **tried,
        },
    )


@require_POST
def confirm(request: OfficerRequest, reorganisation_number: int) -> HttpResponse:
    with telling_refusals(request, REFUSALS):
        reorganising.confirm(number=reorganisation_number, by=request.user, at=timezone.now())
        messages.success(request, _("Confirmed: it comes in force on its day."))
    return redirect("operations:reorganisation", reorganisation_number=reorganisation_number)


@require_POST
def refuse(request: OfficerRequest, reorganisation_number: int) -> HttpResponse:
    with telling_refusals(request, REFUSALS):
        reorganising.refuse(
            number=reorganisation_number,
            reason=given(request),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("Refused. Nothing was changed."))
    return redirect("operations:reorganisation", reorganisation_number=reorganisation_number)


@require_POST
def withdraw(request: OfficerRequest, reorganisation_number: int) -> HttpResponse:
    with telling_refusals(request, REFUSALS):
        reorganising.withdraw(number=reorganisation_number, by=request.user, at=timezone.now())
        messages.success(request, _("Withdrawn. Nothing was changed."))
    return redirect("operations:reorganisation", reorganisation_number=reorganisation_number)


@require_POST
def call_off(request: OfficerRequest, reorganisation_number: int) -> HttpResponse:
    with telling_refusals(request, REFUSALS):
        reorganising.call_off(
            number=reorganisation_number,
            reason=given(request),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("Called off. Everything stays as it is."))
    return redirect("operations:reorganisation", reorganisation_number=reorganisation_number)


@require_POST
def put_back(request: OfficerRequest, reorganisation_number: int) -> HttpResponse:
    """Propose what was before; a second supervisor confirms it like any other."""
    form = DayForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(each) for each in errors))
    else:
        with telling_refusals(request, REFUSALS):
            made = reorganising.put_back(
                number=reorganisation_number,
                from_on=form.cleaned_data["from_on"],
                why=form.cleaned_data["why"],
                by=request.user,
                at=timezone.now(),
            )
            return redirect("operations:reorganisation", reorganisation_number=made.number)
    return redirect("operations:reorganisation", reorganisation_number=reorganisation_number)
