"""The board of the unit, and the list behind each of its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import OfficerRequest
from audit.services import record_list
from districts.models import District
from operations import boards, counting, figures, maps
from operations.counting import Counted, Figure, Scope, Span
from operations.forms import DaysForm, WallForm
from operations.lists import COUNT_TO, BadCursor, capped, cursor_of, page_of
from operations.periods import Period, Reach, period
from tiplines.services.reconciling import reconcile

REACHES = (Reach.DAY, Reach.WEEK, Reach.MONTH, Reach.ALL)
ALARMS = {  # figures that should be nought, and how they look when they are not
    figures.URGENT_WAITING: "overdue",
    figures.URGENT_CASES: "overdue",
    figures.LATE: "overdue",
    figures.QUARANTINED: "near",
    figures.EXPIRED: "overdue",
}


@dataclass(frozen=True, kw_only=True)
class Work:
    """A figure of the work line, with the age of its oldest row."""

    shown: boards.Number
    age: str
    tone: str


@require_safe
def board(request: OfficerRequest) -> HttpResponse:
    """The whole page, or for its own poll the panel alone."""
    now = timezone.now()
    days = DaysForm(request.GET if request.GET.get("period") == Reach.CUSTOM else None)
    chosen = period_of(days, request, now)
    scope = Scope(officer=request.user, now=now, period=chosen)
    counted = counting.count(figures.BOARD, scope)

    on_wall = request.officer_session.wall_until is not None

    def link(figure: Figure, district: District | None) -> str:
        return "" if on_wall else address_of(figure, chosen, district)

    shade_by = figures.FIGURES.get(request.GET.get("shade", ""), figures.ASSIGNED)
    if shade_by not in figures.DISTRICT_COLUMNS:
        shade_by = figures.ASSIGNED
    context = {
        "now": now,
        "is_wall": on_wall or "wall" in request.GET,
        "wall_form": WallForm(session=request.officer_session, now=now),
        "period": chosen,
        "days": days,
        "poll": request.get_full_path(),
        "chips": [
            (reach_words(reach), with_query(request, period=reach), chosen.reach == reach)
            for reach in REACHES
        ],
        "steps": boards.steps(figures.FUNNEL, counted, link),
        "sides": [boards.number(figure, counted, link) for figure in figures.SIDES],
        "work": [work_of(figure, counted, link, now) for figure in figures.WORK],
        **districts_of(request, scope, counted, link, shade_by=shade_by, with_trend=True),
    }
    page = "operations/_board.html" if request.htmx else "operations/board.html"
    return render(request, page, context, status=422 if days.errors else 200)


def districts_of(
    request: HttpRequest,
    scope: Scope,
    counted: dict[str, Counted],
    link: boards.Link,
    *,
    shade_by: Figure,
    with_trend: bool,
) -> dict[str, Any]:
    """The table of districts and the map beside it."""
    columns = figures.DISTRICT_COLUMNS
    named = {pk for figure in columns for pk in counted[figure.key].by_district}
    today = timezone.localdate(scope.now)
    districts = [
        district
        for district in District.objects.order_by("name")
        if district.pk in named or is_territorial(district, today)
    ]
    places, bands = boards.shaded(districts, maps.drawing(), shade_by, counted, link)
    return {
        "columns": columns,
        "rows": boards.district_rows(
            districts,
            columns,
            counted,
            link,
            now=scope.now,
            oldest=figures.OPEN_NOW if with_trend else None,
            trends=counting.trend(figures.CASES, scope) if with_trend else None,
        ),
        "totals": [boards.number(figure, counted, link) for figure in columns],
        "trend_days": counting.TREND_DAYS,
        "has_trend": with_trend,
        "shade_by": shade_by,
        "places": places,
        "bands": bands,
        "shades": [
            (figure, with_query(request, shade=figure.key), figure is shade_by)
            for figure in columns
        ],
        "map_width": maps.WIDTH,
        "map_height": maps.HEIGHT,
        "map_radius": maps.RADIUS,
    }


def is_territorial(district: District, today: Any) -> bool:
    return (
        district.kind == "territorial"
        and (district.valid_from is None or district.valid_from <= today)
        and (district.valid_to is None or district.valid_to > today)
    )


@require_safe
def figure(request: OfficerRequest, key: str) -> HttpResponse:
    """Exactly the rows behind one number of the board."""
    found = figures.FIGURES.get(key)
    if found is None:
        raise Http404
    now = timezone.now()
    days = DaysForm(request.GET if request.GET.get("period") == Reach.CUSTOM else None)
    chosen = period_of(days, request, now)
    district = district_asked(request)
    scope = Scope(
        officer=request.user,
        now=now,
        period=chosen,
        district_id=district.pk if district else None,
    )
    return show_rows(
        request,
        found,
        scope,
        district=district,
        back=f"{reverse('operations:board')}?{urlencode(query_of(chosen))}",
        back_words=_("Back to the board"),
    )


def show_rows(
    request: OfficerRequest,
    found: Figure,
    scope: Scope,
    *,
    district: District | None,
    back: str,
    back_words: str,
    of_what: str = "",
) -> HttpResponse:
    try:
        after = cursor_of(request.GET.get("after", ""))
    except BadCursor as error:
        raise Http404 from error
    number = capped(found.rows(scope))
    rows, next_after = page_of(found, scope, after=after)
    record_list(
        verb="figure.read",
        subject=f"figure:{found.key}",
        seen=[row.pk for row in rows],
        actor=request.user,
        at=scope.now,
        detail={"district": scope.district_id, "operation": scope.operation_id},
    )
    return render(
        request,
        "operations/figure.html",
        {
            "figure": found,
            "kind": found.model._meta.model_name,
            "part": f"operations/_rows_{found.model._meta.model_name}.html",
            "rows": rows,
            "number": min(number, COUNT_TO),
            "is_capped": number > COUNT_TO,
            "now": scope.now,
            "period": found.within(scope),
            "in_words": span_words(found, scope),
            "district": district,
            "whole": with_query(request, district=None, after=None) if district else "",
            "of_what": of_what,
            "first": with_query(request, after=None) if after else "",
            "next": with_query(request, after=str(next_after)) if next_after else "",
            "back": back,
            "back_words": back_words,
        },
    )


@require_safe
def balance(request: OfficerRequest) -> HttpResponse:
    """Whether every dispatch adds up; asked apart from the board, for it reads every row. On a wall
    the answer alone, without the dispatches.
    """
    accounts = reconcile()
    on_wall = request.officer_session.wall_until is not None
    return render(
        request,
        "operations/_balance_words.html" if on_wall else "operations/balance.html",
        {
            "now": timezone.now(),
            "on_wall": on_wall,
            "holds": all(account.holds for account in accounts),
            "faulty": [account for account in accounts if not account.holds],
            "dispatches": len(accounts),
            "sums": {
                name: sum(getattr(account, name) for account in accounts)
                for name in (
                    "received",
                    "quarantined",
                    "set_aside",
                    "already_held",
                    "new_versions",
                    "awaiting",
                    "held",
                    "ended",
                )
            },
        },
    )


def period_of(days: DaysForm, request: HttpRequest, now: datetime) -> Period:
    """The period asked for; today where none or none that makes sense was."""
    if days.is_bound:
        if not days.is_valid():
            return period(Reach.DAY, now=now)
        return period(
            Reach.CUSTOM,
            now=now,
            first_on=days.cleaned_data["first"],
            last_on=days.cleaned_data["last"],
        )
    asked = request.GET.get("period", "")
    return period(Reach(asked) if asked in REACHES else Reach.DAY, now=now)


def district_asked(request: HttpRequest) -> District | None:
    """The district named by its code; 404 for one that does not exist."""
    code = request.GET.get("district", "")
    return get_object_or_404(District, code=code) if code else None


def query_of(chosen: Period) -> dict[str, str]:
    """As in the address of a page."""
    query = {"period": chosen.reach.value}
    if chosen.reach is Reach.CUSTOM and chosen.first_on and chosen.last_on:
        query |= {"first": chosen.first_on.isoformat(), "last": chosen.last_on.isoformat()}
    return query


def address_of(figure: Figure, chosen: Period, district: District | None) -> str:
    query = query_of(chosen) if figure.span is Span.PERIOD else {}
    if district is not None:
        query["district"] = district.code
    address = reverse("operations:figure", kwargs={"key": figure.key})
    return f"{address}?{urlencode(query)}" if query else address


def with_query(request: HttpRequest, **changes: str | None) -> str:
    """The address of this page with some of its query changed; None takes a part away."""
    query = request.GET.copy()
    if "period" in changes:
        for name in ("first", "last"):
            query.pop(name, None)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path


def work_of(figure: Figure, counted: dict[str, Counted], link: boards.Link, now: datetime) -> Work:
    shown = boards.number(figure, counted, link)
    earliest_at = counted[figure.key].earliest_at
    with_age = figure in {figures.WAITING, figures.INTAKE}
    return Work(
        shown=shown,
        age=boards.age_words(now - earliest_at) if with_age and earliest_at else "",
        tone=ALARMS.get(figure, "") if shown.number else "",
    )


def reach_words(reach: Reach) -> str:
    return {
        Reach.DAY: _("Today"),
        Reach.WEEK: _("This week"),
        Reach.MONTH: _("This month"),
        Reach.ALL: _("All time"),
        Reach.CUSTOM: _("From … to …"),
    }[reach]


def span_words(figure: Figure, scope: Scope) -> str:
    within = figure.within(scope)
    if within.reach is Reach.ALL:
        is_now = (figure.cohort_span if scope.operation_id else figure.span) is Span.NOW
        return _("as things stand") if is_now else _("all time")
    if within.reach is not Reach.CUSTOM:
        return reach_words(within.reach)
    return ""
