"""Any report that the maker can express, as Hypothesis strategies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from tiplines.making.reports import (
    AssociatedAccount,
    Device,
    Dialect,
    Disabling,
    Email,
    EmptyStyle,
    EstimatedLocation,
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

INCIDENT_TYPES = (
    "Child Pornography (possession, manufacture, and distribution)",
    "Child Sex Trafficking",
    "Child Sex Tourism",
    "Child Sexual Molestation",
    "Misleading Domain Name",
    "Misleading Words or Digital Images on the Internet",
    "Online Enticement of Children for Sexual Acts",
    "Unsolicited Obscene Material Sent to a Child",
)
EVENTS = ("", "Login", "Registration", "Purchase", "Upload", "Other", "Unknown")
REPORT_FLAGS = (
    *("sextortion", "csamSolicitation", "minorToMinorInteraction", "spam", "informational"),
    *("sadisticOnlineExploitation", "potentialAggravatingFactors", "instrumentalUse"),
)
FILE_FLAGS = (
    *("animeDrawingVirtualHentai", "potentialMeme", "viral", "possibleSelfProduction"),
    *("physicalHarm", "violenceGore", "bestiality", "liveStreaming", "infant", "generativeAi"),
)
ACCOUNT_KINDS = ("Billing", "Linked", "Business", "Creator", "Parent/Guardian", "Other")
DEVICE_KINDS = ("IMEI", "ICCID", "IMSI", "SSID", "MAC", "Serial Number", "Android ID", "IDFA")
HASH_BYTES = {"MD5": 16, "SHA1": 20, "SHA256": 32, "PDQ": 32}
COMPANIES = ("Facebook", "Google LLC", "X Corp.", "Snap Inc.", "Beispiel GmbH", "उदाहरण")
COUNTRIES = ("", "IN", "US", "XK", "A1", "EU")

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéñŁß"
SIGNS = " -.'&<>\"()/#@="
DEVANAGARI = st.characters(min_codepoint=0x0904, max_codepoint=0x0950, exclude_categories=["Cn"])
GURMUKHI = st.characters(min_codepoint=0x0A05, max_codepoint=0x0A4C, exclude_categories=["Cn"])


def is_neat(text: str) -> bool:
    return bool(text) and text == " ".join(text.split())


words = st.one_of(
    st.text(st.sampled_from(LATIN + SIGNS), min_size=1, max_size=20),
    st.text(DEVANAGARI, min_size=1, max_size=12),
    st.text(GURMUKHI, min_size=1, max_size=12),
).filter(is_neat)
"""No digits, for those in prose may be Aadhaar numbers, which are masked."""
handles = st.from_regex(r"[a-z][a-z0-9_.]{0,14}[a-z0-9]", fullmatch=True)
identifiers = st.from_regex(r"[A-Za-z0-9]{4,18}", fullmatch=True)
truths = st.sampled_from([None, True, False])


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | strategy


def few(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


def set_of(names: tuple[str, ...], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=most).map(tuple)


def whole(style: ZoneStyle, at: datetime) -> MadeMoment:
    """With the precision that the style writes."""
    thousandths = at.microsecond // 1000 * 1000 if style is ZoneStyle.FRACTION else 0
    return MadeMoment(at.replace(microsecond=thousandths, tzinfo=UTC), style)


moments = st.builds(
    whole,
    st.sampled_from(ZoneStyle),
    st.datetimes(datetime(2005, 1, 1), datetime(2025, 12, 1)),  # noqa: DTZ001 - the zone is set
)
maybe_moments = st.none() | moments
ips = st.ip_addresses().map(str) | st.ip_addresses(v=4).map(lambda ip: f"::ffff:{ip}")
phones = st.builds(
    Phone,
    number=st.from_regex(r"[6-9][0-9]{9}", fullmatch=True),
    kind=st.sampled_from(["", "Mobile", "Home", "Business", "Recovery"]),
    calling_code=st.sampled_from(["", "+91", "+1", "+44"]),
    extension=st.sampled_from(["", "12"]),
    verified=truths,
    verified_at=maybe_moments,
)
emails = st.builds(
    Email,
    address=st.builds("{}@{}".format, handles, st.sampled_from(["example.com", "mail.example"])),
    kind=st.sampled_from(["", "Home", "Work", "Recovery"]),
    verified=truths,
    verified_at=maybe_moments,
)
addresses = st.builds(
    PostalAddress,
    text=maybe(words),
    city=words,
    postal_code=st.sampled_from(["", "110085", "SW1A 1AA"]),
    other_state=st.sampled_from(["", "Delhi", "पंजाब"]),
    country=st.sampled_from(COUNTRIES),
    kind=st.sampled_from(["", "Home", "Billing"]),
) | st.builds(PostalAddress, city=words, us_state=st.just("TX"), country=st.just("US"))
locations = st.builds(
    EstimatedLocation,
    city=words,
    region=maybe(words),
    country_code=st.sampled_from(COUNTRIES),
    verified=truths,
    at=maybe_moments,
)
captures = st.builds(
    IpCapture,
    ip=ips,
    event=st.sampled_from(EVENTS),
    at=maybe_moments,
    possible_proxy=truths,
    port=st.none() | st.integers(1, 65535),
)
devices = st.builds(
    Device,
    id_type=st.sampled_from(DEVICE_KINDS),
    id_value=identifiers,
    event=st.sampled_from(EVENTS),
    at=maybe_moments,
)
disablings = st.none() | st.builds(
    Disabling, disabled=st.booleans(), disabled_at=maybe_moments, user_notified=truths
)
persons = st.builds(
    Person,
    first_name=maybe(words),
    last_name=maybe(words),
    phones=few(phones),
    emails=few(emails),
    addresses=few(addresses),
    age=st.none() | st.integers(0, 120),
    date_of_birth=st.none() | st.dates(date(1930, 1, 1), date(2020, 1, 1)),
)
pages = st.builds(
    "https://{}.example.com/{}".format, st.from_regex(r"[a-z]{1,9}", fullmatch=True), identifiers
)
priors = few(st.integers(980_000_000, 989_999_999))
accounts = st.builds(
    AssociatedAccount,
    kind=st.sampled_from(ACCOUNT_KINDS),
    platform=maybe(words),
    first_name=maybe(words),
    middle_name=maybe(words),
    last_name=maybe(words),
    approximate_age=st.none() | st.integers(0, 120),
    phones=few(phones, 1),
    emails=few(emails, 1),
    addresses=few(addresses, 1),
    service=st.sampled_from(COMPANIES),
    account_id=identifiers,
    screen_name=maybe(handles),
    display_names=few(words),
    group_id=maybe(words),
    ips=few(captures, 1),
    devices=few(devices, 1),
    prior_reports=priors,
)
parties = st.builds(
    MadeParty,
    person=st.none() | persons,
    vehicle_description=maybe(words),
    account_id=identifiers,
    service=st.sampled_from(COMPANIES),
    compromised=truths,
    screen_name=maybe(handles),
    display_names=few(words),
    profile_urls=few(pages),
    profile_bio=maybe(words),
    ips=few(captures, 3),
    devices=few(devices),
    school_name=maybe(words),
    third_party_user=truths,
    prior_reports=priors,
    group_id=maybe(words),
    disabled_for_a_time=disablings,
    disabled_for_good=disablings,
    estimated_location=st.none() | locations,
    all_emails_reported=truths,
    associated_accounts=few(accounts, 1),
    additional_info=few(words),
)
degrees = st.floats(-89, 89).map(lambda value: round(value, 5))
BY_KIND: dict[IncidentKind, dict[str, st.SearchStrategy[Any]]] = {
    IncidentKind.WEB_PAGE: {"urls": few(pages), "third_party_hosted": truths},
    IncidentKind.EMAIL: {"emails": few(emails), "content": maybe(words)},
    IncidentKind.NEWSGROUP: {"name": maybe(words), "emails": few(emails), "content": maybe(words)},
    IncidentKind.CHAT: {"name": maybe(words), "room": maybe(words), "content": maybe(words)},
    IncidentKind.GAMING: {"name": maybe(words), "room": maybe(words)},
    IncidentKind.CELL_PHONE: {
        "phone": st.none() | phones,
        "latitude": degrees,
        "longitude": degrees,
    },
    IncidentKind.NOT_INTERNET: {"addresses": few(addresses)},
    IncidentKind.PEER_TO_PEER: {"ips": few(captures), "file_names": maybe(words)},
}
incidents = st.sampled_from(IncidentKind).flatmap(
    lambda kind: st.builds(
        IncidentDetail, kind=st.just(kind), additional_info=maybe(words), **BY_KIND[kind]
    )
)


def hashes_of(pairs: dict[str, bytes]) -> tuple[tuple[str, str], ...]:
    """The MD5 first, as a file that has any hash has it."""
    return tuple(
        (name, pairs[name][: HASH_BYTES[name]].hex()) for name in HASH_BYTES if name in pairs
    )


hashes = st.just(()) | st.dictionaries(
    st.sampled_from(sorted(HASH_BYTES)), st.binary(min_size=32, max_size=32)
).map(lambda pairs: hashes_of({"MD5": bytes(16), **pairs}))


def either(file: MadeFile) -> MadeFile:
    """The old form of a meme's mark never stands beside the new one."""
    return replace(file, potential_meme=None) if file.annotations else file


files = st.builds(
    MadeFile,
    file_id=st.uuids().map(lambda one: one.hex),
    file_name=maybe(words),
    original_name=maybe(words),
    uploaded_at=maybe_moments,
    location=maybe(pages),
    viewed=truths,
    exif_viewed=truths,
    public=truths,
    relevance=st.sampled_from(["", "Reported", "Supplemental Reported"]),
    potential_meme=truths,
    annotations=set_of(FILE_FLAGS),
    classification=st.sampled_from(["", "A1", "A2", "B1", "B2"]),
    hashes=hashes,
    ip=st.none() | captures,
    devices=few(devices, 1),
    additional_info=few(words),
).map(either)
polices = st.none() | st.builds(
    PoliceInvolved,
    agency=words,
    case_number=maybe(identifiers),
    officer=st.none() | persons,
    reported_to_police=truths,
    served_domestic=truths,
    served_international=truths,
    served_country=st.sampled_from(COUNTRIES),
)
reporters = st.builds(
    Reporter,
    person=st.builds(Person, first_name=words, emails=emails.map(lambda one: (one,))),
    contact=st.none() | persons,
    company_template=maybe(words),
    terms_of_service=maybe(words),
    legal_url=maybe(pages),
)
dialects = st.builds(
    Dialect,
    schema_attributes=st.booleans(),
    filled_flags=st.booleans(),
    kind_on_pair=st.booleans(),
    account_kind_name=st.sampled_from(["type", "accountType"]),
    byte_order_mark=st.booleans(),
    empty=st.sampled_from(EmptyStyle),
    capital_events=st.booleans(),
)
reports = st.builds(
    MadeReport,
    number=st.integers(100_000_000, 999_999_999),
    provider=st.sampled_from(COMPANIES),
    incident_type=st.sampled_from(INCIDENT_TYPES),
    incident_at=moments,
    reporter=reporters,
    received_at=moments,
    ncmec_priority=st.sampled_from(["1", "2", "3", "E"]),
    platform=maybe(words),
    escalation=maybe(words),
    annotations=set_of(REPORT_FLAGS),
    incident_note=maybe(words),
    batched_reason=st.sampled_from(["", "VIRAL_POTENTIAL_MEME"]),
    incidents=few(incidents),
    police=polices,
    reported=few(parties, 2),
    recipients=few(parties, 1),
    victims=few(parties, 1),
    additional_info=maybe(words),
    files=few(files, 2),
    dialect=dialects,
)
