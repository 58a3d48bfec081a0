"""Who counts as a child, and who is protected: rule, without Django."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tiplines.parsing.records import PartyRole

INDIA = ZoneInfo("Asia/Kolkata")
ADULT_FROM = 18  # years; POCSO 2(1)(d), JJ Act 2(12)


def is_minor(*, age: int | None, date_of_birth: date | None, at: datetime) -> bool:
    """Whether somebody is stated to be under 18, or was by the date of birth on the day of `at`.

    The day is that in India. Where the two statements differ, the one that protects counts.
    """
    if age is not None and age < ADULT_FROM:
        return True
    return date_of_birth is not None and years_on(at, date_of_birth) < ADULT_FROM


def years_on(at: datetime, date_of_birth: date) -> int:
    """Full years on the day of `at` in India."""
    day = at.astimezone(INDIA).date()
    had_birthday = (day.month, day.day) >= (date_of_birth.month, date_of_birth.day)
    return day.year - date_of_birth.year - (not had_birthday)


def is_protected(
    *, role: PartyRole | str, age: int | None, date_of_birth: date | None, at: datetime
) -> bool:
    """A victim, or a child: nothing that names such a person is shown or kept in plain text."""
    return role == PartyRole.VICTIM or is_minor(age=age, date_of_birth=date_of_birth, at=at)
