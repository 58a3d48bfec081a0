"""One made report: every field the provider's schema can carry, and a few that only lists state.

The world fills these, the writers write them. A value that is left out is None, False or an empty
tuple, and then no element is written. Text must hold only characters that XML 1.0 allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ZoneStyle(StrEnum):
    """How a sender writes a moment. The moment itself is always kept in UTC."""

    UTC = "Z"
    FRACTION = "Z with milliseconds"
    INDIA = "+05:30"
    UNSTATED = "no zone"  # what the digits mean cannot be told from the text


@dataclass(frozen=True, slots=True)
class MadeMoment:
    at: datetime
    """Aware, UTC."""
    style: ZoneStyle = ZoneStyle.UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    number: str
    """Without the calling code when `calling_code` is given."""
    kind: str = ""
    calling_code: str = ""
    extension: str = ""
    verified: bool | None = None
    verified_at: MadeMoment | None = None

    @property
    def dialled(self) -> str:
        """Calling code and number in one piece, as senders without two fields write it."""
        return self.calling_code + self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    address: str
    kind: str = ""
    verified: bool | None = None
    verified_at: MadeMoment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    text: str = ""
    city: str = ""
    postal_code: str = ""
    us_state: str = ""
    other_state: str = ""
    country: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedLocation:
    city: str = ""
    region: str = ""
    country_code: str = ""
    verified: bool | None = None
    at: MadeMoment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IpCapture:
    ip: str
    event: str = ""
    at: MadeMoment | None = None
    possible_proxy: bool | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    id_type: str
    id_value: str
    event: str = ""
    at: MadeMoment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disabling:
    """The account was disabled, for a time or for good."""

    disabled: bool = True
    disabled_at: MadeMoment | None = None
    user_notified: bool | None = None
    user_notified_at: MadeMoment | None = None
    reenabled_at: MadeMoment | None = None
    """Only for a disabling for a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    first_name: str = ""
    last_name: str = ""
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    addresses: tuple[PostalAddress, ...] = ()
    age: int | None = None
    age_discrepancy: bool | None = None
    date_of_birth: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociatedAccount:
    kind: str
    """Billing, Linked, Business, Creator, Parent/Guardian or Other."""
    platform: str = ""
    third_party: bool | None = None
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    approximate_age: int | None = None
    date_of_birth: date | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    all_emails_reported: bool | None = None
    addresses: tuple[PostalAddress, ...] = ()
    service: str = ""
    account_id: str = ""
    profile_urls: tuple[str, ...] = ()
    screen_name: str = ""
    display_names: tuple[str, ...] = ()
    profile_bio: str = ""
    group_id: str = ""
    compromised: bool | None = None
    disabled_for_a_time: Disabling | None = None
    disabled_for_good: Disabling | None = None
    ips: tuple[IpCapture, ...] = ()
    devices: tuple[Device, ...] = ()
    prior_reports: tuple[int, ...] = ()
    additional_info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeParty:
    """A reported user, an intended recipient or a victim; MadeReport's field says which.

    The schema does not offer every field to each of the three: what it does not is not written.
    """

    person: Person | None = None
    vehicle_description: str = ""  # reported users only
    account_id: str = ""
    service: str = ""
    compromised: bool | None = None
    screen_name: str = ""
    display_names: tuple[str, ...] = ()
    profile_urls: tuple[str, ...] = ()
    profile_bio: str = ""
    ips: tuple[IpCapture, ...] = ()
    devices: tuple[Device, ...] = ()
    school_name: str = ""  # victims only
    third_party_user: bool | None = None  # reported users only
    prior_reports: tuple[int, ...] = ()
    group_id: str = ""  # not for victims
    disabled_for_a_time: Disabling | None = None
    disabled_for_good: Disabling | None = None
    estimated_location: EstimatedLocation | None = None
    all_emails_reported: bool | None = None
    associated_accounts: tuple[AssociatedAccount, ...] = ()  # not for recipients
    additional_info: tuple[str, ...] = ()  # several for recipients only; else the first is written


class IncidentKind(StrEnum):
    WEB_PAGE = "webPageIncident"
    EMAIL = "emailIncident"
    NEWSGROUP = "newsgroupIncident"
    CHAT = "chatImIncident"
    GAMING = "onlineGamingIncident"
    CELL_PHONE = "cellPhoneIncident"
    NOT_INTERNET = "nonInternetIncident"
    PEER_TO_PEER = "peer2peerIncident"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDetail:
    """One `internetDetails`; each kind writes only the fields that its schema type has."""

    kind: IncidentKind
    third_party_hosted: bool | None = None  # web page
    urls: tuple[str, ...] = ()  # web page
    emails: tuple[Email, ...] = ()  # e-mail, newsgroup
    name: str = ""
    """Newsgroup, chat client, game, location or peer-to-peer client."""
    room: str = ""
    """Chat room; for a game the console."""
    phone: Phone | None = None  # cell phone
    latitude: float | None = None  # cell phone
    longitude: float | None = None  # cell phone
    addresses: tuple[PostalAddress, ...] = ()  # not internet
    ips: tuple[IpCapture, ...] = ()  # peer to peer
    file_names: str = ""  # peer to peer
    content: str = ""  # e-mail, newsgroup, chat, game
    additional_info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliceInvolved:
    agency: str
    case_number: str = ""
    officer: Person | None = None
    reported_to_police: bool | None = None
    served_domestic: bool | None = None
    served_international: bool | None = None
    served_country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reports: the company's desk, and whom police should ask."""

    person: Person
    contact: Person | None = None
    company_template: str = ""
    terms_of_service: str = ""
    legal_url: str = ""
    product: str = ""
    """A service inside the company; only the JSON form has a place for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMetadata:
    kind: str
    """EXIF or HASH."""
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """What is said about one uploaded file. There is no file."""

    file_id: str
    file_name: str = ""
    original_name: str = ""
    uploaded_at: MadeMoment | None = None
    location: str = ""
    viewed: bool | None = None
    exif_viewed: bool | None = None
    public: bool | None = None
    relevance: str = ""
    potential_meme: bool | None = None
    """The old form; never together with `annotations`."""
    annotations: tuple[str, ...] = ()
    classification: str = ""
    hashes: tuple[tuple[str, str], ...] = ()
    """(algorithm, digest)."""
    ip: IpCapture | None = None
    devices: tuple[Device, ...] = ()
    metadata: tuple[FileMetadata, ...] = ()
    additional_info: tuple[str, ...] = ()


class EmptyStyle(StrEnum):
    """What a JSON sender writes for a container that holds nothing."""

    NULL = "null"
    LEFT_OUT = "left out"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Where real senders of one format differ; none of it changes what is said."""

    schema_attributes: bool = True  # xsi:noNamespaceSchemaLocation on the root
    filled_flags: bool = False  # <viral>true</viral> instead of <viral/>
    kind_on_pair: bool = False  # nameValuePair/@type instead of details/@type
    account_kind_name: str = "type"  # or accountType
    byte_order_mark: bool = True  # JSON
    empty: EmptyStyle = EmptyStyle.NULL  # JSON
    capital_events: bool = True  # JSON: UPLOAD instead of Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeReport:
    number: int
    """Nine digits."""
    provider: str
    """The company. The XML has no element for it: there it shows in the reporter's texts."""
    incident_type: str
    incident_at: MadeMoment
    reporter: Reporter
    received_at: MadeMoment
    """When NCMEC received it: JSON and lists only."""
    ncmec_priority: str = "E"
    """1, 2, 3 or E: lists and PDF only."""
    platform: str = ""
    escalation: str = ""
    annotations: tuple[str, ...] = ()
    incident_note: str = ""
    batched_reason: str = ""
    incidents: tuple[IncidentDetail, ...] = ()
    police: PoliceInvolved | None = None
    reported: tuple[MadeParty, ...] = ()
    recipients: tuple[MadeParty, ...] = ()
    victims: tuple[MadeParty, ...] = ()
    additional_info: str = ""
    files: tuple[MadeFile, ...] = ()
    dialect: Dialect = Dialect()
