"""What kind of network an IP address belongs to, from tables held here: rule, without Django.

The ranges that IANA sets aside answer by themselves; all others by a dated table that an officer
loads. Nothing is asked of other hosts.
"""

from __future__ import annotations

import csv
import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

OPERATOR_CHARACTERS_AT_MOST = 120
FAULTS_AT_MOST = 20  # told of one file; the first are enough to mend it


class NetworkKind(StrEnum):
    PRIVATE = "private"  # RFC 1918, RFC 4193
    RESERVED = "reserved"  # loopback, documentation, multicast …
    CGNAT = "cgnat"  # RFC 6598, or an operator's shared pool by the loaded table
    MOBILE = "mobile"
    FIXED = "fixed"
    HOSTING = "hosting"


Ip = IPv4Address | IPv6Address

PRIVATE = [
    *map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),  # RFC 1918
    ip_network("fc00::/7"),  # RFC 4193
]
SHARED = ip_network("100.64.0.0/10")  # RFC 6598
# Set aside, but not so known to every `ipaddress` that we run on.
SET_ASIDE = [
    ip_network("192.88.99.0/24"),  # RFC 7526: the former relays of 6to4
    ip_network("64:ff9b::/96"),  # RFC 6052: an IPv4 address behind a translator
    ip_network("3fff::/20"),  # RFC 9637: documentation
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one address."""

    kind: NetworkKind | None = None
    """None: no table says."""
    operator: str = ""
    as_of: date | None = None
    """The day of the table that answered; None where IANA's registry answers."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of addresses of one family, first and last included."""

    first: Ip
    last: Ip
    kind: NetworkKind
    operator: str = ""


class UnreadableTable(Exception):
    """A file is no table of networks; `faults` name line and reason, the first ones of many."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


SUBSCRIBER_BITS = 64
"""Of an IPv6 address: operators give each subscriber a network of that size (RIPE-690), in which
devices take one address after another (RFC 8981).
"""


def subscriber_network(address: str) -> str:
    """The network of the subscriber of an IPv6 address, as `2401:db8:1:2::/64`; empty for any other
    text.
    """
    try:
        return str(IPv6Network((IPv6Address(address), SUBSCRIBER_BITS), strict=False))
    except ValueError:
        return ""


def special_kind(address: Ip) -> NetworkKind | None:
    """Return the kind of an address that IANA's special-purpose registries set aside, else None."""
    if any(address in network for network in PRIVATE if network.version == address.version):
        return NetworkKind.PRIVATE
    if address.version == 4 and address in SHARED:
        return NetworkKind.CGNAT
    if (
        address.is_loopback  # RFC 1122, RFC 4291
        or address.is_link_local  # RFC 3927, RFC 4291
        or address.is_multicast  # RFC 5771, RFC 4291
        or address.is_unspecified
        or address.is_reserved  # RFC 1112, RFC 4291
        or not address.is_global  # RFC 6890 and its updates: RFC 5737, RFC 3849 …
        or any(address in network for network in SET_ASIDE if network.version == address.version)
        or (isinstance(address, IPv6Address) and address.is_site_local)  # RFC 3879
    ):
        return NetworkKind.RESERVED
    return None


class NetworkTable:
    """Ranges of one day, searched by bisection. Of ranges that overlap, the narrowest answers."""

    def __init__(self, spans: Iterable[Span] = (), *, as_of: date | None = None) -> None:
        by_version: dict[int, list[Span]] = {4: [], 6: []}
        for span in spans:
            by_version[span.first.version].append(span)
        self._as_of = as_of
        self._known: dict[tuple[NetworkKind, str], Answer] = {}
        self._pieces = {version: self._cut(found) for version, found in by_version.items()}

    def answer(self, text: str) -> Answer:
        """Return what is known of an address; of text that is none, nothing is."""
        try:
            address = _outer(ip_address(text))
        except ValueError:
            return Answer()
        if kind := special_kind(address):
            return Answer(kind)
        starts, answers = self._pieces[address.version]
        at = bisect_right(starts, int(address)) - 1
        return answers[at] if at >= 0 else Answer()

    def _cut(self, spans: list[Span]) -> tuple[list[int], list[Answer]]:
        """Return where each piece begins and what answers there, to where the next begins."""
        found = sorted((int(span.first), int(span.last), n) for n, span in enumerate(spans))
        edges = sorted({edge for first, last, _ in found for edge in (first, last + 1)})
        starts: list[int] = []
        answers: list[Answer] = []
        open_spans: list[tuple[int, int, int]] = []  # (width, last, which), the narrowest first
        at = 0
        for edge in edges:
            while at < len(found) and found[at][0] == edge:
                first, last, which = found[at]
                heapq.heappush(open_spans, (last - first, last, which))
                at += 1
            while open_spans and open_spans[0][1] < edge:
                heapq.heappop(open_spans)
            starts.append(edge)
            answers.append(self._of(spans[open_spans[0][2]]) if open_spans else Answer())
        return starts, answers

    def _of(self, span: Span) -> Answer:
        # Thousands of ranges share one answer.
        key = (span.kind, span.operator)
        return self._known.setdefault(key, Answer(span.kind, span.operator, self._as_of))


def _outer(address: Ip) -> Ip:
    """Return the IPv4 address within one of IPv6: it names the subscriber who tunnels."""
    if isinstance(address, IPv4Address):
        return address
    if address.teredo:  # RFC 4380: server and client
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address  # RFC 4291, RFC 3056


# --- a table as CSV -----------------------------------------------------------------------------


def read_spans(lines: Iterable[str]) -> list[Span]:
    """Return the ranges of a CSV: columns `prefix`, or `first` and `last`; `kind`; `operator`.

    Raises UnreadableTable with each line that cannot be read and why.
    """
    reader = csv.DictReader(lines)
    names = {name.strip().lower() for name in reader.fieldnames or ()}
    if "kind" not in names or not ("prefix" in names or {"first", "last"} <= names):
        raise UnreadableTable(["line 1: columns prefix, or first and last, and kind are needed"])
    spans: list[Span] = []
    faults: list[str] = []
    for row in _rows(reader):
        try:
            spans.append(_span(row))
        except ValueError as fault:
            faults.append(f"line {reader.line_num}: {fault}")
            if len(faults) == FAULTS_AT_MOST:
                break
    if faults:
        raise UnreadableTable(faults)
    if not spans:
        raise UnreadableTable(["the table has no ranges"])
    return spans


def _rows(reader: csv.DictReader[str]) -> Iterator[dict[str, str]]:
    for row in reader:
        yield {
            name.strip().lower(): (value or "").strip()
            for name, value in row.items()
            if isinstance(name, str) and not isinstance(value, list)
        }


def _span(row: Mapping[str, str]) -> Span:
    first, last = _ends(row)
    kind, operator = row["kind"].lower(), row.get("operator", "")
    if kind not in set(NetworkKind):
        raise ValueError(f"{kind or 'an empty kind'} is none of {', '.join(NetworkKind)}")
    if len(operator) > OPERATOR_CHARACTERS_AT_MOST:
        raise ValueError(f"the operator has more than {OPERATOR_CHARACTERS_AT_MOST} characters")
    return Span(first, last, NetworkKind(kind), operator)


def _ends(row: Mapping[str, str]) -> tuple[Ip, Ip]:
    if prefix := row.get("prefix", ""):
        network = ip_network(prefix)
        return network[0], network[-1]
    first, last = ip_address(row.get("first", "")), ip_address(row.get("last", ""))
    if first.version != last.version:
        raise ValueError(f"{first} and {last} are not of one family")
    if int(first) > int(last):
        raise ValueError(f"{first} stands behind {last}")
    return first, last
