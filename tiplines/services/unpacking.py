"""A dispatch is listed document by document and its text packed, in bounded memory.

What is found goes line by line into a file without a name, is grouped into bundles, and from there
by COPY into rows: a dispatch may hold a million documents.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import IO, NamedTuple

from django.conf import settings

from tiplines import inbox, packs
from tiplines.grouping import LISTS, bundles
from tiplines.models import Dispatch, Document, QuarantineItem
from tiplines.models.dispatch import DocumentState
from tiplines.services.cleaning import clean
from tiplines.services.copying import copy_rows

ROWS_A_STATEMENT = 5000
NAME_CHARACTERS = 1024
COLUMNS = (
    *("dispatch_id", "position", "name", "kind", "size_bytes", "sha256", "bundle", "leads"),
    *('"offset"', "packed_bytes", "state", "attempts", "replaces_id", "read_at"),
)


class Listed(NamedTuple):
    """One document as the unpacking found it."""

    name: str
    kind: str
    size_bytes: int
    sha256: str
    offset: int | None
    packed_bytes: int
    refusal: str
    place: str

    @property
    def state(self) -> DocumentState:
        if self.refusal:
            return DocumentState.QUARANTINED
        return DocumentState.LISTED if self.offset is None else DocumentState.WAITING


class Listing:
    """Documents in their order, on disk; to be gone through as often as one likes."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.count = 0

    def add(self, listed: Listed) -> None:
        self.file.write(json.dumps(listed) + "\n")
        self.count += 1

    def __iter__(self) -> Iterator[Listed]:
        self.file.seek(0)
        for line in self.file:
            yield Listed(*json.loads(line))


class NamesAndKinds:
    """What tells which documents belong together."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((each.name, each.kind) for each in self.listing)


def unpack(dispatch: Dispatch, *, at: datetime) -> None:
    """List the documents of a dispatch and keep their text, inside the caller's transaction."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        listing = Listing(file)
        counted = keep(dispatch, listing)
        write_rows(dispatch, listing)
        write_refusals(dispatch, listing, at=at)
    dispatch.document_count = counted
    dispatch.unpacked_at = at
    dispatch.save(update_fields=["document_count", "unpacked_at"])


def keep(dispatch: Dispatch, listing: Listing) -> int:
    """Pack the text and list everything; return the number of documents by the directories."""
    pack = packs.PackWriter(dispatch.pk)
    budget = inbox.Budget()
    try:
        try:
            for entry in inbox.entries(inbox.incoming(dispatch.sha256), dispatch.name, budget):
                listing.add(listed(entry, pack))
        except (inbox.Unreadable, FileNotFoundError) as error:
            # Counted here: what a broken directory would have gone on to name is not known.
            budget.count = listing.count + 1
            listing.add(unopened(dispatch, f"The dispatch cannot be opened: {error}."))
        pack.finish()
    except BaseException:
        pack.abandon()
        raise
    return budget.count


def listed(entry: inbox.Entry, pack: packs.PackWriter) -> Listed:
    sha256, offset, packed_bytes = "", None, 0
    if entry.data is not None:
        sha256 = hashlib.sha256(entry.data).hexdigest()
        offset, packed_bytes = pack.add(entry.name, entry.data, packed=entry.packed)
    return Listed(
        name=entry.name,
        kind=entry.kind,
        size_bytes=entry.size_bytes,
        sha256=sha256,
        offset=offset,
        packed_bytes=packed_bytes,
        refusal=entry.refusal,
        place=entry.place,
    )


def unopened(dispatch: Dispatch, reason: str) -> Listed:
    """Stands for a dispatch, or the rest of one, that could not be opened."""
    return Listed(dispatch.name, "text", dispatch.size_bytes, "", None, 0, reason, "")


def write_rows(dispatch: Dispatch, listing: Listing) -> None:
    """One row for each document, in the order of reading: lists after all reports."""
    bundle_of = bundles(NamesAndKinds(listing))
    led: set[int] = set()
    for are_lists in (False, True):
        rows = rows_of(dispatch, listing, bundle_of, led, are_lists=are_lists)
        while batch := list(islice(rows, ROWS_A_STATEMENT)):
            copy_rows(Document._meta.db_table, COLUMNS, batch)


def rows_of(
    dispatch: Dispatch,
    listing: Listing,
    bundle_of: Sequence[int],
    led: set[int],
    *,
    are_lists: bool,
) -> Iterator[tuple[object, ...]]:
    """Values of `COLUMNS`; the first waiting document of every bundle leads it."""
    for position, each in enumerate(listing):
        if (each.kind in LISTS) is not are_lists:
            continue
        state = each.state
        bundle = bundle_of[position]
        leads = state is DocumentState.WAITING and bundle not in led
        if leads:
            led.add(bundle)
        yield (
            *(dispatch.pk, position, clean(each.name, NAME_CHARACTERS), each.kind),
            *(each.size_bytes, each.sha256, bundle, leads, each.offset, each.packed_bytes),
            *(state.value, 0, None, None),
        )


def write_refusals(dispatch: Dispatch, listing: Listing, *, at: datetime) -> None:
    refused = ((position, each) for position, each in enumerate(listing) if each.refusal)
    while batch := dict(islice(refused, ROWS_A_STATEMENT)):
        keys = dict(
            Document.objects.filter(dispatch=dispatch, position__in=batch).values_list(
                "position", "pk"
            )
        )
        QuarantineItem.objects.bulk_create(items_of(dispatch, batch.items(), keys, at=at))


def items_of(
    dispatch: Dispatch,
    refused: Iterable[tuple[int, Listed]],
    keys: dict[int, int],
    *,
    at: datetime,
) -> Iterator[QuarantineItem]:
    for position, each in refused:
        yield QuarantineItem(
            dispatch=dispatch,
            document_id=keys[position],
            reason=each.refusal,
            place=clean(each.place, 500),
            at=at,
        )
