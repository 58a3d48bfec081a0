"""MadeReport to the PDF that police receive, in two generations.

The format has no place for all that the XML says. What it lacks goes into prose as in the JSON:
associated accounts, the account's state, a bio. What it carries it prints in its own way: times in
UTC to the second, days as MM-DD-YYYY, Devanagari in Latin letters (no font for it is at hand here).
The traps of real reports are all there: a table of contents that repeats the headings, broken file
names and addresses, contacts in every footer, NCMEC's own incident type in Section C, e-mails of
police in Section D.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import typst

from districts.folding import romanise
from tiplines.making.json_writer import associated_prose
from tiplines.making.pdf_added import added, agencies, notes
from tiplines.making.pdf_parts import (
    SECTIONS,
    Generation,
    Part,
    answer,
    chunks,
    heading,
    labelled,
    optional,
    paragraph,
    section,
    us_day,
    us_text,
)
from tiplines.making.reports import (
    Device,
    EstimatedLocation,
    IncidentDetail,
    IncidentKind,
    IpCapture,
    MadeFile,
    MadeMoment,
    MadeParty,
    MadeReport,
    Person,
    PostalAddress,
)
from tiplines.making.xml_writer import file_md5

TEMPLATE = Path(__file__).with_name("report.typ")
IPV6_CHARACTERS = 24
Printed = TypeVar("Printed")


FOOTERS = {
    Generation.OLDER: [
        "National Center for Missing & Exploited Children",
        "1-877-446-2632 | lawenforcement@ncmec.example | 192.0.2.250",
    ],
    Generation.NEWER: [
        "For questions write to ctsupport@ncmec.example or call +1 703 555 0100",
    ],
}
INCIDENT_HEADINGS = {
    IncidentKind.WEB_PAGE: "Web Page/URL",
    IncidentKind.EMAIL: "Email Incident",
    IncidentKind.NEWSGROUP: "Newsgroup",
    IncidentKind.CHAT: "Chat/IM",
    IncidentKind.GAMING: "Online Gaming",
    IncidentKind.CELL_PHONE: "Cell Phone",
    IncidentKind.NOT_INTERNET: "Non-Internet",
    IncidentKind.PEER_TO_PEER: "Peer to Peer",
}


def write_pdf(report: MadeReport, generation: Generation) -> bytes:
    """Return the report as a PDF; the same report gives the same bytes."""
    data = {
        "number": str(report.number),
        "newer": generation is Generation.NEWER,
        "footer": FOOTERS[generation],
        "parts": list(_parts(printable(report), generation)),
    }
    pdf = _compiler().compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=datetime(2025, 1, 1, tzinfo=UTC),
        pdf_tags=False,
    )
    assert isinstance(pdf, bytes)  # noqa: S101 - one document, no output path
    return pdf


@cache
def _compiler() -> typst.Compiler:
    """The fonts are read once; they are those that come with the typesetter."""
    return typst.Compiler(TEMPLATE, ignore_system_fonts=True)


def printable(value: Printed) -> Printed:
    """Return a report, or a part of one, with its text as this format prints it."""
    if isinstance(value, str):
        return type(value)(romanise(value).replace("।", ".")) if not value.isascii() else value
    if isinstance(value, tuple):
        return type(value)(printable(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: printable(getattr(value, one.name)) for one in fields(value)}
        return replace(value, **changes)
    return value


def generation_of(report: MadeReport) -> Generation:
    """The generation in which a dispatch holds this report: half of them each."""
    return Generation.NEWER if report.number % 2 else Generation.OLDER


# --- parts --------------------------------------------------------------------------------------


def _parts(report: MadeReport, generation: Generation) -> Iterator[Part]:
    yield from _cover(report, generation)
    yield from _contents(report)
    yield from section("A")
    yield from _provider(report, generation)
    yield from _incident(report, generation)
    for kind, parties in (
        ("Suspect", report.reported),
        ("Recipient", report.recipients),
        ("Child Victim", report.victims),
    ):
        for order, party in enumerate(parties, 1):
            yield heading(f"{kind} {order}" if generation is Generation.NEWER else kind)
            yield from _party(party, generation)
    yield from _files(report, generation)
    if remarks := _remarks(report):
        yield heading("Additional Information Submitted by the Reporting ESP")
        yield paragraph("\n".join(remarks))
    yield {"kind": "text", "lines": ["This concludes Section A"]}
    yield from added(report, generation)
    yield from section("C")
    yield from notes()
    yield from section("D")
    yield from agencies()


def _cover(report: MadeReport, generation: Generation) -> Iterator[Part]:
    yield {"kind": "title", "text": f"CyberTipline Report {report.number}"}
    yield labelled("Priority Level", report.ncmec_priority)
    yield paragraph(f"Received by NCMEC on {us_text(report.received_at)}")
    yield heading("Executive Summary")
    yield labelled("Incident Type", "Apparent Child Pornography (Unconfirmed)")
    yield labelled("Total Uploaded Files", str(len(report.files)))
    if generation is Generation.NEWER and report.victims:
        yield heading("Summary of ESP Reported Child Victim Information")
        yield labelled("Child Victims", str(len(report.victims)))
    yield labelled("Date PDF Generated", us_text(report.received_at))


def _contents(report: MadeReport) -> Iterator[Part]:
    yield {"kind": "page"}
    yield heading("Contents")
    entries = [
        (f"Section A: {SECTIONS['A']}", 3),
        ("Reporting Electronic Service Provider (ESP)", 3),
        ("Incident Information", 3),
        *(("Suspect", 3) for _ in report.reported[:2]),
        ("Uploaded File Information", 3),
        *((f"Section {letter}: {SECTIONS[letter]}", 4 + n) for n, letter in enumerate("BCD")),
    ]
    for text, page in entries:
        yield {"kind": "entry", "text": text, "page": str(page)}


def _provider(report: MadeReport, generation: Generation) -> Iterator[Part]:
    reporter = report.reporter
    contact = reporter.contact or reporter.person
    desk = ["Law Enforcement Response", *(one.address for one in contact.emails)]
    submitter = [report.provider, *([reporter.product] if reporter.product else [])]
    yield heading("Reporting Electronic Service Provider (ESP)")
    left = labelled(
        "Submitter", *(submitter if generation is Generation.NEWER else ["", *submitter])
    )
    right = labelled("Point of Contact for Law Enforcement", "", *desk)
    yield {"kind": "columns", "columns": [[left], [right]]}
    yield labelled("Business Address", "1 Example Way", "Example City, CA 94000", "US")
    if reporter.company_template:
        yield heading("Company Information")
        yield paragraph(reporter.company_template)
    if reporter.terms_of_service:
        yield heading("Relevant Terms of Service")
        yield paragraph(reporter.terms_of_service)


def _incident(report: MadeReport, generation: Generation) -> Iterator[Part]:
    yield heading("Incident Information")
    is_newer = generation is Generation.NEWER
    yield labelled("Primary Incident Type" if is_newer else "Incident Type", report.incident_type)
    yield labelled("Incident Time", us_text(report.incident_at))
    yield from optional("Description of Incident Time", report.incident_note)
    yield from optional("Platform", report.platform)
    yield from optional("Report Annotations", ", ".join(report.annotations))
    yield from optional("Escalated to High Priority", report.escalation)
    yield from optional("Batched Report", report.batched_reason)
    if report.police is not None:
        known = f"{report.police.agency} {report.police.case_number}".rstrip()
        yield labelled("Known to Law Enforcement", known)
    for incident in report.incidents:
        yield heading(INCIDENT_HEADINGS[incident.kind])
        yield from _detail(incident)


def _detail(incident: IncidentDetail) -> Iterator[Part]:
    for url in incident.urls:
        yield labelled("URL", *chunks(url))
    if incident.kind is IncidentKind.CHAT:
        yield from optional("Chat Service/IM Client", incident.name)
        yield from optional("Chat Room Name", incident.room)
    yield from optional("Content", incident.content)
    if incident.additional_info:
        yield labelled("Additional Information", "", *incident.additional_info.split("\n"))


# --- people -------------------------------------------------------------------------------------


def _party(party: MadeParty, generation: Generation) -> Iterator[Part]:
    person = party.person or Person()
    yield from optional("Name", f"{person.first_name} {person.last_name}".strip())
    for phone in person.phones:
        verified = _verified(phone.verified, phone.verified_at)
        label = "Mobile Phone" if phone.kind == "Mobile" else "Phone"
        yield labelled(label, f"{phone.dialled}{verified}")
    for email in person.emails:
        label = "Home Email Address" if email.kind == "Home" else "Email Address"
        verified = _verified(email.verified, email.verified_at)
        yield labelled(label, f"{email.address}{verified}")
    yield from optional("Date of Birth", us_day(person.date_of_birth))
    yield from optional("Approximate Age", person.age)
    for address in person.addresses:
        label = f"{address.kind} Address" if address.kind == "Home" else "Address"
        yield labelled(label, *_address_lines(address, generation))
    yield from optional("ESP Service", party.service)
    yield from optional("Screen/User Name", party.screen_name)
    for name in party.display_names:
        yield labelled("Display Name", name)
    yield from optional("ESP User ID", party.account_id)
    for url in party.profile_urls:
        yield labelled("Profile URL", *chunks(url))
    for capture in party.ips:
        yield _ip(capture)
    for device in party.devices:
        yield _device(device)
    if party.estimated_location is not None:
        yield _estimate(party.estimated_location)
    yield from optional("Vehicle Description", party.vehicle_description)
    yield from optional("Group Identifier", party.group_id)
    yield from optional("Prior CT Reports", ", ".join(map(str, party.prior_reports)))
    if lines := _party_prose(party):
        yield {"kind": "label", "label": "Additional Information", "lines": ["", *lines]}


def _party_prose(party: MadeParty) -> list[str]:
    lines = []
    if party.profile_bio:
        lines.append(f"Bio: {party.profile_bio}")
    if party.school_name:
        lines.append(f"School: {party.school_name}")
    if party.disabled_for_good is not None:
        lines.append("The account has been disabled.")
    lines.extend(associated_prose(account) for account in party.associated_accounts)
    for text in party.additional_info:
        lines.extend(text.split("\n"))
    return lines


def _verified(verified: bool | None, at: MadeMoment | None) -> str:  # noqa: FBT001 - a field
    if not verified:
        return ""
    return f" (Verified {us_text(at)})" if at else " (Verified)"


def _address_lines(address: PostalAddress, generation: Generation) -> Iterator[str]:
    if generation is Generation.OLDER:
        yield ""  # the older form begins below the label
    if address.text:
        yield address.text
    state = address.other_state or address.us_state
    if address.city or state or address.postal_code:
        yield f"{address.city}, {state} {address.postal_code}".rstrip()
    if address.country:
        yield address.country


def _ip(capture: IpCapture) -> Part:
    ip = list(chunks(capture.ip, IPV6_CHARACTERS))
    if capture.event:
        ip[-1] += f" ({capture.event})"
    if capture.port is not None:
        ip[-1] += f" Port: {capture.port}"
    if capture.possible_proxy:
        ip[-1] += " Possible Proxy"
    return labelled("IP Address", *ip, *([us_text(capture.at)] if capture.at else []))


def _device(device: Device) -> Part:
    event = f" ({device.event})" if device.event else ""
    lines = [f"{device.id_type}: {device.id_value}{event}"]
    return labelled("Device ID", *lines, *([us_text(device.at)] if device.at else []))


def _estimate(location: EstimatedLocation) -> Part:
    place = f"{location.city}, {location.region}, {location.country_code}"
    verified = " (Verified)" if location.verified else ""
    lines = [f"{place}{verified}", *([us_text(location.at)] if location.at else [])]
    return labelled("Estimated Location", *lines)


# --- files --------------------------------------------------------------------------------------


def _files(report: MadeReport, generation: Generation) -> Iterator[Part]:
    if not report.files:
        return
    yield heading("Uploaded File Information")
    yield labelled("Number of uploaded files", str(len(report.files)))
    for file in report.files:
        yield from _file(file, generation)


def _file(file: MadeFile, generation: Generation) -> Iterator[Part]:
    yield labelled("Filename", *chunks(file.file_name or file.original_name))
    if file.file_name and file.original_name:
        yield labelled("Original Filename", *chunks(file.original_name))
    yield labelled("Submittal ID", file.file_id)
    if file.hashes:
        yield labelled("MD5", file_md5(file))
    for algorithm, digest in file.hashes:
        if algorithm == "SHA1":
            yield labelled(algorithm, *chunks(digest))
        elif algorithm != "MD5":
            yield labelled(f"Original Binary Hash of File ({algorithm})", *chunks(digest))
    yield labelled("Did Reporting ESP view entire contents of uploaded file?", answer(file.viewed))
    yield labelled("Were entire contents of uploaded file publicly available?", answer(file.public))
    if file.classification:
        yield labelled("Image Categorization by ESP", file.classification)
    flags = file.annotations or (("potentialMeme",) if file.potential_meme else ())
    yield from optional("File Annotations", ", ".join(flags))
    yield from optional("File Relevance", file.relevance)
    yield from optional("Uploaded to ESP", us_text(file.uploaded_at) if file.uploaded_at else "")
    if file.location:
        yield labelled("Location of File", *chunks(file.location))
    if rows := list(_sources(file, generation)):
        yield labelled("Source Information")
        head = ["Type", "Value", "Event", "Date/Time"]
        widths = [3, 4, 2, 4]
        if generation is Generation.NEWER:
            head, widths = [*head, "Port"], [*widths, 2]
        yield {"kind": "table", "head": head, "widths": widths, "rows": rows}
    lines = [f"{name}: {value}" for one in file.metadata for name, value in one.pairs] + [
        line for text in file.additional_info for line in text.split("\n")
    ]
    if lines:
        yield {"kind": "label", "label": "Additional Information", "lines": ["", *lines]}


def _sources(file: MadeFile, generation: Generation) -> Iterator[list[str]]:
    if file.ip is not None:
        port = str(file.ip.port) if file.ip.port is not None else ""
        yield _source("IP Address", file.ip.ip, file.ip, generation, port)
    for device in file.devices:
        yield _source(device.id_type, device.id_value, device, generation, "")


def _source(
    kind: str, value: str, seen: IpCapture | Device, generation: Generation, port: str
) -> list[str]:
    at = us_text(seen.at) if seen.at else ""
    row = [kind, "\n".join(chunks(value, IPV6_CHARACTERS)), seen.event, at]
    return [*row, port] if generation is Generation.NEWER else row


def _remarks(report: MadeReport) -> list[str]:
    return report.additional_info.split("\n") if report.additional_info else []
