"""Sections B to D of a made PDF: what NCMEC adds, with the traps that real reports hold.

Look-ups and earlier reports in B; in C an incident type of NCMEC's own and a party that is none; in
D contacts of police. Nothing of C and D belongs to the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tiplines.making.pdf_parts import (
    Generation,
    Part,
    chunks,
    heading,
    labelled,
    paragraph,
    section,
)
from tiplines.making.reports import MadeParty, MadeReport


def added(report: MadeReport, generation: Generation) -> Iterator[Part]:
    yield from section("B")
    yield heading("Explanation of Automated Information (in alphabetical order)")
    yield paragraph("Geo-Lookup: the approximate place of an address. See help@ncmec.example.")
    yield heading("Further Information on Uploaded Files")
    yield paragraph("MD5: files are compared with others. Call 198.51.100.1 for help.")
    is_newer = generation is Generation.NEWER
    for kind, parties in (("Suspect", report.reported), ("Recipient", report.recipients)):
        for order, party in enumerate(parties, 1):
            rows = list(_look_ups(party))
            if rows:
                title = f"IP Geo-Lookup ({kind} {order})" if is_newer else f"Geo-Lookup ({kind})"
                yield heading(title)
                yield from _newer_look_ups(rows) if is_newer else _older_look_ups(rows)
    priors = [str(one) for party in report.reported for one in party.prior_reports]
    if priors:
        yield heading("Deconfliction")
        yield paragraph(f"The account is also named in CyberTipline Reports {', '.join(priors)}")
    yield heading("Auto Referral")
    yield paragraph("This report was referred without review.")


LOOK_UP_HEAD = ["IP Address", "Country", "Region", "City", "Postal Code", "Lat/Long", "ISP/Org"]


def _look_ups(party: MadeParty) -> Iterator[list[str]]:
    """One row for each address, once. The place is the same for all: the middle of Delhi."""
    for ip in dict.fromkeys(capture.ip for capture in party.ips):
        yield [ip, "IN", "DL", "New Delhi", "110001", "28.6139/77.2090", "Example Telecom"]


def _older_look_ups(rows: Iterable[list[str]]) -> Iterator[Part]:
    shown = [["\n".join(chunks(row[0], 14)), *row[1:]] for row in rows]
    yield {"kind": "table", "head": LOOK_UP_HEAD, "widths": [6, 4, 4, 5, 5, 6, 5], "rows": shown}


def _newer_look_ups(rows: Iterable[list[str]]) -> Iterator[Part]:
    for row in rows:
        for label, value in zip(LOOK_UP_HEAD, row, strict=True):
            yield labelled(label, value)
        yield labelled("Type", "Mobile")


def notes() -> Iterator[Part]:
    yield labelled("NCMEC Incident Type", "Auto-referred International")
    yield labelled("Incident Type", "Auto-referred International")
    yield paragraph("Note of an analyst: see also analyst@ncmec.example and 203.0.113.250.")
    yield heading("Suspect")
    yield labelled("Email Address", "wrong@ncmec.example")


def agencies() -> Iterator[Part]:
    yield paragraph("Made-up National Bureau")
    yield labelled("Email Address", "duty.officer@police.example")
    yield labelled("Phone", "+91 11 5550 0000")
