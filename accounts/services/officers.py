"""Officers, their access and their passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import ApiToken, OfficerSession, User
from accounts.models.sessions import Ending
from accounts.roles import Act, Rank
from accounts.services.sessions import close_sessions
from audit.services import record

# No letter or digit that could be read as another.
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class OwnAccount(Exception):
    """An administrator does not change his or her own posting, access or lock-out."""


def officers_visible_to(officer: User) -> QuerySet[User]:
    return User.objects.all() if officer.duty.may(Act.MANAGE_OFFICERS) else User.objects.none()


def check_not_own(user: User, *, by: User) -> None:
    """Raise OwnAccount: nobody gives a role or access to oneself."""
    if user.pk == by.pk:
        raise OwnAccount


@transaction.atomic
def enlist(
    *,
    username: str,
    full_name: str,
    rank: Rank,
    password: str,
    by: User | None,
    at: datetime,
    password_is_temporary: bool = False,
) -> User:
    """Make an officer. Raises IntegrityError if the number is taken."""
    user = User.objects.create_user(
        username,
        password,
        full_name=full_name,
        rank=rank.value,
        password_is_temporary=password_is_temporary,
    )
    record(verb="officer.enlisted", subject=f"officer:{user.pk}", actor=by, at=at)
    return user


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What stopping an officer's access ended."""

    sessions: int
    tokens: int


@transaction.atomic
def set_active(*, user: User, active: bool, by: User, at: datetime) -> Ended:
    """Let an officer sign in, or stop it at once: sessions and keys end with it and do not come
    back.

    Raises OwnAccount.
    """
    check_not_own(user, by=by)
    user.is_active = active
    user.save(update_fields=["is_active"])
    if active:
        ended = Ended(sessions=0, tokens=0)
        user.woken_at = at
        user.save(update_fields=["woken_at"])
    else:
        ended = end_access(user, ending=Ending.DISABLED, at=at)
    record(
        verb="officer.enabled" if active else "officer.disabled",
        subject=f"officer:{user.pk}",
        actor=by,
        at=at,
        detail={"sessions": ended.sessions, "tokens": ended.tokens},
    )
    return ended


def end_access(user: User, *, ending: Ending, at: datetime) -> Ended:
    """Part of an act that leaves the event itself: end all sessions, revoke all keys."""
    return Ended(
        sessions=close_sessions(user, ending=ending, at=at),
        tokens=ApiToken.objects.filter(officer=user, revoked_at=None).update(revoked_at=at),
    )


def one_time_password() -> str:
    """Four groups of four, about 79 bits, easy to read out."""
    letters = "".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


@transaction.atomic
def set_one_time_password(*, user: User, by: User, at: datetime) -> str:
    """Return a new password, shown once: the officer must change it at the next sign-in.

    Open sessions of the officer end with it. Raises OwnAccount.
    """
    check_not_own(user, by=by)
    password = one_time_password()
    user.set_password(password)
    user.password_is_temporary = True
    user.save(update_fields=["password", "password_is_temporary"])
    close_sessions(user, ending=Ending.PASSWORD, at=at)
    record(verb="officer.password-set", subject=f"officer:{user.pk}", actor=by, at=at)
    return password


@transaction.atomic
def change_password(*, user: User, password: str, session: OfficerSession, at: datetime) -> None:
    """The officer's own change. The other sessions of the officer end with it."""
    user.set_password(password)
    user.password_is_temporary = False
    user.save(update_fields=["password", "password_is_temporary"])
    close_sessions(user, ending=Ending.PASSWORD, at=at, keep=session)
    record(verb="officer.password-changed", subject=f"officer:{user.pk}", actor=user, at=at)


@transaction.atomic
def set_language(*, user: User, language: str) -> None:
    """Not an act of the office: it leaves no event."""
    user.language = language
    user.save(update_fields=["language"])
