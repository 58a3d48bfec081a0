"""Identifiers in prose: what a company or an officer wrote into free text instead of a field.

Marked as free text, which weighs less than a field: the text may speak of anybody. Rather too
little is found than too much, for a wrong value ties strangers. Every pattern is bounded and begins
at a boundary, and every step that costs more than a pattern is counted: the work grows no faster
than the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from tiplines.parsing import normalising
from tiplines.parsing.judging import (
    before_next_sentence,
    is_luhn_valid,
    is_mailbox,
    is_somebodys,
    is_to_everybody,
    phones_in,
    trimmed,
    unmasked,
)
from tiplines.parsing.lexicon import (
    BOILERPLATE,
    HANDLE_WORDS,
    IMEI_WORDS,
    MESSAGE_HEADERS,
    PAN_HOLDERS,
    PAYMENT_HANDLES,
    PAYMENT_WORDS,
    PLATE_CODES,
    PLATFORMS,
)
from tiplines.parsing.pairing import moments_beside
from tiplines.parsing.records import IdentifierKind, Mention, Moment, Provenance

FOUND_AT_MOST = 500  # mentions of one text
TRIES_AT_MOST = 2_000  # candidates of one kind that are looked at in one text
TEXT_CHARACTERS_AT_MOST = 2_000_000  # of a longer text only the beginning is mined
REACH_CHARACTERS = 40  # how far from a value the word that names it may stand

_HINT = re.compile(r"[\d@/]")
# What a text must have before a slower pattern is tried on it.
_DIGIT = re.compile(r"\d")
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_FOUR_AND_LETTER = re.compile(r"[0-9]{4}[A-Za-z](?!\w)")
_PATH = re.compile(r"\.[a-z]{2,3}/", re.IGNORECASE)
_PLATFORM = re.compile(rf"(?<![a-z])(?:{'|'.join(PLATFORMS)})(?![a-z])")
_URL = re.compile(
    r"(?<![\w@.])(?:h(?:tt|xx)ps?://|www\."
    r"|(?:m\.|web\.)?(?:t\.me|telegram\.me|wa\.me|chat\.whatsapp\.com|instagram\.com|facebook\.com|fb\.com"
    r"|discord\.gg|youtube\.com|youtu\.be|twitter\.com|x\.com|snapchat\.com|tiktok\.com|mega\.nz"
    r"|drive\.google\.com|photos\.google\.com|reddit\.com|pinterest\.com|linkedin\.com)/)"
    r"[^\s<>\"'`|\\^{}]{2,2000}",
    re.IGNORECASE,
)
_AT = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9][A-Za-z0-9._%+-]{0,63})@([A-Za-z0-9][A-Za-z0-9.-]{1,254})"
)
_HANDLE = re.compile(r"(?<![\w@./-])@([A-Za-z0-9_.]{3,32})(?![\w@])")
_HASH = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32,64}(?![0-9A-Za-z])")
_IPV4 = re.compile(r"(?<![\w./])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?(?![\w/])(?!\.[0-9])")
_IPV6 = re.compile(r"(?<![\w:.])(?:::ffff:|[0-9A-Fa-f]{4}:)[0-9A-Fa-f:.]{1,40}(?!\w)")
_PORT = re.compile(
    r"(?:\]:|\]?[\s,;()\"'-]{0,4}(?:(?:source|src|remote)[ -])?port[\s:=#\"'-]{0,3})"
    r"([0-9]{1,5})(?![\d.])",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(?:version|ver|build|release|firmware|v)[\s.:]{0,3}$", re.IGNORECASE)
_IMEI = re.compile(r"(?<!\w)[0-9]{2}[ /-]?[0-9]{6}[ /-]?[0-9]{6}[ /-]?[0-9](?!\w)")
_PAN = re.compile(rf"(?<!\w)[A-Z]{{3}}[{PAN_HOLDERS}][A-Z][0-9]{{4}}[A-Z](?!\w)", re.IGNORECASE)
_PLATE = re.compile(
    r"([A-Z]{2})(?<!\w[A-Z]{2})[ -]?[0-9]{1,2}[ -]?[A-Z][ -]?(?!M )[A-Z]{0,2}[ -]?[0-9]{4}(?!\w)"
)
_BHARAT_PLATE = re.compile(r"(?<!\w)[0-9]{2}[ -]?BH[ -]?[0-9]{4}[ -]?[A-Z]{1,2}(?!\w)")
# Days and clock times, so that their digits are taken for nothing else.
_TIME = re.compile(
    r"(?<!\d)(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4})(?!\d)"
    r"|(?<!\d)\d\d?:\d\d(?::\d\d)?(?:\.\d{1,9})?"
)
_DIGITS = re.compile(
    r"(?<![0-9A-Za-z_])(?<!\d[-.])[+(]{0,2}\d[\d ().\t\xa0-]{7,40}\d(?![\dA-Za-z_])"
)
# A number so introduced is one that some office or system gave out.
_GIVEN_OUT = re.compile(
    r"(?<![A-Za-z])(?:ids?|uid|userid|account|a/c|acct|report|tipline|case|ticket|ref|reference|utr|txn"
    r"|transaction|order|invoice|serial|imei|iccid|imsi|fir)\b"
    r"\W{0,4}(?:(?:no|number|id|is)\b)?\W{0,4}$",
    re.IGNORECASE,
)

Fact = tuple[IdentifierKind, str, object]


def mine(text: str, *, place: str, provider: str = "") -> tuple[Mention, ...]:
    """Return the identifiers in prose, in their normal form and each fact once.

    Found are e-mail and UPI addresses, phones, IP addresses with a port and a moment that stand
    beside them, URLs, digests, and what a word beside it must name: IMEI, handles of a platform.
    `provider` is the company that reports; a handle called a user name is one at that company.
    Desks of companies and of the police are left out, and at most FOUND_AT_MOST are returned.
    """
    if _HINT.search(text) is None and "www." not in text:
        return ()
    text = text[:TEXT_CHARACTERS_AT_MOST]
    if BOILERPLATE in text:
        text = "\n".join(line.partition(BOILERPLATE)[0] for line in text.split("\n"))
    sweep = _Sweep(text, place=place, provider=provider)
    return tuple(islice(_new(sweep.mentions(), set()), FOUND_AT_MOST))


def mine_beside(
    pieces: Iterable[tuple[str, str]], *, reported: Iterable[Mention], provider: str = ""
) -> tuple[Mention, ...]:
    """Mine pieces of prose, (place, text) each, that belong to one party, file or incident.

    What a field of the same holder says already is not repeated, but for a moment or a port that
    only the prose has.
    """
    found = [
        mention for place, text in pieces for mention in mine(text, place=place, provider=provider)
    ]
    if not found:
        return ()
    known = {fact for mention in reported for fact in _facts(mention)}
    return tuple(_new(found, known))


def _new(mentions: Iterable[Mention], known: set[Fact]) -> Iterator[Mention]:
    """Yield each mention that says more than is known, and know it then."""
    for mention in mentions:
        facts = _facts(mention)
        if not known.issuperset(facts):
            known.update(facts)
            yield mention


def _facts(mention: Mention) -> list[Fact]:
    """Return what a mention says: the value, and the value at a moment or with a port."""
    kind, value = mention.kind, mention.value
    facts: list[Fact] = [(kind, value, None)]
    if mention.moment is not None and mention.moment.utc is not None:
        facts.append((kind, value, mention.moment.utc))
    if mention.port is not None:
        facts.append((kind, value, mention.port))
    return facts


class _Sweep:
    """One text while it is mined. What one rule takes, no later rule sees."""

    __slots__ = ("place", "provider", "rest", "text")

    def __init__(self, text: str, *, place: str, provider: str) -> None:
        self.text = text
        self.rest = text
        self.place = place
        self.provider = provider

    def mentions(self) -> Iterator[Mention]:
        if "//" in self.rest or "www." in self.rest or _PATH.search(self.rest):
            yield from self.urls()
        if "@" in self.rest:
            yield from self.mail_and_payments()
            yield from self.handles()
        if _DIGIT.search(self.rest) is None:
            return
        yield from self.hashes()
        if self.rest.count(".") >= 3 or self.rest.count(":") >= 2:
            yield from self.ips()
        if _FOUR_DIGITS.search(self.rest):
            yield from self.devices()
            yield from self.papers()
        if _DIGITS.search(self.rest):
            self.cover(match.span() for match in _TIME.finditer(self.rest))
            yield from self.phones()

    # --- the kinds ------------------------------------------------------------------------------

    def urls(self) -> Iterator[Mention]:
        taken = []
        for match in self.tries(_URL):
            original = trimmed(match.group())
            value = normalising.url(unmasked(original))
            host, _, path = value.partition("/")
            taken.append(match.span())
            if "." not in host or is_to_everybody(host, path):
                continue
            yield self.mention(IdentifierKind.URL, original, value)
            if host in ("wa.me", "api.whatsapp.com") and path.isdecimal():
                yield self.mention(IdentifierKind.PHONE, path, normalising.phone(f"+{path}"))
        self.cover(taken)

    def mail_and_payments(self) -> Iterator[Mention]:
        taken = []
        for match in self.tries(_AT):
            local, domain = match[1], before_next_sentence(match[2])
            original = f"{local}@{domain}"
            taken.append((match.start(), match.start() + len(original)))
            if "." not in domain:
                if domain.lower() in PAYMENT_HANDLES or (
                    domain.isalnum() and self.is_near(match, PAYMENT_WORDS)
                ):
                    yield self.mention(IdentifierKind.UPI, original, normalising.upi(original))
            elif is_mailbox(local.lower(), domain.lower()) and not self.is_message_id(match):
                yield self.mention(IdentifierKind.EMAIL, original, normalising.email(original))
        self.cover(taken)

    def handles(self) -> Iterator[Mention]:
        for match in self.tries(_HANDLE):
            name = match[1].strip(".")
            if name and (platform := self.platform_of(match)):
                value = normalising.screen_name(platform, name)
                yield self.mention(IdentifierKind.SCREEN_NAME, f"@{name}", value, label=platform)

    def hashes(self) -> Iterator[Mention]:
        taken = []
        for match in self.tries(_HASH):
            original = match.group()
            algorithm = {32: "MD5", 40: "SHA1", 64: "SHA256"}.get(len(original))
            if algorithm is None or original.isdecimal() or original.isalpha():
                continue
            if algorithm == "SHA256" and self.is_near(match, ("pdq",)):
                algorithm = "PDQ"
            taken.append(match.span())
            value = normalising.digest(algorithm, original)
            yield self.mention(IdentifierKind.HASH, original, value, label=algorithm)
        self.cover(taken)

    def ips(self) -> Iterator[Mention]:
        spans: list[tuple[int, int]] = []
        found: list[tuple[str, str, int | None]] = []
        for pattern in (_IPV6, _IPV4):  # IPv4 may stand inside an address of the other kind
            for match in self.tries(pattern):
                original = match.group().rstrip(".:")
                value, port = normalising.ip_and_port(original)
                start, end = match.start(), match.start() + len(original)
                if not is_somebodys(value) or self.is_version(start):
                    continue
                if port is None and (written := _PORT.match(self.text, end)):
                    port, end = normalising.port(written[1]), written.end()
                spans.append((start, end))
                found.append((original, value, port))
            self.cover(sorted(spans))
        if not found:
            return
        moments = moments_beside(self.text, spans)
        for (start, _), (original, value, port) in zip(spans, found, strict=True):
            moment = moments.get(start)
            yield self.mention(IdentifierKind.IP, original, value, port=port, moment=moment)

    def devices(self) -> Iterator[Mention]:
        lower = self.text.lower()
        if not any(word in lower for word in IMEI_WORDS):
            return
        taken = []
        for match in self.tries(_IMEI):
            digits = "".join(filter(str.isdecimal, match.group()))
            if self.is_near(match, IMEI_WORDS) and is_luhn_valid(digits):
                taken.append(match.span())
                value = normalising.device("IMEI", match.group())
                yield self.mention(IdentifierKind.DEVICE, match.group(), value, label="IMEI")
        self.cover(taken)

    def papers(self) -> Iterator[Mention]:
        taken = []
        for match in self.tries(_PAN) if _FOUR_AND_LETTER.search(self.rest) else ():
            if match.group().isupper() or self.is_near(match, ("pan",)):
                taken.append(match.span())
                value = normalising.pan(match.group())
                yield self.mention(IdentifierKind.PAN, match.group(), value)
        for match in chain(self.tries(_PLATE), self.tries(_BHARAT_PLATE)):
            if match.re is _BHARAT_PLATE or match[1] in PLATE_CODES:
                taken.append(match.span())
                value = normalising.vehicle(match.group())
                yield self.mention(IdentifierKind.VEHICLE, match.group(), value)
        self.cover(sorted(taken))

    def phones(self) -> Iterator[Mention]:
        for window in self.tries(_DIGITS):
            text = window.group()
            if sum(map(str.isdecimal, text)) < 10 and "+" not in text:
                continue
            for start, original, value in phones_in(text):
                at = window.start() + start
                before = self.text[max(0, at - REACH_CHARACTERS) : at]
                if "+" in original or _GIVEN_OUT.search(before) is None:
                    yield self.mention(IdentifierKind.PHONE, original, value)

    # --- steps ----------------------------------------------------------------------------------

    def tries(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        return islice(pattern.finditer(self.rest), TRIES_AT_MOST)

    def cover(self, spans: Iterable[tuple[int, int]]) -> None:
        """Put blanks where a rule has taken something; places in the text stay the same."""
        pieces: list[str] = []
        at = 0
        for start, end in spans:
            pieces += (self.rest[at:start], " " * (end - start))
            at = end
        if pieces:
            self.rest = "".join((*pieces, self.rest[at:]))

    def mention(
        self,
        kind: IdentifierKind,
        original: str,
        value: str,
        *,
        label: str = "",
        port: int | None = None,
        moment: Moment | None = None,
    ) -> Mention:
        return Mention(
            kind=kind,
            original=original,
            value=value,
            place=self.place,
            provenance=Provenance.FREE_TEXT,
            label=label,
            port=port,
            moment=moment,
        )

    def is_near(self, match: re.Match[str], words: Iterable[str]) -> bool:
        """Whether one of the words stands shortly before a match, or just behind it."""
        before = self.text[max(0, match.start() - REACH_CHARACTERS) : match.start()].lower()
        after = self.text[match.end() : match.end() + REACH_CHARACTERS // 4].lower()
        return any(word in before or word in after for word in words)

    def is_version(self, start: int) -> bool:
        return _VERSION.search(self.text, max(0, start - 16), start) is not None

    def is_message_id(self, match: re.Match[str]) -> bool:
        start = match.start()
        line = self.text[max(0, start - 300) : start].rpartition("\n")[2]
        return line.lstrip(" >").lower().startswith(MESSAGE_HEADERS)

    def platform_of(self, match: re.Match[str]) -> str:
        """Return the platform named nearest before a handle, else just behind it; "" if none."""
        before = self.text[max(0, match.start() - REACH_CHARACTERS) : match.start()].lower()
        if named := _PLATFORM.findall(before):
            return PLATFORMS[named[-1]]
        after = self.text[match.end() : match.end() + REACH_CHARACTERS // 2].lower()
        if written := _PLATFORM.search(after):
            return PLATFORMS[written.group()]
        return self.provider if HANDLE_WORDS.intersection(before.split()) else ""
