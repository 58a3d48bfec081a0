"""Time limits at their edges, against dates worked out by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.clocks import (
    ACCEPTANCE,
    ACKNOWLEDGEMENT,
    CLOCKS,
    PRODUCTION,
    PROGRESS,
    Clock,
    Urgency,
    running,
    urgency,
)

INDIA = ZoneInfo("Asia/Kolkata")
START = datetime(2026, 11, 12, 12, 0, tzinfo=INDIA)
TICK = timedelta(microseconds=1)


def india(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=INDIA)


@pytest.mark.parametrize(
    ("clock", "started_at", "due_at"),
    [
        pytest.param(ACKNOWLEDGEMENT, START, india(2026, 11, 13, 12), id="a day to acknowledge"),
        pytest.param(ACCEPTANCE, START, india(2026, 11, 15, 12), id="three days to accept"),
        pytest.param(PRODUCTION, india(2024, 2, 28, 23, 30), india(2024, 2, 29, 23, 30), id="leap"),
        pytest.param(
            PRODUCTION, india(2026, 12, 31, 18), india(2027, 1, 1, 18), id="over new year"
        ),
        pytest.param(PROGRESS, india(2026, 11, 12, 12), india(2027, 2, 10, 12), id="90 days"),
        pytest.param(PROGRESS, india(2023, 12, 1), india(2024, 2, 29), id="90 days in a leap year"),
    ],
)
def test_the_due_moment(clock: Clock, started_at: datetime, due_at: datetime) -> None:
    assert clock.due_at(started_at) == due_at


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(START, Urgency.CALM, id="just begun"),
        pytest.param(
            START + timedelta(hours=18) - TICK, Urgency.CALM, id="before the last quarter"
        ),
        pytest.param(START + timedelta(hours=18), Urgency.NEAR, id="the last quarter"),
        pytest.param(START + timedelta(hours=24), Urgency.NEAR, id="the due moment is in time"),
        pytest.param(START + timedelta(hours=24) + TICK, Urgency.OVERDUE, id="just past"),
        pytest.param(START.astimezone(UTC), Urgency.CALM, id="told in UTC"),
    ],
)
def test_urgency(now: datetime, expected: Urgency) -> None:
    due_at = PRODUCTION.due_at(START)

    assert urgency(clock=PRODUCTION, due_at=due_at, now=now) == expected


def test_limits_come_earliest_first() -> None:
    limits = running(
        now=START,
        registered_at=START - timedelta(days=89),
        unproduced_arrests=(START - timedelta(hours=25), START),
    )

    assert [(limit.clock.code, limit.urgency) for limit in limits] == [
        ("production", Urgency.OVERDUE),
        ("progress", Urgency.NEAR),
        ("production", Urgency.CALM),
    ]


def test_nothing_runs_where_nothing_began() -> None:
    assert running(now=START) == ()


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=list(CLOCKS))
def test_every_clock_names_its_source(clock: Clock) -> None:
    assert clock.source
