"""A made world told as reports, so that its planted truth meets the whole intake.

A value stands in the field in which senders write such a value, always in the same spelling, and
different values of a kind are spelt differently: sightings then tie the tiplines that the world
ties. One company sends all reports, for screen names are compared within a company. Payment handles
have no field in any format and stand in prose about the suspect, as senders write them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import IO

import numpy as np

from nexus.holdings import NO_DISTRICT
from nexus.kinds import Kind
from tests.nexus.world import World
from tiplines.making import wording
from tiplines.making.digests import hex_digest, hex_hash
from tiplines.making.dispatch import Archive
from tiplines.making.habits import REPORTERS
from tiplines.making.people import (
    CALLING_CODE,
    COMMUNITIES,
    EMAIL_DOMAINS,
    PAYMENT_HANDLES,
    PHONE_LEVEL,
)
from tiplines.making.places import DelhiPlace, delhi_places
from tiplines.making.reports import (
    Device,
    Email,
    IncidentDetail,
    IncidentKind,
    IpCapture,
    MadeFile,
    MadeMoment,
    MadeParty,
    MadeReport,
    Person,
    Phone,
    PostalAddress,
)
from tiplines.making.world import POSSESSION
from tiplines.sounding import address_sound

PROVIDER = "X Corp."
HASHES = ("MD5", "SHA1")
DAY_0 = datetime(2023, 1, 1, tzinfo=UTC)
RECEIVED_AFTER = timedelta(hours=6)
FIRST_NUMBER = 900_000_000  # below those of `tiplines.making`
ROWS_AT_MOST = 89_000_000
FIRST_ACCOUNT = 1_000_000_000  # ids of ten digits
VALUES_AT_MOST = 10_000_000  # seven digits are left in a phone behind its level
NETWORK = IPv4Address("11.0.0.0")  # /8 of the US military: public, and no subscriber's in India

FIRST_NAMES = [name.partition("|")[0] for each in COMMUNITIES for name in each.men]
SYLLABLES = [first + vowel for first in "bdghjklmnprstvy" for vowel in "aeiou"]
SURNAME_SYLLABLES = 4  # 75 ** 4 surnames: more than VALUES_AT_MOST
SPREAD = 0x9E3779B97F4A7C15  # odd, so that its multiples are all different in 64 bits


def _places_by_district() -> dict[str, list[DelhiPlace]]:
    """Only of PIN codes within one district: an address of another may be found next door. None
    with a number that could be a house, which would tie what the world does not.
    """
    districts: dict[str, set[str]] = defaultdict(set)
    for place in delhi_places():
        districts[place.pin].add(place.district_code)
    found: dict[str, list[DelhiPlace]] = defaultdict(list)
    for place in delhi_places():
        if len(districts[place.pin]) == 1 and address_sound(place.locality) is None:
            found[place.district_code].append(place)
    return dict(sorted(found.items()))


PLACES = _places_by_district()
DISTRICT_CODES = tuple(PLACES)
"""By the world's number of a district."""

Said = dict[Kind, list[int]]


def number_of(row: int) -> int:
    """The report number, of nine digits, of a row of the world."""
    if not 0 <= row < ROWS_AT_MOST:
        raise ValueError(f"rows go from 0 to {ROWS_AT_MOST - 1}")
    return FIRST_NUMBER + row


def row_of(number: int | str) -> int:
    return int(number) - FIRST_NUMBER


def write_world(world: World, out: IO[bytes], *, rows: Iterable[int] | None = None) -> None:
    """Write an archive of all or some rows: even ones XML, odd ones JSON."""
    archive = Archive(out)
    for report in tell_world(world, rows=rows):
        if row_of(report.number) % 2:
            archive.add_json(report)
        else:
            archive.add_xml(report)
    archive.close()


def tell_world(world: World, *, rows: Iterable[int] | None = None) -> Iterator[MadeReport]:
    """Yield the report of each row asked for, of all if none are named.

    Raises ValueError for a value that has no spelling of its own.
    """
    mentions = world.mentions
    if mentions.value.max(initial=0) >= VALUES_AT_MOST:
        raise ValueError(f"values go to {VALUES_AT_MOST - 1}")
    order = np.argsort(mentions.report, kind="stable")
    kind, value = mentions.kind[order], mentions.value[order]
    starts = np.searchsorted(mentions.report[order], np.arange(world.count + 1)).tolist()
    for row in range(world.count) if rows is None else rows:
        own = slice(starts[row], starts[row + 1])
        said: Said = {each: [] for each in Kind}
        for one, number in dict.fromkeys(zip(kind[own].tolist(), value[own].tolist(), strict=True)):
            said[Kind(one)].append(number)
        yield _tell(
            row,
            said,
            at=DAY_0 + timedelta(seconds=round(float(mentions.report_day[row]) * 86400)),
            account=int(mentions.report_account[row]),
            district=int(mentions.report_district[row]),
        )


def _tell(row: int, said: Said, *, at: datetime, account: int, district: int) -> MadeReport:
    moment = MadeMoment(at)
    handles = list(map(_handle, said[Kind.SCREEN_NAME]))
    return MadeReport(
        number=number_of(row),
        provider=PROVIDER,
        platform=PROVIDER,
        incident_type=POSSESSION,
        incident_at=moment,
        reporter=REPORTERS[PROVIDER],
        received_at=MadeMoment(at + RECEIVED_AFTER),
        incidents=tuple(
            IncidentDetail(kind=IncidentKind.WEB_PAGE, urls=(url,))
            for url in (*map(_invite, said[Kind.CHANNEL]), *map(_page, said[Kind.URL]))
        ),
        reported=(
            MadeParty(
                person=_person(said, account, district),
                account_id=str(FIRST_ACCOUNT + account),
                screen_name="".join(handles[:1]),
                ips=tuple(
                    IpCapture(ip=str(NETWORK + value), event="Login", at=moment)
                    for value in said[Kind.IP]
                ),
                devices=tuple(
                    Device(id_type="Android ID", id_value=_code(value), event="Login", at=moment)
                    for value in said[Kind.DEVICE]
                ),
                additional_info=_payments(said[Kind.PAYMENT]),
            ),
            # A party has one screen name: who is named beside the account is a party too.
            *(MadeParty(screen_name=handle) for handle in handles[1:]),
        ),
        files=tuple(
            MadeFile(
                file_id=hex_digest(f"{row}:{order}", 16),
                uploaded_at=moment,
                hashes=tuple((algorithm, hex_hash(str(value), algorithm)) for algorithm in HASHES),
            )
            for order, value in enumerate(said[Kind.FILE])
        ),
    )


def _person(said: Said, account: int, district: int) -> Person:
    names = [(_first_name(value), _surname(value)) for value in said[Kind.NAME]]
    [(first_name, last_name)] = names or [("", "")]
    return Person(
        first_name=first_name,
        last_name=last_name,
        phones=tuple(
            Phone(number=f"{CALLING_CODE}{PHONE_LEVEL}{value:07d}", kind="Mobile")
            for value in said[Kind.PHONE]
        ),
        emails=tuple(
            Email(address=f"{_handle(value)}@{EMAIL_DOMAINS[0]}") for value in said[Kind.EMAIL]
        ),
        addresses=() if district == NO_DISTRICT else (_address(account, district),),
    )


def _address(account: int, district: int) -> PostalAddress:
    places = PLACES[DISTRICT_CODES[district]]
    place = places[account % len(places)]
    return PostalAddress(
        text=place.locality,
        city="Delhi",
        postal_code=place.pin,
        other_state="Delhi",
        country="IN",
        kind="Home",
    )


def _payments(values: list[int]) -> tuple[str, ...]:
    handles = (f"{_handle(value)}@{PAYMENT_HANDLES[0]}" for value in values)
    text = "\n".join(wording.PAYMENT.format(handle=handle) for handle in handles)
    return (text,) if text else ()


def _first_name(value: int) -> str:
    return FIRST_NAMES[value % len(FIRST_NAMES)]


def _handle(value: int) -> str:
    return f"{_first_name(value).lower()}{value}"


def _surname(value: int) -> str:
    """One that nobody has, and another for each value."""
    parts = []
    for _ in range(SURNAME_SYLLABLES):
        value, part = divmod(value, len(SYLLABLES))
        parts.append(SYLLABLES[part])
    return "".join(parts).capitalize()


def _code(value: int) -> str:
    """Sixteen hexadecimal digits, others for each value."""
    return f"{value * SPREAD % 2**64:016x}"


def _invite(value: int) -> str:
    return f"https://{'t.me/+' if value % 2 else 'chat.whatsapp.com/'}{_code(value)}"


def _page(value: int) -> str:
    return f"https://pages.example.com/{_code(value)}"
