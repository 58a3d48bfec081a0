"""Say, signed and outside the database, how far the chain had come.

Whoever may do anything in the database can rewrite the whole chain so that it fits; only what was
written down elsewhere before shows it. Checkpoints lie in a table and, one after another, in a
file in `settings.CHECKPOINTS`, beside the public keys that signed them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from audit import notes
from audit.models import Checkpoint, Seal

ORIGIN = "ifso/record"
"""The name under which the chain is signed: a key belongs to a name."""
EVERY_EVENTS = 10_000
EVERY = timedelta(hours=1)
DIVIDER = "\n\n\n"
"""Before each note in the file: what a crash cut off never runs into the next."""


class NoKey(Exception):
    """There is no key to sign with; the message names the file."""


def notes_file() -> Path:
    return Path(settings.CHECKPOINTS) / "checkpoints.txt"


def keys_file() -> Path:
    return Path(settings.CHECKPOINTS) / "public-keys.txt"


def signing_key() -> Ed25519PrivateKey:
    """Raises NoKey."""
    path = Path(settings.SIGNING_KEY)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise NoKey(f"IFSO_SIGNING_KEY: {path} holds no key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"IFSO_SIGNING_KEY: {path} is no Ed25519 key")
    return key


def make_due(key: Ed25519PrivateKey, *, at: datetime) -> Checkpoint | None:
    """A checkpoint once 10,000 events or an hour have passed since the last; None before."""
    newest = Seal.objects.order_by("-seq").first()
    last = Checkpoint.objects.order_by("-size").first()
    if newest is None or (last is not None and newest.seq <= last.size):
        return None
    if last and newest.seq - last.size < EVERY_EVENTS and last.at <= at < last.at + EVERY:
        return None
    return make(newest, key, at=at)


def make(newest: Seal, key: Ed25519PrivateKey, *, at: datetime) -> Checkpoint:
    """Sign the chain up to `newest`: first the row, then the file, which `write_out` completes."""
    said = notes.Checkpoint(
        origin=ORIGIN,
        size=newest.seq,
        hash=bytes(newest.hash),
        algorithm=newest.algorithm,
        at=at,
    )
    row = Checkpoint.objects.create(
        size=said.size, hash=said.hash, at=at, note=notes.signed(said, key)
    )
    write_out(key)
    return row


def write_out(key: Ed25519PrivateKey) -> None:
    """Append to the files outside what a crash between the row and the file left out."""
    add_lines(keys_file(), [str(notes.public_half(key, name=ORIGIN))])
    held = set(notes_in(notes_file()))
    last = Checkpoint.objects.filter(note__in=held).order_by("-size").first() if held else None
    missing = Checkpoint.objects.filter(size__gt=last.size if last else 0).order_by("size")
    append(notes_file(), (DIVIDER + row.note for row in missing))


def notes_in(path: Path) -> list[str]:
    """Every note of a file; one that a crash cut off stands there whole once more, and is left
    out.
    """
    if not path.exists():
        return []
    parts = [part.strip("\n") + "\n" for part in path.read_text().split(DIVIDER)]
    found = [part for part in parts if part != "\n"]
    return [
        part
        for part, following in zip(found, [*found, ""][1:], strict=True)
        if not following.startswith(part.removesuffix("\n")) or following == part
    ]


def known_keys(path: Path | None = None) -> list[notes.PublicKey]:
    """The keys whose signature counts: those of the file, one a line. Raises notes.BadNote."""
    path = path or keys_file()
    if not path.exists():
        return []
    return [notes.public_key(line) for line in path.read_text().splitlines() if line.strip()]


def add_lines(path: Path, lines: list[str]) -> None:
    held = path.read_text().splitlines() if path.exists() else []
    append(path, [f"{line}\n" for line in lines if line not in held])


def append(path: Path, texts: Iterable[str]) -> None:
    """One write for each text, forced to disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        for text in texts:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
