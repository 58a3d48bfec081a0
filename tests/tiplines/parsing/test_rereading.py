"""What a reader kept is enough to read it again: documents are joined from their sources."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tiplines.making.json_writer import write_json
from tiplines.making.list_writer import LAYOUTS, CsvList, XlsxList
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.reports import MadeReport
from tiplines.making.world import World
from tiplines.making.xml_writer import write_documents
from tiplines.parsing import read_bundle
from tiplines.parsing.records import SourceDocument, TipReport
from tiplines.parsing.rereading import reread

REPORTS = 40


def as_xml(report: MadeReport) -> list[SourceDocument]:
    return [
        SourceDocument(name=f"{report.number}/{name}", data=data)
        for name, data in write_documents(report)
    ]


def as_json(report: MadeReport) -> list[SourceDocument]:
    return [SourceDocument(name=f"{report.number}.json", data=write_json(report))]


def as_csv(report: MadeReport) -> list[SourceDocument]:
    target = io.BytesIO()
    sheet = CsvList(target, LAYOUTS[1])
    sheet.add(report)
    sheet.close()
    return [SourceDocument(name="list.csv", data=target.getvalue())]


def as_xlsx(report: MadeReport) -> list[SourceDocument]:
    target = io.BytesIO()
    sheet = XlsxList(target, LAYOUTS[0])
    sheet.add(report)
    sheet.close()
    return [SourceDocument(name="list.xlsx", data=target.getvalue())]


def read(documents: list[SourceDocument]) -> Iterator[TipReport]:
    reading = read_bundle(documents)
    assert reading.found
    assert not reading.refused
    for found in reading.found:
        yield found.report


@pytest.mark.parametrize("write", [as_xml, as_json, as_csv, as_xlsx])
def test_a_source_reads_as_it_was_read(
    write: Callable[[MadeReport], list[SourceDocument]],
) -> None:
    for made, _truth in World(REPORTS, 7):
        for report in read(write(made)):
            check(report)


@pytest.mark.parametrize("generation", list(Generation))
def test_a_printed_reports_source_reads_as_it_was_read(generation: Generation) -> None:
    for made, _truth in World(3, 7):
        document = SourceDocument(name="a.pdf", data=write_pdf(made, generation))
        for report in read([document]):
            check(report)


def check(report: TipReport) -> None:
    kept = json.loads(json.dumps(report.source))
    again = reread(report.format, kept)
    # The number can come from a file's name, and what is unread is kept with the version.
    assert replace(again, number=None, unread=()) == replace(report, number=None, unread=())
