"""Digests of nothing: hexadecimal text that looks like the hash of a file."""

from __future__ import annotations

import hashlib

HASH_BYTES = {"MD5": 16, "SHA1": 20, "SHA256": 32, "PDQ": 32, "PhotoDNA": 64}


def hex_hash(key: str, algorithm: str) -> str:
    """A digest of the right length, made from `key`; no file stands behind it."""
    return hex_digest(f"{algorithm}:{key}", HASH_BYTES[algorithm])


def hex_digest(text: str, size_bytes: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size_bytes).hexdigest()
