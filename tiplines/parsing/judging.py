"""Whether a candidate in prose is what it looks like, and somebody's own."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher

from tiplines.parsing import normalising
from tiplines.parsing.lexicon import CHILD_SAFETY_DOMAINS, COMPANY_PAGES, DESKS

_MOBILE = re.compile(r"(?<!\d)[6-9]\d{4}[ -]?\d{5}(?!\d)")


def trimmed(url: str) -> str:
    """Return a URL without the marks of the sentence around it."""
    bare = url.rstrip(".,;:!?*_~»”’।]")
    if bare.endswith(")") and "(" not in bare:
        bare = bare.rstrip(").,;:!?")
    return bare


def unmasked(url: str) -> str:
    """Return a URL as it is, where somebody wrote it so that nobody opens it by mistake."""
    bare = url.replace("[.]", ".")
    return f"http{bare[4:]}" if bare[:4].lower() == "hxxp" else bare


def is_to_everybody(host: str, path: str) -> bool:
    """Whether a page is a company's or an office's own: help, legal pages, the front page."""
    if _is_office(host):
        return True
    domain = ".".join(host.split(".")[-2:])
    if domain not in normalising.PROVIDER_DOMAINS:
        return False
    first = re.split(r"[/?]", path, maxsplit=1)[0].lower()
    return not first or first in COMPANY_PAGES or host.split(".")[0] in COMPANY_PAGES


def _is_office(domain: str) -> bool:
    """Whether a domain is NCMEC's or a government's."""
    return (
        domain.endswith((".gov", ".mil"))
        or ".gov." in domain
        or any(domain == own or domain.endswith(f".{own}") for own in CHILD_SAFETY_DOMAINS)
    )


def before_next_sentence(domain: str) -> str:
    """Return a domain without the word of a next sentence, as in `ravi@ybl.Then`."""
    labels = domain.rstrip(".-").split(".")
    while (
        len(labels) > 1
        and labels[-1].istitle()
        and labels[-2].islower()
        and labels[-1] not in ("Com", "In", "Org", "Net")
    ):
        labels.pop()
    return ".".join(labels)


def is_mailbox(local: str, domain: str) -> bool:
    """Whether an address is one person's: not a desk's, not of a company's or an office's staff."""
    top = domain.rpartition(".")[2]
    if not (top.isalpha() and 2 <= len(top) <= 24) or ".." in domain:
        return False
    own = ".".join(domain.split(".")[-2:]) in normalising.PROVIDER_DOMAINS
    return not (own or local in DESKS or _is_office(domain))


def is_somebodys(value: str) -> bool:
    """Whether text is an IP address that a host can have; inner ones of a network count."""
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return not (
        address.is_unspecified or address.is_loopback or address.is_multicast or address.is_reserved
    )


def is_luhn_valid(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and int(digits) > 0


@lru_cache(maxsize=4096)
def phones_in(window: str) -> tuple[tuple[int, str, str], ...]:
    """Return (start, as written, E.164) of each phone in a run of digits and marks."""
    found = [
        (
            match.start,
            match.raw_string,
            phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164),
        )
        for match in PhoneNumberMatcher(window, normalising.HOME_REGION, leniency=Leniency.VALID)
        if _is_dialled(match.raw_string)
    ]
    # The library gives up where another number follows a phone: `98100 12345 20`.
    found = found or [
        (match.start(), match.group(), normalising.phone(match.group()))
        for match in _MOBILE.finditer(window)
    ]
    return tuple(found)


def _is_dialled(original: str) -> bool:
    """Whether digits are written as a phone: with a country, a trunk zero, or an Indian mobile.

    Other runs that could be a landline are far more often an id, a day or a count of seconds.
    """
    if "+" in original:
        return True
    digits = "".join(str(int(c)) for c in original if c.isdecimal())
    if digits.startswith("0"):
        return len(digits) >= 11
    mobile = digits.removeprefix("91") if len(digits) == 12 else digits
    return len(mobile) == 10 and mobile[0] in "6789"
