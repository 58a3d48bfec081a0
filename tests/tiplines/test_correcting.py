"""What an officer puts right holds over what the documents say, and what they said stays beside."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from accounts.roles import Role
from audit.models import Event
from cases.correction_lines import choices_of
from cases.naming import names_of
from tests.factories import NOON, make_officer, make_tipline
from tests.tiplines.rows import add_party, add_sighting
from tiplines.models import Address, Correction, Party, Sighting, Tipline
from tiplines.parsing.records import PartyRole
from tiplines.services import correcting
from tiplines.services.correctable import read_moment
from tiplines.services.correcting import (
    NothingChanged,
    NothingThere,
    ReasonMissing,
    UnreadableValue,
    targets_of,
)
from tiplines.services.deciding import NotAllowed

LATER = datetime(2026, 11, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-18 14:00 IST", datetime(2026, 10, 18, 8, 30, tzinfo=UTC)),
        ("2026-10-18 14:00 +05:30", datetime(2026, 10, 18, 8, 30, tzinfo=UTC)),
        ("2026-10-18T14:00:30Z", datetime(2026, 10, 18, 14, 0, 30, tzinfo=UTC)),
        ("2026-10-18 14:00 utc", datetime(2026, 10, 18, 14, 0, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_moment_is_read_with_its_zone(text: str, moment: datetime | None) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize("text", ["2026-10-18 14:00", "2026-10-18", "noon IST", "IST"])
def test_no_zone_is_ever_assumed(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_moment(text)


def correct(
    tip: Tipline, field: str, after: str, *, place: str = "", reason: str = "by the company"
) -> Correction:
    return correcting.correct(
        tipline=tip.pk,
        place=place,
        field=field,
        after=after,
        reason=reason,
        by=make_officer(),
        at=LATER,
    )


def field_of(seen: Sighting) -> str:
    tip = Tipline.objects.get(pk=seen.tipline_id)
    return next(
        each.field for each in targets_of(tip) if each.row == seen and each.field[:3] != "at:"
    )


@pytest.mark.django_db
def test_a_missing_zone_is_settled() -> None:
    tip = make_tipline()
    Tipline.objects.filter(pk=tip.pk).update(
        incident_at=None, incident_original="10-18-2026 14:00", zone_missing=True
    )

    made = correct(tip, "incident_at", "2026-10-18 14:00 IST")

    tip.refresh_from_db()
    assert tip.incident_at == datetime(2026, 10, 18, 8, 30, tzinfo=UTC)
    assert (tip.zone_missing, tip.incident_original) == (False, "10-18-2026 14:00")
    assert (tip.assessed_at, tip.located_at, tip.linked_at) == (None, None, None)
    correcting.undo(correction=made.pk, by=make_officer(), at=LATER)
    again = Tipline.objects.get(pk=tip.pk)
    assert again.incident_at is None
    assert again.zone_missing


@pytest.mark.django_db
def test_a_moment_elsewhere_without_a_zone_keeps_the_flag() -> None:
    tip = make_tipline()
    seen = add_sighting(tip)
    Sighting.objects.filter(pk=seen.pk).update(at=None)
    Tipline.objects.filter(pk=tip.pk).update(zone_missing=True)

    correct(tip, "provider", "Facebook")
    tip.refresh_from_db()
    assert (tip.zone_missing, tip.provider_key) == (True, "facebook")

    at = next(each for each in targets_of(tip) if each.field.startswith("at:"))
    correct(tip, at.field, "2026-10-18 14:00 UTC", place=at.place)
    tip.refresh_from_db()
    seen.refresh_from_db()
    assert (tip.zone_missing, seen.at is not None) == (False, True)


@pytest.mark.django_db
def test_an_identifier_changes_and_keeps_what_was_written() -> None:
    tip = make_tipline()
    party = add_party(tip)
    seen = add_sighting(tip, value="+919800000011", party=party)

    made = correct(tip, field_of(seen), "98000 00099", place=seen.place)

    seen.refresh_from_db()
    assert seen.identifier.value == "+919800000099"
    assert (seen.original, seen.provenance) == ("+919800000011", "reported")
    assert (made.before, made.after) == ("+919800000011", "+919800000099")
    tip.refresh_from_db()
    assert tip.suspect_line == "Arun Kumar · +919800000099"


@pytest.mark.django_db
def test_a_second_correction_replaces_the_first_and_undoing_goes_to_the_document() -> None:
    tip = make_tipline()
    seen = add_sighting(tip, value="+919800000011", party=add_party(tip))
    first = correct(tip, field_of(seen), "98000 00022", place=seen.place)

    second = correct(tip, field_of(seen), "98000 00033", place=seen.place)
    first.refresh_from_db()
    assert first.undone_at == LATER
    assert (second.field, second.before) == (first.field, "+919800000011")

    correcting.undo(correction=second.pk, by=make_officer(), at=LATER)
    seen.refresh_from_db()
    assert seen.identifier.value == "+919800000011"
    with pytest.raises(NothingThere):
        correcting.undo(correction=second.pk, by=make_officer(), at=LATER)


@pytest.mark.django_db
def test_a_party_and_an_address_are_put_right() -> None:
    tip = make_tipline()
    party = add_party(tip, name="Arun Kumr")
    address = Address.objects.create(
        tipline=tip, party=party, city="Dehli", provenance="reported", place="report/address[1]"
    )

    correct(tip, "name", "Arun Kumar", place=party.place)
    correct(tip, "date_of_birth", "1990-02-01", place=party.place)
    correct(tip, "city", "Delhi", place=address.place)

    party.refresh_from_db()
    address.refresh_from_db()
    assert (party.name, party.date_of_birth) == ("Arun Kumar", date(1990, 2, 1))
    assert address.city == "Delhi"


@pytest.mark.django_db
def test_a_suspect_corrected_to_be_a_child_is_named_no_more() -> None:
    tip = make_tipline()
    party = add_party(tip, name="Arun Kumar")

    correct(tip, "age", "16", place=party.place)

    tip.refresh_from_db()
    assert tip.suspect_line == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "after", "refusal"),
    [
        ("incident_at", "2026-10-18 14:00", UnreadableValue),
        ("incident_at", "tomorrow", UnreadableValue),
        ("provider", "Google", NothingChanged),
        ("urgency", "100", NothingThere),
        ("status", "closed", NothingThere),
    ],
)
def test_what_is_no_correction_is_refused(field: str, after: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        correct(make_tipline(), field, after)

    assert not Correction.objects.exists()


@pytest.mark.django_db
def test_a_reason_is_needed_and_the_unit_alone_corrects() -> None:
    tip = make_tipline()

    with pytest.raises(ReasonMissing):
        correct(tip, "provider", "Facebook", reason=" ")
    with pytest.raises(NotAllowed):
        correcting.correct(
            tipline=tip.pk,
            place="",
            field="provider",
            after="Facebook",
            reason="x",
            by=make_officer(Role.DISTRICT),
            at=LATER,
        )


@pytest.mark.django_db
def test_the_record_says_which_field_and_never_what() -> None:
    tip = make_tipline()
    child = add_party(tip, role=PartyRole.VICTIM, name="Mina Rawat")

    correct(tip, "name", "Meena Rawat", place=child.place)

    event = Event.objects.get(verb="tipline.corrected")
    assert event.detail == {
        "correction": Correction.objects.get().pk,
        "field": "name",
        "place": child.place,
    }


@pytest.mark.django_db
def test_corrections_hold_over_a_new_version() -> None:
    tip = make_tipline()
    seen = add_sighting(tip, value="+919800000011", party=add_party(tip))
    correct(tip, "platform", "Instagram")
    correct(tip, field_of(seen), "98000 00099", place=seen.place)
    Party.objects.all().delete()  # as storing a version does
    Tipline.objects.filter(pk=tip.pk).update(platform="Threads", suspect_line="")
    party = add_party(tip, name="Arun K.")
    again = add_sighting(tip, value="+919800000011", party=party)

    correcting.reapply([tip.pk])

    tip.refresh_from_db()
    again.refresh_from_db()
    assert (tip.platform, again.identifier.value) == ("Instagram", "+919800000099")
    assert tip.suspect_line == "Arun K. · +919800000099"


@pytest.mark.django_db
def test_a_correction_whose_place_is_gone_stays_on_record() -> None:
    tip = make_tipline()
    party = add_party(tip)
    correct(tip, "name", "Another", place=party.place)
    party.delete()

    correcting.reapply([tip.pk])

    assert Correction.objects.get().undone_at is None


# --- From the page --------------------------------------------------------------------------------


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_officer(), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
def test_correcting_and_undoing_from_the_page(browser: Client) -> None:
    tip = make_tipline()
    seen = add_sighting(tip, value="+919800000011", party=add_party(tip))
    address = f"/tiplines/{tip.number}/correct/"
    said = {"target": f"{seen.place}|{field_of(seen)}", "after": "98000 00099", "reason": "reply"}

    assert browser.get(address).status_code == 200
    assert browser.post(address, said).status_code == 302

    text = browser.get(f"/tiplines/{tip.number}/").content.decode()
    assert "+919800000099" in text
    assert "+919800000011" in text
    assert "as received" in text
    browser.post(f"/corrections/{Correction.objects.get().pk}/undo/")
    assert "+919800000099" not in browser.get(f"/tiplines/{tip.number}/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"target": "|incident_at", "after": "2026-10-18 14:00", "reason": "x"},
        {"target": "|provider", "after": "Google", "reason": "x"},
        {"target": "|provider", "after": "Facebook", "reason": ""},
        {"target": "|urgency", "after": "100", "reason": "x"},
    ],
)
def test_a_refused_correction_answers_422(browser: Client, said: dict[str, str]) -> None:
    tip = make_tipline()

    assert browser.post(f"/tiplines/{tip.number}/correct/", said).status_code == 422
    assert not Correction.objects.exists()


@pytest.mark.django_db
def test_a_child_is_named_neither_in_the_choices_nor_beside_a_correction(browser: Client) -> None:
    tip = make_tipline()
    child = add_party(tip, role=PartyRole.VICTIM, name="Mina Rawat")
    Tipline.objects.filter(pk=tip.pk).update(narrative="Mina Rawat was there.")
    add_sighting(tip, value="+919811111111", party=child, links=False)
    correct(tip, "name", "Meena Ravat", place=child.place, reason="Meena's mother")

    pages = [
        browser.get(f"/tiplines/{tip.number}/correct/").content.decode(),
        browser.get(f"/tiplines/{tip.number}/").content.decode(),
    ]

    for text in pages:
        for secret in ("Mina", "Meena", "Rawat", "Ravat", "+919811111111"):
            assert secret not in text, secret
    words = [each.words for each in choices_of(targets_of(tip), names_of(list(tip.parties.all())))]
    assert "Victim 1 · Name: •••" in words


@pytest.mark.django_db
def test_the_corrected_is_not_the_judged_before_the_workers_come(browser: Client) -> None:
    tip = make_tipline(received_at=NOON)
    correct(tip, "ncmec_priority", "1")

    assert "still being assessed" in browser.get(f"/tiplines/{tip.number}/").content.decode()
