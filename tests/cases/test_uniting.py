"""What is of an organised nexus is decided as one, or alone with a reason, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.lifecycle import CaseStatus
from cases.models import Case, Proposal
from cases.nexus_forms import OWN_STATION
from cases.services import assigning, ending, following, holding, proposing, uniting
from cases.services.assigning import CannotUndo, WhyNot
from cases.services.news import cases_with_news, news_of
from cases.services.proposing import Wish
from cases.services.uniting import CaseNotOfNexus, NothingAwaits
from nexus.models import Nexus, Tier, Verdict
from nexus.services import judging
from nexus.services.alerting import alert_next, tell_holders
from nexus.services.judging import NothingToJudgeError
from tests.cases.made import make_case
from tests.cases.test_triage_pages import signed_in
from tests.factories import NOON, make_district, make_officer, make_station, make_tipline
from tests.nexus.ties import make_nexus
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services import deciding
from tiplines.services.deciding import Decided, NotAllowed, NotVisible

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def analyst() -> User:
    return make_officer()


@pytest.fixture
def nexus() -> Nexus:
    found = make_nexus(*(make_tipline(urgency=20 + 10 * at) for at in range(3)))
    while alert_next(at=NOON):
        pass
    return found


def tips_of(nexus: Nexus) -> list[Tipline]:
    return list(Tipline.objects.filter(organised_in=nexus.pk).order_by("pk"))


def again(tipline: Tipline) -> Tipline:
    return Tipline.objects.get(pk=tipline.pk)


def hand_over(nexus: Nexus, by: User, **said: Any) -> uniting.United:
    station = said.pop("station", None) or make_station()
    values: dict[str, Any] = {
        "tipline_ids": [tip.pk for tip in tips_of(nexus)],
        "district_id": station.district_id,
        "station_id": station.pk,
        "at": LATER,
        "note": "one ring",
    }
    return uniting.hand_over(nexus, by=by, **values | said)


# Nothing else decides them


def assign(keys: list[int], by: User) -> Decided:
    station = make_station()
    return assigning.assign(
        tipline_ids=keys, district_id=station.district_id, station_id=station.pk, by=by, at=LATER
    )


def assign_each(keys: list[int], by: User) -> Decided:
    station = make_station()
    Tipline.objects.filter(pk__in=keys).update(
        outcome="delhi", best_station=station, best_district=station.district, best_share=0.99
    )
    return assigning.assign_each(tipline_ids=keys, by=by, at=LATER)


def transfer(keys: list[int], by: User) -> Decided:
    return ending.transfer(tipline_ids=keys, state_name="Haryana", by=by, at=LATER)


def close(keys: list[int], by: User) -> Decided:
    return deciding.close(tipline_ids=keys, reason=CloseReason.NO_LEAD, by=by, at=LATER)


def send_back(keys: list[int], by: User) -> Decided:
    return ending.send_back(tipline_ids=keys, note="unreadable", by=by, at=LATER)


@pytest.mark.parametrize("act", [assign, assign_each, transfer, close, send_back])
def test_an_act_on_many_leaves_them(
    act: Callable[[list[int], User], Decided], nexus: Nexus, analyst: User
) -> None:
    free = make_tipline()
    tips = tips_of(nexus)

    done = act([free.pk, *(tip.pk for tip in tips)], analyst)

    assert done.count == 1
    assert sorted(done.for_the_unit) == sorted(tip.number for tip in tips)
    assert {again(tip).status for tip in tips} == {Status.AWAITING}
    assert again(free).status != Status.AWAITING


def test_a_proposal_that_is_confirmed_after_the_alert_leaves_them(analyst: User) -> None:
    tips = [make_tipline() for _ in range(60)]
    wish = Wish(wanted=Proposal.Wanted.CLOSE, reason=CloseReason.NO_LEAD)
    keys = [tip.pk for tip in tips]
    proposal = proposing.end(wish=wish, tipline_ids=keys, by=analyst, at=NOON)
    assert isinstance(proposal, Proposal)
    make_nexus(*tips[:5])
    alert_next(at=NOON)

    second = make_officer(Role.SUPERVISOR)
    done = proposing.confirm(proposal_id=proposal.pk, by=second, at=LATER)

    assert (done.count, len(done.for_the_unit)) == (55, 5)


# As one


def test_handed_over_as_one_they_are_one_case_headed_by_the_most_urgent(
    nexus: Nexus, analyst: User
) -> None:
    station = make_station()
    tips = tips_of(nexus)

    done = hand_over(nexus, analyst, station=station)

    case = Case.objects.get()
    assert done.case == case
    assert (done.count, done.left) == (3, 0)
    assert case.station == station
    assert case.urgency == max(tip.urgency for tip in tips)
    assert case.entries.order_by("pk").first().tipline == tips[-1]  # type: ignore[union-attr]
    assert {entry.tipline_id for entry in case.entries.all()} == {tip.pk for tip in tips}
    for tip in map(again, tips):
        assert (tip.status, tip.holder_station) == (Status.HELD, station)
    made = Decision.objects.filter(batch=done.batch)
    assert {(each.note, each.station_id, each.registering_station_id) for each in made} == {
        ("one ring", station.pk, station.pk)
    }
    assert Event.objects.filter(verb="tipline.assigned").count() == 3
    assert not news_of(case)
    assert not cases_with_news(analyst).exists()
    assert Event.objects.filter(verb="case.joined", subject=f"case:{case.pk}").count() == 2


def test_the_act_is_undone_as_one(nexus: Nexus, analyst: User) -> None:
    done = hand_over(nexus, analyst)

    assert assigning.undo(batch=done.batch, by=analyst, at=LATER) == 3

    assert {tip.status for tip in tips_of(nexus)} == {Status.AWAITING}
    assert Case.objects.get().status == CaseStatus.WITHDRAWN
    assert hand_over(nexus, analyst).count == 3


@pytest.mark.parametrize("step", [holding.acknowledge, holding.accept])
def test_what_was_handed_over_as_one_is_not_undone_in_part_once_it_is_taken_up(
    step: Callable[..., Any], nexus: Nexus, analyst: User
) -> None:
    done = hand_over(nexus, analyst)
    holder = make_officer(Role.STATION, station=done.case.station)
    step(case_id=done.case.pk, by=holder, at=LATER)

    with pytest.raises(CannotUndo):
        assigning.undo(batch=done.batch, by=analyst, at=LATER)

    assert {tip.status for tip in tips_of(nexus)} == {Status.HELD}


def test_nobody_undoes_with_a_case_what_another_officer_joined_to_it(
    nexus: Nexus, analyst: User
) -> None:
    first, *others = tips_of(nexus)
    other = make_officer()
    done = hand_over(nexus, other, tipline_ids=[first.pk])
    uniting.join(
        nexus,
        tipline_ids=[tip.pk for tip in others],
        case_id=done.case.pk,
        by=analyst,
        at=LATER + timedelta(minutes=1),
        note="the same ring",
    )

    with pytest.raises(CannotUndo) as refused:
        assigning.undo(batch=done.batch, by=other, at=LATER + timedelta(minutes=2))

    assert refused.value.why == WhyNot.ANOTHER_OFFICER
    supervisor = make_officer(Role.SUPERVISOR)
    assigning.undo(batch=done.batch, by=supervisor, at=LATER + timedelta(minutes=3))
    assert {tip.status for tip in tips_of(nexus)} == {Status.AWAITING}


def test_a_supplement_of_the_nexus_is_not_ended_after_its_parent(
    nexus: Nexus, analyst: User
) -> None:
    parent = make_tipline()
    tips = tips_of(nexus)
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips]).update(parent=parent)
    deciding.close(tipline_ids=[parent.pk], reason=CloseReason.DUPLICATE, by=analyst, at=NOON)

    done = following.send_after(tipline_ids=[tip.pk for tip in tips], by=analyst, at=LATER)

    assert (done.count, len(done.stayed)) == (0, 3)
    assert {again(tip).status for tip in tips} == {Status.AWAITING}


def test_what_comes_in_later_joins_the_open_case(nexus: Nexus, analyst: User) -> None:
    case = hand_over(nexus, analyst).case
    new = make_tipline()
    Tipline.objects.filter(pk=new.pk).update(organised_in=nexus.pk, for_the_unit=True)
    assert list(uniting.open_cases_of(nexus, analyst)) == [case]

    done = uniting.join(
        nexus,
        tipline_ids=[new.pk],
        case_id=case.pk,
        by=analyst,
        at=LATER + timedelta(hours=1),
        note="the same ring",
    )

    assert (done.case, done.count) == (case, 1)
    assert again(new).holder_station == case.station
    (news,) = [each for each in news_of(case) if each.tipline == new]
    assert news.is_added


def test_only_an_open_case_of_the_nexus_is_joined(nexus: Nexus, analyst: User) -> None:
    other = make_case()
    keys = [tip.pk for tip in tips_of(nexus)]
    for case_id in (other.pk, other.pk + 999):
        with pytest.raises(CaseNotOfNexus):
            uniting.join(nexus, tipline_ids=keys, case_id=case_id, by=analyst, at=LATER, note="x")
    assert {tip.status for tip in tips_of(nexus)} == {Status.AWAITING}


def test_what_is_not_of_the_nexus_decided_or_restricted_is_left(
    nexus: Nexus, analyst: User
) -> None:
    tips = tips_of(nexus)
    stranger = make_tipline()
    keys = [tip.pk for tip in tips]
    Tipline.objects.filter(pk=tips[0].pk).update(return_count=2)  # a supervisor's

    done = hand_over(nexus, analyst, tipline_ids=[*keys, stranger.pk])

    assert (done.count, done.left) == (2, 2)
    assert again(stranger).status == again(tips[0]).status == Status.AWAITING
    with pytest.raises(NothingAwaits):
        hand_over(nexus, analyst, tipline_ids=keys[1:])
    with pytest.raises(NotVisible):
        hand_over(nexus, analyst, tipline_ids=[max(keys) + 999])


def test_who_may_not_triage_hands_nothing_over(nexus: Nexus) -> None:
    officer = make_officer(Role.STATION, station=make_station())
    with pytest.raises(NotAllowed):
        hand_over(nexus, officer)


# Pages


@pytest.fixture
def browser(client: Client, analyst: User) -> Client:
    return signed_in(client, analyst)


def test_the_page_hands_over_what_is_ticked_and_offers_the_unit_itself_first(
    nexus: Nexus, browser: Client
) -> None:
    own = make_station(
        code=OWN_STATION, name="Special Cell", district=make_district(code="SPC", name="Cell")
    )
    tips = tips_of(nexus)
    text = browser.get(f"/nexuses/{nexus.pk}/").content.decode()
    assert text.index(f'value="s:{own.pk}"') < text.index("<optgroup")

    answer = browser.post(
        f"/nexuses/{nexus.pk}/hand-over/",
        {"tipline": [tips[0].pk, tips[1].pk], "place": f"s:{own.pk}", "note": "the unit keeps it"},
    )

    case = Case.objects.get()
    batch = Decision.objects.filter(tipline=tips[0]).get().batch
    assert (answer.status_code, answer["Location"]) == (302, f"/queue/?organised=1&done={batch}")
    assert (
        "2 tiplines were handed over as one case"
        in browser.get(answer["Location"]).content.decode()
    )
    assert case.station == own
    assert [again(tip).status for tip in tips] == [Status.HELD, Status.HELD, Status.AWAITING]
    text = browser.get(f"/nexuses/{nexus.pk}/").content.decode()
    assert f'value="c:{case.pk}"' in text
    answer = browser.post(
        f"/nexuses/{nexus.pk}/hand-over/",
        {"tipline": [tips[2].pk], "place": f"c:{case.pk}", "note": "it too"},
    )
    assert answer.status_code == 302
    assert case.entries.count() == 3
    assert "For the unit to decide" not in browser.get(f"/nexuses/{nexus.pk}/").content.decode()


def test_who_is_second_is_told_so(nexus: Nexus, browser: Client, analyst: User) -> None:
    tips = tips_of(nexus)
    hand_over(nexus, analyst)
    station = make_station()
    said = {"tipline": [tip.pk for tip in tips], "place": f"s:{station.pk}", "note": "mine"}

    answer = browser.post(f"/nexuses/{nexus.pk}/hand-over/", said)

    assert answer.status_code == 422
    assert "Another officer was first" in answer.content.decode()


def test_only_an_organised_nexus_is_released(analyst: User) -> None:
    related = make_nexus(make_tipline(), make_tipline(), tier=Tier.RELATED)
    with pytest.raises(NothingToJudgeError):
        judging.judge_nexus(related, Verdict.RELEASED, reason="x", by=analyst, at=NOON)


@pytest.mark.parametrize(
    "wrong",
    [{"tipline": []}, {"place": ""}, {"place": "c:999"}, {"place": "s:x"}, {"note": ""}],
)
def test_a_form_that_says_too_little_changes_nothing_and_says_so(
    wrong: dict[str, Any], nexus: Nexus, browser: Client
) -> None:
    station = make_station()
    said = {
        "tipline": [tip.pk for tip in tips_of(nexus)],
        "place": f"s:{station.pk}",
        "note": "one ring",
    }
    answer = browser.post(f"/nexuses/{nexus.pk}/hand-over/", said | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode() or "field__error" in answer.content.decode()
    assert not Case.objects.exists()


def test_one_alone_is_decided_from_its_own_page_with_a_reason(
    nexus: Nexus, browser: Client
) -> None:
    tip = tips_of(nexus)[0]
    text = browser.get(f"/tiplines/{tip.number}/").content.decode()
    assert f"/nexuses/{nexus.pk}/#for-the-unit" in text
    assert 'name="alone"' in text
    said = {"number": tip.number, "act": "close", "alone": "1"}

    text = browser.post("/decide/", said).content.decode()
    assert "Why it does not wait for the others" in text
    said |= {"confirmed": "1", "one": "1", "reason": "no-lead"}
    assert browser.post("/decide/", said).status_code == 422
    assert again(tip).status == Status.AWAITING
    assert browser.post("/decide/", said | {"note": "nothing here"}).status_code == 302

    assert again(tip).status == Status.CLOSED
    assert Decision.objects.get(tipline=tip).note == "nothing here"


def test_a_bulk_act_says_how_many_stay_and_decides_the_others(
    nexus: Nexus, browser: Client
) -> None:
    free = make_tipline()
    tips = tips_of(nexus)
    said = {"number": [free.number, *(tip.number for tip in tips)], "act": "close"}
    text = browser.post("/decide/", said | {"alone": "1"}).content.decode()
    assert "3 of the chosen are of organised nexuses" in text
    assert "Close 1 tipline" in text
    sealed = text.split('name="confirmed" value="')[1].split('"')[0]

    said |= {"confirmed": sealed, "reason": "no-lead"}
    assert browser.post("/decide/", said).status_code == 302

    assert again(free).status == Status.CLOSED
    assert {again(tip).status for tip in tips} == {Status.AWAITING}


def test_a_page_that_was_open_before_the_alert_decides_nothing(
    nexus: Nexus, browser: Client
) -> None:
    tip = tips_of(nexus)[0]
    said = {"number": tip.number, "act": "close", "one": "1", "confirmed": "1", "reason": "viral"}

    text = browser.post("/decide/", said).content.decode()

    assert "1 of the chosen is of an organised nexus" in text
    assert again(tip).status == Status.AWAITING


def test_the_queue_marks_them_and_lists_them_by_themselves(nexus: Nexus, browser: Client) -> None:
    free = make_tipline()

    text = browser.get("/queue/").content.decode()
    alone = browser.get("/queue/?organised=1").content.decode()

    assert text.count("badge--urgent") >= 3
    assert free.number in text
    assert free.number not in alone
    assert all(tip.number in alone for tip in tips_of(nexus))


def test_the_list_of_nexuses_says_how_many_wait(nexus: Nexus, browser: Client) -> None:
    tip = tips_of(nexus)[0]
    deciding.close(
        tipline_ids=[tip.pk],
        reason=CloseReason.NO_LEAD,
        by=make_officer(),
        at=LATER,
        alone=True,
    )

    text = browser.get("/nexuses/").content.decode()

    assert 'data-label="For the unit to decide">2</td>' in text
    assert 'data-label="Tiplines">3</td>' in text


def test_a_holder_sees_who_else_holds_parts_of_the_nexus_and_nothing_more(client: Client) -> None:
    here, there = (
        make_case(
            station=make_station(
                code=f"{code}-PS", name=f"PS-{code}", district=make_district(code=code, name=code)
            )
        )
        for code in ("AAA", "BBB")
    )
    tips = [case.entries.get().tipline for case in (here, there)]
    Tipline.objects.filter(pk=tips[1].pk).update(suspect_line="Somebody Else")
    nexus = make_nexus(*tips)
    alert_next(at=timezone.now())
    tell_holders(at=timezone.now())
    browser = signed_in(client, make_officer(Role.STATION, station=here.station))

    text = browser.get(f"/cases/{here.pk}/").content.decode()

    assert nexus.label in text
    assert "PS-BBB, BBB" in text
    assert "Somebody Else" not in text
    assert tips[1].number not in text
    assert "is of an organised nexus that others hold parts of" in text
    assert f"/cases/{here.pk}/" in browser.get("/desk/").content.decode()
    browser.post(f"/cases/{here.pk}/seen/", {"until": timezone.now().isoformat()})
    text = browser.get(f"/cases/{here.pk}/").content.decode()
    assert "PS-BBB, BBB" in text
    assert "is of an organised nexus that others hold parts of" not in text
