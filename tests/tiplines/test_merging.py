"""Several documents about one report: the best leads, the others fill and add."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tiplines.merging import merge
from tiplines.parsing.records import (
    Address,
    FileRecord,
    IdentifierKind,
    Mention,
    Moment,
    Party,
    PartyRole,
    TipReport,
)

AT = Moment(
    original="2026-10-18T18:45:00Z", utc=datetime(2026, 10, 18, 18, 45, tzinfo=UTC), zone="Z"
)


def email(value: str, *, place: str = "e") -> Mention:
    return Mention(kind=IdentifierKind.EMAIL, original=value, value=value, place=place)


def ip(value: str, *, moment: Moment | None = None) -> Mention:
    return Mention(kind=IdentifierKind.IP, original=value, value=value, place="i", moment=moment)


def md5(value: str) -> Mention:
    return Mention(kind=IdentifierKind.HASH, original=value, value=f"md5:{value}", place="h")


def suspect(*mentions: Mention, name: str = "") -> Party:
    return Party(role=PartyRole.SUSPECT, place="p", name=name, mentions=mentions)


def report(format: str = "xml", *parties: Party) -> TipReport:
    return TipReport(number="990000001", format=format, parties=parties)


def test_a_report_leads_over_what_was_printed_and_over_a_list() -> None:
    whole = replace(report("json"), incident_type="Online Enticement")
    printed = replace(report("pdf"), incident_type="Enticement", ncmec_priority="E")
    listed = replace(report("list"), ncmec_priority="2", platform="Snapchat")

    merged = merge([listed, printed, whole])

    assert merged.report.format == "json"
    assert merged.report.incident_type == "Online Enticement"
    assert merged.report.ncmec_priority == "E"
    assert merged.report.platform == "Snapchat"
    assert merged.given == (("platform",), ("ncmec_priority",), ("incident_type",))


def test_a_party_is_known_by_a_shared_value_and_keeps_what_only_one_document_says() -> None:
    ours = suspect(email("a@example.com"), name="Ravi Nair")
    other = suspect(email("b@example.com"))
    printed = suspect(email("a@example.com", place="page 3"), ip("192.0.2.1"), name="Ravi  NAIR")

    merged = merge([report("xml", ours, other), report("pdf", printed)]).report

    assert [party.name for party in merged.parties] == ["Ravi Nair", ""]
    values = [(each.value, each.place) for each in merged.parties[0].mentions]
    assert values == [("a@example.com", "e"), ("192.0.2.1", "pdf: i")]


def test_a_party_is_known_by_its_name() -> None:
    ours = [suspect(name="Ravi Nair"), suspect(name="Anil Das")]
    printed = suspect(email("d@example.com"), name="anil das")

    merged = merge([report("xml", *ours), report("pdf", printed)]).report

    assert [len(party.mentions) for party in merged.parties] == [0, 1]


def test_two_persons_of_different_names_stay_two() -> None:
    merged = merge(
        [report("xml", suspect(name="Ravi Nair")), report("pdf", suspect(name="Anil Das"))]
    ).report

    assert [party.name for party in merged.parties] == ["Ravi Nair", "Anil Das"]


def test_a_victim_is_never_taken_for_a_suspect() -> None:
    victim = replace(suspect(email("a@example.com")), role=PartyRole.VICTIM)

    merged = merge([report("xml", suspect(email("a@example.com"))), report("pdf", victim)]).report

    assert [party.role for party in merged.parties] == [PartyRole.SUSPECT, PartyRole.VICTIM]


def test_the_same_address_at_another_moment_is_another_sighting() -> None:
    merged = merge(
        [
            report("xml", suspect(ip("192.0.2.1"))),
            report("pdf", suspect(ip("192.0.2.1", moment=AT), ip("192.0.2.1"))),
        ]
    ).report

    assert [each.moment for each in merged.parties[0].mentions] == [None, AT]


def test_a_file_is_known_by_its_hash() -> None:
    ours = FileRecord(place="f", mentions=(md5("aa"),))
    same = FileRecord(place="g", name="x.txt", classification="A1", mentions=(md5("aa"),))
    more = FileRecord(place="g", mentions=(md5("bb"),))

    merged = merge(
        [replace(report("xml"), files=(ours,)), replace(report("pdf"), files=(same, more))]
    ).report

    assert [(file.name, file.classification) for file in merged.files] == [
        ("x.txt", "A1"),
        ("", ""),
    ]


def test_two_files_with_one_hash_stay_two() -> None:
    twice = tuple(FileRecord(place=place, mentions=(md5("aa"),)) for place in "fg")

    merged = merge([replace(report("xml"), files=twice), replace(report("pdf"), files=twice)])

    assert len(merged.report.files) == 2


def test_an_address_that_is_held_is_not_told_again() -> None:
    home = Address(place="a", text="B-12, Prashant Vihar", postal_code="110085")
    folded = replace(home, text="b-12,  prashant vihar")
    other = replace(home, text="C-4, Rohini")

    merged = merge(
        [
            replace(report("xml"), addresses=(home,)),
            replace(report("list"), addresses=(folded, other)),
        ]
    ).report

    assert [each.place for each in merged.addresses] == ["a", "list: a"]


def test_files_that_came_apart_join_the_report() -> None:
    apart = replace(report("xml"), files=(FileRecord(place="fileDetails[1]", file_id="f1"),))
    whole = report("xml", suspect(name="Ravi Nair"))

    merged = merge([apart, whole]).report

    assert [party.name for party in merged.parties] == ["Ravi Nair"]
    assert [file.place for file in merged.files] == ["fileDetails[1]"]
