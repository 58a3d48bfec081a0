"""What is true about a made report: the answers against which the system is measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from tiplines.making.plan import End
from tiplines.making.reports import IncidentKind, IpCapture, MadeReport, ZoneStyle


class ExpectedUrgency(StrEnum):
    """How pressing a report is meant to be. Coarse: three steps that nobody would dispute."""

    URGENT = "urgent"  # a company's escalation, or a named child in present contact
    ORDINARY = "ordinary"
    LOW = "low"  # viral, batched, drawn or a meme


CONTACT_TYPES = frozenset(
    {
        "Child Sex Trafficking",
        "Child Sexual Molestation",
        "Online Enticement of Children for Sexual Acts",
    }
)
LOW_FILE_MARKS = frozenset({"viral", "potentialMeme", "animeDrawingVirtualHentai"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    number: int
    end: End
    """Where it should end."""
    place: str
    """delhi, other-state, abroad or unknown: where the reported person really is."""
    district: str | None
    station: str | None
    state: str | None
    country: str | None
    place_evidence: str
    """What of the place the report gives away, see places.Detail."""
    offender: int | None
    """The account behind the report; a batched report has many and is told apart by none."""
    ring: int | None
    viral_batch: int | None
    batched: bool
    duplicate_of: int | None
    """Number of an earlier report with the same content."""
    supplement_of: int | None
    """Number of the earlier report that this one names."""
    shared_address: bool
    """An address behind carrier-grade NAT, shared with people who have nothing to do with it."""
    minor_suspect: bool
    zone_unclear: bool
    missing: tuple[str, ...]
    urgency: ExpectedUrgency

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def expected_urgency(report: MadeReport) -> ExpectedUrgency:
    if report.escalation or (report.victims and report.incident_type in CONTACT_TYPES):
        return ExpectedUrgency.URGENT
    if report.batched_reason:
        return ExpectedUrgency.LOW
    if report.files and all(
        file.potential_meme or LOW_FILE_MARKS & set(file.annotations) for file in report.files
    ):
        return ExpectedUrgency.LOW
    return ExpectedUrgency.ORDINARY


def zone_is_unclear(report: MadeReport) -> bool:
    """Whether the incident's time or any address's time is written without a zone."""
    if report.incident_at.style is ZoneStyle.UNSTATED:
        return True
    return any(
        capture.at is not None and capture.at.style is ZoneStyle.UNSTATED
        for capture in ip_captures(report)
    )


def ip_captures(report: MadeReport) -> Iterator[IpCapture]:
    """Yield every address of the reported users, the files and a peer-to-peer incident."""
    for party in report.reported:
        yield from party.ips
    for file in report.files:
        if file.ip is not None:
            yield file.ip
    for incident in report.incidents:
        if incident.kind is IncidentKind.PEER_TO_PEER:
            yield from incident.ips


def missing_fields(report: MadeReport) -> tuple[str, ...]:
    """Name what an enquiry needs and the report does not say, about the first reported user."""
    party = report.reported[0] if report.reported else None
    person = party.person if party else None
    captures = list(ip_captures(report))
    held = {
        "name": person is not None and bool(person.first_name or person.last_name),
        "date-of-birth": person is not None and person.date_of_birth is not None,
        "phone": person is not None and bool(person.phones),
        "email": person is not None and bool(person.emails),
        "address": person is not None and bool(person.addresses),
        "account": party is not None and bool(party.account_id or party.screen_name),
        "ip": bool(captures),
        "ip-time": any(capture.at is not None for capture in captures),
        "port": any(capture.port is not None for capture in captures),
        "file": bool(report.files),
        "hash": any(file.hashes for file in report.files),
        "viewed": any(file.viewed is not None for file in report.files),
    }
    return tuple(name for name, present in held.items() if not present)
