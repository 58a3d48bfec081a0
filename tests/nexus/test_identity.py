"""New groups go on under old numbers: few change, none is given twice, every move is told."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nexus.identity import NONE, Identity, Overlap, identify


def identify_(group: list[int], old: list[int]) -> Identity:
    return identify(np.array(group, np.int64), np.array(old, np.int64))


def test_a_group_that_grew_keeps_its_number() -> None:
    found = identify_([0, 0, 0, 1], [7, 7, NONE, NONE])

    assert found.kept == {0: 7}
    assert not found.merged
    assert not found.left


def test_of_two_that_became_one_the_larger_goes_on() -> None:
    found = identify_([0] * 5, [3, 3, 9, 9, 9])

    assert found.kept == {0: 9}
    assert found.merged == (Overlap(old=3, group=0, members=2),)


def test_of_two_equal_ones_the_older_goes_on() -> None:
    assert identify_([0] * 4, [9, 9, 3, 3]).kept == {0: 3}


def test_one_that_fell_apart_goes_on_in_its_larger_part() -> None:
    found = identify_([0, 0, 1, 1, 1], [4] * 5)

    assert found.kept == {1: 4}
    assert found.left == (Overlap(old=4, group=0, members=2),)


def test_a_smaller_part_takes_a_number_that_is_free() -> None:
    # Most of group 1 is of nexus 4, which goes on elsewhere; nexus 6 is wholly in group 1.
    found = identify_([0] * 5 + [1] * 5, [4] * 8 + [6] * 2)

    assert found.kept == {0: 4, 1: 6}


def test_one_whose_members_are_in_no_group_is_dissolved() -> None:
    assert identify_([NONE, NONE, 0], [4, 4, 5]).dissolved == (4,)


members = st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 6)), max_size=60)


@given(members)
def test_each_number_goes_on_at_most_once_and_none_is_lost(rows: list[tuple[int, int]]) -> None:
    group, old = [g for g, _ in rows], [o for _, o in rows]

    found = identify_(group, old)

    assert len(set(found.kept.values())) == len(found.kept)
    ended = {overlap.old for overlap in found.merged} | set(found.dissolved)
    assert ended.isdisjoint(found.kept.values())
    assert ended | set(found.kept.values()) == set(old) - {NONE}
    for number, count in ((n, old.count(n)) for n in set(old) - {NONE}):
        for one in set(group) - {NONE}:
            inside = sum(1 for row in rows if row == (one, number))
            whole = sum(1 for g, o in rows if g == one and o != NONE)
            if 2 * inside > count and 2 * inside > whole:
                assert found.kept[one] == number  # most of both
