"""A supplement goes where its parent went: into the same case, or to the same end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from accounts.roles import Act
from audit.services import record_many
from cases.models import Case, CaseTipline
from cases.services import lettering
from cases.services.assigning import may_assign
from tiplines.models import Decision, Tipline
from tiplines.models.decision import Kind
from tiplines.models.tipline import Status
from tiplines.services.deciding import NotVisible, check_may, decide


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What one act sent after its parents."""

    batch: UUID
    count: int
    skipped: tuple[str, ...] = ()
    """Numbers that no longer awaited a decision: another officer was first."""
    stayed: tuple[str, ...] = ()
    """Numbers left awaiting: no supplement, the parent itself awaits or has just moved, it is
    escalated and would join a case, which only a supervisor decides, or it is of an organised nexus
    and would end.
    """


@transaction.atomic
def send_after(
    *, tipline_ids: Sequence[int], by: User, at: datetime, confirmed_by: User | None = None
) -> Followed:
    """Decide supplements as their parents were decided; those in a case join it.

    Cases are locked first, then tiplines, as everywhere. `confirmed_by` is the second officer where
    one was needed. Raises deciding.NotAllowed and deciding.NotVisible.
    """
    check_may(by, Act.TRIAGE)
    chosen = set(tipline_ids)
    tied = Tipline.objects.filter(pk__in=chosen, parent__isnull=False)
    parents = {pk for pk in tied.values_list("parent", flat=True) if pk is not None}
    cases = lock_cases(parents)
    locked = {
        tip.pk: tip
        for tip in Tipline.objects.visible_to(by)
        .filter(pk__in=chosen | parents)
        .only(*("number", "status", "parent", "return_count", "for_the_unit", "organised_in"))
        .order_by("pk")
        .select_for_update()
    }
    if unknown := chosen - locked.keys():
        raise NotVisible(len(unknown))
    standing = {
        decision.tipline_id: decision
        for decision in Decision.objects.filter(tipline__in=parents, undone_at__isnull=True)
    }
    ways: dict[Way, list[Tipline]] = defaultdict(list)
    skipped, stayed = [], []
    for key in sorted(chosen):
        tip = locked[key]
        way = way_of(standing.get(tip.parent_id or 0), cases.get(tip.parent_id or 0))
        if tip.status != Status.AWAITING:
            skipped.append(tip.number)
        elif way is None or not _may_go(tip, way, by):
            stayed.append(tip.number)
        else:
            ways[way].append(tip)
    batch = uuid4()
    for way, tiplines in ways.items():
        follow(way, tiplines, batch=batch, by=by, at=at, confirmed_by=confirmed_by)
    lettering.write(batch=batch, by=by, at=at, confirmed_by=confirmed_by)
    join_cases(
        [
            (tip, cases[tip.parent_id])
            for way, tips in ways.items()
            if way.kind == Kind.ASSIGN
            for tip in tips
            if tip.parent_id is not None
        ],
        batch=batch,
        by=confirmed_by or by,
        at=at,
        verb="case.supplemented",
    )
    return Followed(
        batch=batch,
        count=sum(map(len, ways.values())),
        skipped=tuple(skipped),
        stayed=tuple(stayed),
    )


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a parent was decided, as its supplement will be: the fields of a Decision."""

    kind: Kind
    reason: str = ""
    state_name: str = ""
    district_id: int | None = None
    station_id: int | None = None
    note: str = ""


def _may_go(tipline: Tipline, way: Way, officer: User) -> bool:
    if way.kind == Kind.ASSIGN:
        return may_assign(tipline, officer)
    return not tipline.for_the_unit


def way_of(decision: Decision | None, case: Case | None) -> Way | None:
    """The way of a parent's standing decision; None while there is none to follow.

    One in a case is followed to where the case is now: it may have been passed to a station.
    """
    if decision is None:
        return None
    if decision.kind != Kind.ASSIGN:
        return Way(
            kind=Kind(decision.kind),
            reason=decision.reason,
            state_name=decision.state_name,
            note=decision.note,
        )
    if case is None:
        return None
    return Way(kind=Kind.ASSIGN, district_id=case.district_id, station_id=case.station_id)


def lock_cases(parents: set[int]) -> dict[int, Case]:
    """The case that each of these tiplines is in, locked; read again under the lock."""
    entries = CaseTipline.objects.filter(tipline__in=parents, left_at__isnull=True)
    keys = Case.objects.filter(pk__in=entries.values("case")).order_by("pk").select_for_update()
    cases = {case.pk: case for case in keys}
    present = entries.filter(case__in=cases).values_list("tipline_id", "case_id")
    return {tipline_id: cases[case_id] for tipline_id, case_id in present}


def follow(
    way: Way,
    tiplines: Sequence[Tipline],
    *,
    batch: UUID | None,
    by: User,
    at: datetime,
    confirmed_by: User | None,
) -> UUID:
    """Decide them that way; return their batch, a new one without `batch`."""
    return decide(
        tiplines,
        decision=lambda tip: Decision(**asdict(way)),
        by=by,
        at=at,
        batch=batch,
        confirmed_by=confirmed_by,
        fixed={tip.pk for tip in tiplines},  # held where the case is that they join
    )


def join_cases(
    pairs: Sequence[tuple[Tipline, Case]], *, batch: UUID, by: User, at: datetime, verb: str
) -> None:
    """Put decided tiplines into cases; `verb` is what the record says. Holders are told, if they
    have the case already.
    """
    CaseTipline.objects.bulk_create(
        CaseTipline(case=case, tipline=tip, added_at=at) for tip, case in pairs
    )
    later = [tip.pk for tip, case in pairs if case.opened_at < at]
    Tipline.objects.filter(pk__in=later).update(news_at=at)
    for case in {case.pk: case for _tip, case in pairs if case.is_restricted}.values():
        joined = [tip.pk for tip, into in pairs if into.pk == case.pk]
        Tipline.objects.filter(pk__in=joined).update(restricted_case=case)
    record_many(
        verb=verb,
        subjects=[f"case:{case.pk}" for _tip, case in pairs],
        actor=by,
        at=at,
        detail={"batch": str(batch)},
    )
