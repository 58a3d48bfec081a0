"""The bytes of an event that are hashed: the same in every session, cluster and version of ours.

The database writes the row out in its binary format for composite values: the number of columns,
then for each its type's number, its length and its bytes (-1 and nothing for null). Numbers are
big-endian, moments are microseconds since 2000-01-01 UTC, text is UTF-8, JSON has its keys sorted
by the database. Before it stand two bytes: the version of this form and the algorithm.

    hash(1) = SHA-256(32 zero bytes ‖ bytes of event 1)
    hash(n) = SHA-256(hash(n - 1) ‖ bytes of event n)

A change of columns is a new form, one of hash a new algorithm; both keep the old ones beside them,
for the chain behind stays as it was sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

ALGORITHM = 1
"""The one that new seals are made with."""
ALGORITHMS: dict[int, Callable[[bytes], bytes]] = {1: lambda data: hashlib.sha256(data).digest()}
BEGINNING = bytes(32)
"""What stands for the hash before the first event."""

HEAD = "'\\x0101'::bytea"  # form 1, algorithm 1
MOMENT_AT = 2 + 4 + (8 + 8) + (8 + 8) + 8
"""Where the event's moment stands in its bytes: after head, count, seq, id and its own prefix."""


def bytes_of(seq: str) -> str:
    """The SQL expression for the bytes of event `e` in the place `seq`.

    Every type is named, so that a column made wider does not change what was sealed.
    """
    return (
        f"{HEAD} || record_send(row(({seq})::bigint, e.id::bigint, e.at::timestamptz,"
        " e.actor_id::bigint, e.actor_name::text, e.role::text, e.district_id::bigint,"
        " e.session::text, e.source::text, e.verb::text, e.subject::text, e.outcome::text,"
        " e.purpose::text, e.origin::text, e.xid::bigint, e.detail::jsonb, e.request_id::text))"
    )
