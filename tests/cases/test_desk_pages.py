"""The desk, the list and the case, as each officer sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Act, Role
from audit.models import Event
from cases.lifecycle import CaseStatus
from cases.models import Case, Fir
from cases.services import assigning
from cases.services.listing import PAGE
from tests.cases.made import make_accused, make_arrest, make_case
from tests.factories import (
    make_dispatch,
    make_district,
    make_officer,
    make_station,
    make_tipline,
)
from tests.statements import Statements
from tests.tiplines.rows import add_party
from tiplines.models import Tipline

pytestmark = pytest.mark.django_db

POSTS = [
    "mark-seen",
    "acknowledge",
    "return",
    "allot",
    "register-fir",
    "record-progress",
    "add-accused",
    "record-arrest",
    "record-production",
]


def signed_in(officer: User) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def foreigner() -> User:
    return make_officer(Role.DISTRICT, district=make_district(code="DWK", name="Dwarka"))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("page", ["cases:desk", "cases:cases", "cases:case"])
def test_who_may_open_the_pages(page: str, role: Role) -> None:
    case = make_case()
    officer = make_officer(role)
    address = reverse(page, kwargs={"case_id": case.pk} if page == "cases:case" else {})

    answer = signed_in(officer).get(address)

    assert answer.status_code == (200 if officer.duty.may(Act.SEE_CASES) else 403)


@pytest.mark.parametrize("name", POSTS)
def test_a_foreign_case_is_not_there(name: str) -> None:
    case = make_case()
    client = signed_in(foreigner())

    opened = client.get(reverse("cases:case", kwargs={"case_id": case.pk}))
    posted = client.post(reverse(f"cases:{name}", kwargs={"case_id": case.pk}))

    assert (opened.status_code, posted.status_code) == (404, 404)
    assert not Event.objects.filter(verb="case.seen").exists()


@pytest.mark.parametrize("name", POSTS)
def test_the_unit_reads_but_does_not_act(name: str) -> None:
    case = make_case()

    answer = signed_in(make_officer(Role.SUPERVISOR)).post(
        reverse(f"cases:{name}", kwargs={"case_id": case.pk})
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["desk", "cases"])
def test_strangers_are_sent_to_sign_in(name: str) -> None:
    answer = Client().get(reverse(f"cases:{name}"))

    assert answer.status_code == 302
    assert reverse("accounts:sign-in") in answer["Location"]


def test_foreign_cases_are_neither_listed_nor_counted() -> None:
    case = make_case()
    client = signed_in(foreigner())

    desk, listed = client.get(reverse("cases:desk")), client.get(reverse("cases:cases"))

    link = reverse("cases:case", kwargs={"case_id": case.pk})
    assert link not in desk.content.decode() + listed.content.decode()
    assert [figure["count"] for figure in desk.context["figures"]] == [0, 0, 0, 0]
    assert listed.context["page"].count == 0


def test_the_desk_sorts_by_what_is_due() -> None:
    now = timezone.now()
    officer = make_officer(Role.DISTRICT)
    new = make_case(at=now - timedelta(hours=1))
    late = make_case(at=now - timedelta(hours=25))
    held = make_case(status=CaseStatus.REGISTERED, at=now - timedelta(hours=2))
    Fir.objects.update(registered_at=now - timedelta(hours=20))
    make_arrest(
        accused=make_accused(fir=held.firs.get(), by=officer),
        by=officer,
        arrested_at=now - timedelta(hours=19),
    )

    answer = signed_in(officer).get(reverse("cases:desk"))

    assert [line["case"] for line in answer.context["new"]] == [new]
    assert [line["case"] for line in answer.context["overdue"]] == [late]
    assert [line["case"] for line in answer.context["due_soon"]] == [held]
    assert "BNSS 58" in answer.content.decode()


def test_opening_a_case_is_recorded_and_stays_out_of_its_timeline() -> None:
    case, officer = make_case(), make_officer(Role.STATION)

    answer = signed_in(officer).get(reverse("cases:case", kwargs={"case_id": case.pk}))

    event = Event.objects.get(verb="case.seen")
    assert (event.subject, event.actor_id) == (f"case:{case.pk}", officer.pk)
    assert [line.words for line in answer.context["page"].events] == ["Case opened and handed over"]


def test_acknowledging_from_the_page() -> None:
    case = make_case()
    client = signed_in(make_officer(Role.STATION))
    address = reverse("cases:acknowledge", kwargs={"case_id": case.pk})

    first, second = client.post(address), client.post(address)

    case.refresh_from_db()
    assert first.status_code == 302
    assert case.status == CaseStatus.ACKNOWLEDGED
    assert second.status_code == 422
    assert "The case has moved on" in second.content.decode()


def fir_data(case: Case, **changes: object) -> dict[str, object]:
    return {
        "number": "512/26",
        "kind": "regular",
        "station": case.station_id,
        "moment": "2026-11-12T12:00",
        "sections": ["IT-67B", "POCSO-15-1"],
        "investigating_officer": "R. Singh",
        "officer_rank": "inspector",
        **changes,
    }


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The views read a clock that stands at a moment after `NOON`."""
    moment = datetime(2026, 11, 12, 8, 0, tzinfo=UTC)
    monkeypatch.setattr("cases.views.case.timezone.now", lambda: moment)


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("written", ["512/26", "0512/2026", " 512 ", "512-2026"])
def test_an_fir_is_registered_from_the_page(written: str) -> None:
    case = make_case(status=CaseStatus.UNDER_ENQUIRY)
    client = signed_in(make_officer(Role.STATION))

    answer = client.post(
        reverse("cases:register-fir", kwargs={"case_id": case.pk}),
        fir_data(case, number=written),
    )

    assert answer.status_code == 302
    assert answer["Location"].endswith("#fir")
    assert Fir.objects.get().label == "0512/2026"


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        pytest.param({"officer_rank": "si"}, "officer_rank", "IT Act s. 78", id="rank"),
        pytest.param({"number": "512/2025"}, "number", "2026", id="year"),
        pytest.param({"number": "five"}, "number", "0512/2026", id="no number"),
        pytest.param({"number": "0/2026"}, "number", "0512/2026", id="nought"),
        pytest.param({"moment": "2026-11-12T14:00"}, "moment", "not come yet", id="future"),
        pytest.param({"sections": ["IPC-292"]}, "sections", "IPC-292", id="not offered"),
        pytest.param({"sections": []}, "sections", "required", id="no sections"),
    ],
)
def test_a_refused_fir_says_why_beside_the_field(
    changes: dict[str, object], field: str, words: str
) -> None:
    case = make_case(status=CaseStatus.UNDER_ENQUIRY)
    client = signed_in(make_officer(Role.STATION))

    answer = client.post(
        reverse("cases:register-fir", kwargs={"case_id": case.pk}), fir_data(case, **changes)
    )

    assert answer.status_code == 422
    assert words in " ".join(answer.context["fir_form"].errors[field])
    assert not Fir.objects.exists()


def test_returning_and_allotting_from_the_page() -> None:
    case, other = make_case(), make_station(code="ROH-SOUTH", name="South Rohini")
    client = signed_in(make_officer(Role.DISTRICT))

    allotted = client.post(
        reverse("cases:allot", kwargs={"case_id": case.pk}), {"station": other.pk}
    )
    returned = client.post(
        reverse("cases:return", kwargs={"case_id": case.pk}),
        {"reason": "other-state", "note": "lives in Noida"},
    )

    case.refresh_from_db()
    assert (allotted.status_code, returned.status_code) == (302, 302)
    assert (case.station, case.status) == (other, CaseStatus.RETURNED)
    assert "lives in Noida" in Tipline.objects.get().came_back


@pytest.mark.usefixtures("frozen")
def test_accused_arrest_and_production_from_the_page() -> None:
    case = make_case(status=CaseStatus.REGISTERED)
    client = signed_in(make_officer(Role.STATION))
    fir = case.firs.get()

    def post(act: str, **data: object) -> int:
        address = reverse(f"cases:{act}", kwargs={"case_id": case.pk})
        return client.post(address, data).status_code

    assert post("add-accused", fir=fir.pk, name="A. Kumar", age=34, address="Rohini") == 302
    accused = fir.accused.get()
    arrest = {"accused": accused.pk, "place": "Rohini", "arrested_by": "R. Singh"}
    assert post("record-arrest", **arrest, moment="2026-11-12T11:59") == 422
    assert post("record-arrest", **arrest, moment="2026-11-12T12:30") == 302
    production = {"arrest": accused.arrest.pk}
    assert post("record-production", **production, moment="2026-11-12T12:29") == 422
    assert post("record-production", **production, moment="2026-11-12T13:00") == 302
    assert post("record-progress", fir=fir.pk, moment="2026-11-12T13:00") == 302
    page = client.get(reverse("cases:case", kwargs={"case_id": case.pk}))
    assert page.context["page"].clocks == ()


def test_a_childs_name_is_not_shown_and_the_page_warns() -> None:
    case, officer = make_case(status=CaseStatus.REGISTERED), make_officer(Role.STATION)
    make_accused(fir=case.firs.get(), by=officer, age=16)
    add_party(Tipline.objects.get(), name="Secret Name", age=16)

    answer = signed_in(officer).get(reverse("cases:case", kwargs={"case_id": case.pk}))

    text = answer.content.decode()
    main = text[text.index('id="accused"') :]
    assert "<strong>A. Kumar</strong>" not in main
    assert "Secret Name" not in text
    assert "JJ Model Rules 2016 r. 8" in text


def many_cases(count: int) -> None:
    dispatch, analyst = make_dispatch(), make_officer()
    assigning.assign(
        tipline_ids=[make_tipline(dispatch=dispatch).pk for _ in range(count)],
        district_id=make_district().pk,
        by=analyst,
        at=timezone.now(),
    )


@pytest.mark.parametrize("role", [Role.ANALYST, Role.DISTRICT, Role.STATION])
def test_statements_of_the_list_do_not_grow_with_its_rows(role: Role) -> None:
    make_case()
    client = signed_in(make_officer(role))
    address = reverse("cases:cases")
    client.get(address)

    with Statements() as with_one:
        client.get(address)
    many_cases(60)
    with Statements() as with_many:
        client.get(address)

    assert len(with_one) == len(with_many) <= 13


def test_paging_shows_every_case_once_and_leads_back() -> None:
    many_cases(PAGE * 2 + 10)
    client = signed_in(make_officer())
    address = reverse("cases:cases")

    first = client.get(address)
    second = client.get(address + first.context["next"])
    third = client.get(address + second.context["next"])
    back = client.get(address + third.context["previous"])
    home = client.get(address + back.context["previous"])

    keys = [row["case"].pk for page in (first, second, third) for row in page.context["rows"]]
    assert len(keys) == len(set(keys)) == PAGE * 2 + 10
    assert keys == sorted(keys, reverse=True)
    assert third.context["next"] == ""
    assert [row["case"].pk for row in back.context["rows"]] == keys[PAGE : PAGE * 2]
    assert [row["case"].pk for row in home.context["rows"]] == keys[:PAGE]
    assert (first.context["previous"], home.context["previous"]) == ("", "")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param("", 3, id="all"),
        pytest.param("?status=open", 2, id="open"),
        pytest.param("?status=returned", 1, id="a status"),
        pytest.param("?district=DWK", 1, id="a district"),
        pytest.param("?station=ROH-PRASHANT-VIHAR", 2, id="a station"),
        pytest.param("?district=DWK&status=returned", 0, id="both"),
        pytest.param("?after=nonsense", 3, id="a changed link"),
        pytest.param("?operation=4", 3, id="what is not a filter yet"),
    ],
)
def test_filters(query: str, count: int) -> None:
    make_case(status=CaseStatus.RETURNED)
    make_case()
    dwarka = make_station(
        code="DWK-1", name="Dwarka South", district=make_district(code="DWK", name="Dwarka")
    )
    make_case(station=dwarka)

    answer = signed_in(make_officer()).get(reverse("cases:cases") + query)

    assert len(answer.context["rows"]) == answer.context["page"].count == count


def test_an_unknown_filter_is_refused_in_words() -> None:
    answer = signed_in(make_officer()).get(reverse("cases:cases") + "?status=nonsense")

    assert "rows" not in answer.context
    assert answer.context["form"].errors["status"]
