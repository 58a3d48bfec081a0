"""Every figure of the board, defined once: number and list of rows come from one place.

A figure is a model, a condition, the moment that places a row in a period, and the way to the
district. `Figure.rows` gives the rows; `count` gives the numbers of many figures, by district, in
one statement, so that all of them hold at the same instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, TruncDate
from django.utils.translation import gettext_lazy as _

from cases.clocks import ACCEPTANCE, ACKNOWLEDGEMENT, LETTER
from cases.lifecycle import OPEN, CaseStatus
from cases.models import Arrest, Case, CaseTipline, Fir, HandOff, Letter, LetterEntry
from cases.models.fir import FirKind
from cases.models.letter import UNANSWERED
from operations.models import OperationCase
from operations.periods import ALWAYS, IST, Period, Reach, midnight, period
from tiplines.models import Dispatch, QuarantineItem, Tipline
from tiplines.models.tipline import ESCALATED_FROM, URGENT_FROM, Outcome, Status

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from accounts.models import User

TREND_DAYS = 14


class Unit(Enum):
    """What a figure counts; a number without it could be misread."""

    TIPLINES = _("tiplines")
    CASES = _("cases")
    FIRS = _("FIRs")
    ARRESTS = _("arrests")
    ITEMS = _("items")
    DISPATCHES = _("dispatches")
    LETTERS = _("letters")


class Span(Enum):
    """Which rows count by their moment."""

    PERIOD = "period"  # those of the period that is looked at
    MONTH = "month"  # those of this month, whatever the period
    NOW = "now"  # all that stand so now, whatever the period


@dataclass(frozen=True, kw_only=True)
class Scope:
    """For whom, when, and of what part the figures are taken."""

    officer: User
    now: datetime
    period: Period = ALWAYS
    district_id: int | None = None
    operation_id: int | None = None
    """Only the cohort of this operation, `period` then being the operation's own."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    key: str
    label: StrPromise
    meaning: StrPromise
    """One sentence: what exactly is counted, and by which moment."""
    unit: Unit
    model: type[Model]
    where: Callable[[datetime], Q]
    """The condition at a moment."""
    moment: str
    span: Span
    district: str = ""
    """The way to the district's key; empty for what belongs to no district."""
    case: str = ""
    """The way to the case's key; empty for what belongs to no case."""
    cohort_span: Span = Span.NOW
    """As `span`, on the board of an operation."""
    oldest_first: bool = False
    short: StrPromise | str = ""
    """The label at the head of a narrow column, where its neighbours explain it."""

    @property
    def column(self) -> StrPromise | str:
        return self.short or self.label

    def within(self, scope: Scope) -> Period:
        span = self.span if scope.operation_id is None else self.cohort_span
        match span:
            case Span.PERIOD:
                return scope.period
            case Span.MONTH:
                return period(Reach.MONTH, now=scope.now)
            case Span.NOW:
                return ALWAYS

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Exactly the rows behind the number, in no order."""
        chosen: QuerySet[Any] = VISIBLE[self.model](scope.officer).filter(self.where(scope.now))
        within = self.within(scope)
        if within.from_at is not None:
            chosen = chosen.filter(**{f"{self.moment}__gte": within.from_at})
        if within.until_at is not None:
            chosen = chosen.filter(**{f"{self.moment}__lt": within.until_at})
        if scope.operation_id is not None:
            chosen = chosen.filter(self.in_cohort(scope.operation_id))
        if scope.district_id is not None:
            chosen = (
                chosen.filter(**{self.district: scope.district_id})
                if self.district
                else chosen.none()
            )
        return chosen

    def in_cohort(self, operation_id: int) -> Q:
        cohort = OperationCase.objects.filter(operation_id=operation_id).values("case_id")
        if self.model is Tipline:
            entries = CaseTipline.objects.filter(left_at__isnull=True, case_id__in=cohort)
            return Q(pk__in=entries.values("tipline_id"))
        return Q(**{f"{self.case}__in": cohort})

    def by_district(self, scope: Scope) -> QuerySet[Any, Any]:
        """Rows of (key, district, number, earliest moment)."""
        district = F(self.district) if self.district else Value(None)
        grouped: QuerySet[Any, Any] = (
            self.rows(scope)
            .order_by()
            .annotate(figure_key=Value(self.key), district_key=Cast(district, BigIntegerField()))
            .values_list("figure_key", "district_key")
            .annotate(row_count=Count("*"), earliest_at=Min(self.moment))
        )
        return grouped

    @property
    def order(self) -> tuple[str, str]:
        """Ends on the key; the list pages by it."""
        return (self.moment, "pk") if self.oldest_first else (f"-{self.moment}", "-pk")


def hand_offs_visible_to(officer: User) -> QuerySet[HandOff]:
    return HandOff.objects.filter(case__in=Case.objects.visible_to(officer))


VISIBLE: Mapping[type[Model], Callable[[User], QuerySet[Any]]] = {
    Tipline: lambda officer: Tipline.objects.visible_to(officer),
    Case: lambda officer: Case.objects.visible_to(officer),
    HandOff: hand_offs_visible_to,
    Fir: lambda officer: Fir.objects.visible_to(officer),
    Arrest: lambda officer: Arrest.objects.visible_to(officer),
    QuarantineItem: lambda officer: QuarantineItem.objects.visible_to(officer),
    Dispatch: lambda officer: Dispatch.objects.visible_to(officer),
    Letter: lambda officer: Letter.objects.visible_to(officer),
}


def always(condition: Q) -> Callable[[datetime], Q]:
    return lambda now: condition


# Waiting for the holder, and waiting too long.
NOT_ACKNOWLEDGED = Q(status=CaseStatus.HANDED_OVER.value)
ACKNOWLEDGED = Q(
    # Only the hand-off to the present holder: a case passed on is counted once.
    at=F("case__handed_over_at"),
    acknowledged_at__isnull=False,
    returned_at__isnull=True,
    case__status__in=[
        *(CaseStatus.ACKNOWLEDGED.value, CaseStatus.UNDER_ENQUIRY.value),
        CaseStatus.REGISTERED.value,
    ],
)
ACCEPTED = Q(
    at=F("case__handed_over_at"),
    accepted_at__isnull=False,
    returned_at__isnull=True,
    case__status__in=[CaseStatus.UNDER_ENQUIRY.value, CaseStatus.REGISTERED.value],
)
OPEN_CASES = Q(status__in=[status.value for status in sorted(OPEN)])
AWAITING = Q(status=Status.AWAITING.value)

RECEIVED = Figure(
    key="received",
    label=_("Received"),
    meaning=_("Tiplines by the moment they reached the unit. By district: the likeliest one."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(Q()),
    moment="received_at",
    span=Span.PERIOD,
    district="best_district_id",
)
LOCATED = Figure(
    key="located",
    label=_("Located in Delhi"),
    meaning=_("Tiplines that point to Delhi, by the moment they reached the unit."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(Q(outcome=Outcome.DELHI.value)),
    moment="received_at",
    span=Span.PERIOD,
    district="best_district_id",
)
ASSIGNED = Figure(
    key="assigned",
    label=_("With a district"),
    short=_("Assigned"),
    meaning=_("Tiplines that a district or station holds now, by the moment of assignment."),
    unit=Unit.TIPLINES,
    model=Tipline,
    # The same rows as status "held", by the constraint `tipline_held_has_a_holder`; only this form
    # is counted from an index alone.
    where=always(Q(holder_district__isnull=False)),
    moment="status_at",
    span=Span.PERIOD,
    district="holder_district_id",
)
CASES = Figure(
    key="cases",
    label=_("Cases"),
    meaning=_("Cases opened with a district and neither returned nor withdrawn, by their opening."),
    unit=Unit.CASES,
    model=Case,
    where=always(OPEN_CASES),
    moment="opened_at",
    span=Span.PERIOD,
    district="district_id",
    case="pk",
)
TAKEN_UP = Figure(
    key="acknowledged",
    label=_("Acknowledged"),
    meaning=_("Cases that the present holder has acknowledged, by the moment of acknowledgement."),
    unit=Unit.CASES,
    model=HandOff,
    where=always(ACKNOWLEDGED),
    moment="acknowledged_at",
    span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)
THEIRS = Figure(
    key="accepted",
    label=_("Accepted"),
    meaning=_("Cases that the present holder has accepted as its own, by that moment."),
    unit=Unit.CASES,
    model=HandOff,
    where=always(ACCEPTED),
    moment="accepted_at",
    span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)
FIR = Figure(
    key="fir",
    label=_("FIR"),
    meaning=_("FIRs by the moment of registration. Zero FIRs are apart, so none counts twice."),
    unit=Unit.FIRS,
    model=Fir,
    where=always(Q(kind=FirKind.REGULAR.value)),
    moment="registered_at",
    span=Span.PERIOD,
    cohort_span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)
ARREST = Figure(
    key="arrest",
    label=_("Arrest"),
    meaning=_("Persons arrested, by the moment of arrest."),
    unit=Unit.ARRESTS,
    model=Arrest,
    where=always(Q()),
    moment="arrested_at",
    span=Span.PERIOD,
    cohort_span=Span.PERIOD,
    district="accused__fir__case__district_id",
    case="accused__fir__case_id",
)
LATE = Figure(
    key="late",
    label=_("Acknowledgement overdue"),
    short=_("Late"),
    meaning=_("Cases not acknowledged within 24 hours of the hand-over, the oldest first."),
    unit=Unit.CASES,
    model=Case,
    where=lambda now: NOT_ACKNOWLEDGED & Q(handed_over_at__lt=now - ACKNOWLEDGEMENT.limit),
    moment="handed_over_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
UNDECIDED = Figure(
    key="not-accepted",
    label=_("Acceptance overdue"),
    meaning=_("Cases acknowledged, but neither accepted nor returned within 3 days."),
    unit=Unit.CASES,
    model=Case,
    where=lambda now: Q(status=CaseStatus.ACKNOWLEDGED.value, status_at__lt=now - ACCEPTANCE.limit),
    moment="status_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
OPEN_NOW = Figure(
    key="open",
    label=_("Open cases"),
    meaning=_("All cases that a district or station works on now, the oldest first."),
    unit=Unit.CASES,
    model=Case,
    where=always(OPEN_CASES),
    moment="opened_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
ZERO_FIR = Figure(
    key="zero-fir",
    label=_("Zero FIR"),
    meaning=_("Zero FIRs by the moment of registration; not in the count of FIRs."),
    unit=Unit.FIRS,
    model=Fir,
    where=always(Q(kind=FirKind.ZERO.value)),
    moment="registered_at",
    span=Span.PERIOD,
    cohort_span=Span.PERIOD,
    district="case__district_id",
    case="case_id",
)


def ended(*, key: str, label: StrPromise, status: Status) -> Figure:
    return Figure(
        key=key,
        label=label,
        meaning=_("Tiplines that ended so, by the moment of the decision."),
        unit=Unit.TIPLINES,
        model=Tipline,
        where=always(Q(status=status.value)),
        moment="status_at",
        span=Span.PERIOD,
    )


TRANSFERRED = ended(
    key="transferred", label=_("Transferred to another State"), status=Status.TRANSFERRED
)
CLOSED = ended(key="closed", label=_("Closed"), status=Status.CLOSED)
SENT_BACK = ended(key="sent-back", label=_("Returned to the sender"), status=Status.SENT_BACK)
WAITING = Figure(
    key="awaiting",
    label=_("Awaiting decision"),
    meaning=_("Tiplines in the queue now, the oldest first. By district: the likeliest one."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(AWAITING),
    moment="received_at",
    span=Span.NOW,
    district="best_district_id",
    oldest_first=True,
)
QUARANTINED = Figure(
    key="quarantined",
    label=_("In quarantine"),
    meaning=_("What arrived and could not be read, and is not settled yet."),
    unit=Unit.ITEMS,
    model=QuarantineItem,
    where=always(Q(settled_at__isnull=True)),
    moment="at",
    span=Span.NOW,
    oldest_first=True,
)
URGENT_WAITING = Figure(
    key="urgent-awaiting",
    label=_("Urgent, awaiting decision"),
    meaning=_("Urgent tiplines in the queue now, the oldest first."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(AWAITING & Q(urgency__gte=URGENT_FROM)),
    moment="received_at",
    span=Span.NOW,
    district="best_district_id",
    oldest_first=True,
)
ESCALATED = Figure(
    key="escalated",
    label=_("Came back twice"),
    meaning=_("Tiplines in the queue that were returned twice or more: a supervisor assigns them."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=always(AWAITING & Q(return_count__gte=ESCALATED_FROM)),
    moment="status_at",
    span=Span.NOW,
    district="best_district_id",
    oldest_first=True,
)
TELLS_WHAT_STANDS = Q(
    Exists(LetterEntry.objects.filter(letter=OuterRef("pk"), decision__undone_at__isnull=True))
)
UNANSWERED_LETTERS = Figure(
    key="letters-overdue",
    label=_("Letters overdue"),
    meaning=_("Letters to other States and senders not acknowledged within 15 days, oldest first."),
    unit=Unit.LETTERS,
    model=Letter,
    where=lambda now: Q(UNANSWERED, TELLS_WHAT_STANDS, asked_at__lt=now - LETTER.limit),
    moment="asked_at",
    span=Span.NOW,
    oldest_first=True,
)
URGENT_CASES = Figure(
    key="urgent-not-acknowledged",
    label=_("Urgent, not acknowledged"),
    meaning=_("Urgent cases that the holder has not acknowledged, whether late or not."),
    unit=Unit.CASES,
    model=Case,
    where=always(NOT_ACKNOWLEDGED & Q(urgency__gte=URGENT_FROM)),
    moment="handed_over_at",
    span=Span.NOW,
    district="district_id",
    case="pk",
    oldest_first=True,
)
EXPIRED = Figure(
    key="expired",
    label=_("Expired at the provider this month"),
    meaning=_("Tiplines still awaiting decision whose data the provider need no longer keep."),
    unit=Unit.TIPLINES,
    model=Tipline,
    where=lambda now: AWAITING & Q(preserved_until__lt=now),
    moment="preserved_until",
    span=Span.MONTH,
    district="best_district_id",
)
INTAKE = Figure(
    key="intake",
    label=_("Dispatches being read"),
    meaning=_("Dispatches with a report that is not yet read, assessed, located and linked."),
    unit=Unit.DISPATCHES,
    model=Dispatch,
    where=always(Q(finished_at__isnull=True)),
    moment="received_at",
    span=Span.NOW,
    oldest_first=True,
)

FUNNEL = (RECEIVED, LOCATED, ASSIGNED, CASES, TAKEN_UP, THEIRS, FIR, ARREST)
SIDES = (TRANSFERRED, CLOSED, SENT_BACK, ZERO_FIR)
WORK = (
    *(WAITING, URGENT_WAITING, ESCALATED, URGENT_CASES, LATE, UNDECIDED, UNANSWERED_LETTERS),
    *(INTAKE, QUARANTINED, EXPIRED),
)
DISTRICT_COLUMNS = (ASSIGNED, CASES, TAKEN_UP, LATE, FIR, ARREST)
BOARD = (*FUNNEL, *SIDES, *WORK, OPEN_NOW)
COHORT = (ASSIGNED, CASES, TAKEN_UP, THEIRS, LATE, FIR, ZERO_FIR, ARREST)

FIGURES: dict[str, Figure] = {figure.key: figure for figure in BOARD}


@dataclass
class Counted:
    """A figure's number, split by district where it belongs to one."""

    total: int = 0
    by_district: dict[int, int] = field(default_factory=dict)
    earliest_at: datetime | None = None
    """Of all its rows, the earliest moment."""
    earliest_by_district: dict[int, datetime] = field(default_factory=dict)

    def of(self, district_id: int) -> int:
        return self.by_district.get(district_id, 0)


def count(wanted: Iterable[Figure], scope: Scope) -> dict[str, Counted]:
    """The numbers of several figures by district: one statement, so one instant."""
    wanted = list(wanted)
    counted = {figure.key: Counted() for figure in wanted}
    first, *others = [figure.by_district(scope) for figure in wanted]
    for key, district_id, number, earliest_at in first.union(*others, all=True):
        figure = counted[key]
        figure.total += number
        if earliest_at is not None:
            figure.earliest_at = min(figure.earliest_at or earliest_at, earliest_at)
        if district_id is not None:
            figure.by_district[district_id] = number
            figure.earliest_by_district[district_id] = earliest_at
    return counted


def trend(figure: Figure, scope: Scope) -> dict[int, list[int]]:
    """Its number on each of the last TREND_DAYS days, by district, the oldest day first."""
    today = scope.now.astimezone(IST).date()
    first_on = today - timedelta(days=TREND_DAYS - 1)
    days = Period(
        reach=Reach.CUSTOM, from_at=midnight(first_on), until_at=midnight(today + timedelta(days=1))
    )
    rows = (
        figure.rows(
            Scope(
                officer=scope.officer, now=scope.now, period=days, operation_id=scope.operation_id
            )
        )
        .order_by()
        .annotate(day=TruncDate(figure.moment, tzinfo=IST), district_key=F(figure.district))
        .values_list("district_key", "day")
        .annotate(row_count=Count("*"))
    )
    found: dict[int, list[int]] = {}
    district_id: int | None
    day: date
    for district_id, day, number in rows:
        if district_id is not None:
            found.setdefault(district_id, [0] * TREND_DAYS)[(day - first_on).days] = number
    return found
