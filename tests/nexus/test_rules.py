"""Accounts, pairs, bits and groups: the rules, on small arrays and on a made world."""

from dataclasses import replace

import numpy as np
import pytest

from nexus.calibrating import Learned, calibrate, cores
from nexus.clustering import groups_of, is_alert, persons_of
from nexus.evidence import REST
from nexus.holdings import Holdings, Ints, Mentions, fold, pairs_of
from nexus.kinds import ALERT_FROM, KINDS, RELATED_FROM, Kind
from nexus.weighing import odds_of, weigh, without_row
from tests.nexus.judging import (
    alerts_right,
    by_any_value,
    ceiling,
    marks_of,
    share_alike,
)
from tests.nexus.world import World, make_world

Said = tuple[int, Kind, int]
"""Row of the tipline, kind and number of a value."""


def made(
    *said: Said,
    accounts: list[int],
    days: list[float] | None = None,
    districts: list[int] | None = None,
) -> Mentions:
    return Mentions(
        report_day=np.array(days or [0.0] * len(accounts)),
        report_account=np.array(accounts),
        report_district=np.array(districts or [-1] * len(accounts), np.int16),
        report=np.array([row for row, _, _ in said], np.int64),
        kind=np.array([kind for _, kind, _ in said], np.int8),
        value=np.array([value for _, _, value in said], np.int64),
        is_prose=np.zeros(len(said), bool),
    )


def shared(*kinds: Kind, between: int = 2) -> list[Said]:
    return [(row, kind, 1) for row in range(between) for kind in kinds]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(12_000, seed=2)


def test_tiplines_of_one_account_are_one_holder() -> None:
    held = fold(
        made(
            (0, Kind.EMAIL, 7),
            (1, Kind.EMAIL, 7),
            (2, Kind.EMAIL, 7),
            (2, Kind.PHONE, 7),
            accounts=[5, 5, 9],
            days=[10.0, 30.0, 20.0],
            districts=[3, 3, -1],
        )
    )

    assert held.accounts == 2
    assert held.account_of_report.tolist() == [0, 0, 1]
    assert held.holders.tolist() == [2, 1]
    assert (held.first_day[0], held.last_day[0]) == (10.0, 30.0)
    assert held.account_district.tolist() == [3, -1]


def test_the_district_that_is_named_most_often_is_the_accounts() -> None:
    held = fold(made((0, Kind.EMAIL, 1), accounts=[1] * 4, districts=[2, 4, 4, -1]))

    assert held.account_district.tolist() == [4]


def test_nothing_said_is_no_pair() -> None:
    held = fold(made((0, Kind.EMAIL, 1), accounts=[1]))

    learned = calibrate(held)

    assert len(learned.pairs) == 0
    assert groups_of(learned, least_bits=RELATED_FROM).tolist() == [0]


def test_each_two_who_share_a_value_are_a_pair_and_a_hub_makes_none() -> None:
    many = KINDS[Kind.IP].holders_at_most + 1
    few = made(*shared(Kind.EMAIL, Kind.IP, between=3), accounts=[1, 2, 3])
    hub = made(*shared(Kind.IP, between=many), accounts=list(range(many)))

    pairs = pairs_of(fold(few))

    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 2),
    ]
    assert pairs.kind.tolist() == [Kind.EMAIL, Kind.IP] * 3
    assert len(pairs_of(fold(hub))) == 0


def test_the_bits_of_a_pair_are_the_sum_of_what_is_shown(world: World) -> None:
    learned = calibrate(fold(world.mentions))
    pairs, weighed = learned.pairs, learned.weighed

    families = np.bincount(pairs.pair_of_family, weights=weighed.families)

    np.testing.assert_allclose(
        learned.calibration.prior + families + weighed.context, weighed.bits, atol=1e-9
    )
    assert (weighed.rows >= 0).all()
    again = weigh(pairs, learned.held, learned.calibration)
    np.testing.assert_array_equal(again.bits, weighed.bits)


def test_without_its_own_family_a_row_leaves_what_the_others_say() -> None:
    both = fold(made(*shared(Kind.EMAIL, Kind.PHONE), accounts=[1, 2]))
    email = fold(made(*shared(Kind.EMAIL), accounts=[1, 2]))
    phone = fold(made(*shared(Kind.PHONE), accounts=[1, 2]))
    learned = [calibrate(each) for each in (both, email, phone)]

    left = without_row(learned[0].pairs, learned[0].weighed)

    np.testing.assert_allclose(left, [learned[2].weighed.bits[0], learned[1].weighed.bits[0]])


def test_the_files_of_a_pack_may_speak_for_each_other() -> None:
    files = [(row, Kind.FILE, value) for row in (0, 1) for value in (1, 2)]
    held = fold(made(*files, accounts=[1, 2]))
    learned = calibrate(held)

    left = without_row(learned.pairs, learned.weighed)

    expected = learned.calibration.prior + learned.weighed.rows[::-1]
    np.testing.assert_allclose(left, expected)


def test_what_is_left_without_a_row_of_several_is_exact() -> None:
    files = [(row, Kind.FILE, value) for row in (0, 1) for value in (1, 2, 3, 4)]
    learned = calibrate(fold(made(*files, accounts=list(range(50)))))
    rows = np.array([10.0, 1.0, 3.0, 2.0])
    families = np.array([10.0 + REST * 6.0])
    weighed = replace(
        learned.weighed, rows=rows, families=families, bits=families + learned.calibration.prior
    )

    left = without_row(learned.pairs, weighed) - learned.calibration.prior

    np.testing.assert_allclose(left, [3 + REST * 3, 10 + REST * 5, 10 + REST * 3, 10 + REST * 4])


def test_the_core_of_a_value_is_the_largest_group_that_other_evidence_ties() -> None:
    held = fold(made(*shared(Kind.CHANNEL, between=6), accounts=[1, 2, 3, 4, 5, 6]))
    pairs = pairs_of(held)
    tied = np.isin(pairs.first * 10 + pairs.second, [1, 12, 34])  # 0-1, 1-2 and 3-4

    core = cores(held, pairs, tied)

    assert core.tolist() == [True, True, True, False, False, False]


def test_odds_of_a_half_are_nought_and_certainty_has_an_end() -> None:
    assert odds_of(np.array([0.5])) == pytest.approx(0)
    assert np.isfinite(odds_of(np.array([0.0, 1.0]))).all()


def test_two_cliques_on_a_thin_bridge_are_cut_and_always_alike() -> None:
    cliques = [
        (row, kind, 1 + row // 8)
        for row in range(16)
        for kind in (Kind.EMAIL, Kind.DEVICE, Kind.PHONE)
    ]
    held = fold(made(*cliques, (7, Kind.URL, 9), (8, Kind.URL, 9), accounts=list(range(16))))
    learned = calibrate(held)
    tied = replace(learned.weighed, bits=np.maximum(learned.weighed.bits, RELATED_FROM))

    groups = [groups_of(replace(learned, weighed=tied), least_bits=RELATED_FROM) for _ in range(3)]

    assert len(set(groups[0][:8])) == len(set(groups[0][8:])) == 1
    assert groups[0][0] != groups[0][8]
    assert all((each == groups[0]).all() for each in groups)


def test_accounts_with_one_telephone_are_one_person() -> None:
    own = [(row, Kind.PHONE, 10 + row) for row in range(4)]
    accounts = list(range(400))
    lone = calibrate(fold(made(*shared(Kind.PHONE, Kind.DEVICE, between=4), accounts=accounts)))
    ring = calibrate(
        fold(made(*own, *shared(Kind.PAYMENT, Kind.CHANNEL, between=4), accounts=accounts))
    )
    group = np.maximum(np.arange(400) - 3, 0)  # the first four, and each other by itself

    of_lone, of_ring = persons_of(lone, group), persons_of(ring, group)
    assert (of_lone[0], of_ring[0]) == (1.0, 4.0)
    assert (is_alert(of_lone)[0], is_alert(of_ring)[0]) == (False, True)


def test_the_order_in_which_tiplines_come_changes_nothing(world: World) -> None:
    mentions = world.mentions
    order = np.random.default_rng(3).permutation(world.count)
    place = np.argsort(order)
    stirred = np.random.default_rng(4).permutation(len(mentions.report))
    other = replace(
        mentions,
        report_day=mentions.report_day[order],
        report_account=mentions.report_account[order],
        report_district=mentions.report_district[order],
        report=place[mentions.report][stirred],
        kind=mentions.kind[stirred],
        value=mentions.value[stirred],
    )

    here, there = (_groups(each)[0] for each in (mentions, other))

    assert _same(here, there[place])


def test_other_numbers_for_accounts_and_values_change_next_to_nothing(world: World) -> None:
    """Ties between equally large cores and the draw of random pairs go by number."""
    mentions, rng = world.mentions, np.random.default_rng(5)
    renamed = replace(
        mentions,
        report_account=rng.permutation(int(mentions.report_account.max()) + 1)[
            mentions.report_account
        ],
        value=rng.permutation(int(mentions.value.max()) + 1)[mentions.value],
    )

    here, there = (_groups(each)[0] for each in (mentions, renamed))

    as_truth = replace(world, ring=np.full(world.count, -1, np.int32), person=here)
    assert share_alike(as_truth, there) > 0.99


def test_rings_are_found_and_strangers_left_alone(world: World) -> None:
    group, held, learned = _groups(world.mentions)
    best = marks_of(world, ceiling(world, held))

    marks = marks_of(world, group)

    assert marks.f1 >= 0.75 * best.f1
    assert marks.noise_alone >= 0.985
    assert marks.largest <= 1.5 * best.largest
    assert marks.f1 > 1.5 * marks_of(world, by_any_value(held, at_most=3)).f1
    accounts = groups_of(learned, least_bits=ALERT_FROM)
    count, right = alerts_right(
        world, accounts[held.account_of_report], is_alert(persons_of(learned, accounts))
    )
    assert count >= 20
    assert right >= 0.9


def _groups(mentions: Mentions) -> tuple[Ints, Holdings, Learned]:
    held = fold(mentions)
    learned = calibrate(held)
    return groups_of(learned, least_bits=RELATED_FROM)[held.account_of_report], held, learned


def _same(one: Ints, other: Ints) -> bool:
    """Whether two columns of numbers divide the rows alike."""
    both = len(np.unique(np.stack((one, other)), axis=1).T)
    return both == len(np.unique(one)) == len(np.unique(other))
