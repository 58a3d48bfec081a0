"""An operation is begun, gets its cohort of cases, and ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from accounts.roles import Act
from audit.services import record
from cases.lifecycle import OPEN, CaseStatus
from cases.models import Case
from operations.models import Operation, OperationCase
from operations.periods import midnight

if TYPE_CHECKING:
    from accounts.models import User
    from cases.models.case import CaseQuerySet

ROWS_A_STATEMENT = 2000


class NotASupervisor(Exception):
    """Only a supervisor of the unit runs operations."""


class OperationNotVisible(Exception):
    """There is no such operation for this officer."""


class NameTaken(Exception):
    """Another operation bears the name."""


class OperationOver(Exception):
    """The operation has ended: its cohort stays as it is."""


class NotBegun(Exception):
    """The operation begins later, so it cannot end now."""


class CohortChanged(Exception):
    """Between the preview and the act the matching cases changed; nothing was added."""

    def __init__(self, *, expected: int, present: int) -> None:
        super().__init__(f"{present} cases match, not {expected}")
        self.expected = expected
        self.present = present


@dataclass(frozen=True, kw_only=True)
class CohortFilter:
    """Which open cases are meant: of these districts, opened in these days, in these stages."""

    district_ids: frozenset[int]
    first_on: date | None = None
    last_on: date | None = None
    stages: frozenset[CaseStatus] = OPEN
    urgency_from: int = 0

    def matching(self, *, operation_id: int, officer: User) -> CaseQuerySet:
        """The cases it means that are not in the operation yet."""
        chosen = (
            Case.objects.visible_to(officer)
            .filter(
                district_id__in=self.district_ids,
                status__in=[stage.value for stage in self.stages & OPEN],
                urgency__gte=self.urgency_from,
            )
            .exclude(operation_entries__operation_id=operation_id)
        )
        if self.first_on is not None:
            chosen = chosen.filter(opened_at__gte=midnight(self.first_on))
        if self.last_on is not None:
            chosen = chosen.filter(opened_at__lt=midnight(self.last_on + timedelta(days=1)))
        return chosen


@transaction.atomic
def begin(
    *, name: str, purpose: str, from_at: datetime, until_at: datetime | None, by: User, at: datetime
) -> Operation:
    """Make an operation; its cohort is empty. Raises NameTaken and NotASupervisor."""
    check_may(by)
    try:
        with transaction.atomic():
            operation = Operation.objects.create(
                name=name,
                purpose=purpose,
                from_at=from_at,
                until_at=until_at,
                made_at=at,
                made_by=by,
            )
    except IntegrityError as error:
        if not Operation.objects.filter(name=name).exists():
            raise
        raise NameTaken from error
    record(verb="operation.begun", subject=f"operation:{operation.pk}", actor=by, at=at)
    return operation


@transaction.atomic
def add_matching(
    *, operation_id: int, cohort: CohortFilter, expected: int, by: User, at: datetime
) -> int:
    """Add every case that `cohort` means; `expected` is the number that the officer was shown.

    Raises CohortChanged if it is another number by now, OperationOver, OperationNotVisible and
    NotASupervisor.
    """
    operation = lock_running(operation_id=operation_id, by=by, at=at)
    matching = cohort.matching(operation_id=operation.pk, officer=by)
    case_ids = list(matching.order_by("pk").values_list("pk", flat=True))
    if len(case_ids) != expected:
        raise CohortChanged(expected=expected, present=len(case_ids))
    return add(operation, case_ids, by=by, at=at)


@transaction.atomic
def add_chosen(*, operation_id: int, case_ids: Iterable[int], by: User, at: datetime) -> int:
    """Add exactly these open cases.

    Raises CohortChanged if one of them is no longer open or already in it, OperationOver,
    OperationNotVisible and NotASupervisor.
    """
    operation = lock_running(operation_id=operation_id, by=by, at=at)
    wanted = set(case_ids)
    present = list(
        Case.objects.visible_to(by)
        .open()
        .filter(pk__in=wanted)
        .exclude(operation_entries__operation=operation)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if len(present) != len(wanted):
        raise CohortChanged(expected=len(wanted), present=len(present))
    return add(operation, present, by=by, at=at)


def add(operation: Operation, case_ids: list[int], *, by: User, at: datetime) -> int:
    OperationCase.objects.bulk_create(
        (
            OperationCase(operation=operation, case_id=case_id, added_at=at, added_by=by)
            for case_id in case_ids
        ),
        batch_size=ROWS_A_STATEMENT,
    )
    record(
        verb="operation.cases-added",
        subject=f"operation:{operation.pk}",
        actor=by,
        at=at,
        detail={"count": len(case_ids), "cases": case_ids},
    )
    return len(case_ids)


@transaction.atomic
def end(*, operation_id: int, by: User, at: datetime) -> Operation:
    """End a running operation at `at`. Raises NotBegun, and as `lock_running` does."""
    operation = lock_running(operation_id=operation_id, by=by, at=at)
    if at <= operation.from_at:
        raise NotBegun
    operation.until_at = at
    operation.save(update_fields=["until_at"])
    record(verb="operation.ended", subject=f"operation:{operation.pk}", actor=by, at=at)
    return operation


def lock_running(*, operation_id: int, by: User, at: datetime) -> Operation:
    """Lock the operation, so of two acts at once the second sees what the first left."""
    check_may(by)
    try:
        operation = Operation.objects.visible_to(by).select_for_update().get(pk=operation_id)
    except Operation.DoesNotExist as error:
        raise OperationNotVisible from error
    if operation.is_over(now=at):
        raise OperationOver
    return operation


def check_may(by: User) -> None:
    if not by.duty.may(Act.SUPERVISE):
        raise NotASupervisor
