"""Who still needs access, leaving, postings to come, and the table of roles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.access import table
from accounts.models import Certification, User
from accounts.recertifying import CERTIFY_EVERY, is_due
from accounts.roles import MAY, Act, Role
from accounts.wording import ACT_LABELS
from audit.models import Event
from tests.accounts.ways import signed_in
from tests.factories import NOON, make_district, make_officer, make_station
from tests.statements import Statements

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NOON.date()


@pytest.mark.parametrize(
    ("from_on", "certified_on", "due"),
    [
        pytest.param(TODAY, None, False, id="posted today"),
        pytest.param(TODAY - 91 * DAY, None, False, id="a day before"),
        pytest.param(TODAY - 92 * DAY, None, True, id="a quarter ago"),
        pytest.param(TODAY - 400 * DAY, TODAY - 91 * DAY, False, id="certified since"),
        pytest.param(TODAY - 400 * DAY, TODAY - 92 * DAY, True, id="certified a quarter ago"),
        pytest.param(TODAY - DAY, TODAY - 92 * DAY, False, id="posted after it"),
    ],
)
def test_when_a_posting_is_due(from_on: date, certified_on: date | None, *, due: bool) -> None:
    assert timedelta(days=92) == CERTIFY_EVERY
    assert is_due(from_on=from_on, certified_on=certified_on, on=TODAY) == due


def test_the_list_is_by_unit_and_those_due_come_first() -> None:
    rohini = make_district()
    make_officer(Role.DISTRICT, username="a", from_on=TODAY - DAY, district=rohini)
    make_officer(Role.STATION, username="b", station=make_station(district=rohini))
    make_officer(Role.ANALYST, username="c")
    stopped = make_officer(Role.ANALYST, username="d")
    User.objects.filter(pk=stopped.pk).update(is_active=False)
    make_officer(Role.ANALYST, username="e", from_on=TODAY + DAY)

    found = {
        unit.key: ([line.posting.user.username for line in unit.lines], unit.due)
        for unit in services.units(on=TODAY)
    }

    assert found == {"unit": (["c"], 1), "ROH": (["b", "a"], 1)}


def test_certifying_takes_an_officer_off_the_due_list_for_a_quarter() -> None:
    officer, administrator = make_officer(Role.ANALYST), make_officer(Role.ADMINISTRATOR)
    other = make_officer(Role.ANALYST)
    browser = signed_in(administrator)
    own = administrator.postings.get()
    ticked = [officer.postings.get().pk, own.pk, 987654321]

    browser.post(reverse("accounts:certify"), {"posting": [*ticked, "x"], "unit": "unit"})

    today = timezone.localdate()
    [unit] = services.units(on=today)
    assert {line.posting.user for line in unit.lines if line.is_due} == {other, administrator}
    [later] = services.units(on=today + CERTIFY_EVERY)
    assert later.due == 3
    event = Event.objects.get(verb="officer.certified")
    assert (event.subject, event.actor_id) == (f"officer:{officer.pk}", administrator.pk)
    assert Certification.objects.count() == 1


def test_the_page_lists_units_then_officers() -> None:
    for _officer in range(5):
        make_officer(Role.ANALYST)
    make_officer(Role.STATION)
    browser = signed_in(make_officer(Role.ADMINISTRATOR))
    address = reverse("accounts:certify")
    browser.get(address)

    with Statements(at_most=9):
        page = browser.get(address, {"unit": "unit"}).content.decode()

    assert "Rohini" in browser.get(address).content.decode()
    assert page.count('name="posting"') == 5
    assert "your own" in page
    assert browser.get(address, {"unit": "XXX"}).status_code == 404


def test_who_is_no_longer_needed_is_ended_from_the_list() -> None:
    officer, administrator = make_officer(Role.ANALYST), make_officer(Role.ADMINISTRATOR)
    browser, today = signed_in(administrator), timezone.localdate()

    for wanted in (officer.pk, administrator.pk, "x", 987654321):
        browser.post(reverse("accounts:certify"), {"end": str(wanted), "unit": "unit"})

    assert officer.postings.get().until_on == today
    assert administrator.postings.get().until_on is None
    assert Event.objects.filter(verb="officer.left").count() == 1
    assert (
        today.strftime("%d-%m-%Y")
        in browser.get(reverse("accounts:certify"), {"unit": "unit"}).content.decode()
    )


# Leaving


def test_who_leaves_has_access_on_the_last_day_and_none_after() -> None:
    officer, administrator = make_officer(Role.SUPERVISOR), make_officer(Role.ADMINISTRATOR)
    today = timezone.localdate()
    services.post(
        user=officer, role=Role.ANALYST, from_on=today + 30 * DAY, by=administrator, at=NOON
    )

    signed_in(administrator).post(
        reverse("accounts:leave", args=[officer.pk]), {"last_on": (today + 7 * DAY).isoformat()}
    )

    roles = {
        day: services.duty_of(officer, at=timezone.now() + day * DAY).role
        for day in (0, 7, 8, 30, 400)
    }
    assert roles == {0: Role.SUPERVISOR, 7: Role.SUPERVISOR, 8: None, 30: None, 400: None}
    assert Event.objects.get(verb="officer.left").subject == f"officer:{officer.pk}"


def test_after_the_last_day_neither_session_nor_key_opens_anything() -> None:
    officer, administrator = make_officer(Role.ANALYST), make_officer(Role.ADMINISTRATOR)
    key = services.make_token(officer=officer, name="x", route="api:dispatches", at=NOON)
    browser = signed_in(officer)
    machine = Client(headers={"Authorization": f"Bearer {key}"})
    before = (browser.get("/queue/").status_code, machine.get("/api/v1/dispatches/1").status_code)

    services.leave(user=officer, last_on=timezone.localdate() - DAY, by=administrator, at=NOON)

    assert before == (200, 404)
    assert browser.get("/queue/").status_code == 403
    assert machine.get("/api/v1/dispatches/1").status_code == 403


def test_a_last_day_in_the_past_is_refused() -> None:
    officer = make_officer(Role.ANALYST)
    yesterday = timezone.localdate() - DAY

    answer = signed_in(make_officer(Role.ADMINISTRATOR)).post(
        reverse("accounts:leave", args=[officer.pk]), {"last_on": yesterday.isoformat()}
    )

    assert answer.status_code == 422
    assert officer.postings.get().until_on is None


# Postings to come


def test_a_posting_to_come_is_cancelled_and_the_one_before_goes_on() -> None:
    officer, administrator = make_officer(Role.ANALYST), make_officer(Role.ADMINISTRATOR)
    today = timezone.localdate()
    to_come = services.post(
        user=officer, role=Role.SUPERVISOR, from_on=today + DAY, by=administrator, at=NOON
    )
    browser = signed_in(administrator)
    page = browser.get(reverse("accounts:officer", args=[officer.pk])).content.decode()

    browser.post(reverse("accounts:cancel-posting", args=[officer.pk, to_come.pk]))

    assert "Cancel" in page
    [left] = officer.postings.all()
    assert (left.role, left.until_on) == ("analyst", None)
    assert Event.objects.get(verb="officer.posting-cancelled").detail["role"] == "supervisor"


def test_a_posting_that_has_begun_or_is_another_officers_is_not_cancelled() -> None:
    officer, other = make_officer(Role.ANALYST), make_officer(Role.ANALYST)
    administrator = make_officer(Role.ADMINISTRATOR)
    browser = signed_in(administrator)
    to_come = services.post(
        user=other,
        role=Role.SUPERVISOR,
        from_on=timezone.localdate() + DAY,
        by=administrator,
        at=NOON,
    )

    begun = browser.post(
        reverse("accounts:cancel-posting", args=[officer.pk, officer.postings.get().pk])
    )
    foreign = browser.post(reverse("accounts:cancel-posting", args=[officer.pk, to_come.pk]))

    assert (begun.status_code, foreign.status_code) == (302, 404)
    assert officer.postings.count() == 1
    assert other.postings.filter(pk=to_come.pk).exists()


def test_a_preview_says_what_changes_and_changes_nothing() -> None:
    officer = make_officer(Role.ANALYST)
    browser = signed_in(make_officer(Role.ADMINISTRATOR))

    page = browser.post(
        reverse("accounts:post", args=[officer.pk]),
        {
            "role": "station",
            "station": make_station().pk,
            "from_on": timezone.localdate().isoformat(),
            "preview": "1",
        },
    )

    preview = page.context["preview"]
    assert preview["gained"] == [ACT_LABELS[Act.WORK_CASES]]
    assert preview["lost"] == [ACT_LABELS[Act.IMPORT], ACT_LABELS[Act.TRIAGE]]
    assert preview["kept"] == [ACT_LABELS[Act.SEE_CASES]]
    assert [posting.role for posting in preview["ends"]] == ["analyst"]
    assert preview["place"] == "every case of Prashant Vihar, earlier ones too"
    assert officer.postings.get().role == "analyst"


def test_nobody_previews_into_the_own_account() -> None:
    administrator = make_officer(Role.ADMINISTRATOR)
    browser = signed_in(administrator)
    today = timezone.localdate().isoformat()

    browser.post(reverse("accounts:leave", args=[administrator.pk]), {"last_on": today})
    browser.post(
        reverse("accounts:post", args=[administrator.pk]), {"role": "supervisor", "from_on": today}
    )

    assert [posting.until_on for posting in administrator.postings.all()] == [None]


# The table of roles


def test_the_table_of_roles_is_the_rule() -> None:
    page = signed_in(make_officer(Role.AUDITOR)).get(reverse("accounts:roles"))

    assert set(ACT_LABELS) == set(Act)
    for act, line in zip(Act, page.context["acts"], strict=True):
        assert line["may"] == [act in MAY[role] for role in Role]
    shown = {line["name"]: line["may"] for line in page.context["routes"]}
    assert set(shown) == set(table())
    assert shown["accounts:officers"] == [role == Role.ADMINISTRATOR for role in Role]
    assert all(shown["home"])
