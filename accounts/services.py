"""Officers and their postings."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from guardian.shortcuts import assign_perm

from accounts.grants import WORK_CASES
from accounts.models import ApiToken, Posting, User
from accounts.resolving import unit_group_name
from accounts.roles import Act, Rank, Role
from audit.services import record
from districts.models import District, PoliceStation

# No letter or digit that could be read as another.
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


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


@transaction.atomic
def post(
    *,
    user: User,
    role: Role,
    from_on: date,
    by: User | None,
    at: datetime,
    district: District | None = None,
    station: PoliceStation | None = None,
) -> Posting:
    """Post an officer from a day on; the posting open until then ends the day before.

    Raises OwnAccount.
    """
    if by is not None:
        check_not_own(user, by=by)
    User.objects.select_for_update().get(pk=user.pk)
    for earlier in Posting.objects.filter(user=user, until_on__isnull=True):
        if earlier.from_on >= from_on:
            earlier.delete()  # it would have no day; the record keeps that it was made
        else:
            earlier.until_on = from_on - timedelta(days=1)
            earlier.save(update_fields=["until_on"])
    posting = Posting.objects.create(
        user=user, role=role.value, district=district, station=station, from_on=from_on
    )
    place = district or station
    if place is not None:
        group, _ = Group.objects.get_or_create(name=unit_group_name(posting))
        assign_perm(WORK_CASES, group, place)
    record(
        verb="officer.posted",
        subject=f"officer:{user.pk}",
        actor=by,
        at=at,
        detail={
            "role": role.value,
            "place": getattr(place, "code", ""),
            "from": from_on.isoformat(),
        },
    )
    return posting


@transaction.atomic
def set_active(*, user: User, active: bool, by: User, at: datetime) -> None:
    """Let an officer sign in, or stop it at once: the next request of an open session is refused.

    Raises OwnAccount.
    """
    check_not_own(user, by=by)
    user.is_active = active
    user.save(update_fields=["is_active"])
    verb = "officer.enabled" if active else "officer.disabled"
    record(verb=verb, subject=f"officer:{user.pk}", actor=by, at=at)


class OwnAccount(Exception):
    """An administrator does not change his or her own posting, access or lock-out."""


def officers_visible_to(officer: User) -> QuerySet[User]:
    return User.objects.all() if officer.duty.may(Act.MANAGE_OFFICERS) else User.objects.none()


def check_not_own(user: User, *, by: User) -> None:
    """Raise OwnAccount: nobody gives a role or access to oneself."""
    if user.pk == by.pk:
        raise OwnAccount


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
    record(verb="officer.password-set", subject=f"officer:{user.pk}", actor=by, at=at)
    return password


@transaction.atomic
def change_password(*, user: User, password: str, at: datetime) -> None:
    """The officer's own change. The other sessions of the officer end with it."""
    user.set_password(password)
    user.password_is_temporary = False
    user.save(update_fields=["password", "password_is_temporary"])
    record(verb="officer.password-changed", subject=f"officer:{user.pk}", actor=user, at=at)


@transaction.atomic
def set_language(*, user: User, language: str) -> None:
    """Not an act of the office: it leaves no event."""
    user.language = language
    user.save(update_fields=["language"])


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


@transaction.atomic
def make_token(*, officer: User, name: str, route: str, at: datetime) -> str:
    """Return a new key for one route. It is shown once and never kept."""
    key = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        officer=officer, name=name, route=route, digest=digest_of(key), created_at=at
    )
    record(verb="token.made", subject=f"token:{token.pk}", actor=officer, at=at)
    return key


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
