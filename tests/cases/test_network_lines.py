"""The network of an IP address stands beside it on the page, with the day of the table."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from accounts.roles import Role
from tests.cases.test_triage_pages import add_party, signed_in
from tests.factories import make_officer, make_tipline
from tests.tiplines.rows import add_sighting
from tiplines.models import Sighting
from tiplines.parsing.records import PartyRole

pytestmark = pytest.mark.django_db


def test_a_network_is_named_with_its_operator_and_the_day_of_the_table(client: Client) -> None:
    tip = make_tipline()
    seen = add_sighting(tip, kind="ip", value="192.0.2.7")
    Sighting.objects.filter(pk=seen.pk).update(
        network="mobile", operator="Made Mobile", network_as_of=date(2026, 10, 1)
    )

    page = signed_in(client, make_officer(Role.ANALYST)).get(f"/tiplines/{tip.number}/")

    assert "mobile · Made Mobile (by the table of 01-10-2026)" in page.content.decode()


def test_the_network_of_a_child_is_covered_with_its_address(client: Client) -> None:
    tip = make_tipline()
    child = add_party(tip, role=PartyRole.VICTIM, name="Meena Rawat", age=12)
    seen = add_sighting(tip, kind="ip", value="192.0.2.7", party=child, links=False)
    Sighting.objects.filter(pk=seen.pk).update(network="fixed", operator="Made Broadband")

    page = signed_in(client, make_officer(Role.ANALYST)).get(f"/tiplines/{tip.number}/")

    assert "Made Broadband" not in page.content.decode()
