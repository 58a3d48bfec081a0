"""Every name of the police-side JSON that the reader knows, and the copy of it that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tiplines.parsing import aadhaar, normalising
from tiplines.parsing.ispws import FIELD, PROSE, Shape, element
from tiplines.parsing.limits import JSON_DEPTH_AT_MOST, UNREAD_PATHS_AT_MOST, UnreadableReport

VALUES = Shape(children={"value": PROSE}, is_prose=True)  # "text", {"value": "text"} or a list
CAPTURES = element(
    sourceCaptures=element("captureType value eventName dateTime port possibleProxy")
)
ADDRESSES = element(
    addresses=element("city state postalCode country type", prose="street1 street2")
)
VERIFIED = element("value verified verifiedDate type")
PERSON_FACTS = [
    "gender",
    "preferredPronouns",
    "physicalDescription",
    "vehicleDescription",
    "occupation",
    "relationshipToReporter",
    "relationshipToChildVictim",
    "accessToChildVictim",
    "accessToChildren",
    "accessToFirearms",
    "convictedSexOffender",
    "awareOfReport",
    "gangAffiliation",
    "languages",
    "races",
    "disabilities",
    "additionalDisabilityInformation",
    "additionalContactInformation",
]
# Of these, prose that may name a way to reach somebody.
MINED_FACTS = ("vehicleDescription", "additionalContactInformation", "additionalInformations")
PERSON = Shape(
    children={
        **dict.fromkeys(PERSON_FACTS, VALUES),
        **element(
            "firstName middleName lastName preferredName dateOfBirth approximateAge"
            " vehicleTagNumber espService espUserId ipAddress",
            screenName=element("value"),
            emails=element(emails=VERIFIED),
            phones=element(phones=VERIFIED),
            addresses=ADDRESSES,
            sourceInformation=CAPTURES,
            additionalInformations=VALUES,
        ).children,
    }
)
INCIDENT = element(
    "url chatClient chatRoomName gameName console name client phoneNumber latitude longitude"
    " emailAddress",
    prose="fileNames locationName",
    emails=element(emails=VERIFIED),
    phones=element(phones=VERIFIED),
    addresses=ADDRESSES,
    sourceInformation=CAPTURES,
    additionalInformations=VALUES,
    contents=VALUES,
    content=VALUES,
)
INCIDENT_PROSE = ("contents", "content", "additionalInformations")
INCIDENTS = dict.fromkeys(
    [
        "webpageIncident",
        "emailIncident",
        "newsgroupIncident",
        "chatIncident",
        "chatImIncident",
        "onlineGamingIncident",
        "cellPhoneIncident",
        "nonInternetIncident",
        "peer2peerIncident",
    ],
    INCIDENT,
)
FILE = element(
    "filename originalFilename submittalId verificationHash viewedByEsp publiclyAvailable"
    " industryClassification",
    sourceInformation=CAPTURES,
    ncmecTags=element(groups=element("name", tags=element("value"))),
    espMetadata=element(metadatas=element("name", prose="value")),
    additionalInformations=VALUES,
)
REPORT = element(
    "reportId dateReceived",
    reportedInformation=element(
        reportingEsp=element("espName firstName lastName"),
        incidentSummary=element(
            "incidentType incidentDateTime platform", prose="incidentDateTimeDescription"
        ),
        incidentDetails=Shape(children=INCIDENTS),
        reportedPeople=element(reportedPersons=PERSON),
        intendedRecipients=element(intendedRecipients=PERSON),
        victims=element(victims=PERSON),
        uploadedFiles=element(uploadedFiles=FILE),
        additionalInformations=VALUES,
    ),
)


def cleaned(value: Any, shape: Shape | None, path: str, unread: set[str], *, depth: int) -> Any:
    """Return a copy to be stored, and note the paths that the reader does not know."""
    if depth > JSON_DEPTH_AT_MOST:
        raise UnreadableReport(f"nested deeper than {JSON_DEPTH_AT_MOST} levels", place=path[:200])
    if isinstance(value, str):
        text = normalising.storable(value)
        if shape is None:
            return aadhaar.masked_unknown(path, text)
        return aadhaar.mask_aadhaar(text) if shape.is_prose else text
    if isinstance(value, list):
        return [cleaned(entry, shape, path, unread, depth=depth + 1) for entry in value]
    if not isinstance(value, dict):
        return value
    known: Mapping[str, Shape] = shape.children if shape is not None else {}
    found: dict[str, Any] = {}
    for name, child in value.items():
        name = normalising.storable(name)
        inner = f"{path}/{name}" if path else name
        child_shape = known.get(name)
        if child_shape is None:
            if name == "value" and shape in (FIELD, PROSE):
                child_shape = shape
            elif len(unread) < UNREAD_PATHS_AT_MOST:
                unread.add(inner)
        found[name] = cleaned(child, child_shape, inner, unread, depth=depth + 1)
    return found
