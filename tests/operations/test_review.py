"""The weekly review: what it counts, what it flags, and its signature."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from audit.models import Event, Origin, Outcome
from audit.services import keyed, record, record_many
from operations.services.reviewing import (
    READINGS_AN_HOUR,
    AlreadySigned,
    Finding,
    Flag,
    FlagKind,
    NotAllowed,
    NotOver,
    review_of,
    sign_off,
)
from tests.factories import make_officer
from tests.statements import Statements

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 2)
WEDNESDAY = datetime.fromisoformat("2026-11-04T12:00:00+05:30")
NEXT_MONDAY = datetime.fromisoformat("2026-11-09T00:00:00+05:30")
HOUR = timedelta(hours=1)


@pytest.fixture
def officer() -> User:
    return make_officer(Role.DISTRICT, username="d-1", full_name="Asha Verma")


@pytest.fixture
def auditor() -> User:
    return make_officer(Role.AUDITOR, username="a-1")


def read(officer: User, count: int, *, at: datetime) -> None:
    record_many(
        verb="case.seen", subjects=[f"case:{n}" for n in range(count)], actor=officer, at=at
    )


def flags() -> list[Flag]:
    return review_of(MONDAY).flags


def test_what_each_officer_did_is_counted_within_the_week_of_india(officer: User) -> None:
    first = datetime.fromisoformat("2026-11-02T00:00:00+05:30")
    for at in (
        first - timedelta(seconds=1),
        first,
        NEXT_MONDAY - timedelta(seconds=1),
        NEXT_MONDAY,
    ):
        record(verb="case.seen", subject="case:1", actor=officer, at=at)
    record(verb="case.acknowledged", subject="case:1", actor=officer, at=WEDNESDAY)
    record(
        verb="access.refused",
        subject="route:cases:case",
        actor=officer,
        at=WEDNESDAY,
        outcome=Outcome.REFUSED,
    )

    [line] = review_of(MONDAY).officers

    assert (line.officer, line.readings, line.acts, line.refused) == ("d-1", 2, 1, 1)
    assert ("case.seen", 2) in review_of(MONDAY).verbs


def test_looks_beyond_ones_reach_are_flagged(officer: User) -> None:
    for _ in range(2):
        record(
            verb="access.refused",
            subject="route:cases:case",
            actor=officer,
            at=WEDNESDAY,
            outcome=Outcome.REFUSED,
        )

    assert flags() == [Flag(kind=FlagKind.REFUSED, officer="d-1", count=2)]


def test_bulk_browsing_is_flagged_in_any_hour(officer: User) -> None:
    read(officer, READINGS_AN_HOUR, at=WEDNESDAY - timedelta(minutes=20))
    assert flags() == []

    read(officer, 1, at=WEDNESDAY + timedelta(minutes=41))  # more than an hour later
    assert flags() == []

    read(officer, 1, at=WEDNESDAY + timedelta(minutes=40))
    assert flags() == [Flag(kind=FlagKind.BULK, officer="d-1", count=READINGS_AN_HOUR + 1)]


@pytest.mark.parametrize(
    ("text", "is_own"), [("asha  VERMA", True), ("Asha", False), ("Asha Varma", False)]
)
def test_a_search_for_ones_own_name_is_flagged(officer: User, *, text: str, is_own: bool) -> None:
    make_officer(Role.DISTRICT, username="d-2", full_name="Another")
    record(
        verb="search.made",
        subject=f"officer:{officer.pk}",
        actor=officer,
        at=WEDNESDAY,
        detail={"query": keyed(text)},
    )

    assert flags() == ([Flag(kind=FlagKind.OWN_NAME, officer="d-1", count=1)] if is_own else [])


def test_rows_changed_by_sql_and_failed_pages_are_flagged(officer: User) -> None:
    Event.objects.create(
        at=WEDNESDAY, verb="row.changed", subject="cases_case:1", origin=Origin.SQL
    )
    record(
        verb="access.failed",
        subject="route:cases:case",
        actor=officer,
        at=WEDNESDAY,
        outcome=Outcome.FAILED,
    )

    assert [(flag.kind, flag.officer) for flag in flags()] == [
        (FlagKind.BY_SQL, ""),
        (FlagKind.FAILED, "d-1"),
    ]


# The signature


def test_a_signature_is_an_event_and_counts_once_an_officer(auditor: User) -> None:
    sign_off(monday=MONDAY, finding=Finding.NOTHING, by=auditor, at=NEXT_MONDAY)
    with pytest.raises(AlreadySigned):
        sign_off(monday=MONDAY, finding=Finding.FOLLOWED_UP, by=auditor, at=NEXT_MONDAY)
    supervisor = make_officer(Role.SUPERVISOR, username="s-1")
    sign_off(monday=MONDAY, finding=Finding.FOLLOWED_UP, by=supervisor, at=NEXT_MONDAY)

    signed = [(each.officer, each.finding) for each in review_of(MONDAY).signatures]

    assert signed == [("a-1", "nothing"), ("s-1", "followed-up")]
    event = Event.objects.filter(verb="record.week-signed").order_by("pk")[0]
    assert (event.subject, event.purpose) == ("week:2026-11-02", "nothing")


def test_a_week_is_signed_when_it_is_over(auditor: User) -> None:
    with pytest.raises(NotOver):
        sign_off(
            monday=MONDAY,
            finding=Finding.NOTHING,
            by=auditor,
            at=NEXT_MONDAY - timedelta(seconds=1),
        )


def test_who_may_not_read_the_record_does_not_sign(officer: User) -> None:
    with pytest.raises(NotAllowed):
        sign_off(monday=MONDAY, finding=Finding.NOTHING, by=officer, at=NEXT_MONDAY)


# The page


@pytest.fixture
def browser(auditor: User) -> Client:
    client = Client()
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_last_full_week_is_shown_and_signed(browser: Client) -> None:
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 7)
    page = browser.get(reverse("operations:review"))
    assert page.context["monday"] == monday
    assert "Nobody has signed this week." in page.content.decode()

    answer = browser.post(
        reverse("operations:sign-off"),
        {"week": monday.isoformat(), "finding": "nothing"},
        follow=True,
    )

    text = answer.content.decode()
    assert "a-1 reviewed this week on" in text
    assert "Sign this week" not in text


def test_without_a_finding_it_is_not_signed(browser: Client) -> None:
    answer = browser.post(reverse("operations:sign-off"), {"week": "2026-11-02"})

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Event.objects.filter(verb="record.week-signed").exists()


def test_the_week_that_runs_cannot_be_signed(browser: Client) -> None:
    today = timezone.localdate().isoformat()

    assert (
        "Sign this week"
        not in browser.get(reverse("operations:review", query={"week": today})).content.decode()
    )
    browser.post(reverse("operations:sign-off"), {"week": today, "finding": "nothing"})

    assert not Event.objects.filter(verb="record.week-signed").exists()


@pytest.mark.parametrize("week", ["yesterday", "2026-13-01", "0001-01-01"])
def test_what_is_no_week_is_not_found(browser: Client, week: str) -> None:
    answer = browser.get(reverse("operations:review", query={"week": week}))

    assert answer.status_code == 404


def test_statements_of_the_page_do_not_grow(browser: Client) -> None:
    address = reverse("operations:review", query={"week": "2026-11-02"})
    with Statements() as with_none:
        browser.get(address)
    for number in range(20):
        read(make_officer(Role.DISTRICT, username=f"x-{number}"), 3, at=WEDNESDAY)
    with Statements() as with_many:
        browser.get(address)

    assert len(with_none) == len(with_many) <= 14
