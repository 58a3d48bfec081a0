"""What may name a child or a victim lies sealed in the database: AES-256-GCM with keys that only
the environment has, and for looking up equal values a keyed digest.

A seal is bound to what it is about, so that it opens in no other tipline. It begins with its form
and the id of its key, in clear: so one can tell which keys are in use. Nonces are random, 96 bits:
a key is good for 2^32 seals.
"""

from __future__ import annotations

import hmac
import json
import os
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PLAIN, ZIPPED = b"\x01", b"\x02"  # forms
KEY_BYTES = 32
KEY_ID = slice(1, 5)
NONCE = slice(5, 17)
ZIPPED_FROM = 200  # bytes; shorter text does not get shorter
DIGEST_BYTES = 16
NUMBER_BYTES = 7  # of a digest that is a number


class CannotOpen(Exception):
    """The key of a seal is not among those given, or the seal was changed or is another row's."""


def seal(data: bytes, *, about: str) -> bytes:
    """`data` under the newest key, for `about` alone."""
    ring = keys()
    key_id = next(iter(ring))
    form = PLAIN
    if len(data) >= ZIPPED_FROM:
        form, data = ZIPPED, zlib.compress(data, 1)
    head, nonce = form + key_id, os.urandom(12)
    return head + nonce + ring[key_id].encrypt(nonce, data, head + about.encode())


def unseal(sealed: bytes, *, about: str) -> bytes:
    """What was sealed. Raises CannotOpen."""
    key = keys().get(sealed[KEY_ID])
    if key is None:
        raise CannotOpen(f"there is no key {key_id_of(sealed)} in IFSO_NAME_KEYS")
    head = sealed[: KEY_ID.stop]
    try:
        data = key.decrypt(sealed[NONCE], sealed[NONCE.stop :], head + about.encode())
    except InvalidTag as error:
        raise CannotOpen("the seal was changed, or belongs to another row") from error
    return zlib.decompress(data) if head.startswith(ZIPPED) else data


def seal_json(value: Any, *, about: str) -> bytes:
    return seal(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), about=about)


def unseal_json(sealed: bytes, *, about: str) -> Any:
    return json.loads(unseal(sealed, about=about))


def key_id_of(sealed: bytes) -> str:
    return sealed[KEY_ID].hex()


def newest_key_id() -> str:
    return next(iter(keys())).hex()


def index(text: str) -> bytes:
    """The same for the same text, and of no use to whoever has not the key."""
    return hmac.digest(index_key(settings.INDEX_KEY), text.encode("utf-8", "replace"), "sha256")[
        :DIGEST_BYTES
    ]


def number(text: str) -> int:
    """A part of `index` as a number below 2 ** 56: for comparing, not for telling apart."""
    return int.from_bytes(index(text)[:NUMBER_BYTES])


# --- Keys -----------------------------------------------------------------------------------------


def check_keys() -> None:
    """Raise ImproperlyConfigured unless there are keys: asked when a server starts."""
    keys()
    index_key(settings.INDEX_KEY)


def keys() -> Mapping[bytes, AESGCM]:
    """By id, the newest first."""
    return ring_of(tuple(settings.NAME_KEYS))


@lru_cache(maxsize=4)
def ring_of(texts: Sequence[str]) -> Mapping[bytes, AESGCM]:
    if not texts:
        raise ImproperlyConfigured("IFSO_NAME_KEYS is not set: no name can be sealed or opened")
    found = [key_of(text, name="IFSO_NAME_KEYS") for text in texts]
    return {sha256(key).digest()[:4]: AESGCM(key) for key in found}


@lru_cache(maxsize=4)
def index_key(text: str) -> bytes:
    if not text:
        raise ImproperlyConfigured("IFSO_INDEX_KEY is not set: nothing can be looked up")
    return key_of(text, name="IFSO_INDEX_KEY")


def key_of(text: str, *, name: str) -> bytes:
    """The 32 bytes that `openssl rand -base64 32` writes in 44 letters."""
    try:
        key = urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name} holds a key that is not 32 bytes in base64")
    return key
