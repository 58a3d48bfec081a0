"""What a dispatch came to: for its page, its JSON receipt and the command."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from tiplines.models import Dispatch, Document, QuarantineItem
from tiplines.models.dispatch import DocumentState
from tiplines.services.reconciling import Account, reconcile

LISTED_AT_MOST = 200


def receipt_of(dispatch_id: int) -> dict[str, Any]:
    """The receipt as plain data; moments in ISO 8601, UTC."""
    dispatch = Dispatch.objects.get(pk=dispatch_id)
    [account] = reconcile([dispatch_id])
    progress = progress_of(dispatch_id)
    return {
        "dispatch": dispatch.pk,
        "reference": dispatch.reference,
        "sender": dispatch.sender,
        "name": dispatch.name,
        "sha256": dispatch.sha256,
        "size_bytes": dispatch.size_bytes,
        "received_at": iso(dispatch.received_at),
        "finished_at": iso(dispatch.finished_at),
        "documents": {
            "listed": account.documents_listed,
            "waiting": account.documents_waiting,
            "not_text": progress["listed"],
        },
        "received": account.received,
        "stored": account.stored,
        "already_held": account.already_held,
        "new_versions": account.new_versions,
        "quarantined": account.quarantined,
        "assessed": progress["assessed"],
        "located": progress["located"],
        "linked": progress["linked"],
        "reconciles": account.holds,
        "faults": list(account.faults),
        "quarantine": [
            {
                "document": name,
                "place": place,
                "number": number,
                "reason": reason,
            }
            for name, place, number, reason in QuarantineItem.objects.filter(dispatch=dispatch_id)
            .order_by("pk")
            .values_list("document__name", "place", "number", "reason")[:LISTED_AT_MOST]
        ],
        "not_text": [
            {"name": name, "size_bytes": size}
            for name, size in Document.objects.filter(
                dispatch=dispatch_id, state=DocumentState.LISTED
            )
            .order_by("position")
            .values_list("name", "size_bytes")[:LISTED_AT_MOST]
        ],
    }


def progress_of(dispatch_id: int) -> dict[str, int]:
    """How far the workers are: documents by state and tiplines by stage, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select
              (select count(*) from tiplines_document where dispatch_id = %(id)s),
              (select count(*) from tiplines_document where dispatch_id = %(id)s
                 and state = 'waiting'),
              (select count(*) from tiplines_document where dispatch_id = %(id)s
                 and state = 'listed'),
              (select count(*) from tiplines_quarantineitem where dispatch_id = %(id)s),
              count(*), count(assessed_at), count(located_at), count(linked_at)
            from tiplines_tipline where dispatch_id = %(id)s
            """,
            {"id": dispatch_id},
        )
        names = (
            *("documents", "waiting", "listed", "quarantined"),
            *("stored", "assessed", "located", "linked"),
        )
        return dict(zip(names, cursor.fetchone(), strict=True))


def account_of(dispatch_id: int) -> Account:
    return reconcile([dispatch_id])[0]


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
