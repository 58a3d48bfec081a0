"""Sectors, phases, blocks and pockets."""

import pytest

from districts.folding import fold
from districts.parts import Part, stem_and_parts, widened, written_parts


@pytest.mark.parametrize(
    ("name", "stem", "parts"),
    [
        ("Sector 22, Rohini", "rohini", {("sector", "22")}),
        ("Rohini Sec-22", "rohini", {("sector", "22")}),
        ("Dwarka Sector 12 Metro Station", "dwarka", {("sector", "12")}),
        ("Janakpuri C-4B Block", "janakpuri", {("block", "c4b")}),
        ("GK-II, M Block Market", "greaterkailash", {("phase", "2"), ("block", "m")}),
        ("Mayur Vihar Ph-I Pocket 4", "mayurvihar", {("phase", "1"), ("pocket", "4")}),
        ("Sector B Pocket 3 Vasant Kunj", "vasantkunj", {("sector", "b"), ("pocket", "3")}),
        ("Sector 16 A, Rohini", "rohini", {("sector", "16a")}),
        ("Rohini Sector 16-A", "rohini", {("sector", "16a")}),
        ("Sector 16, 4th Floor, Rohini", "4thfloorrohini", {("sector", "16")}),
        ("Sector 3-4, Rohini", "4rohini", {("sector", "3")}),
        ("Sector 16 T-Point, Rohini", "tpointrohini", {("sector", "16")}),
        ("Sector 7, C Block, Rohini", "rohini", {("sector", "7"), ("block", "c")}),
        ("Kesar Bagh", "kesarbagh", set()),
        ("Pocket", "pocket", set()),
    ],
)
def test_a_name_is_a_stem_with_parts(name: str, stem: str, parts: set[Part]) -> None:
    words, found = stem_and_parts(fold(name))

    assert "".join(words) == stem
    assert found == frozenset(parts)


def test_the_number_of_a_house_shows_its_block_unless_a_block_is_named() -> None:
    shown = written_parts(fold("C-4/12, Janakpuri"))
    named = written_parts(fold("C-4/12, D Block, Janakpuri"))

    assert [(each.part, each.is_plain) for each in shown] == [
        (("block", "c4"), False),
        (("block", "c"), False),
    ]
    assert [each.part for each in named] == [("block", "d")]


def test_a_part_lies_in_wider_ones() -> None:
    assert widened(("block", "c4b")) == [("block", "c4b"), ("block", "c4"), ("block", "c")]
    assert widened(("sector", "7")) == [("sector", "7")]
