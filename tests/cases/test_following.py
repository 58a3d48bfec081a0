"""Supplements go where their parents went, and come back with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.lifecycle import CaseStatus
from cases.models import Case, CaseTipline
from cases.models.case import ReturnReason
from cases.services import assigning, following, holding, news
from cases.services.assigning import CannotUndo
from tests.cases.made import make_case
from tests.factories import NOON, make_officer, make_station, make_tipline
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services import deciding
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=3)


def make_supplement(parent: Tipline) -> Tipline:
    tip = make_tipline()
    Tipline.objects.filter(pk=tip.pk).update(parent=parent, prior_reports=[parent.number])
    tip.refresh_from_db()
    return tip


def send(*tiplines: Tipline, by: User | None = None) -> following.Followed:
    return following.send_after(
        tipline_ids=[tip.pk for tip in tiplines], by=by or make_officer(), at=LATER
    )


def check_law() -> None:
    for account in reconcile():
        assert not {fault for fault in account.faults if "decision" in fault or "nobody" in fault}
    for entry in CaseTipline.objects.filter(left_at__isnull=True):
        assert entry.tipline.status == Status.HELD
        assert entry.case.is_open
        assert entry.tipline.holder_district_id == entry.case.district_id


@pytest.mark.parametrize("status", [CaseStatus.HANDED_OVER, CaseStatus.REGISTERED])
def test_a_supplement_joins_its_parents_case(status: CaseStatus) -> None:
    case = make_case(status=status)
    parent = case.entries.get().tipline
    child = make_supplement(parent)

    done = send(child)

    child.refresh_from_db()
    assert (done.count, child.status) == (1, Status.HELD)
    assert (child.holder_district_id, child.holder_station_id) == (
        case.district_id,
        case.station_id,
    )
    assert CaseTipline.objects.get(tipline=child, left_at__isnull=True).case_id == case.pk
    assert Case.objects.count() == 1
    check_law()


def test_it_joins_where_the_case_is_now() -> None:
    case = make_case(with_station=False)
    child, station = make_supplement(case.entries.get().tipline), make_station()
    holding.allot_station(
        case_id=case.pk,
        station_id=station.pk,
        by=make_officer(Role.DISTRICT, district=case.district),
        at=NOON,
    )

    send(child)

    child.refresh_from_db()
    assert child.holder_station_id == station.pk
    assert Decision.objects.get(tipline=child).station_id == station.pk
    check_law()


ENDINGS: list[tuple[Callable[[dict[str, Any]], object], dict[str, str]]] = [
    (
        lambda said: deciding.close(**said, reason=CloseReason.NO_LEAD),
        {"kind": "close", "reason": "no-lead"},
    ),
    (
        lambda said: deciding.transfer(**said, state_name="Haryana"),
        {"kind": "transfer", "state_name": "Haryana"},
    ),
    (
        lambda said: deciding.send_back(**said, note="Which account?"),
        {"kind": "send-back", "note": "Which account?"},
    ),
]


@pytest.mark.parametrize(("end", "like"), ENDINGS, ids=["close", "transfer", "send-back"])
def test_it_ends_as_its_parent_ended(
    end: Callable[[dict[str, Any]], object], like: dict[str, str]
) -> None:
    parent, officer = make_tipline(), make_officer()
    child = make_supplement(parent)
    end({"tipline_ids": [parent.pk], "by": officer, "at": NOON})

    send(child, by=officer)

    made = Decision.objects.filter(tipline=child).values(*like).get()
    assert made == like
    assert Tipline.objects.get(pk=child.pk).status == Tipline.objects.get(pk=parent.pk).status
    check_law()


def test_what_cannot_follow_stays() -> None:
    open_parent, officer = make_tipline(), make_officer()
    waits, alone, decided = make_supplement(open_parent), make_tipline(), make_tipline()
    deciding.close(tipline_ids=[decided.pk], reason=CloseReason.VIRAL, by=officer, at=NOON)

    done = send(waits, alone, decided, by=officer)

    assert done.count == 0
    assert set(done.stayed) == {waits.number, alone.number}
    assert done.skipped == (decided.number,)
    assert Tipline.objects.get(pk=waits.pk).status == Status.AWAITING


def test_many_go_at_once_and_are_undone_at_once() -> None:
    officer, case = make_officer(), make_case()
    closed = make_tipline()
    deciding.close(tipline_ids=[closed.pk], reason=CloseReason.VIRAL, by=officer, at=NOON)
    children = [make_supplement(case.entries.get().tipline), make_supplement(closed)]

    done = send(*children, by=officer)
    check_law()
    undone = assigning.undo(batch=done.batch, by=officer, at=LATER)

    assert (done.count, undone) == (2, 2)
    for child in children:
        assert Tipline.objects.get(pk=child.pk).status == Status.AWAITING
    assert Case.objects.get().status == CaseStatus.HANDED_OVER
    check_law()


def test_undoing_works_in_a_case_at_work_until_the_holder_took_note() -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer()
    parent = case.entries.get().tipline
    first, second = make_supplement(parent), make_supplement(parent)

    assert assigning.undo(batch=send(first, by=officer).batch, by=officer, at=LATER) == 1
    done = send(second, by=officer)
    holder = make_officer(Role.STATION, station=case.station)
    news.mark_seen(case_id=case.pk, until=LATER, by=holder, at=LATER)
    with pytest.raises(CannotUndo):
        assigning.undo(batch=done.batch, by=officer, at=LATER)

    assert Tipline.objects.get(pk=second.pk).status == Status.HELD
    check_law()


def test_with_its_parents_assignment_a_supplement_comes_back() -> None:
    parent, officer = make_tipline(), make_officer()
    child = make_supplement(parent)
    decided = assigning.assign(
        tipline_ids=[parent.pk], district_id=make_station().district_id, by=officer, at=NOON
    )
    send(child, by=officer)

    assert assigning.undo(batch=decided.batch, by=officer, at=LATER) == 1

    assert set(Tipline.objects.values_list("status", flat=True)) == {Status.AWAITING}
    assert Case.objects.get().status == CaseStatus.WITHDRAWN
    assert not Decision.objects.filter(undone_at__isnull=True).exists()
    check_law()


def test_a_returned_case_gives_its_supplements_back() -> None:
    case = make_case()
    child = make_supplement(case.entries.get().tipline)
    send(child)

    holding.return_case(
        case_id=case.pk,
        reason=ReturnReason.OTHER_STATION,
        note="",
        by=make_officer(Role.DISTRICT, district=case.district),
        at=LATER,
    )

    assert set(Tipline.objects.values_list("status", flat=True)) == {Status.AWAITING}
    check_law()


def test_only_the_unit_sends() -> None:
    with pytest.raises(deciding.NotAllowed):
        send(make_tipline(), by=make_officer(Role.DISTRICT))


# --- From the page --------------------------------------------------------------------------------


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make_officer(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_one_is_sent_from_its_page(browser: Client) -> None:
    case = make_case()
    child = make_supplement(case.entries.get().tipline)

    shown = browser.get(f"/tiplines/{child.number}/").content.decode()
    answer = browser.post(
        "/follow/", {"number": child.number, "one": "1", "confirmed": "1", "back": ""}
    )

    assert "Send after its parent" in shown
    assert case.entries.get(left_at__isnull=True, tipline__parent=None).tipline.number in shown
    assert answer.status_code == 302
    assert Tipline.objects.get(pk=child.pk).status == Status.HELD


def test_many_are_shown_before_they_are_sent(browser: Client) -> None:
    case = make_case()
    children = [make_supplement(case.entries.get().tipline) for _ in range(3)]
    alone = make_tipline()
    said = {"number": [tip.number for tip in [*children, alone]], "back": ""}

    preview = browser.post("/follow/", said)
    assert (preview.context["count"], preview.context["left_out"]) == (3, 1)
    assert not Decision.objects.filter(tipline__in=children).exists()
    browser.post("/follow/", {**said, "confirmed": preview.context["sealed"]})

    assert Tipline.objects.filter(status=Status.HELD).count() == 4
    assert Tipline.objects.get(pk=alone.pk).status == Status.AWAITING


def test_a_list_that_changed_after_the_preview_is_shown_again_and_says_so(browser: Client) -> None:
    parent = make_case().entries.get().tipline
    first, second = make_supplement(parent), make_supplement(parent)
    said = {"number": [first.number, second.number], "back": ""}
    preview = browser.post("/follow/", said)
    send(second)

    answer = browser.post("/follow/", {**said, "confirmed": preview.context["sealed"]})

    assert answer.status_code == 422
    assert "The list has changed since you looked" in answer.content.decode()
    assert not Decision.objects.filter(tipline=first).exists()


def test_more_than_can_be_sent_at_once_is_said(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = make_case().entries.get().tipline
    children = [make_supplement(parent) for _ in range(3)]
    monkeypatch.setattr("cases.views.decisions.BULK_AT_MOST", 2)

    preview = browser.post("/follow/", {"number": [tip.number for tip in children], "back": ""})

    assert (preview.context["count"], preview.context["left_out"]) == (2, 0)
    assert "More than 2 match" in preview.content.decode()


def test_the_queue_names_parent_state_and_holder(browser: Client) -> None:
    case = make_case()
    child = make_supplement(case.entries.get().tipline)
    orphan = make_tipline()
    Tipline.objects.filter(pk=orphan.pk).update(prior_reports=["123"])

    whole = browser.get("/queue/").content.decode()
    supplements = browser.get("/queue/?supplement=1")
    orphans = browser.get("/queue/?orphan=1")

    assert case.entries.get().tipline.number in whole
    assert case.district.name in whole
    assert [line.tipline for line in supplements.context["lines"]] == [child]
    assert [line.tipline for line in orphans.context["lines"]] == [orphan]
    assert "not held" in browser.get(f"/tiplines/{orphan.number}/").content.decode()
