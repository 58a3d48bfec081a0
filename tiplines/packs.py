"""The kept text of a dispatch: a plain ZIP that anyone can open, written once, kept for good.

Under `settings.DATA`:
    originals/<dispatch>.zip             its text
    originals/<dispatch>-<document>.zip  what an officer put in the place of that document
"""

from __future__ import annotations

import os
import tempfile
import zlib
from pathlib import Path
from typing import IO

from django.conf import settings

from tiplines import archives
from tiplines.inbox import folder


def pack_path(dispatch_id: int, *, instead_of: int | None = None) -> Path:
    name = f"{dispatch_id}.zip" if instead_of is None else f"{dispatch_id}-{instead_of}.zip"
    return Path(settings.DATA) / "originals" / name


class PackWriter:
    """Writes the kept text of one dispatch; under its final name only when it is complete."""

    def __init__(self, dispatch_id: int, *, instead_of: int | None = None) -> None:
        folder("originals")
        self.target = pack_path(dispatch_id, instead_of=instead_of)
        self.draft = self.target.with_suffix(".part")
        self.file = self.draft.open("wb")
        self.directory = tempfile.TemporaryFile(dir=folder("incoming"))  # noqa: SIM115 - see close
        self.archive = archives.Writer(self.file, self.directory)

    def add(self, name: str, data: bytes, *, packed: bytes | None = None) -> tuple[int, int]:
        """Keep `data`; return where its packed bytes begin and how many they are."""
        if packed is None:
            deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
            packed = deflate.compress(data) + deflate.flush()
        offset = self.archive.add(
            f"{self.archive.count:07}/{name}",
            packed,
            size_bytes=len(data),
            crc=zlib.crc32(data),
        )
        return offset, len(packed)

    def finish(self) -> None:
        self.archive.finish()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.close()
        self.draft.chmod(0o440)
        self.draft.replace(self.target)

    def abandon(self) -> None:
        self.close()
        self.draft.unlink(missing_ok=True)

    def close(self) -> None:
        self.file.close()
        self.directory.close()


def read_kept(pack: IO[bytes], *, offset: int, packed_bytes: int) -> bytes:
    """One document out of an open pack. Raises OSError when the pack is damaged."""
    pack.seek(offset)
    try:
        return zlib.decompress(pack.read(packed_bytes), wbits=-15)
    except zlib.error as error:
        raise OSError(f"the kept original is damaged: {error}") from error
