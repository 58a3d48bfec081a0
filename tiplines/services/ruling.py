"""Rules about whose a tipline is are changed by two supervisors: one proposes, the workers try them
on past tiplines, another confirms.

What is decided keeps its decision. What still awaits one is located again by the workers, who find
by themselves that it was located by other rules (`placing.mark_stale`).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.models import User
from accounts.roles import Act
from accounts.services.duties import duty_of
from audit.services import record
from districts.gazetteer import present_version
from districts.rules import Rules
from tiplines import nudges
from tiplines.models import RuleSet
from tiplines.models.ruling import Proposed, ProposedQuerySet
from tiplines.services.deciding import check_may
from tiplines.services.rulebook import present_rules, rules_of


class NoSuchProposal(Exception):
    """There are no such rules for this officer."""


class AnotherWaits(Exception):
    """One proposal at a time: what is tried is compared with the rules in force."""


class NothingChanged(Exception):
    """The proposed rules are those in force."""


class NeverInForce(Exception):
    """Only rules that were in force can be brought back."""


class NotWaiting(Exception):
    """It was settled by another officer first."""


class NotTried(Exception):
    """The workers are not through with it, or the gazetteer has changed since: they try again."""


class OnesOwn(Exception):
    """Nobody is the second officer to oneself."""


class NotOnesOwn(Exception):
    """Only who proposed withdraws."""


class ProposerGone(Exception):
    """Who proposed supervises no more, so that one officer alone would stand for it."""


class ReasonMissing(Exception):
    """A change, and a refusal, say why."""


@transaction.atomic
def propose(
    *, rules: Rules, why: str, period_from: datetime, by: User, at: datetime, back_to: int | None
) -> RuleSet:
    """Put rules before a second supervisor; the workers try them on what came in since
    `period_from`. `back_to` is the number of the earlier rules that these are again.

    Raises deciding.NotAllowed, ReasonMissing, NothingChanged and AnotherWaits.
    """
    check_may(by, Act.SUPERVISE)
    if not why.strip():
        raise ReasonMissing
    present = present_rules()
    if rules.as_data() == present.as_data():
        raise NothingChanged
    newest = RuleSet.objects.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            made = RuleSet.objects.create(
                number=newest + 1,
                content=rules.as_data(),
                why=why.strip(),
                back_to=back_to,
                by=by,
                at=at,
                period_from=period_from,
                period_until=at,
                base_number=present.number,
            )
    except IntegrityError as error:
        raise AnotherWaits from error
    record(
        verb="rules.proposed",
        subject=f"rules:{made.number}",
        actor=by,
        at=at,
        detail={"base": present.number} | ({} if back_to is None else {"back_to": back_to}),
    )
    transaction.on_commit(partial(nudges.send, nudges.TRY_RULES))
    return made


@transaction.atomic
def roll_back(*, number: int, why: str, period_from: datetime, by: User, at: datetime) -> RuleSet:
    """Propose the content of earlier rules again; 0 stands for those of the start.

    Raises what `propose` raises, and NeverInForce.
    """
    check_may(by, Act.SUPERVISE)
    was_in_force = RuleSet.objects.filter(number=number, from_at__isnull=False)
    if number and not was_in_force.exists():
        raise NeverInForce
    return propose(
        rules=rules_of(number), why=why, period_from=period_from, by=by, at=at, back_to=number
    )


@transaction.atomic
def confirm(*, number: int, by: User, at: datetime) -> RuleSet:
    """Put proposed rules in force in the place of the present ones, from now on.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting, OnesOwn, ProposerGone and NotTried.
    """
    proposed = lock_waiting(RuleSet, number, by)
    check_second(proposed, by, at)
    if (
        proposed.replayed_at is None
        or proposed.base_number != present_rules().number
        or proposed.gazetteer_version != present_version().number
    ):
        raise NotTried
    RuleSet.objects.in_force().update(until_at=at)
    proposed.from_at = at
    settle(proposed, RuleSet.Answer.CONFIRMED, by, at, also="from_at")
    record(
        verb="rules.confirmed",
        subject=f"rules:{number}",
        actor=by,
        at=at,
        detail={
            "proposed_by": proposed.by_id,
            "instead_of": proposed.base_number,
            "moves": proposed.moves.count(),
            "of": proposed.total,
        },
    )
    transaction.on_commit(partial(nudges.send, nudges.LOCATE_AGAIN))
    return proposed


@transaction.atomic
def refuse(*, number: int, reason: str, by: User, at: datetime) -> RuleSet:
    """Say no, and why. Nothing was changed and nothing is.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting, OnesOwn and ReasonMissing.
    """
    proposed = refused(RuleSet, number, reason=reason, by=by, at=at)
    record(verb="rules.refused", subject=f"rules:{number}", actor=by, at=at)
    return proposed


@transaction.atomic
def withdraw(*, number: int, by: User, at: datetime) -> RuleSet:
    """Take one's own proposal back.

    Raises deciding.NotAllowed, NoSuchProposal, NotWaiting and NotOnesOwn.
    """
    proposed = withdrawn(RuleSet, number, by=by, at=at)
    record(verb="rules.withdrawn", subject=f"rules:{number}", actor=by, at=at)
    return proposed


_Proposed = TypeVar("_Proposed", bound=Proposed)


def lock_waiting(kind: type[_Proposed], number: int, officer: User) -> _Proposed:
    """What is proposed, locked: a batch of its trial is through first.

    Raises deciding.NotAllowed, NoSuchProposal and NotWaiting.
    """
    check_may(officer, Act.SUPERVISE)
    rows: ProposedQuerySet[_Proposed] = kind._default_manager.all()  # type: ignore[assignment]
    found = rows.visible_to(officer).filter(number=number)
    proposed = found.select_related("by").select_for_update(of=("self",)).first()
    if proposed is None:
        raise NoSuchProposal
    if not proposed.is_waiting:
        raise NotWaiting
    return proposed


def check_second(proposed: Proposed, by: User, at: datetime) -> None:
    """Whether two supervisors stand for it. Raises OnesOwn and ProposerGone."""
    if proposed.by_id == by.pk:
        raise OnesOwn
    proposer = proposed.by
    proposer.duty = duty_of(proposer, at=at)
    if not proposer.duty.may(Act.SUPERVISE):
        raise ProposerGone


def refused(
    kind: type[_Proposed], number: int, *, reason: str, by: User, at: datetime
) -> _Proposed:
    """Another supervisor's no to what is proposed, with the reason; its event is the caller's.

    Raises what `lock_waiting` raises, OnesOwn and ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    proposed = lock_waiting(kind, number, by)
    if proposed.by_id == by.pk:
        raise OnesOwn
    proposed.answer_note = reason.strip()
    settle(proposed, Proposed.Answer.REFUSED, by, at)
    return proposed


def withdrawn(kind: type[_Proposed], number: int, *, by: User, at: datetime) -> _Proposed:
    """One's own proposal taken back; its event is the caller's.

    Raises what `lock_waiting` raises, and NotOnesOwn.
    """
    proposed = lock_waiting(kind, number, by)
    if proposed.by_id != by.pk:
        raise NotOnesOwn
    settle(proposed, Proposed.Answer.WITHDRAWN, by, at)
    return proposed


def settle(
    proposed: Proposed, answer: Proposed.Answer, by: User, at: datetime, *, also: str = "answer"
) -> None:
    proposed.answer, proposed.settled_by, proposed.settled_at = answer, by, at
    proposed.save(update_fields=["answer", "answer_note", "settled_by", "settled_at", also])
