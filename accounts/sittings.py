"""How long a session may last, and when it locks. Plain values, no Django, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Standing(StrEnum):
    OPEN = "open"
    LOCKED = "locked"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Limits:
    longest: timedelta  # from sign-in to its end, whatever the officer does
    idle: timedelta  # from the last act to the lock


def standing(
    *,
    began_at: datetime,
    seen_at: datetime,
    locked_at: datetime | None,
    at: datetime,
    limits: Limits,
    wall_until: datetime | None = None,
) -> Standing:
    """How a session that nobody ended stands. At the very limit it is reached. One on a wall, where
    nobody sits, does not lock.
    """
    if at >= began_at + limits.longest:
        return Standing.OVER
    if wall_until is not None:
        return Standing.OVER if at >= wall_until else Standing.OPEN
    if locked_at is not None or at >= seen_at + limits.idle:
        return Standing.LOCKED
    return Standing.OPEN


DORMANT_AFTER = timedelta(days=45)  # without a sign-in; then an administrator must unlock


def is_dormant(
    *,
    enlisted_at: datetime,
    last_sign_in_at: datetime | None,
    woken_at: datetime | None,
    at: datetime,
) -> bool:
    """Whether the account slept too long. Enlisting and waking count like a sign-in."""
    moments = [moment for moment in (enlisted_at, last_sign_in_at, woken_at) if moment is not None]
    return at >= max(moments) + DORMANT_AFTER
