from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from tiplines.parsing import read_bundle
from tiplines.parsing.list_headers import FIELD_OF_HEADER, HEADERS
from tiplines.parsing.records import Provenance, Reading, SourceDocument, TipReport

HEADER = (
    "Tipline No.,Date received,Suspect Name,Suspect IP,Port,IP Date/Time (UTC),Geo City,"
    "Geo Postal Code,Priority,Reporting ESP,Incident Type,Phone,Email,User name,State,District"
)
ROW = (
    '195000123,2025-06-02,Ravi Namuna,203.0.113.1,5123,2025-06-01 10:00:00,Delhi,110001,E,"Google'
    ' LLC",Child Sex Trafficking,9810012345,r@example.org,ravi.n,Delhi,New Delhi'
)


def read(data: bytes, name: str = "list.csv") -> Reading:
    return read_bundle([SourceDocument(name=name, data=data)])


def reports(text: str) -> list[TipReport]:
    reading = read(text.encode())
    assert not reading.refused
    return [one.report for one in reading.found]


def workbook(*sheets: list[list[Any]]) -> bytes:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"default_date_format": "yyyy-mm-dd hh:mm"})
    for rows in sheets:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    book.close()
    return packed.getvalue()


def check_whole(found: TipReport) -> None:
    assert (found.number, found.format, found.unread) == ("195000123", "list", ())
    assert (found.ncmec_priority, found.provider) == ("E", "Google LLC")
    assert found.incident_type == "Child Sex Trafficking"
    party = found.parties[0]
    assert party.name == "Ravi Namuna"
    assert [(m.kind.value, m.value) for m in party.mentions] == [
        ("phone", "+919810012345"),
        ("email", "r@example.org"),
        ("screen-name", "google:ravi.n"),
        ("ip", "203.0.113.1"),
    ]
    assert {mention.provenance for mention in party.mentions} == {Provenance.LIST}
    ip = party.mentions[-1]
    assert ip.port == 5123
    assert ip.moment is not None
    assert ip.moment.zone == "UTC"
    assert ip.moment.utc is not None
    assert ip.moment.utc.isoformat() == "2025-06-01T10:00:00+00:00"
    address = party.addresses[0]
    assert (address.city, address.postal_code, address.label) == ("Delhi", "110001", "geo")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("above", ["", "Tiplines, received; in June\n\nNote – é\n"])
def test_a_csv_list_in_any_dress(encoding: str, delimiter: str, above: str) -> None:
    table = f"{HEADER}\r\n{ROW}\r\n".replace(",", delimiter)

    reading = read(f"{above}{table}".encode(encoding))

    assert not reading.refused
    check_whole(reading.found[0].report)


def test_a_workbook_gives_back_numbers_and_days_as_an_officer_reads_them() -> None:
    row: list[Any] = ROW.replace('"', "").split(",")
    row[0], row[4], row[7] = 195000123, 5123, 110001
    row[1], row[5] = datetime(2025, 6, 2), datetime(2025, 6, 1, 10)  # noqa: DTZ001

    reading = read(workbook([["Title & more"], HEADER.split(","), row]), "list.xlsx")

    assert not reading.refused
    found = reading.found[0].report
    check_whole(found)
    assert found.received_moment is not None
    assert (found.received_moment.original, found.received_moment.utc) == ("2025-06-02", None)
    assert found.source["row"] == 3
    assert found.source["columns"]["Tipline No."] == "195000123"


def test_every_sheet_with_a_header_is_read() -> None:
    data = workbook([["CTR No."], [195000123]], [["words"]], [["Report ID"], [195000124]])

    reading = read(data, "list.xlsx")

    assert [one.report.number for one in reading.found] == ["195000123", "195000124"]
    assert [refusal.place for refusal in reading.refused] == ["Sheet2"]


def test_every_header_means_one_field_only() -> None:
    names = [name for names in HEADERS.values() for name in names.split("|")]

    assert len(names) == len(set(names)) == len(FIELD_OF_HEADER)


@pytest.mark.parametrize(
    "header",
    ["Tipline No.", "TIPLINE NUMBER", "CTR No", "ctr", "Report ID", "CyberTipline Report No.",
     "टिपलाइन संख्या", "रिपोर्ट संख्या"],
)  # fmt: skip
def test_number_columns_by_many_names(header: str) -> None:
    assert [one.number for one in reports(f"{header}\n195000123\n")] == ["195000123"]


@pytest.mark.parametrize(
    "cell", ["195000123", "CTR 195000123", "Tipline No.195000123", "195000123.0", " 0195000123 "]
)
def test_numbers_in_many_spellings(cell: str) -> None:
    assert [one.number for one in reports(f"Tipline No.,Phone\n{cell},\n")] == ["195000123"]


@pytest.mark.parametrize("cell", ["", "1.95E+08", "total", "195000123 195000124", "12"])
def test_a_row_without_one_number_is_refused_by_its_row(cell: str) -> None:
    reading = read(f"Tipline No.,Phone\n195000123,1\n{cell},2\n195000124,3\n".encode())

    assert [one.report.number for one in reading.found] == ["195000123", "195000124"]
    assert [(r.place, "no report number" in r.reason) for r in reading.refused] == [("row 3", True)]


def test_unknown_and_nameless_columns_are_kept() -> None:
    found = reports("Tipline No.,Mood,,Mood,Aadhaar No.\n195000123,a,b,c,234567890124,e\n")[0]

    assert found.unread == ("Aadhaar No.", "Mood", "Mood (2)", "column 3", "column 6")
    assert found.source["columns"] == {
        "Tipline No.": "195000123",
        "Mood": "a",
        "column 3": "b",
        "Mood (2)": "c",
        "Aadhaar No.": "XXXX-XXXX-0124",
        "column 6": "e",
    }


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        pytest.param("IP Time", ["2025-06-01 10:00"], [None], id="no zone stated"),
        pytest.param("IP Time (UTC)", ["05-06-2025 10:00:00"], [None], id="order not certain"),
        pytest.param(
            "IP Time (UTC)", ["05-06-2025 10:00", "06-25-2025 10:00"], ["05-06", "06-25"], id="US"
        ),
        pytest.param(
            "IP Time (UTC)", ["05-06-2025 10:00", "25/06/2025 10:00"], ["06-05", "06-25"], id="day"
        ),
        pytest.param("IP Time (IST)", ["2025-06-01 02:00"], ["05-31"], id="india time"),
        pytest.param("IP Time", ["2025-06-01 02:00 IST"], ["05-31"], id="india time in the cell"),
        pytest.param("IP Time", ["05-06-2025 10:00:00 UTC"], ["05-06"], id="as NCMEC prints"),
    ],
)
def test_moments_are_read_only_when_zone_and_order_are_certain(
    header: str, cells: list[str], expected: list[str | None]
) -> None:
    rows = "".join(f"195000123,203.0.113.1,{cell}\n" for cell in cells)

    moments = [one.parties[0].mentions[0].moment for one in reports(f"CTR No,IP,{header}\n{rows}")]

    assert [f"{m.utc:%m-%d}" if m and m.utc else None for m in moments] == expected


def test_several_values_in_a_cell_are_several_mentions_and_share_no_port() -> None:
    found = reports(
        "CTR No,Mobile No.,IP,Port\n"
        '195000123,"9810012345, 9810012346","203.0.113.1;203.0.113.2",9\n'
    )[0]

    mentions = found.parties[0].mentions
    assert [mention.value for mention in mentions] == [
        "+919810012345",
        "+919810012346",
        "203.0.113.1",
        "203.0.113.2",
    ]
    assert {mention.port for mention in mentions} == {None}


def crafted_workbook(sheet: str) -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as whole,
        zipfile.ZipFile(packed, "w") as copy,
    ):
        for entry in whole.infolist():
            is_sheet = entry.filename == "xl/worksheets/sheet1.xml"
            copy.writestr(entry.filename, sheet if is_sheet else whole.read(entry))
    return packed.getvalue()


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (20 * 1024 * 1024))
    return packed.getvalue()


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"PK\x03\x04 and then nothing", "damaged", id="no archive"),
        pytest.param(workbook([["CTR No"], [195000123]])[:-200], "damaged", id="truncated"),
        pytest.param(bomb(), "far more than its size", id="bomb"),
        pytest.param(
            crafted_workbook(
                f"<worksheet {MAIN}><sheetData><row r='1'><c r='A1'/></row><row r='1048576'>"
                "<c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>"
            ),
            "spans",
            id="two far corners",
        ),
        pytest.param(
            crafted_workbook(
                f"<worksheet {MAIN}><sheetData><row r='1'/><row r='1048576'>{'<c/>' * 9_000}"
                "</row></sheetData></worksheet>"
            ),
            "spans",
            id="corners without references",
        ),
        pytest.param(
            crafted_workbook('<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), "sound XML", id="dtd"
        ),
        pytest.param(workbook([["words"], ["more"]]), "no column is headed", id="no header"),
        pytest.param(workbook([[]]), "empty", id="empty sheet"),
    ],
)
def test_hostile_workbooks_are_refused_with_a_reason(data: bytes, reason: str) -> None:
    reading = read(data, "list.xlsx")

    assert not reading.found
    assert len(reading.refused) == 1
    assert reason in reading.refused[0].reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(
            b"Name,Phone\nRavi,9810012345\n", "no column is headed", id="no number column"
        ),
        pytest.param(b"Tipline No.,Phone\n", "no rows", id="header only"),
        pytest.param(b"\n\n\n", "empty", id="blank"),
        pytest.param(b"", "empty", id="no bytes"),
        pytest.param(b"Tipline No.\n\x81\x8d words\n", "not text", id="no encoding fits"),
    ],
)
def test_bad_csv_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    reading = read(data)

    assert not reading.found
    assert len(reading.refused) == 1
    assert reason in reading.refused[0].reason


def test_an_open_quote_and_long_cells_do_not_crash() -> None:
    long = "x" * 2_000_000

    assert reports(f"CTR No,Remarks\n195000123,{long}\n")[0].narrative == long
    assert reports(f'CTR No,Remarks\n195000123,"{long}\n')[0].narrative == long


def test_a_nul_in_a_cell_is_replaced() -> None:
    data = b"Tipline No.,Remarks,Some other columns to be text\n195000123,a\0b,c\n"

    assert read(data).found[0].report.narrative == "a\ufffdb"


def test_a_row_of_too_many_cells_is_refused_by_itself() -> None:
    reading = read(f"Tipline No.,Phone\n195000123{',1' * 300}\n195000124,1\n".encode())

    assert [one.report.number for one in reading.found] == ["195000124"]
    assert [refusal.place for refusal in reading.refused] == ["row 2"]


def test_an_account_column_named_after_a_service_belongs_to_it() -> None:
    found = reports("CTR No,Instagram ID,Reporting ESP\n195000123,77,Meta\n")[0]

    assert [mention.value for mention in found.parties[0].mentions] == ["instagram:77"]
