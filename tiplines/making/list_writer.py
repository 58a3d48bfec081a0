"""MadeReport to one row of a covering list, in the layouts of three imagined senders."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import xlsxwriter

from tiplines.making.moments import INDIA_OFFSET, iso_text
from tiplines.making.reports import EstimatedLocation, IpCapture, MadeMoment, MadeReport, Person

Cell = Callable[[MadeReport], str]

XLSX_CREATED_AT = datetime(2025, 1, 1, tzinfo=UTC)  # fixed: the same reports give the same bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLayout:
    """One sender's list: a title above the header or none, and its columns in order."""

    title: str
    sheet: str
    columns: tuple[tuple[str, Cell], ...]

    @property
    def header(self) -> list[str]:
        return [name for name, _ in self.columns]

    def row(self, report: MadeReport) -> list[str]:
        return [cell(report) for _, cell in self.columns]

    def lines(self, reports: Iterable[MadeReport]) -> Iterator[list[str]]:
        if self.title:
            yield [self.title]
        yield self.header
        for report in reports:
            yield self.row(report)


# What a cell says. A list knows only the first suspect.


def _suspect(report: MadeReport) -> Person:
    party = report.reported[0] if report.reported else None
    return (party.person if party else None) or Person()


def _capture(report: MadeReport) -> IpCapture | None:
    for party in report.reported[:1]:
        if party.ips:
            return party.ips[0]
    for file in report.files:
        if file.ip is not None:
            return file.ip
    return None


def _location(report: MadeReport) -> EstimatedLocation | None:
    return report.reported[0].estimated_location if report.reported else None


def _number(report: MadeReport) -> str:
    return str(report.number)


def _name(report: MadeReport) -> str:
    person = _suspect(report)
    return f"{person.first_name} {person.last_name}".strip()


def _ip(report: MadeReport) -> str:
    capture = _capture(report)
    return capture.ip if capture else ""


def _port(report: MadeReport) -> str:
    capture = _capture(report)
    return str(capture.port) if capture and capture.port else ""


def _ip_iso(report: MadeReport) -> str:
    capture = _capture(report)
    return iso_text(capture.at) if capture and capture.at else ""


def _ip_plain(report: MadeReport) -> str:
    """US order, UTC, as NCMEC prints it; the zone stands in the header."""
    capture = _capture(report)
    return f"{capture.at.at:%m-%d-%Y %H:%M:%S}" if capture and capture.at else ""


def _india_text(moment: MadeMoment) -> str:
    return f"{moment.at + INDIA_OFFSET:%d/%m/%Y %H:%M}"


def _city(report: MadeReport) -> str:
    location = _location(report)
    if location and location.city:
        return location.city
    addresses = _suspect(report).addresses
    return addresses[0].city if addresses else ""


def _postal_code(report: MadeReport) -> str:
    addresses = _suspect(report).addresses
    return addresses[0].postal_code if addresses else ""


def _state(report: MadeReport) -> str:
    addresses = _suspect(report).addresses
    if addresses and addresses[0].other_state:
        return addresses[0].other_state
    location = _location(report)
    return location.region if location else ""


def _phone(report: MadeReport) -> str:
    phones = _suspect(report).phones
    return phones[0].dialled if phones else ""


def _email(report: MadeReport) -> str:
    emails = _suspect(report).emails
    return emails[0].address if emails else ""


def _user_name(report: MadeReport) -> str:
    return report.reported[0].screen_name if report.reported else ""


def _empty(report: MadeReport) -> str:
    """Filled in by hand later; the sender leaves it blank."""
    return ""


NATIONAL_LAYOUT = ListLayout(
    title="",
    sheet="Tiplines",
    columns=(
        ("Tipline No.", _number),
        ("Date received", lambda report: iso_text(report.received_at)),
        ("Suspect Name", _name),
        ("Suspect IP", _ip),
        ("Port", _port),
        ("IP Date/Time (UTC)", _ip_plain),
        ("Geo City", _city),
        ("Geo Postal Code", _postal_code),
        ("Priority", lambda report: report.ncmec_priority),
        ("Reporting ESP", lambda report: report.provider),
        ("Incident Type", lambda report: report.incident_type),
        ("Phone", _phone),
        ("Email", _email),
        ("User name", _user_name),
        ("State", _state),
        ("District", _empty),
    ),
)

STATE_LAYOUT = ListLayout(
    title="List of CTRs forwarded for necessary action",
    sheet="Sheet1",
    columns=(
        ("CTR No.", _number),
        ("ESP", lambda report: report.provider),
        ("Received on (IST)", lambda report: _india_text(report.received_at)),
        ("Name of suspect", _name),
        ("Mobile No.", _phone),
        ("E-mail ID", _email),
        ("IP Address", _ip),
        ("Port No.", _port),
        ("Date & time of IP", _ip_iso),
        ("City", _city),
        ("PIN", _postal_code),
        ("State/UT", _state),
    ),
)

SHORT_LAYOUT = ListLayout(
    title="",
    sheet="Reports",
    columns=(
        ("Report ID", _number),
        ("Priority", lambda report: report.ncmec_priority),
        ("Reporting ESP", lambda report: report.provider),
        ("Incident Type", lambda report: report.incident_type),
        ("User name", _user_name),
        ("Suspect IP", _ip),
        ("IP Date/Time (UTC)", _ip_plain),
    ),
)

LAYOUTS = (NATIONAL_LAYOUT, STATE_LAYOUT, SHORT_LAYOUT)


class CsvList:
    """A covering list in CSV, UTF-8 with the mark that spreadsheets look for."""

    def __init__(self, out: IO[bytes], layout: ListLayout = NATIONAL_LAYOUT) -> None:
        self.layout = layout
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
        self._rows = csv.writer(self._text)
        self._rows.writerows(layout.lines(()))

    def add(self, report: MadeReport) -> None:
        self._rows.writerow(self.layout.row(report))

    def close(self) -> None:
        """Finish the list; the stream given at the start stays open."""
        self._text.flush()
        self._text.detach()


class XlsxList:
    """A covering list as a workbook, written row by row with constant memory."""

    def __init__(self, out: IO[bytes], layout: ListLayout = NATIONAL_LAYOUT) -> None:
        self.layout = layout
        self._book: Any = xlsxwriter.Workbook(
            out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._book.set_properties({"created": XLSX_CREATED_AT})
        self._sheet: Any = self._book.add_worksheet(layout.sheet)
        self._row_count = 0
        for line in layout.lines(()):
            self._write(line)

    def add(self, report: MadeReport) -> None:
        self._write(self.layout.row(report))

    def close(self) -> None:
        """Finish the workbook; the stream given at the start stays open."""
        self._book.close()

    def _write(self, line: list[str]) -> None:
        for column, value in enumerate(line):
            if value:
                self._sheet.write_string(self._row_count, column, value)
        self._row_count += 1
