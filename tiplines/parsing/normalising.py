"""One spelling for each identifier, so that two reports which name the same thing can meet.

A value that fits no rule is kept as folded original text: never dropped, never repaired.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from urllib.parse import parse_qsl, urlencode, urlsplit

import phonenumbers

from tiplines.parsing.records import Moment

HOME_REGION = "IN"
# Longer text is no phone, address or company, and must not fill the caches.
CACHED_CHARACTERS_AT_MOST = 256

# Company, product and former names, folded as `_slug` folds them, to the key of the account space.
# Two products with separate account ids have separate keys even under one owner.
PROVIDERS = {
    "facebook": "facebook",
    "facebook-com": "facebook",
    "facebook-messenger": "facebook",
    "messenger": "facebook",
    "fb": "facebook",
    "meta": "meta",
    "meta-platforms": "meta",
    "instagram": "instagram",
    "instagram-com": "instagram",
    "threads": "instagram",
    "whatsapp": "whatsapp",
    "google": "google",
    "google-drive": "google",
    "google-photos": "google",
    "google-mail": "google",
    "gmail": "google",
    "youtube": "youtube",
    "snapchat": "snapchat",
    "snap": "snapchat",
    "tiktok": "tiktok",
    "tik-tok": "tiktok",
    "tiktok-technology": "tiktok",
    "bytedance": "tiktok",
    "discord": "discord",
    "discordapp": "discord",
    "x": "x",
    "x-twitter": "x",
    "twitter": "x",
    "twitter-x": "x",
    "twitter-x-corp": "x",
    "x-com": "x",
    "x-internet-unlimited": "x",
    "microsoft": "microsoft",
    "microsoft-online-operations": "microsoft",
    "microsoft-bing": "microsoft",
    "bing": "microsoft",
    "onedrive": "microsoft",
    "microsoft-onedrive": "microsoft",
    "skype": "skype",
    "xbox": "xbox",
    "yahoo": "yahoo",
    "oath": "yahoo",
    "oath-holdings": "yahoo",
    "dropbox": "dropbox",
    "reddit": "reddit",
    "pinterest": "pinterest",
    "linkedin": "linkedin",
    "telegram": "telegram",
    "telegram-messenger": "telegram",
    "kik": "kik",
    "kik-interactive": "kik",
    "medialab": "kik",
    "medialab-kik": "kik",
    "roblox": "roblox",
    "tumblr": "tumblr",
    "automattic": "automattic",
    "imgur": "imgur",
    "adobe": "adobe",
    "amazon": "amazon",
    "apple": "apple",
    "quora": "quora",
    "sharechat": "sharechat",
    "mohalla-tech": "sharechat",
    "moj": "moj",
    "truecaller": "truecaller",
    "viber": "viber",
    "imo": "imo",
    "imo-im": "imo",
    "omegle": "omegle",
    "meetme": "meetme",
    "the-meet-group": "meetme",
    "block": "cash-app",
    "cash-app": "cash-app",
    "cloudflare": "cloudflare",
}
PROVIDER_DOMAINS = {
    "fb.com": "Facebook",
    "facebook.com": "Facebook",
    "meta.com": "Meta",
    "instagram.com": "Instagram",
    "whatsapp.com": "WhatsApp",
    "google.com": "Google",
    "youtube.com": "YouTube",
    "snap.com": "Snapchat",
    "snapchat.com": "Snapchat",
    "tiktok.com": "TikTok",
    "bytedance.com": "TikTok",
    "discord.com": "Discord",
    "discordapp.com": "Discord",
    "x.com": "X",
    "twitter.com": "X",
    "microsoft.com": "Microsoft",
    "yahooinc.com": "Yahoo",
    "dropbox.com": "Dropbox",
    "reddit.com": "Reddit",
    "pinterest.com": "Pinterest",
    "linkedin.com": "LinkedIn",
    "telegram.org": "Telegram",
    "roblox.com": "Roblox",
}
# A mailbox at one of these says nothing about whose company it is.
MAIL_SERVICES = frozenset(
    {
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "yahoo.com",
        "icloud.com",
        "proton.me",
    }
)
LEGAL_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "llc",
        "llp",
        "ltd",
        "limited",
        "corp",
        "corporation",
        "pte",
        "pvt",
        "private",
        "co",
        "company",
        "plc",
        "gmbh",
        "sarl",
        "bv",
        "ag",
        "sa",
        "lp",
        "usa",
        "us",
        "india",
    ]
)

ALGORITHMS = {
    "md-5": "md5",
    "sha": "sha1",
    "sha-1": "sha1",
    "sha-256": "sha256",
    "sha-512": "sha512",
    "photo-dna": "photodna",
    "pdna": "photodna",
    "photodna-hash": "photodna",
    "md5-hash": "md5",
    "sha1-hash": "sha1",
}
# The kinds whose ids are digits or hex with optional separators.
NUMBERED_DEVICES = frozenset(
    {
        "imei",
        "imei1",
        "imei2",
        "imeisv",
        "imsi",
        "meid",
    }
)
HEX_DEVICES = frozenset(
    {
        "mac",
        "mac-address",
        "bssid",
        "wifi-mac",
        "bluetooth-mac",
    }
)
HEX_DIGITS = frozenset("0123456789abcdef")

# Parameters that are the address of a page, not how a reader came to it: without them every profile
# of `profile.php?id=` would be one and the same.
IDENTIFYING_PARAMETERS = frozenset(
    {
        "id",
        "v",
        "fbid",
        "story_fbid",
        "list",
    }
)


def fold(text: str) -> str:
    """Return text in one case and width with single spaces: for names, not for ids."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=4096)
def _slug(text: str) -> str:
    folded = fold(text)
    return "-".join("".join(c if c.isalnum() else " " for c in folded).split())


def storable(text: str) -> str:
    """Return text with U+FFFD for NUL and lone surrogates, which no database text can hold."""
    if text.isascii():
        return text.replace("\0", "\ufffd")
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


# --- companies, accounts, names -----------------------------------------------------------------


def provider_key(company: str) -> str:
    """Return the key of the account space: "Facebook, Inc." -> "facebook"; unknown -> a slug."""
    return _provider_key(company[:CACHED_CHARACTERS_AT_MOST])


@lru_cache(maxsize=4096)
def _provider_key(company: str) -> str:
    slug = _slug(company)
    if slug in PROVIDERS:
        return PROVIDERS[slug]
    words = slug.split("-")
    # Of two names joined, as in "Twitter, Inc. / X Corp.", legal forms stand in between too.
    joined = "-".join(word for word in words if word not in LEGAL_FORMS)
    if joined in PROVIDERS:
        return PROVIDERS[joined]
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return "-".join(words)


def is_company(name: str) -> bool:
    """Whether a name is a company that we know or ends in a legal form such as Inc."""
    slug = _slug(name[:CACHED_CHARACTERS_AT_MOST])
    return provider_key(name) in PROVIDERS.values() or slug.rpartition("-")[2] in LEGAL_FORMS


def company_of_email(address: str) -> str:
    """Return the company that a work address names: its known name, else its domain; "" if none."""
    domain = address.rpartition("@")[2].strip().lower().rstrip(".>")
    if "." not in domain or domain in MAIL_SERVICES:
        return ""
    known = PROVIDER_DOMAINS.get(domain) or PROVIDER_DOMAINS.get(
        ".".join(domain.split(".")[-2:]), ""
    )
    return known or domain


def account(provider: str, identifier: str) -> str:
    """Return "<provider key>:<id>". Ids keep their case: at some companies it tells two apart."""
    return f"{provider_key(provider)}:{unicodedata.normalize('NFKC', identifier).strip()}"


def screen_name(provider: str, name: str) -> str:
    return f"{provider_key(provider)}:{fold(name).removeprefix('@')}"


def group(name: str) -> str:
    return fold(name)


# --- phones and mail ----------------------------------------------------------------------------


def phone(text: str, calling_code: str = "") -> str:
    """Return E.164, or the digits alone where the country is not certain.

    India is taken only when the text states no country and the number is a valid Indian one. The
    calling code, where given, is joined to the number as ispws asks.
    """
    if len(text) + len(calling_code) > CACHED_CHARACTERS_AT_MOST:
        return fold(text)
    return _phone(text, calling_code)


@lru_cache(maxsize=16384)
def _phone(text: str, calling_code: str) -> str:
    digits = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdecimal())
    if not digits:
        return fold(text)
    code = "".join(c for c in calling_code if c.isdecimal())
    stated = text.lstrip(" (").startswith(("+", "＋"))
    if code and not stated:
        # Some clients repeat the code in the number although the schema forbids it.
        for candidate in (f"+{code}{digits}", f"+{digits}"):
            if (found := _valid(candidate, None)) and found.startswith(f"+{code}"):
                return found
        return f"+{code}{digits}"
    if stated:
        return _valid(f"+{digits}", None) or f"+{digits}"
    return _valid(digits, HOME_REGION) or digits


def _valid(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().lower().removeprefix("mailto:")
    if folded.endswith(">") and "<" in folded:
        folded = folded.rpartition("<")[2][:-1]
    return folded.strip() if "@" in folded else fold(text)


# --- network ------------------------------------------------------------------------------------


def ip(text: str) -> str:
    """Return RFC 5952 text; an IPv4-mapped IPv6 address as IPv4."""
    return ip_and_port(text)[0]


def ip_and_port(text: str) -> tuple[str, int | None]:
    """Return the address and the port that is written behind it, if one is."""
    if len(text) > CACHED_CHARACTERS_AT_MOST:
        return fold(text), None
    return _ip_and_port(text)


@lru_cache(maxsize=16384)
def _ip_and_port(text: str) -> tuple[str, int | None]:
    bare = text.strip()
    host, written_port = bare, ""
    if bare.startswith("["):
        host, _, written_port = bare[1:].partition("]")
        written_port = written_port.removeprefix(":")
    elif bare.count(":") == 1:
        host, _, written_port = bare.partition(":")
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return fold(text), None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address), port(written_port)


def port(text: str) -> int | None:
    """Return a source port, or None if the text is none that TCP or UDP has."""
    text = text.strip().removesuffix(".0")
    if not text.isascii() or not text.isdecimal() or len(text) > 5:
        return None
    number = int(text)
    return number if 0 < number <= 65535 else None


def url(text: str) -> str:
    """Return host and path; the query is dropped but for parameters that identify the page."""
    bare = text.strip()
    if "://" not in bare:
        bare = f"//{bare.lstrip('/')}"
    try:
        parts = urlsplit(bare)
        host = parts.hostname or ""
        number = parts.port
    except ValueError:
        return fold(text)
    if not host:
        return fold(text)
    for prefix in ("www.", "m."):
        if host.startswith(prefix) and "." in host.removeprefix(prefix):
            host = host.removeprefix(prefix)
    if number not in (None, 80, 443):
        host = f"{host}:{number}"
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] in IDENTIFYING_PARAMETERS]
    query = f"?{urlencode(sorted(kept))}" if kept else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


# --- devices, hashes, Indian numbers ------------------------------------------------------------


def device(kind: str, identifier: str) -> str:
    key = _slug(kind[:CACHED_CHARACTERS_AT_MOST]) or "unknown"
    folded = fold(identifier)
    if key in NUMBERED_DEVICES:
        digits = "".join(c for c in folded if c.isalnum())
        return f"{key}:{digits or folded}"
    if key == "iccid":
        return f"{key}:{''.join(c for c in folded if c.isalnum()).rstrip('f') or folded}"
    if key in HEX_DEVICES:
        return f"{key}:{''.join(c for c in folded if c in HEX_DIGITS) or folded}"
    return f"{key}:{folded.strip('{}')}"


def digest(algorithm: str, value: str) -> str:
    """Return "<algorithm>:<digest>". Only hex is put in lower case: base64 carries its case."""
    key = _slug(algorithm[:CACHED_CHARACTERS_AT_MOST])
    key = ALGORITHMS.get(key, key) or "unknown"
    bare = value.strip()
    lower = bare.lower()
    return f"{key}:{lower if HEX_DIGITS.issuperset(lower) else bare}"


def upi(text: str) -> str:
    return text.strip().lower()


def pan(text: str) -> str:
    return "".join(text.split()).upper()


def vehicle(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


# --- moments and days ---------------------------------------------------------------------------

UTC_NAMES = ("UTC", "GMT")
# Zones that a sender may state beside a value. IST is read so only where the sender is an Indian
# office, as with covering lists: elsewhere the letters mean other zones too.
STATED_ZONES = {
    "UTC": UTC,
    "GMT": UTC,
    "IST": timezone(timedelta(hours=5, minutes=30)),
}
CLOCK_FORMATS = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")


def moment(
    text: str, *, stated_zone: str | None = None, is_day_first: bool | None = None
) -> Moment:
    """Return a moment as written and, only where a zone is stated, in UTC.

    `stated_zone` is a key of STATED_ZONES when the sender states it beside the value, as in the
    header of a column; `is_day_first` is what `day_order` found. Read are ISO 8601, NCMEC's printed
    `MM-DD-YYYY HH:MM:SS UTC`, and days that can be read in one way only: `05/06/2025` stays unread
    unless the order is given, `25/06/2025` does not.
    """
    original = text.strip()
    bare, zone = original, None
    for name in UTC_NAMES:
        if bare.upper().endswith(name):
            bare, zone = bare[: -len(name)].rstrip(" ("), name
    if bare.endswith(")"):
        head, _, inner = bare[:-1].rpartition("(")
        if inner.strip().upper() in UTC_NAMES:
            bare, zone = head.rstrip(), inner.strip().upper()
    if zone is not None and is_day_first is None and bare.count("-") == 2:
        is_day_first = False  # as NCMEC prints it
    try:
        parsed: datetime | None = datetime.fromisoformat(bare)
    except ValueError:
        parsed = _written_by_hand(bare, is_day_first=is_day_first)
    zone = zone or stated_zone
    if parsed is None:
        return Moment(original=original, utc=None, zone=zone)
    if parsed.tzinfo is not None:
        zone = "Z" if bare[-1:] in "Zz" else _offset_as_written(bare)
    # A day without a clock time is no moment, even where the zone is known.
    elif zone is None or len(bare) <= len("2025-01-01"):
        return Moment(original=original, utc=None, zone=zone)
    else:
        parsed = parsed.replace(tzinfo=STATED_ZONES[zone])
    try:
        return Moment(original=original, utc=parsed.astimezone(UTC), zone=zone)
    except OverflowError:
        return Moment(original=original, utc=None, zone=zone)


def day_order(texts: Iterable[str]) -> bool | None:
    """Return whether the days of one column stand day first; False is month first, None unclear.

    One day over twelve tells it for its column; two that disagree tell nothing.
    """
    orders: set[bool] = set()
    for text in texts:
        numbers = _day_numbers(text.strip().partition(" ")[0])
        if numbers and (numbers[0] > 12) is not (numbers[1] > 12):
            orders.add(numbers[0] > 12)
    return orders.pop() if len(orders) == 1 else None


def _offset_as_written(text: str) -> str:
    at = max(text.rfind("+"), text.rfind("-"))
    return text[at:]


def _day_numbers(text: str) -> tuple[int, int, int] | None:
    """Return the numbers of `25/06/2025` in the order written."""
    separator = next((c for c in "-/." if text.count(c) == 2), "")
    parts = text.split(separator) if separator else []
    if len(parts) != 3 or len(parts[2]) != 4 or max(map(len, parts)) > 4:
        return None
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    first, second, year = map(int, parts)
    return first, second, year


def _written_by_hand(text: str, *, is_day_first: bool | None) -> datetime | None:
    """Read `MM-DD-YYYY` or `DD/MM/YYYY` with or without a time; None if it could be either."""
    day_text, _, clock_text = text.partition(" ")
    numbers = _day_numbers(day_text)
    if numbers is None:
        return None
    first, second, year = numbers
    if first > 12 or first == second:
        is_day_first = True
    elif second > 12:
        is_day_first = False
    elif is_day_first is None:
        return None
    day, month = (first, second) if is_day_first else (second, first)
    try:
        found = datetime(year, month, day)  # noqa: DTZ001 - the zone is settled by the caller
    except ValueError:
        return None
    if not clock_text.strip():
        return found
    for form in CLOCK_FORMATS:
        try:
            clock = datetime.strptime(clock_text.strip().upper(), form)  # noqa: DTZ007 - as above
        except ValueError:
            continue
        return datetime.combine(found, clock.time())
    return None


def day(text: str) -> date | None:
    """Return a calendar day written in ISO 8601 (a zone or time behind it is left); else None."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


_AGE = re.compile(
    r"(?:(?:about|around|approx\.?|approximately|~) ?)?([0-9]{1,3})(?: ?(?:-|–|to) ?[0-9]{1,3})?"
    r"(?: ?(?:y|yo|yr|yrs|year|years|वर्ष|साल)\.?)?(?: old)?",
    re.IGNORECASE,
)


def age(text: str) -> int | None:
    """Return whole years between 0 and 150, else None.

    Of a range the lower end, because whoever may be a child is treated as one.
    """
    written = _AGE.fullmatch(" ".join(text.split()))
    if written is None or int(written[1]) > 150:
        return None
    return int(written[1])


def flag(text: str) -> bool | None:
    """Return a stated yes or no; None if it is neither."""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
        text.strip().lower()
    )


# --- Aadhaar ------------------------------------------------------------------------------------

# Twelve digits, or a sixteen-digit virtual id in groups of four, that stand alone. No nested
# quantifier: the time is linear in the length of the text.
_AADHAAR = re.compile(r"(?<!\w)([2-9]\d{3}([ \t\u00a0-]?)\d{4}\2\d{4})([ \t\u00a0-]\d{4})?(?!\w)")
AADHAAR_WORDS = (
    "aadhaar",
    "aadhar",
    "adhar",
    "uidai",
    "आधार",
)
WORD_REACH_CHARACTERS = 40  # how far before a number the word that names it may stand

# Products in the dihedral group D5, and the permutation of a digit by its place from the right.
_VERHOEFF_PRODUCT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_VERHOEFF_SHIFT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def is_verhoeff_valid(digits: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _VERHOEFF_PRODUCT[check][_VERHOEFF_SHIFT[place % 8][int(digit)]]
    return check == 0


def mask_aadhaar(text: str) -> str:
    """Return prose with each Aadhaar number as XXXX-XXXX-1234: the full one is never stored.

    A run that is an Indian mobile number with its calling code, or part of a web address, is left
    as it is unless the word Aadhaar stands shortly before it.
    """
    if len(text) < 12:
        return text

    def mask(match: re.Match[str]) -> str:
        number, _, more = match.groups()
        digits = number if len(number) == 12 else number[:4] + number[5:9] + number[10:]
        virtual = digits + (more or "")[1:]
        if more and is_verhoeff_valid(virtual):
            return f"XXXX-XXXX-XXXX-{virtual[-4:]}"
        if not is_verhoeff_valid(digits):
            return match.group()
        start = match.start()
        before = text[max(0, start - WORD_REACH_CHARACTERS) : start].lower()
        if not any(word in before for word in AADHAAR_WORDS):
            is_mobile = len(number) == 12 and digits[:2] == "91" and digits[2] in "6789"
            if is_mobile or before.endswith(("+", "/", "=")):
                return match.group()
        return f"XXXX-XXXX-{digits[-4:]}{more or ''}"

    return _AADHAAR.sub(mask, text)


def masked_unknown(name: str, text: str) -> str:
    """Mask the value of a field that the reader does not know.

    One bare run of digits may be an id and is left whole, unless the field's name says Aadhaar.
    """
    if text.strip().isdecimal() and not any(word in name.lower() for word in AADHAAR_WORDS):
        return text
    return mask_aadhaar(text)
