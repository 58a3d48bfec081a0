"""A party block of Section A, in the labels that public readers of real reports look for.

Labels that no public reader names (service, group, device, vehicle) follow the words of the
provider's schema; they are to be checked against the first real document.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime

from tiplines.parsing import moments, normalising
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.pdf_fields import Value, values
from tiplines.parsing.pdf_sections import Block
from tiplines.parsing.records import Address, IdentifierKind, Mention, Moment, Party, PartyRole

ROLES = {
    "Suspect": PartyRole.SUSPECT,
    "Recipient": PartyRole.RECIPIENT,
    "Intended Recipient": PartyRole.RECIPIENT,
    "Child Victim": PartyRole.VICTIM,
    "Victim": PartyRole.VICTIM,
    "Associated Account": PartyRole.ASSOCIATED,
}
PHONES = {
    "phone": "",
    "phone number": "",
    "mobile phone": "Mobile",
    "home phone": "Home",
    "work phone": "Work",
    "business phone": "Business",
    "recovery phone": "Recovery",
    "fax": "Fax",
}
EMAILS = {
    "email address": "",
    "email": "",
    "home email address": "Home",
    "work email address": "Work",
    "business email address": "Business",
    "recovery email address": "Recovery",
}
ADDRESSES = {
    "address": "",
    "home address": "Home",
    "billing address": "Billing",
    "business address": "Business",
    "shipping address": "Shipping",
    "technical address": "Technical",
}
FACTS = {"vehicle description": "vehicleDescription", "school name": "schoolName"}
LABELS = frozenset(
    (
        "name",
        "screen/user name",
        "screen name",
        "user name",
        "display name",
        "esp user id",
        "esp service",
        "profile url",
        "date of birth",
        "approximate age",
        "ip address",
        "port",
        "device id",
        "estimated location",
        "prior ct reports",
        "group identifier",
        "additional information",
        *PHONES,
        *EMAILS,
        *ADDRESSES,
        *FACTS,
    )
)
ENDINGS = {"additional information": frozenset[str]()}

CAPTURE = re.compile(
    r"(?P<value>[^\s()]+?)\s*(?:\((?P<event>[^()]*)\))?\s*(?:Port:?\s*(?P<port>\d{1,5}))?"
    r"\s*(?P<proxy>\(?Possible Proxy\)?)?"
)
DEVICE = re.compile(r"(?P<kind>[^:]+):\s*(?P<value>.+?)\s*(?:\((?P<event>[A-Za-z]+)\))?")
# It begins where the blanks do, so that a run of blanks is gone through once.
VERIFIED = re.compile(
    r"(?<!\s)\s*+\((?P<not>Not |Un)?verified\s*+(?P<at>[^)]{0,200})\)", re.IGNORECASE
)
COUNTRY = re.compile(r"[A-Z][A-Z0-9]|India|United States")
CITY_LINE = re.compile(
    r"(?P<city>[^,]*),(?: (?P<state>[^,\d]+?))?"
    r"(?: (?P<postal>\d[\d -]{2,9}|[A-Z\d]{2,4} [A-Z\d]{2,4}))?"
)
ESTIMATE = re.compile(r"(?P<city>[^,]*), (?P<region>[^,]*), ?(?P<country>[A-Z][A-Z0-9])?")
US_DAY = "%m-%d-%Y"


class PartyReader:
    """Reads one block; what it does not know is left in `unread`."""

    def __init__(self, block: Block, *, ordinal: int, provider: str) -> None:
        self.name = f"{block.heading} {ordinal}"
        self.role = ROLES[block.heading]
        self.page = block.lines[0].page if block.lines else 0
        self.values = list(values(block.lines, LABELS, ENDINGS))
        self.service = next(
            (one.phrase for one in self.values if one.label.lower() == "esp service"), provider
        )
        self.counts: Counter[str] = Counter()
        self.mentions: list[Mention] = []
        self.addresses: list[Address] = []
        self.display_names: list[str] = []
        self.lines: list[str] = []
        self.pieces: list[tuple[str, str]] = []  # place and prose, to be mined
        self.priors: list[str] = []
        self.unread: list[str] = []
        self.full_name = ""
        self.born: date | None = None
        self.age: int | None = None

    def read(self) -> Party:
        for value in self.values:
            self._take(value)
        return Party(
            role=self.role,
            place=f"page {self.page}/{self.name}",
            name=self.full_name,
            display_names=tuple(self.display_names),
            date_of_birth=self.born,
            age=self.age,
            mentions=(*self.mentions, *self._found_in_prose()),
            addresses=tuple(self.addresses),
            text="\n".join(self.lines),
        )

    def _found_in_prose(self) -> tuple[Mention, ...]:
        return mine_beside(self.pieces, reported=self.mentions, provider=self.service)

    def _take(self, value: Value) -> None:
        label = value.label.lower()
        if label not in LABELS:
            text = f"{value.label}: {value.phrase}" if value.label else value.phrase
            self.unread.append(f"page {value.page}: {text}")
        elif not any(line.strip() for line in value.lines):
            return
        elif label in PHONES or label in EMAILS:
            self._contact(value, label)
        elif label in ADDRESSES:
            self.addresses.append(
                postal_address(value, place=self._place(value), label=ADDRESSES[label])
            )
        elif label in FACTS:
            self.lines.append(f"{FACTS[label]}: {value.phrase}")
            self.pieces.append((self._place(value), value.phrase))
        elif label != "esp service":
            TAKERS[label](self, value)

    def _place(self, value: Value) -> str:
        self.counts[value.label] += 1
        return f"page {value.page}/{self.name}/{value.label}[{self.counts[value.label]}]"

    def _contact(self, value: Value, label: str) -> None:
        joined = value.token if label in EMAILS else value.phrase
        stated = VERIFIED.search(joined)
        text = (joined[: stated.start()] if stated else joined).strip()
        when = stated["at"].strip() if stated else ""
        is_phone = label in PHONES
        self.mentions.append(
            Mention(
                kind=IdentifierKind.PHONE if is_phone else IdentifierKind.EMAIL,
                original=text,
                value=normalising.phone(text) if is_phone else normalising.email(text),
                place=self._place(value),
                label=PHONES[label] if is_phone else EMAILS[label],
                verified=None if stated is None else stated["not"] is None,
                verified_moment=moments.moment(spaced(when)) if when else None,
            )
        )

    def _name(self, value: Value) -> None:
        self.full_name = value.phrase

    def _display_name(self, value: Value) -> None:
        self.display_names.append(value.phrase)

    def _screen_name(self, value: Value) -> None:
        text = value.phrase
        found = normalising.screen_name(self.service, text)
        self._identifier(IdentifierKind.SCREEN_NAME, text, found, value, self.service)

    def _account(self, value: Value) -> None:
        text = value.code
        found = normalising.account(self.service, text)
        self._identifier(IdentifierKind.ACCOUNT, text, found, value, self.service)

    def _profile(self, value: Value) -> None:
        text = value.code
        self._identifier(IdentifierKind.URL, text, normalising.url(text), value, "Profile URL")

    def _group(self, value: Value) -> None:
        text = value.phrase
        self._identifier(IdentifierKind.GROUP, text, normalising.group(text), value, "")

    def _identifier(
        self, kind: IdentifierKind, text: str, found: str, value: Value, label: str
    ) -> None:
        self.mentions.append(
            Mention(kind=kind, original=text, value=found, place=self._place(value), label=label)
        )

    def _born(self, value: Value) -> None:
        self.born = us_day(value.phrase)
        if self.born is None:
            self.lines.append(f"dateOfBirth: {value.phrase}")

    def _age(self, value: Value) -> None:
        self.age = moments.age(value.phrase)
        if self.age is None:
            self.lines.append(f"approximateAge: {value.phrase}")

    def _ip(self, value: Value) -> None:
        text, moment = value.without_times()
        found = capture(text, place=self._place(value), moment=moment)
        if found is None:
            self.unread.append(f"page {value.page}: {value.label}: {value.phrase}")
        else:
            self.mentions.append(found)

    def _port(self, value: Value) -> None:
        """Complete the address before: some reports print its port, then its time, below it."""
        text, moment = value.without_times()
        last = self.mentions[-1] if self.mentions else None
        if last is None or last.kind is not IdentifierKind.IP or last.port is not None:
            self.unread.append(f"page {value.page}: {value.label}: {value.phrase}")
            return
        self.mentions[-1] = replace(last, port=normalising.port(text), moment=last.moment or moment)

    def _device(self, value: Value) -> None:
        text, moment = value.without_times()
        found = DEVICE.fullmatch(text)
        kind, bare = (found["kind"], found["value"]) if found else ("", text)
        self.mentions.append(
            Mention(
                kind=IdentifierKind.DEVICE,
                original=bare,
                value=normalising.device(kind, bare),
                place=self._place(value),
                label=kind,
                event=(found["event"] or "") if found else "",
                moment=moment,
            )
        )

    def _estimate(self, value: Value) -> None:
        text, _ = value.without_times()
        text = VERIFIED.sub("", text).strip()
        found = ESTIMATE.fullmatch(text)
        self.addresses.append(
            Address(
                place=self._place(value),
                text="" if found else text,
                city=found["city"].strip() if found else "",
                state=found["region"].strip() if found else "",
                country=(found["country"] or "") if found else "",
                label="estimated",
            )
        )

    def _priors(self, value: Value) -> None:
        self.priors += re.findall(r"\d{6,12}", value.phrase)

    def _remarks(self, value: Value) -> None:
        self.lines.append(value.prose)
        self.pieces.append((self._place(value), value.prose))


TAKERS = {
    "name": PartyReader._name,
    "display name": PartyReader._display_name,
    "screen/user name": PartyReader._screen_name,
    "screen name": PartyReader._screen_name,
    "user name": PartyReader._screen_name,
    "esp user id": PartyReader._account,
    "profile url": PartyReader._profile,
    "date of birth": PartyReader._born,
    "approximate age": PartyReader._age,
    "ip address": PartyReader._ip,
    "port": PartyReader._port,
    "device id": PartyReader._device,
    "estimated location": PartyReader._estimate,
    "prior ct reports": PartyReader._priors,
    "group identifier": PartyReader._group,
    "additional information": PartyReader._remarks,
}


def capture(text: str, *, place: str, moment: Moment | None) -> Mention | None:
    """Return an address with its event and port; None if there is more in the text than these."""
    found = CAPTURE.fullmatch(text)
    if found is None:
        return None
    value, port = normalising.ip_and_port(found["value"])
    return Mention(
        kind=IdentifierKind.IP,
        original=found["value"],
        value=value,
        place=place,
        event=found["event"] or "",
        moment=moment,
        port=normalising.port(found["port"] or "") or port,
        possible_proxy=True if found["proxy"] else None,
    )


def postal_address(value: Value, *, place: str, label: str) -> Address:
    """Return an address of lines: street, then `city, state postal code`, then the country.

    A line that does not fit is street: nothing is guessed, nothing is left out.
    """
    lines = value.prose.split("\n")
    country = lines.pop() if lines and COUNTRY.fullmatch(lines[-1].strip()) else ""
    city = CITY_LINE.fullmatch(lines[-1].strip()) if lines else None
    if city is not None:
        lines.pop()
    return Address(
        place=place,
        text=" ".join(" ".join(lines).split()),
        city=city["city"].strip() if city else "",
        state=(city["state"] or "").strip() if city else "",
        postal_code=(city["postal"] or "").strip() if city else "",
        country=country.strip(),
        label=label,
    )


def us_day(text: str) -> date | None:
    """Return a day written as NCMEC prints it, MM-DD-YYYY, or in ISO 8601; else None."""
    try:
        return datetime.strptime(text.strip(), US_DAY).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return moments.day(text)


def spaced(text: str) -> str:
    """Return a time that was joined without spaces as it is printed."""
    return re.sub(r"(\d{4})(\d\d:)", r"\1 \2", text).strip()
