"""Since when a production and the news to an informant wait stands in the case, for the desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from cases.lifecycle import CaseStatus
from cases.models import Arrest, Case, Fir
from cases.services import registering
from cases.services.desk import Desk, desk_of
from tests.cases.made import make_accused, make_arrest, make_case, make_fir
from tests.factories import NOON, make_officer

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATER = NOON + timedelta(days=2)


@pytest.fixture
def officer() -> User:
    return make_officer(Role.STATION)


@pytest.fixture
def firs(officer: User) -> tuple[Fir, Fir]:
    """Of one case, the later one first."""
    case = make_case(status=CaseStatus.REGISTERED)
    earlier = make_fir(case=case, by=officer, number=513, registered_at=NOON - HOUR)
    return case.firs.exclude(pk=earlier.pk).get(), earlier


def waiting(fir: Fir) -> tuple[datetime | None, datetime | None]:
    return Case.objects.values_list("unproduced_since", "uninformed_since").get(pk=fir.case_id)


def arrested(fir: Fir, officer: User, at: datetime) -> Arrest:
    accused = make_accused(fir=fir, by=officer)
    return make_arrest(accused=accused, by=officer, arrested_at=at)


def produced(arrest: Arrest, officer: User) -> None:
    registering.record_production(
        arrest_id=arrest.pk, produced_at=LATER, by=officer, at=LATER + HOUR
    )


def told(fir: Fir, officer: User) -> None:
    registering.record_progress(fir_id=fir.pk, informed_at=LATER, by=officer, at=LATER + HOUR)


def test_the_earliest_arrest_not_produced_stands_in_the_case(
    firs: tuple[Fir, Fir], officer: User
) -> None:
    late, early = arrested(firs[0], officer, NOON + HOUR), arrested(firs[1], officer, NOON)

    assert waiting(firs[0])[0] == NOON
    produced(early, officer)
    assert waiting(firs[0])[0] == NOON + HOUR
    produced(late, officer)
    assert waiting(firs[0])[0] is None


def test_the_earliest_fir_whose_informant_waits_stands_in_the_case(
    firs: tuple[Fir, Fir], officer: User
) -> None:
    late, early = firs

    assert waiting(late)[1] == NOON - HOUR
    told(early, officer)
    assert waiting(late)[1] == NOON
    told(late, officer)
    assert waiting(late)[1] is None


def test_the_migration_says_the_same_of_rows_from_before(
    firs: tuple[Fir, Fir], officer: User
) -> None:
    early = arrested(firs[1], officer, NOON)
    arrested(firs[0], officer, NOON + HOUR)
    produced(early, officer)
    told(firs[1], officer)
    other = make_case(status=CaseStatus.UNDER_ENQUIRY)
    kept = waiting(firs[0])
    Case.objects.update(unproduced_since=None, uninformed_since=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module("cases.migrations.0010_waiting").FILL)

    assert waiting(firs[0]) == kept == (NOON + HOUR, NOON)
    other.refresh_from_db()
    assert (other.unproduced_since, other.uninformed_since) == (None, None)


def clocks(desk: Desk) -> dict[str, list[tuple[str, datetime]]]:
    return {
        name: [(line.limit.clock.code, line.limit.due_at) for line in getattr(desk, name)]
        for name in ("overdue", "due_soon")
    }


def test_a_desk_shows_the_earliest_of_each_until_it_is_done(
    firs: tuple[Fir, Fir], officer: User
) -> None:
    arrests = [arrested(firs[0], officer, NOON), arrested(firs[0], officer, NOON + 2 * HOUR)]

    def at(now: datetime) -> dict[str, list[tuple[str, datetime]]]:
        return clocks(desk_of(officer=officer, now=now))

    day = timedelta(days=1)
    assert at(NOON + 3 * HOUR) == {"overdue": [], "due_soon": [("production", NOON + day)]}
    assert at(NOON + day + HOUR) == {"overdue": [("production", NOON + day)], "due_soon": []}
    produced(arrests[0], officer)
    assert at(NOON + day + HOUR)["due_soon"] == [("production", NOON + day + 2 * HOUR)]
    produced(arrests[1], officer)
    assert at(NOON + day + HOUR) == {"overdue": [], "due_soon": []}
    near = NOON - HOUR + timedelta(days=67.5)
    assert at(near - timedelta(seconds=1))["due_soon"] == []
    assert at(near)["due_soon"] == [("progress", NOON - HOUR + timedelta(days=90))]
