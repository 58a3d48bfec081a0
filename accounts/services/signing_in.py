"""Sign-in, sign-out, and the lock-out after wrong tries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection, transaction

from accounts.models import FailedTry, OfficerSession, User
from accounts.models.sessions import Ending, Step
from accounts.services.officers import check_not_own
from accounts.services.sessions import close_session
from accounts.sittings import is_dormant
from audit.services import record

NOTICE = "2026-1"
"""Which text of the notice before sign-in stands in `templates/accounts/_notice.html`. Change it
with the text: each sign-in records what was accepted.
"""
TRIES_LOCK = 7_301_005  # advisory lock: tries of one account are counted one after the other
TRIES_BY_ADDRESS = 30  # wrong tries by one address, for whatever accounts; a station shares one


def is_locked_out(user: User, *, at: datetime) -> bool:
    """Whether wrong tries in the last minutes keep the officer from signing in."""
    tries = AccessAttempt.objects.filter(
        username=user.username,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=at - waiting_time(),
    )
    return bool(tries.exists())


def waiting_time() -> timedelta:
    return timedelta(hours=settings.AXES_COOLOFF_TIME)


def is_address_held(address: str | None, *, at: datetime) -> bool:
    """Whether so many wrong tries came from `address` that it has to wait."""
    tries = FailedTry.objects.filter(address=address, at__gt=at - waiting_time())
    return tries.count() >= TRIES_BY_ADDRESS


def stand_in_line(username: str) -> None:
    """Wait for other tries of the same account to be counted, unknown ones too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, hashtext(%s))", [TRIES_LOCK, username.casefold()]
        )


def sleeps(user: User, *, at: datetime) -> bool:
    """Whether nobody signed in for so long that an administrator must unlock the account."""
    return is_dormant(
        enlisted_at=user.created_at,
        last_sign_in_at=user.last_login,
        woken_at=user.woken_at,
        at=at,
    )


@transaction.atomic
def unlock(*, user: User, by: User, at: datetime) -> None:
    """Forget the wrong tries and wake a dormant account, so that the officer may sign in at once.

    Raises OwnAccount.
    """
    check_not_own(user, by=by)
    AccessAttempt.objects.filter(username=user.username).delete()
    user.woken_at = at
    user.save(update_fields=["woken_at"])
    record(verb="officer.unlocked", subject=f"officer:{user.pk}", actor=by, at=at)


@dataclass(frozen=True, kw_only=True)
class SinceLastTime:
    """What an officer is told after signing in."""

    last: OfficerSession | None
    """The sign-in before this one; None at the first."""
    failed_tries: int
    factors_were_reset: bool


@transaction.atomic
def note_sign_in(
    *, user: User, session: OfficerSession, first: Step, factor: str, notice: str, at: datetime
) -> SinceLastTime:
    """Record the sign-in and that the notice was accepted; return what happened since the last.

    `first` is what was given before the second factor: the password, or the provider's word.
    """
    session.factor = factor
    session.save(update_fields=["factor"])
    record(
        verb="officer.signed-in",
        subject=f"officer:{user.pk}",
        actor=user,
        at=at,
        detail={
            "session": session.pk,
            "factor": factor or "none",
            "notice": notice,
            **({} if first == Step.PASSWORD else {"first": first.value}),
        },
    )
    last = user.sessions.exclude(pk=session.pk).order_by("-began_at", "-pk").first()
    since = last.began_at if last else user.created_at
    reset_at = user.factors_reset_at
    return SinceLastTime(
        last=last,
        failed_tries=user.failed_tries.filter(at__gt=since).count(),
        factors_were_reset=reset_at is not None and reset_at > since,
    )


@transaction.atomic
def note_sign_out(*, user: User, session: OfficerSession, at: datetime) -> None:
    close_session(session, ending=Ending.SIGNED_OUT, at=at)
    record(verb="officer.signed-out", subject=f"officer:{user.pk}", actor=user, at=at)


@transaction.atomic
def note_failed_try(
    *, username: str, step: Step, address: str | None, locked: bool, at: datetime
) -> None:
    """What was typed is recorded only if it is an officer's number: it may be a password."""
    known = User.objects.filter(username=username).first()
    FailedTry.objects.create(officer=known, step=step.value, address=address, at=at)
    record(
        verb="officer.locked-out" if locked else "officer.sign-in-failed",
        subject=f"officer:{known.pk if known else 'unknown'}",
        actor=None,
        at=at,
        detail={"step": step.value},
    )


@transaction.atomic
def note_not_vouched(*, username: str, why: str, address: str | None, at: datetime) -> None:
    """Somebody came back from the provider and was not let in; `why` is a word of ours.

    No password was guessed, so it counts for the address and not for the account.
    """
    known = User.objects.filter(username=username).first()
    FailedTry.objects.create(officer=known, step=Step.PROVIDER.value, address=address, at=at)
    record(
        verb="officer.sign-in-failed",
        subject=f"officer:{known.pk if known else 'unknown'}",
        actor=None,
        at=at,
        detail={"step": Step.PROVIDER.value, "why": why},
    )


@transaction.atomic
def note_held_try(*, username: str, at: datetime) -> None:
    """A try while the account or the address has to wait."""
    known = User.objects.filter(username=username).values_list("pk", flat=True).first()
    record(verb="officer.locked-out", subject=f"officer:{known or 'unknown'}", actor=None, at=at)


@transaction.atomic
def note_refused_sleeper(*, user: User, at: datetime) -> None:
    """The password, or the provider's word, was right, but the account sleeps."""
    record(verb="officer.dormant-refused", subject=f"officer:{user.pk}", actor=None, at=at)
