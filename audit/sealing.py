"""Give each committed event its place in the chain, outside the request and by one process.

An event is sealed once no transaction older than its own is still running: whatever commits later
then comes later in the chain. Transactions are numbered anew when a dump is restored into another
cluster, and restored events may carry numbers that this cluster has yet to reach; a row that we
see with such a number cannot be of a running transaction, so it is sealed at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO

from django.db import DatabaseError, connection, transaction

from audit.form import ALGORITHM, ALGORITHMS, BEGINNING, bytes_of

LOCK = 0x1F50_5EA1
"""The advisory lock of the one sealer."""
A_BATCH = 5000  # events in one transaction


@dataclass(frozen=True)
class Place:
    """Up to where, in the order of transactions, everything is sealed."""

    xid: int = 0
    event_id: int = 0


START = Place()

FINISHED = """
select e.xid, e.id, {form}
from audit_event e
where {where} and not exists (select 1 from audit_seal s where s.event_id = e.id)
order by e.xid, e.id limit {limit}
"""
SINCE = "(e.xid, e.id) > (%s, %s) and e.xid < {oldest}"
FROM_ANOTHER_CLUSTER = "e.xid >= {next}"
INSERT = "copy audit_seal (seq, event_id, algorithm, hash) from stdin"
SNAPSHOT = """
select pg_snapshot_xmin(pg_current_snapshot())::text, pg_snapshot_xmax(pg_current_snapshot())::text,
  set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
"""
"""With it for this transaction: along the index, not by reading every seal for each batch."""


@contextmanager
def alone(*, wait: Callable[[], None]) -> Iterator[None]:
    """Be the only sealer for the block. A second calls `wait` until the first has ended.

    It asks again and again: a session that waits in the database would hold back its cleaning.
    """
    while not locked():
        wait()
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])


def locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def seal_all(after: Place = START, *, batch: int = A_BATCH) -> tuple[int, Place]:
    """Seal whatever is due; how many that were, and from where to go on.

    From the start (`START`) it looks at the whole record, and only then at events of another
    cluster.
    """
    count = seal_foreign(batch=batch) if after == START else 0
    while True:
        sealed, after, is_all = seal_next(after, batch=batch)
        count += sealed
        if is_all:
            return count, after


def seal_foreign(*, batch: int) -> int:
    count = 0
    while True:
        with transaction.atomic():
            _oldest, following = snapshot()
            sealed = len(seal(FROM_ANOTHER_CLUSTER.format(next=following), (), limit=batch))
        count += sealed
        if sealed < batch:
            return count


def seal_next(after: Place, *, batch: int) -> tuple[int, Place, bool]:
    """One transaction: how many were sealed, up to where, and whether that was all for now."""
    with transaction.atomic():
        oldest, _following = snapshot()
        where = SINCE.format(oldest=oldest)
        rows = seal(where, (after.xid, after.event_id), limit=batch)
    if len(rows) < batch:
        return len(rows), Place(xid=oldest - 1, event_id=2**63 - 1), True
    return len(rows), Place(*rows[-1]), False


def snapshot() -> tuple[int, int]:
    """The oldest transaction that still runs, and the first that has not begun."""
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        oldest, following, *_settings = cursor.fetchone()
    return int(oldest), int(following)


def seal(where: str, values: tuple[int, ...], *, limit: int) -> list[tuple[int, int]]:
    """Seal the events that `where` names, in their order; their transactions and keys."""
    with connection.cursor() as cursor:
        cursor.execute("select seq, hash from audit_seal order by seq desc limit 1")
        seq, last = cursor.fetchone() or (0, BEGINNING)
        place = f"{seq} + row_number() over (order by e.xid, e.id)"
        cursor.execute(FINISHED.format(form=bytes_of(place), where=where, limit=limit), values)
        found = cursor.fetchall()
        lines = []
        for offset, (_xid, event_id, data) in enumerate(found, start=1):
            last = ALGORITHMS[ALGORITHM](bytes(last) + bytes(data))
            lines.append(f"{seq + offset}\t{event_id}\t{ALGORITHM}\t\\\\x{last.hex()}\n")
        if lines:
            cursor.cursor.copy_expert(INSERT, StringIO("".join(lines)))
    return [(xid, event_id) for xid, event_id, _data in found]
