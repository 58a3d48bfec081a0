"""The kept text of a document, from the pack that holds it."""

from __future__ import annotations

import zlib

from tiplines import inbox, packs
from tiplines.models import Document


def content(document: Document) -> bytes:
    """All of it. Raises OSError when the pack is damaged or gone."""
    assert document.offset is not None  # noqa: S101  # asked only of what is kept
    path = packs.pack_path(document.dispatch_id, instead_of=document.replaces_id)
    with path.open("rb") as pack:
        return packs.read_kept(pack, offset=document.offset, packed_bytes=document.packed_bytes)


def beginning(document: Document, *, at_most: int) -> bytes:
    """Its first `at_most` bytes; no more than that is unpacked. Raises OSError like `content`."""
    assert document.offset is not None  # noqa: S101  # asked only of what is kept
    path = packs.pack_path(document.dispatch_id, instead_of=document.replaces_id)
    with path.open("rb") as pack:
        pack.seek(document.offset)
        packed = pack.read(min(document.packed_bytes, at_most + inbox.MIB))
    try:
        return zlib.decompressobj(wbits=-15).decompress(packed, at_most)
    except zlib.error as error:
        raise OSError(f"the kept original is damaged: {error}") from error
