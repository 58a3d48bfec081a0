"""Workbooks whose sheets are written by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

import xlsxwriter

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def book(rows: Iterable[Sequence[object]]) -> bytes:
    """An honest workbook of one sheet; a text that begins with `=` is a formula."""
    packed = io.BytesIO()
    written = xlsxwriter.Workbook(packed, {"constant_memory": True})
    sheet = written.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    written.close()
    return packed.getvalue()


def with_parts(parts: Mapping[str, str], base: bytes = b"") -> bytes:
    """A workbook with some of its parts put in place of what they were, or added."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base or book([["a"]]))) as whole,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in whole.namelist():
            if name not in parts:
                copy.writestr(name, whole.read(name))
        for name, text in parts.items():
            copy.writestr(name, text)
    return packed.getvalue()


def sheet(cells: str, *, span: str = "") -> str:
    dimension = f'<dimension ref="{span}"/>' if span else ""
    return f"<worksheet {MAIN}>{dimension}<sheetData>{cells}</sheetData></worksheet>"


def text_row(number: int, *texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


def far_corner(reference: str) -> bytes:
    """A list of one report, and one cell far away from it."""
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cells = (
        text_row(1, "CTR No")
        + text_row(2, "990000001")
        + f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'
    )
    return with_parts({SHEET: sheet(cells)})


def shared(text: str, *, times: int) -> bytes:
    """A list whose remarks are all the same text, kept once and named in every row."""
    rows = [text_row(1, "CTR No", "Remarks")]
    for n in range(times):
        number = f"<c><v>{990_000_001 + n}</v></c>"
        rows.append(f'<row r="{n + 2}">{number}<c t="s"><v>0</v></c></row>')
    strings = f"<sst {MAIN}><si><t>{text}</t></si></sst>"
    base = book([["CTR No", "a text"]])  # constant_memory writes no shared strings: linked below
    return with_parts(linked({SHEET: sheet("".join(rows)), STRINGS: strings}, base), base)


def linked(parts: dict[str, str], base: bytes) -> dict[str, str]:
    """The parts with the relations and types that make the shared strings known."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    with zipfile.ZipFile(io.BytesIO(base)) as whole:
        relations = whole.read("xl/_rels/workbook.xml.rels").decode()
        types = whole.read("[Content_Types].xml").decode()
    if "sharedStrings" not in relations:
        relations = relations.replace(
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{relation}" Target="sharedStrings.xml"/>'
            "</Relationships>",
        )
        types = types.replace(
            "</Types>", f'<Override PartName="/{STRINGS}" ContentType="{kind}"/></Types>'
        )
    return parts | {"xl/_rels/workbook.xml.rels": relations, "[Content_Types].xml": types}
