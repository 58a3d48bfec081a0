"""What a figure is, and how its number and its list of rows come from one place.

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

from django.db.models import BigIntegerField, Count, F, Min, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, TruncDate
from django.utils.translation import gettext_lazy as _

from cases.models import Arrest, Case, CaseTipline, Fir, HandOff, Letter
from operations.models import OperationCase
from operations.periods import ALWAYS, IST, Period, Reach, midnight, period
from tiplines.models import Dispatch, QuarantineItem, Tipline

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
