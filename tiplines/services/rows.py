"""A report as the rows that hang on its tipline: parties, files, addresses, sightings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from tiplines.minors import is_minor
from tiplines.models import Identifier
from tiplines.parsing import records
from tiplines.parsing.normalising import provider_key
from tiplines.parsing.records import (
    LINKING_ROLES,
    IdentifierKind,
    Mention,
    Moment,
    PartyRole,
    Provenance,
    TipReport,
)
from tiplines.services.cleaning import clean
from tiplines.services.copying import copy_rows, next_keys
from tiplines.services.networks import lookup

REPORT_ACT = datetime(2024, 5, 7, tzinfo=UTC)  # REPORT Act, P.L. 118-59: 1 year instead of 90 days
LINE_IDENTIFIERS = 2  # in the suspect's line
TELLING = tuple(kind.value for kind in IdentifierKind)[:4]  # for the suspect's line, the best first
Row = tuple[Any, ...]

PARTY = (
    *("id", "tipline_id", "position", "role", "name", "display_names", "date_of_birth", "age"),
    *("place", "text"),
)
FILE = (
    *("id", "tipline_id", "position", "file_id", "name", "classification", "viewed_by_provider"),
    *("publicly_available", "relevance", "annotations", "place", "text"),
)
ADDRESS = (
    *("tipline_id", "party_id", "label", "text", "city", "postal_code", "state", "country"),
    *("latitude", "longitude", "provenance", "place"),
)
SIGHTING = (
    *("tipline_id", "identifier_id", "party_id", "file_id", "links", "original", "label"),
    *("provenance", "event", "at", "at_original", "zone", "port", "possible_proxy", "verified"),
    *("network", "operator", "network_as_of", "place"),
)


# The tipline's own columns


def facts(report: TipReport, *, at: datetime) -> dict[str, Any]:
    """The columns of `Tipline` that a report fills; `at` is when it reached the unit first."""
    incident, received = report.incident_moment, report.received_moment
    told_at = (received and received.utc) or (incident and incident.utc) or None
    offence_at = (incident and incident.utc) or told_at or at
    classes = sorted(file.classification for file in report.files if file.classification)
    return {
        "provider": clean(report.provider, 300),
        "provider_key": clean(provider_key(report.provider), 80) if report.provider else "",
        "platform": clean(report.platform, 300),
        "incident_type": clean(report.incident_type, 200),
        "incident_at": incident.utc if incident else None,
        "incident_original": clean(incident.original, 200) if incident else "",
        "zone_missing": any(moment.utc is None for moment in moments(report)),
        "ncmec_received_at": received.utc if received else None,
        "ncmec_priority": clean(report.ncmec_priority, 20),
        "escalation": clean(report.escalation),
        "annotations": [clean(each, 80) for each in report.annotations],
        "batched_reason": clean(report.batched_reason, 80),
        "police_reference": clean(report.police_reference),
        "prior_reports": [clean(each, 40) for each in report.prior_reports],
        "narrative": clean(report.narrative),
        "suspect_line": suspect_line(report, offence_at=offence_at),
        "file_count": max(len(report.files), report.stated_file_count or 0),
        "worst_class": classes[0][:2] if classes else "",
        "preserved_until": preserved_until(told_at) if told_at else None,
    }


def moments(report: TipReport) -> Iterator[Moment]:
    """Every moment that a notice could be built on."""
    if report.incident_moment:
        yield report.incident_moment
    for mention in mentions(report):
        if mention.moment:
            yield mention.moment


def preserved_until(told_at: datetime) -> datetime:
    """Until when a provider in the US must keep what it reported: 18 USC 2258A(h)."""
    return told_at + (timedelta(days=365) if told_at >= REPORT_ACT else timedelta(days=90))


def suspect_line(report: TipReport, *, offence_at: datetime) -> str:
    """The first adult suspect in one line: name and the two most telling identifiers.

    Nothing of a minor stands in it: an account or a number names a child as its name does.
    """
    for party in report.parties:
        if party.role is PartyRole.SUSPECT and not is_minor(
            age=party.age, date_of_birth=party.date_of_birth, at=offence_at
        ):
            return line_of(
                party.name,
                (
                    (each.kind.value, each.original)
                    for each in party.mentions
                    if each.provenance is not Provenance.FREE_TEXT
                ),
            )
    return ""


def line_of(name: str, told: Iterable[tuple[str, str]]) -> str:
    """A name and the two most telling identifiers, given as kind and text in their order."""
    telling = sorted(
        (each for each in told if each[0] in TELLING), key=lambda each: TELLING.index(each[0])
    )
    texts = list(dict.fromkeys(text for _, text in telling))[:LINE_IDENTIFIERS]
    return clean(" · ".join([name, *texts] if name else texts), 300)


# Everything that hangs on a tipline


def mentions(report: TipReport) -> Iterator[Mention]:
    """Every identifier of a report, wherever it stands."""
    yield from report.mentions
    for party in report.parties:
        yield from party.mentions
    for file in report.files:
        yield from file.mentions


def digest(kind: str, value: str) -> bytes:
    return Identifier.digest_of(kind, clean(value))


class IdentifierKeys(dict[tuple[str, str], int]):
    """The key of every identifier named in a batch, by kind and value."""

    def __init__(self, reports: Iterable[TipReport]) -> None:
        super().__init__()
        wanted = {(each.kind.value, each.value) for report in reports for each in mentions(report)}
        digests = {pair: digest(*pair) for pair in wanted}
        known = upserted({key: pair for pair, key in digests.items()})
        self.update({pair: known[key] for pair, key in digests.items()})


def upserted(wanted: dict[bytes, tuple[str, str]]) -> dict[bytes, int]:
    """The key of each identifier by its digest; those that are not there yet are added.

    In order of the digest, so that two workers with the same new values cannot deadlock.
    """
    if not wanted:
        return {}
    known = identifier_keys(wanted)
    new = sorted(wanted.keys() - known.keys())
    if new:
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into tiplines_identifier (kind, value, digest)"
                " select * from unnest(%s::text[], %s::text[], %s::bytea[])"
                " on conflict (digest) do nothing",
                [
                    [wanted[key][0] for key in new],
                    [clean(wanted[key][1], 2200) for key in new],
                    new,
                ],
            )
        known |= identifier_keys(new)
    return known


def identifier_keys(digests: Iterable[bytes]) -> dict[bytes, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select digest, id from tiplines_identifier where digest = any(%s)", [list(digests)]
        )
        return {bytes(key): pk for key, pk in cursor.fetchall()}


def store_children(pairs: Sequence[tuple[int, TipReport]], identifiers: IdentifierKeys) -> None:
    """Add the rows of each (tipline's key, report)."""
    party_keys = iter(next_keys("tiplines_party", sum(len(report.parties) for _, report in pairs)))
    file_keys = iter(
        next_keys("tiplines_filerecord", sum(len(report.files) for _, report in pairs))
    )
    parties: list[Row] = []
    files: list[Row] = []
    addresses: list[Row] = []
    sightings: list[Row] = []
    seen = SightingRows(identifiers)
    for tipline, report in pairs:
        victims = values_of_victims(report)
        has_victim = any(party.role is PartyRole.VICTIM for party in report.parties)
        for position, party in enumerate(report.parties, 1):
            key = next(party_keys)
            parties.append(party_row(party, key, tipline, position))
            addresses += [address_row(each, tipline, key) for each in party.addresses]
            links = party.role in LINKING_ROLES
            sightings += [
                seen.row(each, tipline, party=key, links=links) for each in party.mentions
            ]
        for position, file in enumerate(report.files, 1):
            key = next(file_keys)
            files.append(file_row(file, key, tipline, position))
            sightings += [
                seen.row(each, tipline, file=key, links=value_of(each) not in victims)
                for each in file.mentions
            ]
        addresses += [address_row(each, tipline, None) for each in report.addresses]
        sightings += [
            # What only the story tells, beside a child, may be the child's.
            seen.row(
                each,
                tipline,
                links=value_of(each) not in victims
                and not (has_victim and each.provenance is Provenance.FREE_TEXT),
            )
            for each in report.mentions
        ]
    copy_rows("tiplines_party", PARTY, parties)
    copy_rows("tiplines_filerecord", FILE, files)
    copy_rows("tiplines_address", ADDRESS, addresses)
    copy_rows("tiplines_sighting", SIGHTING, sightings)


def value_of(mention: Mention) -> tuple[str, str]:
    return mention.kind.value, mention.value


def values_of_victims(report: TipReport) -> set[tuple[str, str]]:
    """A victim's value ties nothing either where the report repeats it outside the party."""
    return {
        value_of(each)
        for party in report.parties
        if party.role is PartyRole.VICTIM
        for each in party.mentions
    }


def party_row(party: records.Party, key: int, tipline: int, position: int) -> Row:
    return (
        key,
        tipline,
        position,
        party.role.value,
        party.name[:500],
        [name[:300] for name in party.display_names],
        party.date_of_birth,
        party.age if party.age is not None and 0 <= party.age <= 150 else None,
        party.place[:300],
        party.text,
    )


def file_row(file: records.FileRecord, key: int, tipline: int, position: int) -> Row:
    return (
        key,
        tipline,
        position,
        file.file_id[:64],
        file.name[:2056],
        file.classification[:20],
        file.viewed_by_provider,
        file.publicly_available,
        file.relevance[:60],
        [each[:80] for each in file.annotations],
        file.place[:300],
        file.text,
    )


def address_row(address: records.Address, tipline: int, party: int | None) -> Row:
    return (
        tipline,
        party,
        address.label[:60],
        address.text,
        address.city[:255],
        address.postal_code[:40],
        address.state[:255],
        address.country[:60],
        address.latitude,
        address.longitude,
        address.provenance.value,
        address.place[:300],
    )


class SightingRows:
    """Makes the rows of sightings; what the table of networks says of an address goes with it."""

    def __init__(self, identifiers: IdentifierKeys) -> None:
        self.identifiers = identifiers
        self.answer = lookup()

    def row(
        self,
        mention: Mention,
        tipline: int,
        *,
        links: bool,
        party: int | None = None,
        file: int | None = None,
    ) -> Row:
        moment = mention.moment
        network, operator, as_of = "", "", None
        if mention.kind is IdentifierKind.IP:
            answer = self.answer(mention.value)
            network = answer.kind.value if answer.kind else ""
            operator, as_of = answer.operator[:120], answer.as_of
        return (
            tipline,
            self.identifiers[value_of(mention)],
            party,
            file,
            links,
            mention.original,
            mention.label[:255],
            mention.provenance.value,
            mention.event[:60],
            moment.utc if moment else None,
            moment.original[:200] if moment else "",
            (moment.zone or "")[:10] if moment else "",
            mention.port,
            mention.possible_proxy,
            mention.verified,
            network,
            operator,
            as_of,
            mention.place[:300],
        )
