"""Operations: the list, the board of one, its cohort and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import OfficerRequest
from audit.services import record_list
from cases.lifecycle import OPEN
from districts.models import District
from operations import boards, counting, figures
from operations.counting import Figure, Scope
from operations.forms import CohortForm, OperationForm
from operations.models import Operation
from operations.periods import Period, Reach
from operations.services import drives
from operations.views.boards import district_asked, districts_of, show_rows

SHOWN_AT_MOST = 100  # cases of a preview, each with a box; the count says how many there are
LISTED_AT_MOST = 200  # operations, the newest first


@require_http_methods(["GET", "HEAD", "POST"])
def operations(request: OfficerRequest) -> HttpResponse:
    now = timezone.now()
    form = OperationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = drives.begin(
                name=form.cleaned_data["name"],
                purpose=form.cleaned_data["purpose"],
                from_at=form.cleaned_data["from_at"],
                until_at=form.cleaned_data["until_at"],
                by=request.user,
                at=now,
            )
        except drives.NameTaken:
            form.add_error("name", _("Another operation has this name."))
        else:
            return redirect("operations:cohort", operation_id=made.pk)
    listed = (
        Operation.objects.visible_to(request.user)
        .annotate(case_count=Count("entries"))
        .order_by("-from_at", "-pk")[:LISTED_AT_MOST]
    )
    return render(
        request,
        "operations/operations.html",
        {"operations": [(each, each.is_over(now=now)) for each in listed], "form": form},
        status=422 if form.errors else 200,
    )


@require_safe
def operation(request: OfficerRequest, operation_id: int) -> HttpResponse:
    """The whole page, or for its own poll the panel alone."""
    now = timezone.now()
    found = get_object_or_404(Operation.objects.visible_to(request.user), pk=operation_id)
    scope = scope_of(request, found, now)
    counted = counting.count(figures.COHORT, scope)

    def link(figure: Figure, district: District | None) -> str:
        kwargs = {"operation_id": found.pk, "key": figure.key}
        address = reverse("operations:operation-figure", kwargs=kwargs)
        return f"{address}?district={district.code}" if district else address

    shade_by = figures.FIGURES.get(request.GET.get("shade", ""), figures.FIR)
    if shade_by not in figures.DISTRICT_COLUMNS:
        shade_by = figures.FIR
    context: dict[str, Any] = {
        "now": now,
        "operation": found,
        "is_over": found.is_over(now=now),
        "is_wall": "wall" in request.GET,
        "poll": request.get_full_path(),
        "steps": boards.steps(
            [each for each in figures.COHORT if each in figures.FUNNEL], counted, link
        ),
        "sides": [
            boards.number(each, counted, link)
            for each in figures.COHORT
            if each not in figures.FUNNEL
        ],
        **districts_of(request, scope, counted, link, shade_by=shade_by, with_trend=False),
    }
    page = "operations/_operation.html" if request.htmx else "operations/operation.html"
    return render(request, page, context)


def scope_of(
    request: OfficerRequest, found: Operation, now: datetime, district: District | None = None
) -> Scope:
    return Scope(
        officer=request.user,
        now=now,
        period=Period(reach=Reach.CUSTOM, from_at=found.from_at, until_at=found.until_at),
        district_id=district.pk if district else None,
        operation_id=found.pk,
    )


@require_safe
def operation_figure(request: OfficerRequest, operation_id: int, key: str) -> HttpResponse:
    found = get_object_or_404(Operation.objects.visible_to(request.user), pk=operation_id)
    chosen = figures.FIGURES.get(key)
    if chosen not in figures.COHORT:
        raise Http404
    district = district_asked(request)
    return show_rows(
        request,
        chosen,
        scope_of(request, found, timezone.now(), district),
        district=district,
        back=reverse("operations:operation", kwargs={"operation_id": found.pk}),
        back_words=_("Back to the operation"),
        of_what=found.name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cohort(request: OfficerRequest, operation_id: int) -> HttpResponse:
    """Find cases (GET), then add exactly what was shown: all that match, or those ticked (POST)."""
    now = timezone.now()
    found = get_object_or_404(Operation.objects.visible_to(request.user), pk=operation_id)
    asked = request.POST if request.method == "POST" else request.GET
    form = CohortForm(asked) if asked else CohortForm(initial=first_choice())
    refusal = ""
    if request.method == "POST":
        try:
            count = add(request, found, form, now)
        except drives.CohortChanged:
            refusal = _("Meanwhile the cases changed. Nothing was added: look again, then add.")
        except drives.OperationOver:
            refusal = _("The operation has ended. Nothing was added.")
        else:
            if count:
                messages.success(
                    request,
                    ngettext("%(count)s case added.", "%(count)s cases added.", count)
                    % {"count": count},
                )
                return redirect("operations:operation", operation_id=found.pk)
            refusal = _("No case was chosen. Nothing was added.")
    preview: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        matching = form.cohort().matching(operation_id=found.pk, officer=request.user)
        preview = {
            "is_looked": True,
            "count": matching.count(),
            "cases": list(matching.with_places().order_by("-opened_at", "-pk")[:SHOWN_AT_MOST]),
            "shown_at_most": SHOWN_AT_MOST,
            "asked": [(name, value) for name in form.fields for value in asked.getlist(name)],
        }
        record_list(
            verb="cohort.previewed",
            subject=f"operation:{found.pk}",
            seen=[case.pk for case in preview["cases"]],
            actor=request.user,
            at=now,
        )
    return render(
        request,
        "operations/cohort.html",
        {
            "operation": found,
            "is_over": found.is_over(now=now),
            "form": form,
            "refusal": refusal,
            **preview,
        },
        status=422 if refusal or form.errors else 200,
    )


def first_choice() -> dict[str, Any]:
    return {
        "districts": District.objects.territorial(),
        "stages": [stage.value for stage in OPEN],
    }


def add(request: OfficerRequest, found: Operation, form: CohortForm, now: datetime) -> int:
    """0 if the officer chose nothing."""
    if request.POST.get("which") == "ticked":
        ticked = {int(pk[:18]) for pk in request.POST.getlist("case") if pk.isdecimal()}
        if not ticked:
            return 0
        return drives.add_chosen(operation_id=found.pk, case_ids=ticked, by=request.user, at=now)
    expected = request.POST.get("expected", "")
    if not form.is_valid() or not expected.isdecimal():
        return 0
    return drives.add_matching(
        operation_id=found.pk,
        cohort=form.cohort(),
        expected=int(expected[:18]),
        by=request.user,
        at=now,
    )


@require_POST
def end(request: OfficerRequest, operation_id: int) -> HttpResponse:
    found = get_object_or_404(Operation.objects.visible_to(request.user), pk=operation_id)
    try:
        drives.end(operation_id=found.pk, by=request.user, at=timezone.now())
    except drives.OperationOver:
        messages.info(request, _("The operation had ended already."))
    except drives.NotBegun:
        messages.error(request, _("The operation has not begun, so it cannot end."))
    else:
        messages.success(request, _("The operation has ended. Its numbers stand from now on."))
    return redirect("operations:operation", operation_id=found.pk)
