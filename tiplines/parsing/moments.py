"""Moments, days and ages as senders write them. A missing zone or order of days stays missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

from tiplines.parsing.records import Moment

UTC_NAMES = ("UTC", "GMT")
# Zones that a sender may state beside a value. IST is read so only where the sender is an Indian
# office, as with covering lists: elsewhere the letters mean other zones too.
STATED_ZONES = {
    "UTC": UTC,
    "GMT": UTC,
    "IST": timezone(timedelta(hours=5, minutes=30)),
}
CLOCK_FORMATS = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")


def moment(
    text: str, *, stated_zone: str | None = None, is_day_first: bool | None = None
) -> Moment:
    """Return a moment as written and, only where a zone is stated, in UTC.

    `stated_zone` is a key of STATED_ZONES when the sender states it beside the value, as in the
    header of a column; `is_day_first` is what `day_order` found. Read are ISO 8601, NCMEC's printed
    `MM-DD-YYYY HH:MM:SS UTC`, and days that can be read in one way only: `05/06/2025` stays unread
    unless the order is given, `25/06/2025` does not. Two zones that disagree are none.
    """
    original = text.strip()
    bare, zone = original, None
    for name in UTC_NAMES:
        if bare.upper().endswith(name):
            bare, zone = bare[: -len(name)].rstrip(" ("), name
    if bare.endswith(")"):
        head, _, inner = bare[:-1].rpartition("(")
        if inner.strip().upper() in UTC_NAMES:
            bare, zone = head.rstrip(), inner.strip().upper()
    if zone is not None and is_day_first is None and bare.count("-") == 2:
        is_day_first = False  # as NCMEC prints it
    parsed = _iso(bare) or _written_by_hand(bare, is_day_first=is_day_first)
    if parsed is None:
        return Moment(original=original, utc=None, zone=zone or stated_zone)
    if zone and parsed.utcoffset():
        return Moment(original=original, utc=None, zone=None)
    zone = zone or stated_zone
    if parsed.tzinfo is not None:
        zone = "Z" if bare[-1:] in "Zz" else _offset_as_written(bare)
    # A day without a clock time is no moment, even where the zone is known.
    elif zone is None or len(bare) <= len("2025-01-01"):
        return Moment(original=original, utc=None, zone=zone)
    else:
        parsed = parsed.replace(tzinfo=STATED_ZONES[zone])
    try:
        return Moment(original=original, utc=parsed.astimezone(UTC), zone=zone)
    except OverflowError:
        return Moment(original=original, utc=None, zone=zone)


def day_order(texts: Iterable[str]) -> bool | None:
    """Return whether the days of one column stand day first; False is month first, None unclear.

    One day over twelve tells it for its column; two that disagree tell nothing.
    """
    orders: set[bool] = set()
    for text in texts:
        numbers = _day_numbers(text.strip().partition(" ")[0])
        if numbers and (numbers[0] > 12) is not (numbers[1] > 12):
            orders.add(numbers[0] > 12)
    return orders.pop() if len(orders) == 1 else None


def _iso(text: str) -> datetime | None:
    """Read ISO 8601. Digits alone are none: seconds since 1970 would be read as a day of 1701."""
    if text.isdecimal():
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _offset_as_written(text: str) -> str:
    at = max(text.rfind("+"), text.rfind("-"))
    return text[at:]


def _day_numbers(text: str) -> tuple[int, int, int] | None:
    """Return the numbers of `25/06/2025` in the order written."""
    separator = next((c for c in "-/." if text.count(c) == 2), "")
    parts = text.split(separator) if separator else []
    if len(parts) != 3 or len(parts[2]) != 4 or max(map(len, parts)) > 4:
        return None
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    first, second, year = map(int, parts)
    return first, second, year


def _written_by_hand(text: str, *, is_day_first: bool | None) -> datetime | None:
    """Read `MM-DD-YYYY` or `DD/MM/YYYY` with or without a time; None if it could be either."""
    day_text, _, clock_text = text.partition(" ")
    numbers = _day_numbers(day_text)
    if numbers is None:
        return None
    first, second, year = numbers
    if first > 12 or first == second:
        is_day_first = True
    elif second > 12:
        is_day_first = False
    elif is_day_first is None:
        return None
    day, month = (first, second) if is_day_first else (second, first)
    try:
        found = datetime(year, month, day)  # noqa: DTZ001 - the zone is settled by the caller
    except ValueError:
        return None
    if not clock_text.strip():
        return found
    for form in CLOCK_FORMATS:
        try:
            clock = datetime.strptime(clock_text.strip().upper(), form)  # noqa: DTZ007 - as above
        except ValueError:
            continue
        return datetime.combine(found, clock.time())
    return None


def day(text: str) -> date | None:
    """Return a calendar day written in ISO 8601 (a zone or time behind it is left); else None."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


_AGE = re.compile(
    r"(?:(?:about|around|approx\.?|approximately|~) ?)?([0-9]{1,3})(?: ?(?:-|–|to) ?[0-9]{1,3})?"
    r"(?: ?(?:y|yo|yr|yrs|year|years|वर्ष|साल)\.?)?(?: old)?",
    re.IGNORECASE,
)


def age(text: str) -> int | None:
    """Return whole years between 0 and 150, else None.

    Of a range the lower end, because whoever may be a child is treated as one.
    """
    written = _AGE.fullmatch(" ".join(text.split()))
    if written is None or int(written[1]) > 150:
        return None
    return int(written[1])
