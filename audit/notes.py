"""Signed notes, as transparency logs write them (c2sp.org/signed-note, tlog-checkpoint).

A note is text, an empty line and a signature line for each key. A key's id is made of its name, its
algorithm and its public half, so a note says itself which key and which algorithm it wants.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 1
"""The algorithm's number in keys and key ids; another algorithm has another number."""


class BadNote(Exception):
    """The text is no note of ours, or nobody we know signed it; the message says which."""


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    hash: bytes
    algorithm: int
    """That of the hash."""
    at: datetime

    def text(self) -> str:
        return (
            f"{self.origin}\n{self.size}\n{b64(self.hash)}\n"
            f"algorithm {self.algorithm}\ntime {self.at.isoformat()}\n"
        )


@dataclass(frozen=True)
class PublicKey:
    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def id(self) -> bytes:
        data = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(data).digest()[:4]

    def __str__(self) -> str:
        """One line to hand on and to keep apart: name, id and key."""
        return f"{self.name}+{self.id.hex()}+{b64(bytes([self.algorithm]) + self.public)}"


def public_key(line: str) -> PublicKey:
    """Raises BadNote."""
    try:
        name, key_id, data = line.strip().split("+", 2)
        raw = base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadNote("this is no public key") from error
    if len(raw) != 33 or raw[0] != ED25519:
        raise BadNote("this key's algorithm is not known here")
    key = PublicKey(name=name, public=raw[1:], algorithm=raw[0])
    if key.id.hex() != key_id:
        raise BadNote("this key does not fit its own id")
    return key


def public_half(private: Ed25519PrivateKey, *, name: str) -> PublicKey:
    return PublicKey(name=name, public=private.public_key().public_bytes_raw())


def signed(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> str:
    text = checkpoint.text()
    key = public_half(private, name=checkpoint.origin)
    signature = b64(key.id + private.sign(text.encode()))
    return f"{text}\n— {key.name} {signature}\n"


def opened(note: str, keys: list[PublicKey]) -> Checkpoint:
    """What the note says, once one of `keys` is found to have signed it. Raises BadNote."""
    text, divider, signatures = note.partition("\n\n")
    if not divider:
        raise BadNote("this note is not signed")
    text += "\n"
    if not any(has_signed(key, text, line) for line in signatures.splitlines() for key in keys):
        raise BadNote("no key that we know signed this note")
    try:
        origin, size, digest, algorithm, moment = text.splitlines()
        return Checkpoint(
            origin=origin,
            size=int(size),
            hash=base64.b64decode(digest, validate=True),
            algorithm=int(algorithm.removeprefix("algorithm ")),
            at=datetime.fromisoformat(moment.removeprefix("time ")),
        )
    except ValueError as error:
        raise BadNote("this note is not a checkpoint") from error


def has_signed(key: PublicKey, text: str, line: str) -> bool:
    try:
        dash, name, data = line.split(" ")
        raw = base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error):
        return False
    if dash != "—" or name != key.name or raw[:4] != key.id:
        return False
    said = text.encode("utf-8", "surrogatepass")  # a letter that no file holds is no good either
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], said)
    except InvalidSignature:
        return False
    return True


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
