"""Due documents are read into tiplines, a batch of bundles in one transaction."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import DataError, transaction

from tiplines import inbox, nudges
from tiplines.models import Document, QuarantineItem
from tiplines.models.dispatch import DocumentState
from tiplines.parsing import read_bundle
from tiplines.parsing.records import Found, Reading, Refusal, SourceDocument
from tiplines.services.cleaning import clean
from tiplines.services.storing import Arrival, store

BUNDLES_A_BATCH = 100

logger = logging.getLogger(__name__)


def read_next(*, at: datetime) -> int:
    """Read the next due bundles; return how many there were, 0 when none is due.

    Safe to run twice and to be killed: documents, reports and receipts change in one transaction,
    and a document that another worker is reading is passed over.
    """
    with transaction.atomic():
        leaders = list(
            Document.objects.due()
            .select_for_update(skip_locked=True)
            .order_by("pk")[:BUNDLES_A_BATCH]
        )
        if not leaders:
            return 0
        batch = bundles_of(leaders)
        readings = [(bundle, read(bundle)) for bundle in batch]
        keep_batch(readings, at=at)
        transaction.on_commit(lambda: nudges.send(*nudges.STAGES))
    return len(leaders)


def bundles_of(leaders: Sequence[Document]) -> list[list[Document]]:
    """The waiting documents of each leader's bundle, in their order."""
    wanted = {(leader.dispatch_id, leader.bundle) for leader in leaders}
    members: dict[tuple[int, int], list[Document]] = defaultdict(list)
    for dispatch_id in {leader.dispatch_id for leader in leaders}:
        rows = Document.objects.filter(
            dispatch_id=dispatch_id,
            bundle__in=[bundle for owner, bundle in wanted if owner == dispatch_id],
            state=DocumentState.WAITING,
        ).order_by("position")
        for row in rows:
            members[row.dispatch_id, row.bundle].append(row)
    return [members[leader.dispatch_id, leader.bundle] for leader in leaders]


def read(bundle: Sequence[Document]) -> Reading:
    """Read one bundle. Whatever goes wrong inside it stays inside it."""
    try:
        return read_bundle([SourceDocument(name=row.name, data=content(row)) for row in bundle])
    except Exception as error:  # a fault of ours in one report must not hold up all others
        logger.exception("bundle not read", extra={"document": bundle[0].pk})
        reason = (
            f"The reader failed ({type(error).__name__}); the document is kept for a later try."
        )
        return Reading(refused=tuple(Refusal(document=row.name, reason=reason) for row in bundle))


def content(document: Document) -> bytes:
    assert document.offset is not None  # noqa: S101  # only kept documents ever wait
    with inbox.pack_path(document.dispatch_id).open("rb") as pack:
        return inbox.read_kept(pack, offset=document.offset, packed_bytes=document.packed_bytes)


def keep_batch(readings: Sequence[tuple[Sequence[Document], Reading]], *, at: datetime) -> None:
    """Store what was read. If the database refuses a value, find the bundle and quarantine it."""
    try:
        with transaction.atomic():
            keep(readings, at=at)
    except DataError as error:
        if len(readings) == 1:
            bundle, _ = readings[0]
            reason = f"The database refused a value of it: {str(error).splitlines()[0]}."
            refused = tuple(Refusal(document=row.name, reason=reason) for row in bundle)
            keep([(bundle, Reading(refused=refused))], at=at)
            return
        for one in readings:
            keep_batch([one], at=at)


def keep(readings: Iterable[tuple[Sequence[Document], Reading]], *, at: datetime) -> None:
    arrivals: list[Arrival] = []
    items: list[QuarantineItem] = []
    read_ids: list[int] = []
    refused_ids: list[int] = []
    for bundle, reading in readings:
        by_name = {row.name: row for row in bundle}
        first = bundle[0]
        told: set[str] = set()
        for found in reading.found:
            told |= set(found.documents)
            arrivals.append(arrival(found, by_name.get(found.documents[0], first)))
        for refusal in reading.refused:
            told.add(refusal.document)
            items.append(quarantined(refusal, by_name.get(refusal.document, first), at=at))
        for row in bundle:
            if row.name not in told:  # a reader that says nothing must not make a document vanish
                silent = Refusal(
                    document=row.name, reason="Nothing in it was recognised as a report."
                )
                items.append(quarantined(silent, row, at=at))
        useful = {name for found in reading.found for name in found.documents}
        for row in bundle:
            (read_ids if row.name in useful else refused_ids).append(row.pk)
    store(arrivals, at=at)
    QuarantineItem.objects.bulk_create(items)
    Document.objects.filter(pk__in=read_ids).update(state=DocumentState.READ, read_at=at)
    Document.objects.filter(pk__in=refused_ids).update(state=DocumentState.QUARANTINED, read_at=at)


def arrival(found: Found, document: Document) -> Arrival:
    return Arrival(report=found.report, document_id=document.pk, dispatch_id=document.dispatch_id)


def quarantined(refusal: Refusal, document: Document, *, at: datetime) -> QuarantineItem:
    return QuarantineItem(
        dispatch_id=document.dispatch_id,
        document=document,
        place=clean(refusal.place, 500),
        number=clean(refusal.number or "", 40),
        reason=clean(refusal.reason, 2000),
        at=at,
    )
