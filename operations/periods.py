"""The period that a board looks at, in days of India: rules, without Django and without a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")


class Reach(StrEnum):
    DAY = "day"
    WEEK = "week"  # since Monday
    MONTH = "month"
    ALL = "all"
    CUSTOM = "custom"


class EmptyPeriod(Exception):
    """The last day is before the first, or a day is missing."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """From a moment (inclusive) to a moment (exclusive); None is an open end."""

    reach: Reach
    from_at: datetime | None = None
    until_at: datetime | None = None

    @property
    def first_on(self) -> date | None:
        return None if self.from_at is None else self.from_at.astimezone(IST).date()

    @property
    def last_on(self) -> date | None:
        """The last day that counts."""
        if self.until_at is None:
            return None
        return (self.until_at.astimezone(IST) - timedelta(microseconds=1)).date()


ALWAYS = Period(reach=Reach.ALL)


def midnight(day: date) -> datetime:
    """The first moment of a day in India."""
    return datetime.combine(day, time(), tzinfo=IST)


def period(
    reach: Reach, *, now: datetime, first_on: date | None = None, last_on: date | None = None
) -> Period:
    """The day, week or month in India that holds `now`, all time, or the days from one to another.

    Raises EmptyPeriod for a custom period without both days or with the last before the first.
    """
    today = now.astimezone(IST).date()
    match reach:
        case Reach.ALL:
            return ALWAYS
        case Reach.DAY:
            first, after = today, today + timedelta(days=1)
        case Reach.WEEK:
            first = today - timedelta(days=today.weekday())
            after = first + timedelta(days=7)
        case Reach.MONTH:
            first = today.replace(day=1)
            after = (first + timedelta(days=31)).replace(day=1)
        case Reach.CUSTOM:
            if first_on is None or last_on is None or last_on < first_on:
                raise EmptyPeriod
            first, after = first_on, last_on + timedelta(days=1)
    return Period(reach=reach, from_at=midnight(first), until_at=midnight(after))
