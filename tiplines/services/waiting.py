"""Documents wait for a worker: lined up by an officer's act, taken up and counted by a worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from django.db import InterfaceError, OperationalError, connection, transaction

from tiplines import inbox, nudges
from tiplines.models import Dispatch, Document
from tiplines.models.dispatch import DocumentState

BUNDLES_A_BATCH = 300
# Of documents, unpacked: it bounds what a worker holds in memory, and how many report numbers it
# locks. A row of a list is a report in some sixty times fewer bytes, and is weighed so.
BYTES_A_BATCH = 8 * inbox.MIB
DISPATCHES_TRIED = 16  # the bundles of some may all be in the hands of other workers
ALONE_FROM = 2  # take-ups without an end; from here on a bundle is read alone
FELLED_FROM = ALONE_FROM + 3  # three ends of a worker while it read nothing else are no accident

SMALLEST = """
select d.id from tiplines_dispatch d
where d.finished_at is null and d.unpacked_at is not null and exists (
  select 1 from tiplines_document o where o.dispatch_id = d.id
    and o.state = 'waiting' and o.leads and o.attempts < %(alone_from)s)
order by d.document_count, d.id limit %(dispatches)s
"""
TAKE_UP = """
with due as materialized (
  select id, dispatch_id, bundle from tiplines_document
  where dispatch_id = %(dispatch)s
    and state = 'waiting' and leads and attempts < %(alone_from)s
  order by id limit %(bundles)s for update skip locked
), sized as (
  select due.id, sum(size.bytes) over (order by due.id) - size.bytes as bytes_before
  from due, lateral (
    select sum(m.size_bytes * case when m.kind in ('csv', 'xlsx') then 64 else 1 end) as bytes
    from tiplines_document m
    where m.dispatch_id = due.dispatch_id and m.bundle = due.bundle and m.state = 'waiting') size
)
update tiplines_document d set attempts = d.attempts + 1
from sized where d.id = sized.id and sized.bytes_before < %(bytes)s
returning d.id
"""
LOCK = "select pg_try_advisory_lock(hashtextextended('document read alone', %s))"
UNLOCK = "select pg_advisory_unlock(hashtextextended('document read alone', %s))"


def line_up(bundles: Sequence[Sequence[Document]]) -> None:
    """Make these documents wait, each bundle behind its first; one that felled workers, apart."""
    waiting = [row for bundle in bundles for row in bundle]
    felled: list[int] = []
    others: list[int] = []
    for bundle in bundles:
        first = min(bundle, key=lambda row: row.position)
        has_felled = any(row.attempts >= FELLED_FROM for row in bundle)
        (felled if has_felled else others).append(first.pk)
    Document.objects.filter(pk__in=[row.pk for row in waiting]).update(
        state=DocumentState.WAITING, leads=False, attempts=0
    )
    Document.objects.filter(pk__in=others).update(leads=True)
    Document.objects.filter(pk__in=felled).update(leads=True, attempts=ALONE_FROM)
    Dispatch.objects.filter(pk__in={row.dispatch_id for row in waiting}).update(finished_at=None)
    transaction.on_commit(partial(nudges.send, nudges.READ))


def take_up() -> list[int]:
    """Count the next due bundles as taken up; return the documents that lead them.

    The smallest dispatch comes first: what arrives in a hurry does not wait behind a bulk.

    It commits by itself, and only reading locks the rows. Another worker that comes between the
    two may count the same bundles once more: the count is an upper bound, and only leads to their
    being read alone, where it is exact.
    """
    values = {
        "alone_from": ALONE_FROM,
        "bundles": BUNDLES_A_BATCH,
        "bytes": BYTES_A_BATCH,
        "dispatches": DISPATCHES_TRIED,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # The trace is for a worker that falls; should the server crash, one more try does no harm.
        cursor.execute("set local synchronous_commit = off")
        cursor.execute(SMALLEST, values)
        for (dispatch_id,) in cursor.fetchall():
            cursor.execute(TAKE_UP, values | {"dispatch": dispatch_id})
            if taken := [document_id for (document_id,) in cursor.fetchall()]:
                return taken
    return []


@contextmanager
def read_by_nobody_else(document_id: int) -> Iterator[bool]:
    """Whether this session alone may take the document up, until the block ends or the session.

    The lock outlasts transactions, so that no two workers count one attempt at the same document.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [document_id])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with suppress(InterfaceError, OperationalError), connection.cursor() as cursor:
                cursor.execute(UNLOCK, [document_id])
