"""A report as the rows that hang on its tipline: parties, files, addresses, sightings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tiplines.covering import COVER, Guard
from tiplines.models import Identifier
from tiplines.models.content import name_keys
from tiplines.models.sealable import about_tipline
from tiplines.parsing import records
from tiplines.parsing.records import (
    LINKING_ROLES,
    IdentifierKind,
    Mention,
    PartyRole,
    Provenance,
    TipReport,
)
from tiplines.sealing import seal_json
from tiplines.services.cleaning import clean
from tiplines.services.copying import copy_rows, next_keys
from tiplines.services.covers import (
    Covers,
    address_covers,
    file_covers,
    party_covers,
    sealed,
    sighting_covers,
)
from tiplines.services.facts import mentions, value_of
from tiplines.services.networks import lookup
from tiplines.sounding import address_sound, name_sound

Row = tuple[Any, ...]

PARTY = (
    *("id", "tipline_id", "position", "role", "name", "display_names", "date_of_birth", "age"),
    *("place", "text", "is_protected", "name_keys", "sound", "sealed"),
)
FILE = (
    *("id", "tipline_id", "position", "file_id", "name", "classification", "viewed_by_provider"),
    *("publicly_available", "relevance", "annotations", "place", "text"),
    "sealed",
)
ADDRESS = (
    *("tipline_id", "party_id", "label", "text", "city", "postal_code", "state", "country"),
    *("latitude", "longitude", "provenance", "sound", "place", "sealed"),
)
SIGHTING = (
    *("tipline_id", "identifier_id", "party_id", "file_id", "links", "original", "label"),
    *("provenance", "event", "at", "at_original", "zone", "port", "possible_proxy", "verified"),
    *("network", "operator", "network_as_of", "place", "sealed"),
)


@dataclass(frozen=True, kw_only=True)
class Content:
    """A report that is to hang on a tipline."""

    tipline: int
    report: TipReport
    guard: Guard


# Identifiers: one row for each value, shared by all tiplines


def digest(kind: str, value: str) -> bytes:
    return Identifier.digest_of(kind, clean(value))


class IdentifierKeys(dict[tuple[str, str], int]):
    """The key of every identifier named in a batch, by kind and value."""

    def __init__(self, contents: Sequence[Content]) -> None:
        super().__init__()
        wanted = {value_of(each) for content in contents for each in mentions(content.report)}
        digests = {pair: digest(*pair) for pair in wanted}
        to_seal = {
            digests[pair] for content in contents for pair in pairs_to_seal(content) & wanted
        }
        known = upserted({key: pair for pair, key in digests.items()}, to_seal)
        self.update({pair: known[key] for pair, key in digests.items()})


def pairs_to_seal(content: Content) -> set[tuple[str, str]]:
    """The values that are a protected person's, or that name one."""
    guard, report = content.guard, content.report
    if not guard:
        return set()
    loose = (*report.mentions, *(each for file in report.files for each in file.mentions))
    return {
        *guard.values,
        *(value_of(each) for each in loose if guard.named.covers(each.original)),
        *(value_of(each) for each in mentions(report) if names_one(each, guard)),
    }


def names_one(mention: Mention, guard: Guard) -> bool:
    return guard.others.covers(mention.original) or guard.others.covers(mention.value)


def upserted(
    wanted: Mapping[bytes, tuple[str, str]], to_seal: Collection[bytes]
) -> dict[bytes, int]:
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
                "insert into tiplines_identifier (kind, value, digest, sealed, network, chunks)"
                " select kind, value, digest, sealed, network, chunks::int[]"
                " from unnest(%s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::bigint[],"
                " %s::text[]) v(kind, value, digest, sealed, network, chunks)"
                " on conflict (digest) do nothing",
                [
                    [wanted[key][0] for key in new],
                    [COVER if key in to_seal else clean(wanted[key][1], 2200) for key in new],
                    new,
                    [sealed_value(key, wanted[key][1]) if key in to_seal else None for key in new],
                    [Identifier.network_of(*wanted[key]) for key in new],
                    [as_array(Identifier.chunks_in(*wanted[key])) for key in new],
                ],
            )
        known |= identifier_keys(new)
    seal_identifiers({key: wanted[key][1] for key in to_seal})
    return known


def as_array(numbers: Sequence[int] | None) -> str | None:
    """As PostgreSQL reads an array of numbers: `unnest` takes no arrays of arrays."""
    return None if numbers is None else f"{{{','.join(map(str, numbers))}}}"


def seal_identifiers(values: Mapping[bytes, str]) -> None:
    """Seal those of these values, by digest, that lie in plain text as yet."""
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select digest from tiplines_identifier where digest = any(%s) and sealed is null"
            " order by digest for no key update",
            [list(values)],
        )
        plain = [bytes(key) for (key,) in cursor.fetchall()]
        if plain:
            cursor.execute(
                "update tiplines_identifier i set value = %s, sealed = v.sealed"
                " from unnest(%s::bytea[], %s::bytea[]) as v(digest, sealed)"
                " where i.digest = v.digest",
                [COVER, plain, [sealed_value(key, values[key]) for key in plain]],
            )


def sealed_value(digest: bytes, value: str) -> bytes:
    about = Identifier.about_of(digest)
    return seal_json({"value": clean(value, 2200)}, about=about)


def identifier_keys(digests: Iterable[bytes]) -> dict[bytes, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select digest, id from tiplines_identifier where digest = any(%s)", [list(digests)]
        )
        return {bytes(key): pk for key, pk in cursor.fetchall()}


# Everything that hangs on a tipline


def store_children(contents: Sequence[Content], identifiers: IdentifierKeys) -> None:
    """Add the rows of each report."""
    party_keys = iter(
        next_keys("tiplines_party", sum(len(each.report.parties) for each in contents))
    )
    file_keys = iter(
        next_keys("tiplines_filerecord", sum(len(each.report.files) for each in contents))
    )
    parties: list[Row] = []
    files: list[Row] = []
    addresses: list[Row] = []
    sightings: list[Row] = []
    seen = SightingRows(identifiers)
    for content in contents:
        report, guard = content.report, content.guard
        victims = values_of_victims(report)
        has_victim = any(party.role is PartyRole.VICTIM for party in report.parties)
        for position, party in enumerate(report.parties, 1):
            key = next(party_keys)
            own = position in guard.positions
            parties.append(party_row(party, key, content, position))
            addresses += [address_row(each, content, key, own=own) for each in party.addresses]
            links = party.role in LINKING_ROLES
            sightings += [
                seen.row(each, content, party=key, own=own, links=links) for each in party.mentions
            ]
        for position, file in enumerate(report.files, 1):
            key = next(file_keys)
            files.append(file_row(file, key, content, position))
            sightings += [
                seen.row(each, content, file=key, links=value_of(each) not in victims)
                for each in file.mentions
            ]
        addresses += [address_row(each, content, None) for each in report.addresses]
        sightings += [
            # What only the story tells, beside a child, may be the child's.
            seen.row(
                each,
                content,
                links=value_of(each) not in victims
                and not (has_victim and each.provenance is Provenance.FREE_TEXT),
            )
            for each in report.mentions
        ]
    copy_rows("tiplines_party", PARTY, parties)
    copy_rows("tiplines_filerecord", FILE, files)
    copy_rows("tiplines_address", ADDRESS, addresses)
    copy_rows("tiplines_sighting", SIGHTING, sightings)


def covered(told: Mapping[str, Any], covers: Covers, content: Content) -> Row:
    return tuple(sealed(told, covers, about=about_tipline(content.tipline)).values())


def values_of_victims(report: TipReport) -> set[tuple[str, str]]:
    """A victim's value ties nothing either where the report repeats it outside the party."""
    return {
        value_of(each)
        for party in report.parties
        if party.role is PartyRole.VICTIM
        for each in party.mentions
    }


def party_row(party: records.Party, key: int, content: Content, position: int) -> Row:
    own = position in content.guard.positions
    row = (
        key,
        content.tipline,
        position,
        party.role.value,
        party.name[:500],
        [name[:300] for name in party.display_names],
        party.date_of_birth,
        party.age if party.age is not None and 0 <= party.age <= 150 else None,
        party.place[:300],
        party.text,
        own,
        name_keys((party.name, *party.display_names)) if own else [],
        None if own else name_sound(party.name),
        None,
    )
    if not content.guard:
        return row
    told = dict(zip(PARTY, row, strict=True))
    return covered(told, party_covers(told, content.guard, own=own), content)


def file_row(file: records.FileRecord, key: int, content: Content, position: int) -> Row:
    row = (
        key,
        content.tipline,
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
        None,
    )
    if not content.guard:
        return row
    told = dict(zip(FILE, row, strict=True))
    return covered(told, file_covers(told, content.guard), content)


def address_row(
    address: records.Address, content: Content, party: int | None, *, own: bool = False
) -> Row:
    row = (
        content.tipline,
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
        None if own or party is None else address_sound(address.text, address.postal_code),
        address.place[:300],
        None,
    )
    if not content.guard:
        return row
    told = dict(zip(ADDRESS, row, strict=True))
    return covered(told, address_covers(told, content.guard, own=own), content)


class SightingRows:
    """Makes the rows of sightings; what the table of networks says of an address goes with it."""

    def __init__(self, identifiers: IdentifierKeys) -> None:
        self.identifiers = identifiers
        self.answer = lookup()

    def row(
        self,
        mention: Mention,
        content: Content,
        *,
        links: bool,
        party: int | None = None,
        own: bool = False,
        file: int | None = None,
    ) -> Row:
        moment = mention.moment
        network, operator, as_of = "", "", None
        if mention.kind is IdentifierKind.IP:
            answer = self.answer(mention.value)
            network = answer.kind.value if answer.kind else ""
            operator, as_of = answer.operator[:120], answer.as_of
        value = value_of(mention)
        row = (
            content.tipline,
            self.identifiers[value],
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
            None,
        )
        if not content.guard:
            return row
        told = dict(zip(SIGHTING, row, strict=True))
        covers = sighting_covers(told, content.guard, own=own, value=value)
        return covered(told, covers, content)
