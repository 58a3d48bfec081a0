"""Tiplines become cases of a district or station; and the way back until they are taken up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Act
from audit.services import record_many
from cases.lifecycle import CaseStatus
from cases.models import Case, CaseTipline, HandOff
from districts.models import District, PoliceStation
from tiplines.models import Decision, Tipline
from tiplines.models.decision import Kind
from tiplines.models.tipline import Status
from tiplines.services.deciding import Decided, check_may, decide, lock_awaiting

UNDO_WITHIN = timedelta(hours=24)  # of the decision; later it needs a new decision, with its reason


class StationNotInDistrict(Exception):
    """The station belongs to another district than the one named with it."""


class WhyNot(StrEnum):
    """Why a decision cannot be undone."""

    TOO_LATE = "too-late"
    ANOTHER_OFFICER = "another-officer"
    NOTHING_LEFT = "nothing-left"  # undone already, returned, or taken up by the holder


class CannotUndo(Exception):
    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


@transaction.atomic
def assign(
    *,
    tipline_ids: Sequence[int],
    district_id: int,
    station_id: int | None = None,
    by: User,
    at: datetime,
    note: str = "",
) -> Decided:
    """Open a case for each tipline with a district, or with one of its stations.

    With `station_id` None the district names the station. The acknowledgement clock starts at `at`.
    Raises deciding.NotAllowed, deciding.NotVisible and StationNotInDistrict.
    """
    check_may(by, Act.TRIAGE)
    district = District.objects.get(pk=district_id)
    station = None if station_id is None else station_of(station_id, district_id=district.pk)
    awaiting, skipped = lock_awaiting(tipline_ids, by=by)
    batch = decide(
        awaiting,
        decision=lambda tip: Decision(
            kind=Kind.ASSIGN, district=district, station=station, note=note
        ),
        by=by,
        at=at,
    )
    cases = Case.objects.bulk_create(
        Case(
            district=district,
            station=station,
            status=CaseStatus.HANDED_OVER.value,
            status_at=at,
            opened_at=at,
            opened_by=by,
            handed_over_at=at,
            headline=tip.suspect_line,
            urgency=tip.urgency,
        )
        for tip in awaiting
    )
    CaseTipline.objects.bulk_create(
        CaseTipline(case=case, tipline=tip, added_at=at)
        for case, tip in zip(cases, awaiting, strict=True)
    )
    HandOff.objects.bulk_create(
        HandOff(case=case, district=district, station=station, at=at, by=by) for case in cases
    )
    record_many(
        verb="case.opened",
        subjects=[f"case:{case.pk}" for case in cases],
        actor=by,
        at=at,
        detail={
            "batch": str(batch),
            "district": district.code,
            "station": station.code if station else "",
        },
    )
    return Decided(batch=batch, count=len(awaiting), skipped=skipped)


def station_of(station_id: int, *, district_id: int) -> PoliceStation:
    """The station, which must be of the district. Raises StationNotInDistrict."""
    try:
        return PoliceStation.objects.get(pk=station_id, district_id=district_id)
    except PoliceStation.DoesNotExist as error:
        raise StationNotInDistrict from error


@transaction.atomic
def undo(*, batch: UUID, by: User, at: datetime) -> int:
    """Put the tiplines of one act back into the queue and return how many.

    Those whose case was acknowledged or passed on to a station stay where they are. Raises
    CannotUndo when that leaves none, after UNDO_WITHIN, or for another officer's act unless `by`
    is a supervisor; and deciding.NotAllowed.
    """
    check_may(by, Act.TRIAGE)
    standing = Decision.objects.filter(batch=batch, undone_at__isnull=True)
    first = standing.order_by("pk").first()
    if first is None:
        raise CannotUndo(WhyNot.NOTHING_LEFT)
    if first.by_id != by.pk and not by.duty.may(Act.SUPERVISE):
        raise CannotUndo(WhyNot.ANOTHER_OFFICER)
    if at - first.at > UNDO_WITHIN:
        raise CannotUndo(WhyNot.TOO_LATE)
    chosen = set(standing.values_list("tipline_id", flat=True))
    if first.kind == Kind.ASSIGN:
        chosen = withdraw_cases(chosen, by=by, at=at)
    count = put_back(chosen, decided_in=batch, verb="tipline.decision-undone", by=by, at=at)
    if not count:
        raise CannotUndo(WhyNot.NOTHING_LEFT)
    return count


def withdraw_cases(tipline_ids: set[int], *, by: User, at: datetime) -> set[int]:
    """Withdraw the cases of these tiplines that nobody took up; return the tiplines set free."""
    entries = CaseTipline.objects.filter(tipline__in=tipline_ids, left_at__isnull=True)
    locked = set(
        Case.objects.filter(pk__in=entries.values("case"), status=CaseStatus.HANDED_OVER)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    )
    # A district that passed a case on has taken it up, though the station has yet to acknowledge.
    taken_up = HandOff.objects.filter(
        Q(acknowledged_at__isnull=False) | Q(at__gt=F("case__opened_at")), case__in=locked
    )
    locked -= set(taken_up.values_list("case_id", flat=True))
    freed = set(entries.filter(case__in=locked).values_list("tipline_id", flat=True))
    entries.filter(case__in=locked).update(left_at=at)
    still_full = CaseTipline.objects.filter(case__in=locked, left_at__isnull=True)
    emptied = locked - set(still_full.values_list("case_id", flat=True))
    Case.objects.filter(pk__in=emptied).update(status=CaseStatus.WITHDRAWN.value, status_at=at)
    record_many(
        verb="case.withdrawn",
        subjects=[f"case:{case_id}" for case_id in sorted(emptied)],
        actor=by,
        at=at,
    )
    return freed


def put_back(
    tipline_ids: set[int],
    *,
    verb: str,
    by: User,
    at: datetime,
    decided_in: UUID | None = None,
    came_back: str | None = None,
) -> int:
    """End the standing decisions of these tiplines, so that they await a new one; return how many.

    Only decisions of the batch `decided_in`, if given. `came_back` tells the queue why; None leaves
    what an earlier return said.
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
    changed = {} if came_back is None else {"came_back": came_back}
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
