"""Sessions of officers: begun at sign-in, locked when idle, ended by either side."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import OfficerSession, User
from accounts.models.sessions import Ending, OfficerSessionQuerySet
from accounts.sittings import Limits, Standing, standing
from audit.services import record

SEEN_EVERY = timedelta(minutes=1)  # how exact `seen_at` is: a write a minute, not one a request
CONFIRMED_FOR = timedelta(minutes=5)  # how long a password given again counts for own factors
PROVED_FOR = timedelta(minutes=10)  # and how long for acts that change rights or break a limit


def limits() -> Limits:
    return Limits(
        longest=timedelta(hours=settings.SESSION_HOURS),
        idle=timedelta(minutes=settings.SESSION_IDLE_MINUTES),
    )


def begin_session(
    *, officer: User, address: str | None, browser: str, at: datetime
) -> OfficerSession:
    """Called at each sign-in; its event is that of the sign-in."""
    close_old(officer, at=at)
    return OfficerSession.objects.create(
        officer=officer, began_at=at, seen_at=at, address=address, browser=browser
    )


def open_sessions(officer: User, *, at: datetime) -> OfficerSessionQuerySet:
    """Those that no limit and nobody has ended."""
    within = officer.sessions.open().filter(began_at__gt=at - limits().longest)
    return within.exclude(wall_until__lte=at)


def close_old(officer: User, *, at: datetime) -> None:
    """Say of sessions whose browser never came back that they have ended, and when."""
    longest = limits().longest
    officer.sessions.open().filter(wall_until__lte=at).update(
        ended_at=F("wall_until"), ending=Ending.TOO_LONG.value
    )
    officer.sessions.open().filter(began_at__lte=at - longest).update(
        ended_at=F("began_at") + longest, ending=Ending.TOO_LONG.value
    )


def standing_of(session: OfficerSession, *, at: datetime) -> Standing:
    return standing(
        began_at=session.began_at,
        seen_at=session.seen_at,
        locked_at=session.locked_at,
        wall_until=session.wall_until,
        at=at,
        limits=limits(),
    )


def note_seen(session: OfficerSession, *, at: datetime) -> None:
    if at - session.seen_at >= SEEN_EVERY:
        OfficerSession.objects.filter(pk=session.pk).update(seen_at=at)


@transaction.atomic
def lock_session(session: OfficerSession, *, at: datetime) -> None:
    """Until the password is given, nothing is shown. Locking twice leaves one event."""
    unlocked = OfficerSession.objects.filter(pk=session.pk, locked_at=None, wall_until=None)
    changed = unlocked.update(locked_at=at)
    session.locked_at = session.locked_at or at
    if changed:
        _record(session, session.officer, at, verb="session.locked")


@transaction.atomic
def open_session(session: OfficerSession, *, at: datetime) -> None:
    """The officer gave the password to a locked session."""
    OfficerSession.objects.filter(pk=session.pk).update(locked_at=None, seen_at=at, confirmed_at=at)
    _record(session, session.officer, at, verb="session.unlocked")


@transaction.atomic
def show_on_wall(session: OfficerSession, *, hours: int, by: User, at: datetime) -> None:
    """From now on the session shows the board alone and does not lock, for so many hours, at most
    until its longest time. It does not become an ordinary session again.
    """
    until = min(at + timedelta(hours=hours), session.began_at + limits().longest)
    OfficerSession.objects.filter(pk=session.pk, locked_at=None).update(wall_until=until)
    _record(session, by, at, verb="session.put-on-wall", hours=hours)


@transaction.atomic
def confirm_session(session: OfficerSession, *, at: datetime) -> None:
    """The officer gave the password or a passkey again, for an act that asks for it."""
    OfficerSession.objects.filter(pk=session.pk).update(confirmed_at=at)
    _record(session, session.officer, at, verb="session.confirmed")


def is_confirmed(session: OfficerSession, *, at: datetime) -> bool:
    return session.confirmed_at is not None and at < session.confirmed_at + CONFIRMED_FOR


def is_proved(session: OfficerSession, *, at: datetime) -> bool:
    """Whether the officer gave the password or a passkey a moment ago: at sign-in or since then."""
    given_at = session.confirmed_at or session.began_at
    return at < given_at + PROVED_FOR


def may_change_factors(session: OfficerSession, *, at: datetime) -> bool:
    """After the password was given again; at the first enrolment, just after sign-in."""
    is_new = not session.factor and at < session.began_at + CONFIRMED_FOR
    has_any = is_new and session.officer.recovery_codes.exists()
    return is_confirmed(session, at=at) or (is_new and not has_any)


@transaction.atomic
def end_session(session: OfficerSession, *, by: User, at: datetime) -> None:
    """The officer ends one session; its next request is a stranger's."""
    if close_session(session, ending=Ending.BY_OFFICER, at=at):
        _record(session, by, at, verb="session.ended")


@transaction.atomic
def end_other_sessions(session: OfficerSession, *, by: User, at: datetime) -> int:
    """The officer ends every session but the present one; return how many."""
    count = close_sessions(by, ending=Ending.BY_OFFICER, at=at, keep=session)
    _record(session, by, at, verb="session.others-ended", count=count)
    return count


def close_session(session: OfficerSession, *, ending: Ending, at: datetime) -> bool:
    """Part of an act that leaves the event itself. False: it was closed already."""
    open_one = OfficerSession.objects.open().filter(pk=session.pk)
    return bool(open_one.update(ended_at=at, ending=ending.value))


def close_sessions(
    officer: User, *, ending: Ending, at: datetime, keep: OfficerSession | None = None
) -> int:
    """As `close_session`, for all of an officer but `keep`; return how many."""
    close_old(officer, at=at)
    open_ones = officer.sessions.open()
    if keep is not None:
        open_ones = open_ones.exclude(pk=keep.pk)
    return open_ones.update(ended_at=at, ending=ending.value)


def _record(
    session: OfficerSession, actor: User | None, at: datetime, *, verb: str, **detail: int
) -> None:
    record(
        verb=verb,
        subject=f"officer:{session.officer_id}",
        actor=actor,
        at=at,
        detail={"session": session.pk, **detail},
    )
