"""Ending many tiplines at once takes two officers: one proposes, another confirms or refuses.

Up to ALONE_AT_MOST an officer closes or transfers alone, counted together with what the same
officer ended in bulk in the minutes before, so that the rule is not evaded in pieces. Beyond it
nothing changes until a second officer confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from accounts.roles import Act
from accounts.services.duties import duty_of
from audit.services import record
from cases.models import Proposal, ProposedTipline
from cases.services import ending, following
from cases.services.following import Followed
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason, Kind
from tiplines.models.tipline import Status
from tiplines.services import deciding
from tiplines.services.deciding import Decided, NotVisible, check_may

ALONE_AT_MOST = 50  # tiplines that one officer ends in bulk without a second
COUNTED_WITHIN = timedelta(minutes=10)
ENDS = (Kind.CLOSE, Kind.TRANSFER)
ENDED = (Status.CLOSED, Status.TRANSFERRED)


class NoSuchProposal(Exception):
    """There is no such proposal for this officer."""


class NotWaiting(Exception):
    """It was settled by another officer first, or nobody answered in time."""


class OnesOwn(Exception):
    """Nobody is the second officer to oneself."""


class NotOnesOwn(Exception):
    """Only who proposed withdraws."""


class ProposerGone(Exception):
    """Who proposed may not decide any more, so that one officer alone would stand for it."""


class ReasonMissing(Exception):
    """A refusal says why."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an officer wants done with many tiplines, and the list they were chosen from."""

    wanted: Proposal.Wanted
    reason: str = ""
    state_name: str = ""
    note: str = ""
    list_query: str = ""
    is_whole_list: bool = False


# --- The rule -------------------------------------------------------------------------------------


def needs_second(count: int, officer: User, now: datetime) -> bool:
    """Whether ending so many at once needs a second officer. One alone never does."""
    return count > 1 and count + ended_lately(officer, now) > ALONE_AT_MOST


def ended_lately(officer: User, now: datetime) -> int:
    """How many tiplines the officer ended in bulk, alone, and not undone, within COUNTED_WITHIN."""
    since = now - COUNTED_WITHIN
    seconded = Proposal.objects.filter(by=officer, settled_at__gt=since, batch__isnull=False)
    acts = (
        Decision.objects.filter(by=officer, at__gt=since, kind__in=ENDS, undone_at__isnull=True)
        .exclude(batch__in=seconded.values("batch"))
        .values("batch")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    return sum(each["count"] for each in acts)


def ending_among(tipline_ids: Sequence[int]) -> list[int]:
    """Supplements that would be closed or transferred after their parents."""
    found = Tipline.objects.filter(pk__in=tipline_ids, parent__status__in=ENDED, for_the_unit=False)
    return list(found.order_by("pk").values_list("pk", flat=True))


def lock_officer(officer: User) -> None:
    """Of two bulk acts of one officer at once, the second is counted with the first."""
    User.objects.select_for_update(no_key=True).get(pk=officer.pk)


# --- The first officer ----------------------------------------------------------------------------


@transaction.atomic
def end(
    *, wish: Wish, tipline_ids: Sequence[int], by: User, at: datetime, alone: bool = False
) -> Decided | Proposal:
    """Close or transfer; or propose it, where that needs a second officer. `alone` as in
    `deciding.lock_awaiting`.

    Raises deciding.NotAllowed and deciding.NotVisible.
    """
    check_may(by, Act.TRIAGE)
    lock_officer(by)
    if needs_second(len(set(tipline_ids)), by, at):
        return propose(wish=wish, tipline_ids=tipline_ids, by=by, at=at)
    return carry_out(wish, tipline_ids, by, at, alone=alone)


@transaction.atomic
def send_after(
    *, wish: Wish, tipline_ids: Sequence[int], by: User, at: datetime
) -> tuple[Followed, Proposal | None]:
    """Send supplements after their parents. Where so many of them would end that it needs a second
    officer, those are proposed; what joins a case does not wait for it.

    Raises deciding.NotAllowed and deciding.NotVisible.
    """
    check_may(by, Act.TRIAGE)
    lock_officer(by)
    ending = ending_among(tipline_ids)
    if not needs_second(len(ending), by, at):
        return following.send_after(tipline_ids=tipline_ids, by=by, at=at), None
    proposal = propose(wish=wish, tipline_ids=ending, by=by, at=at)
    rest = sorted(set(tipline_ids) - set(ending))
    return following.send_after(tipline_ids=rest, by=by, at=at), proposal


@transaction.atomic
def propose(*, wish: Wish, tipline_ids: Sequence[int], by: User, at: datetime) -> Proposal:
    """Put it before a second officer. Raises deciding.NotAllowed and deciding.NotVisible."""
    check_may(by, Act.TRIAGE)
    chosen = set(tipline_ids)
    seen = Tipline.objects.visible_to(by).filter(pk__in=chosen)
    keys = list(seen.order_by("pk").values_list("pk", flat=True))
    if len(keys) < len(chosen):
        raise NotVisible(len(chosen) - len(keys))
    proposal = Proposal.objects.create(**vars(wish), by=by, at=at)
    ProposedTipline.objects.bulk_create(
        ProposedTipline(proposal=proposal, tipline_id=key) for key in keys
    )
    record(
        verb="proposal.made",
        subject=f"proposal:{proposal.pk}",
        actor=by,
        at=at,
        detail={"wanted": wish.wanted.value, "reason": wish.reason, "count": len(keys)},
    )
    return proposal


def carry_out(
    wish: Wish | Proposal,
    tipline_ids: Sequence[int],
    by: User,
    at: datetime,
    confirmed_by: User | None = None,
    *,
    alone: bool = False,
) -> Decided:
    """The decision of `by`, as it is made without a second officer as well."""
    match Proposal.Wanted(wish.wanted):
        case Proposal.Wanted.CLOSE:
            return deciding.close(
                tipline_ids=tipline_ids,
                reason=CloseReason(wish.reason),
                note=wish.note,
                by=by,
                at=at,
                alone=alone,
                confirmed_by=confirmed_by,
            )
        case Proposal.Wanted.TRANSFER:
            return ending.transfer(
                tipline_ids=tipline_ids,
                state_name=wish.state_name or None,
                note=wish.note,
                by=by,
                at=at,
                alone=alone,
                confirmed_by=confirmed_by,
            )
        case Proposal.Wanted.FOLLOW:
            done = following.send_after(
                tipline_ids=tipline_ids, by=by, at=at, confirmed_by=confirmed_by
            )
            return Decided(batch=done.batch, count=done.count, skipped=done.skipped + done.stayed)


@transaction.atomic
def withdraw(*, proposal_id: int, by: User, at: datetime) -> Proposal:
    """Take one's own proposal back.

    Raises deciding.NotAllowed, NoSuchProposal, NotOnesOwn and NotWaiting.
    """
    proposal = lock_waiting(proposal_id, by, at)
    if proposal.by_id != by.pk:
        raise NotOnesOwn
    settle(proposal, Proposal.Answer.WITHDRAWN, by, at)
    record(verb="proposal.withdrawn", subject=f"proposal:{proposal.pk}", actor=by, at=at)
    return proposal


# --- The second officer ---------------------------------------------------------------------------


@transaction.atomic
def confirm(*, proposal_id: int, by: User, at: datetime) -> Decided:
    """Decide what still awaits and `by` sees of it, as proposed; the rest is left as it is.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting, OnesOwn and ProposerGone.
    """
    proposal = lock_waiting(proposal_id, by, at)
    proposer = proposal.by
    if proposer.pk == by.pk:
        raise OnesOwn
    proposer.duty = duty_of(proposer, at=at)
    if not proposer.duty.may(Act.TRIAGE):
        raise ProposerGone
    seen = Tipline.objects.visible_to(proposer).filter(
        pk__in=proposal.entries.visible_to(by).values("tipline")
    )
    keys = list(seen.order_by("pk").values_list("pk", flat=True))
    decided = carry_out(proposal, keys, proposer, at, confirmed_by=by)
    proposal.batch = decided.batch
    settle(proposal, Proposal.Answer.CONFIRMED, by, at)
    record(
        verb="proposal.confirmed",
        subject=f"proposal:{proposal.pk}",
        actor=by,
        at=at,
        detail={
            "batch": str(decided.batch),
            "count": decided.count,
            "proposed_by": proposer.pk,
        },
    )
    return decided


@transaction.atomic
def refuse(*, proposal_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """Say no, and why. Nothing was changed and nothing is.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting, OnesOwn and ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    proposal = lock_waiting(proposal_id, by, at)
    if proposal.by_id == by.pk:
        raise OnesOwn
    proposal.answer_note = reason.strip()
    settle(proposal, Proposal.Answer.REFUSED, by, at)
    record(verb="proposal.refused", subject=f"proposal:{proposal.pk}", actor=by, at=at)
    return proposal


def lock_waiting(proposal_id: int, officer: User, now: datetime) -> Proposal:
    """The proposal, locked. Raises deciding.NotAllowed, NoSuchProposal and NotWaiting."""
    check_may(officer, Act.TRIAGE)
    found = Proposal.objects.visible_to(officer).filter(pk=proposal_id)
    proposal = found.select_related("by").select_for_update(of=("self",)).first()
    if proposal is None:
        raise NoSuchProposal
    if not proposal.is_waiting(at=now):
        raise NotWaiting
    return proposal


def settle(proposal: Proposal, answer: Proposal.Answer, by: User, at: datetime) -> None:
    proposal.answer, proposal.settled_by, proposal.settled_at = answer, by, at
    proposal.save(update_fields=["answer", "answer_note", "batch", "settled_by", "settled_at"])
