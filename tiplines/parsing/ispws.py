"""Every element and attribute of NCMEC's reporting schema ("ispws") that the reader knows.

One table, in the order of the schema, to be compared with its documentation. Where schema,
documentation and real clients disagree, all spellings are listed; the line says `both`.
Elements outside the table are kept in the source and named in `TipReport.unread`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What an element may hold."""

    children: Mapping[str, Shape] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    is_prose: bool = False
    """Sentences: Aadhaar numbers in them are masked. Ids, hashes, numbers are left whole."""
    takes_any_flag: bool = False
    """The set of empty children is open: each is an annotation, known or not."""


def attributes(names: str) -> frozenset[str]:
    return frozenset(names.split())


def element(fields: str = "", *, attrs: str = "", prose: str = "", **parts: Shape) -> Shape:
    """Return the shape of an element: plain and prose children by name, others by their shape."""
    children = dict.fromkeys(fields.split(), FIELD)
    children.update(dict.fromkeys(prose.split(), PROSE))
    children.update(parts)
    return Shape(children=children, attributes=attributes(attrs))


FIELD = Shape()
PROSE = Shape(is_prose=True)
FLAGS = Shape(takes_any_flag=True)

# --- shared types -------------------------------------------------------------------------------

VERIFIED = "verified verificationDate"
PHONE = Shape(attributes=attributes(f"type {VERIFIED} countryCallingCode extension"))
EMAIL = Shape(attributes=attributes(f"type {VERIFIED}"))
ADDRESS = element("city zipCode state nonUsaState country", attrs="type", prose="address")
CONTACT_PERSON = element("firstName lastName", phone=PHONE, email=EMAIL, address=ADDRESS)
PERSON = element(
    "firstName lastName age ageAssertionDiscrepancy dateOfBirth",
    phone=PHONE,
    email=EMAIL,
    address=ADDRESS,
)
IP_CAPTURE = element("ipAddress eventName dateTime possibleProxy port")
DEVICE = element("idType idValue eventName dateTime")
ESTIMATED_LOCATION = element("city region countryCode", attrs="verified timestamp")
DISABLED_FOR_A_TIME = Shape(
    attributes=attributes("disabledDate userNotified userNotifiedDate reenabledDate")
)
DISABLED_FOR_GOOD = Shape(attributes=attributes("disabledDate userNotified userNotifiedDate"))

ASSOCIATED_ACCOUNT = element(
    "firstName middleName lastName approximateAge age dateOfBirth ageAssertionDiscrepancy"
    " allEmailsReported espService espIdentifier profileUrl screenName displayName groupIdentifier"
    " compromisedAccount"
    " thirdPartyUser"  # both: below platform in the documentation
    " accountType"  # both
    " priorCTReport priorCTReports",  # both
    prose="profileBio additionalInfo",
    attrs="type accountType thirdPartyUser",  # both: kind, and the mark of a third party
    platform=Shape(children={"thirdPartyUser": FIELD}, attributes=attributes("thirdPartyUser")),
    phone=PHONE,
    email=EMAIL,
    address=ADDRESS,
    accountTemporarilyDisabled=DISABLED_FOR_A_TIME,
    accountPermanentlyDisabled=DISABLED_FOR_GOOD,
    ipCaptureEvent=IP_CAPTURE,
    deviceId=DEVICE,
    estimatedLocation=ESTIMATED_LOCATION,
)


def reported_user(person: str, extra: str = "") -> Shape:
    """Return what reported users, recipients and victims have in common, with their own fields."""
    shape = element(
        "espIdentifier espService compromisedAccount screenName displayName profileUrl"
        f" priorCTReports priorCTReport groupIdentifier allEmailsReported {extra}",  # both
        prose="profileBio additionalInfo vehicleDescription",
        ipCaptureEvent=IP_CAPTURE,
        deviceId=DEVICE,
        accountTemporarilyDisabled=DISABLED_FOR_A_TIME,
        accountPermanentlyDisabled=DISABLED_FOR_GOOD,
        estimatedLocation=ESTIMATED_LOCATION,
        associatedAccount=ASSOCIATED_ACCOUNT,
    )
    return Shape(children={**shape.children, person: PERSON}, attributes=shape.attributes)


# --- report -------------------------------------------------------------------------------------

INTERNET_DETAILS = element(
    webPageIncident=element("url", attrs="thirdPartyHostedContent", prose="additionalInfo"),
    emailIncident=element(prose="content additionalInfo", emailAddress=EMAIL),
    newsgroupIncident=element("name", prose="content additionalInfo", emailAddress=EMAIL),
    chatImIncident=element("chatClient chatRoomName", prose="content additionalInfo"),
    onlineGamingIncident=element("gameName console", prose="content additionalInfo"),
    cellPhoneIncident=element("latitude longitude", prose="additionalInfo", phoneNumber=PHONE),
    nonInternetIncident=element(prose="locationName additionalInfo", incidentAddress=ADDRESS),
    peer2peerIncident=element(
        "client", prose="fileNames additionalInfo", ipCaptureEvent=IP_CAPTURE
    ),
)

REPORT = element(
    prose="additionalInfo",
    batchedReport=Shape(attributes=attributes("reason")),
    incidentSummary=element(
        "incidentType platform incidentDateTime",
        prose="escalateToHighPriority incidentDateTimeDescription",
        reportAnnotations=FLAGS,
    ),
    internetDetails=INTERNET_DETAILS,
    lawEnforcement=element(
        "agencyName caseNumber reportedToLe servedLegalProcessDomestic fleaCountry",
        attrs="fleaCountry",  # both
        officerContact=CONTACT_PERSON,
        servedLegalProcessInternational=Shape(attributes=attributes("fleaCountry")),  # both
    ),
    reporter=element(
        "legalURL",
        prose="companyTemplate termsOfService",
        reportingPerson=PERSON,
        contactPerson=CONTACT_PERSON,
    ),
    personOrUserReported=reported_user("personOrUserReportedPerson", "thirdPartyUserReported"),
    intendedRecipient=reported_user("intendedRecipientPerson"),
    victim=reported_user("victimPerson", "schoolName"),
)

# --- the documents beside a report --------------------------------------------------------------

FILE_DETAILS = element(
    "reportId fileId fileName originalFileName uploadedToEspTimestamp locationOfFile"
    " fileViewedByEsp exifViewedByEsp publiclyAvailable fileRelevance"
    " potentialMeme industryClassification",  # both: potentialMeme here or as an annotation
    prose="additionalInfo",
    fileAnnotations=FLAGS,
    originalFileHash=Shape(attributes=attributes("hashType")),
    ipCaptureEvent=IP_CAPTURE,
    deviceId=DEVICE,
    details=element(
        attrs="type",
        nameValuePair=element("name type", attrs="type", prose="value"),  # both: type
    ),
)
REPORT_RESPONSE = element("responseCode responseDescription reportId fileId hash")
REPORT_DONE_RESPONSE = element("responseCode responseDescription reportId", files=element("fileId"))

ROOTS: Mapping[str, Shape] = {
    "report": REPORT,
    "fileDetails": FILE_DETAILS,
    "reportResponse": REPORT_RESPONSE,
    "reportDoneResponse": REPORT_DONE_RESPONSE,
}
