"""A field of a tipline that can be corrected: how a value of it is read and written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from tiplines.models import Address, Identifier, Party, Sighting, Tipline
from tiplines.parsing import normalising
from tiplines.parsing.records import IdentifierKind
from tiplines.services.cleaning import clean

AGE_AT_MOST = 120
ZONES = {"IST": "+05:30", "UTC": "+00:00", "GMT": "+00:00", "Z": "+00:00"}

Row = Tipline | Party | Address | Sighting


def read_text(limit: int) -> Callable[[str], Any]:
    return lambda text: clean(" ".join(text.split()), limit)


def read_day(text: str) -> date | None:
    return date.fromisoformat(text.strip()) if text.strip() else None


def read_age(text: str) -> int | None:
    if not text.strip():
        return None
    age = int(text)
    if not 0 <= age <= AGE_AT_MOST:
        raise ValueError(text)
    return age


def read_moment(text: str) -> datetime | None:
    """A moment with its zone: `2026-10-18 14:00 +05:30`, `… IST`, `… UTC`. Raises ValueError where
    there is no zone: none is ever assumed.
    """
    if not text.strip():
        return None
    words = text.strip().split()
    if words[-1].upper() in ZONES:
        words[-1] = ZONES[words[-1].upper()]
    joined = "T".join(words[:2]) + "".join(words[2:]) if len(words) > 1 else words[0]
    found = datetime.fromisoformat(joined)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)


READERS: dict[type[Row], dict[str, Callable[[str], Any]]] = {
    Tipline: {
        "provider": read_text(300),
        "platform": read_text(300),
        "incident_type": read_text(200),
        "incident_at": read_moment,
        "ncmec_received_at": read_moment,
        "ncmec_priority": read_text(20),
        "police_reference": read_text(2_000),
    },
    Party: {"name": read_text(500), "date_of_birth": read_day, "age": read_age},
    Address: {
        "text": read_text(2_000),
        "city": read_text(255),
        "postal_code": read_text(40),
        "state": read_text(255),
        "country": read_text(60),
    },
}


def written(value: Any) -> str:
    """A value as a correction keeps it; empty for none."""
    if value is None:
        return ""
    return str(value.isoformat() if isinstance(value, (date, datetime)) else value)


def normalised(present: Identifier, text: str, held: Tipline) -> str:
    """A corrected identifier in the form by which tiplines are compared."""
    text = " ".join(text.split())
    space = present.told("value").partition(":")[0]
    match present.kind:
        case IdentifierKind.PHONE:
            return normalising.phone(text)
        case IdentifierKind.EMAIL:
            return normalising.email(text)
        case IdentifierKind.IP:
            return normalising.ip(text)
        case IdentifierKind.URL:
            return normalising.url(text)
        case IdentifierKind.UPI:
            return normalising.upi(text)
        case IdentifierKind.PAN:
            return normalising.pan(text)
        case IdentifierKind.VEHICLE:
            return normalising.vehicle(text)
        case IdentifierKind.GROUP:
            return normalising.group(text)
        case IdentifierKind.HASH:
            return normalising.digest(space, text.removeprefix(f"{space}:"))
        case IdentifierKind.DEVICE:
            return normalising.device(space, text.removeprefix(f"{space}:"))
        case IdentifierKind.SCREEN_NAME:
            return normalising.screen_name(space or held.provider, text.removeprefix(f"{space}:"))
    return normalising.account(space or held.provider, text.removeprefix(f"{space}:"))
