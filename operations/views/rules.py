"""The rule lab: the rules in force, their history, a proposal with what it would move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import OfficerRequest
from audit.services import record_list
from districts.rules import DEFAULT, UnusableRules
from operations.periods import midnight
from operations.rule_forms import RulesForm, WhyForm
from operations.rule_lines import ANSWER_LABELS, lines_of, settings_of
from tiplines.models import Reorganisation, RuleMove, RuleSet
from tiplines.services import ruling
from tiplines.services.rulebook import present_rules, rules_of

MOVES_A_PAGE = 50
HISTORY_AT_MOST = 100
TRIED_ON = timedelta(days=90)
"""How far back a change is tried unless the officer says otherwise."""
REFUSALS: Mapping[type[Exception], Promise] = {
    ruling.AnotherWaits: lazy_("Another proposal waits: it has to be settled first."),
    ruling.NothingChanged: lazy_("These are the rules in force. Nothing was proposed."),
    ruling.NeverInForce: lazy_("These rules were never in force."),
    ruling.NotWaiting: lazy_("It does not wait any more: it was settled by another officer."),
    ruling.NotTried: lazy_(
        "It has not been tried on all tiplines yet, by the gazetteer now in force. Look again in a "
        "moment."
    ),
    ruling.OnesOwn: lazy_("You proposed this yourself: another supervisor has to answer."),
    ruling.NotOnesOwn: lazy_("Only who proposed it withdraws it. You can refuse it."),
    ruling.ProposerGone: lazy_("Who proposed this supervises no more. Refuse it."),
    ruling.ReasonMissing: lazy_("A reason is needed. Nothing was changed."),
}


@contextmanager
def telling_refusals(
    request: OfficerRequest, refusals: Mapping[type[Exception], Promise] = REFUSALS
) -> Iterator[None]:
    """Say as a message why a service refused; what stands after the refusal is left out."""
    try:
        yield
    except ruling.NoSuchProposal:
        raise Http404 from None
    except tuple(refusals) as refusal:
        messages.error(request, str(refusals[type(refusal)]))


@require_safe
def rules(request: OfficerRequest) -> HttpResponse:
    """What is in force, what waits, and every set there was."""
    seen = RuleSet.objects.visible_to(request.user).select_related("by", "settled_by")
    reorganisations = Reorganisation.objects.visible_to(request.user).for_list()
    present = present_rules()
    return render(
        request,
        "operations/rules.html",
        {
            "settings": settings_of(present),
            "present": present,
            "in_force": seen.in_force().first(),
            "waiting": seen.waiting().first(),
            "reorganisation": reorganisations.open().first(),
            "history": seen.filter(settled_at__isnull=False).order_by("-number")[:HISTORY_AT_MOST],
            "starts_differ": present.as_data() != DEFAULT.as_data(),
            "why_form": WhyForm(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: OfficerRequest) -> HttpResponse:
    now = timezone.now()
    form = RulesForm(
        request.POST if request.method == "POST" else None,
        present=present_rules(),
        since=timezone.localdate(now - TRIED_ON),
    )
    if form.is_valid():
        try:
            made = ruling.propose(
                rules=form.rules(),
                why=form.cleaned_data["why"],
                period_from=form.period_from(),
                by=request.user,
                at=now,
                back_to=None,
            )
        except UnusableRules as fault:
            form.add_error(None, _("No rules can have these values: %s") % fault)
        except (ruling.AnotherWaits, ruling.NothingChanged) as refusal:
            form.add_error(None, str(REFUSALS[type(refusal)]))
        else:
            return redirect("operations:rule-set", rules_number=made.number)
    return render(
        request,
        "operations/propose_rules.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@require_safe
def rule_set(request: OfficerRequest, rules_number: int) -> HttpResponse:
    """One set, and the tiplines it would move or would have moved."""
    now, officer = timezone.now(), request.user
    seen = RuleSet.objects.visible_to(officer).select_related("by", "settled_by")
    found = get_object_or_404(seen, number=rules_number)
    moves = RuleMove.objects.visible_to(officer).filter(rule_set=found)
    page = moves_page(request, moves if found.replayed_at else moves.none())
    record_list(
        verb="rules.opened",
        subject=f"rules:{found.number}",
        seen=[line.number for line in page["lines"]],
        actor=officer,
        at=now,
        is_poll=bool(request.htmx),
    )
    return render(
        request,
        "operations/rule_set.html",
        {
            "rule_set": found,
            "settings": settings_of(found.rules, rules_of(found.base_number)),
            "is_own": found.by_id == officer.pk,
            "why_form": WhyForm(),
            **page,
            **counts_of(moves, request.GET.get("part", "")),
        },
    )


def moves_page(
    request: OfficerRequest, moves: QuerySet[RuleMove], names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One page of the tiplines that would move, by the part that was asked for."""
    part = request.GET.get("part", "")
    chosen = moves.filter(parts__contains=[part]) if part in RuleMove.Part.values else moves
    before = request.GET.get("before", "")
    if before.isdecimal():
        chosen = chosen.filter(tipline__lt=int(before[:18]))
    page = list(chosen.select_related("tipline").order_by("-tipline")[: MOVES_A_PAGE + 1])
    shown = page[:MOVES_A_PAGE]
    asked = f"&part={part}" if part else ""
    return {
        "lines": lines_of(shown, names),
        "next": f"?before={shown[-1].tipline_id}{asked}" if len(page) > MOVES_A_PAGE else "",
        "first": f"?part={part}" if before else "",
    }


def counts_of(moves: Any, part: str) -> dict[str, Any]:
    """How many move, by what changes, and how many go from one answer to another."""
    whole = moves.count()
    parts = [
        {
            "name": RuleMove.Part(value).label,
            "href": f"?part={value}",
            "on": part == value,
            "count": moves.filter(parts__contains=[value]).count(),
        }
        for value in RuleMove.Part.values
    ]
    answers = (
        moves.filter(parts__contains=[RuleMove.Part.ANSWER.value])
        .values_list("before__answer", "after__answer")
        .annotate(count=Count("pk"))
        .order_by("-count", "before__answer", "after__answer")
    )
    return {
        "moved": whole,
        "parts": [{"name": _("all"), "href": "?", "on": not part, "count": whole}, *parts],
        "answers": [
            (ANSWER_LABELS[before], ANSWER_LABELS[after], count) for before, after, count in answers
        ],
    }


@require_POST
def confirm(request: OfficerRequest, rules_number: int) -> HttpResponse:
    with telling_refusals(request):
        ruling.confirm(number=rules_number, by=request.user, at=timezone.now())
        messages.success(
            request,
            _("Confirmed: in force from now on. What awaits a decision is being located again."),
        )
    return redirect("operations:rule-set", rules_number=rules_number)


@require_POST
def refuse(request: OfficerRequest, rules_number: int) -> HttpResponse:
    with telling_refusals(request):
        ruling.refuse(
            number=rules_number,
            reason=given(request),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("Refused. Nothing was changed."))
    return redirect("operations:rule-set", rules_number=rules_number)


@require_POST
def withdraw(request: OfficerRequest, rules_number: int) -> HttpResponse:
    with telling_refusals(request):
        ruling.withdraw(number=rules_number, by=request.user, at=timezone.now())
        messages.success(request, _("Withdrawn. Nothing was changed."))
    return redirect("operations:rule-set", rules_number=rules_number)


@require_POST
def roll_back(request: OfficerRequest, rules_number: int) -> HttpResponse:
    """Propose what an earlier set said; a second supervisor confirms it like any other."""
    now = timezone.now()
    with telling_refusals(request):
        made = ruling.roll_back(
            number=rules_number,
            why=given(request),
            period_from=midnight(timezone.localdate(now - TRIED_ON)),
            by=request.user,
            at=now,
        )
        return redirect("operations:rule-set", rules_number=made.number)
    return redirect("operations:rules")


def given(request: OfficerRequest) -> str:
    """The reason; empty where none was given, which the services refuse."""
    form = WhyForm(request.POST)
    return str(form.cleaned_data["why"]) if form.is_valid() else ""
