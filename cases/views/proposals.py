"""What waits for a second officer: the list, one proposal, and the answers to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import OfficerRequest
from accounts.roles import Act
from audit.services import record_list
from cases.models import Proposal
from cases.models.proposal import WAITS_FOR
from cases.proposal_lines import (
    NUMBERS_SHOWN,
    left_out_of,
    line_of,
    list_words,
    numbers_of,
    with_counts,
)
from cases.services import proposing
from cases.services.assigning import UNDO_WITHIN
from cases.services.proposing import NoSuchProposal, NotOnesOwn, NotWaiting, OnesOwn, ProposerGone
from cases.triage_forms import RefuseForm
from cases.views.decisions import parts_of, tell
from cases.views.triage import done_of
from tiplines.models import Decision, Tipline

SHOWN_AT_MOST = 100
REFUSALS: Mapping[type[Exception], Promise] = {
    NotWaiting: lazy_(
        "It does not wait any more: it was settled by another officer, or has lapsed."
    ),
    OnesOwn: lazy_("You proposed this yourself: another officer has to answer."),
    NotOnesOwn: lazy_("Only who proposed it withdraws it. You can refuse it."),
    ProposerGone: lazy_(
        "Who proposed this decides on tiplines no more. Refuse it, or let it lapse."
    ),
}


@require_GET
def proposals(request: OfficerRequest) -> HttpResponse:
    """What waits, the oldest first, and what was settled lately."""
    now, officer = timezone.now(), request.user
    seen = with_counts(Proposal.objects.visible_to(officer), officer)
    waiting = list(seen.waiting(at=now).order_by("at", "pk")[:SHOWN_AT_MOST])
    lately = seen.filter(settled_at__gt=now - WAITS_FOR).order_by("-settled_at", "-pk")
    settled = list(lately[:SHOWN_AT_MOST])
    record_list(
        verb="proposals.read",
        subject="proposals:waiting",
        seen=[each.pk for each in (*waiting, *settled)],
        actor=officer,
        at=now,
    )
    return render(
        request,
        "triage/proposals.html",
        {
            "waiting": [line_of(each, officer, now=now) for each in waiting],
            "settled": [line_of(each, officer, now=now) for each in settled],
        },
    )


@require_GET
def proposal(request: OfficerRequest, proposal_id: int) -> HttpResponse:
    return draw(request, proposal_id, RefuseForm())


def draw(request: OfficerRequest, proposal_id: int, form: RefuseForm) -> HttpResponse:
    """The page of a proposal. What is read on it is recorded with the reading itself."""
    now, officer = timezone.now(), request.user
    visible = with_counts(Proposal.objects.visible_to(officer), officer)
    found = get_object_or_404(visible, pk=proposal_id)
    line = line_of(found, officer, now=now)
    numbers = numbers_of(found, officer)
    record_list(
        verb="proposal.opened",
        subject=f"proposal:{found.pk}",
        seen=numbers,
        actor=officer,
        at=now,
    )
    keys = list(found.entries.visible_to(officer).values_list("tipline", flat=True))
    return render(
        request,
        "triage/proposal.html",
        {
            "proposal": found,
            "line": line,
            "list_words": list_words(found, officer),
            "numbers": numbers,
            "more": line.count - len(numbers),
            "parts": parts_in(found, keys),
            "left_out": left_out_of(found, officer),
            "at_most": NUMBERS_SHOWN,
            "form": form,
            **undo_of(found, request),
        },
        status=422 if form.errors else 200,
    )


def parts_in(found: Proposal, keys: list[int]) -> dict[str, Any]:
    """As the preview of the act has it. That supplements go their own way is said of no act that
    sends them after their parents.
    """
    parts = parts_of(keys)
    return parts | {"supplements": 0} if found.wanted == Proposal.Wanted.FOLLOW else parts


def undo_of(found: Proposal, request: OfficerRequest) -> dict[str, Any]:
    """What stands of a confirmed proposal, for who may undo it."""
    officer = request.user
    is_in_time = found.settled_at is not None and timezone.now() - found.settled_at <= UNDO_WITHIN
    may_undo = found.by_id == officer.pk or officer.duty.may(Act.SUPERVISE)
    if found.batch is None or not is_in_time or not may_undo:
        return {"done": None}
    seen = Decision.objects.filter(tipline__in=Tipline.objects.visible_to(officer))
    return done_of(found.batch, seen)


@contextmanager
def telling_refusals(request: OfficerRequest) -> Iterator[None]:
    """Say as a message why a service refused; what stands after the refusal is left out."""
    try:
        yield
    except NoSuchProposal:
        raise Http404 from None
    except tuple(REFUSALS) as refusal:
        messages.error(request, str(REFUSALS[type(refusal)]))


@require_POST
def confirm(request: OfficerRequest, proposal_id: int) -> HttpResponse:
    with telling_refusals(request):
        decided = proposing.confirm(proposal_id=proposal_id, by=request.user, at=timezone.now())
        tell(request, decided)
        words = ngettext(
            "Confirmed: %(count)s tipline is decided.",
            "Confirmed: %(count)s tiplines are decided.",
            decided.count,
        )
        messages.success(request, words % {"count": decided.count})
    return redirect("cases:proposal", proposal_id=proposal_id)


@require_POST
def refuse(request: OfficerRequest, proposal_id: int) -> HttpResponse:
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return draw(request, proposal_id, form)
    with telling_refusals(request):
        proposing.refuse(
            proposal_id=proposal_id,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("Refused. Nothing was changed."))
    return redirect("cases:proposal", proposal_id=proposal_id)


@require_POST
def withdraw(request: OfficerRequest, proposal_id: int) -> HttpResponse:
    with telling_refusals(request):
        proposing.withdraw(proposal_id=proposal_id, by=request.user, at=timezone.now())
        messages.success(request, _("Withdrawn. Nothing was changed."))
    return redirect("cases:proposal", proposal_id=proposal_id)
