"""What the columns of a covering list mean: every sender names them anew, in English and Hindi."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tiplines.parsing import moments, normalising
from tiplines.parsing.limits import LIST_COLUMNS_AT_MOST

HEADER_WITHIN_ROWS = 20  # titles and notes may stand above the header
HEADER_CHARACTERS = 200  # of a header, by which it is known

# One field a line: every header that means it, folded as `_header_key` folds them.
HEADERS: dict[str, str] = {
    "number": "tipline no|tipline number|tipline id|tipline|tip line no|tip line number|ctr no|ctr"
    "|ctr number|ctr id|ct no|ct number|report id|report no|report number|reportid"
    "|cybertipline report|cybertipline report no|cybertipline report number|cybertipline report id"
    "|cybertipline no|cybertipline number|cybertipline id|cyber tipline no|cyber tipline number"
    "|cyber tipline report no|cyber tipline report number|cyber tip no|cybertip no|ncmec report no"
    "|ncmec report number|ncmec report id|ncmec id|ncmec no|cybertip id|tip no|tip number|tip id"
    "|टिपलाइन संख्या|टिपलाइन नंबर|टिपलाइन नं|टिपलाइन क्रमांक|रिपोर्ट संख्या|रिपोर्ट नंबर|रिपोर्ट आईडी",
    "received": "date received|received on|received date|received|date of receipt|receipt date"
    "|received by ncmec|received by ncmec on|date received by ncmec|ncmec received date"
    "|report date|date of report|प्राप्ति तिथि|प्राप्ति दिनांक|प्राप्त तिथि",
    "name": "suspect name|name of suspect|name|suspect|accused name|name of accused|suspect s name"
    "|user real name|संदिग्ध का नाम|नाम|आरोपी का नाम",
    "screen_name": "user name|username|screen name|screen user name|screenname|handle|user handle"
    "|suspect username|suspect user name|यूजर नाम|यूज़र नाम|उपयोगकर्ता नाम",
    "display_name": "display name|profile name",
    "account": "esp user id|esp userid|user id|userid|account id|profile id|esp identifier"
    "|suspect user id|facebook id|instagram id|यूजर आईडी|यूज़र आईडी",
    "url": "profile url|url|profile link|link|profile",
    "ip": "suspect ip|ip|ip address|ip addresses|suspect ip address|ip addr|login ip|upload ip"
    "|suspect ips|आईपी|आईपी पता|आईपी एड्रेस",
    "port": "port|source port|port no|port number|ip port|suspect port|पोर्ट",
    "ip_moment": "ip date time|ip date and time|ip time|ip timestamp|ip date|date time of ip"
    "|date and time of ip|login time|login date time|upload time|timestamp|date time of login",
    "phone": "phone|phone no|phone number|mobile|mobile no|mobile number|contact no|contact number"
    "|suspect phone|suspect mobile|telephone|suspect phone number|suspect mobile no"
    "|suspect mobile number|मोबाइल|मोबाइल नंबर|मोबाइल नं|मोबाइल संख्या|फोन|फोन नंबर|फ़ोन नंबर|फ़ोन",
    "email": "email|e mail|email id|e mail id|mail id|email address|e mail address|suspect email"
    "|suspect email id|suspect e mail|ईमेल|ई मेल|ईमेल आईडी|ई मेल आईडी",
    "imei": "imei|imei no|imei number|device imei|आईएमईआई",
    "device": "device id|device identifier",
    "md5": "md5|md5 hash|hash md5|file md5|hash|file hash|hash value",
    "sha1": "sha1|sha 1|sha1 hash|hash sha1",
    "file_name": "filename|file name|फाइल नाम",
    "file_count": "no of files|number of files|files|file count|total files|total uploaded files"
    "|number of uploaded files|uploaded files|फाइलों की संख्या",
    "dob": "date of birth|dob|suspect dob|suspect date of birth|जन्म तिथि|जन्मतिथि",
    "age": "age|suspect age|approximate age|आयु|उम्र",
    "address": "address|suspect address|full address|location|geo location|पता",
    "city": "geo city|city|ip city|geo location city|शहर|नगर",
    "postal_code": "geo postal code|postal code|pin|pin code|pincode|zip|zip code|geo pin"
    "|geo pin code|geo zip|geo zip code|पिन कोड|पिनकोड|पिन",
    "state": "state|geo state|region|geo region|state ut|राज्य",
    "district": "district|police district|geo district|dist|जिला|ज़िला",
    "country": "country|geo country|देश",
    "priority": "priority|priority level|ncmec priority|priority as per ncmec|प्राथमिकता",
    "provider": "reporting esp|esp|esp name|reported by|provider|company|submitter|service provider"
    "|reporting company|name of esp|reporting electronic service provider|सेवा प्रदाता|कंपनी",
    "platform": "platform|app|application|service|social media|social media platform|esp service"
    "|प्लेटफॉर्म",
    "incident_type": "incident type|type of incident|nature|nature of incident|category"
    "|primary incident type|type|घटना का प्रकार|श्रेणी",
    "incident_moment": "incident time|incident date|incident date time|incident date and time"
    "|date of incident|date time of incident|date and time of incident|घटना का समय|घटना तिथि"
    "|घटना की तिथि",
    "prior": "prior ct reports|prior reports|related reports|linked reports|previous reports",
    "remarks": "remarks|remark|notes|note|comments|comment|details|brief|brief facts|description"
    "|gist|additional information|टिप्पणी|विवरण|संक्षिप्त विवरण",
    "serial": "s no|sr no|sl no|serial no|serial number|sno|srno|slno|sr|sl|no|क्रम संख्या|क्र सं|क्रमांक",
}
FIELD_OF_HEADER = {name: field for field, names in HEADERS.items() for name in names.split("|")}
PROSE_FIELDS = frozenset({"name", "address", "remarks", "display_name"})
PREFIXES = ("geo", "login", "upload", "facebook", "instagram")
SERVICES_BY_PREFIX = {"facebook": "Facebook", "instagram": "Instagram"}
EVENTS_BY_PREFIX = {"login": "Login", "upload": "Upload"}
# A covering list comes from an Indian office, so its IST is India's.
ZONES = {"utc": "UTC", "gmt": "GMT", "ist": "IST"}
MOMENT_FIELDS = frozenset({"received", "ip_moment", "incident_moment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    header: str
    """As written; made unique within the sheet."""
    field: str
    """A key of HEADERS; "" if the header is not known."""
    zone: str | None
    """The zone that the header states, as in "IP Date/Time (UTC)"."""
    prefix: str
    is_day_first: bool | None = None
    """The order of day and month that the column itself proves; None if it proves none."""
    is_mapped: bool = False
    """The field is an officer's choice and not what the header means by HEADERS."""


Mappings = Mapping[tuple[str, ...], tuple[str, ...]]
"""Headers as written, in their order, to the field of each: what officers have approved."""
NO_MAPPINGS: Mappings = {}


@lru_cache(maxsize=1024)
def _header_key(text: str) -> tuple[str, str | None]:
    """Return a header folded for the table, and the zone that it states."""
    words = "".join(
        c if c.isalnum() or ord(c) > 0x0900 else " " for c in normalising.fold(text)
    ).split()
    zone = next((ZONES[word] for word in words if word in ZONES), None)
    return " ".join(word for word in words if word not in ZONES), zone


def columns_of(row: Sequence[str], mappings: Mappings = NO_MAPPINGS) -> list[Column]:
    names = _names(row)
    chosen = mappings.get(as_approved(row, names), ())
    columns: list[Column] = []
    for n, (text, name) in enumerate(zip(row, names, strict=False)):
        key, zone = _header_key(text[:HEADER_CHARACTERS])
        meant = FIELD_OF_HEADER.get(key, "")
        field = chosen[n] if n < len(chosen) else meant
        prefix = key.partition(" ")[0]
        columns.append(
            Column(
                header=name,
                field=field,
                zone=zone,
                prefix=prefix if prefix in PREFIXES else "",
                is_mapped=field != meant,
            )
        )
    return columns


def _names(row: Sequence[str]) -> list[str]:
    """Return a name for each column that no other of the row has."""
    names: list[str] = []
    taken: dict[str, int] = {}
    for n, text in enumerate(row[:LIST_COLUMNS_AT_MOST], 1):
        name = " ".join(text.split()) or f"column {n}"
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name} ({taken[name]})")
    return names


def as_approved(row: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names under which a mapping of this header is kept: up to the last that is said,
    for a sheet may be laid out wider than it is written."""
    width = max((n for n, text in enumerate(row[: len(names)], 1) if text.strip()), default=0)
    return tuple(name[:HEADER_CHARACTERS] for name in names[:width])


def with_day_order(column: Column, at: int, rows: Sequence[Sequence[str]]) -> Column:
    if column.field not in MOMENT_FIELDS:
        return column
    order = moments.day_order(row[at] for row in rows if len(row) > at)
    return replace(column, is_day_first=order)


def find_header(rows: Sequence[Sequence[str]], mappings: Mappings) -> tuple[int, list[Column]]:
    """Return where the header stands and its columns; no columns if no row has a number column."""
    best: tuple[int, list[Column]] = (0, [])
    most = 0
    for at, row in enumerate(rows):
        columns = columns_of(row, mappings)
        known = sum(1 for column in columns if column.field)
        is_header = any(column.field == "number" for column in columns)
        if is_header and any(column.is_mapped for column in columns):
            return at, columns
        if is_header and known > most:
            best, most = (at, columns), known
    return best
