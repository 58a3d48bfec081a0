"""When the last report of a dispatch has been through every stage."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from tiplines.models import Dispatch, Document, Receipt
from tiplines.models.dispatch import DocumentState


def finish_dispatches(*, at: datetime) -> int:
    """Mark the dispatches in which nothing is due any more; return how many.

    A report that a dispatch brought again is waited for like one that it brought first.
    """
    waiting = Document.objects.filter(dispatch=OuterRef("pk"), state=DocumentState.WAITING)
    unready = Receipt.objects.filter(dispatch=OuterRef("pk")).filter(
        Q(tipline__assessed_at__isnull=True)
        | Q(tipline__located_at__isnull=True)
        | Q(tipline__linked_at__isnull=True)
    )
    return Dispatch.objects.filter(
        ~Exists(waiting), ~Exists(unready), finished_at__isnull=True, unpacked_at__isnull=False
    ).update(finished_at=at)
