"""An upload that comes in chunks and may break off: kept beside the dispatches until it is whole.

    incoming/.upload-<key>        the bytes so far
    incoming/.upload-<key>.json   whose it is and what it will be

Both go with other leavings when nothing has been added for hours.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from tiplines import inbox
from tiplines.parsing.detecting import HEAD_BYTES, Kind, detect

KEY = re.compile(r"[0-9a-f]{32}")


class NoSuchDraft(Exception):
    """It is another officer's, was finished, was cleared away, or never was."""


class TooLarge(Exception):
    """More than a dispatch may have, or than was announced."""


class OutOfStep(Exception):
    """The chunk does not begin where the draft ends."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the draft has {offset} bytes")
        self.offset = offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    key: str
    officer_id: int
    name: str
    size_bytes: int
    """As announced; it is finished when it has as many."""
    reference: str
    sender: str

    @property
    def path(self) -> Path:
        return inbox.folder("incoming") / f".upload-{self.key}"

    @property
    def facts(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    @property
    def offset(self) -> int:
        return self.path.stat().st_size

    @property
    def is_whole(self) -> bool:
        return self.offset == self.size_bytes


def begin(*, officer_id: int, name: str, size_bytes: int, reference: str, sender: str) -> Draft:
    """Raises TooLarge."""
    if size_bytes > settings.DISPATCH_MAX_BYTES:
        raise TooLarge
    draft = Draft(
        key=secrets.token_hex(16),
        officer_id=officer_id,
        name=inbox.clean_name(name),
        size_bytes=size_bytes,
        reference=reference,
        sender=sender,
    )
    draft.path.touch(mode=0o600, exist_ok=False)
    draft.facts.write_text(json.dumps(asdict(draft)))
    return draft


def draft_of(key: str, *, officer_id: int) -> Draft:
    """Raises NoSuchDraft."""
    if not KEY.fullmatch(key):
        raise NoSuchDraft
    facts = inbox.folder("incoming") / f".upload-{key}.json"
    try:
        draft = Draft(**json.loads(facts.read_text()))
    except (FileNotFoundError, ValueError) as missing:
        raise NoSuchDraft from missing
    if draft.officer_id != officer_id or not draft.path.exists():
        raise NoSuchDraft
    return draft


def add(draft: Draft, chunk: bytes, *, at_offset: int) -> int:
    """Add a chunk; return how many bytes there are now.

    Raises OutOfStep, TooLarge, or inbox.NotText: media are refused before a byte is written.
    """
    if at_offset == 0 and detect(draft.name, chunk[:HEAD_BYTES]) is Kind.MEDIA:
        drop(draft)
        raise inbox.NotText
    with draft.path.open("ab") as file:
        # Two tabs may send the same chunk: the second finds the draft longer than it thinks.
        fcntl.flock(file, fcntl.LOCK_EX)
        offset = os.fstat(file.fileno()).st_size
        if offset != at_offset:
            raise OutOfStep(offset)
        if offset + len(chunk) > draft.size_bytes:
            raise TooLarge
        file.write(chunk)
    draft.facts.touch()
    return offset + len(chunk)


def drop(draft: Draft) -> None:
    draft.path.unlink(missing_ok=True)
    draft.facts.unlink(missing_ok=True)
