"""MadeReport to the JSON that police download: one document per report.

The JSON form has no place for some things that the XML says. As with real senders they go into
prose: annotations, escalation and police reference of the report; prior reports, groups, payment
handles, associated accounts and the account's state of a person. Devices are captures whose type is
the kind of id; an estimated location is an address without street. No public parser shows where
victims stand: `victims.victims[]` follows the pattern of the other parties.
"""

from __future__ import annotations

import json
from typing import Any

from tiplines.making.moments import iso_text
from tiplines.making.reports import (
    AssociatedAccount,
    Device,
    Dialect,
    EmptyStyle,
    IncidentDetail,
    IncidentKind,
    IpCapture,
    MadeFile,
    MadeParty,
    MadeReport,
    Person,
    PostalAddress,
)
from tiplines.making.xml_writer import file_md5

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

INCIDENT_LISTS = {
    IncidentKind.WEB_PAGE: "webpageIncident",
    IncidentKind.EMAIL: "emailIncident",
    IncidentKind.NEWSGROUP: "newsgroupIncident",
    IncidentKind.CHAT: "chatImIncident",
    IncidentKind.GAMING: "onlineGamingIncident",
    IncidentKind.CELL_PHONE: "cellPhoneIncident",
    IncidentKind.NOT_INTERNET: "nonInternetIncident",
    IncidentKind.PEER_TO_PEER: "peer2peerIncident",
}

Node = dict[str, Any]

# What an empty one looks like, for senders that write empty containers.
CONTAINERS: dict[str, Node | list[Node]] = {
    "incidentDetails": {},
    "reportedPeople": {},
    "intendedRecipients": {},
    "victims": {},
    "uploadedFiles": {},
    "screenName": {},
    "emails": {},
    "phones": {},
    "addresses": {},
    "sourceInformation": {},
    "ncmecTags": {},
    "espMetadata": {},
    "additionalInformations": [],
}


def write_json(report: MadeReport) -> bytes:
    dialect = report.dialect
    information: Node = {
        "reportingEsp": {
            "espName": report.provider,
            "firstName": report.reporter.product or None,
            "lastName": None,
        },
        "incidentSummary": {
            "incidentType": report.incident_type,
            "incidentDateTime": iso_text(report.incident_at),
            "incidentDateTimeDescription": report.incident_note or None,
        },
        "incidentDetails": _incidents(report),
        "reportedPeople": {"reportedPersons": [_person(one, dialect) for one in report.reported]}
        if report.reported
        else None,
        "intendedRecipients": {
            "intendedRecipients": [_person(one, dialect) for one in report.recipients]
        }
        if report.recipients
        else None,
        "victims": {"victims": [_person(one, dialect) for one in report.victims]}
        if report.victims
        else None,
        "uploadedFiles": {"uploadedFiles": [_file(one, dialect) for one in report.files]}
        if report.files
        else None,
        "additionalInformations": _values(_report_prose(report)) or None,
    }
    whole = {
        "reportId": report.number,
        "dateReceived": iso_text(report.received_at),
        "reportedInformation": _settle(information, dialect.empty),
    }
    data = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    return BYTE_ORDER_MARK + data if dialect.byte_order_mark else data


def _settle(node: Node, style: EmptyStyle) -> Node:
    """Write what is absent as this sender does. The values themselves are never touched."""
    if style is EmptyStyle.NULL:
        return node
    if style is EmptyStyle.LEFT_OUT:
        return {key: value for key, value in node.items() if value is not None}
    return {
        key: CONTAINERS[key].copy() if value is None and key in CONTAINERS else value
        for key, value in node.items()
    }


def _values(texts: list[str]) -> list[Node]:
    return [{"value": text} for text in texts]


def _report_prose(report: MadeReport) -> list[str]:
    lines = [report.additional_info] if report.additional_info else []
    if report.platform and report.platform != report.provider:
        lines.append(f"Platform: {report.platform}")
    if report.annotations:
        lines.append(f"Report annotations: {', '.join(report.annotations)}")
    if report.escalation:
        lines.append(f"Escalated by the company: {report.escalation}")
    if report.batched_reason:
        lines.append(f"Batched report: {report.batched_reason}")
    if report.police is not None:
        lines.append(f"Police: {report.police.agency} {report.police.case_number}".rstrip())
    if report.reporter.company_template:
        lines.append(report.reporter.company_template)
    return lines


def _incidents(report: MadeReport) -> Node | None:
    lists: Node = {}
    for incident in report.incidents:
        lists.setdefault(INCIDENT_LISTS[incident.kind], []).append(
            _incident(incident, report.dialect)
        )
    return lists or None


def _incident(incident: IncidentDetail, dialect: Dialect) -> Node:
    node: Node = {}
    if incident.urls:
        node["sourceInformation"] = {
            "sourceCaptures": [_capture("URL", url) for url in incident.urls]
        }
    elif incident.ips:
        node["sourceInformation"] = {
            "sourceCaptures": [_ip_capture(capture, dialect) for capture in incident.ips]
        }
    if incident.kind is IncidentKind.CHAT:
        node |= {"chatClient": incident.name or None, "chatRoomName": incident.room or None}
    elif incident.kind is IncidentKind.GAMING:
        node |= {"gameName": incident.name or None, "console": incident.room or None}
    elif incident.name:
        node["name"] = incident.name
    if incident.emails:
        node["emails"] = {
            "emails": [_verified(one.address, one.verified) for one in incident.emails]
        }
    if incident.phone is not None:
        node["phoneNumber"] = incident.phone.dialled
    if incident.latitude is not None:
        node["latitude"] = incident.latitude
    if incident.longitude is not None:
        node["longitude"] = incident.longitude
    if incident.addresses:
        node["addresses"] = {"addresses": [_address(one) for one in incident.addresses]}
    if incident.file_names:
        node["fileNames"] = incident.file_names
    if incident.content:
        node["contents"] = _values([incident.content])
    node["additionalInformations"] = (
        _values([incident.additional_info]) if incident.additional_info else None
    )
    return _settle(node, dialect.empty)


def _person(party: MadeParty, dialect: Dialect) -> Node:
    person = party.person or Person()
    captures = [_capture("Profile URL", url) for url in party.profile_urls]
    captures += [_ip_capture(capture, dialect) for capture in party.ips]
    captures += [_device_capture(device, dialect) for device in party.devices]
    addresses = [_address(one) for one in person.addresses]
    if party.estimated_location is not None:
        location = party.estimated_location
        addresses.append(
            _address(
                PostalAddress(
                    city=location.city, other_state=location.region, country=location.country_code
                )
            )
        )
    node: Node = {
        "firstName": person.first_name or None,
        "middleName": None,
        "lastName": person.last_name or None,
        "preferredName": party.display_names[0] if party.display_names else None,
        "gender": None,
        "dateOfBirth": person.date_of_birth.isoformat() if person.date_of_birth else None,
        "approximateAge": person.age,
        "vehicleDescription": party.vehicle_description or None,
        "espService": party.service or None,
        "espUserId": party.account_id or None,
        "screenName": {"value": party.screen_name} if party.screen_name else None,
        "emails": {"emails": [_verified(one.address, one.verified) for one in person.emails]}
        if person.emails
        else None,
        "phones": {"phones": [_verified(one.dialled, one.verified) for one in person.phones]}
        if person.phones
        else None,
        "addresses": {"addresses": addresses} if addresses else None,
        "sourceInformation": {"sourceCaptures": captures} if captures else None,
        "additionalInformations": _values(_person_prose(party)) or None,
    }
    return _settle(node, dialect.empty)


def _person_prose(party: MadeParty) -> list[str]:
    lines = [f"Display name: {name}" for name in party.display_names[1:]]
    if party.profile_bio:
        lines.append(f"Bio: {party.profile_bio}")
    if party.prior_reports:
        lines.append(f"Prior CT Reports: {', '.join(map(str, party.prior_reports))}")
    if party.group_id:
        lines.append(f"Group identifier: {party.group_id}")
    if party.school_name:
        lines.append(f"School: {party.school_name}")
    if party.disabled_for_good is not None:
        lines.append("The account has been disabled.")
    lines.extend(associated_prose(account) for account in party.associated_accounts)
    lines.extend(party.additional_info)
    return lines


def associated_prose(account: AssociatedAccount) -> str:
    parts = [f"Associated account ({account.kind})"]
    parts += [account.platform or account.service, account.account_id, account.screen_name]
    parts += [phone.dialled for phone in account.phones]
    parts += [email.address for email in account.emails]
    parts += [str(number) for number in account.prior_reports]
    return "; ".join(part for part in (*parts, account.additional_info) if part)


def _file(file: MadeFile, dialect: Dialect) -> Node:
    captures = [_capture("URL", file.location)] if file.location else []
    if file.ip is not None:
        captures.append(_ip_capture(file.ip, dialect))
    captures += [_device_capture(device, dialect) for device in file.devices]
    flags = file.annotations or (("potentialMeme",) if file.potential_meme else ())
    metadata = [
        {"name": name, "value": value} for one in file.metadata for name, value in one.pairs
    ]
    if file.uploaded_at is not None:
        metadata.append({"name": "Upload time", "value": iso_text(file.uploaded_at)})
    metadata += [
        {"name": algorithm, "value": digest}
        for algorithm, digest in file.hashes
        if algorithm != "MD5"
    ]
    prose = list(file.additional_info)
    if file.public is not None:
        prose.append(f"Publicly available: {'Yes' if file.public else 'No'}")
    node: Node = {
        "filename": file.file_name or None,
        "originalFilename": file.original_name or None,
        "submittalId": file.file_id,
        "verificationHash": file_md5(file) if file.hashes else None,
        "viewedByEsp": file.viewed,
        "industryClassification": file.classification or None,
        "sourceInformation": {"sourceCaptures": captures} if captures else None,
        "ncmecTags": {"groups": [{"tags": _values(list(flags))}]} if flags else None,
        "espMetadata": {"metadatas": metadata} if metadata else None,
        "additionalInformations": _values(prose) or None,
    }
    return _settle(node, dialect.empty)


def _ip_capture(capture: IpCapture, dialect: Dialect) -> Node:
    return {
        "captureType": "IP Address",
        "value": capture.ip,
        "eventName": _event(capture.event, dialect),
        "dateTime": iso_text(capture.at) if capture.at else None,
        "port": capture.port,
    }


def _device_capture(device: Device, dialect: Dialect) -> Node:
    return {
        "captureType": device.id_type,
        "value": device.id_value,
        "eventName": _event(device.event, dialect),
        "dateTime": iso_text(device.at) if device.at else None,
        "port": None,
    }


def _capture(kind: str, value: str) -> Node:
    return {"captureType": kind, "value": value, "eventName": None, "dateTime": None, "port": None}


def _event(name: str, dialect: Dialect) -> str | None:
    return (name.upper() if dialect.capital_events else name) or None


def _verified(value: str, verified: bool | None) -> Node:  # noqa: FBT001 -- a field, no switch
    return {"value": value, "verified": verified}


def _address(address: PostalAddress) -> Node:
    return {
        "street1": address.text or None,
        "street2": None,
        "city": address.city or None,
        "state": address.other_state or address.us_state or None,
        "postalCode": address.postal_code or None,
        "country": address.country or None,
    }
