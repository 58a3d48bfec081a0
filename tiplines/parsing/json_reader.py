"""Police-side JSON, as IDS and the case management tool hand it out.

No schema is public and "no consistency" is promised: any container may be null, missing, a list
where one value is usual, or one value where a list is. `source` is the object itself, with Aadhaar
numbers in prose masked and characters that no database text can hold replaced by U+FFFD.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tiplines.parsing import normalising
from tiplines.parsing.bundling import number_in_name
from tiplines.parsing.ispws import FIELD, PROSE, Shape, element
from tiplines.parsing.limits import (
    JSON_DEPTH_AT_MOST,
    UNREAD_PATHS_AT_MOST,
    UnreadableReport,
    check_size,
)
from tiplines.parsing.records import (
    Address,
    FileRecord,
    Found,
    IdentifierKind,
    Mention,
    Party,
    PartyRole,
    Refusal,
    SourceDocument,
    TipReport,
)
from tiplines.parsing.xml_reader import CAMERA_SERIALS, INCIDENT_FACTS, coordinate

FORMAT = "json"

# --- what the reader knows ----------------------------------------------------------------------

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
EVENTS = {
    event.upper(): event
    for event in (
        "Login",
        "Registration",
        "Purchase",
        "Upload",
        "Other",
        "Unknown",
    )
}
PEOPLE = (
    ("reportedPeople", "reportedPersons", PartyRole.SUSPECT),
    ("intendedRecipients", "intendedRecipients", PartyRole.RECIPIENT),
    ("victims", "victims", PartyRole.VICTIM),  # by the pattern of the others
)
DEVICE_WORDS = [
    "device",
    "imei",
    "iccid",
    "imsi",
    "ssid",
    "mac",
    "serial",
    "android",
    "idfa",
    "idfv",
    "gaid",
    "udid",
    "advertising",
]
HASH_NAMES = frozenset(
    {
        "md5",
        "sha1",
        "sha256",
        "sha512",
        "pdq",
        "photodna",
    }
)
NUMBER_DIGITS_AT_MOST = 20


# --- documents ----------------------------------------------------------------------------------


def read_json_document(document: SourceDocument) -> tuple[list[Found], list[Refusal]]:
    """Return every report of a document: one object, a list of them, or one a line.

    Raises UnreadableReport when the document as a whole is not JSON; one bad line or entry is
    refused by itself.
    """
    check_size(document.data)
    text = _decoded(document.data)
    found: list[Found] = []
    refused: list[Refusal] = []
    for place, entry in _entries(text):
        try:
            value = _parsed(entry) if isinstance(entry, str) else entry
            report = read_object(value, name=document.name)
        except UnreadableReport as error:
            where = "/".join(filter(None, (place, error.place)))
            refused.append(
                Refusal(
                    document=document.name, reason=error.reason, place=where, number=error.number
                )
            )
        else:
            found.append(Found(report=report, documents=(document.name,)))
    if not found and not refused:
        raise UnreadableReport("the list of reports is empty")
    return found, refused


def _entries(text: str) -> Iterable[tuple[str, Any]]:
    """Yield (place, text of one object) for objects by line, else (place, object)."""
    lines = [(n, line.strip()) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if (
        len(lines) > 1
        and lines[0][1].startswith("{")
        and lines[0][1].endswith("}")
        and lines[1][1].startswith("{")
    ):
        yield from ((f"line {n}", line) for n, line in lines)
        return
    value = _parsed(text)
    if isinstance(value, list):
        yield from ((f"[{n}]", entry) for n, entry in enumerate(value, 1))
    else:
        yield "", value


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as broken:
        raise UnreadableReport(f"not {encoding} text at byte {broken.start}") from broken


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_such_number,
            parse_float=_finite,
        )
    except RecursionError as deep:
        raise UnreadableReport("nested too deep to be read") from deep
    except json.JSONDecodeError as broken:
        place = f"line {broken.lineno}, column {broken.colno}"
        raise UnreadableReport(f"not JSON: {broken.msg}", place=place) from broken
    except ValueError as broken:  # a number of thousands of digits
        raise UnreadableReport(f"not JSON: {broken}") from broken


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, times in Counter(n for n, _ in pairs).items() if times > 1)
        raise UnreadableReport("the same name stands twice in one object", place=twice[:100])
    return found


def _no_such_number(text: str) -> Any:
    raise UnreadableReport(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise UnreadableReport(f"the number {text[:30]} is too large")
    return value


# --- one report ---------------------------------------------------------------------------------


def read_object(value: Any, *, name: str) -> TipReport:
    """Return the report of one JSON object; `name`, the document's, is asked only without an id.

    Raises UnreadableReport if it is no report.
    """
    if not isinstance(value, dict):
        raise UnreadableReport("an object was expected here")
    if "reportId" not in value and "reportedInformation" not in value:
        raise UnreadableReport("neither reportId nor reportedInformation: not a report")
    unread: set[str] = set()
    source = _cleaned(value, REPORT, "", unread, depth=0)
    number = _number(source.get("reportId")) or number_in_name(name)
    told = _object(source.get("reportedInformation"))
    summary = _object(told.get("incidentSummary"))
    reporter = _object(told.get("reportingEsp"))
    reporter_name = _name(reporter)
    provider = _text(reporter.get("espName")) or reporter_name
    moment = _text(summary.get("incidentDateTime"))
    received = _text(source.get("dateReceived"))
    base = "reportedInformation"

    parties = [
        _person(node, place=f"{base}/{outer}/{inner}[{n}]", role=role, provider=provider)
        for outer, inner, role in PEOPLE
        for n, node in enumerate(_items(told.get(outer), inner), 1)
    ]
    if reporter:
        parties.append(
            Party(role=PartyRole.REPORTER, place=f"{base}/reportingEsp", name=reporter_name)
        )
    mentions, places, tales = _incidents(_object(told.get("incidentDetails")), provider)
    tales += _prose(told.get("additionalInformations"))
    return TipReport(
        number=number,
        format=FORMAT,
        provider=provider,
        platform=_text(summary.get("platform")),
        incident_type=_text(summary.get("incidentType")),
        incident_moment=normalising.moment(moment) if moment else None,
        incident_moment_note=_text(summary.get("incidentDateTimeDescription")),
        received_moment=normalising.moment(received) if received else None,
        parties=tuple(parties),
        files=tuple(
            _file(node, place=f"{base}/uploadedFiles/uploadedFiles[{n}]")
            for n, node in enumerate(_items(told.get("uploadedFiles"), "uploadedFiles"), 1)
        ),
        mentions=tuple(mentions),
        addresses=tuple(places),
        narrative="\n\n".join(tales),
        source=source,
        unread=tuple(sorted(unread)),
    )


def _person(node: dict[str, Any], *, place: str, role: PartyRole, provider: str) -> Party:
    service = _text(node.get("espService")) or provider
    kinds = IdentifierKind
    mentions = [*_contacts(node, place)]
    for text, _ in _valued(node.get("espUserId")):
        value = normalising.account(service, text)
        mentions.append(_mention(kinds.ACCOUNT, text, value, f"{place}/espUserId", service))
    for text, _ in _valued(node.get("screenName")):
        value = normalising.screen_name(service, text)
        mentions.append(_mention(kinds.SCREEN_NAME, text, value, f"{place}/screenName", service))
    for text, _ in _valued(node.get("ipAddress")):
        value, port = normalising.ip_and_port(text)
        mentions.append(
            Mention(
                kind=kinds.IP, original=text, value=value, place=f"{place}/ipAddress", port=port
            )
        )
    for text, _ in _valued(node.get("vehicleTagNumber")):
        value = normalising.vehicle(text)
        mentions.append(_mention(kinds.VEHICLE, text, value, f"{place}/vehicleTagNumber"))
    captured, lines = _captures(node, place)
    lines += _prose(node.get("additionalInformations"))
    for name in PERSON_FACTS:
        if fact := ", ".join(_prose(node.get(name))):
            lines.append(f"{name}: {fact}")
    born, years = _text(node.get("dateOfBirth")), _text(node.get("approximateAge"))
    date_of_birth, age = normalising.day(born), normalising.age(years)
    if born and date_of_birth is None:
        lines.append(f"dateOfBirth: {born}")
    if years and age is None:
        lines.append(f"approximateAge: {years}")
    return Party(
        role=role,
        place=place,
        name=_name(node),
        display_names=tuple(text for text, _ in _valued(node.get("preferredName"))),
        date_of_birth=date_of_birth,
        age=age,
        mentions=(*mentions, *captured),
        addresses=tuple(_addresses(node, place)),
        text="\n".join(lines),
    )


def _addresses(node: dict[str, Any], place: str) -> Iterable[Address]:
    for n, one in enumerate(_items(node.get("addresses"), "addresses"), 1):
        streets = (_text(one.get("street1")), _text(one.get("street2")))
        address = Address(
            place=f"{place}/addresses/addresses[{n}]",
            text=", ".join(filter(None, streets)),
            city=_text(one.get("city")),
            postal_code=_text(one.get("postalCode")),
            state=_text(one.get("state")),
            country=_text(one.get("country")),
            label=_text(one.get("type")),
        )
        if any((address.text, address.city, address.postal_code, address.state, address.country)):
            yield address


def _captures(node: dict[str, Any], place: str) -> tuple[list[Mention], list[str]]:
    """Return the identifiers of `sourceInformation`, and as lines the kinds we do not know."""
    mentions: list[Mention] = []
    lines: list[str] = []
    for n, one in enumerate(_items(node.get("sourceInformation"), "sourceCaptures"), 1):
        text, label = _text(one.get("value")), _text(one.get("captureType"))
        if not text:
            continue
        port: int | None = None
        folded = label.lower()
        if "ip" in folded.split() or folded == "ipaddress":
            kind = IdentifierKind.IP
            value, port = normalising.ip_and_port(text)
        elif "url" in folded.split():
            kind, value = IdentifierKind.URL, normalising.url(text)
        elif "email" in folded or "e-mail" in folded:
            kind, value = IdentifierKind.EMAIL, normalising.email(text)
        elif "phone" in folded:
            kind, value = IdentifierKind.PHONE, normalising.phone(text)
        elif any(word in folded for word in DEVICE_WORDS):
            kind, value = IdentifierKind.DEVICE, normalising.device(label, text)
        else:
            lines.append(f"{label or 'capture'}: {text}")
            continue
        event, when = _text(one.get("eventName")), _text(one.get("dateTime"))
        mentions.append(
            Mention(
                kind=kind,
                original=text,
                value=value,
                place=f"{place}/sourceInformation/sourceCaptures[{n}]",
                label="" if kind is IdentifierKind.IP else label,
                event=EVENTS.get(event.upper(), event),
                moment=normalising.moment(when) if when else None,
                port=normalising.port(_text(one.get("port"))) or port,
                possible_proxy=_flag(one.get("possibleProxy")),
            )
        )
    return mentions, lines


def _incidents(
    details: dict[str, Any], provider: str
) -> tuple[list[Mention], list[Address], list[str]]:
    """Return identifiers, places and prose. Only pages and e-mail are known from public parsers;
    the other kinds are read by the same names as in ispws, where they occur."""
    mentions: list[Mention] = []
    places: list[Address] = []
    tales: list[str] = []
    for kind in INCIDENTS:
        for n, node in enumerate(_items(details.get(kind)), 1):
            place = f"reportedInformation/incidentDetails/{kind}[{n}]"
            captured, lines = _captures(node, place)
            mentions += captured
            tales += lines
            mentions += _contacts(node, place)
            places += _addresses(node, place)
            places += _points(node, place)
            for text, _ in _valued(node.get("url")):
                value = normalising.url(text)
                mentions.append(_mention(IdentifierKind.URL, text, value, f"{place}/url"))
            for room, _ in _valued(node.get("chatRoomName")):
                value = normalising.screen_name(_text(node.get("chatClient")) or provider, room)
                spot = f"{place}/chatRoomName"
                mentions.append(_mention(IdentifierKind.GROUP, room, value, spot, "chat room"))
            for name in INCIDENT_FACTS:
                tales += [f"{name}: {text}" for text in _prose(node.get(name))]
            for name in ("contents", "content", "additionalInformations"):
                tales += _prose(node.get(name))
    return mentions, places, tales


def _contacts(node: dict[str, Any], place: str) -> Iterable[Mention]:
    """Return e-mails and phones, in the lists of persons or under the names of ispws."""
    for name, inner in (("emails", "emails"), ("emailAddress", "")):
        for n, (text, one) in enumerate(_valued(node.get(name), inner), 1):
            spot = f"{place}/{name}/{inner}[{n}]" if inner else f"{place}/{name}[{n}]"
            value = normalising.email(text)
            yield _verified(IdentifierKind.EMAIL, text, value, spot, one)
    for name, inner in (("phones", "phones"), ("phoneNumber", "")):
        for n, (text, one) in enumerate(_valued(node.get(name), inner), 1):
            spot = f"{place}/{name}/{inner}[{n}]" if inner else f"{place}/{name}[{n}]"
            value = normalising.phone(text)
            yield _verified(IdentifierKind.PHONE, text, value, spot, one)


def _points(node: dict[str, Any], place: str) -> Iterable[Address]:
    latitude = coordinate(_text(node.get("latitude")), bound=90)
    longitude = coordinate(_text(node.get("longitude")), bound=180)
    if latitude is not None and longitude is not None:
        yield Address(place=place, label="incident", latitude=latitude, longitude=longitude)


def _file(node: dict[str, Any], *, place: str) -> FileRecord:
    mentions: list[Mention] = []
    for text, _ in _valued(node.get("verificationHash")):
        spot = f"{place}/verificationHash"
        value = normalising.digest("MD5", text)
        mentions.append(_mention(IdentifierKind.HASH, text, value, spot, "MD5"))
    captured, lines = _captures(node, place)
    mentions += captured
    lines += _prose(node.get("additionalInformations"))
    for n, pair in enumerate(_items(node.get("espMetadata"), "metadatas"), 1):
        name, text = _text(pair.get("name")), _text(pair.get("value"))
        if not text:
            continue
        spot = f"{place}/espMetadata/metadatas[{n}]"
        lines.append(f"{name}: {text}")
        if name.lower().replace("-", "") in HASH_NAMES:
            value = normalising.digest(name, text)
            mentions.append(_mention(IdentifierKind.HASH, text, value, spot, name))
        elif name.lower().replace(" ", "") in CAMERA_SERIALS:
            value = normalising.device("camera serial", text)
            mentions.append(_mention(IdentifierKind.DEVICE, text, value, spot, name))
    tags = [
        text
        for group in _items(node.get("ncmecTags"), "groups")
        for text, _ in _valued(group.get("tags"))
    ]
    original, stored = _text(node.get("originalFilename")), _text(node.get("filename"))
    if original and stored and original != stored:
        lines.append(f"filename: {stored}")
    return FileRecord(
        file_id=_text(node.get("submittalId")),
        name=original or stored,
        place=place,
        mentions=tuple(mentions),
        classification=_text(node.get("industryClassification")),
        viewed_by_provider=_flag(node.get("viewedByEsp")),
        publicly_available=_flag(node.get("publiclyAvailable")),
        annotations=tuple(dict.fromkeys(tags)),
        text="\n".join(lines),
    )


# --- shapes that may be anything ----------------------------------------------------------------


def _object(value: Any) -> dict[str, Any]:
    """Return an object; of a list its first object; of anything else an empty one."""
    if isinstance(value, list):
        value = next((entry for entry in value if isinstance(entry, dict)), None)
    return value if isinstance(value, dict) else {}


def _items(value: Any, inner: str = "") -> list[dict[str, Any]]:
    """Return the objects of a list, which may stand bare or under `inner`, or be one object."""
    if isinstance(value, dict):
        return _items(value[inner]) if inner and inner in value else [value] if value else []
    if isinstance(value, list):
        return [found for entry in value for found in _items(entry, inner)]
    return [{"value": value}] if _text(value) else []


def _valued(value: Any, inner: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Return (text, object around it) for each `{"value": text}`, bare text or list of these."""
    return [(text, one) for one in _items(value, inner) if (text := _text(one.get("value")))]


def _text(value: Any) -> str:
    """Return a scalar as stripped text; null, objects and lists of several as ""."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, dict):
        return _text(value.get("value"))
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    return ""


def _prose(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for entry in value for text in _prose(entry)]
    if isinstance(value, dict):
        return _prose(value.get("value"))
    text = _text(value)
    return [text] if text else []


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else normalising.flag(_text(value))


def _name(node: dict[str, Any]) -> str:
    parts = (_text(node.get(name)) for name in ("firstName", "middleName", "lastName"))
    return " ".join(filter(None, parts))


def _number(value: Any) -> str | None:
    text = "" if isinstance(value, bool) else _text(value)
    if text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_AT_MOST:
        return text.lstrip("0") or None
    return None


def _mention(
    kind: IdentifierKind, original: str, value: str, place: str, label: str = ""
) -> Mention:
    return Mention(kind=kind, original=original, value=value, place=place, label=label)


def _verified(
    kind: IdentifierKind, original: str, value: str, place: str, node: dict[str, Any]
) -> Mention:
    when = _text(node.get("verifiedDate"))
    return Mention(
        kind=kind,
        original=original,
        value=value,
        place=place,
        label=_text(node.get("type")),
        verified=_flag(node.get("verified")),
        verified_moment=normalising.moment(when) if when else None,
    )


# --- the source ---------------------------------------------------------------------------------


def _cleaned(value: Any, shape: Shape | None, path: str, unread: set[str], *, depth: int) -> Any:
    """Return a copy to be stored, and note the paths that the reader does not know."""
    if depth > JSON_DEPTH_AT_MOST:
        raise UnreadableReport(f"nested deeper than {JSON_DEPTH_AT_MOST} levels", place=path[:200])
    if isinstance(value, str):
        text = normalising.storable(value)
        if shape is None:
            return normalising.masked_unknown(path, text)
        return normalising.mask_aadhaar(text) if shape.is_prose else text
    if isinstance(value, list):
        return [_cleaned(entry, shape, path, unread, depth=depth + 1) for entry in value]
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
        found[name] = _cleaned(child, child_shape, inner, unread, depth=depth + 1)
    return found
