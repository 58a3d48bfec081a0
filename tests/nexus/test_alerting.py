"""What follows from an organised nexus, done once whatever is repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from audit.models import Event
from cases.services.news import cases_with_news, news_of
from nexus.models import Membership, Nexus, Tier, Verdict
from nexus.services import judging
from nexus.services.alerting import STAYS_CLOSED, alert_next, tell_holders
from tests.cases.made import make_case
from tests.factories import NOON, make_district, make_officer, make_station, make_tipline
from tests.nexus.ties import make_nexus
from tiplines.assessment import BATCHED_AT_MOST, ORGANISED
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services import deciding
from tiplines.services.assessing import assess_next

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def analyst() -> User:
    return make_officer()


def again(tipline: Tipline) -> Tipline:
    return Tipline.objects.get(pk=tipline.pk)


def settle() -> None:
    while alert_next(at=LATER):
        pass
    while tell_holders(at=LATER):
        pass
    while assess_next(at=LATER):
        pass


def test_members_wait_for_the_unit_and_rank_higher_with_the_reason() -> None:
    tips = [make_tipline() for _ in range(3)]
    beside = make_tipline()
    Tipline.objects.update(assessed_at=None)
    settle()
    before = again(tips[0]).urgency
    nexus = make_nexus(*tips)

    settle()

    for tip in map(again, tips):
        assert (tip.organised_in, tip.for_the_unit) == (nexus.pk, True)
        assert tip.urgency == before + ORGANISED
        reason = {"code": "organised", "points": ORGANISED, "params": {"nexus": nexus.pk}}
        assert reason in tip.urgency_reasons
    assert (again(beside).organised_in, again(beside).urgency) == (None, before)
    event = Event.objects.get(verb="nexus.followed")
    assert event.subject == f"nexus:{nexus.pk}"
    assert event.detail == {"came": 3, "left": 0, "woken": 0}
    assert alert_next(at=LATER) == 0


def test_what_is_possibly_related_only_or_dismissed_has_no_consequences(analyst: User) -> None:
    related = [make_tipline() for _ in range(2)]
    dismissed = [make_tipline() for _ in range(2)]
    make_nexus(*related, tier=Tier.RELATED)
    nexus = make_nexus(*dismissed)
    judging.judge_nexus(nexus, Verdict.DISMISSED, reason="a class", by=analyst, at=NOON)

    settle()

    assert not Tipline.objects.filter(organised_in__isnull=False).exists()


def test_consequences_end_with_the_alert(analyst: User) -> None:
    tips = [make_tipline() for _ in range(4)]
    nexus = make_nexus(*tips)
    settle()
    raised = again(tips[0]).urgency
    Membership.objects.filter(tipline=tips[3]).update(until=LATER)
    settle()
    assert again(tips[3]).organised_in is None
    assert again(tips[3]).urgency == raised - ORGANISED

    judgement = judging.judge_nexus(nexus, Verdict.DISMISSED, reason="a class", by=analyst, at=NOON)
    settle()
    assert again(tips[0]).organised_in is None
    assert again(tips[0]).for_the_unit is False
    assert again(tips[0]).urgency == raised - ORGANISED

    judging.end_judgement(judgement.pk, reason="it is one", by=analyst, at=NOON)
    settle()
    assert again(tips[0]).for_the_unit
    Nexus.objects.filter(pk=nexus.pk).update(tier=Tier.RELATED)
    settle()
    assert not Tipline.objects.filter(organised_in__isnull=False).exists()


def test_released_its_tiplines_are_free_but_stay_organised_until_it_grows(analyst: User) -> None:
    tips = [make_tipline() for _ in range(4)]
    nexus = make_nexus(*tips)
    settle()
    judging.judge_nexus(nexus, Verdict.RELEASED, reason="each for itself", by=analyst, at=LATER)

    settle()

    assert {again(tip).for_the_unit for tip in tips} == {False}
    assert {again(tip).organised_in for tip in tips} == {nexus.pk}
    new = make_tipline()
    at = LATER + timedelta(hours=1)
    Membership.objects.create(nexus=nexus, tipline=new, since=at)
    judging.reopen_grown(at=at)
    settle()
    assert {again(tip).for_the_unit for tip in [*tips, new]} == {True}


def test_viral_material_passed_on_in_an_organised_nexus_is_not_at_the_end_of_the_queue() -> None:
    tip = make_tipline(batched_reason="VIRAL_POTENTIAL_MEME")
    Tipline.objects.update(assessed_at=None)
    settle()
    assert again(tip).urgency == BATCHED_AT_MOST
    make_nexus(tip, make_tipline())

    settle()

    assert again(tip).urgency > BATCHED_AT_MOST + ORGANISED


@pytest.mark.parametrize("reason", CloseReason)
def test_closed_ones_come_back_once_unless_the_matter_is_pursued_elsewhere(
    reason: CloseReason, analyst: User
) -> None:
    tips = [make_tipline() for _ in range(3)]
    deciding.close(tipline_ids=[tips[0].pk], reason=reason, by=analyst, at=NOON)
    nexus = make_nexus(*tips)

    settle()

    woken = again(tips[0])
    if reason in STAYS_CLOSED:
        assert woken.status == Status.CLOSED
        return
    assert woken.status == Status.AWAITING
    assert woken.for_the_unit
    assert nexus.label in woken.came_back
    assert Decision.objects.get(tipline=woken).undone_at == LATER
    assert Event.objects.get(verb="nexus.followed").detail["woken"] == 1

    # Who closes it again knows of the nexus, even if it is an alert no more for a while.
    still_later = LATER + timedelta(hours=1)
    deciding.close(tipline_ids=[woken.pk], reason=reason, by=analyst, at=still_later, alone=True)
    Nexus.objects.filter(pk=nexus.pk).update(tier=Tier.RELATED)
    settle()
    Nexus.objects.filter(pk=nexus.pk).update(tier=Tier.ALERT)
    settle()
    assert again(tips[0]).status == Status.CLOSED


def test_one_closed_when_the_nexus_was_possible_only_comes_back_when_it_is_organised(
    analyst: User,
) -> None:
    tips = [make_tipline() for _ in range(3)]
    nexus = make_nexus(*tips, tier=Tier.RELATED)
    deciding.close(
        tipline_ids=[tips[0].pk],
        reason=CloseReason.NO_LEAD,
        by=analyst,
        at=NOON + timedelta(minutes=5),
    )
    settle()
    assert again(tips[0]).status == Status.CLOSED

    Nexus.objects.filter(pk=nexus.pk).update(tier=Tier.ALERT, alerted_at=LATER)
    settle()

    assert again(tips[0]).status == Status.AWAITING


def test_holders_are_told_of_each_other_once_and_of_a_new_one() -> None:
    stations = [
        make_station(code=f"{code}-PS", district=make_district(code=code, name=code))
        for code in ("AAA", "BBB", "CCC")
    ]
    cases = [make_case(station=station) for station in stations[:2]]
    tips = [case.entries.get().tipline for case in cases]
    third = make_tipline()
    nexus = make_nexus(*tips, third)

    settle()

    told = Nexus.objects.get(pk=nexus.pk)
    assert sorted(told.told) == ["AAA-PS", "BBB-PS"]
    assert told.told_at == LATER
    assert {again(tip).news_at for tip in tips} == {LATER}
    assert Event.objects.get(verb="nexus.holders-told").detail == {"holders": ["AAA-PS", "BBB-PS"]}
    assert tell_holders(at=LATER + timedelta(hours=1)) == 0

    make_case(tipline=third, station=stations[2], alone=True)
    at = LATER + timedelta(hours=2)
    assert tell_holders(at=at) == 1
    told = Nexus.objects.get(pk=nexus.pk)
    assert sorted(told.told) == ["AAA-PS", "BBB-PS", "CCC-PS"]
    assert {again(tip).news_at for tip in [*tips, third]} == {at}


def test_one_holder_alone_is_told_nothing_and_restricted_cases_are_named_to_nobody() -> None:
    one = make_case(station=make_station(code="ONE", district=make_district(code="ONE", name="O")))
    other = make_case(
        station=make_station(code="TWO", district=make_district(code="TWO", name="T"))
    )
    tips = [case.entries.get().tipline for case in (one, other)]
    Tipline.objects.filter(pk=tips[1].pk).update(restricted_case=other)
    nexus = make_nexus(*tips, make_tipline())

    settle()

    told = Nexus.objects.get(pk=nexus.pk)
    assert (told.told, told.told_at) == (["ONE"], None)
    assert again(tips[0]).news_at is None


def test_a_nexus_that_goes_on_under_another_number_wakes_and_tells_nobody_again(
    analyst: User,
) -> None:
    cases = [
        make_case(station=make_station(code=f"{code}-PS", district=make_district(code=code)))
        for code in ("AAA", "BBB")
    ]
    tips = [*(case.entries.get().tipline for case in cases), make_tipline()]
    make_nexus(*tips)
    settle()
    deciding.close(
        tipline_ids=[tips[2].pk], reason=CloseReason.NO_LEAD, by=analyst, at=LATER, alone=True
    )
    Membership.objects.update(until=LATER)
    Nexus.objects.update(ended_at=LATER)
    second = make_nexus(*tips)

    alert_next(at=LATER)

    assert {again(tip).organised_in for tip in tips} == {second.pk}
    tell_holders(at=LATER + timedelta(hours=1))
    assert Nexus.objects.get(pk=second.pk).told_at == LATER
    assert Event.objects.filter(verb="nexus.holders-told").count() == 1
    assert Event.objects.filter(verb="tipline.reopened").count() == 0


def test_one_whose_other_members_are_all_restricted_gives_nothing_away() -> None:
    cases = [
        make_case(station=make_station(code=f"{code}-PS", district=make_district(code=code)))
        for code in ("AAA", "BBB")
    ]
    tips = [case.entries.get().tipline for case in cases]
    Tipline.objects.filter(pk=tips[1].pk).update(restricted_case=cases[1])
    nexus = make_nexus(*tips)

    settle()

    assert again(tips[0]).organised_in is None
    assert again(tips[1]).organised_in == nexus.pk


def test_restricted_later_it_is_named_no_more_and_is_no_news_any_more() -> None:
    cases = [
        make_case(station=make_station(code=f"{code}-PS", district=make_district(code=code)))
        for code in ("AAA", "BBB")
    ]
    tips = [*(case.entries.get().tipline for case in cases), make_tipline()]
    nexus = make_nexus(*tips)
    settle()
    assert news_of(cases[0])
    Tipline.objects.filter(pk=tips[1].pk).update(restricted_case=cases[1])

    settle()

    told = Nexus.objects.get(pk=nexus.pk)
    assert (told.told, told.told_at) == (["AAA-PS"], None)
    assert not news_of(cases[0])


def test_what_its_holder_was_told_is_news_no_more_when_the_alert_ends(analyst: User) -> None:
    cases = [
        make_case(station=make_station(code=f"{code}-PS", district=make_district(code=code)))
        for code in ("AAA", "BBB")
    ]
    nexus = make_nexus(*(case.entries.get().tipline for case in cases))
    settle()
    assert cases_with_news(analyst).count() == 2

    judging.judge_nexus(nexus, Verdict.DISMISSED, reason="a class", by=analyst, at=NOON)
    settle()

    assert not cases_with_news(analyst).exists()


def test_a_supplement_that_is_organised_wakes_no_parent_that_is_not(analyst: User) -> None:
    parent, supplement = make_tipline(), make_tipline()
    Tipline.objects.filter(pk=supplement.pk).update(parent=parent)
    deciding.close(tipline_ids=[parent.pk], reason=CloseReason.DUPLICATE, by=analyst, at=NOON)
    make_nexus(supplement, make_tipline())

    settle()

    assert again(parent).status == Status.CLOSED


def test_of_a_viral_bundle_the_organised_ones_are_rows_of_their_own() -> None:
    tips = [make_tipline(batched_reason="VIRAL_POTENTIAL_MEME") for _ in range(4)]
    Tipline.objects.update(dispatch=tips[0].dispatch, provider_key="example")
    Tipline.objects.update(assessed_at=None)
    settle()
    assert len({again(tip).bundle_id for tip in tips} - {None}) == 1
    make_nexus(*tips[:2])

    settle()

    assert [again(tip).bundle_id is None for tip in tips] == [True, True, False, False]
