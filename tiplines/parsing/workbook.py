"""An XLSX workbook to sheets of text. Its archive is hostile until it was looked through."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree.ElementTree import ParseError  # the error only: parsing is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from tiplines.parsing import normalising
from tiplines.parsing.limits import (
    DOCUMENT_BYTES_AT_MOST,
    LIST_CELLS_AT_MOST,
    LIST_TEXT_AT_MOST,
    WORKBOOK_BYTES_AT_MOST,
    WORKBOOK_ENTRIES_AT_MOST,
    WORKBOOK_RATIO_AT_MOST,
    WORKBOOK_RATIO_FROM_BYTES,
    UnreadableReport,
    check_size,
)

AS_CSV = "save it as CSV, which may be of any size"
SHARED_TEXTS = "xl/sharedstrings.xml"  # folded: the workbook reader does not mind the case


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    name: str
    rows: list[list[str]]


def workbook_sheets(data: bytes) -> list[Sheet]:
    """Every sheet with its rows. Raises UnreadableReport if it is no workbook."""
    return [Sheet(name=name, rows=list(rows)) for name, rows in sheet_rows(data)]


def sheet_rows(data: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Each sheet's name and its rows one by one. Raises UnreadableReport if it is no workbook."""
    check_size(data)
    checked = _checked_workbook(data)
    del data
    try:
        opened = CalamineWorkbook.from_filelike(checked)
        for meta in opened.sheets_metadata:
            if meta.typ == SheetTypeEnum.WorkSheet:
                yield meta.name, _rows(opened.get_sheet_by_name(meta.name))
    except CalamineError as broken:
        raise UnreadableReport(f"not a readable workbook: {broken}") from broken
    except BaseException as panic:
        # A Rust panic is no Exception and has no importable class; it must not end the worker.
        if type(panic).__name__ != "PanicException":
            raise
        raise UnreadableReport("not a readable workbook") from panic


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [normalising.storable(_cell_text(cell)) for cell in row]


def _checked_workbook(data: bytes) -> IO[bytes]:
    """Return the workbook packed anew: only its XML, each part looked at within bounds.

    The sizes in a ZIP directory are claims: `zipfile` reads no further than they say, so what the
    workbook reader then sees is bounded. Pictures and other parts are left behind.
    """
    packed = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(data)) as archive,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
        ):
            entries = [each for each in archive.infolist() if not each.is_dir()]
            _check_directory(entries)
            texts = SharedTexts()
            # The shared texts first: what cells name of them is measured by their lengths.
            for entry in sorted(entries, key=lambda each: each.filename.lower() != SHARED_TEXTS):
                if entry.filename.startswith(("xl/", "_rels/")) and entry.filename.endswith(
                    (".xml", ".rels")
                ):
                    unpacked = archive.read(entry)
                    if entry.filename.lower() == SHARED_TEXTS:
                        texts.read(unpacked)
                    _check_span(unpacked, entry.filename, texts)
                    copy.writestr(entry.filename, unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as broken:
        raise UnreadableReport(f"the workbook's archive is damaged: {broken}") from broken
    except (NotImplementedError, RuntimeError) as locked:
        raise UnreadableReport("the workbook is encrypted or packed in an unusual way") from locked
    packed.seek(0)
    return packed


def _check_directory(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > WORKBOOK_ENTRIES_AT_MOST:
        raise UnreadableReport(f"the workbook has more than {WORKBOOK_ENTRIES_AT_MOST} parts")
    if sum(entry.file_size for entry in entries) > WORKBOOK_BYTES_AT_MOST:
        raise UnreadableReport(f"the workbook unpacks to more than we read: {AS_CSV}")
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise UnreadableReport("the workbook holds two parts of one name")
    for entry in entries:
        if entry.file_size > DOCUMENT_BYTES_AT_MOST:
            limit = DOCUMENT_BYTES_AT_MOST // (1024 * 1024)
            raise UnreadableReport(
                f"a part of the workbook has more than {limit} MiB: {AS_CSV}", place=entry.filename
            )
        if (
            entry.file_size > WORKBOOK_RATIO_FROM_BYTES
            and entry.file_size > WORKBOOK_RATIO_AT_MOST * max(entry.compress_size, 1)
        ):
            raise UnreadableReport("a part of the workbook unpacks to far more than its size")
        if entry.filename.lower().endswith((".zip", ".xlsx", ".xlsm")):
            raise UnreadableReport("the workbook holds another archive")


class SharedTexts:
    """The texts that a workbook keeps once, however many cells show them: their lengths only."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def read(self, part: bytes) -> None:
        lengths = self.lengths

        def start(tag: str, _attributes: object) -> None:
            if tag.rpartition("}")[2] == "si":
                lengths.append(0)

        def text(data: str) -> None:
            if lengths:
                lengths[-1] += len(data)

        _parse(part, SHARED_TEXTS, start, text)

    def shown_by(self, sheet: bytes, name: str) -> int:
        """Return how many characters the cells of a sheet show of these texts."""
        characters, is_shared, chunks = 0, False, list[str]()

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal is_shared
            if tag.rpartition("}")[2] == "c":
                is_shared = attributes.get("t") == "s"
            chunks.clear()

        def end(_tag: str) -> None:
            nonlocal characters
            number = "".join(chunks).strip()
            if is_shared and number.isdecimal() and len(number) < 9:
                at = int(number)
                characters += self.lengths[at] if at < len(self.lengths) else 0
            chunks.clear()

        _parse(sheet, name, start, chunks.append, end)
        return characters


def _parse(
    part: bytes,
    name: str,
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None] | None = None,
    end: Callable[[str], None] | None = None,
) -> None:
    parser = DefusedXMLParser(forbid_dtd=True)
    expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = start, end
    expat.CharacterDataHandler, expat.DefaultHandlerExpand = text, None
    expat.ordered_attributes = False
    try:
        parser.feed(part)
    except (DefusedXmlException, ParseError, LookupError, ValueError) as broken:
        raise UnreadableReport("a part of the workbook is not sound XML", place=name) from broken


def _check_span(part: bytes, name: str, texts: SharedTexts) -> None:
    """Refuse a sheet that claims more cells, or shows more text, than we read.

    Two cells at opposite corners are enough: a reader that lays out the span takes all memory. So
    is one long text that many cells name: a reader copies it for each.
    """
    rows = columns = row = column = shared = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows, columns, row, column, shared
        tag = tag.rpartition("}")[2]
        reference = attributes.get("r", "")
        digits = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if tag == "row":
            row, column = (int(digits) if digits.isdecimal() else row + 1), 0
        elif tag == "c":
            column += 1
            shared += attributes.get("t") == "s"
            if letters := reference[: len(reference) - len(digits)]:
                column = 0
                for letter in letters[:4]:
                    column = column * 26 + ord(letter) - 64
                row = int(digits) if digits.isdecimal() else row
        else:
            return
        rows, columns = max(rows, row), max(columns, column)

    _parse(part, name, start)
    if rows * max(columns, 1) > LIST_CELLS_AT_MOST:
        raise UnreadableReport(f"the sheet spans {rows} rows by {columns} columns", place=name)
    may_show = shared * max(texts.lengths, default=0)
    if may_show > LIST_TEXT_AT_MOST and texts.shown_by(part, name) > LIST_TEXT_AT_MOST:
        raise UnreadableReport("the sheet shows more text than any list holds", place=name)


def _cell_text(value: Any) -> str:
    """Return a cell as an officer would read it: 195000123, not 195000123.0."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time.min else value.isoformat(" ", "seconds")
    if isinstance(value, int | date | time | timedelta):
        return str(value)
    return ""
