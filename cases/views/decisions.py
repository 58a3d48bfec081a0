"""Decisions on tiplines, singly and in bulk: shown in words first, undone while they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import OfficerRequest
from cases.models import Proposal
from cases.queue import BULK_AT_MOST, QueueFilter, next_number
from cases.services import assigning, ending, proposing
from cases.services.assigning import CannotUndo, WhyNot
from cases.services.following import Followed
from cases.services.proposing import ALONE_AT_MOST, Wish, needs_second
from cases.triage_forms import ChosenForm, DecideForm
from cases.views.triage import filter_back, to_queue
from districts.models import District
from districts.wording import state_words
from tiplines.models import Decision, Tipline
from tiplines.models.decision import Kind
from tiplines.models.tipline import ENDED, URGENT_FROM, Outcome, Status
from tiplines.services.bundling import GROUPED
from tiplines.services.deciding import Decided
from tiplines.services.rulebook import present_rules

Wanted = Proposal.Wanted


@require_POST
def decide(request: OfficerRequest) -> HttpResponse:
    """Decide one tipline or many; many are first shown in words, and decided when confirmed."""
    now = timezone.now()
    shown = filter_back(request)
    chosen_form = ChosenForm(request.POST)
    if not chosen_form.is_valid():
        return nothing_chosen(request, chosen_form, shown)
    act = Kind(chosen_form.cleaned_data["act"])
    chosen = chosen_rows(request, shown, chosen_form.cleaned_data, now=now)
    keys = list(chosen.values_list("pk", flat=True)[: BULK_AT_MOST + 1])
    is_more, keys = len(keys) > BULK_AT_MOST, keys[:BULK_AT_MOST]
    stay = stay_for_the_unit(keys)
    alone = len(keys) == 1 and bool(request.POST.get("alone"))
    keys = keys if alone else [key for key in keys if key not in stay]
    is_named = not (chosen_form.cleaned_data["every"] or chosen_form.cleaned_data["bundle"])
    sealed = str(len(keys)) if is_named and not stay - {*keys} else seal(keys)
    is_confirmed = request.POST.get("confirmed") == sealed
    form = DecideForm(
        request.POST if is_confirmed else None,
        act=act,
        with_places=True,
        alone=alone,
        initial=request.POST.dict(),
    )
    if is_confirmed and form.is_valid():
        origin = {"list_query": shown.query(), "is_whole_list": chosen_form.cleaned_data["every"]}
        decided = act_on(act, keys, form.cleaned_data, origin, request=request, at=now, alone=alone)
        if isinstance(decided, Proposal):
            return to_proposal(request, decided)
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
            "bundles": chosen_form.cleaned_data["bundle"],
            "every": chosen_form.cleaned_data["every"],
            "count": len(keys),
            "stay": len(stay),
            "alone": alone,
            "sealed": sealed,
            "is_more": is_more,
            "has_changed": has_changed,
            "needs_second": act in proposing.ENDS and needs_second(len(keys), request.user, now),
            "alone_at_most": ALONE_AT_MOST,
            "parts": parts_of(keys),
            "shown": shown,
            "query": shown.query(),
        },
        status=422 if "confirmed" in request.POST else 200,
    )


def nothing_chosen(request: OfficerRequest, form: ChosenForm, shown: QueueFilter) -> HttpResponse:
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return to_queue(shown)


def chosen_rows(
    request: OfficerRequest, shown: QueueFilter, chosen: dict[str, Any], *, now: datetime
) -> QuerySet[Tipline]:
    """The tiplines meant that still await: those named and those of the bundles named, or all of
    the list in its order.
    """
    if chosen["every"]:
        return shown.ordered(request.user, now=now).filter(status=Status.AWAITING)
    named = Q(number__in=chosen["number"])
    if chosen["bundle"]:
        # What fits the filter, as the row said, and no other of the bundle.
        named |= Q(
            GROUPED,
            bundle__in=chosen["bundle"],
            pk__in=shown.rows(request.user, now=now).values("pk"),
        )
    return Tipline.objects.visible_to(request.user).filter(named).awaiting().order_by("pk")


def stay_for_the_unit(keys: list[int]) -> set[int]:
    """Those of organised nexuses, which the unit decides as one."""
    found = Tipline.objects.filter(pk__in=keys, for_the_unit=True)
    return set(found.values_list("pk", flat=True))


def seal(keys: list[int]) -> str:
    """A mark of exactly these tiplines, so that what is confirmed is what was shown."""
    return hashlib.sha256(",".join(map(str, sorted(keys))).encode()).hexdigest()[:32]


def act_on(
    act: Kind,
    keys: list[int],
    said: dict[str, Any],
    origin: Mapping[str, Any],
    *,
    request: OfficerRequest,
    at: datetime,
    alone: bool,
) -> Decided | Proposal:
    """Decide; or propose it, where so many at once need a second officer. `origin` says from which
    list they were chosen; `alone` as in `deciding.lock_awaiting`.
    """
    by, note = request.user, said["note"]
    match act:
        case Kind.ASSIGN:
            if said["place"] is None:
                return assigning.assign_each(tipline_ids=keys, by=by, at=at, note=note, alone=alone)
            district_id, station_id = said["place"]
            return assigning.assign(
                tipline_ids=keys,
                district_id=district_id,
                station_id=station_id,
                by=by,
                at=at,
                note=note,
                alone=alone,
            )
        case Kind.TRANSFER:
            state_name = said["state_name"]
            wish = Wish(wanted=Wanted.TRANSFER, state_name=state_name, note=note, **origin)
            return proposing.end(wish=wish, tipline_ids=keys, by=by, at=at, alone=alone)
        case Kind.CLOSE:
            wish = Wish(wanted=Wanted.CLOSE, reason=said["reason"], note=note, **origin)
            return proposing.end(wish=wish, tipline_ids=keys, by=by, at=at, alone=alone)
        case Kind.SEND_BACK:
            return ending.send_back(tipline_ids=keys, by=by, at=at, note=note, alone=alone)


def to_proposal(request: OfficerRequest, proposal: Proposal) -> HttpResponse:
    messages.success(request, _("Proposed. Nothing is changed until a second officer confirms it."))
    href = reverse("cases:proposal", args=[proposal.pk])
    return HttpResponseClientRedirect(href) if request.htmx else redirect(href)


LEFT = (
    (
        "skipped",
        ngettext_lazy(
            "%(count)s tipline was decided by another officer first and was left as it is.",
            "%(count)s tiplines were decided by another officer first and were left as they are.",
            "count",
        ),
    ),
    (
        "escalated",
        ngettext_lazy(
            "%(count)s tipline came back twice and stays in the queue: a supervisor assigns it.",
            "%(count)s tiplines came back twice and stay in the queue: a supervisor assigns them.",
            "count",
        ),
    ),
    (
        "for_the_unit",
        ngettext_lazy(
            "%(count)s tipline is of an organised nexus and stays for the unit to decide.",
            "%(count)s tiplines are of organised nexuses and stay for the unit to decide.",
            "count",
        ),
    ),
    (
        "without_place",
        ngettext_lazy(
            "%(count)s tipline has no station that is sure and stays in the queue.",
            "%(count)s tiplines have no station that is sure and stay in the queue.",
            "count",
        ),
    ),
    (
        "without_state",
        ngettext_lazy(
            "%(count)s tipline has no State found for it and stays in the queue.",
            "%(count)s tiplines have no State found for them and stay in the queue.",
            "count",
        ),
    ),
)
"""What an act may leave as it was, by the name in `Decided`, and how that is told."""


def tell(request: OfficerRequest, decided: Decided) -> None:
    """Say what the act did not do; what it did stands on the next page with its undo."""
    for name, words in LEFT:
        count = len(getattr(decided, name))
        if count:
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
    return {
        **chosen.aggregate(
            urgent=Count("pk", filter=Q(urgency__gte=URGENT_FROM)),
            supplements=Count("pk", filter=Q(parent__isnull=False)),
        ),
        "sure": chosen.sure_of_station(present_rules().assign_from).count(),
        "places": [
            {
                "name": local_name(row),
                "state": row["state_name"] and state_words(row["state_name"]),
                "outcome": Outcome(row["outcome"]).label if row["outcome"] else "",
                "count": row["count"],
            }
            for row in by_place[:40]
        ],
    }


def local_name(row: Mapping[str, Any]) -> str:
    """The name of a row's district in the reader's language; empty if it has none."""
    return District(name=row["name"] or "", name_hi=row["name_hi"] or "").local_name


# --- A supplement after its parent ----------------------------------------------------------------


@require_POST
def follow(request: OfficerRequest) -> HttpResponse:
    """Send supplements where their parents went; many are first shown in words."""
    now = timezone.now()
    shown = filter_back(request)
    form = ChosenForm(request.POST, with_act=False)
    if not form.is_valid():
        return nothing_chosen(request, form, shown)
    chosen = chosen_rows(request, shown, form.cleaned_data, now=now)
    able = (
        chosen.filter(parent__isnull=False)
        .exclude(parent__status=Status.AWAITING)
        .exclude(for_the_unit=True, parent__status__in=ENDED)
    )
    keys = list(able.values_list("pk", flat=True)[: BULK_AT_MOST + 1])
    is_more, keys = len(keys) > BULK_AT_MOST, keys[:BULK_AT_MOST]
    wanted = "1" if request.POST.get("one") else seal(keys)
    if keys and request.POST.get("confirmed") == wanted:
        wish = Wish(
            wanted=Wanted.FOLLOW,
            list_query=shown.query(),
            is_whole_list=form.cleaned_data["every"],
        )
        done, proposal = proposing.send_after(wish=wish, tipline_ids=keys, by=request.user, at=now)
        tell_followed(request, done)
        if proposal is not None:
            return to_proposal(request, proposal)
        told = Decided(batch=done.batch, count=done.count)
        return after(request, shown, form.cleaned_data["number"], told, now=now)
    ending = proposing.ending_among(keys)
    return render(
        request,
        "triage/follow.html",
        {
            "numbers": form.cleaned_data["number"],
            "bundles": form.cleaned_data["bundle"],
            "every": form.cleaned_data["every"],
            "count": len(keys),
            "is_more": is_more,
            "has_changed": "confirmed" in request.POST,
            "left_out": chosen.count() - able.count(),
            "sealed": seal(keys),
            "ending": len(ending) if needs_second(len(ending), request.user, now) else 0,
            "ways": ways_of(keys),
            "shown": shown,
            "query": shown.query(),
        },
        status=422 if "confirmed" in request.POST else 200,
    )


def ways_of(keys: list[int]) -> list[dict[str, Any]]:
    """Where the parents of these supplements are, and how many follow to each place."""
    rows = (
        Tipline.objects.filter(pk__in=keys)
        .values(
            stands=F("parent__status"),
            name=F("parent__holder_district__name"),
            name_hi=F("parent__holder_district__name_hi"),
        )
        .annotate(count=Count("pk"))
        .order_by("stands", "name")
    )
    return [
        {
            "status": Status(row["stands"]).label,
            "name": local_name(row),
            "count": row["count"],
        }
        for row in rows
    ]


def tell_followed(request: OfficerRequest, done: Followed) -> None:
    if count := len(done.skipped) + len(done.stayed):
        words = ngettext(
            "%(count)s supplement was left as it is: it or its parent has moved meanwhile.",
            "%(count)s supplements were left as they are: they or their parents have moved"
            " meanwhile.",
            count,
        )
        messages.warning(request, words % {"count": count})


# --- Undo -----------------------------------------------------------------------------------------


@require_POST
def undo(request: OfficerRequest) -> HttpResponse:
    shown = filter_back(request)
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
    return to_queue(shown)


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
