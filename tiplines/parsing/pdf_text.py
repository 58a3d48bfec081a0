"""A PDF to lines of text, page by page, in reading order.

What is returned of a page is plain text, from which alone a report is read:
    "\\t"            between columns: one less in each row of a table than it has columns
    a last " "      the line was broken at a space and goes on in the next
    a last U+200B   the line was broken inside a word and goes on in the next
A line with neither ended where it ends, as far as the layout tells.

Not safe in threads: the library is not. Runs in the limited child only (`pdf_child.py`).
"""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from tiplines.parsing.limits import (
    PDF_CHARACTERS_AT_MOST,
    PDF_PAGES_AT_MOST,
    UnreadableReport,
)

BROKEN_WORD = "\u200b"
BOXES_AT_MOST = 24  # of one line: more than any table has cells
BREAKABLE = tuple("-/?&=%_:")  # after these a line may be broken without a space
LONG_WORD_CHARACTERS = 24  # of an address or a name that may be broken anywhere
HYPHENS_AT_BREAK = ("\ufffe", "\x02")  # how the library writes a hyphen and the line break after it
COLUMN_GAP_POINTS = 10  # wider than any space between two words of one line
SAME_COLUMN_POINTS = 4
SAME_CHARACTER_POINTS = 0.8
COLUMNS_OF_TABLE = 3  # fewer may be two labels side by side
ROWS_AHEAD = 3  # lines that one cell may have more than the others of its row
END_OF_FILE = b"%%EOF"
END_REACH_BYTES = 4096  # some programs write something behind the end
LOCKED = "the PDF is protected by a password: bring it again with its password, or without one"
IS_SCAN = "the PDF is a scan: its pages hold no text. Ask for the original, or enter it by hand"


Box = tuple[float, float, float, float]
"""Left, right, bottom, top."""
NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)


class Corners:
    """Where the library writes the corners of what it is asked for; made once for a page."""

    def __init__(self) -> None:
        self._numbers = [ctypes.c_double() for _ in range(4)]
        self.references = [ctypes.byref(number) for number in self._numbers]
        """Left, top, right, bottom, as the library takes them."""

    def box(self) -> Box:
        left, top, right, bottom = self._numbers
        return left.value, right.value, bottom.value, top.value


class Piece(NamedTuple):
    """Text that stands in one line of one column; points from the lower left corner."""

    left: float
    right: float
    bottom: float
    top: float
    text: str


def read_pages(data: bytes, password: str = "") -> list[list[str]]:
    """Return the lines of each page. Raises UnreadableReport with the reason."""
    check_end(data)
    document = open_document(data, password)
    try:
        count = len(document)
        if count > PDF_PAGES_AT_MOST:
            raise UnreadableReport(f"the PDF has more than {PDF_PAGES_AT_MOST} pages")
        if count == 0:
            raise UnreadableReport("the PDF has no pages, or its page tree is damaged")
        pages, characters = [], 0
        columns: list[float] = []
        for index in range(count):
            pieces, width = _pieces(document, index)
            characters += sum(len(piece.text) for piece in pieces)
            if characters > PDF_CHARACTERS_AT_MOST:
                raise UnreadableReport("the PDF holds more text than any report has")
            lines, columns = lines_of(pieces, width, columns)
            pages.append(lines)
    finally:
        document.close()
    if not any(pages):
        raise UnreadableReport(IS_SCAN)
    return pages


def check_end(data: bytes) -> None:
    """Raise UnreadableReport for a PDF that was cut off.

    The libraries repair such a file, and would show the pages that are left as the whole.
    """
    if END_OF_FILE not in data[-END_REACH_BYTES:]:
        raise UnreadableReport("the PDF is cut short: its end is missing")


def open_document(data: bytes, password: str = "") -> pdfium.PdfDocument:
    """Open a PDF; one that is encrypted with an empty password opens like any other."""
    try:
        return pdfium.PdfDocument(data, password=password or None)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            wrong = "the password does not open the PDF"
            raise UnreadableReport(wrong if password else LOCKED) from error
        if error.err_code == raw.FPDF_ERR_SECURITY:
            raise UnreadableReport("the PDF is encrypted in a way that cannot be read") from error
        raise UnreadableReport("the PDF is damaged or cut short") from error


# --- what the library tells ---------------------------------------------------------------------


def _pieces(document: pdfium.PdfDocument, index: int) -> tuple[list[Piece], float]:
    """Return the text of a page with its places, and the page's width in points.

    The library is asked by line, not by character.
    """
    page = raw.FPDF_LoadPage(document.raw, index)
    if not page:
        raise UnreadableReport("the page is damaged", place=f"page {index + 1}")
    text_page = raw.FPDFText_LoadPage(page)
    try:
        pieces = list(_located(text_page)) if text_page else []
        return pieces, raw.FPDF_GetPageWidthF(page)
    finally:
        if text_page:
            raw.FPDFText_ClosePage(text_page)
        raw.FPDF_ClosePage(page)


def _located(text_page: Any) -> Iterator[Piece]:
    count = raw.FPDFText_CountChars(text_page)
    if count <= 0:
        return
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(text_page, 0, count, buffer)
    text = bytes(buffer)[: 2 * max(written - 1, 0)].decode("utf-16-le", "replace")
    is_alike = len(text) == count  # characters and their text are numbered alike
    for mark in HYPHENS_AT_BREAK:
        text = text.replace(mark, f"{mark}\r\n") if mark in text else text
    at, corners = 0, Corners()
    for line in text.split("\r\n"):
        is_hyphenated = line.endswith(HYPHENS_AT_BREAK)
        if line and not line.isspace():
            start = at if is_alike else raw.FPDFText_GetCharIndexFromTextIndex(text_page, at)
            shown = f"{line[:-1]}-" if is_hyphenated else line
            # A space at the end counts only if the document has it: the library adds some.
            if line.endswith(" ") and raw.FPDFText_IsGenerated(text_page, start + len(line) - 1):
                shown = line.rstrip()
            yield from _in_columns(text_page, shown, start, corners)
        at += len(line) + (0 if is_hyphenated else 2)


def _in_columns(text_page: Any, line: str, start: int, corners: Corners) -> Iterator[Piece]:
    """Cut a line where the library joined two columns."""
    count = raw.FPDFText_CountRects(text_page, start, len(line))
    # Of dots up to a page number, or letters set one by one, only the two ends are looked at.
    wanted = range(count) if count <= BOXES_AT_MOST else (0, count - 1)
    boxes = []
    for order in wanted:
        raw.FPDFText_GetRect(text_page, order, *corners.references)
        boxes.append(corners.box())
    if len(boxes) == 1:
        yield Piece(*boxes[0], line)
        return
    cuts: list[int] = []
    groups = [boxes or [NOWHERE]]
    if len(boxes) == count:
        groups = _apart(boxes)
        lefts = [group[0][0] for group in groups[1:]]
        cuts = _cuts(text_page, line, start, lefts, corners) if lefts else []
        if len(cuts) != len(lefts):  # the places cannot be told: the line stays whole
            groups, cuts = [boxes], []
    for group, begin, end in zip(groups, [0, *cuts], [*cuts, len(line)], strict=True):
        left, right, bottom, top = zip(*group, strict=True)
        yield Piece(min(left), max(right), min(bottom), max(top), line[begin:end])


def _apart(boxes: list[Box]) -> list[list[Box]]:
    """Group boxes that follow each other without the gap of a column."""
    groups = [[boxes[0]]]
    for before, box in pairwise(boxes):
        if box[0] - before[1] > COLUMN_GAP_POINTS or box[0] < before[0]:
            groups.append([])
        groups[-1].append(box)
    return groups


def _cuts(text_page: Any, line: str, start: int, lefts: list[float], corners: Corners) -> list[int]:
    """Return where in `line` the characters stand whose left edges are `lefts`."""
    cuts: list[int] = []
    left, top, right, bottom = corners.references
    for index, before in enumerate(line, 1):
        if len(cuts) == len(lefts):
            break
        if before != " " or index == len(line):
            continue
        raw.FPDFText_GetCharBox(text_page, start + index, left, right, bottom, top)
        if abs(corners.box()[0] - lefts[len(cuts)]) < SAME_CHARACTER_POINTS:
            cuts.append(index)
    return cuts


# --- layout: plain values -----------------------------------------------------------------------


def lines_of(
    pieces: list[Piece], width: float = 0.0, earlier: Sequence[float] = ()
) -> tuple[list[str], list[float]]:
    """Return the lines of a page from top to bottom, columns parted and breaks marked.

    `width` is the page's, in points: text is taken to reach as near to the right edge as to the
    left. `earlier` are the columns of the table before this page, which may go on here; those to
    be handed to the next page are returned too.
    """
    lines: list[str] = []
    columns: list[float] = []
    latest = list(earlier)
    rows = _rows(pieces)
    edge = max((row[0].right for row in rows if len(row) == 1), default=0.0)
    edge = max(edge, width - min((row[0].left for row in rows), default=0.0))
    keeps_spaces = any(piece.text.endswith(" ") for piece in pieces)
    for at, row in enumerate(rows):
        columns = _columns(rows, at, columns, latest)
        if columns:
            lines.append(_in_cells(row, columns))
            latest = columns if len(columns) >= COLUMNS_OF_TABLE else latest
        else:
            after = rows[at + 1][0] if at + 1 < len(rows) else None
            mark = _break_after(row[0], after, edge, keeps_spaces=keeps_spaces)
            lines.append(row[0].text.rstrip() + mark)
    return lines, latest


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    """Group what stands at one height; a row is sorted from left to right and joined by words."""
    rows: list[list[Piece]] = []
    floor = float("inf")
    for piece in sorted(pieces, key=lambda one: -one.top):
        middle = (piece.top + piece.bottom) / 2
        if rows and middle > floor:
            rows[-1].append(piece)
        else:
            rows.append([piece])
            floor = piece.bottom
    return [row if len(row) == 1 else _joined(sorted(row)) for row in rows]


def _joined(row: list[Piece]) -> list[Piece]:
    joined = [row[0]]
    for piece in row[1:]:
        last = joined[-1]
        if piece.left - last.right > COLUMN_GAP_POINTS:
            joined.append(piece)
        else:
            text = f"{last.text.rstrip()} {piece.text.lstrip()}"
            joined[-1] = Piece(
                last.left,
                max(last.right, piece.right),
                min(last.bottom, piece.bottom),
                max(last.top, piece.top),
                text,
            )
    return joined


def _columns(
    rows: list[list[Piece]], at: int, columns: list[float], latest: list[float]
) -> list[float]:
    """Return the left edges of the columns that a row stands in; none for a line across the page.

    Columns begin with a row of several cells. A row that has only its first cell belongs to them
    if it keeps inside it, and goes on with the row above or has a fitting one below.
    """
    row = rows[at]
    if len(row) > 1:
        known = next((one for one in (columns, latest) if one and _fits(row, one)), None)
        return known or [piece.left for piece in row]
    if not columns:
        return columns
    piece = row[0]
    if _column_of(piece, columns) > 0:
        return columns if _fits(row, columns) else []
    if abs(piece.left - columns[0]) > SAME_COLUMN_POINTS or piece.right > columns[1]:
        return []
    goes_on = len(rows[at - 1]) > 1 and " " not in piece.text.strip()
    below = rows[at + 1 : at + 1 + ROWS_AHEAD]
    is_inside = goes_on or any(
        len(one) > 1 or _column_of(one[0], columns) > 0 for one in below if _fits(one, columns)
    )
    return columns if is_inside else []


def _fits(row: list[Piece], columns: list[float]) -> bool:
    return all(
        any(abs(piece.left - left) < SAME_COLUMN_POINTS for left in columns) for piece in row
    )


def _column_of(piece: Piece, columns: list[float]) -> int:
    return max(0, bisect_right(columns, piece.left + SAME_COLUMN_POINTS) - 1)


def _in_cells(row: list[Piece], columns: list[float]) -> str:
    cells = [""] * len(columns)
    for piece in row:
        at = _column_of(piece, columns)
        cells[at] = f"{cells[at]} {piece.text.strip()}".strip()
    return "\t".join(cells)


def _break_after(piece: Piece, after: Piece | None, edge: float, *, keeps_spaces: bool) -> str:
    """Return the mark of a line that goes on in the next: it had no room for the next word."""
    if piece.text.endswith(" "):
        return " "
    if after is None or not after.text.strip():
        return ""
    word = len(after.text.split(maxsplit=1)[0])
    letter = (after.right - after.left) / len(after.text)
    if piece.right + (word + 1) * letter < edge:
        return ""
    last = piece.text.rsplit(maxsplit=1)[-1]
    is_full = edge - piece.right < letter and len(last) >= LONG_WORD_CHARACTERS
    if is_full or last.endswith(BREAKABLE):
        return BROKEN_WORD
    return "" if keeps_spaces else " "
