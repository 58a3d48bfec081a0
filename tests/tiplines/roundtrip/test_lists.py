"""A row of any covering list comes back equal on the columns that its layout has."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from tests.tiplines.roundtrip import reports as made
from tests.tiplines.roundtrip.test_roundtrip import (
    Facts,
    ip_made,
    moment_made,
    moment_read,
    read_only,
    tried,
)
from tiplines.making.list_writer import (
    LAYOUTS,
    NATIONAL_LAYOUT,
    STATE_LAYOUT,
    CsvList,
    ListLayout,
    XlsxList,
)
from tiplines.making.moments import INDIA_OFFSET
from tiplines.making.reports import MadeParty, MadeReport
from tiplines.parsing import normalising
from tiplines.parsing.records import Address, IdentifierKind, Moment, SourceDocument, TipReport

WORDS_OF_HEADER = {
    "Tipline No.": "number",
    "CTR No.": "number",
    "Report ID": "number",
    "Date received": "received",
    "Received on (IST)": "received",
    "Suspect Name": "name",
    "Name of suspect": "name",
    "Suspect IP": "ip",
    "IP Address": "ip",
    "Port": "port",
    "Port No.": "port",
    "IP Date/Time (UTC)": "ip time",
    "Date & time of IP": "ip time",
    "Geo City": "city",
    "City": "city",
    "Geo Postal Code": "postal code",
    "PIN": "postal code",
    "Priority": "priority",
    "Reporting ESP": "provider",
    "ESP": "provider",
    "Incident Type": "incident type",
    "Phone": "phone",
    "Mobile No.": "phone",
    "Email": "email",
    "E-mail ID": "email",
    "User name": "user name",
    "State": "state",
    "State/UT": "state",
}
"""Which field each column of a layout carries."""
KINDS = {
    "ip": IdentifierKind.IP,
    "phone": IdentifierKind.PHONE,
    "email": IdentifierKind.EMAIL,
    "user name": IdentifierKind.SCREEN_NAME,
}


def cells_made(report: MadeReport, layout: ListLayout) -> Facts:
    cells = dict(zip(layout.header, layout.row(report), strict=True))
    facts = {WORDS_OF_HEADER[name]: text for name, text in cells.items() if name != "District"}
    facts["ip"] = ip_made(facts["ip"]) if facts["ip"] else ""
    facts["phone"] = normalising.phone(facts["phone"]) if facts.get("phone") else ""
    facts["port"] = facts.get("port", "") if facts["ip"] else ""
    return facts


def cells_read(report: TipReport) -> Facts:
    party = next(iter(report.parties), None)
    address = party.addresses[0] if party and party.addresses else Address(place="")
    found = {one.kind: one for one in (party.mentions if party else ())}
    facts = {name: found[kind].value if kind in found else "" for name, kind in KINDS.items()}
    ip = found.get(IdentifierKind.IP)
    return facts | {
        "user name": facts["user name"].partition(":")[2],
        "number": report.number,
        "name": party.name if party else "",
        "port": str(ip.port) if ip and ip.port else "",
        "city": address.city,
        "postal code": address.postal_code,
        "state": address.state,
        "priority": report.ncmec_priority,
        "provider": report.provider,
        "incident type": report.incident_type,
    }


def write_list(report: MadeReport, layout: ListLayout, extension: str) -> SourceDocument:
    out = io.BytesIO()
    writer = CsvList(out, layout) if extension == "csv" else XlsxList(out, layout)
    writer.add(report)
    writer.close()
    return SourceDocument(name=f"list.{extension}", data=out.getvalue())


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=["national", "state", "short"])
@tried(40)
@given(report=made.reports)
def test_a_row_of_a_list_comes_back_equal(
    layout: ListLayout, extension: str, report: MadeReport
) -> None:
    found = read_only(write_list(report, layout, extension))

    carried = {WORDS_OF_HEADER[name] for name in layout.header if name != "District"}
    carried -= {"received", "ip time"}
    read, told = cells_read(found), cells_made(report, layout)
    assert {name: read[name] for name in carried} == {name: told[name] for name in carried}
    check_moments(found, report, layout)


def check_moments(found: TipReport, report: MadeReport, layout: ListLayout) -> None:
    """A moment is right, or it is not taken for anything: day and month are never guessed."""
    if "received" in {WORDS_OF_HEADER.get(name) for name in layout.header}:
        assert found.received_moment is not None
        if layout is STATE_LAYOUT:
            in_india = report.received_at.at + INDIA_OFFSET
            right = report.received_at.at.replace(second=0, microsecond=0)
            told = found.received_moment.utc
            assert told == right or (told is None and in_india.day <= 12)
            assert found.received_moment.original.startswith(f"{in_india:%d/%m/%Y %H:%M}")
        else:
            assert moment_read(found.received_moment) == moment_made(report.received_at)
    captured = [one for party in found.parties for one in party.mentions if one.moment]
    for one in captured:
        assert one.moment is not None
        check_capture(one.moment, report, layout)


def check_capture(told: Moment, report: MadeReport, layout: ListLayout) -> None:
    first = [*report.reported[:1], MadeParty()][0].ips[:1] or [
        file.ip for file in report.files if file.ip
    ][:1]
    [capture] = first
    assert capture is not None
    assert capture.at is not None
    if layout in (NATIONAL_LAYOUT, LAYOUTS[2]):
        right: datetime | None = capture.at.at.replace(microsecond=0)
        assert told.utc == right or (told.utc is None and capture.at.at.day <= 12)
    else:
        assert moment_read(told) == moment_made(capture.at)
    assert told.utc is None or told.utc.utcoffset() == timedelta(0)
    assert told.utc is None or told.utc.tzinfo is UTC
