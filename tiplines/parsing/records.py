"""What a report says, as plain values: the meeting point of every format reader and of intake.

Rules only: no Django, no clock. A reader turns bytes into `TipReport`; nothing is guessed. A value
that the format may leave out is None or an empty tuple. Text is kept as the sender wrote it;
`Mention.value` is the normalised form by which identifiers are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Provenance(StrEnum):
    """Who says so. Decides how much a value weighs."""

    REPORTED = "reported"  # by the provider, in a field made for it
    FREE_TEXT = "free-text"  # found inside prose
    NCMEC = "ncmec"  # added by NCMEC's systems, e.g. a geo look-up
    LIST = "list"  # known only from a covering list
    OFFICER = "officer"
    REPLY = "reply"  # a provider's answer to a notice


class PartyRole(StrEnum):
    SUSPECT = "suspect"  # personOrUserReported
    RECIPIENT = "recipient"
    VICTIM = "victim"
    ASSOCIATED = "associated"  # an account tied to one of the above
    REPORTER = "reporter"  # the company's reporting person
    CONTACT = "contact"  # whom the company asks police to write to
    POLICE = "police"  # an officer or agency named in the report


# Links between tiplines are drawn through these only: a victim, a company's desk or an officer
# must never tie two suspects together.
LINKING_ROLES = frozenset({PartyRole.SUSPECT, PartyRole.RECIPIENT, PartyRole.ASSOCIATED})


class IdentifierKind(StrEnum):
    PHONE = "phone"  # value: E.164
    EMAIL = "email"  # value: lower case
    ACCOUNT = "account"  # value: "<provider key>:<id at that provider>"
    SCREEN_NAME = "screen-name"  # value: "<provider key>:<folded name>"
    IP = "ip"  # value: RFC 5952 text; IPv4-mapped IPv6 as IPv4
    DEVICE = "device"  # value: "<folded id type>:<folded id>"
    HASH = "hash"  # value: "<algorithm>:<folded digest>"
    URL = "url"  # value: host lower case, no scheme, query or trailing slash
    UPI = "upi"
    PAN = "pan"
    VEHICLE = "vehicle"
    GROUP = "group"  # the provider's name or id of an organised group


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment as the sender wrote it and, only where the zone is stated, in UTC."""

    original: str
    utc: datetime | None
    """Aware, UTC. None when the zone is missing or the text cannot be read: never assumed."""
    zone: str | None
    """"Z", "UTC" or "+05:30" as stated; None if not stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One identifier at one place of the report."""

    kind: IdentifierKind
    original: str
    value: str
    place: str
    """Where it stands, e.g. `report/personOrUserReported[1]/phone[2]`; indexes from 1."""
    provenance: Provenance = Provenance.REPORTED
    label: str = ""
    """The sender's kind: Mobile, Home, IMEI, SHA1 …"""
    event: str = ""
    """Login, Registration, Purchase, Upload, Other, Unknown or what the sender wrote."""
    moment: Moment | None = None
    port: int | None = None
    """Source port, needed to name a subscriber behind carrier-grade NAT; None if not sent."""
    possible_proxy: bool | None = None
    verified: bool | None = None
    verified_moment: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A place named in the report. Every part as written; all may be empty but one."""

    place: str
    text: str = ""
    """House, street, locality."""
    city: str = ""
    postal_code: str = ""
    state: str = ""
    country: str = ""
    label: str = ""
    """Home, Billing, …, or `estimated` (provider's estimate) or `geo` (IP look-up)."""
    latitude: float | None = None
    longitude: float | None = None
    provenance: Provenance = Provenance.REPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    role: PartyRole
    place: str
    name: str = ""
    """First and last name joined by one space."""
    display_names: tuple[str, ...] = ()
    date_of_birth: date | None = None
    age: int | None = None
    mentions: tuple[Mention, ...] = ()
    addresses: tuple[Address, ...] = ()
    text: str = ""
    """Profile, vehicle description, additional information: prose about this party, one value a
    line.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What is said about an uploaded file. The file itself is never held."""

    file_id: str = ""
    name: str = ""
    place: str
    mentions: tuple[Mention, ...] = ()
    """Hashes, upload addresses, devices, the page it was found on."""
    classification: str = ""
    """A1, A2, B1, B2 or empty."""
    viewed_by_provider: bool | None = None
    """None: not stated, which is not the same as not viewed."""
    publicly_available: bool | None = None
    relevance: str = ""
    annotations: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipReport:
    number: str | None
    """NCMEC's report id, digits only; None if none of the documents states one."""
    format: str
    """xml, json, pdf or list."""
    provider: str = ""
    """The reporting company as written."""
    platform: str = ""
    incident_type: str = ""
    incident_moment: Moment | None = None
    incident_moment_note: str = ""
    received_moment: Moment | None = None
    """When NCMEC received it, if stated."""
    ncmec_priority: str = ""
    """NCMEC's own letter (1, 2, 3, E), verbatim; never turned into ours."""
    escalation: str = ""
    """The company's free-text reason for high priority; its presence escalates."""
    annotations: tuple[str, ...] = ()
    batched_reason: str = ""
    """Set for a batched viral report, e.g. VIRAL_POTENTIAL_MEME."""
    parties: tuple[Party, ...] = ()
    files: tuple[FileRecord, ...] = ()
    stated_file_count: int | None = None
    mentions: tuple[Mention, ...] = ()
    """Identifiers of the incident itself (a page, a chat), tied to no party."""
    addresses: tuple[Address, ...] = ()
    prior_reports: tuple[str, ...] = ()
    police_reference: str = ""
    """Agency and case number when police already know of it."""
    narrative: str = ""
    """All prose of the report, paragraph by paragraph."""
    source: dict[str, Any] = field(default_factory=dict)
    """Everything the documents said, lossless, as JSON: unknown elements too."""
    unread: tuple[str, ...] = ()
    """Paths that are in `source` but in no field above because the reader does not know them."""
    confidence: int | None = None
    """0 to 100: how sure the reader is; None where the format leaves no doubt."""
    missing: tuple[str, ...] = ()
    """Codes of what a report of this format usually has and this one lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """One file of a dispatch, as handed to a reader."""

    name: str
    """Path inside the dispatch, `/` between folders."""
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A report and the documents that speak of it."""

    report: TipReport
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something that could not be read: for quarantine, in words an officer can act on."""

    document: str
    reason: str
    place: str = ""
    """Element path, line or row; empty when the whole file is meant."""
    number: str | None = None
    """The report id, when it could still be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that a bundle of documents gave: nothing is lost between `found` and `refused`."""

    found: tuple[Found, ...] = ()
    refused: tuple[Refusal, ...] = ()
