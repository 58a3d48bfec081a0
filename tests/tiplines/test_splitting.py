"""Large documents are cut between reports: nothing is lost, nothing is torn, memory is bounded."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiplines.parsing import read_bundle
from tiplines.parsing.detecting import Kind
from tiplines.parsing.records import SourceDocument
from tiplines.splitting import cut
from tiplines.splitting.pieces import ITEM_MAX_BYTES, MIB, PIECE_BYTES, Piece

KINDS = (Kind.XML, Kind.JSON, Kind.CSV)
PROSE = 'Uploaded from अ phone, \\u0905 \\"quoted\\" [not] {a} bracket. '


def chunked(data: bytes, size: int = MIB) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def cut_whole(data: bytes, kind: Kind, size: int = MIB) -> list[Piece]:
    return list(cut(chunked(data, size), kind))


def numbers_in(parts: list[Piece], extension: str) -> list[str | None]:
    """The numbers of all reports that our reader finds in the pieces, in their order."""
    found = []
    for n, piece in enumerate(parts, 1):
        if not piece.refusal:
            document = SourceDocument(name=f"all.{extension}#{n}", data=piece.data)
            reading = read_bundle([document])
            assert not reading.refused, reading.refused[0]
            found += [each.report.number for each in reading.found]
    return found


def json_object(number: int, *, prose: str = PROSE) -> str:
    return f'{{"reportId": "{number}", "note": "{prose}",\n "l": [1, {{"a": []}}]}}'


def xml_report(number: int, *, prose: str = "x") -> str:
    return (
        "<report><incidentSummary><incidentType>Child Sex Trafficking</incidentType>"
        f"</incidentSummary><additionalInfo>{prose}</additionalInfo></report>"
        f"<reportResponse><responseCode>0</responseCode><reportId>{number}</reportId>"
        f"</reportResponse><fileDetails><reportId>{number}</reportId><fileId>f{number}</fileId>"
        "</fileDetails>"
    )


NUMBERS = range(990_000_000, 990_003_000)
AS_NUMBERS = [str(number) for number in NUMBERS]


def made(shape: str) -> bytes:
    """Three thousand reports, about three MiB."""
    text = {
        "array": lambda: "[" + ",\n".join(json_object(n, prose=PROSE * 14) for n in NUMBERS) + "]",
        "wrapped": lambda: (
            '{"reports": [' + ",".join(json_object(n, prose=PROSE * 14) for n in NUMBERS) + "]}"
        ),
        "lines": lambda: "\n".join(
            json_object(n, prose=PROSE * 14).replace("\n", " ") for n in NUMBERS
        ),
        "pretty": lambda: "\n".join(json_object(n, prose=PROSE * 14) for n in NUMBERS),
        "xml": lambda: (
            '<?xml version="1.0"?>\n<!-- all --><n:dispatch xmlns:n="urn:x" a="&gt;">'
            + "".join(xml_report(n, prose="अ" * 300) for n in NUMBERS)
            + "</n:dispatch>"
        ),
        "xml, one element a report": lambda: (
            "<all>"
            + "".join(f"<tip n='{n}'>{xml_report(n, prose='y' * 700)}</tip>" for n in NUMBERS)
            + "</all>"
        ),
        "list": lambda: (
            "Reports of the week\n\nCTR No.,Suspect Name,Remarks\n"
            + "".join(f'{n},"A, B","two\nlines ""quoted"""\n' for n in NUMBERS)
        ),
    }[shape]()
    return text.encode()


SHAPES = ("array", "wrapped", "lines", "pretty", "xml", "xml, one element a report", "list")
FORMAT = {"xml": (Kind.XML, "xml"), "list": (Kind.CSV, "csv")}


def format_of(shape: str) -> tuple[Kind, str]:
    return FORMAT.get(shape.partition(",")[0], (Kind.JSON, "json"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_report_comes_out_once_and_in_order(shape: str, encoding: str) -> None:
    kind, extension = format_of(shape)
    parts = cut_whole(made(shape).decode().encode(encoding), kind, 700_001)

    assert numbers_in(parts, extension) == AS_NUMBERS
    assert len(parts) >= 3
    assert not any(piece.refusal for piece in parts)
    assert max(len(piece.data) for piece in parts) < PIECE_BYTES + 100_000


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("kind", KINDS)
def test_it_does_not_matter_where_the_chunks_end(
    kind: Kind, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("xml_cutter", "json_cutter", "csv_cutter"):
        monkeypatch.setattr(f"tiplines.splitting.{module}.PIECE_ITEMS", 2)
    few = range(990_000_000, 990_000_007)
    data = {
        Kind.XML: "<all>" + "".join(map(xml_report, few)) + "</all>",
        Kind.JSON: "[" + ",".join(json_object(n) for n in few) + "]",
        Kind.CSV: "CTR No.,Remarks\r\n" + "".join(f'{n},"a\r\nb"\r\n' for n in few),
    }[kind].encode()

    parts = cut_whole(data, kind, size)

    assert parts == cut_whole(data, kind)
    assert numbers_in(parts, kind.value) == [str(n) for n in few]
    assert len(parts) == 4


def test_a_report_keeps_the_response_and_files_beside_it() -> None:
    parts = cut_whole(made("xml"), Kind.XML)

    reading = read_bundle([SourceDocument(name="all.xml#2", data=parts[1].data)])

    assert all(each.report.source.keys() >= {"report", "fileDetails"} for each in reading.found)
    assert all(each.report.files[0].file_id == f"f{each.report.number}" for each in reading.found)


def test_what_heads_the_reports_stands_in_every_piece() -> None:
    body = "".join(xml_report(n, prose="z" * 800) for n in NUMBERS)
    data = f"<all><sentBy>NCRB</sentBy>{body}</all>".encode()

    for piece in cut_whole(data, Kind.XML):
        assert piece.data.startswith(b"<all><sentBy>NCRB</sentBy><report>")
        assert piece.data.endswith(b"</all>")


@pytest.mark.parametrize(
    ("shape", "broken"),
    [
        pytest.param("array", lambda data: data[: len(data) * 2 // 3 - 57], id="array, truncated"),
        pytest.param("lines", lambda data: data[: len(data) * 2 // 3 - 57], id="lines, truncated"),
        pytest.param("xml", lambda data: data[: len(data) * 2 // 3 - 57], id="XML, truncated"),
        pytest.param(
            "xml",
            lambda data: data[:2_000_000] + b"<\x00<&" + data[2_000_000:],
            id="XML, broken in the middle",
        ),
        pytest.param(
            "list",
            lambda data: (
                data[:60_000].rpartition(b"\n99")[0] + b'\n"' + b"never closed," * 2_000_000
            ),
            id="list, a quote left open",
        ),
    ],
)
def test_what_stands_before_the_damage_goes_in_and_the_rest_is_kept(
    shape: str, broken: object
) -> None:
    kind, extension = format_of(shape)
    data = broken(made(shape))  # type: ignore[operator]

    parts = cut_whole(data, kind)

    whole = numbers_in(parts, extension)
    assert whole == AS_NUMBERS[: len(whole)]
    assert len(whole) > 500
    refused = [piece for piece in parts if piece.refusal]
    assert refused
    assert all(piece.place.startswith("line ") for piece in refused)
    assert parts[-len(refused) :] == refused
    assert refused[-1].data.rstrip().endswith(data[-20:].rstrip())


def test_a_broken_line_harms_no_other() -> None:
    lines = made("lines").split(b"\n")
    lines[1500] = lines[1500][:-20]

    parts = cut_whole(b"\n".join(lines), Kind.JSON)

    assert numbers_in(parts, "json") == AS_NUMBERS[:1500] + AS_NUMBERS[1501:]
    assert [piece.place for piece in parts if piece.refusal] == ["line 1500"]


def test_an_entry_that_is_no_object_harms_no_other() -> None:
    data = made("array").replace(
        b'{"reportId": "990001500"', b'17, null, [3], {"reportId": "990001500"'
    )

    parts = cut_whole(data, Kind.JSON)

    assert numbers_in(parts, "json") == AS_NUMBERS
    assert b"".join(piece.data for piece in parts if piece.refusal).split() == [
        *(b",", b"17,", b"null,", b"[3]")
    ]


@pytest.mark.parametrize("kind", [Kind.XML, Kind.JSON])
def test_one_report_that_is_too_large_is_refused_and_the_rest_goes_in(kind: Kind) -> None:
    huge = "w " * (ITEM_MAX_BYTES // 2 + MIB)
    few = [990_000_001, 990_000_002, 990_000_003]
    data = (
        "[" + ",".join(json_object(n, prose=huge if n == few[1] else "") for n in few) + "]"
        if kind is Kind.JSON
        else "<a>" + "".join(xml_report(n, prose=huge if n == few[1] else "") for n in few) + "</a>"
    ).encode()

    parts = cut_whole(data, kind)

    assert numbers_in(parts, kind.value) == ["990000001", "990000003"]
    refused = [piece for piece in parts if piece.refusal]
    assert sum(len(piece.data) for piece in refused) > ITEM_MAX_BYTES
    assert all("more than 24 MiB" in piece.refusal for piece in refused)


def test_what_stands_around_a_list_of_reports_is_kept() -> None:
    data = b'{"sent": "2026", "reports": [' + made("array")[1:-1] + b'], "count": 3000}'

    parts = cut_whole(data, Kind.JSON)

    assert numbers_in(parts, "json") == AS_NUMBERS
    assert [piece.data for piece in parts if piece.refusal] == [
        b'{"sent": "2026", "reports": [',
        b', "count": 3000}',
    ]


def test_a_list_inside_one_report_is_not_taken_for_reports() -> None:
    files = ",".join(f'{{"name": "{n}.jpg"}}' for n in range(100_000))
    data = f'{{"reportId": "990000001", "files": [{files}]}}'.encode()

    [piece] = cut_whole(data, Kind.JSON)

    assert json.loads(piece.data) == json.loads(data)


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_a_document_type_declaration_is_refused(head: bytes) -> None:
    parts = cut_whole(head + b" " * 100, Kind.XML)

    assert [piece.refusal for piece in parts] == [
        "a document type declaration or entity is not allowed"
    ]


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        pytest.param(Kind.JSON, b"[" * MIB, id="brackets without end"),
        pytest.param(Kind.JSON, b"\\\\" * (MIB // 2), id="backslashes without end"),
        pytest.param(Kind.XML, b"<a>" * (MIB // 3), id="elements without end"),
        pytest.param(Kind.XML, b"<a b='" + b"c" * MIB, id="an attribute without end"),
        pytest.param(Kind.CSV, b'a,b\n"' + b"c" * MIB, id="a cell without end"),
        pytest.param(Kind.CSV, b"x" * MIB, id="a line without end"),
        pytest.param(Kind.JSON, b"7," * (MIB // 2), id="numbers"),
    ],
)
def test_memory_is_bounded_whatever_the_size(
    kind: Kind, unit: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held at once is a few times the largest item, here of one MiB."""
    for bound in ("pieces.ITEM", "xml_cutter.ITEM", "json_cutter.ITEM", "csv_cutter.ROW"):
        monkeypatch.setattr(f"tiplines.splitting.{bound}_MAX_BYTES", MIB)
    tracemalloc.start()
    try:
        size = sum(len(piece.data) for piece in cut((unit for _ in range(30)), kind))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size >= 30 * len(unit) - MIB
    assert peak < 12 * MIB


def test_a_tag_without_end_is_not_gathered_by_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiplines.splitting.xml_cutter.ITEM_MAX_BYTES", 4 * MIB)
    taken = []

    def endless() -> Iterator[bytes]:
        yield b"<all><a b='"
        for n in range(20):
            taken.append(n)
            yield b"c" * MIB

    first = next(cut(endless(), Kind.XML))

    assert "larger than a report" in first.refusal
    assert len(taken) < 7


JSON_TEXT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.dictionaries(st.text(max_size=5), JSON_TEXT, min_size=1), min_size=2, max_size=9),
    st.integers(1, 40),
    st.sampled_from([None, 2]),
)
def test_any_objects_come_back_equal(
    objects: list[dict[str, object]], size: int, indent: int | None
) -> None:
    data = json.dumps(objects, indent=indent).encode()

    parts = cut_whole(data, Kind.JSON, size)

    lines = [line for piece in parts for line in piece.data.splitlines()]
    assert [json.loads(line) for line in lines] == objects


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.text('ab,"\n\r;|अ ', max_size=6), st.text('ab"\n', max_size=4)),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 40),
)
def test_any_rows_come_back_equal(rows: list[tuple[str, str]], size: int) -> None:
    text = io.StringIO()
    header = ("number", "name", "remarks")
    csv.writer(text).writerows([header, *((str(n), *row) for n, row in enumerate(rows))])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tiplines.splitting.csv_cutter.PIECE_ITEMS", 3)
        parts = cut_whole(text.getvalue().encode(), Kind.CSV, size)

    found = []
    for piece in parts:
        top, *rest = csv.reader(io.StringIO(piece.data.decode(), newline=""))
        assert tuple(top) == header
        found += rest
    assert found == [[str(n), *row] for n, row in enumerate(rows)]
