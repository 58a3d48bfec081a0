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
    Reading,
    SourceDocument,
    TipReport,
)

DATA = Path(__file__).parent / "data"
REPORT = "<report><additionalInfo>{}</additionalInfo></report>"
FILE = "<fileDetails><reportId>{}</reportId><fileId>{}</fileId></fileDetails>"
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
