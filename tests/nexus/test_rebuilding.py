"""Groups in the database: found as on arrays, numbered for good, explained by the same bits."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count

from nexus import tasks
from nexus.calibrating import calibrate
from nexus.evidence import SharedValue, added, from_rows
from nexus.holdings import fold
from nexus.kinds import KINDS, RELATED_FROM, Kind
from nexus.models import Folded, Lineage, Membership, Nexus, Run, Tie, Tier, Worth
from nexus.services.columns import rows_of
from nexus.services.explaining import explain
from nexus.services.keeping import find
from nexus.services.reading import read_all
from nexus.services.rebuilding import REBUILD_LOCK, rebuild
from tests.factories import NOON, make_district, make_tipline
from tests.nexus.stored import store
from tests.nexus.telling import number_of, row_of
from tests.nexus.world import DISTRICTS, World, make_world
from tests.tiplines.rows import add_account, add_sighting
from tiplines.models import Sighting, Tipline
from tiplines.parsing.records import IdentifierKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def districts() -> None:
    for number in range(DISTRICTS):
        make_district(code=f"D{number}", name=f"District {number}")


@pytest.fixture
def world(districts: None) -> World:
    made = make_world(2_500, seed=5)
    store(made)
    return made


def groups_by_row() -> list[set[int]]:
    """The nexuses in force, as rows of the world."""
    groups: dict[int, set[int]] = {}
    members = Membership.objects.filter(until=None).values_list("nexus_id", "tipline__number")
    for nexus, number in members:
        groups.setdefault(nexus, set()).add(row_of(number))
    return sorted(groups.values(), key=min)


def as_groups(rows: Iterable[int], numbers: Iterable[int]) -> set[frozenset[int]]:
    """Rows that have the same number, whatever it is."""
    groups: dict[int, set[int]] = defaultdict(set)
    for row, number in zip(rows, numbers, strict=True):
        groups[int(number)].add(int(row))
    return set(map(frozenset, groups.values()))


def test_what_is_read_is_what_was_said(world: World) -> None:
    said = read_all()

    assert len(said.tiplines) == world.count
    ours, theirs = said.mentions, world.mentions
    assert as_groups(range(world.count), ours.report_account) == as_groups(
        range(world.count), theirs.report_account
    )
    assert as_groups(range(world.count), ours.report_district) == as_groups(
        range(world.count), theirs.report_district
    )
    assert np.diff(ours.report_day) == pytest.approx(np.diff(theirs.report_day), abs=1e-6)
    for kind in np.unique(theirs.kind):
        of, of_theirs = ours.kind == kind, theirs.kind == kind
        assert as_groups(ours.report[of], ours.value[of]) == as_groups(
            theirs.report[of_theirs], theirs.value[of_theirs]
        )


def test_the_groups_are_those_of_the_rules_on_arrays(world: World) -> None:
    said = read_all().mentions
    found = find(calibrate(fold(said)), said.report_day)
    expected = [
        set(np.flatnonzero(found.of_tipline == group).tolist()) for group in range(len(found))
    ]

    rebuild(at=NOON)

    assert groups_by_row() == sorted(expected, key=min)
    assert len(expected) > 40
    assert Nexus.objects.filter(tier=Tier.ALERT).count() == found.alert.sum()
    assert Folded.objects.exists()


def test_the_groups_do_not_hang_on_what_came_in_first(districts: None) -> None:
    world = make_world(2_500, seed=6)
    found, first = [], []
    for backwards in (False, True):
        with transaction.atomic():
            store(world, backwards=backwards)
            rebuild(at=NOON)
            found.append(groups_by_row())
            first.append(Tipline.objects.earliest("pk").number)
            transaction.set_rollback(True)

    assert first == [str(number_of(0)), str(number_of(world.count - 1))]
    assert found[0] == found[1] != []


def test_a_second_run_changes_nothing_but_what_was_learned(world: World) -> None:
    first = rebuild(at=NOON)
    before = list(Membership.objects.order_by("pk").values())
    numbers = list(Nexus.objects.order_by("pk").values_list("pk", flat=True))

    second = rebuild(at=NOON + timedelta(days=1))

    assert list(Membership.objects.order_by("pk").values()) == before
    assert list(Nexus.objects.order_by("pk").values_list("pk", flat=True)) == numbers
    assert set(Run.objects.values_list("pk", flat=True)) == {first.pk, second.pk}
    for table in (Worth, Tie):
        assert set(table.objects.values_list("run_id", flat=True)) == {second.pk}


def said(values: Iterable[SharedValue]) -> set[tuple[int, int, int, int, float]]:
    return {
        (each.kind, each.value, each.holders, each.core, round(each.bits, 9)) for each in values
    }


def test_what_is_explained_adds_up_to_what_was_stored(world: World) -> None:
    rebuild(at=NOON)
    ties = Tie.objects.order_by("pk")[:60]
    assert len(ties) == 60

    for tie in ties:
        told = explain(tie.first_id, tie.second_id)
        assert told is not None
        assert told.bits == pytest.approx(tie.bits, abs=1e-9)
        parts = told.prior + told.context + added(told.values)
        assert parts == pytest.approx(told.bits, abs=1e-9)
        stored = list(from_rows(tie.evidence))
        assert tie.context == pytest.approx(told.context, abs=1e-9)
        assert told.prior + tie.context + added(stored) == pytest.approx(tie.bits, abs=1e-9)
        assert said(stored) == said(told.values)
        assert told.bits >= RELATED_FROM


def test_a_past_nexus_can_be_told(world: World) -> None:
    rebuild(at=NOON)
    nexus = Nexus.objects.annotate(n=Count("memberships")).order_by("-n", "pk")[0]
    before = set(nexus.memberships.values_list("tipline_id", flat=True))
    Sighting.objects.filter(tipline__in=before).delete()

    later = NOON + timedelta(days=1)
    rebuild(at=later)

    nexus.refresh_from_db()
    assert nexus.ended_at == later
    assert nexus.into is None
    then = nexus.memberships.filter(since__lte=NOON, until__gt=NOON)
    assert set(then.values_list("tipline_id", flat=True)) == before


def test_two_that_become_one_go_on_under_one_number(world: World) -> None:
    rebuild(at=NOON)
    larger, smaller = Nexus.objects.filter(accounts__gte=2).order_by("-tiplines", "pk")[:2]
    for nexus in (larger, smaller):
        for membership in nexus.memberships.all():
            add_sighting(membership.tipline, kind=IdentifierKind.GROUP, value="g1")

    later = NOON + timedelta(days=1)
    run = rebuild(at=later)

    smaller.refresh_from_db()
    assert (smaller.ended_at, smaller.into_id) == (later, larger.pk)
    lineage = Lineage.objects.get(source=smaller, run=run)
    assert (lineage.target_id, lineage.is_end, lineage.tiplines) == (
        larger.pk,
        True,
        smaller.tiplines,
    )
    larger.refresh_from_db()
    assert larger.tiplines >= larger.memberships.filter(since=NOON, until=None).count()

    Sighting.objects.filter(identifier__kind=IdentifierKind.GROUP).delete()
    rebuild(at=later + timedelta(days=1))

    back = Lineage.objects.get(source=larger, is_end=False)
    assert back.tiplines == smaller.tiplines
    assert back.target_id not in {larger.pk, smaller.pk}  # a number that ended never comes back


def test_the_export_has_a_row_for_each_member(world: World, tmp_path: Path) -> None:
    rebuild(at=NOON)

    call_command("nexus_export", out=tmp_path / "all.csv", stdout=None)
    call_command("nexus_export", out=tmp_path / "alerts.csv", tier="alert", stdout=None)

    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == Membership.objects.filter(until=None).count()
    alerts = [row for row in rows if row["tier"] == "alert"]
    with (tmp_path / "alerts.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == alerts != []


def test_a_second_run_at_once_is_refused(world: World) -> None:
    with closing(connection.copy()) as other:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [REBUILD_LOCK])

        with pytest.raises(CommandError, match="under way"):
            call_command("nexus_rebuild")

    assert not Run.objects.exists()


def test_much_that_came_in_is_reason_for_a_run_between_the_nightly_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nexus.tasks.GROWN_BY", 0.5)
    tasks.regroup_if_grown()
    assert not Run.objects.exists()

    for count, runs in ((1, 1), (1, 1), (2, 2), (3, 2), (4, 3)):
        while Tipline.objects.count() < count:
            make_tipline()
        tasks.regroup_if_grown()
        assert Run.objects.count() == runs, count

    tasks.regroup()
    assert Run.objects.count() == 4


def test_of_nothing_there_is_no_nexus() -> None:
    rebuild(at=NOON)
    make_tipline()
    rebuild(at=NOON)

    assert not Nexus.objects.exists()
    assert Run.objects.latest("pk").tiplines == 1


def test_a_hub_explains_nothing_and_what_came_since_does(world: World) -> None:
    rebuild(at=NOON)
    tips = [make_tipline() for _ in range(4)]
    for tip in tips[:2]:
        add_sighting(tip, kind="email", value="fresh@example.com")
    hub = KINDS[Kind.PHONE].holders_at_most + 1
    Sighting.objects.bulk_create(
        [
            Sighting(tipline=tip, identifier=shared.identifier, links=True, provenance="reported")
            for shared in [add_sighting(tips[2], value="+919800000099")]
            for tip in (*Tipline.objects.all()[:hub], tips[3])
        ]
    )

    fresh, through_hub = explain(tips[0].pk, tips[1].pk), explain(tips[2].pk, tips[3].pk)

    assert fresh is not None
    assert [(value.kind, value.holders) for value in fresh.values] == [(Kind.EMAIL, 2)]
    assert through_hub is not None
    assert through_hub.values == ()
    assert through_hub.gap_days is None


def test_a_placeholder_is_nobodys_account(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nexus.services.reading.ONE_ACCOUNT_AT_MOST", 2)
    tips = [make_tipline() for _ in range(5)]
    for tip in tips[:3]:
        add_account(tip, "made:unknown")
    for tip in tips[3:]:
        add_account(tip, "made:one")

    said = read_all()

    accounts = said.mentions.report_account[rows_of(np.array([t.pk for t in tips]), said.tiplines)]
    assert len(set(accounts[:3].tolist())) == 3
    assert len(set(accounts[3:].tolist())) == 1


def test_no_page_loads_what_only_runs_need() -> None:
    told = "import django; django.setup(); import ifso.urls, sys; print('scipy' in sys.modules)"
    loaded = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60
    )

    assert loaded.stdout.split() == ["False"]


def test_before_the_first_run_there_is_nothing_to_explain(world: World) -> None:
    one, other = Tipline.objects.order_by("pk")[:2]

    with pytest.raises(CommandError, match="nexus_rebuild"):
        call_command("nexus_explain", one.number, other.number)
