"""Hostile covering lists, CSV and XLSX, through the whole intake."""

from __future__ import annotations

import zipfile

import pytest

from tests.tiplines.hostile.offering import (
    GOOD,
    MIB,
    noise,
    numbers,
    offer,
    read_tipline,
    refusal,
    told,
)
from tests.tiplines.hostile.workbooks import (
    SHEET,
    book,
    far_corner,
    shared,
    sheet,
    text_row,
    with_parts,
)
from tiplines.models import Sighting, Tipline, Version

pytestmark = pytest.mark.django_db

ROWS = [["CTR No", "Suspect Name", "Remarks"], ["990000001", "Ravi Nair", "a remark"]]
WHOLE = book(ROWS)
LIST = b"CTR No,Suspect Name,Remarks\n990000001,Ravi Nair,a remark\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(far_corner("XFD1048576"), "spans 1048576 rows", id="a far corner cell"),
        pytest.param(far_corner("J1000001"), "spans 1000001 rows", id="ten million cells"),
        pytest.param(far_corner("A900000"), "more than 100000 rows", id="too many rows"),
        pytest.param(
            with_parts({SHEET: sheet(f"<row r='1'>{'<c/>' * 9_000}</row><row r='900000'/>")}),
            "spans 900000 rows by 9000 columns",
            id="cells without references",
        ),
        pytest.param(shared(noise(MIB), times=60), "more text than any list", id="one long text"),
        pytest.param(
            with_parts({SHEET: '<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'}),
            "not sound XML",
            id="entity",
        ),
        pytest.param(
            with_parts({f"xl/worksheets/sheet{n}.xml": "<a/>" for n in range(2, 1100)}),
            "more than 1000 parts",
            id="many parts",
        ),
        pytest.param(with_parts({SHEET: "<worksheet"}), "not a readable", id="broken sheet"),
        pytest.param(book([[]]), "empty", id="no cells"),
        pytest.param(book([["words"], ["more"]]), "no column is headed", id="no header"),
        pytest.param(book([["CTR No"]]), "no rows", id="header alone"),
        pytest.param(b"PK\x03\x04 nothing more", "damaged", id="no archive"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"old" * 500, "save it as .xlsx", id="old or locked"),
    ],
)
def test_hostile_workbooks_wait_in_quarantine(data: bytes, words: str) -> None:
    item = refusal("list.xlsx", data)

    assert words in told(item)


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.95, 0.999])
def test_a_truncated_workbook_waits(share: float) -> None:
    item = refusal("list.xlsx", WHOLE[: int(len(WHOLE) * share)])

    assert "damaged" in item.reason


def test_a_dimension_that_claims_ten_million_cells_is_only_a_claim() -> None:
    rows = "".join(text_row(n, *row) for n, row in enumerate(ROWS, 1))

    tipline = read_tipline("list.xlsx", with_parts({SHEET: sheet(rows, span="A1:XFD1048576")}))

    assert tipline.parties.get().name == "Ravi Nair"


def test_an_external_link_is_not_followed_and_its_cells_are_text() -> None:
    cells = (
        text_row(1, *ROWS[0]) + '<row r="2"><c><v>990000001</v></c>'
        "<c t='str'><f>[1]Sheet1!$A$1</f><v>cached</v></c>"
        "<c t='str'><f>cmd|'/c calc'!A1</f><v>was run</v></c></row>"
    )
    link = "xl/externalLinks/externalLink1.xml"
    parts = {
        SHEET: sheet(cells),
        link: "<externalLink><externalBook><sheetNames/></externalBook></externalLink>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": (
            "<Relationships><Relationship Id='rId1' Target='http://127.0.0.1:9/x.xlsx'"
            " TargetMode='External' Type='x'/></Relationships>"
        ),
    }

    tipline = read_tipline("list.xlsx", with_parts(parts))

    assert tipline.parties.get().name == "cached"
    assert tipline.narrative == "was run"


FORMULAS = ["=cmd|'/c calc'!A1", "@SUM(1+1)", "+1+1", "-1+1", "\t=1", "＝1+1", '=HYPERLINK("x")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_text_as_it_stands(formula: str) -> None:
    rows = "".join(
        text_row(n, *row) for n, row in enumerate([ROWS[0], ["990000001", formula, formula]], 1)
    )

    tipline = read_tipline("list.xlsx", with_parts({SHEET: sheet(rows)}))

    assert tipline.parties.get().name == formula.strip()
    assert tipline.narrative == formula.strip()


def test_a_row_without_a_number_is_refused_by_itself() -> None:
    lines = [LIST.decode(), "no number,Sita,x\n", ",,\n", "990000002,Sita Das,y\n"]

    [item] = offer({"list.csv": "".join(lines).encode()})

    assert "row has no report number: no number" in item.reason
    assert item.place == "row 3"
    assert numbers() == {*GOOD, "990000001", "990000002"}


def test_of_very_many_bad_rows_an_officer_sees_the_first_and_how_many_more() -> None:
    bad = "".join(f"no number {n},Sita,x\n" for n in range(900))

    items = offer({"list.csv": LIST + bad.encode()})

    assert len(items) == 101
    assert items[-1].reason.startswith("800 more places of it cannot be read")
    assert items[-1].place == "row 902"
    assert "990000001" in numbers()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\n\n,,\n", "empty", id="blank"),
        pytest.param(b"Name,Phone\nRavi,9810012345\n", "no column is headed", id="no numbers"),
        pytest.param(b"CTR No,Phone\n", "no rows", id="header alone"),
        pytest.param(b"CTR No\n\x81\x8d words\n", "not text", id="no encoding fits"),
        pytest.param(LIST.decode().encode("utf-16")[:-1], "not text", id="half of UTF-16"),
    ],
)
def test_hostile_csv_waits_in_quarantine(data: bytes, words: str) -> None:
    item = refusal("list.csv", data)

    assert words in told(item)


def test_a_row_without_an_end_is_refused_and_what_stands_before_it_goes_in() -> None:
    data = LIST + b"990000002," + b"ab," * MIB

    [item] = offer({"list.csv": data}, method=zipfile.ZIP_STORED)

    assert "One row has more than 2 MiB" in item.reason
    assert item.place == "line 3"
    assert numbers() == {*GOOD, "990000001"}


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "अमित ਗੁਰਪ੍ਰੀਤ"),
        ("utf-8-sig", "अमित ਗੁਰਪ੍ਰੀਤ"),
        ("utf-16", "अमित ਗੁਰਪ੍ਰੀਤ"),
        ("cp1252", "José Núñez"),
    ],
)
def test_names_are_read_in_every_encoding_that_can_be_told(encoding: str, name: str) -> None:
    tipline = read_tipline("list.csv", LIST.decode().replace("Ravi Nair", name).encode(encoding))

    assert tipline.parties.get().name == name


def test_a_truncated_list_gives_the_rows_that_are_whole() -> None:
    whole = LIST + b"".join(b"9900000%02d,Sita Das,remark\n" % n for n in range(2, 60))

    offer({"list.csv": whole[:700]})

    there = numbers() - set(GOOD)
    assert {f"9900000{n:02}" for n in range(1, len(there))} <= there
    assert len(there) > 20


def test_nul_and_bidi_controls_in_cells_do_no_harm() -> None:
    tipline = read_tipline(
        "list.csv", "CTR No,Suspect Name\n990000001,\u202eriaN\u0000 ivaR\u2066\n".encode()
    )

    assert tipline.parties.get().name == "\u202eriaN\ufffd ivaR\u2066"


def test_cells_of_a_megabyte_are_read() -> None:
    long = noise(MIB)

    tipline = read_tipline(
        "list.csv", f"CTR No,User ID,Remarks\n990000001,{long[:-99]},{long[:-99]}\n".encode()
    )

    assert Sighting.objects.filter(tipline=tipline, provenance="list").count() == 1
    assert tipline.narrative == long[:-99]


def test_columns_of_one_name_are_all_kept() -> None:
    tipline = read_tipline("list.csv", b"CTR No,Note,Note,Odd,Odd\n990000001,a,b,c,d\n")

    [version] = Version.objects.filter(tipline=tipline)
    assert set(version.source["columns"].values()) == {"990000001", "a", "b", "c", "d"}
    assert Tipline.objects.get(pk=tipline.pk).is_stub
