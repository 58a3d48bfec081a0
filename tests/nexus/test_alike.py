"""What is one value though it is written in several ways: addresses of a subscriber's network,
copies of a picture, names and addresses of persons over scripts.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import numpy as np
import pytest

from nexus.evidence import SharedValue, from_rows
from nexus.kinds import KINDS, Kind
from nexus.models import Joined, Judgement, Tie, Verdict, Worth
from nexus.services.explaining import explain
from nexus.services.linking import link_next
from nexus.services.reading import session_numbers
from nexus.services.rebuilding import rebuild
from nexus.similar import leaders_of
from tests.factories import NOON, make_officer, make_tipline
from tests.tiplines.rows import add_party, add_sighting, protect
from tiplines.models import Address, FileRecord, Identifier, Tipline
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


PICTURE = sum(1 << at for at in random.Random(4).sample(range(256), 128))


def copies(*bits_apart: int) -> list[int]:
    """Hashes of copies of one picture."""
    drawn = random.Random(5)
    return [PICTURE ^ sum(1 << at for at in drawn.sample(range(256), n)) for n in bits_apart]


def with_picture(bits: int) -> Tipline:
    tip = make_tipline()
    file = FileRecord.objects.create(tipline=tip, position=1, name="1.jpg", place="report/file[1]")
    add_sighting(tip, kind="hash", value=f"pdq:{bits:064x}", file=file)
    add_sighting(tip, kind="hash", value=f"md5:{bits % 2**128:032x}", file=file)
    return tip


def test_copies_of_a_picture_are_one_file() -> None:
    crowd()
    one, other, far = (with_picture(bits) for bits in copies(0, 10, 90))

    rebuild(at=NOON)

    assert shared(one, other)[Kind.FILE].holders == 2
    assert shared(one, far) == {}
    assert Joined.objects.count() == 3  # four hashes of one file


def test_a_copy_that_comes_in_later_joins_the_file() -> None:
    crowd()
    bits, near, far = copies(0, 10, 90)
    one = with_picture(bits)
    rebuild(at=NOON)

    late, other = with_picture(near), with_picture(far)
    come_in(late, other)

    assert shared(one, late)[Kind.FILE].holders == 2
    assert shared(late, other) == {}


def test_no_chain_of_copies_ties_what_is_far_apart() -> None:
    steps = [PICTURE]
    places = random.Random(6).sample(range(256), 100)
    for begin in range(0, 100, 20):
        steps.append(steps[-1] ^ sum(1 << at for at in places[begin : begin + 20]))
    words = np.array(
        [[bits >> 64 * (3 - at) & 2**64 - 1 for at in range(4)] for bits in steps], np.uint64
    )

    leader = leaders_of(words)

    assert 1 < len(set(leader.tolist())) < len(steps)
    for row, of in enumerate(leader.tolist()):
        assert (steps[row] ^ steps[of]).bit_count() <= 31
        assert leader[of] == of
    turned = leaders_of(words[::-1])
    assert {steps[at] for at in leader} == {steps[::-1][at] for at in turned}


def online(*uses: tuple[str, int, datetime]) -> list[Tipline]:
    """A tipline for each use of an address: address, port and moment."""
    made = []
    for address, port, at in uses:
        tip = make_tipline()
        seen = add_sighting(tip, kind="ip", value=address)
        seen.port, seen.at, seen.network = port, at, "cgnat"
        seen.save()
        made.append(tip)
    return made


SHARED = "49.36.12.7"


def test_behind_a_shared_address_the_block_of_ports_and_the_minute_tie() -> None:
    crowd()
    online(*((SHARED, 1024 * number, LATER) for number in range(1, 41)))
    uses = [(SHARED, 50_000, NOON), (SHARED, 50_100, NOON + timedelta(seconds=20))]
    one, same = online(*uses)
    other_ports, later = online(
        (SHARED, 60_000, NOON), (SHARED, 50_000, NOON + timedelta(minutes=5))
    )

    rebuild(at=NOON)

    assert shared(one, same).keys() == {Kind.SESSION}
    assert shared(one, other_ports) == shared(one, later) == {}


def test_who_comes_in_out_of_the_same_session_is_tied_at_once() -> None:
    crowd()
    online(*((SHARED, 1024 * number, LATER) for number in range(1, 41)))
    [one] = online((SHARED, 50_000, NOON))
    add_sighting(one, value="+919800000077")
    rebuild(at=NOON)

    [late] = online((SHARED, 50_100, NOON + timedelta(seconds=20)))
    add_sighting(late, value="+919800000077")
    come_in(late)

    assert Kind.SESSION in shared(one, late)
    tie = Tie.objects.get()
    assert {value.kind for value in from_rows(tie.evidence)} == {Kind.SESSION, Kind.PHONE}


def test_the_number_of_a_session_is_that_of_its_three_parts() -> None:
    drawn = np.random.default_rng(1).integers(0, 10_000, (3, 50_000))

    numbers = session_numbers(*drawn)

    assert (numbers >= 0).all()
    assert (numbers < 2**56).all()
    assert len(np.unique(numbers)) == len(np.unique(drawn, axis=1).T)
    assert (session_numbers(*drawn[:, ::-1]) == numbers[::-1]).all()
