"""One spelling for each identifier, so that two reports which name the same thing can meet.

A value that fits no rule is kept as folded original text: never dropped, never repaired. Text that
is too long for an identifier is kept as it is written: what it costs to compare grows faster than
its length, and a beginning that two share must not tie them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from urllib.parse import parse_qsl, urlencode, urlsplit

import phonenumbers

HOME_REGION = "IN"
# Longer text is no phone, address or company, and must not fill the caches.
CACHED_CHARACTERS_AT_MOST = 256
VALUE_CHARACTERS_AT_MOST = 2_200  # longer text is no identifier; a row keeps as many
URL_CHARACTERS_AT_MOST = 8_192  # servers take no longer ones

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
    if len(text) > VALUE_CHARACTERS_AT_MOST:
        return text
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
    if len(identifier) > VALUE_CHARACTERS_AT_MOST:
        return f"{provider_key(provider)}:{identifier}"
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
    if len(text) > VALUE_CHARACTERS_AT_MOST:
        return text
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
    if len(text) > URL_CHARACTERS_AT_MOST:
        return text
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
    if len(identifier) > VALUE_CHARACTERS_AT_MOST:
        return f"{key}:{identifier}"
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
    if len(value) > VALUE_CHARACTERS_AT_MOST:
        return f"{key}:{value}"
    bare = value.strip()
    lower = bare.lower()
    return f"{key}:{lower if HEX_DIGITS.issuperset(lower) else bare}"


def upi(text: str) -> str:
    if len(text) > VALUE_CHARACTERS_AT_MOST:
        return text
    return text.strip().lower()


def pan(text: str) -> str:
    if len(text) > VALUE_CHARACTERS_AT_MOST:
        return text
    return "".join(text.split()).upper()


def vehicle(text: str) -> str:
    if len(text) > VALUE_CHARACTERS_AT_MOST:
        return text
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def coordinate(text: str, *, bound: float) -> float | None:
    """Return a latitude or longitude in degrees, or None if it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -bound <= value <= bound else None


def flag(text: str) -> bool | None:
    """Return a stated yes or no; None if it is neither."""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
        text.strip().lower()
    )
