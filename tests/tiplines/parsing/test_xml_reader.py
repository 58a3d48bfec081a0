from __future__ import annotations

import itertools
import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tiplines.parsing import read_bundle
from tiplines.parsing.ispws import ROOTS, Shape
from tiplines.parsing.records import (
    IdentifierKind,
    Mention,
    PartyRole,
    Provenance,
    Reading,
    SourceDocument,
    TipReport,
)

DATA = Path(__file__).parent / "data"
XSI = (
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="some.xsd"'
)


def bundle(**documents: str) -> Reading:
    """Read documents by name; `__` in a name stands for `/`."""
    return read_bundle(
        [
            SourceDocument(name=f"{name.replace('__', '/')}.xml", data=text.encode())
            for name, text in documents.items()
        ]
    )


def only(reading: Reading) -> TipReport:
    assert not reading.refused
    assert len(reading.found) == 1
    return reading.found[0].report


def report(inner: str) -> TipReport:
    return only(bundle(report=f"<report>{inner}</report>"))


def suspect(inner: str) -> TipReport:
    return report(f"<personOrUserReported>{inner}</personOrUserReported>")


def file(inner: str, number: str = "195000123") -> TipReport:
    text = f"<fileDetails><reportId>{number}</reportId>{inner}</fileDetails>"
    return only(bundle(file=text))


def values(mentions: tuple[Mention, ...], kind: IdentifierKind) -> list[str]:
    return [mention.value for mention in mentions if mention.kind is kind]


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for child in node:
            yield from texts(child)
    else:
        for child in node.values():
            yield from texts(child)


def texts_of_document(data: bytes) -> Iterator[str]:
    for one in ET.fromstring(data).iter():  # noqa: S314 - written by the test itself
        if one.text and one.text.strip():
            yield one.text
        yield from one.attrib.values()


def example(name: str, shape: Shape, counter: Iterator[int]) -> str:
    """Return an element with everything that the table allows, each text another."""
    attributes = "".join(f' {a}="a{next(counter)}"' for a in sorted(shape.attributes))
    inner = "".join(example(n, child, counter) for n, child in shape.children.items())
    return f"<{name}{attributes}>{inner or f't{next(counter)}'}</{name}>"


def fixture_documents() -> list[SourceDocument]:
    return [
        SourceDocument(name=f"{path.parent.name}/{path.name}", data=path.read_bytes())
        for path in sorted((DATA / "195000120").iterdir())
    ]


# --- nothing is lost ----------------------------------------------------------------------------


@pytest.mark.parametrize("root", ROOTS)
def test_all_that_the_table_names_is_known_and_kept(root: str) -> None:
    text = example(root, ROOTS[root], itertools.count())

    found = only(bundle(**{"195000123": text}))

    assert found.unread == ()
    assert not Counter(texts_of_document(text.encode())) - Counter(texts(found.source))


def test_a_report_of_an_independent_client_is_read_whole() -> None:
    documents = fixture_documents()

    found = only(read_bundle(documents))

    assert found.number == "195000120"
    assert found.unread == ()
    assert len(found.files) == 2
    written = Counter(itertools.chain(*(texts_of_document(one.data) for one in documents)))
    assert not written - Counter(texts(found.source))


def test_its_values_reach_fields_not_only_the_source() -> None:
    found = only(read_bundle(fixture_documents()))
    fields = json.dumps(asdict(replace(found, source={})), default=str)

    written = set(itertools.chain(*(texts_of_document(d.data) for d in fixture_documents())))

    # The timestamp of an estimated location and the words of a response have no field.
    assert len([text for text in written if text not in fields]) <= 2


def test_unknown_elements_and_attributes_are_kept_and_named() -> None:
    found = report('<incidentSummary new="1"><mood><deep x="2">y</deep></mood></incidentSummary>')

    assert found.unread == (
        "report/incidentSummary/@new",
        "report/incidentSummary/mood",
        "report/incidentSummary/mood/deep",
        "report/incidentSummary/mood/deep/@x",
    )
    assert found.source["report"]["incidentSummary"]["mood"] == {"deep": {"@x": "2", "#text": "y"}}


def test_mixed_text_and_a_namespace_are_kept() -> None:
    found = only(
        bundle(a='<report xmlns="urn:some"><additionalInfo>one<b/>two</additionalInfo></report>')
    )

    assert found.narrative == "one\ntwo"
    assert found.source["report"]["@xmlns"] == "urn:some"
    assert found.unread == ("report/additionalInfo/b",)


# --- where schema, documentation and clients disagree --------------------------------------------


def test_several_people_are_all_read() -> None:
    found = report(
        "<personOrUserReported><espIdentifier>1</espIdentifier></personOrUserReported>" * 3
    )

    assert [party.place for party in found.parties] == [
        f"report/personOrUserReported[{n}]" for n in (1, 2, 3)
    ]


def test_internet_details_may_repeat_or_be_absent() -> None:
    page = "<internetDetails><webPageIncident><url>https://x.org/a</url></webPageIncident></internetDetails>"

    assert values(report(page * 2).mentions, IdentifierKind.URL) == ["x.org/a"] * 2
    assert report("").mentions == ()


@pytest.mark.parametrize(
    "account",
    [
        '<associatedAccount type="Linked"/>',
        '<associatedAccount accountType="Linked"/>',
        "<associatedAccount><accountType>Linked</accountType></associatedAccount>",
    ],
)
def test_the_kind_of_an_associated_account_in_every_spelling(account: str) -> None:
    found = suspect(account)

    assert found.unread == ()
    assert found.parties[1].role is PartyRole.ASSOCIATED
    assert found.parties[1].text == "accountType: Linked"


@pytest.mark.parametrize(
    "account",
    [
        '<associatedAccount><platform thirdPartyUser="true">P</platform></associatedAccount>',
        '<associatedAccount thirdPartyUser="true"><platform>P</platform></associatedAccount>',
        "<associatedAccount><platform>P<thirdPartyUser>true</thirdPartyUser></platform></associatedAccount>",
        "<associatedAccount><platform>P</platform><thirdPartyUser>true</thirdPartyUser></associatedAccount>",
    ],
)
def test_a_third_party_user_in_every_spelling(account: str) -> None:
    found = suspect(account)

    assert found.unread == ()
    assert found.parties[1].text == "platform: P\nthirdPartyUser: true"


PAIR = "<name>PDQ</name><value>AB</value>"


@pytest.mark.parametrize(
    "details",
    [
        f'<details type="HASH"><nameValuePair>{PAIR}</nameValuePair></details>',
        f'<details><nameValuePair type="HASH">{PAIR}</nameValuePair></details>',
        f"<details><nameValuePair><type>HASH</type>{PAIR}</nameValuePair></details>",
    ],
)
def test_the_kind_of_metadata_in_every_spelling(details: str) -> None:
    found = file(details)

    assert found.unread == ()
    assert values(found.files[0].mentions, IdentifierKind.HASH) == ["pdq:ab"]
    assert found.files[0].text == "HASH PDQ: AB"


@pytest.mark.parametrize(
    "law",
    [
        '<lawEnforcement fleaCountry="IN"><agencyName>Some Police</agencyName></lawEnforcement>',
        "<lawEnforcement><agencyName>Some Police</agencyName>"
        '<servedLegalProcessInternational fleaCountry="IN">true</servedLegalProcessInternational>'
        "</lawEnforcement>",
    ],
)
def test_the_country_of_a_foreign_agency_in_both_places(law: str) -> None:
    found = report(law)

    assert found.unread == ()
    assert "fleaCountry" in found.narrative
    assert found.police_reference == "Some Police"


@pytest.mark.parametrize(
    "inner",
    [
        "<priorCTReports>1</priorCTReports><priorCTReports>2</priorCTReports>",
        "<priorCTReport>1</priorCTReport><priorCTReport>2</priorCTReport>",
        "<priorCTReports>1</priorCTReports>"
        "<associatedAccount><priorCTReport>2</priorCTReport></associatedAccount>",
        "<associatedAccount><priorCTReports>1</priorCTReports><priorCTReports>2</priorCTReports>"
        "</associatedAccount>",
    ],
)
def test_prior_reports_in_every_spelling(inner: str) -> None:
    found = suspect(inner)

    assert found.unread == ()
    assert found.prior_reports == ("1", "2")


@pytest.mark.parametrize(
    ("inner", "annotations"),
    [
        ("<potentialMeme>true</potentialMeme>", ("potentialMeme",)),
        ("<potentialMeme/>", ("potentialMeme",)),
        ("<potentialMeme>false</potentialMeme>", ()),
        ("<fileAnnotations><potentialMeme/></fileAnnotations>", ("potentialMeme",)),
        ("<fileAnnotations><viral>true</viral><infant/></fileAnnotations>", ("viral", "infant")),
        ("<fileAnnotations><viral>false</viral></fileAnnotations>", ()),
        ("<fileAnnotations><newFlag/></fileAnnotations>", ("newFlag",)),
        ("<fileAnnotations/>", ()),
    ],
)
def test_flags_in_every_spelling(inner: str, annotations: tuple[str, ...]) -> None:
    found = file(inner)

    assert found.unread == ()
    assert found.files[0].annotations == annotations


def test_report_annotations_are_an_open_set() -> None:
    found = report(
        "<incidentSummary><reportAnnotations><sextortion/><instrumentalUse>true</instrumentalUse>"
        "</reportAnnotations></incidentSummary>"
    )

    assert found.annotations == ("sextortion", "instrumentalUse")
    assert found.unread == ()


@pytest.mark.parametrize("attributes", ["", XSI])
@pytest.mark.parametrize("when", ["10:00:00Z", "15:30:00+05:30", "10:00:00.000Z"])
def test_xsi_and_zones_in_every_spelling(attributes: str, when: str) -> None:
    found = only(
        bundle(
            a=f"<report {attributes}><incidentSummary><incidentDateTime>2025-06-01T{when}"
            "</incidentDateTime></incidentSummary></report>"
        )
    )

    assert found.unread == ()
    assert found.incident_moment is not None
    assert found.incident_moment.utc is not None
    assert found.incident_moment.utc.isoformat() == "2025-06-01T10:00:00+00:00"


# --- people, files, the incident ----------------------------------------------------------------


def test_a_reported_user_becomes_a_party_with_its_identifiers() -> None:
    party = suspect(
        "<personOrUserReportedPerson><firstName>Ravi</firstName><lastName>Namuna</lastName>"
        '<phone type="Mobile" countryCallingCode="+91" verified="true"'
        ' verificationDate="2025-01-01T00:00:00Z">98100 12345</phone>'
        "<email>Ravi@Example.org</email><address type='Home'><address>1 Some Lane</address>"
        "<city>Delhi</city><zipCode>110001</zipCode><nonUsaState>Delhi</nonUsaState>"
        "<country>IN</country></address><age>34</age><dateOfBirth>1990-05-17</dateOfBirth>"
        "</personOrUserReportedPerson><espIdentifier>77</espIdentifier>"
        "<espService>Instagram, Inc.</espService><screenName>@Ravi.N</screenName>"
        "<displayName>R</displayName><displayName>N</displayName>"
        "<profileUrl>https://instagram.com/ravi.n/</profileUrl>"
        "<ipCaptureEvent><ipAddress>203.0.113.9</ipAddress><eventName>Login</eventName>"
        "<dateTime>2025-06-01T10:00:00Z</dateTime><possibleProxy>true</possibleProxy>"
        "<port>5123</port></ipCaptureEvent>"
        "<deviceId><idType>IMEI</idType><idValue>352099001761481</idValue></deviceId>"
        "<groupIdentifier>Some Group</groupIdentifier>"
        '<accountTemporarilyDisabled disabledDate="2025-06-02">true</accountTemporarilyDisabled>'
        "<estimatedLocation><city>Delhi</city><countryCode>IN</countryCode></estimatedLocation>"
        "<additionalInfo>Some words.</additionalInfo>"
    ).parties[0]

    assert (party.role, party.name, party.display_names) == (
        PartyRole.SUSPECT,
        "Ravi Namuna",
        ("R", "N"),
    )
    assert (party.date_of_birth, party.age) == (date(1990, 5, 17), 34)
    assert [(m.kind.value, m.value) for m in party.mentions] == [
        ("phone", "+919810012345"),
        ("email", "ravi@example.org"),
        ("account", "instagram:77"),
        ("screen-name", "instagram:ravi.n"),
        ("url", "instagram.com/ravi.n"),
        ("group", "some group"),
        ("ip", "203.0.113.9"),
        ("device", "imei:352099001761481"),
    ]
    phone, ip = party.mentions[0], party.mentions[6]
    assert phone.place == "report/personOrUserReported[1]/personOrUserReportedPerson/phone[1]"
    assert (phone.original, phone.label, phone.verified) == ("+91 98100 12345", "Mobile", True)
    assert (ip.event, ip.port, ip.possible_proxy) == ("Login", 5123, True)
    assert [(a.label, a.city, a.postal_code) for a in party.addresses] == [
        ("Home", "Delhi", "110001"),
        ("estimated", "Delhi", ""),
    ]
    assert "accountTemporarilyDisabled: true (disabledDate 2025-06-02)" in party.text


def test_what_cannot_be_read_as_a_day_or_age_stays_in_the_text() -> None:
    party = suspect(
        "<personOrUserReportedPerson><age>old</age><dateOfBirth>17 May</dateOfBirth>"
        "</personOrUserReportedPerson>"
    ).parties[0]

    assert party.date_of_birth is None
    assert party.age is None
    assert party.text == "dateOfBirth: 17 May\nage: old"


def test_an_account_tied_to_a_victim_never_links() -> None:
    found = report("<victim><victimPerson/><associatedAccount type='Linked'/></victim>")

    assert [party.role for party in found.parties] == [PartyRole.VICTIM, PartyRole.VICTIM]


def test_incidents_of_every_kind_give_identifiers() -> None:
    found = report(
        "<internetDetails><emailIncident><emailAddress>a@b.org</emailAddress><content>Hi</content>"
        "</emailIncident></internetDetails><internetDetails><chatImIncident>"
        "<chatClient>Kik</chatClient><chatRoomName>Some Room</chatRoomName></chatImIncident>"
        "</internetDetails><internetDetails><cellPhoneIncident><phoneNumber>9810012345"
        "</phoneNumber><latitude>28.6</latitude><longitude>77.2</longitude></cellPhoneIncident>"
        "</internetDetails><internetDetails><peer2peerIncident><ipCaptureEvent>"
        "<ipAddress>203.0.113.1</ipAddress></ipCaptureEvent><fileNames>a.bin</fileNames>"
        "</peer2peerIncident></internetDetails><internetDetails><nonInternetIncident>"
        "<locationName>Some Park</locationName></nonInternetIncident></internetDetails>"
    )

    assert [mention.value for mention in found.mentions] == [
        "a@b.org",
        "kik:some room",
        "+919810012345",
        "203.0.113.1",
    ]
    assert [address.label for address in found.addresses] == ["incident", "incident"]
    assert found.narrative.split("\n\n")[0] == "Hi"


def test_a_file_carries_hashes_and_what_was_said_of_it() -> None:
    found = file(
        "<fileId>ab</fileId><originalFileName>o.bin</originalFileName>"
        "<locationOfFile>https://x.org/f</locationOfFile><fileViewedByEsp>false</fileViewedByEsp>"
        "<fileRelevance>Supplemental Reported</fileRelevance>"
        "<industryClassification>B2</industryClassification>"
        '<originalFileHash hashType="MD5">AB12</originalFileHash>'
        "<ipCaptureEvent><ipAddress>203.0.113.1</ipAddress></ipCaptureEvent>"
        '<details type="EXIF"><nameValuePair><name>BodySerialNumber</name><value>99X</value>'
        "</nameValuePair></details>"
    ).files[0]

    assert (found.file_id, found.name, found.classification) == ("ab", "o.bin", "B2")
    assert found.viewed_by_provider is False
    assert found.publicly_available is None
    assert found.relevance == "Supplemental Reported"
    assert [mention.value for mention in found.mentions] == [
        "md5:ab12",
        "x.org/f",
        "203.0.113.1",
        "camera-serial:99x",
    ]


def test_a_batched_report_has_many_people_and_its_reason() -> None:
    found = report('<batchedReport reason="VIRAL_POTENTIAL_MEME"/>')

    assert found.batched_reason == "VIRAL_POTENTIAL_MEME"


@pytest.mark.parametrize(
    ("reporter", "user", "provider"),
    [
        pytest.param("<lastName>Facebook</lastName>", "", "Facebook", id="company as last name"),
        pytest.param(
            "<firstName>Some App</firstName><lastName>Pvt. Ltd.</lastName>",
            "",
            "Some App Pvt. Ltd.",
            id="legal form",
        ),
        pytest.param(
            "<firstName>Asha</firstName><lastName>Namuna</lastName>",
            "<espService>Snapchat</espService>",
            "Snapchat",
            id="service of the user",
        ),
        pytest.param(
            "<lastName>Namuna</lastName><email>a@mail.whatsapp.com</email>",
            "<espService>Other</espService><thirdPartyUserReported>true</thirdPartyUserReported>",
            "WhatsApp",
            id="domain, as the user is another company's",
        ),
        pytest.param("<email>a@some.example</email>", "", "some.example", id="unknown domain"),
        pytest.param(
            "<lastName>Namuna</lastName><email>a@gmail.com</email>", "", "Namuna", id="name"
        ),
    ],
)
def test_the_provider_is_the_first_thing_that_names_a_company(
    reporter: str, user: str, provider: str
) -> None:
    found = report(
        f"<reporter><reportingPerson>{reporter}</reportingPerson></reporter>"
        f"<personOrUserReported>{user}</personOrUserReported>"
    )

    assert found.provider == provider


def test_aadhaar_is_masked_in_prose_and_in_the_source_but_ids_stay_whole() -> None:
    found = suspect(
        "<espIdentifier>234567890124</espIdentifier>"
        "<additionalInfo>card 2345 6789 0124</additionalInfo><note>2345-6789-0124</note>"
    )

    assert values(found.parties[0].mentions, IdentifierKind.ACCOUNT) == [":234567890124"]
    assert found.parties[0].text == "card XXXX-XXXX-0124"
    assert found.source["report"]["personOrUserReported"]["note"] == "XXXX-XXXX-0124"


# --- which documents belong together ------------------------------------------------------------

REPORT = "<report><additionalInfo>{}</additionalInfo></report>"
FILE = "<fileDetails><reportId>{}</reportId><fileId>{}</fileId></fileDetails>"
RESPONSE = "<reportResponse><responseCode>0</responseCode><reportId>{}</reportId></reportResponse>"


def told(reading: Reading) -> list[tuple[str | None, str, list[str]]]:
    assert not reading.refused
    return sorted(
        (
            (one.report.number, one.report.narrative, [f.file_id for f in one.report.files])
            for one in reading.found
        ),
        key=str,
    )


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param(
            {"d__report": REPORT.format("a"), "d__file": FILE.format(195000123, "f")},
            [("195000123", "a", ["f"])],
            id="number from the file details beside it",
        ),
        pytest.param(
            {"d__report": REPORT.format("a"), "d__response": RESPONSE.format(195000123)},
            [("195000123", "a", [])],
            id="number from the response beside it",
        ),
        pytest.param(
            {"195000123__report": REPORT.format("a")}, [("195000123", "a", [])], id="folder"
        ),
        pytest.param({"195000123": REPORT.format("a")}, [("195000123", "a", [])], id="file name"),
        pytest.param(
            {"CyberTipline_195000123_report": REPORT.format("a")},
            [("195000123", "a", [])],
            id="number within a name",
        ),
        pytest.param(
            {"20250601__CTR195000123_20250601": REPORT.format("a")},
            [("195000123", "a", [])],
            id="a day is no number",
        ),
        pytest.param({"report": REPORT.format("a")}, [(None, "a", [])], id="no number anywhere"),
        pytest.param(
            {"195000999__file": FILE.format(195000123, "f")},
            [("195000123", "", ["f"])],
            id="file details alone; what is stated wins over a name",
        ),
        pytest.param(
            {
                "195000123": REPORT.format("a"),
                "195000124": REPORT.format("b"),
                "195000123_1": FILE.format(195000123, "f"),
                "195000124_1": FILE.format(195000124, "g"),
            },
            [("195000123", "a", ["f"]), ("195000124", "b", ["g"])],
            id="several reports by name",
        ),
        pytest.param(
            {
                "report_1": REPORT.format("a"),
                "report_2": REPORT.format("b"),
                "response_1": RESPONSE.format(195000123),
                "response_2": RESPONSE.format(195000124),
            },
            [("195000123", "a", []), ("195000124", "b", [])],
            id="several reports by their small digits",
        ),
        pytest.param(
            {"195000123": REPORT.format("a"), "195000124_f": FILE.format(195000124, "g")},
            [("195000123", "a", []), ("195000124", "", ["g"])],
            id="another report's file is not taken",
        ),
        pytest.param(
            {
                "all": "<batch>"
                + REPORT.format("a")
                + RESPONSE.format(195000123)
                + FILE.format(195000123, "f")
                + REPORT.format("b")
                + FILE.format(195000124, "g")
                + "</batch>"
            },
            [("195000123", "a", ["f"]), ("195000124", "b", ["g"])],
            id="several in one document, each with what follows",
        ),
        pytest.param(
            {
                "all": "<batch><tip>"
                + FILE.format(195000123, "f")
                + REPORT.format("a")
                + "</tip><tip>"
                + REPORT.format("b")
                + FILE.format(195000124, "g")
                + "</tip></batch>"
            },
            [("195000123", "a", ["f"]), ("195000124", "b", ["g"])],
            id="each in an element of its own, in any order",
        ),
        pytest.param(
            {"x__report": REPORT.format("a"), "x__195000123__report": REPORT.format("b")},
            [("195000123", "b", []), (None, "a", [])],
            id="folders are apart",
        ),
        pytest.param(
            {"195000123__a": REPORT.format("a"), "y__195000123": REPORT.format("a")},
            [("195000123", "a", [])],
            id="the same report twice is one",
        ),
    ],
)
def test_documents_are_joined_by_what_they_state(
    documents: dict[str, str], expected: list[tuple[str | None, str, list[str]]]
) -> None:
    assert told(bundle(**documents)) == sorted(expected, key=str)


def test_two_different_reports_of_one_number_are_both_kept() -> None:
    reading = bundle(a__195000123=REPORT.format("old"), b__195000123=REPORT.format("new"))

    assert [one.report.narrative for one in reading.found] == ["old", "new"]


def test_what_stands_around_reports_is_kept() -> None:
    found = only(bundle(a=f"<batch sent='x'><note>words</note>{REPORT.format('a')}</batch>"))

    assert found.source["around"] == [{"batch": {"@sent": "x", "note": "words"}}]


def test_responses_give_the_file_count_and_the_hash_of_an_upload() -> None:
    found = only(
        bundle(
            d__report=REPORT.format("a"),
            d__upload="<reportResponse><responseCode>0</responseCode><reportId>195000123</reportId>"
            "<fileId>f1</fileId><hash>AB</hash></reportResponse>",
            d__done="<reportDoneResponse><responseCode>0</responseCode><reportId>195000123"
            "</reportId><files><fileId>f1</fileId><fileId>f2</fileId></files></reportDoneResponse>",
        )
    )

    assert found.stated_file_count == 2
    assert found.files[0].file_id == "f1"
    assert found.files[0].mentions[0].value == "md5:ab"
    assert found.files[0].mentions[0].provenance is Provenance.NCMEC


# --- hostile input ------------------------------------------------------------------------------

ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><report>&x;</report>',
            "document type",
            id="external entity",
        ),
        pytest.param(
            f"<!DOCTYPE r [{ENTITIES}]><report>&e9;</report>".encode(), "document type", id="laughs"
        ),
        pytest.param(
            b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><report/>', "document type", id="dtd"
        ),
        pytest.param(b"<report>" + b"<a>" * 100_000, "nested deeper", id="deep"),
        pytest.param(b"<report><incidentSummary>", "not well-formed", id="truncated"),
        pytest.param(b"<report>&nope;</report>", "not well-formed", id="undefined entity"),
        pytest.param(b"<report>&#0;</report>", "not well-formed", id="nul reference"),
        pytest.param(b"<report>" + b"x" * 90 + b"\0</report>", "not well-formed", id="nul"),
        pytest.param(
            b"<?xml version='1.0' encoding='utf-8'?><report>\xe9 \xe9</report>",
            "not well-formed",
            id="wrong encoding",
        ),
        pytest.param(
            b"<?xml version='1.0' encoding='no-such'?><report/>", "not well-formed", id="unknown"
        ),
        pytest.param(b"<html><p>words</p></html>", "no report", id="another document"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"<report/><report/>", "not well-formed", id="two roots"),
    ],
)
def test_hostile_xml_is_refused_with_a_reason_and_the_rest_goes_on(
    data: bytes, reason: str
) -> None:
    good = SourceDocument(name="195000124.xml", data=b"<report/>")

    reading = read_bundle([SourceDocument(name="195000123.xml", data=data), good])

    assert [one.report.number for one in reading.found] == ["195000124"]
    assert [refusal.document for refusal in reading.refused] == ["195000123.xml"]
    assert reason in reading.refused[0].reason
    assert reading.refused[0].number == "195000123"


def test_a_refusal_names_the_element() -> None:
    reading = bundle(
        a="<report><reporter><reportingPerson>&x;</reportingPerson></reporter></report>"
    )

    assert reading.refused[0].place == "report/reporter/reportingPerson"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_declared_and_marked_encodings_are_read(encoding: str) -> None:
    declared = "iso-8859-1" if encoding == "iso-8859-1" else encoding.removesuffix("-sig")
    text = f"<?xml version='1.0' encoding='{declared}'?>{REPORT.format('é')}"

    reading = read_bundle([SourceDocument(name="a.xml", data=text.encode(encoding))])

    assert only(reading).narrative == "é"


def test_very_long_fields_are_read() -> None:
    long = "234567890124 " * 100_000

    found = suspect(
        f"<screenName>{long}</screenName><additionalInfo>{long}</additionalInfo>"
        f"<ipCaptureEvent><ipAddress>{long}</ipAddress><port>{long}</port></ipCaptureEvent>"
    )

    assert len(found.parties[0].mentions) == 2
    assert "234567890124" not in found.parties[0].text


def test_thousands_of_files_and_captures_are_read() -> None:
    capture = "<ipCaptureEvent><ipAddress>203.0.113.1</ipAddress></ipCaptureEvent>"
    files = "".join(FILE.format(195000123, n) for n in range(5_000))

    found = only(
        bundle(
            a=f"<batch><report><personOrUserReported>{capture * 2_000}</personOrUserReported>"
            f"</report>{files}</batch>"
        )
    )

    assert len(found.files) == 5_000
    assert len(found.parties[0].mentions) == 2_000
