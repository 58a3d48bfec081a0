"""A case that is not theirs comes back with a better place; after two returns to a supervisor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.lifecycle import CaseStatus, MoveNotAllowed
from cases.models import Case, HandOff
from cases.models.case import ReturnReason
from cases.queue import QueueFilter
from cases.services import assigning, following, holding
from cases.services.desk import desk_of
from cases.services.holding import BetterPlace
from cases.tipline_page import sheet_of
from nexus.models import in_nexus
from operations.counting import Scope, count
from operations.figures import ESCALATED, THEIRS, UNDECIDED
from tests.cases.made import make_case
from tests.cases.test_following import make_supplement
from tests.factories import NOON, make_district, make_officer, make_station, make_tipline
from tests.tiplines.rows import add_party
from tiplines.models import Tipline
from tiplines.models.tipline import Status
from tiplines.parsing.records import PartyRole

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def signed_in(client: Client, officer: User) -> Client:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def give_back(
    case: Case, *, better: BetterPlace | None = None, note: str = "", days: int = 0
) -> None:
    officer = make_officer(Role.DISTRICT, district=case.district)
    holding.return_case(
        case_id=case.pk,
        reason=ReturnReason.OTHER_STATION,
        note=note,
        better=better,
        by=officer,
        at=NOON + days * DAY,
    )


def make_escalated(*, tipline: Tipline | None = None) -> Tipline:
    tip = tipline or make_tipline()
    for days in (1, 2):
        case = make_case(tipline=tip, at=NOON + days * DAY)
        give_back(case, days=days)
    return Tipline.objects.get(pk=tip.pk)


# --- Acknowledging and accepting ------------------------------------------------------------------


def test_one_act_acknowledges_and_accepts() -> None:
    case, officer = make_case(), make_officer(Role.STATION)

    holding.accept(case_id=case.pk, by=officer, at=NOON)

    case.refresh_from_db()
    hand_off = HandOff.objects.get()
    assert case.status == CaseStatus.UNDER_ENQUIRY
    assert (hand_off.acknowledged_at, hand_off.acknowledged_by) == (NOON, officer)
    assert (hand_off.accepted_at, hand_off.accepted_by) == (NOON, officer)


def test_accepting_later_leaves_the_acknowledgement_as_it_was() -> None:
    case, officer = make_case(status=CaseStatus.ACKNOWLEDGED), make_officer(Role.DISTRICT)
    before = HandOff.objects.get()

    holding.accept(case_id=case.pk, by=officer, at=NOON + DAY)

    hand_off = HandOff.objects.get()
    assert hand_off.acknowledged_at == before.acknowledged_at
    assert hand_off.acknowledged_by == before.acknowledged_by
    assert (hand_off.accepted_at, hand_off.accepted_by) == (NOON + DAY, officer)


def test_what_is_accepted_is_not_accepted_again() -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)

    with pytest.raises(MoveNotAllowed):
        holding.accept(case_id=case.pk, by=officer, at=NOON)


def test_what_is_seen_and_not_accepted_stays_on_the_desk_and_becomes_overdue() -> None:
    make_case(status=CaseStatus.ACKNOWLEDGED)
    officer, supervisor = make_officer(Role.DISTRICT), make_officer(Role.SUPERVISOR)

    soon = desk_of(officer=officer, now=NOON + DAY)
    late = desk_of(officer=officer, now=NOON + 4 * DAY)

    assert [line.limit.clock.code for line in soon.new] == ["acceptance"]
    assert [line.limit.clock.code for line in late.overdue] == ["acceptance"]
    for days, number in ((3, 0), (4, 1)):
        scope = Scope(officer=supervisor, now=NOON + days * DAY)
        assert count([UNDECIDED], scope)["not-accepted"].total == number


def test_the_board_counts_as_accepted_only_what_is() -> None:
    make_case(status=CaseStatus.ACKNOWLEDGED)
    make_case(status=CaseStatus.UNDER_ENQUIRY)
    scope = Scope(officer=make_officer(Role.SUPERVISOR), now=NOON)

    assert count([THEIRS], scope)["accepted"].total == 1


def test_the_page_offers_both_in_one_act_and_then_no_more(client: Client) -> None:
    case, officer = make_case(), make_officer(Role.DISTRICT)
    browser = signed_in(client, officer)
    page = browser.get(f"/cases/{case.pk}/").content.decode()
    assert "Acknowledge and accept" in page
    assert "Accept the case first" in page

    browser.post(f"/cases/{case.pk}/accept/")

    page = browser.get(f"/cases/{case.pk}/").content.decode()
    assert "/accept/" not in page
    assert "/fir/" in page


# --- A better place -------------------------------------------------------------------------------


def test_a_return_names_a_better_station_and_the_queue_says_so() -> None:
    case = make_case()
    other = make_station(code="DWA-1", name="Sagarpur", district=make_district(code="DWA"))

    give_back(
        case,
        better=BetterPlace(district_id=other.district_id, station_id=other.pk),
        note="the house is there",
    )

    returned = HandOff.objects.get()
    tip = Tipline.objects.get()
    assert (returned.better_district, returned.better_station) == (other.district, other)
    assert tip.return_count == 1
    assert f"Better: PS Sagarpur, {other.district.name}. the house is there" in tip.came_back


def test_the_place_that_has_it_is_no_better_place() -> None:
    case = make_case()
    same = BetterPlace(district_id=case.district_id, station_id=case.station_id)

    with pytest.raises(holding.SamePlace):
        give_back(case, better=same)

    case.refresh_from_db()
    assert case.status == CaseStatus.HANDED_OVER


def test_a_station_of_another_district_is_refused_as_better_place() -> None:
    case, other = make_case(), make_district(code="DWA", name="Dwarka")
    wrong = BetterPlace(district_id=other.pk, station_id=make_station().pk)

    with pytest.raises(assigning.StationNotInDistrict):
        give_back(case, better=wrong)


def test_one_press_follows_a_proposed_station(client: Client) -> None:
    case = make_case()
    other = make_station(code="ROH-2", name="South Rohini")
    give_back(case, better=BetterPlace(district_id=other.district_id, station_id=other.pk))
    tip, browser = Tipline.objects.get(), signed_in(client, make_officer())

    page = browser.get(f"/tiplines/{tip.number}/").content.decode()
    assert "As proposed: assign to South Rohini, Rohini" in page
    assert f'value="s:{other.pk}"' in page
    said = {"number": tip.number, "one": "1", "confirmed": "1", "act": "assign"}
    browser.post("/decide/", said | {"place": f"s:{other.pk}"})

    tip.refresh_from_db()
    assert tip.holder_station == other


def test_a_proposed_state_is_offered_as_a_transfer(client: Client) -> None:
    give_back(make_case(), better=BetterPlace(state_name="Haryana"))
    tip = Tipline.objects.get()

    page = signed_in(client, make_officer()).get(f"/tiplines/{tip.number}/").content.decode()

    assert "As proposed: transfer to Haryana" in page


def test_only_the_last_return_proposes() -> None:
    tip, supervisor = make_tipline(), make_officer(Role.SUPERVISOR)
    give_back(make_case(tipline=tip), better=BetterPlace(state_name="Haryana"))
    give_back(make_case(tipline=tip, at=NOON + DAY), days=1)

    found = Tipline.objects.annotate(**in_nexus()).get()
    assert sheet_of(found, supervisor).better is None


def test_the_form_of_the_holder_takes_a_place_a_state_or_none(client: Client) -> None:
    other = make_station(code="ROH-2", name="South Rohini")
    browser = signed_in(client, make_officer(Role.DISTRICT))
    ways = {
        f"s:{other.pk}": (other.district_id, other.pk, ""),
        f"d:{make_district(code='DWA').pk}": (make_district(code="DWA").pk, None, ""),
        "t:Haryana": (None, None, "Haryana"),
        "": (None, None, ""),
    }

    for said, (district_id, station_id, state) in ways.items():
        case = make_case()
        browser.post(f"/cases/{case.pk}/return/", {"reason": "other-station", "better": said})
        returned = case.hand_offs.get()
        assert returned.returned_at is not None
        found = (returned.better_district_id, returned.better_station_id, returned.better_state)
        assert found == (district_id, station_id, state)


@pytest.mark.parametrize("said", ["t:Delhi", "t:Atlantis", "s:0", "s:x", "d:999999", "x:1"])
def test_a_place_that_is_none_is_refused(client: Client, said: str) -> None:
    case = make_case()

    answer = signed_in(client, make_officer(Role.DISTRICT)).post(
        f"/cases/{case.pk}/return/", {"reason": "other-station", "better": said}
    )

    assert answer.status_code == 422
    case.refresh_from_db()
    assert case.status == CaseStatus.HANDED_OVER


# --- Two returns ----------------------------------------------------------------------------------


def test_after_two_returns_only_a_supervisor_assigns_it() -> None:
    tip, district = make_escalated(), make_district()
    other = make_tipline()

    left = assigning.assign(
        tipline_ids=[tip.pk, other.pk],
        district_id=district.pk,
        by=make_officer(),
        at=NOON + 3 * DAY,
    )

    tip.refresh_from_db()
    assert (left.count, left.escalated) == (1, (tip.number,))
    assert tip.status == Status.AWAITING
    done = assigning.assign(
        tipline_ids=[tip.pk],
        district_id=district.pk,
        by=make_officer(Role.SUPERVISOR),
        at=NOON + 3 * DAY,
    )
    assert (done.count, done.escalated) == (1, ())


def test_an_escalated_supplement_joins_no_case_without_a_supervisor() -> None:
    parent = make_case().entries.get().tipline
    child = make_supplement(parent)
    Tipline.objects.filter(pk=child.pk).update(return_count=2)

    left = following.send_after(tipline_ids=[child.pk], by=make_officer(), at=NOON)
    done = following.send_after(tipline_ids=[child.pk], by=make_officer(Role.SUPERVISOR), at=NOON)

    assert (left.count, left.stayed) == (0, (child.number,))
    assert done.count == 1


def test_undoing_an_assignment_is_no_return() -> None:
    make_case(status=CaseStatus.WITHDRAWN)

    assert Tipline.objects.get().return_count == 0


def test_the_board_and_the_chip_count_the_escalated() -> None:
    make_escalated()
    give_back(make_case(), days=1)
    supervisor = make_officer(Role.SUPERVISOR)

    shown = QueueFilter(escalated=True).rows(supervisor, now=NOON + 3 * DAY)

    assert shown.count() == 1
    scope = Scope(officer=supervisor, now=NOON + 3 * DAY)
    assert count([ESCALATED], scope)["escalated"].total == 1


def test_it_stands_above_the_queue_with_its_reason_covered(client: Client) -> None:
    tip = make_tipline()
    add_party(tip, role=PartyRole.VICTIM, name="Meena Rawat", age=11)
    make_case(tipline=tip, at=NOON + DAY)
    give_back(Case.objects.latest("pk"), days=1)
    make_case(tipline=tip, at=NOON + 2 * DAY)
    give_back(Case.objects.latest("pk"), note="Meena Rawat lives in Noida", days=2)

    page = signed_in(client, make_officer()).get("/queue/").content.decode()

    assert "Came back twice: a supervisor says whose they are." in page
    assert "lives in Noida" in page
    assert "Meena Rawat" not in page


def test_an_analyst_is_offered_no_assignment_of_it_and_a_supervisor_is(client: Client) -> None:
    tip = make_escalated()
    address = f"/tiplines/{tip.number}/"

    of_analyst = signed_in(client, make_officer()).get(address).content.decode()
    of_supervisor = signed_in(client, make_officer(Role.SUPERVISOR)).get(address).content.decode()

    assert "Returned 2 times." in of_analyst
    assert 'value="assign"' not in of_analyst
    assert 'value="assign"' in of_supervisor


def test_an_analyst_who_assigns_it_all_the_same_is_told(client: Client) -> None:
    tip = make_escalated()
    said = {"number": tip.number, "one": "1", "confirmed": "1", "act": "assign"}

    answer = signed_in(client, make_officer()).post(
        "/decide/", said | {"place": f"d:{make_district().pk}"}, follow=True
    )

    assert "a supervisor assigns it" in answer.content.decode()
