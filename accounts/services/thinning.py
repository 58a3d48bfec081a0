"""Wrong tries and old sessions are kept for a while, then deleted; the record keeps its events."""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import transaction
from django.db.models import Q

from accounts.models import FailedTry, OfficerSession
from accounts.services.sessions import limits
from audit.services import record

TRIES_KEPT = timedelta(days=90)
SESSIONS_KEPT = timedelta(days=365)  # after their end


@transaction.atomic
def thin(*, at: datetime) -> int:
    """Delete what was kept long enough; how many rows that were. One event, if there were any."""
    began_before = at - SESSIONS_KEPT - limits().longest  # over too, though no browser came back
    old_tries = {"attempt_time__lt": at - TRIES_KEPT}
    rows = {
        "tries": FailedTry.objects.filter(at__lt=at - TRIES_KEPT),
        "sessions": OfficerSession.objects.filter(
            Q(ended_at__lt=at - SESSIONS_KEPT) | Q(ended_at__isnull=True, began_at__lt=began_before)
        ),
        "attempts": AccessAttempt.objects.filter(**old_tries),
        "access_logs": AccessLog.objects.filter(**old_tries),
        "failure_logs": AccessFailureLog.objects.filter(**old_tries),
    }
    counts: dict[str, int] = {name: found.delete()[0] for name, found in rows.items()}
    total = sum(counts.values())
    if total:
        record(verb="accounts.thinned", subject="accounts:all", actor=None, at=at, detail=counts)
    return total
