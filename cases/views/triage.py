"""The triage desk: the queue, a bundle of it, and the page of one tipline."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet, Window
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import OfficerRequest
from accounts.roles import Act
from audit.services import record, record_list
from cases.counting import counts
from cases.holder_words import words_of
from cases.models import Proposal
from cases.naming import masks_of
from cases.queue import (
    BULK_AT_MOST,
    CHIP_AT_MOST,
    COUNT_AT_MOST,
    BadFilter,
    QueueFilter,
    Sort,
    for_list,
    page,
    parse,
    providers,
)
from cases.queue_lines import FLAG_LABELS, bundle_sizes, line_of
from cases.services.assigning import follows_setting
from cases.services.bundles import spread_of
from cases.tipline_page import sheet_of
from cases.triage_forms import LETTERS, place_choices, state_choices
from districts.models import District
from districts.wording import state_words
from nexus.models import in_nexus
from tiplines.models import Decision, Dispatch, Tipline
from tiplines.models.decision import CloseReason, Kind
from tiplines.models.tipline import Outcome, Status
from tiplines.services.rulebook import cyber_registers

# --- The queue ----------------------------------------------------------------------------------


@require_GET
def queue(request: OfficerRequest) -> HttpResponse:
    now = timezone.now()
    shown = filter_of(request.GET)
    try:
        listed = page(
            for_list(shown.listed(request.user, now=now)),
            shown.sort,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except BadFilter as error:
        raise BadRequest(str(error)) from error
    chips, numbers = chips_of(shown, request, now=now)
    sizes = bundle_sizes(listed.rows, shown, now=now)
    record_list(
        verb="queue.read",
        subject=f"queue:{shown.status}",
        seen=[row.number for row in listed.rows],
        actor=request.user,
        at=now,
        is_poll=request.htmx.target == "queue-head",
    )
    return render(
        request,
        "triage/queue.html",
        {
            "shown": shown,
            "title": Status(shown.status).label,
            "query": shown.query(),
            "lines": [
                line_of(row, now=now, size=sizes.get(row.bundle_id or 0, 1)) for row in listed.rows
            ],
            "bundle": spread_of(shown.bundle, officer=request.user) if shown.bundle else None,
            "previous": shown.query(before=listed.previous) if listed.previous else "",
            "next": shown.query(after=listed.next) if listed.next else "",
            "count": numbers["shown"],
            "unfinished": numbers["unfinished"],
            "proposals": numbers["proposals"],
            "chips": chips,
            "escalated": escalated_lines(request, shown, numbers),
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


FIRST_CHIPS = ("escalated", "organised", "urgent", "expiring")
ESCALATED_ON_TOP = 5  # the chip leads to all of them
UNCOUNTED = frozenset({"supplement", "orphan"})
"""Chips whose number no index gives: the list itself is read along that of the urgency."""


def filter_of(query: QueryDict) -> QueueFilter:
    """The filter of a query string; one that does not exist is a bad request."""
    try:
        return parse(query)
    except BadFilter as error:
        raise BadRequest(str(error)) from error


def filter_back(request: OfficerRequest) -> QueueFilter:
    """The filter of the list that a form was sent from."""
    return filter_of(QueryDict(request.POST.get("back", "").removeprefix("?")))


def to_queue(shown: QueueFilter) -> HttpResponse:
    return redirect(reverse("cases:queue") + shown.query())


def chips_of(
    shown: QueueFilter, request: OfficerRequest, *, now: datetime
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The chips with their counts, and the count of the list: all of it one statement."""
    officer = request.user
    offered: list[tuple[str, str, Any]] = []
    if shown.status == Status.AWAITING:
        offered = [
            *((str(FLAG_LABELS[flag]), flag, True) for flag in FIRST_CHIPS),
            *((str(each.label), "outcome", each.value) for each in Outcome),
            *((str(FLAG_LABELS[flag]), flag, True) for flag in ("viral", "supplement", "orphan")),
        ]
    lists: dict[str, tuple[QuerySet[Any], int]] = {
        "shown": (shown.rows(officer, now=now), COUNT_AT_MOST),
        "unfinished": (unfinished(request), CHIP_AT_MOST),
        "proposals": (Proposal.objects.visible_to(officer).waiting(at=now), CHIP_AT_MOST),
    }
    for _name, field, value in offered:
        if field in UNCOUNTED:
            continue
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
                "count": None if is_on else numbers.get(f"{field}={value}"),
            }
        )
    return chips, numbers


def escalated_lines(
    request: OfficerRequest, shown: QueueFilter, numbers: dict[str, Any]
) -> list[tuple[str, str]]:
    """The most urgent of those that came back twice, to head the plain list: number, why."""
    waiting = numbers.get("escalated=True")
    if not shown.is_plain or waiting is None or not waiting.number:
        return []
    found = Tipline.objects.visible_to(request.user).escalated()
    rows = list(found.only("number", "came_back").order_by("-urgency", "-pk")[:ESCALATED_ON_TOP])
    masks = masks_of(rows)  # an officer's words may name whom the report protects
    return [(row.number, masks[row.pk].text(row.came_back)) for row in rows]


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
        Tipline.objects.visible_to(request.user)
        .select_related(
            "dispatch", "best_district", "best_station", "holder_district", "holder_station"
        )
        .annotate(**in_nexus()),
        number=number,
    )
    now = timezone.now()
    record(verb="tipline.opened", subject=f"tipline:{found.number}", actor=request.user, at=now)
    is_escalated = found.is_escalated and not request.user.duty.may(Act.SUPERVISE)
    may_decide = request.user.duty.may(Act.TRIAGE) and found.status == Status.AWAITING
    may_assign = may_decide and not is_escalated
    cyber = {}
    if may_assign and follows_setting(found):
        cyber = cyber_registers(timezone.localdate(now))
    sheet = sheet_of(
        found,
        request.user,
        cyber=cyber,
        files_part=request.GET.get("files", ""),
        sightings_part=request.GET.get("seen", ""),
    )
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
            "may_assign": may_assign,
            "places": place_choices(cyber) if may_assign else [],
            "states": state_choices()[1:] if may_decide else [],
            "reasons": [(each, LETTERS[each]) for each in CloseReason],
            "acts": Kind,
            "answers": words_of(found, request.user),
            **done_in(request),
        },
    )


def done_in(request: OfficerRequest) -> dict[str, Any]:
    """The act that the officer has just done, as `?done=` names it, while it stands."""
    try:
        batch = UUID(request.GET.get("done", ""))
    except ValueError:
        return {"done": None}
    return done_of(batch, Decision.objects.filter(by=request.user))


def done_of(batch: UUID, decisions: QuerySet[Decision]) -> dict[str, Any]:
    """What `triage/_done.html` says of a batch among these decisions, while it stands."""
    done = (
        decisions.filter(batch=batch, undone_at__isnull=True)
        .select_related("district", "registering_station", "tipline")
        .annotate(
            count=Window(Count("pk")),
            first_kind=Window(Min("kind")),
            last_kind=Window(Max("kind")),
            first_district=Window(Min("district")),
            last_district=Window(Max("district")),
        )
        .first()
    )
    return {
        "done": done,
        "done_is_mixed": done is not None and done.first_kind != done.last_kind,
        "done_is_each": done is not None and done.first_district != done.last_district,
        "done_state": state_words(done.state_name) if done and done.state_name else "",
    }
