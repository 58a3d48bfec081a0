"""Which value holds a group together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus.cutting import Edge, parts_of, players, splits
from nexus.evidence import SharedValue, added, adding, from_rows
from nexus.kinds import RELATED_FROM, Kind
from tests.nexus.ties import as_rows


def phone(number: int, bits: float = 8.0) -> SharedValue:
    return SharedValue(kind=Kind.PHONE, value=number, holders=2, core=0, bits=bits)


def edge(one: int, other: int, *values: SharedValue, prior: float = -4.0) -> Edge:
    return Edge(one=one, other=other, bits=prior + added(values), values=values)


def test_the_only_value_between_two_halves_is_named_with_the_halves() -> None:
    edges = [
        edge(1, 2, phone(10, 12.0), phone(11, 12.0)),
        edge(3, 4, phone(12, 12.0), phone(13, 12.0)),
        edge(3, 5, phone(12, 12.0), phone(13, 12.0)),
        edge(2, 3, phone(20)),
    ]

    found = splits([1, 2, 3, 4, 5], edges)

    assert [(each.value, [sorted(part) for part in each.parts]) for each in found] == [
        (20, [[3, 4, 5], [1, 2]]),
    ]


def test_accounts_that_much_hangs_on_come_first_with_what_is_left_without_them() -> None:
    edges = [edge(1, 2, phone(1)), edge(2, 3, phone(2)), edge(3, 4, phone(3)), edge(3, 5, phone(4))]
    apart = [edge(8, 9, phone(5)), edge(9, 10, phone(6)), edge(8, 10, phone(7))]

    found = players([1, 2, 3, 4, 5, 8, 9, 10], [*edges, *apart], most=4)

    assert [(each.account, each.tied) for each in found] == [(3, 3), (2, 2), (8, 2), (9, 2)]
    assert [sorted(part) for part in found[0].parts] == [[1, 2], [4], [5]]
    assert [len(each.parts) for each in found[2:]] == [1, 1]


def test_a_value_beside_which_another_way_leads_splits_nothing() -> None:
    edges = [edge(1, 2, phone(1)), edge(2, 3, phone(2)), edge(1, 3, phone(3))]

    assert splits([1, 2, 3], edges) == []


def test_what_is_no_identifier_is_not_named() -> None:
    report = SharedValue(kind=Kind.REPORT, value=7, holders=2, core=0, bits=9.0)

    assert splits([1, 2], [edge(1, 2, report)]) == []


def test_of_a_family_the_best_counts_in_full_and_the_others_in_part() -> None:
    told = adding(
        [
            phone(1, 5.0),
            phone(2, 10.0),
            SharedValue(kind=Kind.EMAIL, value=1, holders=2, core=0, bits=7.0),
        ]
    )

    assert [(value.value, bits) for value, bits in told] == [(2, 10.0), (1, 7.0), (1, 3.0)]


VALUES = st.builds(
    SharedValue,
    kind=st.sampled_from([Kind.PHONE, Kind.EMAIL, Kind.FILE, Kind.REPORT]),
    value=st.integers(1, 5),
    holders=st.integers(2, 9),
    core=st.integers(0, 9),
    bits=st.floats(0.1, 15),
)
EDGES = st.builds(
    lambda ends, values: edge(*sorted(ends), *{(v.kind, v.value): v for v in values}.values()),
    st.sets(st.integers(1, 6), min_size=2, max_size=2),
    st.lists(VALUES, min_size=1, max_size=4),
).filter(lambda each: each.bits >= RELATED_FROM)


@given(st.lists(EDGES, max_size=12))
def test_exactly_those_values_are_named_without_which_the_group_has_more_parts(
    edges: list[Edge],
) -> None:
    edges = list({(each.one, each.other): each for each in edges}.values())
    accounts = range(1, 7)
    every = {
        (value.kind, value.value) for each in edges for value in each.values if value.is_identifier
    }

    def parts(without: tuple[Kind, int]) -> int:
        left = [each for each in edges if each.bits_without(*without) >= RELATED_FROM]
        return len(parts_of(accounts, left))

    whole = len(parts_of(accounts, edges))

    assert {(each.kind, each.value) for each in splits(accounts, edges)} == {
        value for value in every if parts(value) > whole
    }


@given(st.lists(VALUES))
def test_what_is_stored_is_read_as_it_was(values: list[SharedValue]) -> None:
    assert list(from_rows(as_rows(values))) == values
