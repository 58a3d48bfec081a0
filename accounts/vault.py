"""Encryption of the secrets of authenticator apps: AES by Fernet, with keys from the environment.

The first key of `FACTOR_KEYS` encrypts; every key decrypts. To change keys, put a new one in front,
run `rotate_factor_keys`, then take the old one away.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class CannotOpen(Exception):
    """The text was locked with a key that is no longer in FACTOR_KEYS, or was altered."""


def lock(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def unlock(locked: str) -> str:
    """Raises CannotOpen."""
    try:
        return _keys().decrypt(locked.encode()).decode()
    except InvalidToken as cause:
        raise CannotOpen from cause


def renew(locked: str) -> str:
    """The same text under the first key. Raises CannotOpen."""
    try:
        return _keys().rotate(locked.encode()).decode()
    except InvalidToken as cause:
        raise CannotOpen from cause


def _keys() -> MultiFernet:
    if not settings.FACTOR_KEYS:
        raise ImproperlyConfigured("FACTOR_KEYS is not set: see docs/decisions/0013")
    return MultiFernet([Fernet(key) for key in settings.FACTOR_KEYS])
