"""Covering lists in CSV and XLSX: one row a report, in columns that every sender names anew.

Each row is a TipReport of its own, with format "list" and mentions of Provenance.LIST; `source` is
`{"sheet": name, "row": number, "columns": {header: text}}`. Two rows may name one report. Columns
whose header is in no table below are kept in the source and named in `unread`. Where an officer
said what a column means, that counts instead of the table and stands in `source` as `mapped`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from tiplines.parsing import aadhaar, normalising
from tiplines.parsing.detecting import HEAD_BYTES, Kind, detect
from tiplines.parsing.limits import (
    DOCUMENT_BYTES_AT_MOST,
    LIST_ROWS_AT_MOST,
    UnreadableReport,
    check_size,
)
from tiplines.parsing.list_headers import (
    HEADER_WITHIN_ROWS,
    NO_MAPPINGS,
    Mappings,
    as_approved,
    columns_of,
    find_header,
    with_day_order,
)
from tiplines.parsing.list_rows import read_row
from tiplines.parsing.records import Found, Refusal, SourceDocument
from tiplines.parsing.workbook import Sheet, workbook_sheets

DELIMITERS = (",", ";", "\t", "|")
SAMPLES = 3  # values of a column shown to an officer
SAMPLE_CHARACTERS = 80
NO_NUMBER_COLUMN = (
    "no column is headed as the report number, e.g. Tipline No.: say on the page of its columns"
    " which one holds it"
)

# A long cell is no reason to refuse a list; the size of the whole document is bounded already.
csv.field_size_limit(DOCUMENT_BYTES_AT_MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The header of one sheet: what an officer is shown to say what each column means."""

    sheet: str
    headers: tuple[str, ...]
    """As written, made unique within the sheet."""
    fields: tuple[str, ...]
    """A key of HEADERS for each; "" where the column is only kept."""
    samples: tuple[tuple[str, ...], ...]
    """For each column its first values, at most SAMPLES."""


def read_csv_document(
    document: SourceDocument, mappings: Mappings = NO_MAPPINGS
) -> tuple[list[Found], list[Refusal]]:
    """Return a report for each row. Raises UnreadableReport if no column holds report numbers."""
    return _read_sheets(document.name, _csv_sheets(document.data, mappings), mappings)


def read_workbook_document(
    document: SourceDocument, mappings: Mappings = NO_MAPPINGS
) -> tuple[list[Found], list[Refusal]]:
    """Return a report for each row of each sheet. Raises UnreadableReport if it is no workbook."""
    return _read_sheets(document.name, workbook_sheets(document.data), mappings)


def heads_of(document: SourceDocument, mappings: Mappings = NO_MAPPINGS) -> list[Head]:
    """Return the header of each sheet that has rows, also where no column holds report numbers.

    Raises UnreadableReport if it is neither CSV nor a workbook that can be opened.
    """
    is_csv = detect(document.name, document.data[:HEAD_BYTES]) is Kind.CSV
    sheets = _csv_sheets(document.data, mappings) if is_csv else workbook_sheets(document.data)
    return [_head(sheet, mappings) for sheet in sheets if any(any(row) for row in sheet.rows)]


def _csv_sheets(data: bytes, mappings: Mappings) -> list[Sheet]:
    check_size(data)
    return [Sheet(name="", rows=_delimited(normalising.storable(_decoded(data)), mappings))]


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableReport(f"not text in {' or '.join(encodings)}")


def _delimited(text: str, mappings: Mappings) -> list[list[str]]:
    """Return the rows, cut by the delimiter under which the header is best understood.

    Where it is understood under none, the delimiter that makes the most columns.
    """
    best: tuple[int, int, str] = (0, 0, DELIMITERS[0])
    for delimiter in DELIMITERS:
        head = _rows(text, delimiter, at_most=HEADER_WITHIN_ROWS)
        _, columns = find_header(head, mappings)
        known = sum(1 for column in columns if column.field)
        width = 0 if known else max(map(len, head), default=0)
        if (known, width) > best[:2]:
            best = (known, width, delimiter)
    return _rows(text, best[2], at_most=LIST_ROWS_AT_MOST + HEADER_WITHIN_ROWS + 1)


def _rows(text: str, delimiter: str, *, at_most: int) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            if len(rows) == at_most:
                break
    except csv.Error as broken:
        raise UnreadableReport(f"not CSV: {broken}", place=f"line {reader.line_num}") from broken
    return rows


def _read_sheets(
    document: str, sheets: Sequence[Sheet], mappings: Mappings
) -> tuple[list[Found], list[Refusal]]:
    found: list[Found] = []
    refused: list[Refusal] = []
    has_header = False
    for sheet in sheets:
        at, columns = find_header(sheet.rows[:HEADER_WITHIN_ROWS], mappings)
        if not columns:
            if any(any(row) for row in sheet.rows):
                refused.append(
                    Refusal(
                        document=document,
                        reason=NO_NUMBER_COLUMN,
                        place=sheet.name,
                    )
                )
            continue
        has_header = True
        columns = [with_day_order(one, i, sheet.rows[at + 1 :]) for i, one in enumerate(columns)]
        if len(sheet.rows) - at - 1 > LIST_ROWS_AT_MOST:
            raise UnreadableReport(f"more than {LIST_ROWS_AT_MOST} rows", place=sheet.name)
        for n, row in enumerate(sheet.rows[at + 1 :], at + 2):
            if not any(row):
                continue
            try:
                report = read_row(row, columns, row_number=n, sheet=sheet.name)
            except UnreadableReport as error:
                refused.append(Refusal(document=document, reason=error.reason, place=error.place))
            else:
                found.append(Found(report=report, documents=(document,)))
    if not found and not refused:
        raise UnreadableReport("the list has no rows" if has_header else "the list is empty")
    return found, refused


def _head(sheet: Sheet, mappings: Mappings) -> Head:
    rows = sheet.rows[:HEADER_WITHIN_ROWS]
    at, columns = find_header(rows, mappings)
    if not columns:  # the row that says most: in words we know, else in cells
        at = max(
            range(len(rows)),
            key=lambda n: (
                sum(1 for column in columns_of(rows[n]) if column.field),
                sum(1 for text in rows[n] if text),
            ),
        )
        columns = columns_of(rows[at])
    headers = as_approved(rows[at], [column.header for column in columns])
    below = sheet.rows[at + 1 :]
    return Head(
        sheet=sheet.name,
        headers=headers,
        fields=tuple(column.field for column in columns[: len(headers)]),
        samples=tuple(_samples(n, below) for n in range(len(headers))),
    )


def _samples(column: int, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    filled = (row[column] for row in rows if len(row) > column and row[column])
    return tuple(aadhaar.mask_aadhaar(text)[:SAMPLE_CHARACTERS] for text in islice(filled, SAMPLES))
