"""The police-side PDF from its lines: what is taken, from where, and what never is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from tests.tiplines.pdfs import page_of, stream, text_at
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.world import make_reports
from tiplines.parsing import read_bundle
from tiplines.parsing.pdf_reader import masked, report_from_source
from tiplines.parsing.records import (
    IdentifierKind,
    Mention,
    PartyRole,
    Provenance,
    SourceDocument,
    TipReport,
)

COVER = """CyberTipline Report 195000123
Priority Level: E
Received by NCMEC on 06-02-2025 04:00:00 UTC
Incident Type: Apparent Child Pornography (Unconfirmed)
Total Uploaded Files: 1"""
CONTENTS = """Contents
Section A: Reported Information ........ 3
Suspect ........ 3
Section B: Automated Information Added by NCMEC Systems ........ 4
Section C: Additional Information Provided by NCMEC ........ 5
Section D: Law Enforcement Contact Information ........ 6"""
REPORTED = """Section A: Reported Information
Reporting Electronic Service Provider (ESP)
Submitter:\tPoint of Contact for Law Enforcement:
Some Photos Inc.\tA Desk
\tdesk@photos.example
Incident Information
Incident Type: Child Sex Trafficking
Incident Time: 06-01-2025 10:00:00 UTC
Suspect
Name: Ravi Kumar
Namuna
Mobile Phone: +919810012345 (Verified 05-30-2025 08:00:00 UTC)
Email Address: R@Example.org (Verified)
ESP User ID: 77
Date of Birth: 05-17-1990
Address:
1 Some Lane, Some
Village
Delhi, Delhi 110085
IN
IP Address: 2001:db8:1:2:
3:4:5:6 (Login)
06-01-2025 09:00:00 UTC
IP Address: 203.0.113.1 (Upload) Port: 5123
06-01-2025 09:30:00 UTC
Estimated Location: Delhi, Delhi, IN
Prior CT Reports: 195000001, 195000002
Additional Information
Bio: find me at suspect@example.net
Uploaded File Information
Number of uploaded files: 1
Filename: a_very_long_na
me.jpg
MD5: d41d8cd98f00b204e9800998ecf8427e
Did Reporting ESP view entire contents of uploaded file? Yes
Were entire contents of uploaded file publicly available? No
Image Categorization by ESP: B2
Source Information:
Type\tValue\tEvent\tDate/Time
IP Address\t2001:db8:1:2:\tUpload\t06-01-2025 09:31:00
\t3:4:5:6\t\tUTC
This concludes Section A"""
ADDED = """Section B: Automated Information Added by NCMEC Systems
Geo-Lookup (Suspect)
IP Address\tCountry\tRegion\tCity\tPostal Code\tLat/Long\tISP/Org
2001:db8:1:2:\tIN\tDL\tNew\t110001\t28.6139/77.2090\tSome
3:4:5:6\t\t\tDelhi\t\t\tTelecom
Deconfliction
See also CyberTipline Reports 195000009 and 195000008, help@ncmec.example"""
NOTES = """Section C: Additional Information Provided by NCMEC
Incident Type: Auto-referred International
Suspect
Email Address: analyst@ncmec.example"""
AGENCIES = """Section D: Law Enforcement Contact Information
Email Address: officer@police.example
IP Address: 198.51.100.9 (Login)"""
FOOT = ("National Center 1-800-000-0000 office@ncmec.example", "CyberTipline Report 195000123 | ")


def source(*parts: str) -> dict[str, list[list[str]]]:
    """One page for each part, with the foot of a real one."""
    chosen = parts or (COVER, CONTENTS, REPORTED, ADDED, NOTES, AGENCIES)
    return {
        "pages": [
            [*part.split("\n"), FOOT[0], f"{FOOT[1]}{number}"]
            for number, part in enumerate(chosen, 1)
        ]
    }


def read(*parts: str) -> TipReport:
    return report_from_source(source(*parts))


def told(mentions: tuple[Mention, ...], kind: IdentifierKind) -> list[Mention]:
    return [mention for mention in mentions if mention.kind is kind]


def all_mentions(report: TipReport) -> list[Mention]:
    found = list(report.mentions)
    for party in report.parties:
        found += party.mentions
    for file in report.files:
        found += file.mentions
    return found


def test_the_cover_and_section_a_give_the_report() -> None:
    report = read()

    assert (report.number, report.provider) == ("195000123", "Some Photos Inc.")
    assert report.incident_type == "Child Sex Trafficking"
    assert report.ncmec_priority == "E"
    assert report.incident_moment is not None
    assert report.incident_moment.utc == datetime(2025, 6, 1, 10, tzinfo=UTC)
    assert report.received_moment is not None
    assert report.received_moment.utc == datetime(2025, 6, 2, 4, tzinfo=UTC)
    assert report.prior_reports == ("195000001", "195000002")
    assert (report.confidence, report.missing, report.unread) == (100, (), ())


def test_a_broken_name_address_and_ipv6_are_joined_again() -> None:
    suspect = read().parties[0]

    home = suspect.addresses[0]
    first, second = told(suspect.mentions, IdentifierKind.IP)
    assert suspect.name == "Ravi Kumar Namuna"
    assert suspect.date_of_birth == date(1990, 5, 17)
    assert (home.text, home.city) == ("1 Some Lane, Some Village", "Delhi")
    assert (home.postal_code, home.country) == ("110085", "IN")
    assert (first.value, first.event, first.port) == ("2001:db8:1:2:3:4:5:6", "Login", None)
    assert (second.value, second.event, second.port) == ("203.0.113.1", "Upload", 5123)
    assert first.moment is not None
    assert first.moment.utc == datetime(2025, 6, 1, 9, tzinfo=UTC)


def test_every_value_says_on_which_page_it_stands() -> None:
    suspect = read().parties[0]

    places = [mention.place for mention in told(suspect.mentions, IdentifierKind.IP)]
    assert places == ["page 3/Suspect 1/IP Address[1]", "page 3/Suspect 1/IP Address[2]"]


def test_a_stated_verification_is_kept_with_its_time() -> None:
    suspect = read().parties[0]

    [phone] = told(suspect.mentions, IdentifierKind.PHONE)
    email, mined = told(suspect.mentions, IdentifierKind.EMAIL)
    assert (phone.value, phone.label, phone.verified) == ("+919810012345", "Mobile", True)
    assert phone.verified_moment is not None
    assert phone.verified_moment.utc == datetime(2025, 5, 30, 8, tzinfo=UTC)
    assert (email.original, email.value, email.verified) == ("R@Example.org", "r@example.org", True)
    assert (mined.value, mined.provenance) == ("suspect@example.net", Provenance.FREE_TEXT)


def test_a_file_has_its_name_hash_answers_and_source() -> None:
    [file] = read().files

    [digest] = told(file.mentions, IdentifierKind.HASH)
    [upload] = told(file.mentions, IdentifierKind.IP)
    assert file.name == "a_very_long_name.jpg"
    assert (file.classification, file.viewed_by_provider) == ("B2", True)
    assert file.publicly_available is False
    assert digest.value == "md5:d41d8cd98f00b204e9800998ecf8427e"
    assert (upload.value, upload.event) == ("2001:db8:1:2:3:4:5:6", "Upload")
    assert upload.moment is not None
    assert upload.moment.utc == datetime(2025, 6, 1, 9, 31, tzinfo=UTC)


def test_a_geo_look_up_goes_to_the_party_of_its_address_as_ncmecs() -> None:
    report = read()

    geo = report.parties[0].addresses[-1]
    assert (geo.label, geo.provenance) == ("geo", Provenance.NCMEC)
    assert (geo.city, geo.state, geo.postal_code) == ("New Delhi", "DL", "110001")
    assert (geo.latitude, geo.longitude) == (28.6139, 77.209)
    assert geo.place.startswith("page 4/Section B/")
    assert "Added by NCMEC (deconfliction): 195000009, 195000008" in report.narrative
    assert "network Some Telecom" in report.narrative


def test_a_look_up_as_labels_goes_to_the_party_that_its_heading_names() -> None:
    added = """Section B: Automated Information Added by NCMEC Systems
IP Geo-Lookup (Suspect 1)
IP Address: 203.0.113.77
Country: IN
City: Pune
Lat/Long: 18.5/73.8"""

    report = read(COVER, CONTENTS, REPORTED, added, NOTES, AGENCIES)

    assert report.parties[0].addresses[-1].city == "Pune"


def test_contacts_of_ncmec_the_company_and_police_are_no_identifiers() -> None:
    report = read()

    values = [mention.value for mention in all_mentions(report)]
    assert not [value for value in values if "ncmec" in value or "police" in value]
    assert "desk@photos.example" not in values
    assert "198.51.100.9" not in values
    assert [party.role for party in report.parties] == [PartyRole.SUSPECT, PartyRole.CONTACT]


def test_a_heading_in_the_contents_begins_no_section() -> None:
    contents = CONTENTS.replace(" ........ 3", "").replace(" ........ 4", "")

    assert read(COVER, contents, REPORTED, ADDED, NOTES, AGENCIES).confidence == 100


def test_a_section_heading_inside_prose_hides_nothing() -> None:
    reported = REPORTED.replace(
        "Bio: find me", "This concludes Section A\nSection B: mine\nBio: find me"
    ).replace("Uploaded File Information", "More words\nUploaded File Information")

    report = read(COVER, CONTENTS, reported, ADDED, NOTES, AGENCIES)

    # Such prose can cut a report short, but then it shows: fewer files than are counted.
    assert report.files or (report.confidence or 0) < 100


def test_an_unknown_label_is_unread_and_spoils_no_value() -> None:
    reported = REPORTED.replace("ESP User ID: 77", "Favourite Colour: red\nESP User ID: 77")

    report = read(COVER, CONTENTS, reported, ADDED, NOTES, AGENCIES)

    [email, _] = told(report.parties[0].mentions, IdentifierKind.EMAIL)
    assert report.unread == ("page 3: Favourite Colour: red",)
    assert email.value == "r@example.org"


def test_what_a_report_lacks_is_named_and_lowers_the_confidence() -> None:
    report = read("CyberTipline Report 195000123", "Section A: Reported Information\nWords")

    assert report.confidence == 40
    assert {"suspect", "incident-time", "ip", "ip-time", "provider"} <= set(report.missing)
    assert report.unread[0] == "page 2: Words"


def test_a_page_without_text_is_told() -> None:
    pages = source()["pages"]

    report = report_from_source({"pages": [*pages, []]})

    assert report.unread == ("page 7: no text on this page",)


def test_a_port_and_a_time_may_stand_below_the_address() -> None:
    reported = REPORTED.replace("(Upload) Port: 5123", "(Upload)\nPort: 5123")

    report = read(COVER, CONTENTS, reported, ADDED, NOTES, AGENCIES)

    [_, second] = told(report.parties[0].mentions, IdentifierKind.IP)
    assert second.port == 5123
    assert second.moment is not None


def test_a_time_without_zone_is_not_taken_for_utc() -> None:
    reported = REPORTED.replace("09:30:00 UTC", "09:30:00")

    [_, second] = told(
        read(COVER, CONTENTS, reported, ADDED, NOTES, AGENCIES).parties[0].mentions,
        IdentifierKind.IP,
    )

    assert second.moment is not None
    assert (second.moment.utc, second.moment.zone) == (None, None)


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        pytest.param(["card 2345 6789 0124"], ["card XXXX-XXXX-0124"], id="in prose"),
        pytest.param(["card 2345 6789", "0124 end"], ["card XXXX XXXX", "0124 end"], id="broken"),
        pytest.param(["ESP User ID: 234567890124"], ["ESP User ID: 234567890124"], id="an id"),
        pytest.param(["Name: A 234567890124"], ["Name: A XXXX-XXXX-0124"], id="in a name"),
    ],
)
def test_aadhaar_numbers_are_masked_in_the_source(lines: list[str], shown: list[str]) -> None:
    assert masked([lines]) == [shown]


@pytest.mark.parametrize("generation", Generation)
def test_a_report_is_read_again_from_its_source_alone(generation: Generation) -> None:
    for report, _ in make_reports(8, seed=19):
        data = write_pdf(report, generation)
        [found] = read_bundle([SourceDocument(name="a.pdf", data=data)]).found

        kept = json.loads(json.dumps(found.report.source))

        assert report_from_source(kept) == found.report


def test_a_number_that_only_the_file_name_has_is_taken() -> None:
    content = text_at(
        (72, 700, "Section A: Reported Information"), (72, 680, "Suspect"), (72, 660, "Name: A B")
    )

    [found] = read_bundle(
        [SourceDocument(name="x/CTR195000123.pdf", data=page_of(stream(content)))]
    ).found

    assert found.report.number == "195000123"
    assert found.documents == ("x/CTR195000123.pdf",)


def test_a_pdf_without_section_a_is_refused_under_its_number() -> None:
    letter = page_of(stream(text_at((72, 700, "See CyberTipline Report 195000123"))))

    [refusal] = read_bundle([SourceDocument(name="195000123.pdf", data=letter)]).refused

    assert "no Section A" in refusal.reason
    assert refusal.number == "195000123"
