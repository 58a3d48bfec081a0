"""What an officer sees of a document in quarantine."""

import re

import pytest

from tiplines.excerpts import LINE_CHARACTERS, excerpt

AADHAAR = "2341 2341 2346"


def test_of_a_long_line_the_part_around_the_column_is_shown() -> None:
    text = "a" * 5000 + "HERE" + "b" * 5000

    [line] = excerpt(text.encode(), about="line 1, column 5001 not JSON")

    assert line.is_meant
    assert "HERE" in line.text
    assert len(line.text) == LINE_CHARACTERS + 4
    assert (line.text[:2], line.text[-2:]) == ("… ", " …")


def test_a_long_line_without_a_column_is_shown_from_its_beginning() -> None:
    [line] = excerpt(("START" + "a" * 5000).encode(), about="line 1")

    assert line.text.startswith("START")
    assert line.text.endswith(" …")


def test_a_column_beyond_the_line_shows_its_end() -> None:
    [line] = excerpt(("a" * 5000 + "END").encode(), about="line 1, column 999999")

    assert line.text.endswith("END")


def test_an_aadhaar_number_at_the_edge_of_what_is_shown_is_masked() -> None:
    for shift in range(20):
        text = "a" * (1000 - 207 + shift) + f" {AADHAAR} " + "b" * 5000

        [line] = excerpt(text.encode(), about="line 1, column 1000")

        shown = "".join(c for c in line.text if c.isdigit())
        assert len(shown) <= 4, shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"victims": {"n": ["Meena", "a]"]}, "x": 1', '{"victims": •••, "x": 1'),
        ('{"victim":"Meena","x":"y"}', '{"victim":•••,"x":"y"}'),
        ('{"victimAge": 12, "x": 1}', '{"victimAge": •••, "x": 1}'),
        ('{"victims": [{"n": "Meena', '{"victims": •••'),
        ("<a><victim x='1'><n>Meena</n></victim><b>b</b>", "<a><victim x='1'>•••</victim><b>b</b>"),
        ("<victim><n>Meena", "<victim>•••"),
        ("a victim of fraud", "a victim of fraud"),
    ],
)
def test_what_is_said_of_a_victim_is_covered(text: str, shown: str) -> None:
    [line] = excerpt(text.encode(), about="")

    assert re.sub("•+", "•••", line.text) == shown
    assert len(line.text) == len(text)


def test_covered_lines_keep_their_numbers() -> None:
    text = b'{"victims": {\n  "n": "Meena"\n},\n"x": 1}'

    lines = excerpt(text, about="line 4")

    assert [re.sub("•+", "•••", line.text) for line in lines] == [
        '{"victims": •••',
        "•••",
        "•••,",
        '"x": 1}',
    ]
    assert lines[3].is_meant
