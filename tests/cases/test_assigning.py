"""Assigning and undoing: never a tipline without one standing state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Act, Role
from audit.models import Event
from cases.lifecycle import CaseStatus
from cases.models import Case, CaseTipline, HandOff
from cases.models.case import ReturnReason
from cases.services import assigning, holding
from cases.services.assigning import CannotUndo, WhyNot
from tests.cases.made import make_case
from tests.cases.standing import assert_every_tipline_stands_somewhere
from tests.factories import (
    NOON,
    make_dispatch,
    make_district,
    make_officer,
    make_station,
    make_tipline,
)
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services import deciding

pytestmark = pytest.mark.django_db


def test_assigning_opens_a_case_with_the_station() -> None:
    tip, station, analyst = make_tipline(urgency=78), make_station(), make_officer()

    decided = assigning.assign(
        tipline_ids=[tip.pk],
        district_id=station.district_id,
        station_id=station.pk,
        by=analyst,
        at=NOON,
        note="house number given",
    )

    tip.refresh_from_db()
    case = Case.objects.get()
    decision = Decision.objects.get()
    assert decided.count == 1
    assert (tip.status, tip.holder_station) == (Status.HELD, station)
    assert (case.status, case.station, case.handed_over_at) == (
        CaseStatus.HANDED_OVER,
        station,
        NOON,
    )
    assert (case.headline, case.urgency) == (tip.suspect_line, 78)
    assert (decision.station, decision.note, decision.batch) == (
        station,
        "house number given",
        decided.batch,
    )
    assert HandOff.objects.get().case == case
    assert set(Event.objects.values_list("verb", "subject")) >= {
        ("tipline.assigned", f"tipline:{tip.number}"),
        ("case.opened", f"case:{case.pk}"),
    }
    assert_every_tipline_stands_somewhere()


def test_without_a_station_the_district_holds_it() -> None:
    case = make_case(with_station=False)

    assert case.station is None
    assert_every_tipline_stands_somewhere()


def test_a_station_of_another_district_is_refused() -> None:
    tip, analyst = make_tipline(), make_officer()
    station, other = make_station(), make_district(code="DWK", name="Dwarka")
    before = Event.objects.count()

    with pytest.raises(assigning.StationNotInDistrict):
        assigning.assign(
            tipline_ids=[tip.pk],
            district_id=other.pk,
            station_id=station.pk,
            by=analyst,
            at=NOON,
        )

    assert Event.objects.count() == before
    assert not Case.objects.exists()


def test_what_another_officer_decided_is_skipped() -> None:
    taken, free = make_tipline(), make_tipline()
    make_case(tipline=taken)

    decided = assigning.assign(
        tipline_ids=[taken.pk, free.pk],
        district_id=make_district().pk,
        by=make_officer(),
        at=NOON,
    )

    assert (decided.count, decided.skipped) == (1, (taken.number,))
    assert Case.objects.count() == 2
    assert_every_tipline_stands_somewhere()


def test_statements_do_not_grow_with_the_tiplines() -> None:
    officer, dispatch, district = make_officer(), make_dispatch(), make_district()
    one = [make_tipline(dispatch=dispatch).pk]
    many = [make_tipline(dispatch=dispatch).pk for _ in range(300)]

    def assign(tipline_ids: list[int]) -> deciding.Decided:
        return assigning.assign(
            tipline_ids=tipline_ids, district_id=district.pk, by=officer, at=NOON
        )

    with CaptureQueriesContext(connection) as assigning_one:
        first = assign(one)
    with CaptureQueriesContext(connection) as assigning_many:
        second = assign(many)
    with CaptureQueriesContext(connection) as undoing_one:
        assigning.undo(batch=first.batch, by=officer, at=NOON)
    with CaptureQueriesContext(connection) as undoing_many:
        assigning.undo(batch=second.batch, by=officer, at=NOON)

    assert len(assigning_one) == len(assigning_many) <= 16
    assert len(undoing_one) == len(undoing_many) <= 18
    assert_every_tipline_stands_somewhere()


@pytest.mark.parametrize("role", list(Role))
def test_only_the_unit_assigns_and_undoes(role: Role) -> None:
    officer, tip = make_officer(role), make_tipline()
    district = make_district()

    if officer.duty.may(Act.TRIAGE):
        decided = assigning.assign(
            tipline_ids=[tip.pk], district_id=district.pk, by=officer, at=NOON
        )
        assert assigning.undo(batch=decided.batch, by=officer, at=NOON) == 1
        return
    with pytest.raises(deciding.NotAllowed):
        assigning.assign(tipline_ids=[tip.pk], district_id=district.pk, by=officer, at=NOON)
    with pytest.raises(deciding.NotAllowed):
        assigning.undo(batch=uuid4(), by=officer, at=NOON)


def test_undo_reverses_every_kind_of_decision() -> None:
    officer, tips = make_officer(), [make_tipline() for _ in range(4)]
    batches = [
        deciding.close(
            tipline_ids=[tips[0].pk], reason=CloseReason.VIRAL, by=officer, at=NOON
        ).batch,
        deciding.transfer(tipline_ids=[tips[1].pk], state_name="Kerala", by=officer, at=NOON).batch,
        deciding.send_back(tipline_ids=[tips[2].pk], by=officer, at=NOON, note="empty").batch,
        assigning.assign(
            tipline_ids=[tips[3].pk], district_id=make_district().pk, by=officer, at=NOON
        ).batch,
    ]

    undone = [assigning.undo(batch=batch, by=officer, at=NOON) for batch in batches]

    assert undone == [1, 1, 1, 1]
    assert Tipline.objects.awaiting().count() == 4
    assert Case.objects.get().status == CaseStatus.WITHDRAWN
    assert Decision.objects.filter(undone_by=officer, undone_at=NOON).count() == 4
    assert Event.objects.filter(verb="tipline.decision-undone").count() == 4
    assert_every_tipline_stands_somewhere()


def test_undo_leaves_what_was_acknowledged() -> None:
    officer, district = make_officer(), make_district()
    tips = [make_tipline(), make_tipline()]
    decided = assigning.assign(
        tipline_ids=[tip.pk for tip in tips], district_id=district.pk, by=officer, at=NOON
    )
    taken = Case.objects.get(entries__tipline=tips[0])
    holding.acknowledge(case_id=taken.pk, by=make_officer(Role.DISTRICT), at=NOON)

    assert assigning.undo(batch=decided.batch, by=officer, at=NOON) == 1

    taken.refresh_from_db()
    assert taken.status == CaseStatus.ACKNOWLEDGED
    assert_every_tipline_stands_somewhere()
    with pytest.raises(CannotUndo) as refusal:
        assigning.undo(batch=decided.batch, by=officer, at=NOON)
    assert refusal.value.why == WhyNot.NOTHING_LEFT


def test_undo_leaves_what_the_district_passed_on() -> None:
    case = make_case(with_station=False)
    holding.allot_station(
        case_id=case.pk,
        station_id=make_station().pk,
        by=make_officer(Role.DISTRICT),
        at=NOON + timedelta(hours=1),
    )

    with pytest.raises(CannotUndo):
        assigning.undo(
            batch=Decision.objects.get().batch, by=make_officer(Role.SUPERVISOR), at=NOON
        )

    assert_every_tipline_stands_somewhere()


@pytest.mark.parametrize(
    ("role", "after", "why"),
    [
        pytest.param(Role.SUPERVISOR, timedelta(hours=24), None, id="a supervisor at 24 hours"),
        pytest.param(
            Role.SUPERVISOR, timedelta(hours=24, seconds=1), WhyNot.TOO_LATE, id="past 24 hours"
        ),
        pytest.param(
            Role.ANALYST, timedelta(0), WhyNot.ANOTHER_OFFICER, id="another analyst at once"
        ),
    ],
)
def test_who_may_undo_another_officers_act_and_until_when(
    role: Role, after: timedelta, why: WhyNot | None
) -> None:
    decided = deciding.close(
        tipline_ids=[make_tipline().pk], reason=CloseReason.VIRAL, by=make_officer(), at=NOON
    )

    if why is None:
        assert assigning.undo(batch=decided.batch, by=make_officer(role), at=NOON + after) == 1
        return
    with pytest.raises(CannotUndo) as refusal:
        assigning.undo(batch=decided.batch, by=make_officer(role), at=NOON + after)

    assert refusal.value.why == why
    assert Decision.objects.get().undone_at is None


def test_an_unknown_batch_cannot_be_undone() -> None:
    with pytest.raises(CannotUndo):
        assigning.undo(batch=uuid4(), by=make_officer(), at=NOON)


def test_undo_leaves_what_came_back_and_went_elsewhere_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tips, analyst, station = [make_tipline(), make_tipline()], make_officer(), make_station()
    keys = [tip.pk for tip in tips]
    first = assigning.assign(tipline_ids=keys, district_id=station.district_id, by=analyst, at=NOON)
    withdraw = assigning.withdraw_cases

    def after_another_act(*args: Any, **kwargs: Any) -> tuple[set[int], set[int]]:
        holding.return_case(
            case_id=CaseTipline.objects.get(tipline=keys[0]).case_id,
            reason=ReturnReason.OTHER_STATION,
            note="",
            by=make_officer(Role.DISTRICT, district=station.district),
            at=NOON,
        )
        assigning.assign(
            tipline_ids=keys[:1], district_id=station.district_id, by=make_officer(), at=NOON
        )
        return withdraw(*args, **kwargs)

    monkeypatch.setattr(assigning, "withdraw_cases", after_another_act)

    assert assigning.undo(batch=first.batch, by=analyst, at=NOON) == 1

    assert [tip.status for tip in Tipline.objects.order_by("pk")] == [Status.HELD, Status.AWAITING]
    assert_every_tipline_stands_somewhere()


def test_each_goes_to_the_station_found_for_it_where_it_is_sure() -> None:
    one = make_station()
    other = make_station(code="DWK-CHHAWLA", district=make_district(code="DWK", name="Dwarka"))
    sure = [
        make_tipline(best_district=station.district, best_station=station, best_share=0.95)
        for station in (one, other)
    ]
    unsure = make_tipline(best_district=one.district, best_station=one, best_share=0.5)
    nowhere = make_tipline(best_district=one.district, best_share=0.99)
    chosen = [tip.pk for tip in (*sure, unsure, nowhere)]
    analyst = make_officer()

    decided = assigning.assign_each(tipline_ids=chosen, by=analyst, at=NOON)

    assert decided.count == 2
    assert decided.without_place == (unsure.number, nowhere.number)
    assert [case.station for case in Case.objects.order_by("pk")] == [one, other]
    held = Tipline.objects.filter(status=Status.HELD).order_by("pk")
    assert [(tip.holder_district, tip.holder_station) for tip in held] == [
        (place.district, place) for place in (one, other)
    ]
    assert_every_tipline_stands_somewhere()
    assert assigning.undo(batch=decided.batch, by=analyst, at=NOON) == 2
    assert_every_tipline_stands_somewhere()


def test_each_to_its_own_takes_as_many_statements_for_many() -> None:
    def assigning_of(count: int) -> int:
        stations = [make_station(code=f"ROH-{number}") for number in range(count)]
        tips = [
            make_tipline(best_district=place.district, best_station=place, best_share=0.95)
            for place in stations
        ]
        with CaptureQueriesContext(connection) as queries:
            assigning.assign_each(tipline_ids=[tip.pk for tip in tips], by=officer, at=NOON)
        return len(queries)

    officer = make_officer()

    assert assigning_of(1) == assigning_of(5)
