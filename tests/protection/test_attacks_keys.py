"""A3, A7, A9, A10: keys of others in addresses and forms, and acts that one may not do."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts import services
from accounts.access import table
from accounts.models import OfficerSession, User
from accounts.roles import Role
from cases.models import Accused, Arrest, Fir
from cases.services import restricting
from cases.services.reach import CaseNotVisible
from districts.models import PoliceStation
from ifso.protection.tables import EVERY
from tests.conventions.test_access import ROUTES
from tests.factories import make_officer
from tests.protection.crawl import ABSENT, NOT_THE_SAME
from tests.protection.test_crawl import marks
from tests.protection.world import Place, World, make_world
from tiplines.models import Correction, Decision

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
REASON = "a sentence that is long enough to be a reason"
# What a refused request may write: the record, and that the session is in use.
ASIDE = {"audit_event", "django_session", "accounts_officersession", "accounts_user"}


@pytest.fixture
def world() -> World:
    return make_world()


def browser_of(officer: User) -> Client:
    client = Client()
    client.force_login(officer, backend=BACKEND)
    return client


def rows() -> dict[str, Any]:
    return marks([name for name in EVERY if name not in ASIDE])


# --- A3 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/desk/", "/cases/", "/restricted/", "/search/"])
@pytest.mark.parametrize("order", list(itertools.permutations(["rohini", "dwarka"])))
def test_a03_the_same_address_answers_each_officer_with_the_own(
    world: World, order: tuple[str, str], path: str
) -> None:
    own = {"rohini": {"one", "two"}, "dwarka": {"there"}}
    numbers = {name: place.case for name, place in world.places.items() if place.case}
    browsers = {name: browser_of(world.officers[name]) for name in order}

    for name in (*order, *order):
        answer = browsers[name].get(path, follow=True)

        met = set(re.findall(r"/cases/(\d+)/", answer.content.decode()))
        cases = {str(numbers[place].pk) for place in own[name]}
        assert met <= cases
        if path in {"/", "/desk/", "/cases/"}:
            assert met == cases
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Cookie" in answer.headers["Vary"]


# --- A7 -----------------------------------------------------------------------------------------


def parts(place: Place) -> dict[str, int]:
    fir = Fir.objects.get(case=place.case)
    arrest = Arrest.objects.get(accused__fir=fir)
    free, _is_new = Accused.objects.get_or_create(
        fir=fir,
        name="At Large",
        defaults={"age": 40, "recorded_by": arrest.recorded_by, "recorded_at": timezone.now()},
    )
    return {"fir": fir.pk, "accused": free.pk, "arrest": arrest.pk}


def moment() -> str:
    return timezone.localtime().strftime("%Y-%m-%dT%H:%M")


def answer_to(browser: Client, path: str, said: dict[str, Any]) -> tuple[int, str, str]:
    """What tells one answer from another: status, way and page, without what the moment changes."""
    answer = browser.post(path, said)
    return answer.status_code, answer.headers.get("Location", ""), plain(answer.content.decode())


def plain(page: str) -> str:
    return NOT_THE_SAME.sub("", page)


def forms_with_keys(world: World) -> list[tuple[str, str, dict[str, Any], str, Any, Any]]:
    """Officer, path, what is said, and the field with a key of another place and an absent one."""
    own, other = world.places["one"], world.places["there"]
    hidden = world.places["hidden"]
    assert own.case is not None
    assert other.station is not None
    theirs = parts(other)
    case = f"/cases/{own.case.pk}/"
    fir = {
        "number": "77/2026",
        "kind": "regular",
        "moment": moment(),
        "sections": ["IT-67B"],
        "investigating_officer": "R. Singh",
        "officer_rank": "inspector",
    }
    person = {"name": "A. Kumar", "age": "34", "address": ""}
    arrest = {"moment": moment(), "place": "Rohini", "arrested_by": "R. Singh"}
    batch = Decision.objects.filter(tipline=hidden.tipline).latest("pk").batch
    absent = "00000000-0000-4000-8000-000000000000"
    operation = f"/operations/{world.places['unit'].ids['operation_id']}/add-cases/"
    assert hidden.case is not None
    return [
        ("rohini", f"{case}allot/", {}, "station", other.station.pk, ABSENT),
        ("rohini", f"{case}fir/", fir, "station", other.station.pk, ABSENT),
        ("one", f"{case}progress/", {"moment": moment()}, "fir", theirs["fir"], ABSENT),
        ("one", f"{case}accused/", person, "fir", theirs["fir"], ABSENT),
        ("one", f"{case}arrest/", arrest, "accused", theirs["accused"], ABSENT),
        ("one", f"{case}production/", {"moment": moment()}, "arrest", theirs["arrest"], ABSENT),
        ("analyst", "/decide/", {"act": "close"}, "number", hidden.ids["number"], "1"),
        ("analyst", "/follow/", {}, "number", hidden.ids["number"], "1"),
        ("analyst", "/leave-bundle/", {}, "number", hidden.ids["number"], "1"),
        ("supervisor", "/undo/", {}, "batch", str(batch), absent),
        ("supervisor", operation, {"which": "ticked"}, "case", hidden.case.pk, ABSENT),
    ]


@pytest.mark.parametrize("number", range(11))
def test_a07_a_key_of_another_place_is_answered_like_one_that_is_not(
    world: World, number: int
) -> None:
    officer, path, said, field, foreign, absent = forms_with_keys(world)[number]
    browser = browser_of(world.officers[officer])
    before = rows()

    one = answer_to(browser, path, said | {field: foreign})
    browser = browser_of(world.officers[officer])
    other = answer_to(browser, path, said | {field: absent})

    assert one[0] in {200, 302, 422}
    assert without(one, foreign, absent) == without(other, foreign, absent)
    assert rows() == before


def without(answer: tuple[int, str, str], *typed: Any) -> tuple[int, str, str]:
    """The page may say again what was typed into it."""
    status, way, page = answer
    for each in typed:
        page = page.replace(f'value="{each}"', "")
    return status, way, page


def test_a07_every_form_with_a_key_is_asked(world: World) -> None:
    assert len(forms_with_keys(world)) == 11


@pytest.mark.parametrize("name", ["station", "district"])
def test_a07_a_filter_by_another_place_is_answered_like_one_that_is_not(
    world: World, name: str
) -> None:
    browser = browser_of(world.officers["rohini"])
    code = {"station": "DWA-1", "district": "DWA"}[name]
    assert PoliceStation.objects.filter(code="DWA-1").exists()

    one, other = (
        browser.get("/cases/", {name: value}).content.decode() for value in (code, "NOT-1")
    )

    assert plain(one).replace(code, "") == plain(other).replace("NOT-1", "")


# --- A9 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["fir", "accused", "arrest"])
@pytest.mark.parametrize("officer", ["one", "rohini"])
def test_a09_a_case_takes_no_part_of_another(world: World, officer: str, part: str) -> None:
    """Also not between two cases that are both the officer's own."""
    places = ("one", "two") if officer == "rohini" else ("one", "there")
    mine, other = (world.places[name] for name in places)
    assert mine.case is not None
    assert other.case is not None
    by_part: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "fir": [("progress", {}), ("accused", {"name": "A. Kumar", "age": "34", "address": ""})],
        "accused": [("arrest", {"place": "Rohini", "arrested_by": "R. Singh"})],
        "arrest": [("production", {})],
    }
    browser = browser_of(world.officers[officer])
    keys = {place.word: parts(place) for place in (mine, other)}
    before = rows()
    for act, said in by_part[part]:
        body = said | {"moment": moment()}
        own_parent = browser.post(
            f"/cases/{mine.case.pk}/{act}/", body | {part: keys[other.word][part]}
        )
        assert own_parent.status_code == 422, act
        foreign_parent = browser.post(
            f"/cases/{other.case.pk}/{act}/", body | {part: keys[mine.word][part]}
        )
        assert foreign_parent.status_code == (422 if officer == "rohini" else 404), act

    assert rows() == before


def test_a09_a_posting_is_cancelled_on_the_page_of_its_own_officer_only() -> None:
    administrator = make_officer(Role.ADMINISTRATOR)
    one, other = make_officer(Role.ANALYST), make_officer(Role.ANALYST)
    at = timezone.now()
    later = timezone.localdate(at) + timedelta(days=9)
    services.post(user=other, role=Role.SUPERVISOR, from_on=later, by=administrator, at=at)
    posting = other.postings.latest("from_on")
    browser = browser_of(administrator)

    wrong = reverse(
        "accounts:cancel-posting", kwargs={"officer_id": one.pk, "posting_id": posting.pk}
    )
    assert browser.post(wrong).status_code == 404
    assert other.postings.filter(pk=posting.pk).exists()
    right = wrong.replace(f"/{one.pk}/postings", f"/{other.pk}/postings")
    assert browser.post(right).status_code == 302
    assert not other.postings.filter(pk=posting.pk).exists()


def test_a09_nobody_ends_the_session_of_another() -> None:
    one, other = make_officer(Role.ANALYST), make_officer(Role.ADMINISTRATOR)
    browser_of(one).get("/queue/")
    theirs = OfficerSession.objects.get(officer=one)
    browser = browser_of(other)

    answer = browser.post(reverse("accounts:end-session", kwargs={"session_id": theirs.pk}))

    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.ended_at is None


def test_a09_a_correction_is_of_the_tipline_whose_place_it_names(world: World) -> None:
    mine, other = world.places["unit"].tipline, world.places["one"].tipline
    place = other.parties.exclude(place="").values_list("place", flat=True).first()
    theirs = other.parties.get(place=place)
    theirs.place = "somewhere/only[9]"
    theirs.save(update_fields=["place"])
    said = {"after": "Other Name", "reason": REASON}
    browser = browser_of(world.officers["analyst"])
    before = Correction.objects.count()

    foreign = browser.post(
        f"/tiplines/{mine.number}/correct/", said | {"target": "somewhere/only[9]|name"}
    )

    assert foreign.status_code == 422
    assert Correction.objects.count() == before
    own = browser.post(
        f"/tiplines/{other.number}/correct/", said | {"target": "somewhere/only[9]|name"}
    )
    assert own.status_code == 302


def test_a09_a_correction_of_a_case_out_of_reach_is_not_undone(world: World) -> None:
    browser = browser_of(world.officers["analyst"])
    hidden = world.places["hidden"].ids["correction_id"]
    before = rows()

    assert browser.post(f"/corrections/{hidden}/undo/").status_code == 404
    assert browser.post(f"/corrections/{ABSENT}/undo/").status_code == 404
    assert rows() == before


# --- A10 ----------------------------------------------------------------------------------------

WHO = {
    Role.ANALYST: "analyst",
    Role.SUPERVISOR: "supervisor",
    Role.DISTRICT: "rohini",
    Role.STATION: "one",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "administrator",
}


def addresses(world: World, name: str, converters: dict[str, object], place: str) -> list[str]:
    """Of the rows of a place, so that what stops the officer is the role and nothing else."""
    ids = world.places["unit"].ids | world.places[place].ids
    values = {key: ids.get(key, world.officers["named"].pk) for key in converters}
    try:
        return [reverse(name, kwargs=values)]
    except NoReverseMatch:
        absent = "00000000-0000-4000-8000-000000000000"
        return [reverse(name, kwargs=dict.fromkeys(converters, absent))]


@pytest.mark.parametrize("role", WHO)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a10_what_the_table_denies_changes_nothing(world: World, role: Role, method: str) -> None:
    assert set(WHO) == set(Role)
    officer = world.officers[WHO[role]]
    browser = browser_of(officer)
    before = rows()
    answers = {}
    for name, converters in ROUTES:
        if table()[name].admits(officer.duty):
            continue
        for path in addresses(world, name, converters, "one"):
            said = {"reason": REASON, "officer": world.officers["named"].pk, "act": "assign"}
            answers[name] = getattr(browser, method)(path, said).status_code

    assert answers
    assert {name: code for name, code in answers.items() if code != 403} == {}
    assert rows() == before


ACTS = ("acknowledge", "return", "allot", "fir", "progress", "accused", "arrest", "production")


@pytest.mark.parametrize("act", ACTS)
def test_a10_a_guest_of_a_restricted_case_held_elsewhere_only_reads_it(
    world: World, act: str
) -> None:
    place = world.places["restricted"]
    assert place.case is not None
    assert place.station is not None
    browser = browser_of(world.officers["named"])
    assert browser.get(f"/cases/{place.case.pk}/").status_code == 200
    said = {
        **parts(place),
        "moment": moment(),
        "reason": "other-station",
        "note": "",
        "kind": "regular",
        "number": "91/2026",
        "sections": ["IT-67B"],
        "investigating_officer": "R. Singh",
        "officer_rank": "inspector",
        "station": place.station.pk,
        "name": "A. Kumar",
        "age": "34",
        "address": "",
        "place": "Rohini",
        "arrested_by": "R. Singh",
    }
    before = rows()

    answer = browser.post(f"/cases/{place.case.pk}/{act}/", said)

    assert answer.status_code in {403, 422}
    assert rows() == before


@pytest.mark.parametrize("act", ["restrict", "lift", "name", "strike"])
def test_a10_a_guest_names_nobody_and_lifts_nothing(world: World, act: str) -> None:
    place = world.places["restricted"]
    assert place.case is not None
    browser = browser_of(world.officers["named"])
    before = rows()

    answer = browser.post(
        f"/cases/{place.case.pk}/{act}/",
        {
            "officers": world.officers["one"].username,
            "officer": world.officers["owner"].pk,
            "reason": REASON,
        },
    )

    assert answer.status_code == 403
    assert rows() == before


def test_a10_an_unnamed_supervisor_opens_no_restricted_case_to_oneself(world: World) -> None:
    case = world.places["hidden"].case
    assert case is not None
    officer = world.officers["supervisor"]
    browser = browser_of(officer)
    before = rows()

    for act in ("name", "strike", "lift", "restrict", "ask", "break-glass", "acknowledge"):
        answer = browser.post(
            f"/cases/{case.pk}/{act}/",
            {"officers": officer.username, "officer": officer.pk, "reason": REASON},
        )
        assert answer.status_code in {403, 404}, act
    assert rows() == before
    with pytest.raises(CaseNotVisible):
        restricting.name_officer(case_id=case.pk, officer=officer, by=officer, at=timezone.now())
