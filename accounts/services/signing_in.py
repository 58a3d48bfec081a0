"""Sign-in, sign-out, and the lock-out after wrong tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.services.officers import check_not_own
from audit.services import record


def is_locked_out(user: User, *, at: datetime) -> bool:
    """Whether wrong tries in the last minutes keep the officer from signing in."""
    since = at - timedelta(hours=settings.AXES_COOLOFF_TIME)
    tries = AccessAttempt.objects.filter(
        username=user.username,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=since,
    )
    return bool(tries.exists())


@transaction.atomic
def unlock(*, user: User, by: User, at: datetime) -> None:
    """Forget the wrong tries, so that the officer may sign in at once. Raises OwnAccount."""
    check_not_own(user, by=by)
    AccessAttempt.objects.filter(username=user.username).delete()
    record(verb="officer.unlocked", subject=f"officer:{user.pk}", actor=by, at=at)


@transaction.atomic
def note_sign_in(*, user: User, at: datetime) -> None:
    record(verb="officer.signed-in", subject=f"officer:{user.pk}", actor=user, at=at)


@transaction.atomic
def note_sign_out(*, user: User, at: datetime) -> None:
    record(verb="officer.signed-out", subject=f"officer:{user.pk}", actor=user, at=at)


@transaction.atomic
def note_failed_sign_in(*, username: str, locked: bool, at: datetime) -> None:
    """What was typed is recorded only if it is an officer's number: it may be a password."""
    known = User.objects.filter(username=username).values_list("pk", flat=True).first()
    record(
        verb="officer.locked-out" if locked else "officer.sign-in-failed",
        subject=f"officer:{known or 'unknown'}",
        actor=None,
        at=at,
    )
