"""The ends of a tipline that need no district: another State, closed, or back to the sender.

Set-based: one tipline or a thousand cost the same number of statements. Of two officers who decide
the same tipline at once, the second finds it no longer awaiting and is told its number.

Locks are taken in one order everywhere: cases by key, then tiplines by key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from accounts.models import User
from accounts.roles import Act
from audit.services import record_many
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason, Kind
from tiplines.models.tipline import Status
from tiplines.services.grounds import put_grounds

STATUS_AFTER = {
    Kind.ASSIGN: Status.HELD,
    Kind.TRANSFER: Status.TRANSFERRED,
    Kind.CLOSE: Status.CLOSED,
    Kind.SEND_BACK: Status.SENT_BACK,
}


class NotAllowed(PermissionDenied):
    """The officer's role does not carry the act; a page answers with 403."""

    def __init__(self, act: Act) -> None:
        super().__init__(f"the officer's role does not carry {act.value}")
        self.act = act


class NotVisible(Exception):
    """Some of the chosen tiplines do not exist for this officer. Nothing was decided."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} of the chosen tiplines do not exist for this officer")
        self.count = count


class NoteMissing(Exception):
    """A return to the sender has to say why."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What one act decided."""

    batch: UUID
    count: int
    skipped: tuple[str, ...] = ()
    """Numbers that were no longer awaiting a decision: another officer was first."""
    without_state: tuple[str, ...] = ()
    """Numbers left awaiting because no State is known for them."""
    without_place: tuple[str, ...] = ()
    """Numbers left awaiting because no station is sure for them."""
    escalated: tuple[str, ...] = ()
    """Numbers left awaiting because only a supervisor assigns what came back that often."""
    for_the_unit: tuple[str, ...] = ()
    """Numbers left awaiting because they are of an organised nexus, which the unit decides as one.
    """


def check_may(officer: User, act: Act) -> None:
    """Raise NotAllowed unless the officer's duty carries `act`."""
    if not officer.duty.may(act):
        raise NotAllowed(act)


@transaction.atomic
def transfer(
    *,
    tipline_ids: Sequence[int],
    state_name: str | None,
    by: User,
    at: datetime,
    note: str = "",
    alone: bool = False,
    confirmed_by: User | None = None,
) -> Decided:
    """Transfer to another State; with `state_name` None each to the State found for it.

    `alone` as in `lock_awaiting`. `confirmed_by` is the second officer where one was needed.
    Raises NotAllowed and NotVisible.
    """
    found = lock_awaiting(tipline_ids, by=by, alone=alone)
    named = [tip for tip in found.awaiting if state_name or tip.state_name]
    batch = decide(
        named,
        decision=lambda tip: Decision(
            kind=Kind.TRANSFER, state_name=state_name or tip.state_name, note=note
        ),
        by=by,
        at=at,
        confirmed_by=confirmed_by,
    )
    without_state = (tip.number for tip in found.awaiting if not (state_name or tip.state_name))
    return Decided(batch=batch, count=len(named), without_state=tuple(without_state), **found.left)


@transaction.atomic
def close(
    *,
    tipline_ids: Sequence[int],
    reason: CloseReason,
    by: User,
    at: datetime,
    note: str = "",
    alone: bool = False,
    confirmed_by: User | None = None,
) -> Decided:
    """Close with a reason; the rest as in `transfer`. Raises NotAllowed and NotVisible."""
    found = lock_awaiting(tipline_ids, by=by, alone=alone)
    batch = decide(
        found.awaiting,
        decision=lambda tip: Decision(kind=Kind.CLOSE, reason=reason, note=note),
        by=by,
        at=at,
        confirmed_by=confirmed_by,
    )
    return Decided(batch=batch, count=len(found.awaiting), **found.left)


@transaction.atomic
def send_back(
    *, tipline_ids: Sequence[int], by: User, at: datetime, note: str, alone: bool = False
) -> Decided:
    """Return to the sender; `alone` as in `lock_awaiting`.

    Raises NotAllowed, NotVisible, and NoteMissing if `note` is blank.
    """
    if not note.strip():
        raise NoteMissing
    found = lock_awaiting(tipline_ids, by=by, alone=alone)
    batch = decide(
        found.awaiting, decision=lambda tip: Decision(kind=Kind.SEND_BACK, note=note), by=by, at=at
    )
    return Decided(batch=batch, count=len(found.awaiting), **found.left)


@dataclass(frozen=True, kw_only=True)
class Locked:
    """Of the chosen tiplines those that can be decided, locked, and what is left of the others."""

    awaiting: list[Tipline]
    left: dict[str, tuple[str, ...]]
    """Numbers of the others, by their names in `Decided`."""


def lock_awaiting(tipline_ids: Sequence[int], *, by: User, alone: bool = False) -> Locked:
    """Lock the tiplines and tell apart those that await a decision. What is of an organised nexus
    stays for the unit, unless the act is about it `alone`, said in so many words.

    Raises NotAllowed and NotVisible. Held until the transaction ends.
    """
    check_may(by, Act.TRIAGE)
    chosen = set(tipline_ids)
    locked = list(
        Tipline.objects.visible_to(by)
        .filter(pk__in=chosen)
        .only(
            *("number", "status", "state_name", "suspect_line", "urgency", "restricted_case"),
            *("return_count", "gazetteer_version", "for_the_unit", "organised_in"),
        )
        .order_by("pk")
        .select_for_update()
    )
    if len(locked) < len(chosen):
        raise NotVisible(len(chosen) - len(locked))
    awaiting = [tip for tip in locked if tip.status == Status.AWAITING]
    stays = {tip.pk for tip in awaiting if tip.for_the_unit and not alone}
    return Locked(
        awaiting=[tip for tip in awaiting if tip.pk not in stays],
        left={
            "skipped": tuple(tip.number for tip in locked if tip.status != Status.AWAITING),
            "for_the_unit": tuple(tip.number for tip in awaiting if tip.pk in stays),
        },
    )


def decide(
    tiplines: Sequence[Tipline],
    *,
    decision: Callable[[Tipline], Decision],
    by: User,
    at: datetime,
    batch: UUID | None = None,
    confirmed_by: User | None = None,
    fixed: Collection[int] = (),
) -> UUID:
    """Write a decision for each locked tipline, all of one kind, and return their batch: a new one,
    or that of the act they are part of.

    The decision is that of `by`; the event names who acts now, a second officer too. `fixed` as in
    `grounds.put_grounds`.
    """
    batch = batch or uuid4()
    decisions = [decision(tip) for tip in tiplines]
    if not decisions:
        return batch
    for tip, made in zip(tiplines, decisions, strict=True):
        made.tipline_id, made.by, made.at, made.batch = tip.pk, by, at, batch
        made.knew_nexus = tip.organised_in is not None
    put_grounds(decisions, at=at, fixed=fixed)
    Decision.objects.bulk_create(decisions)
    first = decisions[0]
    kind = Kind(first.kind)
    own = Decision.objects.filter(tipline=OuterRef("pk"), batch=batch, undone_at__isnull=True)
    Tipline.objects.filter(pk__in=[tip.pk for tip in tiplines]).update(
        status=STATUS_AFTER[kind],
        status_at=at,
        holder_district=Subquery(own.values("district")),
        holder_station=Subquery(own.values("registering_station")),
        news_at=None,
    )
    record_many(
        verb=f"tipline.{VERBS[kind]}",
        subjects=[f"tipline:{tip.number}" for tip in tiplines],
        actor=confirmed_by or by,
        at=at,
        detail={"batch": str(batch)}
        | ({"reason": first.reason} if first.reason else {})
        | ({"proposed_by": by.pk} if confirmed_by else {}),
    )
    return batch


VERBS = {
    Kind.ASSIGN: "assigned",
    Kind.TRANSFER: "transferred",
    Kind.CLOSE: "closed",
    Kind.SEND_BACK: "sent-back",
}


def put_back(
    tipline_ids: set[int],
    *,
    verb: str,
    by: User | None,
    at: datetime,
    decided_in: UUID | None = None,
    came_back: str | None = None,
    is_return: bool = False,
) -> int:
    """End the standing decisions of these tiplines, so that they await a new one; return how many.

    `by` is None where new content ended them and no officer did.
    Only decisions of the batch `decided_in`, if given. `came_back` tells the queue why; None leaves
    what an earlier return said. `is_return` where its holder gave it back: that is counted.
    """
    locked = {
        tip.pk: tip.number
        for tip in Tipline.objects.filter(pk__in=tipline_ids)
        .only("number")
        .order_by("pk")
        .select_for_update()
    }
    # Read after the lock: another officer may have undone some of them meanwhile.
    standing = Decision.objects.filter(tipline__in=locked, undone_at__isnull=True)
    if decided_in is not None:
        standing = standing.filter(batch=decided_in)
    freed = set(standing.values_list("tipline_id", flat=True))
    standing.update(undone_at=at, undone_by=by)
    changed: dict[str, Any] = {} if came_back is None else {"came_back": came_back}
    if is_return:
        changed["return_count"] = F("return_count") + 1
    Tipline.objects.filter(pk__in=freed).update(
        status=Status.AWAITING,
        status_at=at,
        holder_district=None,
        holder_station=None,
        **changed,
    )
    record_many(
        verb=verb,
        subjects=[f"tipline:{locked[pk]}" for pk in sorted(freed)],
        actor=by,
        at=at,
        detail={"batch": str(decided_in)} if decided_in else {},
    )
    return len(freed)
