"""Periods are days of India, whatever the clock of the server says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from operations.periods import EmptyPeriod, Reach, period


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("reach", "now", "from_at", "until_at"),
    [
        pytest.param(
            Reach.DAY,
            "2026-11-12T06:30",
            "2026-11-11T18:30",
            "2026-11-12T18:30",
            id="noon in India",
        ),
        pytest.param(
            Reach.DAY, "2026-11-12T18:29", "2026-11-11T18:30", "2026-11-12T18:30", id="last minute"
        ),
        pytest.param(
            Reach.DAY, "2026-11-12T18:30", "2026-11-12T18:30", "2026-11-13T18:30", id="next day"
        ),
        pytest.param(
            Reach.WEEK, "2026-11-12T06:30", "2026-11-08T18:30", "2026-11-15T18:30", id="from Monday"
        ),
        pytest.param(
            Reach.MONTH, "2026-12-31T06:30", "2026-11-30T18:30", "2026-12-31T18:30", id="31 days"
        ),
        pytest.param(
            Reach.MONTH, "2028-02-10T06:30", "2028-01-31T18:30", "2028-02-29T18:30", id="leap year"
        ),
    ],
)
def test_a_period_goes_from_midnight_to_midnight_in_india(
    reach: Reach, now: str, from_at: str, until_at: str
) -> None:
    chosen = period(reach, now=utc(now))

    assert (chosen.from_at, chosen.until_at) == (utc(from_at), utc(until_at))


def test_both_days_of_a_chosen_period_count() -> None:
    chosen = period(
        Reach.CUSTOM,
        now=utc("2026-11-12T06:30"),
        first_on=date(2026, 11, 1),
        last_on=date(2026, 11, 3),
    )

    assert (chosen.first_on, chosen.last_on) == (date(2026, 11, 1), date(2026, 11, 3))
    assert chosen.until_at == utc("2026-11-03T18:30")


@pytest.mark.parametrize("last_on", [None, date(2026, 10, 31)])
def test_a_period_without_days_is_refused(last_on: date | None) -> None:
    with pytest.raises(EmptyPeriod):
        period(
            Reach.CUSTOM,
            now=utc("2026-11-12T06:30"),
            first_on=date(2026, 11, 1),
            last_on=last_on,
        )


def test_all_time_has_no_ends() -> None:
    chosen = period(Reach.ALL, now=utc("2026-11-12T06:30"))

    assert (chosen.from_at, chosen.until_at) == (None, None)
