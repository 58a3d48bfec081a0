"""Due documents are read into tiplines, a batch of bundles in one transaction.

Before a batch is read, its bundles are counted as taken up, and that is committed: a document that
fells its worker leaves a trace. A bundle taken up again and again without an end is read alone, so
that what happened to its neighbours is not held against it; one that fells its worker alone as
well goes to quarantine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from django.db import (
    DatabaseError,
    DataError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import F

from tiplines import nudges
from tiplines.models import Document, QuarantineItem
from tiplines.models.dispatch import DocumentState, Settlement
from tiplines.parsing import read_bundle
from tiplines.parsing.list_headers import NO_MAPPINGS, Mappings
from tiplines.parsing.records import Found, Reading, Refusal, SourceDocument
from tiplines.services.arriving import Arrival
from tiplines.services.cleaning import clean
from tiplines.services.mapping import mappings_for
from tiplines.services.originals import content
from tiplines.services.storing import store
from tiplines.services.waiting import ALONE_FROM, FELLED_FROM, read_by_nobody_else, take_up

ALONE_TRIED = 20  # bundles looked at for one that no other worker is reading

Readings = Sequence[tuple[Sequence[Document], Reading]]
logger = logging.getLogger(__name__)


def read_next(*, at: datetime) -> int:
    """Read the next due bundles; return how many there were, 0 when none is due.

    Safe to run twice and to be killed: documents, reports and receipts change in one transaction,
    and a document that another worker is reading is passed over.
    """
    if leaders := take_up():
        read_taken(leaders, read_all, at=at)
        return len(leaders)
    return read_one_alone(at=at)


def read_one_alone(*, at: datetime) -> int:
    """Read one bundle that never came to an end when it was taken up; return 1, or 0 for none."""
    suspects = Document.objects.due().filter(attempts__gte=ALONE_FROM).order_by("attempts", "pk")
    for pk in suspects.values_list("pk", flat=True)[:ALONE_TRIED]:
        with read_by_nobody_else(pk) as is_mine:
            leader = suspects.filter(pk=pk).first() if is_mine else None
            if leader is None:
                continue
            if leader.attempts >= FELLED_FROM:
                read_taken([pk], refuse_all, at=at)
            else:
                Document.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
                read_taken([pk], read_all, at=at)
            return 1
    return 0


def read_taken(
    leader_ids: Sequence[int],
    how: Callable[[Sequence[Sequence[Document]]], Readings],
    *,
    at: datetime,
) -> None:
    """Read the bundles taken up, but for those that another worker has meanwhile.

    A single one is waited for: it was counted, and an officer may hold it for a moment.
    """
    try:
        with transaction.atomic():
            may_be_repeated()
            leaders = list(
                Document.objects.due()
                .filter(pk__in=leader_ids)
                .select_for_update(skip_locked=len(leader_ids) > 1)
                .order_by("pk")
                .values_list("dispatch_id", "bundle")
            )
            if leaders:
                keep_batch(how(bundles_of(leaders)), at=at)
                transaction.on_commit(lambda: nudges.send(*nudges.STAGES))
    except (OperationalError, InterfaceError):
        # The database gave way, not a document: a full disk must not send all to quarantine.
        with suppress(DatabaseError):
            Document.objects.due().filter(pk__in=leader_ids, attempts__gt=0).update(
                attempts=F("attempts") - 1
            )
        raise


def may_be_repeated() -> None:
    """Let this transaction commit without waiting for the disk: a crash of the server undoes it
    whole, and its documents wait again. An officer's act commits to the disk, and what came before
    with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")


def bundles_of(wanted: Sequence[tuple[int, int]]) -> list[list[Document]]:
    """The waiting documents of each bundle, named by dispatch and number, in their order."""
    members: dict[tuple[int, int], list[Document]] = {place: [] for place in wanted}
    for dispatch_id in {dispatch_id for dispatch_id, _ in wanted}:
        rows = Document.objects.filter(
            dispatch_id=dispatch_id,
            bundle__in=[bundle for owner, bundle in wanted if owner == dispatch_id],
            state=DocumentState.WAITING,
        ).order_by("position")
        for row in rows:
            members[row.dispatch_id, row.bundle].append(row)
    return list(members.values())


def read_all(bundles: Sequence[Sequence[Document]]) -> Readings:
    mappings = mappings_for(row for bundle in bundles for row in bundle)
    return [
        (bundle, read(bundle, mappings.get(bundle[0].dispatch_id, NO_MAPPINGS)))
        for bundle in bundles
    ]


def read(bundle: Sequence[Document], mappings: Mappings) -> Reading:
    """Read one bundle. Whatever goes wrong inside it stays inside it."""
    try:
        documents = [
            SourceDocument(name=name, data=content(row)) for name, row in by_name(bundle).items()
        ]
        return read_bundle(documents, mappings=mappings)
    except Exception as error:  # a fault of ours in one report must not hold up all others
        logger.exception("bundle not read", extra={"document": bundle[0].pk})
        reason = (
            f"The reader failed ({type(error).__name__}); the document is kept for a later try."
        )
        return refused(bundle, reason)


def refuse_all(bundles: Sequence[Sequence[Document]]) -> Readings:
    """What is left for bundles that felled their reader: they are not opened again."""
    for bundle in bundles:
        logger.error("bundle felled its reader", extra={"document": bundle[0].pk})
    times = FELLED_FROM - ALONE_FROM
    reason = (
        f"It felled its reader {times} times while nothing else was being read. It is kept, and is"
        " tried again only when an officer asks for it."
    )
    return [(bundle, refused(bundle, reason)) for bundle in bundles]


def refused(bundle: Sequence[Document], reason: str) -> Reading:
    return Reading(refused=tuple(Refusal(document=name, reason=reason) for name in by_name(bundle)))


def by_name(bundle: Sequence[Document]) -> dict[str, Document]:
    """The documents by the names under which they are read: of equal ones the later get a mark."""
    named: dict[str, Document] = {}
    for row in bundle:
        named[f"{row.name}#{row.position}" if row.name in named else row.name] = row
    return named


def keep_batch(readings: Readings, *, at: datetime) -> None:
    """Store what was read. If the database refuses a value, find the bundle and quarantine it."""
    try:
        with transaction.atomic():
            keep(readings, at=at)
    except DataError as error:
        if len(readings) == 1:
            bundle, _ = readings[0]
            reason = f"The database refused a value of it: {str(error).splitlines()[0]}."
            keep([(bundle, refused(bundle, reason))], at=at)
            return
        for one in readings:
            keep_batch([one], at=at)


def keep(readings: Readings, *, at: datetime) -> None:
    arrivals: list[Arrival] = []
    items: list[QuarantineItem] = []
    read_ids: list[int] = []
    refused_ids: list[int] = []
    for bundle, reading in readings:
        named = by_name(bundle)
        first = bundle[0]
        told: set[str] = set()
        for found in reading.found:
            told |= set(found.documents)
            arrivals.append(arrival(found, named.get(found.documents[0], first)))
        for refusal in reading.refused:
            told.add(refusal.document)
            items.append(quarantined(refusal, named.get(refusal.document, first), at=at))
        for name, row in named.items():
            if name not in told:  # a reader that says nothing must not make a document vanish
                silent = Refusal(document=name, reason="Nothing in it was recognised as a report.")
                items.append(quarantined(silent, row, at=at))
        useful = {name for found in reading.found for name in found.documents}
        for name, row in named.items():
            (read_ids if name in useful else refused_ids).append(row.pk)
    store(arrivals, at=at)
    QuarantineItem.objects.bulk_create(not_set_aside(items, readings))
    Document.objects.filter(pk__in=read_ids).update(state=DocumentState.READ, read_at=at)
    Document.objects.filter(pk__in=refused_ids).update(state=DocumentState.QUARANTINED, read_at=at)


def not_set_aside(items: Sequence[QuarantineItem], readings: Readings) -> list[QuarantineItem]:
    """Without what an officer set aside when the same document was read before."""
    again = [row.pk for bundle, _ in readings for row in bundle if row.read_at is not None]
    if not again:
        return list(items)
    ended = set(
        QuarantineItem.objects.filter(
            document__in=again, settlement=Settlement.SET_ASIDE
        ).values_list("document_id", "place", "number")
    )
    return [item for item in items if (item.document_id, item.place, item.number) not in ended]


def arrival(found: Found, document: Document) -> Arrival:
    return Arrival(
        report=found.report,
        document_id=document.pk,
        dispatch_id=document.dispatch_id,
        is_read_again=document.read_at is not None,
    )


def quarantined(refusal: Refusal, document: Document, *, at: datetime) -> QuarantineItem:
    return QuarantineItem(
        dispatch_id=document.dispatch_id,
        document=document,
        place=clean(refusal.place, 500),
        number=clean(refusal.number or "", 40),
        reason=clean(refusal.reason, 2000),
        at=at,
    )
