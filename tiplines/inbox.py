"""Where what arrives is kept, and how it is taken apart: the edge between files and rows.

Two folders under `settings.DATA`:
    incoming/<sha256>        a dispatch as it came, until a worker has unpacked it
    originals/<dispatch>.zip its text, write-once, kept for good: a plain ZIP that anyone can open

Text is kept, everything else is only listed by name and size: by construction no image or video
can be stored here. Names inside a dispatch are never used as paths.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from tiplines.parsing.detecting import Kind, detect

MIB = 1024 * 1024
ENTRY_MAX_BYTES = 64 * MIB  # one document
TOTAL_MAX_BYTES = 8192 * MIB  # all documents of a dispatch, unpacked
ENTRIES_MAX = 2_000_000
RATIO_MAX = 200  # unpacked to packed, from 1 MiB on: text packs 5 to 20 times
NESTING_MAX = 3  # ZIP in ZIP
HEAD_BYTES = 512
LISTED = b"ifso:listed:"  # comment of an entry that stands for a file which is not text
KEPT = frozenset({Kind.XML, Kind.JSON, Kind.CSV, Kind.XLSX, Kind.PDF, Kind.TEXT})
XLSX_PARTS = (".xml", ".rels")  # the text of a workbook; drawings and embedded files are dropped


@dataclass(frozen=True, slots=True)
class Entry:
    """One file found in a dispatch. `data` is None when it is listed or refused."""

    name: str
    kind: str
    size_bytes: int
    data: bytes | None
    refusal: str = ""


class Unreadable(Exception):
    """The dispatch as a whole cannot be opened; the text says why."""


class NotText(Exception):
    """The file offered is no text: media are refused at the door."""


def incoming(sha256: str) -> Path:
    return folder("incoming") / sha256


def pack_path(dispatch_id: int) -> Path:
    return folder("originals") / f"{dispatch_id}.zip"


def folder(name: str) -> Path:
    path = Path(settings.DATA) / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


# At the door


def take_in(source: IO[bytes], name: str) -> tuple[str, int]:
    """Write the stream to `incoming`; return its SHA-256 and size in bytes.

    Raises NotText for a single file that is no text: it is refused before it is written.
    """
    head = source.read(HEAD_BYTES)
    if detect(name, head) is Kind.MEDIA:
        raise NotText
    digest, size = hashlib.sha256(head), len(head)
    draft = folder("incoming") / f".{os.getpid()}-{os.urandom(8).hex()}"
    try:
        with draft.open("xb") as target:
            target.write(head)
            while chunk := source.read(MIB):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        draft.replace(incoming(digest.hexdigest()))
    finally:
        draft.unlink(missing_ok=True)
    return digest.hexdigest(), size


def remove_leavings(*, before: datetime, needed: Collection[str]) -> int:
    """Remove what a crash in mid-upload left behind: such a file may hold media. Return how many.

    `needed` are the SHA-256 of dispatches that are still to be unpacked; `before` is aware.
    """
    removed = 0
    for place in (folder("incoming"), Path(settings.FILE_UPLOAD_TEMP_DIR)):
        for path in place.iterdir():
            is_old = datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
            if is_old and path.is_file() and path.name not in needed:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def as_one_file(files: Iterable[tuple[str, Path]], target: IO[bytes]) -> None:
    """Pack files under their names into one ZIP, the same bytes for the same content always.

    What is not text goes in as an empty entry that carries the size.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in sorted(files):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source:
                if detect(name, source.read(HEAD_BYTES)) is Kind.MEDIA:
                    info.comment = LISTED + str(path.stat().st_size).encode()
                    archive.writestr(info, b"")
                    continue
                source.seek(0)
                with archive.open(info, "w") as entry:
                    shutil.copyfileobj(source, entry)


def walk(paths: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Name in the dispatch and path of every plain file; links are not followed."""
    for path in paths:
        if path.is_dir():
            for parent, _folders, files in os.walk(path):
                for file in files:
                    found = Path(parent) / file
                    if found.is_file() and not found.is_symlink():
                        yield found.relative_to(path).as_posix(), found
        else:
            yield path.name, path


# In the worker


def entries(path: Path, name: str) -> Iterator[Entry]:
    """Every file in a dispatch. Raises Unreadable for an archive that cannot be opened."""
    with path.open("rb") as source:
        kind = detect(name, source.read(HEAD_BYTES))
        source.seek(0)
        if kind is Kind.ZIP:
            yield from zip_entries(source, prefix="", depth=1, budget=Budget())
            return
        if path.stat().st_size > ENTRY_MAX_BYTES:
            raise Unreadable(f"a single file may have at most {ENTRY_MAX_BYTES // MIB} MiB")
        yield entry_of(name, source.read())


class Budget:
    """How much may still be unpacked from one dispatch."""

    def __init__(self) -> None:
        self.bytes_left = TOTAL_MAX_BYTES
        self.entries_left = ENTRIES_MAX

    def spend(self, size: int) -> None:
        self.bytes_left -= size
        self.entries_left -= 1
        if self.bytes_left < 0 or self.entries_left < 0:
            raise Unreadable("the archive unpacks to more than a dispatch may hold")


def zip_entries(source: IO[bytes], *, prefix: str, depth: int, budget: Budget) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
        raise Unreadable(f"the ZIP archive is damaged ({error})") from error
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = prefix + clean_name(info.filename)
            budget.spend(min(info.file_size, ENTRY_MAX_BYTES))
            if info.comment.startswith(LISTED) and info.file_size == 0:
                size = int(info.comment.removeprefix(LISTED) or b"0")
                yield Entry(name, Kind.MEDIA.value, size, None)
                continue
            yield from zip_entry(archive, info, name=name, depth=depth, budget=budget)


def zip_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, name: str, depth: int, budget: Budget
) -> Iterator[Entry]:
    def refused(reason: str) -> Entry:
        return Entry(name, Kind.TEXT.value, info.file_size, None, reason)

    if info.flag_bits & 0x1:
        yield refused("The entry is protected by a password.")
        return
    try:
        with archive.open(info) as stream:
            head = stream.read(HEAD_BYTES)
            kind = detect(name, head)
            if kind is Kind.MEDIA:
                yield Entry(name, kind.value, info.file_size, None)
                return
            if reason := too_large(info):
                yield refused(reason)
                return
            data = head + stream.read(ENTRY_MAX_BYTES + 1 - len(head))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        yield refused(f"The entry cannot be unpacked: {error}.")
        return
    if len(data) > ENTRY_MAX_BYTES:
        yield refused(f"The entry has more than {ENTRY_MAX_BYTES // MIB} MiB.")
    elif kind is Kind.ZIP and depth < NESTING_MAX:
        try:
            yield from zip_entries(
                io.BytesIO(data), prefix=f"{name}/", depth=depth + 1, budget=budget
            )
        except Unreadable as refusal:
            yield refused(f"The archive inside cannot be opened: {refusal}.")
    elif kind is Kind.ZIP:
        yield refused(f"Archives are opened to a depth of {NESTING_MAX} only.")
    else:
        yield entry_of(name, data)


def too_large(info: zipfile.ZipInfo) -> str:
    if info.file_size > ENTRY_MAX_BYTES:
        return f"The entry has more than {ENTRY_MAX_BYTES // MIB} MiB."
    if info.file_size > MIB and info.file_size > RATIO_MAX * max(info.compress_size, 1):
        return f"The entry unpacks to more than {RATIO_MAX} times its size."
    return ""


def entry_of(name: str, data: bytes) -> Entry:
    kind = detect(name, data[:HEAD_BYTES])
    if kind not in KEPT:
        return Entry(name, Kind.MEDIA.value, len(data), None)
    if kind is Kind.XLSX:
        try:
            data = workbook_text(data)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
            return Entry(name, kind.value, len(data), None, f"The workbook is damaged: {error}.")
    return Entry(name, kind.value, len(data), data)


def workbook_text(data: bytes) -> bytes:
    """The workbook with nothing in it but its text parts."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(kept, "w") as text_only:
        for info in book.infolist():
            if info.filename.endswith(XLSX_PARTS):
                if reason := too_large(info):
                    raise zipfile.BadZipFile(reason)
                part = zipfile.ZipInfo(info.filename)
                part.compress_type = zipfile.ZIP_DEFLATED
                text_only.writestr(part, book.read(info))
    return kept.getvalue()


def clean_name(name: str) -> str:
    """A name fit to be shown: no NUL, at most 700 characters. It is never a path for us."""
    return name.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[-700:]


# The pack


class PackWriter:
    """Writes the kept text of one dispatch; under its final name only when it is complete."""

    def __init__(self, dispatch_id: int) -> None:
        self.target = pack_path(dispatch_id)
        self.draft = self.target.with_suffix(".part")
        self.archive = zipfile.ZipFile(self.draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.count = 0

    def add(self, name: str, data: bytes) -> tuple[int, int]:
        """Keep `data`; return where its packed bytes begin and how many they are."""
        info = zipfile.ZipInfo(f"{self.count:07}/{name}"[:60000])
        info.compress_type = zipfile.ZIP_DEFLATED
        self.archive.writestr(info, data)
        self.count += 1
        local_header = 30 + len(info.filename.encode()) + len(info.extra)
        return info.header_offset + local_header, info.compress_size

    def finish(self) -> None:
        self.archive.close()
        with self.draft.open("rb") as written:
            os.fsync(written.fileno())
        self.draft.chmod(0o440)
        self.draft.replace(self.target)

    def abandon(self) -> None:
        self.archive.close()
        self.draft.unlink(missing_ok=True)


def read_kept(pack: IO[bytes], *, offset: int, packed_bytes: int) -> bytes:
    """One document out of an open pack. Raises OSError when the pack is damaged."""
    pack.seek(offset)
    try:
        return zlib.decompress(pack.read(packed_bytes), wbits=-15)
    except zlib.error as error:
        raise OSError(f"the kept original is damaged: {error}") from error
