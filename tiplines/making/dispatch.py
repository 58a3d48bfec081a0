"""Made reports packed as the files a unit receives.

Archives are written entry by entry, so memory does not grow with the number of reports, and every
entry carries the same fixed time, so the same arguments give the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import IO

from tiplines.making.json_writer import write_json
from tiplines.making.list_writer import LAYOUTS, NATIONAL_LAYOUT, CsvList, XlsxList
from tiplines.making.pdf_writer import generation_of, write_pdf
from tiplines.making.plan import DELHI_2025, Shares
from tiplines.making.reports import MadeReport
from tiplines.making.truth import Truth
from tiplines.making.world import DEFAULT_SENT_ON, World
from tiplines.making.xml_writer import write_documents

ENTRY_TIME = (2025, 1, 1, 0, 0, 0)
COMPRESSION_LEVEL = 1  # the reports repeat themselves; more effort saves little and costs much
PACKED_FROM_BYTES = 400  # shorter documents are stored as they are

BROKEN_SHARE = 0.004  # of the reports; at least 3, at most 40
REDELIVER_EVERY = 20  # of the first dispatch, in the one that comes later
MEDIA_SHARE = 0.002  # of the reports; at least 2, at most 20

# Headers only: enough to be recognised and refused, with no picture and no film in them.
MEDIA_HEADERS = (
    ("jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
    ("mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDispatch:
    """What one archive holds, so that a reader of it can be checked."""

    reports: int
    """Distinct, readable report numbers: xml_reports + json_reports + pdf_reports."""
    xml_reports: int
    json_reports: int
    pdf_reports: int
    redelivered: int
    """Reports that are in the archive twice with the same bytes under another name."""
    broken: int
    """Documents that cannot be read; their numbers are not among the reports."""
    media: int
    listed: int
    """Rows of the covering list: every report once."""
    entries: int
    """Files in the archive, of every kind."""
    first_number: int
    last_number: int


class DispatchFormat(StrEnum):
    """The files that can be written, by name."""

    XML = "dispatch-xml.zip"
    JSON = "dispatch-json.zip"
    PDF = "dispatch-pdf.zip"
    CSV = "dispatch-list.csv"
    XLSX = "dispatch-list.xlsx"
    MIXED = "dispatch-mixed.zip"
    REDELIVERY = "dispatch-redelivery.zip"
    SINGLE = "dispatch.zip"


class Archive:
    """A ZIP that is written once from front to end."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", compresslevel=COMPRESSION_LEVEL)
        self.entries = 0

    def add(self, name: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(name, ENTRY_TIME)
        entry.external_attr = 0o644 << 16
        packed = len(data) >= PACKED_FROM_BYTES
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        self._zip.writestr(entry, data, compresslevel=COMPRESSION_LEVEL)
        self.entries += 1

    def add_xml(self, report: MadeReport, folder: str = "") -> None:
        for name, data in write_documents(report):
            self.add(f"{folder}{report.number}/{name}", data)

    def add_json(self, report: MadeReport, folder: str = "") -> None:
        self.add(f"{folder}{report.number}.json", write_json(report))

    def add_pdf(self, report: MadeReport, folder: str = "") -> None:
        self.add(f"{folder}{report.number}.pdf", write_pdf(report, generation_of(report)))

    def close(self) -> None:
        self._zip.close()


def make_dispatch(
    count: int,
    seed: int,
    *,
    to: Path | IO[bytes],
    truth_to: IO[str] | None = None,
    sent_on: date = DEFAULT_SENT_ON,
    shares: Shares = DELHI_2025,
    pdfs: int = 0,
) -> MadeDispatch:
    """Write one ZIP with exactly `count` distinct reports, and say what is in it.

    XML folders and JSON documents, `pdfs` of them as PDFs instead (which take long to write), a
    covering list of all of them, some reports twice with the same bytes (under `resent/`), a few
    documents that cannot be read, a few media headers to be refused. `truth_to` receives one line
    of JSON for each report.
    """
    if isinstance(to, Path):
        with to.open("wb") as out:
            return make_dispatch(
                count,
                seed,
                to=out,
                truth_to=truth_to,
                sent_on=sent_on,
                shares=shares,
                pdfs=pdfs,
            )
    world = World(count, seed, sent_on=sent_on, shares=shares)
    rng = Random(f"dispatch:{seed}:{count}")
    archive = Archive(to)
    sheet = io.BytesIO()
    covering = XlsxList(sheet, LAYOUTS[seed % 2])
    as_json = _chosen(rng, count, round(count * shares.json))
    again = _chosen(rng, count, round(count * shares.redelivered))
    media = _chosen(rng, count, _few(count, MEDIA_SHARE, least=2, most=20))
    as_pdf = _chosen(Random(f"pdf:{seed}:{count}"), count, pdfs)
    for index, (report, truth) in enumerate(world):
        add = archive.add_json if index in as_json else archive.add_xml
        if index in as_pdf:
            add = archive.add_pdf
        add(report)
        if index in again:
            add(report, "resent/")
        if index in media:
            extension, header = MEDIA_HEADERS[index % 2]
            archive.add(f"{report.number}/attachment.{extension}", header)
        covering.add(report)
        _tell(truth, truth_to)
    broken = _few(count, BROKEN_SHARE, least=3, most=40)
    _add_broken(archive, world, broken)
    covering.close()
    archive.add("covering-list.xlsx", sheet.getvalue())
    archive.close()
    return MadeDispatch(
        reports=count,
        xml_reports=count - len(as_json | as_pdf),
        json_reports=len(as_json - as_pdf),
        pdf_reports=len(as_pdf),
        redelivered=len(again),
        broken=broken,
        media=len(media),
        listed=count,
        entries=archive.entries,
        first_number=world.first_number,
        last_number=world.first_number + count - 1,
    )


def write_dispatches(
    count: int,
    seed: int,
    *,
    folder: Path,
    formats: Iterable[DispatchFormat],
    sent_on: date = DEFAULT_SENT_ON,
    pdfs: int = 0,
) -> list[Path]:
    """Write one file per format, `truth.jsonl`, and what the mixed or single archive holds.

    Every file speaks of the same `count` reports, `pdfs` of which are PDFs in the mixed or single
    archive. Returns the paths written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = World(count, seed, sent_on=sent_on)
    written = [folder / "truth.jsonl"]
    with written[0].open("w", encoding="utf-8") as truths:
        for _, truth in world:
            _tell(truth, truths)
    for form in formats:
        path = folder / form.value
        with path.open("wb") as out:
            if form in (DispatchFormat.MIXED, DispatchFormat.SINGLE):
                contents = make_dispatch(count, seed, to=out, sent_on=sent_on, pdfs=pdfs)
                beside = path.with_suffix(".contents.json")
                beside.write_text(json.dumps(asdict(contents), indent=1) + "\n", encoding="utf-8")
                written.append(beside)
            elif form is DispatchFormat.REDELIVERY:
                again = (world.report(index)[0] for index in range(0, count, REDELIVER_EVERY))
                write_redelivery(again, out)
            else:
                WRITERS[form]((report for report, _ in world), out)
        written.append(path)
    return written


def write_xml_archive(reports: Iterable[MadeReport], out: IO[bytes]) -> None:
    archive = Archive(out)
    for report in reports:
        archive.add_xml(report)
    archive.close()


def write_json_archive(reports: Iterable[MadeReport], out: IO[bytes]) -> None:
    archive = Archive(out)
    for report in reports:
        archive.add_json(report)
    archive.close()


def write_pdf_archive(reports: Iterable[MadeReport], out: IO[bytes]) -> None:
    """Both generations, by turns."""
    archive = Archive(out)
    for report in reports:
        archive.add_pdf(report)
    archive.close()


def write_redelivery(reports: Iterable[MadeReport], out: IO[bytes]) -> None:
    """Reports sent before, sent again: every other one unchanged, the rest re-classified."""
    archive = Archive(out)
    for index, report in enumerate(reports):
        archive.add_xml(report if index % 2 else reclassify(report))
    archive.close()


def write_csv_list(reports: Iterable[MadeReport], out: IO[bytes]) -> None:
    covering = CsvList(out, LAYOUTS[1])
    for report in reports:
        covering.add(report)
    covering.close()


def write_xlsx_list(reports: Iterable[MadeReport], out: IO[bytes]) -> None:
    covering = XlsxList(out, NATIONAL_LAYOUT)
    for report in reports:
        covering.add(report)
    covering.close()


WRITERS = {
    DispatchFormat.XML: write_xml_archive,
    DispatchFormat.JSON: write_json_archive,
    DispatchFormat.PDF: write_pdf_archive,
    DispatchFormat.CSV: write_csv_list,
    DispatchFormat.XLSX: write_xlsx_list,
}


def reclassify(report: MadeReport) -> MadeReport:
    """The same report with what a second look changed: a note and a higher level."""
    note = f"{report.additional_info}\nThe report was classified again after review.".strip()
    if report.batched_reason:  # a batched report may carry no note: only its file's rank changes
        files = tuple(replace(file, classification="A2") for file in report.files)
        files = (
            files
            if files != report.files
            else tuple(replace(file, classification="B2") for file in report.files)
        )
        return replace(report, files=files)
    return replace(report, additional_info=note, ncmec_priority="2")


def _add_broken(archive: Archive, world: World, broken: int) -> None:
    """Documents cut short or spoilt, under numbers that no report of this dispatch has."""
    for order in range(broken):
        report, _ = world.report(order % world.count)
        number = world.first_number + world.count + order
        report = replace(report, number=number)
        if order % 2:
            archive.add(f"{number}.json", write_json(report)[:-40] + b'"}}]garbage\x00')
        else:
            documents = dict(write_documents(report))
            whole = documents["report.xml"]
            archive.add(f"{number}/report.xml", whole[: len(whole) * 2 // 3])


def _chosen(rng: Random, count: int, wanted: int) -> set[int]:
    return set(rng.sample(range(count), min(wanted, count)))


def _few(count: int, share: float, *, least: int, most: int) -> int:
    """A handful in proportion to `count`; none for an empty dispatch."""
    return min(most, max(least, round(count * share))) if count else 0


def _tell(truth: Truth, truth_to: IO[str] | None) -> None:
    if truth_to is not None:
        truth_to.write(truth.as_json() + "\n")
