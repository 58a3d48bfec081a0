"""Tiplines become cases of a district or station; and the way back until they are taken up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from accounts.roles import Act
from audit.services import record_each, record_many
from cases.lifecycle import CaseStatus
from cases.models import Case, CaseTipline, HandOff
from cases.services import lettering
from cases.services.restricting import carry_over
from districts.models import District, PoliceStation
from tiplines.models import Candidate, Decision, Tipline
from tiplines.models.decision import Kind
from tiplines.services.deciding import (
    Decided,
    Locked,
    check_may,
    decide,
    lock_awaiting,
    put_back,
)
from tiplines.services.rulebook import present_rules

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
    alone: bool = False,
) -> Decided:
    """Open a case for each tipline with a district, or with one of its stations.

    The case goes to the station that registers: the named one, or the cyber station where the
    district registers there and the tipline has not come back. With neither the district names the
    station. The acknowledgement clock starts at `at`.
    What is escalated stays in the queue unless `by` is a supervisor; `alone` as in
    `deciding.lock_awaiting`.
    Raises deciding.NotAllowed, deciding.NotVisible and StationNotInDistrict.
    """
    check_may(by, Act.TRIAGE)
    district = District.objects.get(pk=district_id)
    station = None if station_id is None else station_of(station_id, district_id=district.pk)
    found = lock_awaiting(tipline_ids, by=by, alone=alone)
    places = {tip.pk: (district, station) for tip in found.awaiting}
    return _open(found, places, by=by, at=at, note=note)


@transaction.atomic
def assign_each(
    *, tipline_ids: Sequence[int], by: User, at: datetime, note: str = "", alone: bool = False
) -> Decided:
    """The same, with the station that was found for each; what is not sure stays in the queue.

    Raises deciding.NotAllowed and deciding.NotVisible.
    """
    check_may(by, Act.TRIAGE)
    found = lock_awaiting(tipline_ids, by=by, alone=alone)
    keys = [tip.pk for tip in found.awaiting]
    sure = Tipline.objects.filter(pk__in=keys).sure_of_station(present_rules().assign_from)
    places = {
        tip.pk: (tip.best_station.district, tip.best_station)
        for tip in sure.select_related("best_station__district")
        if tip.best_station is not None
    }
    return _open(found, places, by=by, at=at, note=note, each_found=True)


_Places = Mapping[int, tuple[District, PoliceStation | None]]


def _open(
    found: Locked,
    places: _Places,
    *,
    by: User,
    at: datetime,
    note: str,
    each_found: bool = False,
) -> Decided:
    """Decide the locked tiplines that have a place, and open their cases there."""
    awaiting = [tip for tip in found.awaiting if tip.pk in places and may_assign(tip, by)]
    decisions = {
        tip.pk: Decision(
            kind=Kind.ASSIGN, district=places[tip.pk][0], station=places[tip.pk][1], note=note
        )
        for tip in awaiting
    }
    fixed = {tip.pk for tip in awaiting if not follows_setting(tip)}
    batch = decide(awaiting, decision=lambda tip: decisions[tip.pk], by=by, at=at, fixed=fixed)
    cases = Case.objects.bulk_create(
        Case(
            district=places[tip.pk][0],
            station_id=decisions[tip.pk].registering_station_id,
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
    kinds = evidence_of(awaiting, {key: district.pk for key, (district, _) in places.items()})
    HandOff.objects.bulk_create(
        HandOff(
            case=case,
            district=case.district,
            station_id=case.station_id,
            at=at,
            by=by,
            gazetteer_version=tip.gazetteer_version,
            evidence=kinds.get(tip.pk, []),
        )
        for case, tip in zip(cases, awaiting, strict=True)
    )
    carry_over(list(zip(awaiting, cases, strict=True)), at=at)
    _record_opened(cases, batch=batch, each_found=each_found, by=by, at=at)
    return Decided(
        batch=batch,
        count=len(awaiting),
        escalated=tuple(tip.number for tip in found.awaiting if not may_assign(tip, by)),
        without_place=tuple(tip.number for tip in found.awaiting if tip.pk not in places),
        **found.left,
    )


def _record_opened(
    cases: Sequence[Case], *, batch: UUID, each_found: bool, by: User, at: datetime
) -> None:
    """With the station that holds each case, which may be another than the one that was chosen."""
    codes = dict(
        PoliceStation.objects.filter(
            pk__in={case.station_id for case in cases if case.station_id}
        ).values_list("pk", "code")
    )
    record_each(
        verb="case.opened",
        details=[
            (
                f"case:{case.pk}",
                {
                    "batch": str(batch),
                    "district": case.district.code,
                    "station": codes.get(case.station_id or 0, ""),
                    **({"each": "found"} if each_found else {}),
                },
            )
            for case in cases
        ],
        actor=by,
        at=at,
    )


def evidence_of(tiplines: Sequence[Tipline], districts: Mapping[int, int]) -> dict[int, list[str]]:
    """By which kinds of evidence the placing named the district of each tipline, where it did.

    Kept with the hand-off: a later placing of the tipline writes other candidates.
    """
    found: dict[int, set[str]] = {}
    named = Candidate.objects.filter(tipline__in=tiplines)
    for tipline_id, district_id, reasons in named.values_list("tipline", "district", "reasons"):
        if district_id != districts[tipline_id]:
            continue
        kinds = {each.get("evidence") or "" for each in reasons}
        found.setdefault(tipline_id, set()).update(kinds - {""})
    return {key: sorted(kinds) for key, kinds in found.items()}


def may_assign(tipline: Tipline, officer: User) -> bool:
    """Whether the officer gives it to a district or station: an escalated one only a supervisor."""
    return not tipline.is_escalated or officer.duty.may(Act.SUPERVISE)


def follows_setting(tipline: Tipline) -> bool:
    """Whether the district's setting says which station registers. A holder who gave it back knows
    better: then the station that is named stands.
    """
    return not tipline.return_count


def station_of(station_id: int, *, district_id: int) -> PoliceStation:
    """The station, which must be of the district. Raises StationNotInDistrict."""
    try:
        return PoliceStation.objects.get(pk=station_id, district_id=district_id)
    except PoliceStation.DoesNotExist as error:
        raise StationNotInDistrict from error


@transaction.atomic
def undo(*, batch: UUID, by: User, at: datetime) -> int:
    """Put the tiplines of one act back into the queue and return how many.

    Those whose case was acknowledged or passed on to a station stay where they are, and so does a
    supplement that was sent after its parent, once the holder has taken note of it. With a report
    its supplements come back out of its case. Letters of the act are withdrawn; what another State
    or the sender acknowledged stays theirs. Raises CannotUndo when that leaves none, after
    UNDO_WITHIN, or for another officer's act unless `by` is a supervisor; and deciding.NotAllowed.
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
    freed, followers = withdraw_cases(standing.filter(kind=Kind.ASSIGN), by=by, at=at)
    ended = set(standing.exclude(kind=Kind.ASSIGN).values_list("tipline_id", flat=True))
    if ended:
        ended -= lettering.withdraw(batch=batch, by=by, at=at)
    if followers:
        if not by.duty.may(Act.SUPERVISE) and _joined_by_others(followers, by):
            raise CannotUndo(WhyNot.ANOTHER_OFFICER)
        lock_in_order(freed | followers | ended)
    verb = "tipline.decision-undone"
    count = put_back(freed | ended, decided_in=batch, verb=verb, by=by, at=at)
    if not count:
        raise CannotUndo(WhyNot.NOTHING_LEFT)
    if followers:
        put_back(followers, verb=verb, by=by, at=at)
    return count


def _joined_by_others(tipline_ids: set[int], officer: User) -> bool:
    """Whether another officer put some of these into the case that goes: what is no supplement has
    a decision of its own.
    """
    own = Decision.objects.filter(tipline__in=tipline_ids, undone_at__isnull=True)
    return own.filter(tipline__parent__isnull=True).exclude(by=officer).exists()


def lock_in_order(tipline_ids: set[int]) -> None:
    """Lock tiplines by key, for two acts on them that follow."""
    chosen = Tipline.objects.filter(pk__in=tipline_ids).order_by("pk").select_for_update()
    list(chosen.values_list("pk", flat=True))


def withdraw_cases(
    standing: QuerySet[Decision], *, by: User, at: datetime
) -> tuple[set[int], set[int]]:
    """Take the tiplines of these decisions out of cases that nobody took up.

    A case goes with the tipline that opened it. Return the tiplines set free, and the supplements
    that had been sent after them and are set free as well.
    """
    meant = CaseTipline.objects.filter(tipline__in=standing.values("tipline"), left_at__isnull=True)
    locked = set(
        Case.objects.filter(pk__in=meant.values("case"))
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    )
    untouched = untouched_of(locked)
    openers = openers_of(locked)
    # Read after the lock: meanwhile a case may have come back and its tipline gone elsewhere by
    # another decision, which this undo does not touch.
    freed: dict[int, int] = {}
    emptied: set[int] = set()
    for entry in meant.filter(case__in=locked):
        opener = openers[entry.case_id]
        is_opener = opener.pk == entry.pk
        # What joined a case that is taken up by now, and its holder has not taken note of.
        is_unseen = entry.seen_at is None and entry.added_at > opener.added_at
        if entry.case_id in untouched or is_unseen:
            freed[entry.pk] = entry.tipline_id
            if is_opener:
                emptied.add(entry.case_id)
    left = CaseTipline.objects.filter(case__in=emptied, left_at__isnull=True).exclude(pk__in=freed)
    followers = dict(left.values_list("pk", "tipline_id"))
    CaseTipline.objects.filter(pk__in=[*freed, *followers]).update(left_at=at)
    Case.objects.filter(pk__in=emptied).update(status=CaseStatus.WITHDRAWN.value, status_at=at)
    record_many(
        verb="case.withdrawn",
        subjects=[f"case:{case_id}" for case_id in sorted(emptied)],
        actor=by,
        at=at,
    )
    return set(freed.values()), set(followers.values())


def untouched_of(locked: set[int]) -> set[int]:
    """Those of the locked cases that nobody took up. A district that passed a case on has taken it
    up, though the station has yet to acknowledge.
    """
    waiting = Case.objects.filter(pk__in=locked, status=CaseStatus.HANDED_OVER)
    taken_up = HandOff.objects.filter(
        Q(acknowledged_at__isnull=False) | Q(at__gt=F("case__opened_at")), case__in=locked
    )
    return set(waiting.values_list("pk", flat=True)) - set(
        taken_up.values_list("case_id", flat=True)
    )


def openers_of(locked: set[int]) -> dict[int, CaseTipline]:
    """The entry by which each case was opened: its first."""
    entries = CaseTipline.objects.filter(case__in=locked).order_by("case", "pk")
    return {entry.case_id: entry for entry in entries.distinct("case")}
