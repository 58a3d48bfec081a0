"""Section B: what NCMEC's systems added. Never an identifier of a party, always marked as NCMEC's.

A geo look-up becomes an address labelled `geo` of the party whose IP address it looks up. Report
numbers of a deconfliction and the network of a look-up go into the narrative in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tiplines.parsing import normalising
from tiplines.parsing.normalising import coordinate
from tiplines.parsing.pdf_fields import values
from tiplines.parsing.pdf_sections import Line, plain
from tiplines.parsing.pdf_tables import Row, is_header, rows
from tiplines.parsing.records import Address, IdentifierKind, Party, Provenance

LOOK_UP = re.compile(r"(?:IP )?Geo-Lookup \((?P<heading>[A-Za-z ]+?)(?: (?P<ordinal>\d{1,4}))?\)")
COLUMNS = frozenset(
    {
        "ip address",
        "country",
        "region",
        "city",
        "metro area",
        "postal code",
        "area code",
        "lat/long",
        "isp/org",
        "type",
    }
)
OTHER_HEADING = re.compile(r"(?:Explanation of|Further Information|Auto Refer|Deconfliction)")
DECONFLICTION = "Deconfliction"
NUMBER = re.compile(r"(?<!\d)\d{9}(?!\d)")
POINT = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*[,/]\s*(-?\d{1,3}(?:\.\d+)?)")


@dataclass(kw_only=True)
class Added:
    """What Section B says of one report."""

    by_party: dict[int, list[Address]] = field(default_factory=dict)
    """Index of the party to its geo look-ups."""
    unplaced: list[Address] = field(default_factory=list)
    """Look-ups of an address that no party has."""
    words: list[str] = field(default_factory=list)


def read_added(lines: list[Line], parties: Sequence[tuple[str, Party]]) -> Added:
    """Return what NCMEC added. `parties` are given with their headings, in the order printed."""
    added = Added()
    for heading, block in _blocks(lines):
        look_up = LOOK_UP.fullmatch(heading)
        if look_up:
            for row in _look_ups(block):
                _place(row, look_up, parties, added)
        elif heading.startswith(DECONFLICTION):
            numbers = dict.fromkeys(
                number for line in block for number in NUMBER.findall(line.text)
            )
            if numbers:
                added.words.append(f"Added by NCMEC (deconfliction): {', '.join(numbers)}")
    return added


def with_look_ups(party: Party, addresses: Sequence[Address]) -> Party:
    return replace(party, addresses=(*party.addresses, *addresses)) if addresses else party


def _blocks(lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    heading, block = "", list[Line]()
    for line in lines:
        text = plain(line.text)
        if LOOK_UP.fullmatch(text) or OTHER_HEADING.match(text):
            yield heading, block
            heading, block = text, []
        else:
            block.append(line)
    yield heading, block


def _look_ups(lines: list[Line]) -> Iterator[Row]:
    """Yield look-ups, printed as a table or as labels that begin anew with each address."""
    at = next((n for n, line in enumerate(lines) if is_header(line, COLUMNS)), None)
    if at is not None:
        yield from rows(lines[at], lines[at + 1 :])[0]
        return
    row: Row | None = None
    for value in values(lines, COLUMNS):
        name = value.label.lower()
        if name == "ip address":
            if row is not None:
                yield row
            row = Row(value.page, {})
        if row is not None and name in COLUMNS:
            row.cells[name] = value.token if name in ("ip address", "lat/long") else value.phrase
    if row is not None:
        yield row


def _place(
    row: Row, look_up: re.Match[str], parties: Sequence[tuple[str, Party]], added: Added
) -> None:
    """Give a look-up to the party that has its address, else to the one its heading names."""
    ip = normalising.ip(row.cells.get("ip address", ""))
    point = POINT.search(row.cells.get("lat/long", ""))
    address = Address(
        place=f"page {row.page}/Section B/{look_up.group()}/{ip}",
        city=row.cells.get("city", ""),
        postal_code=row.cells.get("postal code", ""),
        state=row.cells.get("region", ""),
        country=row.cells.get("country", ""),
        label="geo",
        latitude=coordinate(point[1], bound=90) if point else None,
        longitude=coordinate(point[2], bound=180) if point else None,
        provenance=Provenance.NCMEC,
    )
    network = ", ".join(filter(None, (row.cells.get("isp/org"), row.cells.get("type"))))
    if network:
        added.words.append(f"Added by NCMEC ({look_up.group()}): network {network}")
    if not any((address.city, address.postal_code, address.state, address.country)):
        return
    named = [n for n, (heading, _) in enumerate(parties) if heading == look_up["heading"]]
    having = [n for n in named if _has(parties[n][1], ip)]
    ordinal = int(look_up["ordinal"] or 1)
    if having:
        added.by_party.setdefault(having[0], []).append(address)
    elif len(named) >= ordinal > 0:
        added.by_party.setdefault(named[ordinal - 1], []).append(address)
    else:
        added.unplaced.append(address)


def _has(party: Party, ip: str) -> bool:
    return any(one.kind is IdentifierKind.IP and one.value == ip for one in party.mentions)
