"""What arrives, and how it is taken apart: the edge between files and rows.

A dispatch lies as it came in `incoming/<sha256>` under `settings.DATA`, until a worker has unpacked
it into its pack (`packs.py`). Text is kept, everything else is only listed by name and size: by
construction no image or video can be stored. Names inside a dispatch are never used as paths.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

from django.conf import settings

from tiplines import archives, pdf_gate
from tiplines.archives import Archive, Record
from tiplines.parsing.detecting import Kind, detect
from tiplines.parsing.limits import (
    WORKBOOK_BYTES_AT_MOST,
    WORKBOOK_ENTRIES_AT_MOST,
    UnreadableReport,
)
from tiplines.splitting import CUTTERS, WHOLE_BYTES, cut
from tiplines.splitting.pieces import ITEM_MAX_BYTES
from tiplines.splitting.workbook_cutter import cut_workbook

MIB = 1024 * 1024
ENTRY_MAX_BYTES = 64 * MIB  # one document of a kind that is not cut into pieces
TOTAL_MAX_BYTES = 8192 * MIB  # all documents of a dispatch, unpacked
ENTRIES_MAX = 2_000_000  # documents, pieces of large ones included
RATIO_MAX = 200  # unpacked to packed, from 1 MiB on: text packs 5 to 20 times
NESTING_MAX = 3  # ZIP in ZIP
HEAD_BYTES = 512
LISTED = b"ifso:listed:"  # comment of an entry that stands for a file which is not text
KEPT = frozenset({Kind.XML, Kind.JSON, Kind.CSV, Kind.XLSX, Kind.PDF, Kind.TEXT})
XLSX_PARTS = (".xml", ".rels")  # the text of a workbook; drawings and embedded files are dropped


@dataclass(frozen=True, slots=True)
class Entry:
    """One file found in a dispatch, or a piece of a large one. `data` is None if it is not kept."""

    name: str
    kind: str
    size_bytes: int
    data: bytes | None
    refusal: str = ""
    place: str = ""
    packed: bytes | None = None
    """`data` deflated, where it came so."""


class Unreadable(Exception):
    """The dispatch as a whole cannot be opened; the text says why."""


class NotText(Exception):
    """The file offered is no text: media are refused at the door."""


def incoming(sha256: str) -> Path:
    return folder("incoming") / sha256


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


class Budget:
    """How much may still be unpacked from one dispatch, and how many documents there should be."""

    def __init__(self) -> None:
        self.bytes_left = TOTAL_MAX_BYTES
        self.count = 0
        """By the archives' own directories and the cuts that were made."""

    def spend(self, size: int, *, documents: int) -> None:
        self.bytes_left -= size
        self.count += documents
        if self.bytes_left < 0 or self.count > ENTRIES_MAX:
            raise Unreadable("the archive unpacks to more than a dispatch may hold")


def entries(path: Path, name: str, budget: Budget | None = None) -> Iterator[Entry]:
    """Every document in a dispatch. Raises Unreadable for an archive that cannot be opened."""
    budget = budget or Budget()
    with path.open("rb") as source:
        kind = detect(name, source.read(HEAD_BYTES))
        if kind is Kind.ZIP:
            yield from zip_entries(source, prefix="", depth=1, budget=budget)
            return
        size = path.stat().st_size
        budget.spend(size, documents=1)
        yield from documents_of(name, kind, size, lambda: chunks_of(source), budget)


def chunks_of(source: IO[bytes]) -> Iterator[bytes]:
    source.seek(0)
    yield from iter(partial(source.read, MIB), b"")


def zip_entries(source: IO[bytes], *, prefix: str, depth: int, budget: Budget) -> Iterator[Entry]:
    try:
        archive = Archive(source)
        for record in archive:
            if not record.is_folder:
                budget.spend(record.size_bytes, documents=1)
                name = prefix + clean_name(record.name)
                yield from zip_entry(archive, record, name=name, depth=depth, budget=budget)
    except archives.Damaged as error:
        raise Unreadable(f"the ZIP archive is damaged: {error}") from error


def zip_entry(
    archive: Archive, record: Record, *, name: str, depth: int, budget: Budget
) -> Iterator[Entry]:
    def refused(reason: str) -> Entry:
        return Entry(name, Kind.TEXT.value, record.size_bytes, None, reason)

    if record.comment.startswith(LISTED) and record.size_bytes == 0:
        size = int(record.comment.removeprefix(LISTED) or b"0")
        yield Entry(name, Kind.MEDIA.value, size, None)
        return
    if record.is_encrypted:
        yield refused("The entry is protected by a password.")
        return
    is_small = record.size_bytes <= MIB
    try:
        content = archive.chunks(record)
        head = b"".join(content) if is_small else next(content, b"")
    except archives.Damaged as error:
        yield refused(f"The entry cannot be unpacked: {error}.")
        return
    kind = detect(name, head[:HEAD_BYTES])
    if kind is Kind.MEDIA:
        yield Entry(name, kind.value, record.size_bytes, None)
    elif reason := too_dense(record):
        yield refused(reason)
    elif kind is Kind.ZIP and depth >= NESTING_MAX:
        yield refused(f"Archives are opened to a depth of {NESTING_MAX} only.")
    elif kind is Kind.ZIP:
        yield from nested(archive, record, name=name, depth=depth, budget=budget)
    elif record.size_bytes <= min(MIB, WHOLE_BYTES.get(kind, MIB)):
        entry = entry_of(name, head)
        is_same = entry.data is head and record.method == archives.DEFLATED
        yield replace(entry, packed=archive.packed(record)) if is_same else entry
    else:
        content_again = partial(archive.chunks, record)
        yield from documents_of(name, kind, record.size_bytes, content_again, budget)


def too_dense(record: Record) -> str:
    dense = record.size_bytes > RATIO_MAX * max(record.packed_bytes, 1)
    if record.size_bytes > MIB and dense:
        return f"The entry unpacks to more than {RATIO_MAX} times its size."
    return ""


def nested(
    archive: Archive, record: Record, *, name: str, depth: int, budget: Budget
) -> Iterator[Entry]:
    """The documents of an archive inside an archive, unpacked to a file that has no name."""
    with tempfile.TemporaryFile(dir=folder("incoming")) as inner:
        try:
            for chunk in archive.chunks(record):
                inner.write(chunk)
            # Its own entry stands for what cannot be opened, and is not counted otherwise.
            budget.count -= 1
            yield from zip_entries(inner, prefix=f"{name}/", depth=depth + 1, budget=budget)
        except (archives.Damaged, Unreadable) as refusal:
            budget.count += 1
            reason = f"The archive inside cannot be opened: {refusal}."
            yield Entry(name, Kind.TEXT.value, record.size_bytes, None, reason)


def documents_of(
    name: str, kind: Kind, size: int, content: Callable[[], Iterator[bytes]], budget: Budget
) -> Iterator[Entry]:
    """One large file: as it is, or cut into pieces. `content` gives it from the start each time."""
    if kind in CUTTERS and size > WHOLE_BYTES[kind]:
        yield from pieces_of(name, kind, size, content, budget)
    elif kind is Kind.XLSX and WHOLE_BYTES[kind] < size <= ENTRY_MAX_BYTES:
        yield from sheets_of(whole(name, kind, size, content), budget)
    elif size > ENTRY_MAX_BYTES:
        yield Entry(
            name, kind.value, size, None, f"The file has more than {ENTRY_MAX_BYTES // MIB} MiB."
        )
    else:
        yield whole(name, kind, size, content)


def whole(name: str, kind: Kind, size: int, content: Callable[[], Iterator[bytes]]) -> Entry:
    try:
        return entry_of(name, b"".join(content()))
    except archives.Damaged as error:
        reason = f"The entry cannot be unpacked: {error}."
        return Entry(name, kind.value, size, None, reason)


def pieces_of(
    name: str, kind: Kind, size: int, content: Callable[[], Iterator[bytes]], budget: Budget
) -> Iterator[Entry]:
    readable = Readable(content())
    pieces = cut(readable, kind)
    first = next(pieces, None)
    second = next(pieces, None)
    if first is None and not readable.fault:
        yield Entry(name, kind.value, size, None, "The file is empty.")
        return
    is_one_report = second is None and first is not None and not first.refusal
    if is_one_report and size <= ITEM_MAX_BYTES and not readable.fault:
        yield whole(name, kind, size, content)  # byte for byte
        return
    budget.count -= 1
    begun = [piece for piece in (first, second) if piece is not None]
    for number, piece in enumerate(chain(begun, pieces), 1):
        budget.spend(0, documents=1)
        yield Entry(
            f"{name}#{number}",
            kind.value,
            len(piece.data),
            piece.data,
            sentence(piece.refusal),
            piece.place,
        )
    if readable.fault:
        budget.spend(0, documents=1)
        reason = f"The rest of the entry cannot be unpacked: {readable.fault}."
        yield Entry(name, kind.value, size, None, reason)


def sheets_of(book: Entry, budget: Budget) -> Iterator[Entry]:
    """A large workbook as pieces of CSV; as it is where it has no rows or cannot be read."""
    if book.data is None:
        yield book
        return
    pieces = cut_workbook(book.data)
    try:
        first = next(pieces, None)
    except UnreadableReport as error:
        yield replace(book, refusal=sentence(error.reason), place=error.place)
        return
    if first is None:
        yield book
        return
    budget.count -= 1
    for number, (sheet, piece) in enumerate(chain([first], pieces), 1):
        budget.spend(0, documents=1)
        name = clean_name(f"{book.name}/{sheet}.csv#{number}")
        refusal = sentence(piece.refusal)
        yield Entry(name, Kind.CSV.value, len(piece.data), piece.data, refusal, piece.place)


def sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


class Readable:
    """Content up to the place where it cannot be unpacked any further; `fault` then says why."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self.content = content
        self.fault = ""

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.content
        except archives.Damaged as error:
            self.fault = str(error)


def entry_of(name: str, data: bytes) -> Entry:
    kind = detect(name, data[:HEAD_BYTES])
    if kind not in KEPT:
        return Entry(name, Kind.MEDIA.value, len(data), None)
    if kind is Kind.XLSX:
        try:
            data = workbook_text(data)
        except archives.Damaged as error:
            return Entry(name, kind.value, len(data), None, f"The workbook is damaged: {error}.")
    elif kind is Kind.PDF:
        try:
            data = pdf_gate.text_only(data)
        except UnreadableReport as refusal:
            return Entry(name, kind.value, len(data), None, f"Not kept: {refusal.reason}.")
    return Entry(name, kind.value, len(data), data)


def workbook_text(data: bytes) -> bytes:
    """The workbook with nothing in it but its text parts. Raises archives.Damaged."""
    kept = io.BytesIO()
    book = Archive(io.BytesIO(data))
    if book.count > WORKBOOK_ENTRIES_AT_MOST:
        raise archives.Damaged(f"it has more than {WORKBOOK_ENTRIES_AT_MOST} parts")
    size = 0
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as text_only:
        for record in book:
            if not record.name.endswith(XLSX_PARTS):
                continue
            size += record.size_bytes
            if size > WORKBOOK_BYTES_AT_MOST or too_dense(record):
                raise archives.Damaged("it unpacks to more than a workbook may hold")
            part = zipfile.ZipInfo(record.name)
            part.compress_type = zipfile.ZIP_DEFLATED
            with text_only.open(part, "w") as target:
                for chunk in book.chunks(record):
                    target.write(chunk)
    return kept.getvalue()


def clean_name(name: str) -> str:
    """A name fit to be shown: no NUL, at most 700 characters. It is never a path for us."""
    return name.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[-700:]
