"""The station of residence and the registering station stand on the pages of tipline and case."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from districts.models import PoliceStation, StationKind
from districts.rules import DEFAULT, RegistersAt
from tests.cases.made import make_case
from tests.factories import make_officer, make_rules, make_station, make_tipline
from tiplines.models import Candidate, Decision, Tipline

pytestmark = pytest.mark.django_db


@pytest.fixture
def cyber() -> PoliceStation:
    cyber = make_station(code="ROH-CYBER", name="Cyber Rohini")
    PoliceStation.objects.filter(pk=cyber.pk).update(kind=StationKind.CYBER)
    return cyber


@pytest.mark.parametrize("role", [Role.ANALYST, Role.DISTRICT])
def test_both_stations_stand_on_both_pages(
    client: Client, cyber: PoliceStation, role: Role
) -> None:
    make_rules(replace(DEFAULT, registers_at={"ROH": RegistersAt.CYBER}, number=1))
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


def test_the_page_says_who_registers_before_the_act(client: Client, cyber: PoliceStation) -> None:
    make_rules(replace(DEFAULT, registers_at={"ROH": RegistersAt.CYBER}, number=1))
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
