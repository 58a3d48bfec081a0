"""When the last report of a dispatch has been through every stage."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from tiplines.models import Dispatch, Document, Tipline
from tiplines.models.dispatch import DocumentState


def finish_dispatches(*, at: datetime) -> int:
    """Mark the dispatches in which nothing is due any more; return how many."""
    waiting = Document.objects.filter(dispatch=OuterRef("pk"), state=DocumentState.WAITING)
    unready = Tipline.objects.filter(dispatch=OuterRef("pk")).filter(
        Q(assessed_at__isnull=True) | Q(located_at__isnull=True) | Q(linked_at__isnull=True)
    )
    return Dispatch.objects.filter(
        ~Exists(waiting), ~Exists(unready), finished_at__isnull=True, unpacked_at__isnull=False
    ).update(finished_at=at)
