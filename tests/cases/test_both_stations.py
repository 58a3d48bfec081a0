"""The station of residence and the one that registers: who gets the case, and what pages say."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from audit.models import Event
from cases.models import Case, HandOff
from cases.services import assigning
from districts.models import PoliceStation, StationKind
from districts.rules import DEFAULT, RegistersAt
from tests.cases.made import make_case
from tests.cases.standing import assert_every_tipline_stands_somewhere
from tests.factories import NOON, make_officer, make_rules, make_station, make_tipline
from tiplines.models import Candidate, Decision, Tipline

pytestmark = pytest.mark.django_db


@pytest.fixture
def cyber() -> PoliceStation:
    """Where Rohini registers."""
    cyber = make_station(code="ROH-CYBER", name="Cyber Rohini")
    PoliceStation.objects.filter(pk=cyber.pk).update(kind=StationKind.CYBER)
    make_rules(replace(DEFAULT, registers_at={"ROH": RegistersAt.CYBER}, number=1))
    return cyber


@pytest.mark.usefixtures("cyber")
@pytest.mark.parametrize("role", [Role.ANALYST, Role.DISTRICT])
def test_both_stations_stand_on_both_pages(client: Client, role: Role) -> None:
    case = make_case()
    client.force_login(make_officer(role))
    tipline = case.entries.get().tipline

    pages = [
        client.get(reverse("cases:case", args=[case.pk])).content.decode(),
        client.get(reverse("cases:tipline", args=[tipline.number])).content.decode(),
    ]

    for page in pages:
        assert "Station of residence: Prashant Vihar" in page
        assert "Registering station: Cyber Rohini" in page


def test_a_decision_of_before_says_nothing_of_them(client: Client) -> None:
    case = make_case()
    Decision.objects.update(residence_station=None, registering_station=None, sealed_basis=None)
    client.force_login(make_officer())

    page = client.get(reverse("cases:case", args=[case.pk])).content.decode()

    assert "Station of residence" not in page


@pytest.mark.usefixtures("cyber")
def test_the_page_says_who_registers_before_the_act(client: Client) -> None:
    station = make_station()
    tip = make_tipline(best_district=station.district, best_station=station, best_share=0.95)
    Candidate.objects.create(
        tipline=tip, rank=1, district=station.district, station=station, share=0.95, reasons=[]
    )
    client.force_login(make_officer())
    address = reverse("cases:tipline", args=[tip.number])

    page = client.get(address).content.decode()
    Tipline.objects.filter(pk=tip.pk).update(return_count=1)
    after_a_return = client.get(address).content.decode()

    assert "Assign to PS Prashant Vihar → Cyber Rohini" in page
    assert "Rohini: registered at Cyber Rohini" in page
    assert "Cyber Rohini" not in after_a_return.split("<select")[0].split("Assign to PS")[1]


def test_the_case_goes_to_the_cyber_station_where_the_district_registers_there(
    cyber: PoliceStation,
) -> None:
    station, tips = make_station(), [make_tipline() for _ in range(2)]
    found = make_tipline(best_district=station.district, best_station=station, best_share=0.95)
    analyst = make_officer()

    for tip, station_id in zip(tips, (station.pk, None), strict=True):
        assigning.assign(
            tipline_ids=[tip.pk],
            district_id=station.district_id,
            station_id=station_id,
            by=analyst,
            at=NOON,
        )
    assigning.assign_each(tipline_ids=[found.pk], by=analyst, at=NOON)

    assert {case.station for case in Case.objects.all()} == {cyber}
    assert set(HandOff.objects.values_list("station", flat=True)) == {cyber.pk}
    assert_every_tipline_stands_somewhere()
    chosen = Decision.objects.order_by("pk").values_list("station", "residence_station")
    assert list(chosen) == [(station.pk, station.pk), (None, None), (station.pk, station.pk)]
    opened = Event.objects.filter(verb="case.opened").values_list("detail", flat=True)
    assert {detail["station"] for detail in opened} == {cyber.code}


@pytest.mark.usefixtures("cyber")
def test_what_the_cyber_station_gave_back_goes_to_the_station_that_is_named() -> None:
    station, tip, analyst = make_station(), make_tipline(), make_officer()
    Tipline.objects.filter(pk=tip.pk).update(return_count=1)

    assigning.assign(
        tipline_ids=[tip.pk],
        district_id=station.district_id,
        station_id=station.pk,
        by=analyst,
        at=NOON,
    )

    assert Case.objects.get().station == station
    assert_every_tipline_stands_somewhere()
    assert Decision.objects.get().registering_station == station
