"""What every cutter gives, and its bounds."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MIB = 1024 * 1024
PIECE_BYTES = MIB  # a piece is closed when it has as much
PIECE_ITEMS = 1000  # or as many reports or rows: their rows in the database weigh far more
ITEM_MAX_BYTES = 24 * MIB  # one report; the largest true ones have some thousand files
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF16_BARE = {b"<\x00": "utf-16-le", b"{\x00": "utf-16-le", b"[\x00": "utf-16-le"} | {
    b"\x00<": "utf-16-be",
    b"\x00{": "utf-16-be",
    b"\x00[": "utf-16-be",
}
# Once it is UTF-8, an XML declaration must not say otherwise.
DECLARED = re.compile(r"""^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")


@dataclass(frozen=True, slots=True)
class Piece:
    """A document of its own, or text that is refused: then with the reason and the place."""

    data: bytes
    refusal: str = ""
    place: str = ""


class Damaged(Exception):
    """From here on the document cannot be cut; the text says why and `place` says where."""

    def __init__(self, reason: str, *, place: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


def in_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text with UTF-16 turned into UTF-8; other encodings pass as they are.

    Of UTF-16 that is broken everything that cannot be read becomes U+FFFD.
    """
    source = iter(chunks)
    first = next(source, b"")
    encoding = "utf-16" if first.startswith(UTF16_MARKS) else UTF16_BARE.get(first[:2], "")
    if not encoding:
        yield first
        yield from source
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield DECLARED.sub(r"\1", decoder.decode(first)).encode("utf-8", "replace")
    for chunk in source:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")  # noqa: FBT003 - positional in codecs


def refused(chunks: Iterable[bytes], *, reason: str, place: str) -> Iterator[Piece]:
    """All that is left, kept in parts of bounded size, each refused."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if len(kept) >= ITEM_MAX_BYTES:
            yield Piece(bytes(kept), reason, place)
            kept.clear()
    if kept.strip():
        yield Piece(bytes(kept), reason, place)
