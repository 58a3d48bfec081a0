"""The desk of a district or station, and the list of cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import OfficerRequest
from audit.services import record_list
from cases.clocks import running
from cases.forms import FilterForm
from cases.lifecycle import CaseStatus
from cases.models import Case
from cases.models.case import STATUS_LABELS
from cases.services.desk import Line, desk_of
from cases.services.listing import Place, page_of_cases
from cases.wording import STATUS_TONES, clock_line


@require_GET
def desk(request: OfficerRequest) -> HttpResponse:
    now = timezone.now()
    found = desk_of(officer=request.user, now=now)
    shown = [line.case for line in (*found.new, *found.overdue, *found.due_soon)] + [*found.told]
    record_list(
        verb="desk.read",
        subject=f"officer:{request.user.pk}",
        seen=dict.fromkeys(case.pk for case in shown),
        actor=request.user,
        at=now,
    )
    labels = dict(STATUS_LABELS)
    figures = [
        {
            "name": labels[status],
            "count": count.number,
            "is_capped": count.is_more,
            "href": f"{reverse('cases:cases')}?status={status}",
        }
        for status, count in found.counts.items()
    ]
    return render(
        request,
        "cases/desk.html",
        {
            "figures": figures,
            "new": [drawn(line) for line in found.new],
            "overdue": [drawn(line) for line in found.overdue],
            "told": found.told,
            "due_soon": [drawn(line) for line in found.due_soon],
        },
    )


@require_GET
def cases(request: OfficerRequest) -> HttpResponse:
    form = FilterForm(request.GET, officer=request.user)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        page = page_of_cases(
            officer=request.user,
            wanted=form.wanted(),
            after=place_from(request.GET.get("after", "")),
            before=place_from(request.GET.get("before", "")),
        )
        now = timezone.now()
        record_list(
            verb="cases.read",
            subject="cases:all",
            seen=[case.pk for case in page.rows],
            actor=request.user,
            at=now,
        )
        context |= {
            "page": page,
            "rows": [row_of(case, now=now) for case in page.rows],
            "previous": link_to(request, "before", page.previous),
            "next": link_to(request, "after", page.next),
        }
    return render(request, "cases/cases.html", context)


def drawn(line: Line) -> dict[str, Any]:
    return {"case": line.case, "clock": clock_line(line.limit)}


def row_of(case: Case, *, now: datetime) -> dict[str, Any]:
    waits = case.status == CaseStatus.HANDED_OVER
    is_seen = case.status == CaseStatus.ACKNOWLEDGED
    limits = running(
        now=now,
        handed_over_at=case.handed_over_at if waits else None,
        acknowledged_at=case.status_at if is_seen else None,
    )
    return {
        "case": case,
        "tone": STATUS_TONES[CaseStatus(case.status)],
        "clocks": [clock_line(limit) for limit in limits],
    }


def place_from(text: str) -> Place | None:
    """The edge of a page from its link; None if there is none or somebody changed it."""
    moment, _, key = text.rpartition("_")
    try:
        status_at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if status_at.tzinfo is None or not key.isdecimal() or len(key) > 18:
        return None
    return Place(status_at=status_at, case_id=int(key))


def link_to(request: OfficerRequest, side: str, place: Place | None) -> str:
    """This list, its filters kept, beginning at another place; empty where there is none."""
    if place is None:
        return ""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query[side] = f"{place.status_at.isoformat()}_{place.case_id}"
    return f"?{query.urlencode()}"
