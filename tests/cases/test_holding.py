"""What the holder of a case does with it: never a tipline without one standing state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.roles import Role
from audit.models import Event
from cases.lifecycle import CaseStatus, MoveNotAllowed
from cases.models import HandOff
from cases.models.case import ReturnReason
from cases.services import assigning, holding, reach
from tests.cases.made import make_case
from tests.cases.standing import assert_every_tipline_stands_somewhere
from tests.factories import (
    NOON,
    make_district,
    make_officer,
    make_station,
)
from tiplines.models import Tipline
from tiplines.models.tipline import Status
from tiplines.services import deciding

pytestmark = pytest.mark.django_db


def test_acknowledging_says_that_it_is_seen_and_no_more() -> None:
    case, officer = make_case(), make_officer(Role.STATION)

    holding.acknowledge(case_id=case.pk, by=officer, at=NOON + timedelta(hours=2))

    case.refresh_from_db()
    hand_off = HandOff.objects.get()
    assert (case.status, case.status_at) == (
        CaseStatus.ACKNOWLEDGED,
        NOON + timedelta(hours=2),
    )
    assert hand_off.accepted_at is None
    assert (hand_off.acknowledged_by, hand_off.acknowledged_at) == (
        officer,
        NOON + timedelta(hours=2),
    )
    assert Event.objects.filter(verb="case.acknowledged", subject=f"case:{case.pk}").exists()


def test_the_second_to_acknowledge_is_refused_without_trace() -> None:
    case, officer = make_case(status=CaseStatus.UNDER_ENQUIRY), make_officer(Role.DISTRICT)
    before = Event.objects.count()

    with pytest.raises(MoveNotAllowed) as refusal:
        holding.acknowledge(case_id=case.pk, by=officer, at=NOON)

    assert refusal.value.present == CaseStatus.UNDER_ENQUIRY
    assert Event.objects.count() == before


@pytest.mark.parametrize("status", [CaseStatus.HANDED_OVER, CaseStatus.UNDER_ENQUIRY])
def test_a_returned_case_puts_its_tiplines_into_the_queue_with_the_reason(
    status: CaseStatus,
) -> None:
    case, officer = make_case(status=status), make_officer(Role.STATION)
    officer.language = "hi"

    holding.return_case(
        case_id=case.pk,
        reason=ReturnReason.OTHER_STATION,
        note="the lane is in PS South Rohini",
        by=officer,
        at=NOON,
    )

    case.refresh_from_db()
    tip = Tipline.objects.get()
    assert case.status == CaseStatus.RETURNED
    assert tip.status == Status.AWAITING
    assert tip.came_back == (
        "PS Prashant Vihar, Rohini: The place belongs to another station. "
        "the lane is in PS South Rohini"
    )
    assert HandOff.objects.get().reason == ReturnReason.OTHER_STATION
    assert Event.objects.filter(verb="tipline.came-back").exists()
    assert_every_tipline_stands_somewhere()


def test_a_returned_tipline_can_be_assigned_again() -> None:
    case = make_case(status=CaseStatus.RETURNED)

    again = make_case(tipline=Tipline.objects.get())

    assert again.pk != case.pk
    assert_every_tipline_stands_somewhere()


@pytest.mark.parametrize(
    "status", [CaseStatus.REGISTERED, CaseStatus.RETURNED, CaseStatus.WITHDRAWN]
)
def test_what_is_registered_or_over_cannot_be_returned(status: CaseStatus) -> None:
    case = make_case(status=status)

    with pytest.raises(MoveNotAllowed):
        holding.return_case(
            case_id=case.pk,
            reason=ReturnReason.TOO_LITTLE,
            note="",
            by=make_officer(Role.DISTRICT),
            at=NOON,
        )

    assert_every_tipline_stands_somewhere()


@pytest.mark.parametrize("status", [CaseStatus.HANDED_OVER, CaseStatus.UNDER_ENQUIRY])
def test_the_district_passes_a_case_to_its_station_which_acknowledges_anew(
    status: CaseStatus,
) -> None:
    case, station = make_case(status=status, with_station=False), make_station()
    officer, later = make_officer(Role.DISTRICT), NOON + timedelta(hours=3)

    holding.allot_station(case_id=case.pk, station_id=station.pk, by=officer, at=later)

    case.refresh_from_db()
    old, new = HandOff.objects.order_by("at")
    assert (case.status, case.station, case.handed_over_at) == (
        CaseStatus.HANDED_OVER,
        station,
        later,
    )
    assert old.acknowledged_at is not None
    assert (new.station, new.acknowledged_at) == (station, None)
    assert_every_tipline_stands_somewhere()


def test_a_case_is_not_passed_to_a_foreign_station_nor_twice_to_the_same() -> None:
    case, officer = make_case(), make_officer(Role.DISTRICT)
    foreign = make_station(
        code="DWK-1", name="Dwarka South", district=make_district(code="DWK", name="Dwarka")
    )

    with pytest.raises(assigning.StationNotInDistrict):
        holding.allot_station(case_id=case.pk, station_id=foreign.pk, by=officer, at=NOON)
    with pytest.raises(holding.AlreadyThere):
        holding.allot_station(case_id=case.pk, station_id=make_station().pk, by=officer, at=NOON)


def test_a_station_passes_nothing_on() -> None:
    case, officer = make_case(), make_officer(Role.STATION)
    other = make_station(code="ROH-SOUTH", name="South Rohini")

    with pytest.raises(holding.NotOfTheDistrict):
        holding.allot_station(case_id=case.pk, station_id=other.pk, by=officer, at=NOON)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.DISTRICT, Role.STATION}]
)
def test_only_the_holder_works_on_a_case(role: Role) -> None:
    case, officer = make_case(), make_officer(role)

    with pytest.raises(deciding.NotAllowed):
        holding.acknowledge(case_id=case.pk, by=officer, at=NOON)


def test_a_foreign_case_is_as_one_that_does_not_exist() -> None:
    case = make_case()
    foreigner = make_officer(Role.DISTRICT, district=make_district(code="DWK", name="Dwarka"))

    with pytest.raises(reach.CaseNotVisible):
        holding.acknowledge(case_id=case.pk, by=foreigner, at=NOON)

    assert HandOff.objects.filter(acknowledged_at__isnull=True, at=F("case__opened_at")).exists()
