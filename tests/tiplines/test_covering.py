"""What a text says of a protected person is found however it is written, and nothing else."""

from __future__ import annotations

import pytest

from tiplines.covering import Guard, Mask, Protected

CHILD = Guard(
    (
        Protected(
            position=2,
            label="•••2",
            names=("Meena Rawat", "mee", "रीना"),
            texts=("+919811111111", "a@b.in", "House 4, Sector 7"),
            values=frozenset({("email", "a@b.in")}),
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("MEENA rawat, meena; A@B.IN!", "•••2, •••2; •••2!"),
        ("Meenakshi", "Meenakshi"),
        ("meena.rawat99 or meena_rawat or MeenaRawat", "•••299 or •••2 or •••2"),
        ("meenarawat99@x.in", "•••299@x.in"),
        ("call +91 98111 11111 now", "call •••2 now"),
        ("house 4 sector 7", "•••2"),
        ("रीना के घर", "•••2 के घर"),
        ("nothing here", "nothing here"),
    ],
)
def test_prose_loses_every_way_of_saying_it(text: str, covered: str) -> None:
    assert CHILD.prose.text(text) == covered


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Amit Rawat", "Amit Rawat"),
        ("meena rawat", "•••2"),
        ("MEE", "•••2"),
        ("fan of Meena-Rawat", "fan of •••2"),
    ],
)
def test_another_persons_own_surname_stays(text: str, covered: str) -> None:
    assert CHILD.others.text(text) == covered


def test_a_mask_of_nothing_changes_nothing() -> None:
    assert Mask({}).text("Meena") == "Meena"
