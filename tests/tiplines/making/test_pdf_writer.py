"""Made reports as PDFs: what is written is read back, field by field, in both generations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tiplines.making.test_writers import full_report
from tests.tiplines.parsing.test_pdf_reader import all_mentions
from tiplines.making.json_writer import write_json
from tiplines.making.pdf_parts import Generation, us_text
from tiplines.making.pdf_writer import printable, write_pdf
from tiplines.making.reports import MadeReport
from tiplines.making.world import make_reports
from tiplines.parsing import read_bundle
from tiplines.parsing.records import (
    Address,
    FileRecord,
    IdentifierKind,
    Mention,
    Moment,
    Party,
    PartyRole,
    SourceDocument,
    TipReport,
)

REPORTS = 70
PEOPLE = (PartyRole.SUSPECT, PartyRole.RECIPIENT, PartyRole.VICTIM)


def read(name: str, data: bytes) -> TipReport:
    reading = read_bundle([SourceDocument(name=name, data=data)])
    assert reading.refused == ()
    [found] = reading.found
    return found.report


def as_pdf(report: MadeReport, generation: Generation) -> TipReport:
    return read("report.pdf", write_pdf(report, generation))


def as_json(report: MadeReport) -> TipReport:
    """The same report by way of the other police-side format, in the words that a PDF can print."""
    return read("report.json", write_json(printable(report)))


def to_the_second(moment: Moment | None) -> object:
    if moment is None:
        return None
    return moment.utc.replace(microsecond=0) if moment.utc else "no zone"


def identifier(mention: Mention) -> tuple[object, ...]:
    is_ip = mention.kind is IdentifierKind.IP
    return (
        mention.kind,
        mention.value,
        mention.event,
        to_the_second(mention.moment),
        mention.port if is_ip else None,
        mention.verified or None,
    )


def place(address: Address) -> tuple[str, ...]:
    return (
        address.text, address.city, address.state, address.postal_code, address.country,
    )  # fmt: skip


def prose(text: str) -> list[str]:
    """Lines in any order: those that one format prints as a field, the other as prose, are out."""
    apart = ("Prior CT Reports:", "Group identifier:", "vehicleDescription:", "Display name:")
    return sorted(
        " ".join(line.split())
        for line in text.split("\n")
        if line and not line.startswith((*apart, "Upload time:", "Publicly available:"))
    )


def person(party: Party) -> dict[str, object]:
    return {
        "role": party.role,
        "name": party.name,
        "display names": party.display_names[:1],
        "born": party.date_of_birth,
        "age": party.age,
        "identifiers": sorted(
            map(identifier, (m for m in party.mentions if m.kind is not IdentifierKind.GROUP)),
            key=repr,
        ),
        "addresses": [place(one) for one in party.addresses if one.label != "geo"],
        "prose": prose(party.text),
    }


def file_facts(file: FileRecord, *, ports: bool) -> dict[str, object]:
    hashes_and_captures = [
        identifier(one if ports else replace(one, port=None)) for one in file.mentions
    ]
    return {
        "id": file.file_id,
        "name": file.name,
        "identifiers": sorted(hashes_and_captures, key=repr),
        "class": file.classification,
        "viewed": file.viewed_by_provider,
        "flags": file.annotations,
    }


def carried(report: TipReport, *, ports: bool) -> dict[str, object]:
    """What both formats carry. The older PDF has no column for the port of a file's upload."""
    return {
        "number": report.number,
        "provider": report.provider,
        "type": report.incident_type,
        "time": to_the_second(report.incident_moment),
        "note": report.incident_moment_note,
        "received": to_the_second(report.received_moment),
        "people": [person(one) for one in report.parties if one.role in PEOPLE],
        "files": [file_facts(one, ports=ports) for one in report.files],
        "incident": sorted(map(identifier, report.mentions), key=repr),
    }


@pytest.mark.parametrize("generation", Generation)
def test_what_is_written_is_read_as_from_the_json_of_the_same_report(
    generation: Generation,
) -> None:
    ports = generation is Generation.NEWER
    for report, _ in make_reports(REPORTS, seed=11):
        found = as_pdf(report, generation)

        assert carried(found, ports=ports) == carried(as_json(report), ports=ports)
        assert found.confidence == 100
        assert found.unread == ()


@pytest.mark.parametrize("generation", Generation)
def test_what_only_the_pdf_carries_is_read(generation: Generation) -> None:
    for report, _ in make_reports(REPORTS, seed=12):
        found = as_pdf(report, generation)

        priors = [str(one) for party in report.reported for one in party.prior_reports]
        groups = [
            mention.original
            for party in found.parties
            for mention in party.mentions
            if mention.kind is IdentifierKind.GROUP
        ]
        assert found.ncmec_priority == report.ncmec_priority
        assert found.prior_reports == tuple(priors)
        assert found.annotations == report.annotations
        assert found.escalation == report.escalation
        assert found.batched_reason == report.batched_reason
        assert found.stated_file_count == (len(report.files))
        assert [file.publicly_available for file in found.files] == [
            file.public for file in report.files
        ]
        assert groups == [party.group_id for party in report.reported if party.group_id]


@pytest.mark.parametrize("generation", Generation)
def test_contacts_in_footers_and_in_sections_b_to_d_are_nobodys(generation: Generation) -> None:
    for report, _ in make_reports(20, seed=13):
        found = as_pdf(report, generation)

        told = {mention.value for mention in all_mentions(found)}
        assert not [value for value in told if "ncmec" in value or "police" in value]
        assert not {"192.0.2.250", "198.51.100.1", "203.0.113.250"} & told
        assert "Auto-referred" not in found.incident_type
        desks = (PartyRole.CONTACT, PartyRole.REPORTER)
        assert all(not party.mentions for party in found.parties if party.role in desks)


@pytest.mark.parametrize("generation", Generation)
def test_a_report_with_every_field_is_read_without_rest(generation: Generation) -> None:
    report = replace(full_report(), files=full_report().files * 40)

    found = as_pdf(report, generation)

    assert found.unread == ()
    assert len(found.files) == found.stated_file_count == 40
    assert len({file.place.partition("/")[0] for file in found.files}) > 3
    assert found.police_reference == "Agency 1"


def test_the_same_report_gives_the_same_bytes() -> None:
    [(report, _)] = make_reports(1, seed=3)

    assert write_pdf(report, Generation.NEWER) == write_pdf(report, Generation.NEWER)
    assert write_pdf(report, Generation.NEWER) != write_pdf(report, Generation.OLDER)


def test_text_is_never_read_as_markup() -> None:
    [(report, _)] = make_reports(1, seed=3)
    hostile = '#panic("x") #read("/etc/passwd") *b* $x$ <b> [c]'
    report = replace(report, additional_info=hostile)

    assert hostile in as_pdf(report, Generation.OLDER).narrative


def test_moments_are_printed_in_utc_to_the_second() -> None:
    [(report, _)] = make_reports(1, seed=3)
    moment = replace(report.received_at, at=report.received_at.at.replace(microsecond=5))

    assert us_text(moment) == f"{moment.at:%m-%d-%Y %H:%M:%S} UTC"
