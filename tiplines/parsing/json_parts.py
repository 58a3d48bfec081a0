"""The persons, incidents and files of a JSON report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tiplines.parsing import moments, normalising
from tiplines.parsing.json_shapes import INCIDENT_PROSE, INCIDENTS, MINED_FACTS, PERSON_FACTS
from tiplines.parsing.json_values import (
    flag,
    items,
    mention,
    name_of,
    prose,
    prose_of,
    text_of,
    valued,
    verified,
)
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.records import Address, FileRecord, IdentifierKind, Mention, Party, PartyRole
from tiplines.parsing.xml_files import CAMERA_SERIALS
from tiplines.parsing.xml_incidents import INCIDENT_FACTS

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


def read_person(node: dict[str, Any], *, place: str, role: PartyRole, provider: str) -> Party:
    service = text_of(node.get("espService")) or provider
    kinds = IdentifierKind
    mentions = [*_contacts(node, place)]
    for text, _ in valued(node.get("espUserId")):
        value = normalising.account(service, text)
        mentions.append(mention(kinds.ACCOUNT, text, value, f"{place}/espUserId", service))
    for text, _ in valued(node.get("screenName")):
        value = normalising.screen_name(service, text)
        mentions.append(mention(kinds.SCREEN_NAME, text, value, f"{place}/screenName", service))
    for text, _ in valued(node.get("ipAddress")):
        value, port = normalising.ip_and_port(text)
        mentions.append(
            Mention(
                kind=kinds.IP, original=text, value=value, place=f"{place}/ipAddress", port=port
            )
        )
    for text, _ in valued(node.get("vehicleTagNumber")):
        value = normalising.vehicle(text)
        mentions.append(mention(kinds.VEHICLE, text, value, f"{place}/vehicleTagNumber"))
    captured, lines = _captures(node, place)
    mentions += captured
    pieces = prose_of(node, MINED_FACTS, place)
    lines += prose(node.get("additionalInformations"))
    for name in PERSON_FACTS:
        if fact := ", ".join(prose(node.get(name))):
            lines.append(f"{name}: {fact}")
    born, years = text_of(node.get("dateOfBirth")), text_of(node.get("approximateAge"))
    date_of_birth, age = moments.day(born), moments.age(years)
    if born and date_of_birth is None:
        lines.append(f"dateOfBirth: {born}")
    if years and age is None:
        lines.append(f"approximateAge: {years}")
    return Party(
        role=role,
        place=place,
        name=name_of(node),
        display_names=tuple(text for text, _ in valued(node.get("preferredName"))),
        date_of_birth=date_of_birth,
        age=age,
        mentions=(*mentions, *mine_beside(pieces, reported=mentions, provider=service)),
        addresses=tuple(_addresses(node, place)),
        text="\n".join(lines),
    )


def _addresses(node: dict[str, Any], place: str) -> Iterable[Address]:
    for n, one in enumerate(items(node.get("addresses"), "addresses"), 1):
        streets = (text_of(one.get("street1")), text_of(one.get("street2")))
        address = Address(
            place=f"{place}/addresses/addresses[{n}]",
            text=", ".join(filter(None, streets)),
            city=text_of(one.get("city")),
            postal_code=text_of(one.get("postalCode")),
            state=text_of(one.get("state")),
            country=text_of(one.get("country")),
            label=text_of(one.get("type")),
        )
        if any((address.text, address.city, address.postal_code, address.state, address.country)):
            yield address


def _captures(node: dict[str, Any], place: str) -> tuple[list[Mention], list[str]]:
    """Return the identifiers of `sourceInformation`, and as lines the kinds we do not know."""
    mentions: list[Mention] = []
    lines: list[str] = []
    for n, one in enumerate(items(node.get("sourceInformation"), "sourceCaptures"), 1):
        text, label = text_of(one.get("value")), text_of(one.get("captureType"))
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
        event, when = text_of(one.get("eventName")), text_of(one.get("dateTime"))
        mentions.append(
            Mention(
                kind=kind,
                original=text,
                value=value,
                place=f"{place}/sourceInformation/sourceCaptures[{n}]",
                label="" if kind is IdentifierKind.IP else label,
                event=EVENTS.get(event.upper(), event),
                moment=moments.moment(when) if when else None,
                port=normalising.port(text_of(one.get("port"))) or port,
                possible_proxy=flag(one.get("possibleProxy")),
            )
        )
    return mentions, lines


def read_incidents(
    details: dict[str, Any], provider: str
) -> tuple[list[Mention], list[Address], list[str], list[tuple[str, str]]]:
    """Return identifiers, places, the narrative and (place, prose) to be mined.

    Only pages and e-mail are known from public parsers; the other kinds are read by the same names
    as in ispws, where they occur.
    """
    mentions: list[Mention] = []
    places: list[Address] = []
    tales: list[str] = []
    pieces: list[tuple[str, str]] = []
    for kind in INCIDENTS:
        for n, node in enumerate(items(details.get(kind)), 1):
            place = f"reportedInformation/incidentDetails/{kind}[{n}]"
            captured, lines = _captures(node, place)
            mentions += captured
            tales += lines
            mentions += _contacts(node, place)
            places += _addresses(node, place)
            places += _points(node, place)
            for text, _ in valued(node.get("url")):
                value = normalising.url(text)
                mentions.append(mention(IdentifierKind.URL, text, value, f"{place}/url"))
            for room, _ in valued(node.get("chatRoomName")):
                value = normalising.screen_name(text_of(node.get("chatClient")) or provider, room)
                spot = f"{place}/chatRoomName"
                mentions.append(mention(IdentifierKind.GROUP, room, value, spot, "chat room"))
            for name in INCIDENT_FACTS:
                tales += [f"{name}: {text}" for text in prose(node.get(name))]
            for name in INCIDENT_PROSE:
                tales += prose(node.get(name))
            pieces += prose_of(node, INCIDENT_PROSE, place)
    return mentions, places, tales, pieces


def _contacts(node: dict[str, Any], place: str) -> Iterable[Mention]:
    """Return e-mails and phones, in the lists of persons or under the names of ispws."""
    for name, inner in (("emails", "emails"), ("emailAddress", "")):
        for n, (text, one) in enumerate(valued(node.get(name), inner), 1):
            spot = f"{place}/{name}/{inner}[{n}]" if inner else f"{place}/{name}[{n}]"
            value = normalising.email(text)
            yield verified(IdentifierKind.EMAIL, text, value, spot, one)
    for name, inner in (("phones", "phones"), ("phoneNumber", "")):
        for n, (text, one) in enumerate(valued(node.get(name), inner), 1):
            spot = f"{place}/{name}/{inner}[{n}]" if inner else f"{place}/{name}[{n}]"
            value = normalising.phone(text)
            yield verified(IdentifierKind.PHONE, text, value, spot, one)


def _points(node: dict[str, Any], place: str) -> Iterable[Address]:
    latitude = normalising.coordinate(text_of(node.get("latitude")), bound=90)
    longitude = normalising.coordinate(text_of(node.get("longitude")), bound=180)
    if latitude is not None and longitude is not None:
        yield Address(place=place, label="incident", latitude=latitude, longitude=longitude)


def read_file(node: dict[str, Any], *, place: str) -> FileRecord:
    mentions: list[Mention] = []
    for text, _ in valued(node.get("verificationHash")):
        spot = f"{place}/verificationHash"
        value = normalising.digest("MD5", text)
        mentions.append(mention(IdentifierKind.HASH, text, value, spot, "MD5"))
    captured, lines = _captures(node, place)
    mentions += captured
    lines += prose(node.get("additionalInformations"))
    for n, pair in enumerate(items(node.get("espMetadata"), "metadatas"), 1):
        name, text = text_of(pair.get("name")), text_of(pair.get("value"))
        if not text:
            continue
        spot = f"{place}/espMetadata/metadatas[{n}]"
        lines.append(f"{name}: {text}")
        if name.lower().replace("-", "") in HASH_NAMES:
            value = normalising.digest(name, text)
            mentions.append(mention(IdentifierKind.HASH, text, value, spot, name))
        elif name.lower().replace(" ", "") in CAMERA_SERIALS:
            value = normalising.device("camera serial", text)
            mentions.append(mention(IdentifierKind.DEVICE, text, value, spot, name))
    tags = [
        text
        for group in items(node.get("ncmecTags"), "groups")
        for text, _ in valued(group.get("tags"))
    ]
    original, stored = text_of(node.get("originalFilename")), text_of(node.get("filename"))
    if original and stored and original != stored:
        lines.append(f"filename: {stored}")
    return FileRecord(
        file_id=text_of(node.get("submittalId")),
        name=original or stored,
        place=place,
        mentions=(
            *mentions,
            *mine_beside(prose_of(node, ("additionalInformations",), place), reported=mentions),
        ),
        classification=text_of(node.get("industryClassification")),
        viewed_by_provider=flag(node.get("viewedByEsp")),
        publicly_available=flag(node.get("publiclyAvailable")),
        annotations=tuple(dict.fromkeys(tags)),
        text="\n".join(lines),
    )
