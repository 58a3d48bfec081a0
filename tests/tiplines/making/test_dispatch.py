"""Dispatches: the same bytes for the same seed, and exactly what they say they hold."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from defusedxml.ElementTree import ParseError, fromstring
from python_calamine import CalamineWorkbook

from tiplines.making.dispatch import (
    MEDIA_HEADERS,
    DispatchFormat,
    MadeDispatch,
    make_dispatch,
    reclassify,
    write_dispatches,
)
from tiplines.making.world import make_reports
from tiplines.making.xml_writer import write_report

COUNT = 500


def make(count: int = COUNT, seed: int = 3, pdfs: int = 0) -> tuple[MadeDispatch, bytes, str]:
    out, truths = io.BytesIO(), io.StringIO()
    contents = make_dispatch(count, seed, to=out, truth_to=truths, pdfs=pdfs)
    return contents, out.getvalue(), truths.getvalue()


def is_readable(name: str, data: bytes) -> bool:
    try:
        if name.endswith(".json"):
            json.loads(data.decode("utf-8-sig"))
        else:
            fromstring(data)
    except (ValueError, ParseError):
        return False
    return True


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert make() == make()


def test_another_seed_gives_other_numbers() -> None:
    assert make(seed=3)[0].first_number != make(seed=4)[0].first_number


@pytest.mark.parametrize("count", [1, 7, COUNT])
def test_an_archive_holds_what_it_says(count: int) -> None:
    contents, data, truths = make(count)

    archive = zipfile.ZipFile(io.BytesIO(data))
    documents = {
        name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".json"))
    }
    unreadable = {name for name, text in documents.items() if not is_readable(name, text)}
    numbers = {
        form: {
            match.group(1)
            for name in documents.keys() - unreadable
            if (match := re.fullmatch(rf"(?:resent/)?(\d{{9}}){pattern}", name))
        }
        for form, pattern in (("xml", r"/report\.xml"), ("json", r"\.json"))
    }
    media = [name for name in archive.namelist() if name.endswith((".jpg", ".mp4"))]
    resent = {name.split("/")[1][:9] for name in documents if name.startswith("resent/")}

    assert contents.reports == count
    assert contents.xml_reports == len(numbers["xml"])
    assert contents.json_reports == len(numbers["json"])
    assert numbers["xml"].isdisjoint(numbers["json"])
    assert contents.xml_reports + contents.json_reports == count
    assert contents.broken == len(unreadable)
    assert contents.media == len(media)
    assert contents.redelivered == len(resent)
    assert contents.entries == len(archive.namelist()) == len(set(archive.namelist()))
    assert len(truths.splitlines()) == count


def test_some_reports_may_be_pdfs_of_both_generations() -> None:
    contents, data, _ = make(60, pdfs=10)
    archive = zipfile.ZipFile(io.BytesIO(data))

    names = [name for name in archive.namelist() if name.endswith(".pdf")]

    numbers = {name.removeprefix("resent/") for name in names}
    assert contents.pdf_reports == len(numbers) == 10
    assert contents.xml_reports + contents.json_reports + contents.pdf_reports == 60
    assert {int(name[:9]) % 2 for name in numbers} == {0, 1}
    assert all(archive.read(name).startswith(b"%PDF-") for name in names)


def test_resent_documents_are_the_same_bytes_under_another_name() -> None:
    _, data, _ = make()
    archive = zipfile.ZipFile(io.BytesIO(data))

    again = [name for name in archive.namelist() if name.startswith("resent/")]

    assert again
    for name in again:
        assert archive.read(name) == archive.read(name.removeprefix("resent/"))


def test_the_covering_list_names_every_report_once() -> None:
    contents, data, _ = make()
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("covering-list.xlsx")

    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()

    listed = [row[0] for row in rows if re.fullmatch(r"\d{9}", str(row[0]))]
    assert listed == [
        str(number) for number in range(contents.first_number, contents.last_number + 1)
    ]


def test_media_entries_are_headers_without_content() -> None:
    _, data, _ = make()
    archive = zipfile.ZipFile(io.BytesIO(data))

    media = [name for name in archive.namelist() if name.endswith((".jpg", ".mp4"))]

    assert media
    assert {archive.read(name) for name in media} <= {header for _, header in MEDIA_HEADERS}
    assert all(len(header) < 32 for _, header in MEDIA_HEADERS)


def test_broken_documents_use_numbers_of_no_report() -> None:
    contents, data, _ = make()
    archive = zipfile.ZipFile(io.BytesIO(data))

    beyond = {
        int(name[:9])
        for name in archive.namelist()
        if name[:9].isdigit() and int(name[:9]) > contents.last_number
    }

    assert len(beyond) == contents.broken


def test_a_reclassified_report_has_the_number_but_not_the_content() -> None:
    for report, _ in make_reports(200, seed=7):
        changed = reclassify(report)

        assert changed.number == report.number
        assert changed != report
        if not report.batched_reason:
            assert write_report(changed) != write_report(report)


def test_all_formats_are_written_beside_the_truth(tmp_path: Path) -> None:
    written = write_dispatches(80, 2, folder=tmp_path / "out", formats=list(DispatchFormat))

    names = {path.name for path in written}
    assert {form.value for form in DispatchFormat} < names
    assert {"truth.jsonl", "dispatch.contents.json", "dispatch-mixed.contents.json"} < names
    assert all(path.stat().st_size for path in written)
    assert (tmp_path / "out/dispatch.zip").read_bytes() == (
        tmp_path / "out/dispatch-mixed.zip"
    ).read_bytes()
    contents = json.loads((tmp_path / "out/dispatch.contents.json").read_text())
    assert contents["reports"] == 80
