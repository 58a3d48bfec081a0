"""What officers say of tiplines, values and nexuses. It stands until somebody ends it, and every
grouping from then on is made by it; the workers take it up at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q

from accounts.models import User
from accounts.roles import Act
from audit.services import record
from nexus.kinds import KINDS, Kind
from nexus.models import (
    OF_TIPLINES,
    Folded,
    Judged,
    Judgement,
    Membership,
    Nexus,
    Tier,
    Verdict,
)
from nexus.services.linking import JUDGING_LOCK, FrozenMeanwhileError, make_due
from nexus.services.standing import with_joined
from tiplines import nudges
from tiplines.models import Identifier, Sighting, Tipline
from tiplines.services.deciding import check_may

GROWN_BY = (
    0.2  # of the members on the day of the judgement, from which one of UNTIL_GROWN holds no more
)
UNTIL_GROWN = (Verdict.DISMISSED, Verdict.RELEASED)
TRUSTED_AT_MOST = KINDS[Kind.TRUSTED].holders_at_most
AT_ONCE_AT_MOST = 5_000
"""Tiplines that a judgement about a value makes due; where more hold it, the next full run follows
it."""


class ContradictsError(Exception):
    """Another judgement that stands says otherwise; `judgement` is that one, None where the
    tiplines are about one account.
    """

    def __init__(self, judgement: Judgement | None) -> None:
        super().__init__(judgement)
        self.judgement = judgement


class AlreadyJudgedError(Exception):
    """That is said already, or the opposite."""


class NothingToJudgeError(Exception):
    """Too few tiplines, one that stands on both sides, a nexus that has ended, or one that nothing
    is to be released of.
    """


class TooManyHoldersError(Exception):
    """More hold the value than one may that ties all of them."""


class FrozenError(Exception):
    """A nexus is frozen: nothing joins or leaves it."""


@transaction.atomic
def put_together(
    tiplines: Collection[Tipline], *, nexus: Nexus | None, reason: str, by: User, at: datetime
) -> Judgement:
    """They belong together whatever the evidence says.

    Raises NotAllowed, NothingToJudgeError, FrozenError and ContradictsError.
    """
    _begin(by)
    if len(tiplines) < 2:
        raise NothingToJudgeError
    _refuse_frozen(tiplines)
    whole = _whole({each.pk for each in tiplines})
    for judgement, (one, other) in _sides().items():
        if whole & one and whole & other:
            raise ContradictsError(Judgement.objects.get(pk=judgement))
    return _judge(Verdict.TOGETHER, (tiplines, ()), nexus=nexus, reason=reason, by=by, at=at)


@transaction.atomic
def put_apart(
    one: Collection[Tipline],
    other: Collection[Tipline],
    *,
    nexus: Nexus | None,
    reason: str,
    by: User,
    at: datetime,
) -> Judgement:
    """None of the one side belongs with any of the other.

    Raises NotAllowed, NothingToJudgeError, FrozenError and ContradictsError.
    """
    _begin(by)
    left, right = ({each.pk for each in side} for side in (one, other))
    if not left or not right or left & right:
        raise NothingToJudgeError
    _refuse_frozen([*one, *other])
    if _whole(left, by_account=True) & _whole(right, by_account=True):
        raise ContradictsError(None)
    if both := _whole(left) & _whole(right):
        said = Judgement.objects.standing().filter(
            verdict=Verdict.TOGETHER, judged__tipline__in=both
        )
        raise ContradictsError(said.order_by("pk").first())
    return _judge(Verdict.APART, (one, other), nexus=nexus, reason=reason, by=by, at=at)


@transaction.atomic
def judge_value(
    identifier: Identifier,
    verdict: Verdict,
    *,
    nexus: Nexus | None,
    reason: str,
    by: User,
    at: datetime,
) -> Judgement:
    """It ties nobody, or all who hold it.

    Raises NotAllowed, AlreadyJudgedError and TooManyHoldersError.
    """
    _begin(by)
    if verdict == Verdict.ALWAYS and len(_holders(identifier.pk)) > TRUSTED_AT_MOST:
        raise TooManyHoldersError
    try:
        with transaction.atomic():  # one that the officer does not see may stand
            return _judge(
                verdict, ((), ()), nexus=nexus, identifier=identifier, reason=reason, by=by, at=at
            )
    except IntegrityError:
        raise AlreadyJudgedError from None


@transaction.atomic
def judge_nexus(
    nexus: Nexus, verdict: Verdict, *, reason: str, by: User, at: datetime
) -> Judgement:
    """Dismissed, it is shown no more until it has grown; frozen, nothing joins or leaves it;
    released, its tiplines are decided one by one until it has grown.

    Raises NotAllowed, NothingToJudgeError and AlreadyJudgedError.
    """
    _begin(by)
    present = Nexus.objects.get(pk=nexus.pk)
    if present.ended_at or (verdict == Verdict.RELEASED and present.tier != Tier.ALERT):
        raise NothingToJudgeError
    if nexus.judgements.standing().filter(verdict=verdict).exists():
        raise AlreadyJudgedError
    members = Tipline.objects.filter(
        pk__in=Membership.objects.filter(nexus=nexus, until=None).values("tipline")
    )
    return _judge(verdict, (members.only("pk"), ()), nexus=nexus, reason=reason, by=by, at=at)


@transaction.atomic
def end_judgement(judgement_id: int, *, reason: str, by: User, at: datetime) -> Judgement:
    """It holds no longer.

    Raises NotAllowed, and AlreadyJudgedError where it has been ended.
    """
    _begin(by)
    judgement = Judgement.objects.select_for_update().get(pk=judgement_id)
    if judgement.ended_at:
        raise AlreadyJudgedError
    judgement.ended_at, judgement.ended_by, judgement.ended_reason = at, by, reason
    judgement.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    record(
        verb="nexus.judgement-ended",
        subject=f"judgement:{judgement.pk}",
        actor=by,
        at=at,
        detail=_detail(judgement),
    )
    _take_up(judgement)
    return judgement


def check_frozen(frozen: list[int]) -> None:
    """Nobody judges from here to the end of the transaction.

    Raises FrozenMeanwhileError where other nexuses are frozen by now.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s)", [JUDGING_LOCK])
    now = Judgement.objects.standing().filter(verdict=Verdict.FROZEN)
    if set(now.values_list("nexus_id", flat=True)) != set(frozen):
        raise FrozenMeanwhileError


def reopen_grown(*, at: datetime) -> None:
    """Of nexuses that have grown by more than a fifth, what was said of fewer tiplines holds no
    longer: dismissed ones are shown again, the unit decides again about released ones.
    """
    since = Q(nexus__memberships__since__gte=F("at"))
    now = Q(nexus__memberships__until=None)
    grown = (
        Judgement.objects.standing()
        .filter(verdict__in=UNTIL_GROWN)
        .annotate(
            new=Count("nexus__memberships", filter=now & since),
            then=Count(
                "nexus__memberships",
                filter=~since & (now | Q(nexus__memberships__until__gt=F("at"))),
            ),
        )
        .filter(new__gt=GROWN_BY * F("then"))
    )
    for judgement, new in [(each, getattr(each, "new", 0)) for each in grown]:
        judgement.ended_at = at
        judgement.save(update_fields=["ended_at"])
        record(
            verb="nexus.reopened",
            subject=f"judgement:{judgement.pk}",
            actor=None,
            at=at,
            detail={**_detail(judgement), "new": new},
        )


def _begin(by: User) -> None:
    """One judgement at a time, so that no two contradict each other unseen."""
    check_may(by, Act.TRIAGE)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [JUDGING_LOCK])


def _judge(
    verdict: Verdict,
    sides: tuple[Iterable[Tipline], Iterable[Tipline]],
    *,
    nexus: Nexus | None,
    reason: str,
    by: User,
    at: datetime,
    identifier: Identifier | None = None,
) -> Judgement:
    of = [(side, each.pk) for side, tiplines in enumerate(sides) for each in tiplines]
    judgement = Judgement.objects.create(
        verdict=verdict,
        nexus=nexus,
        identifier=identifier,
        tiplines=len(of),
        reason=reason,
        by=by,
        at=at,
    )
    Judged.objects.bulk_create(
        Judged(judgement=judgement, tipline_id=pk, side=side) for side, pk in of
    )
    record(
        verb="nexus.judged",
        subject=f"judgement:{judgement.pk}",
        actor=by,
        at=at,
        detail=_detail(judgement),
    )
    _take_up(judgement)
    return judgement


def _detail(judgement: Judgement) -> dict[str, Any]:
    return {
        "verdict": judgement.verdict,
        "nexus": judgement.nexus_id,
        "identifier": judgement.identifier_id,
        "tiplines": judgement.tiplines,
    }


def _take_up(judgement: Judgement) -> None:
    """What it is about becomes due; the workers group it anew by what stands now."""
    if judgement.verdict in OF_TIPLINES or judgement.verdict == Verdict.FROZEN:
        keys = set(judgement.judged.values_list("tipline_id", flat=True))
    elif judgement.identifier_id:
        keys = _holders(judgement.identifier_id)
    else:
        transaction.on_commit(lambda: nudges.send(nudges.ALERT))
        return
    if len(keys) > AT_ONCE_AT_MOST:
        transaction.on_commit(lambda: nudges.send(nudges.REGROUP))
        return
    make_due(keys)
    transaction.on_commit(lambda: nudges.send(nudges.LINK))


def _holders(identifier: int) -> set[int]:
    """Tiplines that name it, a file by any of its hashes; one more than are made due at once."""
    rows = Sighting.objects.filter(identifier__in=with_joined({identifier}), links=True)
    found = rows.order_by("tipline_id").distinct().values_list("tipline_id", flat=True)
    return set(found[: AT_ONCE_AT_MOST + 1])


def _refuse_frozen(tiplines: Iterable[Tipline]) -> None:
    frozen = Judgement.objects.standing().filter(verdict=Verdict.FROZEN)
    members = Membership.objects.filter(
        tipline__in=[each.pk for each in tiplines], until=None, nexus__in=frozen.values("nexus")
    )
    if members.exists():
        raise FrozenError


def _whole(keys: set[int], *, by_account: bool = False) -> set[int]:
    """These tiplines with all of their accounts, and all whom officers put together with them."""
    whole: set[int] = set()
    wider = set(keys)
    while wider != whole:
        whole = wider
        accounts = Folded.objects.filter(Q(tipline__in=whole) | Q(account__in=whole))
        same = Folded.objects.filter(account__in=accounts.values("account"))
        if by_account:
            return whole | set(same.values_list("tipline_id", flat=True))
        said = Judgement.objects.standing().filter(
            verdict=Verdict.TOGETHER, judged__tipline__in=whole
        )
        judged = Judged.objects.filter(judgement__in=said)
        wider = whole | set(same.values_list("tipline_id", flat=True))
        wider |= set(judged.values_list("tipline_id", flat=True))
    return whole


def _sides() -> dict[int, tuple[set[int], set[int]]]:
    """Both sides of each judgement that puts tiplines apart."""
    found: dict[int, tuple[set[int], set[int]]] = {}
    rows = Judged.objects.filter(judgement__verdict=Verdict.APART, judgement__ended_at=None)
    for judgement, tipline, side in rows.values_list("judgement_id", "tipline_id", "side"):
        found.setdefault(judgement, (set(), set()))[side].add(tipline)
    return found
