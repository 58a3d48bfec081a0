"""What an officer does with a document that could not be read: read it again, replace it, set it
aside. Nothing leaves quarantine otherwise.

Documents of one bundle speak of the same report, so they are read again together, and what is open
about any of them is settled by that: what still cannot be read comes back as a new item.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path

from django.db import transaction
from django.db.models import Max, Q

from accounts.models import User
from audit.services import record_many
from tiplines import inbox, packs
from tiplines.grouping import bundles, file_of, folder_of
from tiplines.models import Dispatch, Document, QuarantineItem
from tiplines.models.dispatch import DocumentState, Settlement
from tiplines.pdf_gate import unlocked_pdf
from tiplines.services.cleaning import clean
from tiplines.services.unpacking import listed
from tiplines.services.waiting import line_up

# As received; what is larger is a dispatch of its own.
REPLACEMENT_MAX_BYTES = inbox.ENTRY_MAX_BYTES
REASON_CHARACTERS = 2000


class NothingOpen(Exception):
    """None of these items is open any more, or none is the officer's to see."""


class NotKept(Exception):
    """The document was never kept, so it cannot be read again: replace it or set it aside."""


class CannotReplace(Exception):
    """The file offered cannot stand in the place of the document; the text says why."""


@transaction.atomic
def read_again(*, item_ids: Collection[int], by: User, at: datetime) -> int:
    """Let the documents of these items be read again; return how many items that settles.

    Raises NothingOpen, or NotKept when not one of the documents was kept.
    """
    asked = open_items(item_ids, by=by)
    together = bundles_with([item.document for item in asked])
    wanted = {item.document_id for item in asked}
    still_open = {
        pk for bundle in together for pk, open_ in bundle.items.items() if open_ and pk in wanted
    }
    if not still_open:
        raise NothingOpen
    kept = [bundle for bundle in together if any(row.pk in still_open for row in bundle.readable)]
    if not kept:
        raise NotKept
    settled = settle(
        [item for bundle in kept for row in bundle.readable for item in bundle.items[row.pk]],
        as_=Settlement.READ_AGAIN,
        by=by,
        at=at,
    )
    line_up([bundle.readable for bundle in kept])
    return settled


@transaction.atomic
def replace(
    *, item_id: int, path: Path, name: str, password: str = "", by: User, at: datetime
) -> list[Document]:
    """Put the file at `path` in the place of the item's document; return what it became.

    A ZIP stands for all that is in it. `password` opens a PDF and goes no further than that. What
    is open about the replaced document is settled, and the report it belongs to is read again.
    Raises NothingOpen, CannotReplace, inbox.NotText, or UnreadableReport for a wrong password.
    """
    [bad] = [item.document for item in open_items([item_id], by=by)]
    [bundle] = bundles_with([bad])
    if not bundle.items[bad.pk]:
        raise NothingOpen
    Dispatch.objects.select_for_update(no_key=True).get(pk=bad.dispatch_id)  # for the positions
    entries = entries_at(path, inbox.clean_name(file_of(name)), password=password)
    new = put_in_place(entries, bad, bundle, at=at)
    detail = {"documents": [row.pk for row in new], "sha256": [row.sha256 for row in new]}
    settle(bundle.items[bad.pk], as_=Settlement.REPLACED, by=by, at=at, detail=detail)
    if len(new) == 1:  # the rest of its report is read with it
        beside = [row for row in bundle.readable if row.pk != bad.pk]
        open_beside = [item for row in beside for item in bundle.items[row.pk]]
        settle(open_beside, as_=Settlement.READ_AGAIN, by=by, at=at)
        line_up([[*beside, *new]])
    else:
        line_up(list(by_bundle(new).values()))
    return new


@transaction.atomic
def set_aside(
    *, item_ids: Collection[int], reason: str, by: User, at: datetime, whole: bool = False
) -> int:
    """End these items for good with a reason; return how many. `whole` takes in all that is open
    about their documents. Raises NothingOpen, or ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a reason is needed")
    asked = open_items(item_ids, by=by)
    wanted = {item.pk for item in asked}
    documents = {item.document_id for item in asked}
    items = [
        item
        for bundle in bundles_with([item.document for item in asked])
        for rows in bundle.items.values()
        for item in rows
        if item.pk in wanted or (whole and item.document_id in documents)
    ]
    if not items:
        raise NothingOpen
    return settle(items, as_=Settlement.SET_ASIDE, by=by, at=at, note=reason)


# What belongs together


@dataclass(kw_only=True)
class Bundle:
    """The documents of one bundle, locked until the transaction ends."""

    documents: Sequence[Document]
    readable: Sequence[Document]
    """Those that a worker can read again: kept, and neither replaced nor set aside."""
    items: dict[int, list[QuarantineItem]]
    """What is open, by document."""


def open_items(item_ids: Collection[int], *, by: User) -> list[QuarantineItem]:
    """Raises NothingOpen. They are looked at again once their documents are locked."""
    items = list(
        QuarantineItem.objects.visible_to(by)
        .open()
        .filter(pk__in=item_ids)
        .select_related("document")
        .order_by("pk")
    )
    if not items:
        raise NothingOpen
    return items


def bundles_with(documents: Iterable[Document]) -> list[Bundle]:
    """The whole bundles that these documents belong to.

    Locked in the order of their keys: a worker, which locks the first waiting document of a bundle
    before it changes any other, is waited for and never crossed.
    """
    wanted: dict[int, set[int]] = defaultdict(set)
    for document in documents:
        wanted[document.dispatch_id].add(document.bundle)
    chosen = reduce(or_, (Q(dispatch=pk, bundle__in=each) for pk, each in wanted.items()))
    rows = list(Document.objects.select_for_update(no_key=True).filter(chosen).order_by("pk"))
    replaced = set(Document.objects.filter(replaces__in=rows).values_list("replaces_id", flat=True))
    items: dict[int, list[QuarantineItem]] = defaultdict(list)
    for item in QuarantineItem.objects.open().filter(document__in=rows).order_by("pk"):
        items[item.document_id].append(item)
    return [
        Bundle(
            documents=group,
            readable=[row for row in group if row.pk not in replaced and is_readable(row, items)],
            items={row.pk: items[row.pk] for row in group},
        )
        for group in by_bundle(rows).values()
    ]


def is_readable(document: Document, items: dict[int, list[QuarantineItem]]) -> bool:
    if document.offset is None:
        return False
    return document.state != DocumentState.QUARANTINED or bool(items[document.pk])


def by_bundle(rows: Iterable[Document]) -> dict[tuple[int, int], list[Document]]:
    groups: dict[tuple[int, int], list[Document]] = defaultdict(list)
    for row in rows:
        groups[row.dispatch_id, row.bundle].append(row)
    return groups


# What is written


def settle(
    items: Sequence[QuarantineItem],
    *,
    as_: Settlement,
    by: User,
    at: datetime,
    note: str = "",
    detail: dict[str, object] | None = None,
) -> int:
    if items:
        QuarantineItem.objects.open().filter(pk__in=[item.pk for item in items]).update(
            settled_at=at,
            settled_by=by,
            settlement=as_,
            settlement_note=clean(note.strip(), REASON_CHARACTERS),
        )
        record_many(
            verb=f"quarantine.{as_.value}",
            subjects=[f"quarantine:{item.pk}" for item in items],
            actor=by,
            at=at,
            detail=detail,
        )
    return len(items)


# Replacing


def entries_at(path: Path, name: str, *, password: str) -> Iterator[inbox.Entry]:
    """What is in the file offered. Raises CannotReplace, or UnreadableReport by the password."""
    if path.stat().st_size > REPLACEMENT_MAX_BYTES:
        raise CannotReplace(
            f"a replacement may have at most {REPLACEMENT_MAX_BYTES // inbox.MIB} MiB:"
            " send a larger file as a dispatch"
        )
    if password:
        yield inbox.entry_of(name, unlocked_pdf(path.read_bytes(), password))
        return
    try:
        yield from inbox.entries(path, name)
    except inbox.Unreadable as error:
        raise CannotReplace(str(error)) from error


def put_in_place(
    entries: Iterable[inbox.Entry], bad: Document, bundle: Bundle, *, at: datetime
) -> list[Document]:
    """Keep the entries in a pack of their own, as documents of the same dispatch.

    Return those that can be read. A single one takes the place in the bundle; several are bundles
    by the same rule as in any dispatch.
    """
    last = Document.objects.filter(dispatch=bad.dispatch_id).aggregate(
        position=Max("position"), bundle=Max("bundle")
    )
    pack = packs.PackWriter(bad.dispatch_id, instead_of=bad.pk)
    new: list[Document] = []
    refusals: dict[int, tuple[str, str]] = {}
    """By position: the reason and the place."""
    try:
        for position, entry in enumerate(entries, last["position"] + 1):
            new.append(document_of(entry, bad, position=position, pack=pack))
            if entry.refusal:
                refusals[position] = entry.refusal, clean(entry.place, 500)
        check_worth(new, [reason for reason, _ in refusals.values()])
        pack.finish()
    except BaseException:
        pack.abandon()
        raise
    for row, group in zip(new, bundles([(row.name, row.kind) for row in new]), strict=True):
        row.bundle = last["bundle"] + 1 + group
    waiting = [row for row in new if row.state == DocumentState.WAITING]
    if len(waiting) == 1:
        [only] = waiting
        only.bundle = bad.bundle
        only.name = unlike([row.name for row in bundle.documents if row.pk != bad.pk], only)
    rows = {row.position: row for row in Document.objects.bulk_create(new)}
    QuarantineItem.objects.bulk_create(
        QuarantineItem(
            dispatch_id=bad.dispatch_id,
            document=rows[position],
            reason=reason,
            place=place,
            at=at,
        )
        for position, (reason, place) in refusals.items()
    )
    return waiting


def document_of(
    entry: inbox.Entry, bad: Document, *, position: int, pack: packs.PackWriter
) -> Document:
    folder = folder_of(bad.name)
    name = inbox.clean_name(f"{folder}/{entry.name}" if folder else entry.name)
    kept = listed(dataclasses.replace(entry, name=name), pack)
    return Document(
        dispatch_id=bad.dispatch_id,
        replaces=bad,
        position=position,
        name=kept.name,
        kind=kept.kind,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        offset=kept.offset,
        packed_bytes=kept.packed_bytes,
        state=kept.state,
    )


def check_worth(new: Sequence[Document], refusals: Sequence[str]) -> None:
    """Raise unless at least one of the new documents can be read."""
    if any(row.state == DocumentState.WAITING for row in new):
        return
    if refusals:
        raise CannotReplace(refusals[0])
    if new:
        raise inbox.NotText
    raise CannotReplace("there is nothing in the archive")


def unlike(taken: Collection[str], document: Document) -> str:
    """The name of `document`, or one like it that no other document of the bundle has."""
    folder, file = folder_of(document.name), file_of(document.name)
    name, n = document.name, 1
    while name in taken:
        n += 1
        name = f"{folder}/{n}-{file}" if folder else f"{n}-{file}"
    return name
