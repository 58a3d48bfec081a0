"""A child is never named, whether the report states an age or only a date of birth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.factories import NOON, make_tipline
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.rows import add_party
from tiplines.minors import is_minor
from tiplines.models import Party, Sighting, Tipline
from tiplines.parsing.records import PartyRole

BORN = date(2008, 10, 20)


@pytest.mark.parametrize(
    ("age", "born", "at", "minor"),
    [
        pytest.param(17, None, NOON, True, id="stated to be 17"),
        pytest.param(18, None, NOON, False, id="stated to be 18"),
        pytest.param(None, None, NOON, False, id="nothing stated"),
        pytest.param(30, BORN, datetime(2026, 10, 19, tzinfo=UTC), True, id="statements differ"),
        pytest.param(
            None, BORN, datetime(2026, 10, 19, 18, 29, tzinfo=UTC), True, id="last minute of 17"
        ),
        pytest.param(
            None, BORN, datetime(2026, 10, 19, 18, 30, tzinfo=UTC), False, id="18 in India"
        ),
        pytest.param(
            None, date(2008, 2, 29), datetime(2026, 2, 28, 12, tzinfo=UTC), True, id="leap, before"
        ),
        pytest.param(
            None, date(2008, 2, 29), datetime(2026, 3, 1, 12, tzinfo=UTC), False, id="leap, after"
        ),
    ],
)
@pytest.mark.django_db
def test_who_counts_as_a_child(
    age: int | None, born: date | None, at: datetime, *, minor: bool
) -> None:
    tip = make_tipline()
    Tipline.objects.filter(pk=tip.pk).update(incident_at=at)
    tip.refresh_from_db()
    party = add_party(tip, age=age, date_of_birth=born)
    by_database = (Party.objects.protected().exists(), Party.objects.nameable().exists())

    assert is_minor(age=age, date_of_birth=born, at=at) is minor
    assert party.is_protected is minor
    assert by_database == (minor, not minor)


def persons(*said: dict[str, Any]) -> dict[str, Any]:
    report = json_report()
    report["reportedInformation"]["reportedPeople"]["reportedPersons"] = list(said)
    return report


ADULT = {"firstName": "Ravi", "lastName": "Nair", "espUserId": "ravi-1"}
CHILD = {
    "firstName": "Sunil",
    "lastName": "Das",
    "espUserId": "sunil-1",
    "emails": {"emails": [{"value": "sunil@example.com"}]},
}


@pytest.mark.parametrize(
    "stated",
    [{"approximateAge": 16}, {"approximateAge": "16-19 years"}, {"dateOfBirth": "2010-01-01"}],
)
@pytest.mark.django_db
def test_the_line_of_a_list_says_nothing_of_a_child(stated: dict[str, Any]) -> None:
    bring(zip_of({"1.json": persons({**CHILD, **stated})}))

    work()

    assert Party.objects.get(role=PartyRole.SUSPECT).is_protected
    assert Tipline.objects.get().suspect_line == ""


@pytest.mark.django_db
def test_the_line_of_a_list_names_the_adult_beside_a_child() -> None:
    bring(zip_of({"1.json": persons({**CHILD, "approximateAge": 16}, ADULT)}))

    work()

    assert Tipline.objects.get().suspect_line == "Ravi Nair · ravi-1"


@pytest.mark.django_db
def test_a_victims_value_links_nothing_where_the_report_repeats_it() -> None:
    report = json_report()
    report["reportedInformation"]["victims"] = {
        "victims": [{"firstName": "A", "emails": {"emails": [{"value": "child@example.com"}]}}]
    }
    report["reportedInformation"]["incidentDetails"] = {
        "emailIncident": [
            {"emails": {"emails": [{"value": "Child@example.com"}, {"value": "he@example.com"}]}}
        ]
    }

    bring(zip_of({"a.json": report}))
    work()

    seen = Sighting.objects.filter(identifier__kind="email").select_related("identifier", "party")
    told = [
        (each.identifier.told("value"), each.party and each.party.role, each.links) for each in seen
    ]
    assert sorted(told, key=lambda each: (each[0], each[2], not each[1])) == [
        ("child@example.com", "victim", False),
        ("child@example.com", None, False),
        ("he@example.com", None, True),
        ("r990000001@example.com", "suspect", True),
    ]
