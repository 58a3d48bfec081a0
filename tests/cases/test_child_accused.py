"""What names an accused under 18 lies sealed, is covered on pages, and is uncovered by an act."""

from __future__ import annotations

from base64 import b64encode
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.models import Event, Origin
from cases.lifecycle import CaseStatus
from cases.models import Accused, Case
from tests.cases.made import make_accused, make_arrest, make_case
from tests.cases.test_triage_pages import signed_in
from tests.factories import NOON, make_district, make_officer
from tests.tiplines.plain import tables_that_say
from tests.tiplines.test_sealing_old_rows import migrate, schema  # noqa: F401 - a fixture
from tiplines.covering import COVER
from tiplines.sealing import CannotOpen, newest_key_id
from tiplines.services import rotating

pytestmark = pytest.mark.django_db
CHILD, LANE = "Zyqravine Qoltharp", "7 Wexivor Lane"
OLD, NEW = (b64encode(bytes([n]) * 32).decode() for n in (1, 2))


@pytest.fixture
def officer() -> User:
    return make_officer(Role.STATION)


@pytest.fixture
def case(officer: User) -> Case:
    return make_case(status=CaseStatus.REGISTERED)


@pytest.fixture
def child(case: Case, officer: User) -> Accused:
    return make_accused(fir=case.firs.get(), by=officer, age=17, name=CHILD, address=LANE)


def number_in(case: Case) -> str:
    return case.entries.get().tipline.number


def uncover(browser: Client, number: str, asked: str, *, words: str = "for the Board") -> Any:
    said = {"what": asked, "code": "court", "words": words}
    return browser.post(f"/tiplines/{number}/reveal/", said)


# --- In the database ------------------------------------------------------------------------------


def test_no_column_of_any_table_says_it(child: Accused) -> None:
    assert (child.name, child.address) == (COVER, COVER)
    assert (child.told("name"), child.told("address")) == (CHILD, LANE)
    assert [*tables_that_say("Zyqravine"), *tables_that_say("Wexivor")] == []


@pytest.mark.parametrize("age", [18, None])
def test_an_adult_and_one_of_unknown_age_are_named(
    case: Case, officer: User, age: int | None
) -> None:
    made = make_accused(fir=case.firs.get(), by=officer, age=age, name="Arun Kumar")

    assert (made.name, made.sealed) == ("Arun Kumar", None)


def test_a_child_without_an_address_has_none_to_uncover(case: Case, officer: User) -> None:
    made = make_accused(fir=case.firs.get(), by=officer, age=17, address="")

    assert made.address == ""
    assert set(made.inside()) == {"name"}


@pytest.mark.parametrize("said", [{"name": CHILD}, {"address": LANE}])
def test_a_row_of_a_child_that_says_anything_is_refused(
    child: Accused, said: dict[str, str]
) -> None:
    with pytest.raises(IntegrityError, match="accused_child_is_covered"), transaction.atomic():
        Accused.objects.filter(pk=child.pk).update(**said)


def test_its_seal_opens_in_no_other_fir(child: Accused) -> None:
    child.fir_id += 1

    with pytest.raises(CannotOpen):
        child.told("name")


def test_new_keys_reach_it_and_the_record_says_so(settings: Any, case: Case, officer: User) -> None:
    of_the_case = settings.NAME_KEYS
    settings.NAME_KEYS = [OLD]
    child = make_accused(fir=case.firs.get(), by=officer, age=17, name=CHILD)
    settings.NAME_KEYS = [NEW, OLD, *of_the_case]

    call_command("rotate_name_keys", stdout=StringIO())

    settings.NAME_KEYS = [NEW]
    child.refresh_from_db()
    assert child.told("name") == CHILD
    assert set(rotating.keys_in_use()) == {newest_key_id()}
    told = Event.objects.get(verb="seals.renewed", detail__table="cases_accused")
    assert told.detail == {"table": "cases_accused", "seals": 1}


@pytest.mark.django_db(transaction=True)
def test_renewing_its_seal_is_no_change_without_a_word(
    settings: Any, case: Case, officer: User
) -> None:
    of_the_case = settings.NAME_KEYS
    settings.NAME_KEYS = [OLD]
    make_accused(fir=case.firs.get(), by=officer, age=17)
    settings.NAME_KEYS = [NEW, OLD, *of_the_case]

    call_command("rotate_name_keys", stdout=StringIO())

    assert not Event.objects.filter(origin=Origin.SQL).exists()


# --- On pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", [Role.STATION, Role.DISTRICT, Role.ANALYST, Role.SUPERVISOR, Role.AUDITOR]
)
def test_no_page_says_it_and_no_search_finds_it(case: Case, child: Accused, role: Role) -> None:
    make_arrest(accused=child, by=make_officer(Role.STATION))
    browser = signed_in(Client(), make_officer(role))
    paths = (
        *(f"/cases/{case.pk}/", "/cases/", "/desk/", "/record/", "/board/arrest/"),
        *(f"/tiplines/{number_in(case)}/", f"/tiplines/{number_in(case)}/looked/"),
    )

    shown = browser.get(f"/cases/{case.pk}/").content.decode()
    assert ("Child in conflict with law" in shown) == (role != Role.AUDITOR)
    for path in paths:
        text = browser.get(path).content.decode()
        assert "Zyqravine" not in text
        assert "Wexivor" not in text
    for typed in (CHILD[:4], CHILD, LANE):
        text = browser.post("/search/", {"text": typed}).content.decode().replace(typed, "")
        assert not [word for word in ("Zyqravine", "Wexivor") if word in text]
        assert f"/cases/{case.pk}/" not in text
        assert number_in(case) not in text


def test_name_and_address_are_uncovered_one_at_a_time(
    case: Case, child: Accused, officer: User
) -> None:
    browser, number = signed_in(Client(), officer), number_in(case)
    page = browser.get(f"/cases/{case.pk}/").content.decode()

    name = uncover(browser, number, f"accused-{child.pk}-name").content.decode()
    address = uncover(browser, number, f"accused-{child.pk}-address").content.decode()

    for field in ("name", "address"):
        assert f"/tiplines/{number}/reveal/?what=accused-{child.pk}-{field}" in page
    assert CHILD in name
    assert LANE not in name
    assert LANE in address
    assert CHILD not in address
    first, second = Event.objects.filter(verb="party.revealed").order_by("pk")
    assert (first.subject, first.actor_id, first.purpose) == (
        f"tipline:{number}",
        officer.pk,
        "court",
    )
    assert first.detail == {
        "field": "name",
        "accused": str(child.pk),
        "words": "for the Board",
    }
    assert second.detail["field"] == "address"


def test_the_officers_words_are_kept_without_the_child(
    case: Case, child: Accused, officer: User
) -> None:
    words = f"take {CHILD} home to {LANE}"

    uncover(signed_in(Client(), officer), number_in(case), f"accused-{child.pk}-name", words=words)

    kept = Event.objects.get(verb="party.revealed").detail["words"]
    assert kept == f"take {COVER} home to {COVER}"


@pytest.mark.parametrize("asked", ["accused-{adult}-name", "accused-{child}-age", "accused-0-name"])
def test_what_is_not_covered_is_not_there(
    case: Case, child: Accused, officer: User, asked: str
) -> None:
    adult = make_accused(fir=case.firs.get(), by=officer)
    asked = asked.format(adult=adult.pk, child=child.pk)

    assert uncover(signed_in(Client(), officer), number_in(case), asked).status_code == 404


def test_only_by_a_tipline_of_the_case_and_only_who_sees_it(case: Case, child: Accused) -> None:
    other = make_case()
    asked = f"accused-{child.pk}-name"
    unit = signed_in(Client(), make_officer(Role.ANALYST))
    far = make_officer(Role.DISTRICT, district=make_district(code="DWK", name="Dwarka"))

    assert uncover(unit, number_in(other), asked).status_code == 404
    assert uncover(signed_in(Client(), far), number_in(case), asked).status_code == 404
    assert CHILD in uncover(unit, number_in(case), asked).content.decode()


# --- Rows of before -------------------------------------------------------------------------------


@pytest.fixture
def earlier(schema: str) -> Any:  # noqa: F811 - the fixture above
    return migrate(("cases", "0006_proposals"))


def make_old_rows(apps: Any) -> dict[str, int]:
    def make(app: str, model: str, **fields: Any) -> Any:
        return apps.get_model(app, model).objects.create(**fields)

    officer = make("accounts", "User", username="a", rank="inspector")
    version = make("districts", "GazetteerVersion", number=1, digest="0" * 64, loaded_at=NOON)
    district = make(
        "districts", "District", code="X", name="X", kind="territorial", range_name="N",
        centre_lat=28.7, centre_lon=77.1, version=version,
    )  # fmt: skip
    station = make(
        "districts", "PoliceStation", code="X-1", name="X", district=district,
        kind="territorial", status="active", version=version,
    )  # fmt: skip
    case = make(
        "cases", "Case", district=district, status="registered", status_at=NOON, opened_at=NOON,
        opened_by=officer, handed_over_at=NOON,
    )  # fmt: skip
    fir = make(
        "cases", "Fir", case=case, number=1, year=2026, station=station, registered_at=NOON,
        sections=["IT-67B"], investigating_officer="R. Singh", officer_rank="inspector",
        recorded_at=NOON, recorded_by=officer,
    )  # fmt: skip
    named = {"child": (CHILD, 17), "adult": ("Arun Kumar", 18), "unknown": ("B. Rao", None)}
    return {
        who: make(
            "cases", "Accused", fir=fir, name=name, age=age, address=LANE if who == "child" else "",
            recorded_at=NOON, recorded_by=officer,
        ).pk
        for who, (name, age) in named.items()
    }  # fmt: skip


def test_rows_of_before_are_sealed_and_opened_again(earlier: Any) -> None:
    keys = make_old_rows(earlier)

    apps = migrate(("cases", "0009_accused_child_is_covered"))

    rows = apps.get_model("cases", "Accused").objects
    assert tables_that_say("Zyqravine", schema="earlier") == []
    assert tables_that_say("Wexivor", schema="earlier") == []
    child = rows.get(pk=keys["child"])
    assert (child.name, child.address) == (COVER, COVER)
    assert rows.get(pk=keys["adult"]).name == "Arun Kumar"
    assert rows.get(pk=keys["unknown"]).name == "B. Rao"
    held = Accused(fir_id=child.fir_id, name=child.name, sealed=child.sealed)
    assert held.told("name") == CHILD

    back = migrate(("cases", "0006_proposals")).get_model("cases", "Accused").objects
    assert (back.get(pk=keys["child"]).name, back.get(pk=keys["child"]).address) == (CHILD, LANE)
