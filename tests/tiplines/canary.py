"""A report that names a child in every text it has, and the child's name."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from tiplines.making.reports import (
    AssociatedAccount,
    Email,
    EstimatedLocation,
    FileMetadata,
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
)

FIRST, LAST = "Zyqravine", "Qoltharp"
CANARY = f"{FIRST} {LAST}"
AT = MadeMoment(at=datetime(2026, 10, 18, 9, 30, tzinfo=UTC))
CODES = frozenset(
    {
        *("kind", "number", "calling_code", "extension", "country", "country_code"),
        *("served_country", "ip", "id_type", "us_state", "classification", "hashes"),
        *("ncmec_priority", "incident_type", "postal_code", "account_kind_name"),
    }
)
"""Fields that hold a code or a number: with a word more they are not read."""


def person(name: str, number: int, **said: Any) -> Person:
    return Person(
        first_name=name,
        last_name="Nair",
        phones=(Phone(number=f"98100000{number:02d}", kind="Mobile", calling_code="91"),),
        emails=(Email(address=f"{name.lower()}@example.com", kind="Home"),),
        addresses=(
            PostalAddress(
                text="B-12, Prashant Vihar", city="Delhi", postal_code="110085", country="IN"
            ),
        ),
        **said,
    )


def party(name: str, number: int, **said: Any) -> MadeParty:
    return MadeParty(
        person=person(name, number, **said),
        account_id=f"id-{number}",
        service="chat",
        screen_name=f"{name.lower()}-x",
        display_names=(f"the {name}",),
        profile_urls=(f"https://example.com/{name.lower()}",),
        profile_bio=f"{name} says",
        ips=(IpCapture(ip=f"198.51.100.{number}", event="Login", at=AT, port=4000),),
        estimated_location=EstimatedLocation(city="Delhi", region="Delhi", country_code="IN"),
        associated_accounts=(
            AssociatedAccount(kind="other", first_name=name, account_id=f"more-{number}"),
        ),
        additional_info=(f"about {name}",),
    )


def child(first: str, last: str, number: int) -> MadeParty:
    """All that is said of a child is the child's."""
    return MadeParty(
        person=Person(
            first_name=first,
            last_name=last,
            age=13,
            date_of_birth=date(2013, 3, 4),
            phones=(Phone(number=f"98777777{number:02d}", kind="Mobile", calling_code="91"),),
            emails=(Email(address=f"{first}.{last}.{number}@example.com".lower(), kind="Home"),),
            addresses=(
                PostalAddress(
                    text=f"{number} {last} Lane", city="Delhi", postal_code="110001", country="IN"
                ),
            ),
        ),
        account_id=f"{first}-{number}",
        screen_name=f"{first}{number}".lower(),
        display_names=(f"{first} {number}",),
        profile_urls=(f"https://example.com/{first}/{number}",),
        profile_bio=f"I am {first}",
        school_name=f"{last} School",
        ips=(IpCapture(ip=f"203.0.113.{number}", event="Login", at=AT),),
        additional_info=(f"{first} goes to school",),
    )


def canary_report(number: int) -> MadeReport:
    """The canary is the name of the victim, of a minor who is reported, and in all other texts."""
    told = MadeReport(
        number=number,
        provider="Google",
        incident_type="Child Pornography (possession, manufacture, and distribution)",
        incident_at=AT,
        received_at=AT,
        reporter=Reporter(person=person("Rita", 1), contact=person("Carl", 2), product="chat"),
        escalation="escalated",
        incident_note="about noon",
        incidents=(
            IncidentDetail(
                kind=IncidentKind.CHAT, content="he wrote", additional_info="more", room="room"
            ),
            IncidentDetail(kind=IncidentKind.WEB_PAGE, urls=("https://example.com/page",)),
        ),
        police=PoliceInvolved(
            agency="Delhi Police", case_number="12/2026", officer=person("Om", 3)
        ),
        reported=(party("Ravi", 4, age=40), replace(party("Amit", 5), vehicle_description="car")),
        recipients=(party("Sunil", 6, age=30),),
        additional_info="what else",
        files=(
            MadeFile(
                file_id="f1",
                file_name="1.jpg",
                original_name="one.jpg",
                location="https://example.com/1.jpg",
                hashes=(("MD5", "0" * 32),),
                metadata=(FileMetadata(kind="EXIF", pairs=(("Maker", "camera"),)),),
                additional_info=("seen",),
            ),
        ),
    )
    report: MadeReport = with_canary(told)
    minor = replace(child(FIRST, LAST, 2), school_name="")
    return replace(report, victims=(child(FIRST, LAST, 1),), reported=(*report.reported, minor))


def with_canary(value: Any, name: str = "") -> Any:
    """The same with the name of the child after every text; within an address of the web or a mail
    before its end.
    """
    if isinstance(value, Enum) or name in CODES:
        return value
    if isinstance(value, str):
        if "://" in value:
            return f"{value}/{FIRST}-{LAST}"
        if "@" in value:
            return f"{FIRST}.{LAST}.{value}"
        return f"{value} {CANARY}" if value else value
    if isinstance(value, tuple):
        return tuple(with_canary(each, name) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, MadeMoment):
            return value
        return replace(
            value,
            **{one.name: with_canary(getattr(value, one.name), one.name) for one in fields(value)},
        )
    return value
