"""Any report, written in any format, comes back equal on every field that the format carries.

CARRIED says which fields those are. What the reader finds in prose besides is no field and is left
out. ROUNDTRIP_EXAMPLES=2000 in the environment tries as many reports of each format.
"""

from __future__ import annotations

import ipaddress
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.tiplines.roundtrip import reports as made
from tiplines.making.json_writer import write_json
from tiplines.making.moments import iso_text
from tiplines.making.reports import (
    AssociatedAccount,
    Device,
    Email,
    EstimatedLocation,
    IncidentDetail,
    IpCapture,
    MadeFile,
    MadeMoment,
    MadeParty,
    MadeReport,
    Person,
    Phone,
    PostalAddress,
    ZoneStyle,
)
from tiplines.making.xml_writer import file_md5, write_documents
from tiplines.parsing import normalising, read_bundle
from tiplines.parsing.records import (
    Address,
    FileRecord,
    IdentifierKind,
    Mention,
    Moment,
    Party,
    PartyRole,
    Provenance,
    SourceDocument,
    TipReport,
)

# A profile of its own: the same examples at every run, and no clock.
EXAMPLES = int(os.environ.get("ROUNDTRIP_EXAMPLES", "0"))
Facts = dict[str, Any]

REPORT = ("number", "incident type", "incident time", "note")
CARRIED: dict[str, tuple[str, ...]] = {
    "xml": (
        *REPORT,
        *("platform", "escalation", "annotations", "batched", "priors", "police"),
        *("people", "accounts", "incident identifiers", "files"),
    ),
    "json": (*REPORT, "provider", "received", "people", "incident identifiers", "files"),
}
PARTY = (
    *("role", "name", "born", "age", "phones", "emails", "account", "screen name", "pages"),
    *("ips", "devices", "addresses"),
)
CARRIED_OF_PARTY: dict[str, tuple[str, ...]] = {
    "xml": (*PARTY, "display names", "groups", "verified", "proxies"),
    "json": (*PARTY, "first display name"),
}
FILE = ("id", "name", "hashes", "class", "viewed", "flags", "ips", "devices", "pages")
CARRIED_OF_FILE: dict[str, tuple[str, ...]] = {
    "xml": (*FILE, "public", "relevance", "proxies"),
    "json": FILE,
}


def tried(examples: int) -> settings:
    return settings(
        max_examples=EXAMPLES or examples,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# --- what was made ------------------------------------------------------------------------------


def moment_made(moment: MadeMoment | None) -> Any:
    """Aware, or the text itself where no zone says what it means."""
    if moment is None:
        return None
    return iso_text(moment) if moment.style is ZoneStyle.UNSTATED else moment.at


def ip_made(text: str) -> str:
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def capture_made(one: IpCapture) -> tuple[Any, ...]:
    return ip_made(one.ip), one.event, moment_made(one.at), one.port


def device_made(one: Device) -> tuple[Any, ...]:
    return normalising.device(one.id_type, one.id_value), one.event, moment_made(one.at)


def phone_made(one: Phone, format: str) -> str:
    if format == "xml":
        return normalising.phone(one.number, one.calling_code)
    return normalising.phone(one.dialled)


def address_made(one: PostalAddress) -> tuple[str, ...]:
    return one.text, one.city, one.postal_code, one.other_state or one.us_state, one.country


def location_made(one: EstimatedLocation | None) -> list[tuple[str, ...]]:
    return [("", one.city, "", one.region, one.country_code)] if one else []


def party_made(party: MadeParty, role: PartyRole, format: str) -> Facts:
    person = party.person or Person()
    return {
        "role": role,
        "name": " ".join(filter(None, (person.first_name, person.last_name))),
        "born": person.date_of_birth,
        "age": person.age,
        "phones": counted(phone_made(one, format) for one in person.phones),
        "emails": counted(one.address for one in person.emails),
        "account": counted([normalising.account(party.service, party.account_id)]),
        "screen name": counted(
            [normalising.screen_name(party.service, party.screen_name)] if party.screen_name else []
        ),
        "pages": counted(map(normalising.url, party.profile_urls)),
        "ips": counted(map(capture_made, party.ips)),
        "devices": counted(map(device_made, party.devices)),
        "addresses": counted(
            [*map(address_made, person.addresses), *location_made(party.estimated_location)]
        ),
        "display names": party.display_names,
        "first display name": party.display_names[:1],
        "groups": counted(
            [normalising.group(party.group_id)]
            if party.group_id and role is not PartyRole.VICTIM
            else []
        ),
        "verified": counted(
            (one.verified, moment_made(one.verified_at))
            for one in chain[Phone | Email](person.phones, person.emails)
        ),
        "proxies": counted(one.possible_proxy for one in party.ips),
    }


def account_made(account: AssociatedAccount) -> Facts:
    names = (account.first_name, account.middle_name, account.last_name)
    return {
        "name": " ".join(filter(None, names)),
        "account": normalising.account(account.service, account.account_id),
        "age": account.approximate_age,
        "phones": counted(phone_made(one, "xml") for one in account.phones),
        "emails": counted(one.address for one in account.emails),
        "ips": counted(map(capture_made, account.ips)),
        "devices": counted(map(device_made, account.devices)),
        "addresses": counted(map(address_made, account.addresses)),
        "display names": account.display_names,
    }


def file_made(file: MadeFile, format: str) -> Facts:
    said = dict(file.hashes)
    if format == "json" and said:
        said["MD5"] = file_md5(file)
    flags = file.annotations or (("potentialMeme",) if file.potential_meme else ())
    captures = [file.ip] if file.ip else []
    return {
        "id": file.file_id,
        "name": file.original_name or file.file_name,
        "hashes": counted(normalising.digest(*one) for one in said.items()),
        "class": file.classification,
        "viewed": file.viewed,
        "flags": flags,
        "ips": counted(map(capture_made, captures)),
        "devices": counted(map(device_made, file.devices)),
        "pages": counted([normalising.url(file.location)] if file.location else []),
        "public": file.public,
        "relevance": file.relevance,
        "proxies": counted(one.possible_proxy for one in captures),
    }


def incident_made(incident: IncidentDetail, format: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [("url", normalising.url(one)) for one in incident.urls]
    found += [("email", one.address) for one in incident.emails]
    found += [("ip", *capture_made(one)) for one in incident.ips]
    if incident.phone is not None:
        found.append(("phone", phone_made(incident.phone, format)))
    return found


def report_made(report: MadeReport, format: str) -> Facts:
    sides = (
        (report.reported, PartyRole.SUSPECT),
        (report.recipients, PartyRole.RECIPIENT),
        (report.victims, PartyRole.VICTIM),
    )
    with_accounts = (*report.reported, *report.victims)
    police = report.police
    return {
        "number": str(report.number),
        "provider": report.provider,
        "incident type": report.incident_type,
        "incident time": moment_made(report.incident_at),
        "note": report.incident_note,
        "received": moment_made(report.received_at),
        "platform": report.platform,
        "escalation": report.escalation,
        "annotations": report.annotations,
        "batched": report.batched_reason,
        "police": ", ".join(filter(None, (police.agency, police.case_number))) if police else "",
        "priors": {
            str(number)
            for party in (*report.reported, *report.recipients, *report.victims)
            for number in party.prior_reports
        }
        | {
            str(number)
            for party in with_accounts
            for account in party.associated_accounts
            for number in account.prior_reports
        },
        "people": [
            chosen(party_made(party, role, format), CARRIED_OF_PARTY[format])
            for parties, role in sides
            for party in parties
        ],
        "accounts": [
            account_made(account)
            for party in with_accounts
            for account in party.associated_accounts
        ],
        "incident identifiers": counted(
            one for incident in report.incidents for one in incident_made(incident, format)
        ),
        "files": [
            chosen(file_made(file, format), CARRIED_OF_FILE[format]) for file in report.files
        ],
    }


# --- what was read ------------------------------------------------------------------------------


def moment_read(moment: Moment | None) -> Any:
    return None if moment is None else moment.utc or moment.original


def values(mentions: Iterable[Mention], kind: IdentifierKind) -> Counter[str]:
    return counted(one.value for one in mentions if one.kind is kind)


def captures_read(mentions: Iterable[Mention]) -> Counter[tuple[Any, ...]]:
    return counted(
        (one.value, one.event, moment_read(one.moment), one.port)
        for one in mentions
        if one.kind is IdentifierKind.IP
    )


def devices_read(mentions: Iterable[Mention]) -> Counter[tuple[Any, ...]]:
    return counted(
        (one.value, one.event, moment_read(one.moment))
        for one in mentions
        if one.kind is IdentifierKind.DEVICE
    )


def address_read(one: Address) -> tuple[str, ...]:
    return one.text, one.city, one.postal_code, one.state, one.country


def reported(mentions: Iterable[Mention]) -> list[Mention]:
    return [one for one in mentions if one.provenance is Provenance.REPORTED]


def party_read(party: Party) -> Facts:
    kinds = IdentifierKind
    mentions = reported(party.mentions)
    return {
        "role": party.role,
        "name": party.name,
        "born": party.date_of_birth,
        "age": party.age,
        "phones": values(mentions, kinds.PHONE),
        "emails": values(mentions, kinds.EMAIL),
        "account": values(mentions, kinds.ACCOUNT),
        "screen name": values(mentions, kinds.SCREEN_NAME),
        "pages": values(mentions, kinds.URL),
        "ips": captures_read(mentions),
        "devices": devices_read(mentions),
        "addresses": counted(map(address_read, party.addresses)),
        "display names": party.display_names,
        "first display name": party.display_names,
        "groups": values(mentions, kinds.GROUP),
        "verified": counted(
            (one.verified, moment_read(one.verified_moment))
            for one in mentions
            if one.kind in (kinds.PHONE, kinds.EMAIL)
        ),
        "proxies": counted(one.possible_proxy for one in mentions if one.kind is kinds.IP),
    }


def account_read(party: Party) -> Facts:
    mentions = reported(party.mentions)
    [account] = values(mentions, IdentifierKind.ACCOUNT)
    return {
        "name": party.name,
        "account": account,
        "age": party.age,
        "phones": values(mentions, IdentifierKind.PHONE),
        "emails": values(mentions, IdentifierKind.EMAIL),
        "ips": captures_read(mentions),
        "devices": devices_read(mentions),
        "addresses": counted(map(address_read, party.addresses)),
        "display names": party.display_names,
    }


def file_read(file: FileRecord) -> Facts:
    mentions = reported(file.mentions)
    return {
        "id": file.file_id,
        "name": file.name,
        "hashes": values(mentions, IdentifierKind.HASH),
        "class": file.classification,
        "viewed": file.viewed_by_provider,
        "flags": file.annotations,
        "ips": captures_read(mentions),
        "devices": devices_read(mentions),
        "pages": values(mentions, IdentifierKind.URL),
        "public": file.publicly_available,
        "relevance": file.relevance,
        "proxies": counted(one.possible_proxy for one in mentions if one.kind is IdentifierKind.IP),
    }


def incident_read(one: Mention) -> tuple[Any, ...]:
    if one.kind is IdentifierKind.IP:
        return "ip", one.value, one.event, moment_read(one.moment), one.port
    return one.kind.value, one.value


def report_read(report: TipReport, format: str) -> Facts:
    sides = (PartyRole.SUSPECT, PartyRole.RECIPIENT, PartyRole.VICTIM)
    tied = [party for party in report.parties if "associatedAccount" in party.place]
    people = [party for party in report.parties if party.role in sides and party not in tied]
    return {
        "number": report.number,
        "provider": report.provider,
        "incident type": report.incident_type,
        "incident time": moment_read(report.incident_moment),
        "note": report.incident_moment_note,
        "received": moment_read(report.received_moment),
        "platform": report.platform,
        "escalation": report.escalation,
        "annotations": report.annotations,
        "batched": report.batched_reason,
        "police": report.police_reference,
        "priors": set(report.prior_reports),
        "people": [chosen(party_read(party), CARRIED_OF_PARTY[format]) for party in people],
        "accounts": [account_read(party) for party in tied],
        "incident identifiers": counted(
            incident_read(one)
            for one in reported(report.mentions)
            if one.kind is not IdentifierKind.GROUP
        ),
        "files": [chosen(file_read(file), CARRIED_OF_FILE[format]) for file in report.files],
    }


def counted(found: Iterable[Any]) -> Counter[Any]:
    """In any order, each as often as it stands."""
    return Counter(found)


def chosen(facts: Facts, names: Sequence[str]) -> Facts:
    return {name: facts[name] for name in names}


def read_only(*documents: SourceDocument) -> TipReport:
    reading = read_bundle(documents)
    assert not reading.refused
    [found] = reading.found
    return found.report


# --- the formats --------------------------------------------------------------------------------


def as_xml(report: MadeReport) -> list[SourceDocument]:
    return [
        SourceDocument(name=f"{report.number}/{name}", data=data)
        for name, data in write_documents(report)
    ]


def as_json(report: MadeReport) -> list[SourceDocument]:
    return [SourceDocument(name="report.json", data=write_json(report))]


def check(
    report: MadeReport, format: str, write: Callable[[MadeReport], list[SourceDocument]]
) -> None:
    found = read_only(*write(report))

    names = CARRIED[format]
    assert chosen(report_read(found, format), names) == chosen(report_made(report, format), names)
    assert found.unread == ()
    if report.additional_info:
        assert report.additional_info in found.narrative


@tried(60)
@given(made.reports)
def test_xml_comes_back_equal(report: MadeReport) -> None:
    check(report, "xml", as_xml)


@tried(60)
@given(made.reports)
def test_json_comes_back_equal(report: MadeReport) -> None:
    check(report, "json", as_json)
