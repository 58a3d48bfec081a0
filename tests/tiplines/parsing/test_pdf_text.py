"""Layout: from text with places to lines in reading order."""

from __future__ import annotations

from tests.tiplines.pdfs import page_of, stream, text_at
from tiplines.parsing.pdf_process import read_pages
from tiplines.parsing.pdf_text import BROKEN_WORD, Piece, lines_of

WIDTH = 600.0
LETTER = 5.0


def piece(left: float, row: int, text: str) -> Piece:
    top = 700.0 - 12 * row
    return Piece(left, left + LETTER * len(text.rstrip()), top - 8, top, text)


def lines(*pieces: Piece) -> list[str]:
    return lines_of(list(pieces), WIDTH)[0]


def test_cells_that_are_written_column_by_column_stand_in_rows() -> None:
    assert lines(
        piece(50, 0, "Type"),
        piece(150, 0, "Value"),
        piece(50, 1, "IP Address"),
        piece(150, 1, "2001:db8:"),
        piece(150, 2, "1:2"),
        piece(350, 0, "Event"),
        piece(350, 1, "Login"),
        piece(50, 4, "This goes over the whole width of the page again"),
        piece(50, 5, "short"),
    ) == [
        "Type\tValue\tEvent",
        "IP Address\t2001:db8:\tLogin",
        "\t1:2\t",
        "This goes over the whole width of the page again",
        "short",
    ]


def test_text_of_one_row_with_the_space_of_a_word_is_one_line() -> None:
    assert lines(piece(50, 0, "Name:"), piece(79, 0, "Ravi")) == ["Name: Ravi"]


def test_a_table_goes_on_with_its_columns_on_the_next_page() -> None:
    first = [piece(50, 0, "Type"), piece(150, 0, "Value"), piece(350, 0, "Event")]
    second = [piece(50, 0, "IP Address"), piece(350, 0, "Login")]

    _, columns = lines_of(first, WIDTH)

    assert lines_of(second, WIDTH, columns)[0] == ["IP Address\t\tLogin"]


def test_a_line_that_had_room_for_the_next_word_ended_there() -> None:
    full = "word " * 19 + "words"
    assert lines(piece(50, 0, full), piece(50, 1, "next line"), piece(50, 2, "last")) == [
        full + " ",
        "next line",
        "last",
    ]


def test_a_long_name_that_fills_its_line_was_broken_inside() -> None:
    name = "x" * 100

    assert lines(piece(50, 0, name), piece(50, 1, "yz.jpg")) == [name + BROKEN_WORD, "yz.jpg"]


def test_two_columns_that_the_library_joins_are_parted() -> None:
    content = text_at(
        (72, 700, "Submitter:"),
        (300, 700, "Point of Contact for Law Enforcement:"),
        (72, 686, "Some Company"),
        (300, 686, "A Desk"),
    )

    assert read_pages(page_of(stream(content))) == [
        ["Submitter:\tPoint of Contact for Law Enforcement:", "Some Company\tA Desk"]
    ]


def test_a_hyphen_at_the_end_of_a_line_stays() -> None:
    content = text_at((72, 700, "VID-"), (72, 688, "20250601.mp4"))

    [[first, second]] = read_pages(page_of(stream(content)))

    assert (first.rstrip(BROKEN_WORD), second) == ("VID-", "20250601.mp4")
