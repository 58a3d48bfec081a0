"""Second factors of an officer: authenticator app, passkeys, recovery codes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest

import pyotp
from django.db import transaction

from accounts import vault
from accounts.models import OfficerSession, Passkey, RecoveryCode, Totp, User
from accounts.models.sessions import Ending
from accounts.services.officers import check_not_own, one_time_password
from accounts.services.sessions import close_session, close_sessions
from audit.services import record

STEP_SECONDS = 30  # RFC 6238
STEPS_APART = 1  # how far the clock of the officer's telephone may be off, either way
RECOVERY_CODES = 10


class Factor(StrEnum):
    APP = "app"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery-code"


class WrongFactor(Exception):
    """The code or the passkey's answer is not right, or was used before."""


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What an officer has enrolled."""

    has_app: bool
    passkeys: list[Passkey]
    recovery_codes: int  # not used yet

    @property
    def any(self) -> bool:
        return self.has_app or bool(self.passkeys)


def factors_of(user: User) -> Factors:
    return Factors(
        has_app=Totp.objects.filter(officer=user, confirmed_at__isnull=False).exists(),
        passkeys=list(user.passkeys.order_by("added_at", "pk")),
        recovery_codes=user.recovery_codes.filter(used_at=None).count(),
    )


# The authenticator app


@transaction.atomic
def begin_app(*, user: User) -> None:
    """Make a secret to be shown; it is no factor until a code of it was given."""
    if Totp.objects.filter(officer=user, confirmed_at__isnull=False).exists():
        return
    secret = vault.lock(pyotp.random_base32())
    Totp.objects.update_or_create(officer=user, defaults={"secret": secret, "last_step": 0})


def waiting_secret(user: User) -> str | None:
    """The secret that waits for its first code. Raises vault.CannotOpen."""
    totp = Totp.objects.filter(officer=user, confirmed_at=None).first()
    return None if totp is None else vault.unlock(totp.secret)


def app_address(user: User, secret: str, *, issuer: str) -> str:
    """What the QR picture says."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=issuer)


@transaction.atomic
def confirm_app(*, user: User, code: str, session: OfficerSession, at: datetime) -> list[str]:
    """Take the app as a factor; return recovery codes if it is the first. Raises WrongFactor."""
    totp = Totp.objects.select_for_update().filter(officer=user, confirmed_at=None).first()
    if totp is None:
        raise WrongFactor
    _take_step(totp, code, at=at)
    totp.confirmed_at = at
    totp.save(update_fields=["confirmed_at"])
    return note_added(user, Factor.APP, session=session, at=at)


@transaction.atomic
def use_app_code(*, user: User, code: str, at: datetime) -> None:
    """Accept a code of now, of the step before or the step after, once. Raises WrongFactor."""
    confirmed = Totp.objects.select_for_update().filter(confirmed_at__isnull=False)
    totp = confirmed.filter(officer=user).first()
    if totp is None:
        raise WrongFactor
    _take_step(totp, code, at=at)


def _take_step(totp: Totp, code: str, *, at: datetime) -> None:
    """Any step up to the last one taken is spent, so no code works twice. Raises WrongFactor."""
    generator = pyotp.TOTP(vault.unlock(totp.secret), interval=STEP_SECONDS)
    present = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(present - STEPS_APART, present + STEPS_APART + 1):
        fits = compare_digest(generator.generate_otp(step).encode(), code.encode())
        if fits and step > totp.last_step:
            found = step
    if found is None:
        raise WrongFactor
    totp.last_step = found
    totp.save(update_fields=["last_step"])


# Recovery codes


@transaction.atomic
def renew_recovery_codes(*, user: User, at: datetime) -> list[str]:
    """Ten new codes, shown once; those before work no more."""
    codes = _make_recovery_codes(user)
    record(verb="factor.codes-renewed", subject=f"officer:{user.pk}", actor=user, at=at)
    return codes


def _make_recovery_codes(user: User) -> list[str]:
    user.recovery_codes.all().delete()
    codes = [one_time_password() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(officer=user, digest=_digest(user, code)) for code in codes
    )
    return codes


@transaction.atomic
def use_recovery_code(*, user: User, code: str, at: datetime) -> None:
    """Raises WrongFactor. A code has 79 random bits: a plain hash keeps it."""
    unused = user.recovery_codes.filter(digest=_digest(user, code), used_at=None)
    if not unused.update(used_at=at):
        raise WrongFactor


def _digest(user: User, code: str) -> str:
    return hashlib.sha256(f"{user.pk}:{code.strip().lower()}".encode()).hexdigest()


# All of them


def note_added(user: User, factor: Factor, *, session: OfficerSession, at: datetime) -> list[str]:
    """Part of adding a factor: its event, the session counts as passed, codes with the first.

    Sessions that never gave a factor end: whoever sits there may know the password only.
    """
    OfficerSession.objects.filter(pk=session.pk, factor="").update(factor=factor.value)
    for other in user.sessions.open().filter(factor=""):
        close_session(other, ending=Ending.FACTOR, at=at)
    record(
        verb="factor.added",
        subject=f"officer:{user.pk}",
        actor=user,
        at=at,
        detail={"factor": factor.value},
    )
    return [] if user.recovery_codes.exists() else _make_recovery_codes(user)


@transaction.atomic
def remove_app(*, user: User, at: datetime) -> None:
    if user_has := Totp.objects.filter(officer=user):
        user_has.delete()
        _note_removed(user, Factor.APP, at=at)


@transaction.atomic
def remove_passkey(*, user: User, passkey_id: int, at: datetime) -> None:
    if found := user.passkeys.filter(pk=passkey_id):
        found.delete()
        _note_removed(user, Factor.PASSKEY, at=at)


def _note_removed(user: User, factor: Factor, *, at: datetime) -> None:
    """With the last factor the recovery codes go, and where one is compulsory all sessions must
    enrol anew.
    """
    if not factors_of(user).any:
        user.recovery_codes.all().delete()
        user.sessions.open().update(factor="")
    record(
        verb="factor.removed",
        subject=f"officer:{user.pk}",
        actor=user,
        at=at,
        detail={"factor": factor.value},
    )


@transaction.atomic
def reset_factors(*, user: User, by: User, at: datetime) -> int:
    """An administrator removes what an officer has lost; return how many sessions ended.

    The officer is told at the next sign-in and must enrol anew. Raises OwnAccount.
    """
    check_not_own(user, by=by)
    Totp.objects.filter(officer=user).delete()
    user.passkeys.all().delete()
    user.recovery_codes.all().delete()
    user.factors_reset_at = at
    user.save(update_fields=["factors_reset_at"])
    ended = close_sessions(user, ending=Ending.FACTOR, at=at)
    record(
        verb="officer.factors-reset",
        subject=f"officer:{user.pk}",
        actor=by,
        at=at,
        detail={"sessions": ended},
    )
    return ended


@transaction.atomic
def rotate_keys() -> int:
    """Encrypt every secret with the first of FACTOR_KEYS, or none; return how many.

    Raises CannotOpen.
    """
    totps = list(Totp.objects.select_for_update())
    for totp in totps:
        totp.secret = vault.renew(totp.secret)
    Totp.objects.bulk_update(totps, ["secret"], batch_size=1000)
    return len(totps)
