"""Proposals in words: what is wanted, of which list, and how each stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from cases.models import Proposal, ProposedTipline
from cases.models.proposal import ProposalQuerySet
from cases.queue import QueueFilter, parse
from cases.queue_lines import FLAG_LABELS
from districts.models import District
from districts.wording import state_words
from tiplines.models import Decision, Dispatch
from tiplines.models.tipline import Outcome, Status

NUMBERS_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class ProposalLine:
    """A proposal as a row of the list, counted over the tiplines that the reader sees."""

    proposal: Proposal
    count: int
    state: str
    """Where a transfer goes; empty if each goes to its own."""
    stands: str
    is_waiting: bool
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Tiplines that a confirmed proposal left as they were."""

    count: int
    numbers: tuple[str, ...]


def with_counts(found: ProposalQuerySet, officer: User) -> ProposalQuerySet:
    """With how many tiplines of each the officer sees."""
    seen = ProposedTipline.objects.visible_to(officer).filter(proposal=OuterRef("pk"))
    counted = seen.order_by().values("proposal").annotate(number=Count("pk")).values("number")
    return found.annotate(
        count=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    ).select_related("by", "settled_by")


def line_of(proposal: Proposal, officer: User, *, now: datetime) -> ProposalLine:
    """Of one read by `with_counts`."""
    is_waiting = proposal.is_waiting(at=now)
    if is_waiting:
        stands = _("Waiting for a second officer")
    elif proposal.answer:
        stands = proposal.get_answer_display()
    else:
        stands = _("Lapsed: nobody answered in seven days")
    return ProposalLine(
        proposal=proposal,
        count=proposal.count,  # type: ignore[attr-defined]
        state=state_words(proposal.state_name) if proposal.state_name else "",
        stands=stands,
        is_waiting=is_waiting,
        is_own=proposal.by_id == officer.pk,
    )


def numbers_of(proposal: Proposal, officer: User) -> list[str]:
    """The first of the numbers that the officer sees."""
    seen = proposal.entries.visible_to(officer).order_by("tipline")
    return list(seen.values_list("tipline__number", flat=True)[:NUMBERS_SHOWN])


def left_out_of(proposal: Proposal, officer: User) -> LeftOut | None:
    """What the officer sees of those that were not decided with it; None where all were."""
    if proposal.batch is None:
        return None
    decided = Decision.objects.filter(batch=proposal.batch, tipline=OuterRef("tipline"))
    left = proposal.entries.visible_to(officer).filter(~Exists(decided)).order_by("tipline")
    numbers = tuple(left.values_list("tipline__number", flat=True)[:NUMBERS_SHOWN])
    return LeftOut(count=left.count(), numbers=numbers) if numbers else None


def list_words(proposal: Proposal, officer: User) -> str:
    """The list that they were chosen from: `All of the list: Awaiting · Urgent`."""
    shown = parse(QueryDict(proposal.list_query.removeprefix("?")))
    filters = " · ".join(filter_words(shown, officer))
    if proposal.is_whole_list:
        return _("All of the list: %(filters)s") % {"filters": filters}
    return _("Ticked in the list: %(filters)s") % {"filters": filters}


def filter_words(shown: QueueFilter, officer: User) -> list[str]:
    """Each filter that is set, as the queue calls it."""
    words = [str(Status(shown.status).label)]
    if shown.outcome:
        words.append(str(Outcome(shown.outcome).label))
    if shown.district:
        words += [each.local_name for each in District.objects.filter(pk=shown.district)]
    if shown.provider:
        words.append(shown.provider)
    if shown.dispatch:
        dispatches = Dispatch.objects.visible_to(officer).filter(pk=shown.dispatch)
        words += [
            _("Dispatch %(name)s") % {"name": each.reference or each.pk} for each in dispatches
        ]
    if shown.bundle:
        words.append(_("Viral bundle"))
    return words + [str(name) for flag, name in FLAG_LABELS.items() if getattr(shown, flag)]
