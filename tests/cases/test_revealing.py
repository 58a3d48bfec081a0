"""A covered name is uncovered one at a time, for a purpose, and that stands on the record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.roles import Role
from audit.models import Event
from audit.services import record
from cases.services import assigning
from tests.cases.test_triage_pages import signed_in
from tests.factories import NOON, make_district, make_officer, make_tipline
from tests.tiplines.rows import add_party, add_sighting
from tiplines.models import Tipline
from tiplines.parsing.records import PartyRole

pytestmark = pytest.mark.django_db
CHILD, PHONE = "Meena Rawat", "+919811111111"


@pytest.fixture
def tip() -> Tipline:
    made = make_tipline()
    child = add_party(
        made,
        role=PartyRole.VICTIM,
        name=CHILD,
        display_names=["meena_x"],
        date_of_birth=date(2013, 3, 4),
    )
    add_sighting(made, party=child, value=PHONE, links=False)
    return made


def asked_for(tip: Tipline, what: str) -> str:
    if what == "phone":
        return f"sighting-{tip.sightings.get().pk}"
    return f"party-{tip.parties.get().pk}-{what}"


def uncover(
    browser: Client, tip: Tipline, what: str = "name", *, status: int = 200, **said: str
) -> str:
    answer = browser.post(
        f"/tiplines/{tip.number}/reveal/",
        {"what": asked_for(tip, what), "code": "fir", "words": "for the FIR"} | said,
    )
    assert answer.status_code == status
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.content.decode()


@pytest.mark.parametrize(
    ("what", "value", "others"),
    [
        ("name", CHILD, ["meena_x", PHONE, "04-03-2013"]),
        ("display_names", "meena_x", [CHILD, PHONE, "04-03-2013"]),
        ("date_of_birth", "04-03-2013", [CHILD, PHONE, "meena_x"]),
        ("phone", PHONE, [CHILD, "meena_x", "04-03-2013"]),
    ],
)
def test_one_thing_is_uncovered_and_no_other(
    client: Client, tip: Tipline, what: str, value: str, others: list[str]
) -> None:
    browser = signed_in(client, make_officer())
    page = browser.get(f"/tiplines/{tip.number}/").content.decode()
    form = browser.get(f"/tiplines/{tip.number}/reveal/", {"what": asked_for(tip, what)})

    answer = uncover(browser, tip, what)

    assert f"?what={asked_for(tip, what)}" in page
    for text in (page, form.content.decode()):
        assert value not in text
    assert value in answer
    assert not any(other in answer for other in others)
    assert value not in browser.get(f"/tiplines/{tip.number}/").content.decode()


def test_it_stands_on_the_record_without_the_name(client: Client, tip: Tipline) -> None:
    officer = make_officer()

    uncover(signed_in(client, officer), tip, code="family", words=f"call {CHILD}'s mother")

    event = Event.objects.get(verb="party.revealed")
    assert (event.subject, event.actor_id) == (f"tipline:{tip.number}", officer.pk)
    assert event.detail == {
        "field": "name",
        "party": "1",
        "words": "call Victim 1's mother",
    }
    assert event.purpose == "family"


@pytest.mark.parametrize("said", [{"words": " "}, {"code": ""}, {"code": "curiosity"}])
def test_without_a_purpose_nothing_is_said(
    client: Client, tip: Tipline, said: dict[str, str]
) -> None:
    text = uncover(signed_in(client, make_officer()), tip, status=422, **said)

    assert CHILD not in text
    assert not Event.objects.filter(verb="party.revealed").exists()


@pytest.mark.parametrize("what", ["party-0-name", "party-x-name", "tipline-1", "", "sighting-"])
def test_what_is_not_covered_is_not_there(client: Client, tip: Tipline, what: str) -> None:
    browser = signed_in(client, make_officer())
    adult = add_party(tip, name="Arun Kumar")
    said = {"code": "fir", "words": "x"}

    for asked in (what, f"party-{adult.pk}-name", f"party-{adult.pk}-role"):
        answer = browser.post(f"/tiplines/{tip.number}/reveal/", {"what": asked} | said)
        assert answer.status_code == 404


def test_only_who_may_see_the_tipline_uncovers(client: Client, tip: Tipline) -> None:
    assigning.assign(
        tipline_ids=[tip.pk], district_id=make_district().pk, by=make_officer(), at=NOON
    )
    other = make_district(code="DWK", name="Dwarka")
    address, said = f"/tiplines/{tip.number}/reveal/", {"code": "fir", "words": "x"}
    asked = {"what": asked_for(tip, "name")} | said

    far = signed_in(Client(), make_officer(Role.DISTRICT, district=other))
    assert far.post(address, asked).status_code == 404
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        assert signed_in(Client(), make_officer(role)).post(address, asked).status_code == 403
    near = signed_in(client, make_officer(Role.DISTRICT))
    assert CHILD in near.post(address, asked).content.decode()


def test_another_tiplines_name_does_not_open_here(client: Client, tip: Tipline) -> None:
    elsewhere = make_tipline()

    answer = signed_in(client, make_officer()).post(
        f"/tiplines/{elsewhere.number}/reveal/",
        {"what": asked_for(tip, "name"), "code": "fir", "words": "x"},
    )

    assert answer.status_code == 404


# --- Who looked -----------------------------------------------------------------------------------


def test_who_looked_is_told_to_those_who_watch(client: Client, tip: Tipline) -> None:
    uncover(signed_in(client, make_officer(full_name="Asha Verma")), tip, words="to write it down")
    address = f"/tiplines/{tip.number}/looked/"

    for role, status in (
        (Role.SUPERVISOR, 200),
        (Role.AUDITOR, 200),
        (Role.ANALYST, 403),
        (Role.DISTRICT, 404),  # it is not theirs
        (Role.STATION, 404),
    ):
        answer = signed_in(Client(), make_officer(role)).get(address)
        assert answer.status_code == status, role
        if status == 200:
            text = answer.content.decode()
            assert "Asha Verma" in text
            assert "Preparing the FIR: to write it down" in text
            assert CHILD not in text
    assert Event.objects.filter(verb="record.read", subject=f"tipline:{tip.number}").count() == 2


def test_a_district_reads_it_from_when_it_has_the_tipline(tip: Tipline) -> None:
    def opened(officer_name: str, *, minutes: int) -> None:
        record(
            verb="tipline.opened",
            subject=f"tipline:{tip.number}",
            actor=make_officer(full_name=officer_name),
            at=NOON + timedelta(minutes=minutes),
        )

    opened("Before It", minutes=-5)
    assigning.assign(
        tipline_ids=[tip.pk], district_id=make_district().pk, by=make_officer(), at=NOON
    )
    opened("After It", minutes=5)

    answer = signed_in(Client(), make_officer(Role.DISTRICT)).get(f"/tiplines/{tip.number}/looked/")

    text = answer.content.decode()
    assert "After It" in text
    assert "Before It" not in text


def test_a_number_that_was_never_here_has_no_page() -> None:
    answer = signed_in(Client(), make_officer(Role.AUDITOR)).get("/tiplines/123/looked/")

    assert answer.status_code == 404
