"""What is one value though it is written in several ways: addresses of a subscriber's network,
names and addresses of persons over scripts.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexus.evidence import SharedValue
from nexus.kinds import KINDS, Kind
from nexus.models import Joined, Judgement, Verdict, Worth
from nexus.services.explaining import explain
from nexus.services.linking import link_next
from nexus.services.rebuilding import rebuild
from tests.factories import NOON, make_officer, make_tipline
from tests.tiplines.rows import add_party, add_sighting, protect
from tiplines.models import Address, Identifier, Tipline
from tiplines.networks import subscriber_network

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)
HOME = "2401:4900:1c5e:8d3a"


def seen_at(*addresses: str) -> list[Tipline]:
    """A tipline from each of these IP addresses."""
    made = []
    for address in addresses:
        tip = make_tipline()
        add_sighting(tip, kind="ip", value=address)
        made.append(tip)
    return made


def crowd() -> None:
    """Others: among three accounts any two may belong together, and little says more than that."""
    for _ in range(100):
        make_tipline()


def come_in(*tiplines: Tipline) -> None:
    Tipline.objects.filter(pk__in=[tip.pk for tip in tiplines]).update(linked_at=None)
    while link_next(at=LATER):
        pass


def shared(one: Tipline, other: Tipline) -> dict[Kind, SharedValue]:
    told = explain(one.pk, other.pk)
    assert told is not None
    return {value.kind: value for value in told.values}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2401:4900:1c5e:8d3a::1", "2401:4900:1c5e:8d3a::/64"),
        ("2401:4900:1c5e:8d3a:f816:3eff:fe21:1", "2401:4900:1c5e:8d3a::/64"),
        ("2401:4900:1c5e:8d3b::1", "2401:4900:1c5e:8d3b::/64"),
        ("49.36.12.7", ""),
        ("not an address", ""),
    ],
)
def test_the_network_of_a_subscriber(address: str, network: str) -> None:
    assert subscriber_network(address) == network


def test_addresses_of_one_subscriber_are_one_value() -> None:
    one, other, neighbour = seen_at(f"{HOME}::1", f"{HOME}:a:b:c:d", "2401:4900:1c5e:8d3b::1")

    rebuild(at=NOON)

    assert shared(one, other)[Kind.IP].holders == 2
    assert shared(one, neighbour) == {}


def test_who_comes_in_from_another_address_of_a_subscriber_joins_him() -> None:
    one, other = seen_at(f"{HOME}::1", "49.36.12.7")
    rebuild(at=NOON)

    late, later = seen_at(f"{HOME}::2", f"{HOME}::3")
    come_in(late)
    come_in(later)

    assert shared(one, late)[Kind.IP].holders == 3
    assert shared(late, later)[Kind.IP].value == shared(one, later)[Kind.IP].value
    assert shared(one, other) == {}
    assert Joined.objects.count() == 2
    rebuild(at=LATER)
    assert shared(one, later)[Kind.IP].holders == 3


def test_a_network_of_too_many_ties_nobody_be_they_counted_at_once_or_one_by_one() -> None:
    most = KINDS[Kind.IP].holders_at_most
    early = seen_at(*(f"{HOME}::{number:x}" for number in range(1, most + 1)))
    rebuild(at=NOON)
    assert list(Worth.objects.filter(chance__gt=0).values_list("holders", flat=True)) == [most]

    [late] = seen_at(f"{HOME}::ffff")
    come_in(late)

    [worth] = Worth.objects.all()
    assert (worth.holders, worth.chance) == (most + 1, 0)
    assert shared(early[0], late) == {}
    rebuild(at=LATER)
    [worth] = Worth.objects.all()
    assert (worth.holders, worth.chance) == (most + 1, 0)


def test_a_judgement_about_one_address_is_about_the_network() -> None:
    one, other = seen_at(f"{HOME}::1", f"{HOME}::2")
    rebuild(at=NOON)
    Judgement.objects.create(
        verdict=Verdict.NEVER,
        identifier=Identifier.objects.get(value=f"{HOME}::2"),
        tiplines=0,
        reason="A hostel.",
        by=make_officer(),
        at=NOON,
    )

    rebuild(at=LATER)

    assert shared(one, other) == {}


def test_a_name_ties_over_scripts() -> None:
    crowd()
    one, other, namesake = make_tipline(), make_tipline(), make_tipline()
    add_party(one, name="Zubair Lakhanpal")
    add_party(other, name="ज़ुबैर लखनपाल")
    add_party(namesake, name="Zubair Khan")

    rebuild(at=NOON)

    assert shared(one, other)[Kind.NAME].holders == 2
    assert shared(one, namesake) == {}


def test_an_address_ties_over_scripts_and_a_childs_does_not() -> None:
    crowd()
    tiplines = []
    for text, age in (
        ("H.No. 12, Gali No 5, Sangam Vihar", None),
        ("मकान नंबर 12, गली नंबर 5, संगम विहार", None),
        ("H.No. 12, Gali No 5, Sangam Vihar", 15),
    ):
        tip = make_tipline()
        party = add_party(tip, name="", age=age)
        Address.objects.create(tipline=tip, party=party, text=text, provenance="reported")
        protect(tip)
        tiplines.append(tip)

    rebuild(at=NOON)

    one, other, child = tiplines
    assert shared(one, other)[Kind.ADDRESS].holders == 2
    assert shared(one, child) == {}
