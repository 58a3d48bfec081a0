"""What officers said about the columns of covering lists: approved once, remembered for a sender.

A mapping is used for every list of the same sender whose header reads the same; the newest counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from tiplines.grouping import LISTS
from tiplines.models import Dispatch, Document, ListMapping
from tiplines.models.dispatch import Settlement
from tiplines.parsing.list_headers import HEADERS, NO_MAPPINGS, Mappings
from tiplines.parsing.list_reader import Head, heads_of
from tiplines.parsing.records import SourceDocument
from tiplines.services.originals import content
from tiplines.services.quarantine import bundles_with, settle
from tiplines.services.waiting import line_up

NUMBER = "number"


class NotThisList(Exception):
    """What was said does not fit the columns of the list, or names no column as the number."""


def mappings_for(documents: Iterable[Document]) -> dict[int, Mappings]:
    """The mappings for each dispatch with a list among `documents`; no statement without one."""
    dispatches = {row.dispatch_id for row in documents if row.kind in LISTS}
    if not dispatches:
        return {}
    senders = dict(Dispatch.objects.filter(pk__in=dispatches).values_list("pk", "sender"))
    approved: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = defaultdict(dict)
    for sender, headers, fields in (
        ListMapping.objects.filter(sender__in=set(senders.values()))
        .order_by("approved_at", "pk")
        .values_list("sender", "headers", "fields")
    ):
        approved[sender][tuple(headers)] = tuple(fields)
    return {pk: approved[sender] for pk, sender in senders.items() if sender in approved}


def heads(document: Document) -> list[Head]:
    """The header of each sheet, as it is read now. Raises UnreadableReport, or OSError."""
    source = SourceDocument(name=document.name, data=content(document))
    return heads_of(source, mappings_for([document]).get(document.dispatch_id, NO_MAPPINGS))


@transaction.atomic
def approve(
    *, document: Document, head: Head, fields: Sequence[str], by: User, at: datetime
) -> bool:
    """Remember for the sender what the columns of `head` mean; whether that changes the reading.

    Where it does, the list is read again and what is open about it is settled by that.
    Raises NotThisList.
    """
    known = all(not field or field in HEADERS for field in fields)
    if len(fields) != len(head.headers) or not known or NUMBER not in fields:
        raise NotThisList
    sender = Dispatch.objects.values_list("sender", flat=True).get(pk=document.dispatch_id)
    mapping = ListMapping.objects.create(
        sender=sender,
        headers=list(head.headers),
        fields=list(fields),
        approved_by=by,
        approved_at=at,
    )
    record(
        verb="list.mapped",
        subject=f"document:{document.pk}",
        actor=by,
        at=at,
        detail={"mapping": mapping.pk, "fields": list(fields)},
    )
    if tuple(fields) == head.fields:
        return False
    [bundle] = bundles_with([document])
    readable = [row for row in bundle.readable if row.pk == document.pk]
    if readable:
        settle(bundle.items[document.pk], as_=Settlement.READ_AGAIN, by=by, at=at)
        line_up([readable])
    return bool(readable)
