"""The triage desk: the queue, a tipline, and the decisions on them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import Count, F, QuerySet, Window
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import OfficerRequest
from accounts.roles import Act
from audit.services import record
from cases.queue import (
    BULK_AT_MOST,
    CHIP_AT_MOST,
    COUNT_AT_MOST,
    BadFilter,
    QueueFilter,
    Sort,
    counts,
    for_list,
    line_of,
    next_number,
    page,
    parse,
    providers,
)
from cases.services import assigning
from cases.services.assigning import CannotUndo, WhyNot
from cases.tipline_page import sheet_of
from cases.triage_forms import LETTERS, ChosenForm, DecideForm, place_choices, state_choices
from districts.models import District
from districts.wording import state_words
from tiplines.models import Decision, Dispatch, Tipline
from tiplines.models.decision import CloseReason, Kind
from tiplines.models.tipline import Outcome, Status
from tiplines.services import deciding
from tiplines.services.deciding import Decided

# --- The queue ----------------------------------------------------------------------------------


@require_GET
def queue(request: OfficerRequest) -> HttpResponse:
    now = timezone.now()
    shown = filter_of(request.GET)
    try:
        listed = page(
            for_list(shown.rows(request.user, now=now)),
            shown.sort,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except BadFilter as error:
        raise BadRequest(str(error)) from error
    chips, numbers = chips_of(shown, request, now=now)
    return render(
        request,
        "triage/queue.html",
        {
            "shown": shown,
            "title": Status(shown.status).label,
            "query": shown.query(),
            "lines": [line_of(row, now=now) for row in listed.rows],
            "previous": shown.query(before=listed.previous) if listed.previous else "",
            "next": shown.query(after=listed.next) if listed.next else "",
            "count": numbers["shown"],
            "unfinished": numbers["unfinished"],
            "chips": chips,
            "sorts": sorts_of(shown),
            "statuses": Status.choices,
            "districts": District.objects.territorial().order_by("name"),
            "providers": providers(request.user) if shown.status == Status.AWAITING else [],
            "dispatch": Dispatch.objects.visible_to(request.user).filter(pk=shown.dispatch).first()
            if shown.dispatch
            else None,
            "without_lead": reverse("cases:queue") + shown.only().query(),
            "bulk_at_most": BULK_AT_MOST,
            "now": now,
            **done_in(request),
        },
    )


def filter_of(query: QueryDict) -> QueueFilter:
    """The filter of a query string; one that does not exist is a bad request."""
    try:
        return parse(query)
    except BadFilter as error:
        raise BadRequest(str(error)) from error


def chips_of(
    shown: QueueFilter, request: OfficerRequest, *, now: datetime
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The chips with their counts, and the count of the list: all of it one statement."""
    officer = request.user
    offered: list[tuple[str, str, Any]] = []
    if shown.status == Status.AWAITING:
        offered = [
            (_("Urgent"), "urgent", True),
            (_("Expiring within 30 days"), "expiring", True),
            *((str(each.label), "outcome", each.value) for each in Outcome),
            (_("Viral"), "viral", True),
        ]
    lists: dict[str, tuple[QuerySet[Tipline], int]] = {
        "shown": (shown.rows(officer, now=now), COUNT_AT_MOST),
        "unfinished": (unfinished(request), CHIP_AT_MOST),
    }
    for _name, field, value in offered:
        toggled = shown.toggled(field, value)
        lists[f"{field}={value}"] = (toggled.rows(officer, now=now), CHIP_AT_MOST)
    numbers = counts(lists)
    chips = []
    for name, field, value in offered:
        is_on = getattr(shown, field) == value
        chips.append(
            {
                "name": name,
                "href": reverse("cases:queue") + shown.toggled(field, value).query(),
                "on": is_on,
                "count": None if is_on else numbers[f"{field}={value}"],
            }
        )
    return chips, numbers


def unfinished(request: OfficerRequest) -> QuerySet[Tipline]:
    """Tiplines that the workers have yet to link, the last of the stages."""
    return Tipline.objects.visible_to(request.user).due_for_links()


def sorts_of(shown: QueueFilter) -> list[tuple[str, str]]:
    labels = {
        Sort.URGENCY: _("most urgent first"),
        Sort.AGE: _("oldest first"),
        Sort.EXPIRY: _("soonest to expire first"),
        Sort.CHANGED: _("last changed first"),
    }
    return [(sort.value, labels[sort]) for sort in shown.sorts]


# --- One tipline --------------------------------------------------------------------------------


@require_GET
@transaction.atomic
def tipline(request: OfficerRequest, number: str) -> HttpResponse:
    """Everything a tipline says. Opening it is recorded with the reading itself."""
    shown = filter_of(request.GET)
    found = get_object_or_404(
        Tipline.objects.visible_to(request.user).select_related(
            "dispatch", "best_district", "best_station", "holder_district", "holder_station"
        ),
        number=number,
    )
    now = timezone.now()
    record(verb="tipline.opened", subject=f"tipline:{found.number}", actor=request.user, at=now)
    may_decide = request.user.duty.may(Act.TRIAGE) and found.status == Status.AWAITING
    sheet = sheet_of(found, request.user)
    return render(
        request,
        "triage/tipline.html",
        {
            "tipline": found,
            "line": line_of(found, now=now),
            "sheet": sheet,
            "shown": shown,
            "query": shown.query(),
            "now": now,
            "may_decide": may_decide,
            "places": place_choices() if may_decide else [],
            "states": state_choices()[1:] if may_decide else [],
            "reasons": [(each, LETTERS[each]) for each in CloseReason],
            "acts": Kind,
            **done_in(request),
        },
    )


# --- Decisions ----------------------------------------------------------------------------------


@require_POST
def decide(request: OfficerRequest) -> HttpResponse:
    """Decide one tipline or many; many are first shown in words, and decided when confirmed."""
    now = timezone.now()
    shown = filter_of(QueryDict(request.POST.get("back", "").removeprefix("?")))
    chosen_form = ChosenForm(request.POST)
    if not chosen_form.is_valid():
        for error in chosen_form.non_field_errors():
            messages.error(request, str(error))
        return redirect(reverse("cases:queue") + shown.query())
    act = Kind(chosen_form.cleaned_data["act"])
    chosen = chosen_rows(request, shown, chosen_form.cleaned_data, now=now)
    keys = list(chosen.values_list("pk", flat=True)[: BULK_AT_MOST + 1])
    is_more, keys = len(keys) > BULK_AT_MOST, keys[:BULK_AT_MOST]
    sealed = seal(keys) if chosen_form.cleaned_data["every"] else str(len(keys))
    is_confirmed = request.POST.get("confirmed") == sealed
    form = DecideForm(
        request.POST if is_confirmed else None,
        act=act,
        with_places=True,
        initial=request.POST.dict(),
    )
    if is_confirmed and form.is_valid():
        decided = act_on(act, keys, form.cleaned_data, request=request, at=now)
        tell(request, decided)
        return after(request, shown, chosen_form.cleaned_data["number"], decided, now=now)
    has_changed = "confirmed" in request.POST and not is_confirmed
    return render(
        request,
        "triage/decide.html",
        {
            "act": act,
            "acts": Kind,
            "form": form,
            "numbers": chosen_form.cleaned_data["number"],
            "every": chosen_form.cleaned_data["every"],
            "count": len(keys),
            "sealed": sealed,
            "is_more": is_more,
            "has_changed": has_changed,
            "parts": parts_of(keys),
            "shown": shown,
            "query": shown.query(),
        },
        status=422 if "confirmed" in request.POST else 200,
    )


def chosen_rows(
    request: OfficerRequest, shown: QueueFilter, chosen: dict[str, Any], *, now: datetime
) -> QuerySet[Tipline]:
    """The tiplines meant that still await: those named, or all of the list in its order."""
    if chosen["every"]:
        return shown.ordered(request.user, now=now).filter(status=Status.AWAITING)
    named = Tipline.objects.visible_to(request.user).filter(number__in=chosen["number"])
    return named.awaiting().order_by("pk")


def seal(keys: list[int]) -> str:
    """A mark of exactly these tiplines, so that what is confirmed is what was shown."""
    return hashlib.sha256(",".join(map(str, sorted(keys))).encode()).hexdigest()[:32]


def act_on(
    act: Kind,
    keys: list[int],
    said: dict[str, Any],
    *,
    request: OfficerRequest,
    at: datetime,
) -> Decided:
    by, note = request.user, said["note"]
    match act:
        case Kind.ASSIGN:
            district_id, station_id = said["place"]
            return assigning.assign(
                tipline_ids=keys,
                district_id=district_id,
                station_id=station_id,
                by=by,
                at=at,
                note=note,
            )
        case Kind.TRANSFER:
            state_name = said["state_name"] or None
            return deciding.transfer(
                tipline_ids=keys, state_name=state_name, by=by, at=at, note=note
            )
        case Kind.CLOSE:
            reason = CloseReason(said["reason"])
            return deciding.close(tipline_ids=keys, reason=reason, by=by, at=at, note=note)
        case Kind.SEND_BACK:
            return deciding.send_back(tipline_ids=keys, by=by, at=at, note=note)


def tell(request: OfficerRequest, decided: Decided) -> None:
    """Say what the act did not do; what it did stands on the next page with its undo."""
    if decided.skipped:
        count = len(decided.skipped)
        words = ngettext(
            "%(count)s tipline was decided by another officer first and was left as it is.",
            "%(count)s tiplines were decided by another officer first and were left as they are.",
            count,
        )
        messages.warning(request, words % {"count": count})
    if decided.without_state:
        count = len(decided.without_state)
        words = ngettext(
            "%(count)s tipline has no State found for it and stays in the queue.",
            "%(count)s tiplines have no State found for them and stay in the queue.",
            count,
        )
        messages.warning(request, words % {"count": count})


def after(
    request: OfficerRequest,
    shown: QueueFilter,
    numbers: list[str],
    decided: Decided,
    *,
    now: datetime,
) -> HttpResponse:
    """After one tipline the next of the queue, after many the list they were in."""
    done = str(decided.batch) if decided.count else ""
    if len(numbers) == 1 and request.POST.get("one"):
        tip = get_object_or_404(Tipline.objects.visible_to(request.user), number=numbers[0])
        following = next_number(shown, request.user, decided=tip, now=now)
        if following:
            href = reverse("cases:tipline", args=[following]) + shown.query(done=done)
            return redirect(href)
    href = reverse("cases:queue") + shown.query(done=done)
    return HttpResponseClientRedirect(href) if request.htmx else redirect(href)


def parts_of(keys: list[int]) -> dict[str, Any]:
    """What is among the chosen tiplines, for the preview: by place, and how many are urgent."""
    chosen = Tipline.objects.filter(pk__in=keys)
    by_place = (
        chosen.values(
            "outcome",
            "state_name",
            name=F("best_district__name"),
            name_hi=F("best_district__name_hi"),
        )
        .annotate(count=Count("pk"))
        .order_by("-count", "outcome", "state_name", "name")
    )
    is_hindi = get_language() == "hi"
    return {
        "urgent": chosen.urgent().count(),
        "places": [
            {
                "name": (is_hindi and row["name_hi"]) or row["name"],
                "state": row["state_name"] and state_words(row["state_name"]),
                "outcome": Outcome(row["outcome"]).label if row["outcome"] else "",
                "count": row["count"],
            }
            for row in by_place[:40]
        ],
    }


@require_POST
def undo(request: OfficerRequest) -> HttpResponse:
    shown = filter_of(QueryDict(request.POST.get("back", "").removeprefix("?")))
    try:
        batch = UUID(request.POST.get("batch", ""))
    except ValueError as error:
        raise BadRequest("batch") from error
    numbers = list(
        Decision.objects.filter(
            batch=batch, tipline__in=Tipline.objects.visible_to(request.user)
        ).values_list("tipline__number", flat=True)[:2]
    )
    try:
        count = assigning.undo(batch=batch, by=request.user, at=timezone.now())
    except CannotUndo as refusal:
        messages.error(request, why_not(refusal.why))
    else:
        words = ngettext(
            "Undone: %(count)s tipline is in the queue again.",
            "Undone: %(count)s tiplines are in the queue again.",
            count,
        )
        messages.success(request, words % {"count": count})
    if len(numbers) == 1:
        return redirect(reverse("cases:tipline", args=numbers) + shown.query())
    return redirect(reverse("cases:queue") + shown.query())


def why_not(why: WhyNot) -> str:
    words = {
        WhyNot.TOO_LATE: _("A decision can be undone for 24 hours. Decide anew, with a reason."),
        WhyNot.ANOTHER_OFFICER: _(
            "Another officer took this decision. That officer or a supervisor can undo it."
        ),
        WhyNot.NOTHING_LEFT: _(
            "There is nothing left to undo: it was undone already, or the holder has taken it up."
        ),
    }
    return words[why]


def done_in(request: OfficerRequest) -> dict[str, Any]:
    """The act that the officer has just done, as `?done=` names it, while it stands."""
    try:
        batch = UUID(request.GET.get("done", ""))
    except ValueError:
        return {"done": None}
    done = (
        Decision.objects.filter(batch=batch, by=request.user, undone_at__isnull=True)
        .select_related("district", "station", "tipline")
        .annotate(count=Window(Count("pk")))
        .first()
    )
    return {
        "done": done,
        "done_state": state_words(done.state_name) if done and done.state_name else "",
    }
