"""What tiplines name that may tie suspects, as arrays: a row for each sighting.

Victims' and reporters' values are not among them (`Sighting.links`), nor what NCMEC's systems
added: it says nothing that a suspect did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nexus.holdings import Ints
from nexus.kinds import Kind
from nexus.services.columns import NO_ROW, columns, rows_of
from tiplines.networks import NetworkKind
from tiplines.parsing.records import IdentifierKind, Provenance

KIND_OF: dict[IdentifierKind, Kind] = {
    IdentifierKind.EMAIL: Kind.EMAIL,
    IdentifierKind.PHONE: Kind.PHONE,
    IdentifierKind.DEVICE: Kind.DEVICE,
    IdentifierKind.VEHICLE: Kind.DEVICE,
    IdentifierKind.UPI: Kind.PAYMENT,
    IdentifierKind.PAN: Kind.PAYMENT,
    IdentifierKind.SCREEN_NAME: Kind.SCREEN_NAME,
    IdentifierKind.IP: Kind.IP,
    IdentifierKind.HASH: Kind.FILE,
    IdentifierKind.URL: Kind.URL,
    IdentifierKind.ACCOUNT: Kind.ACCOUNT,
    IdentifierKind.GROUP: Kind.GROUP,
}
INVITES = r"^((t|telegram)\.me|chat\.whatsapp\.com|discord\.gg|discord\.com/invite|signal\.group)/"
"""Web addresses that name a channel or group of people."""

# `of` are keys of tiplines, null for all of them.
SIGHTINGS = """
select s.tipline_id, s.identifier_id, coalesce(s.file_id, 0), s.provenance = %(prose)s
from tiplines_sighting s
where s.links and s.provenance <> %(added)s and s.network <> all(%(nowhere)s)
  and (%(of)s::bigint[] is null or s.tipline_id = any(%(of)s))
  and (%(values)s::bigint[] is null or s.identifier_id = any(%(values)s))
"""
# Apart from the sightings: a join of the two tables takes the database longer than both readings.
IDENTIFIERS = """
select i.id, (case when i.kind = %(url)s and i.value ~ %(invites)s then %(channel)s
   else %(kinds)s::jsonb ->> i.kind end)::int2, coalesce(i.network, 0)
from tiplines_identifier i
where %(of)s::bigint[] is null or i.id = any(%(of)s)
"""


@dataclass(frozen=True, kw_only=True)
class Sightings:
    """Values that tiplines name in fields and prose, a row each."""

    tipline: Ints
    value: Ints
    """Keys of identifiers."""
    file: Ints
    """0 where it is not of a file."""
    network: Ints
    """Of the subscriber's network; 0 where it is no IPv6 address."""
    kind: NDArray[np.int16]
    is_prose: NDArray[np.bool_]

    @property
    def may_be_joined(self) -> NDArray[np.bool_]:
        """Whether the value may stand under the number of another."""
        found: NDArray[np.bool_] = (self.kind == Kind.FILE) | (self.network > 0)
        return found


def sightings(of: list[int] | None, *, values: list[int] | None = None) -> Sightings:
    """What may tie, of some tiplines and identifiers or of all."""
    kinds = ", ".join(f'"{each.value}": {kind.value}' for each, kind in KIND_OF.items())
    tipline, value, file, is_prose = columns(
        SIGHTINGS,
        ("int8", "int8", "int8", "bool"),
        prose=Provenance.FREE_TEXT.value,
        added=Provenance.NCMEC.value,
        nowhere=[NetworkKind.PRIVATE.value, NetworkKind.RESERVED.value],
        of=of,
        values=values,
    )
    identifier, kind, network = columns(
        IDENTIFIERS,
        ("int8", "int2", "int8"),
        url=IdentifierKind.URL.value,
        invites=INVITES,
        channel=str(Kind.CHANNEL.value),
        kinds=f"{{{kinds}}}",
        of=None if of is None else np.unique(value).tolist(),
    )
    row = rows_of(value, identifier)
    known = np.flatnonzero(row != NO_ROW)  # some came in between the two queries
    return Sightings(
        tipline=tipline[known],
        value=value[known],
        file=file[known],
        network=network[row[known]],
        kind=kind[row[known]],
        is_prose=is_prose[known],
    )
