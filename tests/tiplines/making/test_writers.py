"""The writers: well-formed documents whose elements stand in the order of the schema."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from tiplines.making.json_writer import BYTE_ORDER_MARK, write_json
from tiplines.making.list_writer import LAYOUTS, CsvList, ListLayout
from tiplines.making.moments import iso_text
from tiplines.making.reports import (
    AssociatedAccount,
    Device,
    Disabling,
    Email,
    EstimatedLocation,
    FileMetadata,
    IncidentDetail,
    IncidentKind,
    IpCapture,
    MadeFile,
    MadeMoment,
    MadeParty,
    MadeReport,
    Person,
    Phone,
    PoliceInvolved,
    PostalAddress,
    Reporter,
    ZoneStyle,
)
from tiplines.making.world import make_reports
from tiplines.making.xml_writer import write_documents, write_done_response

NOON = datetime(2025, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC)
AT = MadeMoment(NOON)

# The sequences of the schema, as in the notes on the provider's format.
ACCOUNT = (
    "espIdentifier espService compromisedAccount screenName displayName profileUrl profileBio"
    " ipCaptureEvent deviceId"
)
STATE = "accountTemporarilyDisabled accountPermanentlyDisabled estimatedLocation allEmailsReported"
PERSON = "firstName lastName phone email address age ageAssertionDiscrepancy dateOfBirth"
ORDER = {
    name: line.split()
    for name, line in {
        "report": "batchedReport incidentSummary internetDetails lawEnforcement reporter"
        " personOrUserReported intendedRecipient victim additionalInfo",
        "incidentSummary": "incidentType platform escalateToHighPriority reportAnnotations"
        " incidentDateTime incidentDateTimeDescription",
        "webPageIncident": "url additionalInfo",
        "emailIncident": "emailAddress content additionalInfo",
        "newsgroupIncident": "name emailAddress content additionalInfo",
        "chatImIncident": "chatClient chatRoomName content additionalInfo",
        "onlineGamingIncident": "gameName console content additionalInfo",
        "cellPhoneIncident": "phoneNumber latitude longitude additionalInfo",
        "nonInternetIncident": "locationName incidentAddress additionalInfo",
        "peer2peerIncident": "client ipCaptureEvent fileNames additionalInfo",
        "lawEnforcement": "agencyName caseNumber officerContact reportedToLe"
        " servedLegalProcessDomestic servedLegalProcessInternational",
        "reporter": "reportingPerson contactPerson companyTemplate termsOfService legalURL",
        "personOrUserReported": f"personOrUserReportedPerson vehicleDescription {ACCOUNT}"
        f" thirdPartyUserReported priorCTReports groupIdentifier {STATE} associatedAccount"
        " additionalInfo",
        "intendedRecipient": f"intendedRecipientPerson {ACCOUNT} priorCTReports groupIdentifier"
        f" {STATE} additionalInfo",
        "victim": f"victimPerson {ACCOUNT} schoolName priorCTReports {STATE} associatedAccount"
        " additionalInfo",
        "reportingPerson": PERSON,
        "contactPerson": "firstName lastName phone email address",
        "officerContact": "firstName lastName phone email address",
        "personOrUserReportedPerson": PERSON,
        "intendedRecipientPerson": PERSON,
        "victimPerson": PERSON,
        "address": "address city zipCode state nonUsaState country",
        "incidentAddress": "address city zipCode state nonUsaState country",
        "estimatedLocation": "city region countryCode",
        "ipCaptureEvent": "ipAddress eventName dateTime possibleProxy port",
        "deviceId": "idType idValue eventName dateTime",
        "associatedAccount": "platform firstName middleName lastName approximateAge dateOfBirth"
        " phone email allEmailsReported address espService espIdentifier profileUrl screenName"
        " displayName profileBio groupIdentifier compromisedAccount accountTemporarilyDisabled"
        " accountPermanentlyDisabled ipCaptureEvent deviceId priorCTReport additionalInfo",
        "fileDetails": "reportId fileId fileName originalFileName uploadedToEspTimestamp"
        " locationOfFile fileViewedByEsp exifViewedByEsp publiclyAvailable fileRelevance"
        " potentialMeme fileAnnotations industryClassification originalFileHash ipCaptureEvent"
        " deviceId details additionalInfo",
        "nameValuePair": "name value",
        "reportResponse": "responseCode responseDescription reportId fileId hash",
        "reportDoneResponse": "responseCode reportId files",
    }.items()
}


def full_report() -> MadeReport:
    """A report in which every field of the schema has a value."""
    capture = IpCapture(ip="192.0.2.7", event="Login", at=AT, possible_proxy=False, port=40_000)
    device = Device(id_type="IMEI", id_value="001234567890123", event="Login", at=AT)
    email = Email(address="a&b@example.com", kind="Home", verified=True, verified_at=AT)
    phone = Phone(
        number="6660000001",
        kind="Mobile",
        calling_code="+91",
        extension="12",
        verified=True,
        verified_at=AT,
    )
    address = PostalAddress(
        text='1 "A" <B>',
        city="Delhi",
        postal_code="110001",
        us_state="TX",
        other_state="Delhi",
        country="IN",
        kind="Home",
    )
    person = Person(
        first_name="अमित",
        last_name="O'Neil & Co",
        phones=(phone,),
        emails=(email,),
        addresses=(address,),
        age=30,
        age_discrepancy=True,
        date_of_birth=date(1995, 1, 2),
    )
    state = Disabling(disabled_at=AT, user_notified=True, user_notified_at=AT, reenabled_at=AT)
    account = AssociatedAccount(
        kind="Linked",
        platform="Example Chat",
        third_party=True,
        first_name="A",
        middle_name="B",
        last_name="C",
        approximate_age=30,
        phones=(phone,),
        emails=(email,),
        all_emails_reported=True,
        addresses=(address,),
        service="Chat",
        account_id="1",
        profile_urls=("https://example.com/1",),
        screen_name="abc",
        display_names=("A", "B"),
        profile_bio="bio",
        group_id="g",
        compromised=False,
        disabled_for_a_time=state,
        disabled_for_good=state,
        ips=(capture,),
        devices=(device,),
        prior_reports=(989_000_001, 989_000_002),
        additional_info="more",
    )
    party = MadeParty(
        person=person,
        vehicle_description="car",
        account_id="1",
        service="Chat",
        compromised=True,
        screen_name="abc",
        display_names=("A", "B"),
        profile_urls=("https://example.com/1",),
        profile_bio="bio",
        ips=(capture, capture),
        devices=(device,),
        school_name="School",
        third_party_user=False,
        prior_reports=(989_000_001,),
        group_id="g",
        disabled_for_a_time=state,
        disabled_for_good=state,
        estimated_location=EstimatedLocation(
            city="Delhi", region="Delhi", country_code="IN", verified=False, at=AT
        ),
        all_emails_reported=True,
        associated_accounts=(account,),
        additional_info=("one", "two"),
    )
    incidents = tuple(
        IncidentDetail(
            kind=kind,
            third_party_hosted=True,
            urls=("https://example.com/p?a=1&b=2",),
            emails=(email,),
            name="name",
            room="room",
            phone=phone,
            latitude=28.6,
            longitude=77.2,
            addresses=(address,),
            ips=(capture,),
            file_names="a\nb",
            content="text",
            additional_info="more",
        )
        for kind in IncidentKind
    )
    file = MadeFile(
        file_id="0" * 32,
        file_name="a.jpg",
        original_name="b.jpg",
        uploaded_at=AT,
        location="https://example.com/b.jpg",
        viewed=True,
        exif_viewed=True,
        public=False,
        relevance="Reported",
        annotations=("viral", "generativeAi"),
        classification="B2",
        hashes=(("MD5", "0" * 32), ("PDQ", "1" * 64)),
        ip=capture,
        devices=(device,),
        metadata=(FileMetadata(kind="EXIF", pairs=(("Make", "M"), ("Model", "N"))),),
        additional_info=("one", "two"),
    )
    return MadeReport(
        number=990_000_001,
        provider="Facebook",
        incident_type="Child Sex Tourism",
        incident_at=AT,
        reporter=Reporter(
            person=person,
            contact=person,
            company_template="template",
            terms_of_service="terms",
            legal_url="https://example.com/legal",
            product="Product",
        ),
        received_at=AT,
        platform="Facebook",
        escalation="reason",
        annotations=("sextortion", "spam"),
        incident_note="note",
        batched_reason="VIRAL_POTENTIAL_MEME",
        incidents=incidents,
        police=PoliceInvolved(
            agency="Agency",
            case_number="1",
            officer=person,
            reported_to_police=True,
            served_domestic=True,
            served_international=True,
            served_country="IN",
        ),
        reported=(party,),
        recipients=(party,),
        victims=(party,),
        additional_info="text",
        files=(file,),
    )


def roots(report: MadeReport) -> Iterator[Element]:
    for _, data in write_documents(report):
        yield fromstring(data)
    yield fromstring(write_done_response(report))


def misplaced(root: Element) -> list[str]:
    """Name the elements whose children are unknown or stand in another order."""
    found = []
    for element in root.iter():
        if len(element) and element.tag in ORDER:
            order = ORDER[element.tag]
            children = [child.tag for child in element]
            if set(children) - set(order) or children != sorted(children, key=order.index):
                found.append(f"{element.tag}: {children}")
    return found


def test_a_full_report_uses_every_element_of_the_schema_in_order() -> None:
    used: dict[str, set[str]] = {}
    for root in roots(full_report()):
        assert misplaced(root) == []
        for element in root.iter():
            used.setdefault(element.tag, set()).update(child.tag for child in element)

    unused = {
        f"{name}/{child}"
        for name, children in ORDER.items()
        for child in children
        if child not in used[name]
    }
    assert unused == {
        "fileDetails/potentialMeme",  # a choice: either this or fileAnnotations
        "associatedAccount/dateOfBirth",  # a choice: either this or approximateAge
        "reportResponse/fileId",
        "reportResponse/hash",
    }


def test_made_reports_are_well_formed_and_in_order() -> None:
    for report, _ in make_reports(1_500, seed=4):
        for root in roots(report):
            assert misplaced(root) == []


def test_a_report_has_its_number_in_the_response_and_in_every_file() -> None:
    report = full_report()

    documents = dict(write_documents(report))

    assert list(documents) == ["report.xml", "reportResponse.xml", "fileDetails-1.xml"]
    assert fromstring(documents["report.xml"]).find(".//reportId") is None
    for name in ("reportResponse.xml", "fileDetails-1.xml"):
        assert fromstring(documents[name]).findtext("reportId") == "990000001"


def test_text_survives_markup_quotes_and_line_ends() -> None:
    awkward = "a & b < c > d \" ' \r\n end"
    report = MadeReport(
        number=990_000_001,
        provider="X",
        incident_type="Child Sex Tourism",
        incident_at=AT,
        reporter=Reporter(person=Person()),
        received_at=AT,
        batched_reason=awkward.replace("\r\n", "\t"),
        additional_info=awkward,
    )

    root = next(roots(report))

    assert root.findtext("additionalInfo") == awkward
    batched = root.find("batchedReport")
    assert batched is not None
    assert batched.get("reason") == report.batched_reason


@pytest.mark.parametrize(
    ("style", "text"),
    [
        pytest.param(ZoneStyle.UTC, "2025-06-01T12:00:00Z", id="UTC"),
        pytest.param(ZoneStyle.FRACTION, "2025-06-01T12:00:00.250Z", id="milliseconds"),
        pytest.param(ZoneStyle.INDIA, "2025-06-01T17:30:00+05:30", id="Indian time"),
        pytest.param(ZoneStyle.UNSTATED, "2025-06-01T12:00:00", id="no zone"),
    ],
)
def test_a_moment_is_written_as_its_sender_does(style: ZoneStyle, text: str) -> None:
    assert iso_text(MadeMoment(NOON, style)) == text


def test_json_says_who_what_and_when() -> None:
    whole = json.loads(write_json(full_report()).removeprefix(BYTE_ORDER_MARK))

    said = whole["reportedInformation"]
    person = said["reportedPeople"]["reportedPersons"][0]
    captures = person["sourceInformation"]["sourceCaptures"]
    assert whole["reportId"] == 990_000_001
    assert said["reportingEsp"]["espName"] == "Facebook"
    assert person["phones"]["phones"][0] == {"value": "+916660000001", "verified": True}
    assert {"IP Address", "Profile URL", "IMEI"} == {one["captureType"] for one in captures}
    assert next(one for one in captures if one["captureType"] == "IP Address") == {
        "captureType": "IP Address",
        "value": "192.0.2.7",
        "eventName": "LOGIN",
        "dateTime": "2025-06-01T12:00:00Z",
        "port": 40_000,
    }
    assert said["uploadedFiles"]["uploadedFiles"][0]["verificationHash"] == "0" * 32


def test_json_senders_differ_in_mark_and_in_empty_containers() -> None:
    documents = [write_json(report) for report, _ in make_reports(400, seed=8)]

    marked = sum(data.startswith(BYTE_ORDER_MARK) for data in documents)
    said = [
        json.loads(data.removeprefix(BYTE_ORDER_MARK))["reportedInformation"] for data in documents
    ]
    assert 0 < marked < len(documents)
    assert any(one.get("victims", "left out") is None for one in said)
    assert any("victims" not in one for one in said)
    assert any(one.get("victims") == {} for one in said)


@pytest.mark.parametrize("layout", LAYOUTS, ids=[layout.sheet for layout in LAYOUTS])
def test_a_list_has_one_row_per_report_under_its_header(layout: ListLayout) -> None:
    reports = [report for report, _ in make_reports(60, seed=9)]
    out = io.BytesIO()

    covering = CsvList(out, layout)
    for report in reports:
        covering.add(report)
    covering.close()

    lines = out.getvalue().decode("utf-8-sig").splitlines()
    rows = lines[2:] if layout.title else lines[1:]
    assert lines[1 if layout.title else 0].split(",") == layout.header
    assert [row.split(",")[0] for row in rows] == [str(report.number) for report in reports]
