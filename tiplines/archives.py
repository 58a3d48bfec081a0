"""ZIP archives of any size, read and written in bounded memory: plain bytes, no Django.

`zipfile` holds an object for every entry, several hundred MiB for a dispatch of a few hundred
thousand documents. Here the directory is read, and written, block by block. Formats after
PKWARE's APPNOTE 6.3.10: 4.3.7 local header, 4.3.12 directory, 4.3.14 to 4.3.16 ends, 4.5.3 ZIP64.
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

MIB = 1024 * 1024
BLOCK = 256 * 1024  # more than the longest directory entry: 46 + 3 * 65535 bytes
TAIL = 22 + 65535 + 20  # the end of an archive with the longest comment, and the ZIP64 locator
STORED, DEFLATED = 0, 8
ENCRYPTED, UTF8 = 0x1, 0x800
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF  # "see the ZIP64 fields"

LOCAL = struct.Struct("<4s5H3L2H")
ENTRY = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCATOR64 = struct.Struct("<4sLQL")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCAL_SIGN, ENTRY_SIGN, END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
LOCATOR64_SIGN, END64_SIGN = b"PK\x06\x07", b"PK\x06\x06"
NEEDS_ZIP64 = 45
DAY = 0x21  # 1 January 1980: the same bytes for the same content always


class Damaged(Exception):
    """The archive or one entry of it cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the directory, as it describes itself."""

    name: str
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    offset: int
    comment: bytes

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")

    @property
    def is_encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED)


class Archive:
    """An archive open for reading. Iterating gives its directory; raises Damaged."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.size_bytes = source.seek(0, os.SEEK_END)
        tail_at = max(0, self.size_bytes - TAIL)
        source.seek(tail_at)
        tail = source.read(TAIL)
        at = tail.rfind(END_SIGN)
        if at < 0 or len(tail) - at < END.size:
            raise Damaged("it has no directory at its end")
        _, _, _, _, count, size, offset, _ = END.unpack_from(tail, at)
        end = tail_at + at
        if count == FULL16 or FULL32 in (size, offset):
            count, size, offset, end = self._zip64(tail, at, tail_at)
        self.count = count
        """Entries, folders included, as the end of the archive states; modulo 65536 by some."""
        # What stands before the archive, a self-extractor's code, moves every offset.
        self.shift: int = end - size - offset
        if self.shift < 0:
            raise Damaged("its directory lies outside of it")
        self.start, self.end = end - size, end

    @staticmethod
    def _zip64(tail: bytes, at: int, tail_at: int) -> tuple[int, int, int, int]:
        _, _, _, _, count, size, offset, _ = END.unpack_from(tail, at)
        near = at - LOCATOR64.size
        if near < 0 or tail[near : near + 4] != LOCATOR64_SIGN:
            return count, size, offset, tail_at + at
        end64 = near - END64.size  # no extensible data: nobody writes any
        if end64 < 0 or tail[end64 : end64 + 4] != END64_SIGN:
            raise Damaged("its ZIP64 end cannot be read")
        fields = END64.unpack_from(tail, end64)
        return fields[7], fields[8], fields[9], tail_at + end64

    def __iter__(self) -> Iterator[Record]:
        """The directory. Raises Damaged also when it does not hold what the end states, and when
        the entries claim more packed bytes than the archive has: then they overlap.
        """
        position, seen, packed = self.start, 0, 0
        while position < self.end:
            self.source.seek(position)
            block = self.source.read(min(BLOCK, self.end - position))
            used = 0
            for record, size in entries_of(block):
                used += size
                seen += 1
                packed += record.packed_bytes
                if packed > self.size_bytes:
                    raise Damaged("its entries overlap each other")
                yield record
            if not used:
                raise Damaged("its directory is broken")
            position += used
        if (seen - self.count) % (FULL16 + 1):
            raise Damaged(f"its directory holds {seen} entries and states {self.count}")

    def packed(self, record: Record) -> bytes:
        """The bytes of an entry as they are packed: for small ones."""
        self.source.seek(self._data_at(record))
        return self.source.read(record.packed_bytes)

    def chunks(self, record: Record) -> Iterator[bytes]:
        """The content of an entry, at most a MiB at a time. Raises Damaged at the fault."""
        position, left = self._data_at(record), record.packed_bytes
        inflate = inflater(record)
        crc = size = 0
        while left > 0 or inflate.unconsumed_tail:
            raw = inflate.unconsumed_tail
            if not raw:
                self.source.seek(position)
                raw = self.source.read(min(left, BLOCK))
                if not raw:
                    raise Damaged("it ends too early")
                position, left = position + len(raw), left - len(raw)
            try:
                data = inflate.decompress(raw, MIB)
            except zlib.error as error:
                raise Damaged(str(error)) from error
            size += len(data)
            crc = zlib.crc32(data, crc)
            if size > record.size_bytes:
                raise Damaged("it unpacks to more than it states")
            if data:
                yield data
            if inflate.eof:
                break
        if size != record.size_bytes or crc != record.crc:
            raise Damaged("its size or checksum is wrong")

    def _data_at(self, record: Record) -> int:
        at = record.offset + self.shift
        self.source.seek(at)
        header = self.source.read(LOCAL.size)
        if len(header) < LOCAL.size or header[:4] != LOCAL_SIGN:
            raise Damaged("it does not lie where the directory says")
        name_size, extra_size = struct.unpack_from("<2H", header, LOCAL.size - 4)
        return at + LOCAL.size + int(name_size) + int(extra_size)


class Plain:
    """A stored entry, read as if it were deflated."""

    unconsumed_tail = b""
    eof = False

    def decompress(self, data: bytes, _at_most: int) -> bytes:
        return data


def inflater(record: Record) -> Plain | zlib._Decompress:
    if record.method == STORED:
        return Plain()
    if record.method == DEFLATED:
        return zlib.decompressobj(-15)
    raise Damaged(f"it is packed by method {record.method}, which is not read")


def entries_of(block: bytes) -> Iterator[tuple[Record, int]]:
    """The whole directory entries at the start of `block`, and how many bytes each takes."""
    at = 0
    while len(block) - at >= ENTRY.size:
        fields = ENTRY.unpack_from(block, at)
        sign, _, _, flags, method, _, _, crc, packed, size, *sizes, _, _, _, offset = fields
        if sign != ENTRY_SIGN:
            raise Damaged("its directory is broken")
        name_size, extra_size, comment_size = sizes
        whole = ENTRY.size + name_size + extra_size + comment_size
        if len(block) - at < whole:
            return
        name_at = at + ENTRY.size
        extra_at = name_at + name_size
        comment_at = extra_at + extra_size
        if FULL32 in (size, packed, offset):
            size, packed, offset = wide(block[extra_at:comment_at], size, packed, offset)
        yield (
            Record(
                name=block[name_at:extra_at].decode(
                    "utf-8" if flags & UTF8 else "cp437", "replace"
                ),
                flags=flags,
                method=method,
                crc=crc,
                packed_bytes=packed,
                size_bytes=size,
                offset=offset,
                comment=block[comment_at : at + whole],
            ),
            whole,
        )
        at += whole


def wide(extra: bytes, *values: int) -> list[int]:
    """The values of an entry with those that are full taken from its ZIP64 field."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + size]
            fulls = iter(struct.unpack_from(f"<{len(field) // 8}Q", field))
            try:
                return [next(fulls) if value == FULL32 else value for value in values]
            except StopIteration:
                break
        at += 4 + size
    raise Damaged("a ZIP64 field is missing")


class Writer:
    """Writes an archive of deflated entries; the directory waits in a file beside it."""

    def __init__(self, target: IO[bytes], directory: IO[bytes]) -> None:
        self.target = target
        self.directory = directory
        self.offset = 0
        self.count = 0

    def add(self, name: str, packed: bytes, *, size_bytes: int, crc: int) -> int:
        """Write one entry that is deflated already; return where its packed bytes begin.

        An entry is under 4 GiB by what `inbox` lets in; its offset may be any.
        """
        encoded = name.encode("utf-8", "replace")[:60_000]
        common = (UTF8, DEFLATED, 0, DAY, crc, len(packed), size_bytes, len(encoded))
        self.target.write(LOCAL.pack(LOCAL_SIGN, 20, *common, 0) + encoded)
        self.target.write(packed)
        extra = struct.pack("<2HQ", 1, 8, self.offset) if self.offset >= FULL32 else b""
        needs = NEEDS_ZIP64 if extra else 20
        self.directory.write(
            ENTRY.pack(
                ENTRY_SIGN,
                *(needs, needs),
                *common,
                *(len(extra), 0, 0, 0, 0),
                min(self.offset, FULL32),
            )
            + encoded
            + extra
        )
        begins = self.offset + LOCAL.size + len(encoded)
        self.offset = begins + len(packed)
        self.count += 1
        return begins

    def finish(self) -> None:
        size = self.directory.tell()
        self.directory.seek(0)
        shutil.copyfileobj(self.directory, self.target)
        end = self.offset + size
        if self.count >= FULL16 or end >= FULL32:
            numbers = (self.count, self.count, size, self.offset)
            self.target.write(
                END64.pack(END64_SIGN, END64.size - 12, NEEDS_ZIP64, NEEDS_ZIP64, 0, 0, *numbers)
                + LOCATOR64.pack(LOCATOR64_SIGN, 0, end, 1)
            )
        count = min(self.count, FULL16)
        self.target.write(
            END.pack(END_SIGN, 0, 0, count, count, min(size, FULL32), min(self.offset, FULL32), 0)
        )
