"""A15: a list that is taken away holds no formula, however its numbers are written.

Asserted is what a reader of CSV finds: one cell a line, and a quote, which makes it text, before
each cell that begins with a sign of formulas (also behind blanks, behind what no eye sees, or in
full width), a tab, a line end or NUL. No spreadsheet is opened here: `docs/security.md` says what
one showed.
"""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest

from tiplines.services.receipts import numbers_as_csv

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫")
BEFORE = (
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u202e \t",
)


def cells(*numbers: str) -> list[str]:
    text = "".join(numbers_as_csv(iter(numbers)))
    # As bytes, so that a carriage return within a cell is not read as an end of line.
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(row) for row in rows] == [1] * (1 + len(numbers))
    return [row[0] for row in rows[1:]]


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("sign", SIGNS)
def test_no_cell_begins_as_a_formula(sign: str, before: str) -> None:
    written = f"{before}{sign}cmd|'/c calc'!A1"

    [cell] = cells(written)

    assert cell == f"'{written}"
    assert unicodedata.normalize("NFKC", cell)[0] == "'"


@pytest.mark.parametrize("begins", ["\t", "\r", "\n", "\0"], ids=ascii)
def test_no_cell_begins_with_what_moves_a_cell(begins: str) -> None:
    assert cells(f"{begins}990000001") == [f"'{begins}990000001"]


def test_a_number_stays_as_it_is() -> None:
    numbers = ("990000001", "0990000001", 'a"b', "1,2", " 990000002", "रिपोर्ट")

    assert cells(*numbers) == list(numbers)
