"""What came in about a case: its holder is told until the holder says that it is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.lifecycle import CaseStatus
from cases.models import Case, CaseTipline
from cases.services import following, news
from cases.services.news import cases_with_news, news_of
from cases.services.reach import CaseNotVisible
from tests.cases.made import make_case
from tests.cases.test_triage_pages import signed_in
from tests.factories import NOON, make_district, make_officer, make_tipline
from tests.statements import Statements
from tests.tiplines import rows
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.rows import add_party
from tiplines.models import Tipline, Version
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.parsing.records import PartyRole
from tiplines.services import deciding
from tiplines.services.deciding import NotAllowed

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=3)
LATER_STILL = NOON + timedelta(hours=6)


def holder_of(case: Case) -> User:
    return make_officer(Role.STATION, station=case.station)


def first_of(case: Case) -> Tipline:
    return CaseTipline.objects.filter(case=case).earliest("pk").tipline


def add_version(
    tip: Tipline, *, at: datetime = LATER, difference: Sequence[list[str]] = ()
) -> Version:
    number = tip.version + 1
    Tipline.objects.filter(pk=tip.pk).update(version=number, news_at=at)
    return rows.add_version(
        tip,
        number=number,
        received_at=at,
        difference=list(difference),
    )


def add_supplement(tip: Tipline, *, at: datetime = LATER) -> Tipline:
    made = make_tipline()
    Tipline.objects.filter(pk=made.pk).update(parent=tip, received_at=at)
    Tipline.objects.filter(pk=tip.pk).update(news_at=at)
    return made


def test_a_case_without_anything_new_has_no_news() -> None:
    case = make_case()
    add_version(first_of(case), at=NOON - timedelta(hours=1))
    add_supplement(first_of(case), at=NOON - timedelta(hours=1))

    assert news_of(case) == ()
    assert not cases_with_news(holder_of(case)).exists()


def test_a_new_version_is_news_until_it_is_seen() -> None:
    case = make_case()
    version = add_version(first_of(case))
    officer = holder_of(case)

    [told] = news_of(case)
    assert (told.versions, told.supplements, told.is_added) == ((version,), (), False)
    assert list(cases_with_news(officer)) == [case]

    news.mark_seen(case_id=case.pk, until=LATER_STILL, by=officer, at=LATER_STILL)
    assert news_of(case) == ()
    assert not cases_with_news(officer).exists()
    event = Event.objects.get(verb="case.news-seen")
    assert (event.subject, event.actor_id) == (f"case:{case.pk}", officer.pk)


def test_what_comes_in_by_a_dispatch_is_news_on_the_desk() -> None:
    cases = []
    for number in ("990000001", "990000002"):
        bring(zip_of({f"{number}.json": json_report(number)}))
        work()
        cases.append(make_case(tipline=Tipline.objects.get(number=number)))
    officer = holder_of(cases[0])
    assert not cases_with_news(officer).exists()

    bring(
        zip_of({"a.json": json_report("990000001", dateReceived="2026-10-21T10:00:00Z")}), at=LATER
    )
    work(at=LATER)
    assert list(cases_with_news(officer)) == cases[:1]

    child = make_tipline(received_at=LATER)
    Tipline.objects.filter(pk=child.pk).update(prior_reports=["990000002"], assessed_at=None)
    work(at=LATER)
    assert set(cases_with_news(officer)) == set(cases)


def test_a_supplement_is_news_before_and_after_it_joins_the_case() -> None:
    case = make_case()
    child, officer = add_supplement(first_of(case)), holder_of(case)

    [told] = news_of(case)
    assert told.supplements == (child,)

    news.mark_seen(case_id=case.pk, until=LATER, by=officer, at=LATER)
    following.send_after(tipline_ids=[child.pk], by=make_officer(), at=LATER_STILL)
    [told] = news_of(case)
    assert (told.tipline, told.is_added) == (child, True)

    seen = LATER_STILL + timedelta(hours=1)
    news.mark_seen(case_id=case.pk, until=seen, by=officer, at=seen)
    assert news_of(case) == ()


def test_what_came_after_the_page_was_made_stays_new() -> None:
    case = make_case()
    add_version(first_of(case), at=LATER)

    news.mark_seen(
        case_id=case.pk, until=LATER - timedelta(minutes=1), by=holder_of(case), at=LATER_STILL
    )

    assert len(news_of(case)) == 1


def test_nobody_sees_for_the_holder() -> None:
    case = make_case()
    add_version(first_of(case))

    with pytest.raises(NotAllowed):
        news.mark_seen(case_id=case.pk, until=LATER, by=make_officer(), at=LATER)
    elsewhere = make_officer(Role.DISTRICT, district=make_district(code="DWK", name="Dwarka"))
    with pytest.raises(CaseNotVisible):
        news.mark_seen(case_id=case.pk, until=LATER, by=elsewhere, at=LATER)

    assert not cases_with_news(elsewhere).exists()
    assert len(news_of(case)) == 1


def test_a_returned_case_tells_nothing() -> None:
    case = make_case(status=CaseStatus.RETURNED)
    add_version(first_of(case))

    assert not cases_with_news(holder_of(case)).exists()


# --- From the page --------------------------------------------------------------------------------


def test_the_desk_lists_it_and_the_case_shows_the_difference(client: Client) -> None:
    case = make_case(at=timezone.now() - timedelta(hours=2))
    tip = first_of(case)
    add_party(tip, role=PartyRole.VICTIM, name="Meena Rawat")
    difference = [
        ["incident/type", "old words", "new words"],
        ["victims/firstName", "Mina", "Meena"],
        ["note", "", "he met Meena Rawat"],
    ]
    add_version(tip, at=timezone.now() - timedelta(hours=1), difference=difference)
    browser = signed_in(client, holder_of(case))
    address = reverse("cases:case", kwargs={"case_id": case.pk})

    desk = browser.get(reverse("cases:desk"))
    shown = browser.get(address)

    assert list(desk.context["told"]) == [case]
    assert "New information" in desk.content.decode()
    text = shown.content.decode()
    assert "new words" in text
    for name in ("Meena", "Rawat", "Mina"):
        assert name not in text

    answer = browser.post(f"{address}seen/", {"until": shown.context["page"].until})
    assert answer.status_code == 302
    assert "new words" not in browser.get(address).content.decode()
    assert list(browser.get(reverse("cases:desk")).context["told"]) == []


def test_the_unit_sees_the_news_and_cannot_say_it_is_known(client: Client) -> None:
    case = make_case()
    add_version(first_of(case))

    text = signed_in(client, make_officer()).get(f"/cases/{case.pk}/").content.decode()

    assert "New information" in text
    assert "This is known now" not in text


@pytest.mark.parametrize("until", ["", "yesterday"])
def test_a_page_that_does_not_say_until_when_is_refused(client: Client, until: str) -> None:
    case = make_case()
    add_version(first_of(case))

    answer = signed_in(client, holder_of(case)).post(f"/cases/{case.pk}/seen/", {"until": until})

    assert answer.status_code == 422
    assert len(news_of(case)) == 1


def test_the_news_of_the_desk_cost_one_statement(client: Client) -> None:
    case = make_case()
    browser = signed_in(client, holder_of(case))
    spent = []
    for count in (1, 6):
        for _ in range(count):
            add_version(first_of(make_case()))
        with Statements() as asked:
            browser.get(reverse("cases:desk"))
        spent.append(len(asked))

    assert len(set(spent)) == 1, spent


def test_what_changed_since_it_was_decided_stands_on_top(client: Client) -> None:
    tip, analyst = make_tipline(), make_officer()
    add_version(tip, at=NOON - timedelta(hours=2), difference=[["a", "before it", "known"]])
    deciding.close(tipline_ids=[tip.pk], reason=CloseReason.NO_LEAD, by=analyst, at=NOON)
    deciding.put_back({tip.pk}, verb="tipline.reopened", by=None, at=LATER, came_back="Again.")
    tip.refresh_from_db()
    add_version(tip, difference=[["b", "", "after it"]])

    answer = signed_in(client, analyst).get(f"/tiplines/{tip.number}/")

    assert Tipline.objects.get(pk=tip.pk).status == Status.AWAITING
    assert [after for *_, after in answer.context["sheet"].new_changes] == ["after it"]
    assert "What has changed since the last decision" in answer.content.decode()
