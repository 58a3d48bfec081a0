"""A world that is told and taken in ties the tiplines that it tied as arrays, and no others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile

import numpy as np
import pytest

from districts.gazetteer import forget
from districts.loading import load_gazetteer
from nexus.holdings import Mentions
from nexus.kinds import Kind
from nexus.services.reading import read_all
from tests.factories import NOON
from tests.nexus.telling import (
    DAY_0,
    DISTRICT_CODES,
    ROWS_AT_MOST,
    number_of,
    row_of,
    tell_world,
    write_world,
)
from tests.nexus.world import DISTRICTS, World, make_world
from tests.tiplines.intake import work
from tiplines.models import QuarantineItem, Sighting, Tipline
from tiplines.models.dispatch import Channel
from tiplines.networks import NetworkKind
from tiplines.parsing.records import IdentifierKind, Provenance
from tiplines.services.placing import keys_of
from tiplines.services.receiving import receive

TIPLINES = 300

Groups = Counter[frozenset[int]]


@pytest.fixture
def gazetteer(db: None) -> Iterator[None]:
    """Loaded here, and not remembered from or for other tests, whose keys are others."""
    forget()
    keys_of.cache_clear()
    load_gazetteer(at=NOON)
    yield
    forget()
    keys_of.cache_clear()


def bring_world(world: World) -> None:
    with TemporaryFile() as file:
        write_world(world, file)
        file.seek(0)
        receive(source=file, name="world.zip", channel=Channel.COMMAND, by=None, at=NOON)
    work(located=True)


def groups_of(values: Iterable[int], rows: Iterable[int]) -> Groups:
    """How many values are held by just these rows."""
    held = defaultdict(set)
    for value, row in zip(values, rows, strict=True):
        held[value].add(row)
    return Counter(map(frozenset, held.values()))


def told(said: Mentions, rows: Sequence[int]) -> dict[str, Groups]:
    """By kind, and for the accounts; `rows` are of the world, one for each tipline."""
    of = np.array(rows)
    groups = {
        kind.name: groups_of(said.value[said.kind == kind], of[said.report[said.kind == kind]])
        for kind in Kind
        if kind is not Kind.ACCOUNT  # of suspects only: these tell nothing new
    }
    return groups | {"account": groups_of(said.report_account, of)}


def test_a_world_that_is_taken_in_ties_what_it_tied(gazetteer: None) -> None:
    world = make_world(TIPLINES, profile="hard", seed=5)

    bring_world(world)

    assert not QuarantineItem.objects.exists()
    assert {row_of(each.number) for each in Tipline.objects.all()} == set(range(world.count))
    said = read_all()
    numbers = Tipline.objects.in_bulk(said.tiplines.tolist())
    rows = [row_of(numbers[key].number) for key in said.tiplines.tolist()]
    assert told(said.mentions, rows) == told(world.mentions, range(world.count))
    prose = Sighting.objects.filter(links=True).exclude(provenance=Provenance.REPORTED.value)
    assert {(each.identifier.kind, each.provenance) for each in prose} == {
        (IdentifierKind.UPI.value, Provenance.FREE_TEXT.value)
    }
    addresses = Sighting.objects.filter(identifier__kind=IdentifierKind.IP.value)
    unroutable = [NetworkKind.PRIVATE.value, NetworkKind.RESERVED.value, NetworkKind.CGNAT.value]
    assert not addresses.filter(network__in=unroutable).exists()
    assert not addresses.filter(at=None).exists()
    mentions = world.mentions
    for tipline in Tipline.objects.select_related("best_district"):
        row = row_of(tipline.number)
        assert tipline.incident_at is not None
        days = (tipline.incident_at - DAY_0).total_seconds() / 86400
        assert days == pytest.approx(mentions.report_day[row], abs=1e-5)
        code = tipline.best_district.code if tipline.best_district else None
        district = int(mentions.report_district[row])
        assert code == (DISTRICT_CODES[district] if district >= 0 else None)


def test_a_number_leads_back_to_its_row() -> None:
    rows = [0, 1, 199_999, ROWS_AT_MOST - 1]

    numbers = [number_of(row) for row in rows]

    assert [row_of(str(number)) for number in numbers] == rows
    assert {len(str(number)) for number in numbers} == {9}


def test_the_districts_of_a_world_are_those_of_delhi() -> None:
    assert len(DISTRICT_CODES) == DISTRICTS


def test_rows_can_be_told_by_themselves() -> None:
    world = make_world(50, seed=5)

    assert list(tell_world(world, rows=[7, 9])) == [list(tell_world(world))[row] for row in (7, 9)]
