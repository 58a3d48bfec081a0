"""Whoever turns out to be a child, or not to be one, is sealed or told from then on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import NOON, make_officer
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.plain import tables_that_say
from tiplines.covering import COVER
from tiplines.models import Correction, Party, Sighting, Tipline
from tiplines.services import correcting

pytestmark = pytest.mark.django_db
FIRST, LAST, MAIL = "Zyqravine", "Qoltharp", "zyqr@example.com"


def report(**stated: Any) -> dict[str, Any]:
    made = json_report()
    made["reportedInformation"]["additionalInformations"] = [
        {"value": f"{FIRST} {LAST} wrote from {MAIL}."}
    ]
    made["reportedInformation"]["reportedPeople"]["reportedPersons"] = [
        {
            "firstName": FIRST,
            "lastName": LAST,
            "espUserId": "zyqr-1",
            "emails": {"emails": [{"value": MAIL}]},
            "addresses": {"addresses": [{"street1": "7 Zyq Lane", "city": "Delhi"}]},
        }
        | stated
    ]
    return made


def suspect() -> Party:
    return Party.objects.get(role="suspect")


def arrive(**stated: Any) -> Tipline:
    bring(zip_of({"1.json": report(**stated)}))
    work()
    return Tipline.objects.get()


def put_right(tip: Tipline, field: str, after: str, *, place: str | None = None) -> Correction:
    return correcting.correct(
        tipline=tip.pk,
        place=suspect().place if place is None else place,
        field=field,
        after=after,
        reason=f"{FIRST}'s school says so",
        by=make_officer(),
        at=NOON,
    )


def test_a_suspect_put_right_to_be_a_child_is_sealed_everywhere_and_told_again() -> None:
    tip = arrive(approximateAge=25)
    said = (tip.narrative, tip.suspect_line)
    assert "tiplines_party.name" in tables_that_say(FIRST)

    made = put_right(tip, "age", "15")

    assert [*tables_that_say(FIRST), *tables_that_say("zyqr")] == []
    assert suspect().told("name") == f"{FIRST} {LAST}"

    correcting.undo(correction=made.pk, by=make_officer(), at=NOON)

    party = suspect()
    assert (party.is_protected, party.name, party.sealed) == (False, f"{FIRST} {LAST}", None)
    tip.refresh_from_db()
    assert (tip.narrative, tip.suspect_line) == said
    seen = Sighting.objects.get(identifier__kind="email", party=party)
    assert (seen.original, seen.identifier.value) == (MAIL, COVER)  # a value once sealed stays so


def test_another_time_of_the_incident_makes_a_child_of_somebody() -> None:
    tip = arrive(dateOfBirth="2008-10-01")
    assert not suspect().is_protected

    put_right(tip, "incident_at", "2026-09-01 12:00 IST", place="")

    assert suspect().is_protected
    assert tables_that_say("zyqr") == []


def test_a_child_whose_name_is_put_right_is_covered_under_both() -> None:
    tip = arrive(approximateAge=15)

    put_right(tip, "name", "Wexlorin Tabbernack")

    assert [*tables_that_say("zyqr"), *tables_that_say("wexlorin")] == []
    party = suspect()
    assert party.told("name") == "Wexlorin Tabbernack"
    assert Party.objects.called("wexlorin  TABBERNACK").get() == party
    assert not Party.objects.called(f"{FIRST} {LAST}").exists()


def test_corrections_of_a_child_hold_over_a_new_version_sealed() -> None:
    tip = arrive(approximateAge=15)
    put_right(tip, "name", "Wexlorin Tabbernack")

    arrive(approximateAge=15, displayName="new")

    assert Tipline.objects.get().version == 2
    assert [*tables_that_say("zyqr"), *tables_that_say("wexlorin")] == []
    assert suspect().told("name") == "Wexlorin Tabbernack"


def test_a_new_version_that_states_an_age_seals_what_lay_plain() -> None:
    arrive()
    assert "tiplines_identifier.value" in tables_that_say("zyqr")

    arrive(approximateAge=15)

    assert tables_that_say("zyqr") == []
