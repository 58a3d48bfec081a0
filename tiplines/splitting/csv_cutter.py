"""Covering lists: rows, with everything down to the header repeated on top of each piece."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Iterable, Iterator
from typing import IO

from tiplines.splitting.pieces import (
    MIB,
    PIECE_BYTES,
    PIECE_ITEMS,
    Damaged,
    Piece,
    refused,
)

DELIMITERS = (",", ";", "\t", "|")
HEAD_ROWS = 20  # titles and notes may stand above the header
HEAD_BYTES = 64 * 1024
BLANK = b'\r\n\t ,;|"'  # all that a row without a value consists of
BYTES_AS_TEXT = "latin-1"  # one character a byte: any encoding with ASCII's commas and quotes
LIST_PIECE_BYTES = PIECE_BYTES // 4
ROW_MAX_BYTES = 2 * MIB

TOO_LARGE = (
    f"one row has more than {ROW_MAX_BYTES // MIB} MiB, as if a quotation mark were not closed:"
    " what stands before it went in"
)


class Bytes(io.RawIOBase):
    """Chunks as a stream."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        self.left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        view = memoryview(target)  # type: ignore[arg-type]
        while not self.left:
            chunk = next(self.chunks, None)
            if chunk is None:
                return 0
            self.left = chunk
        taken = min(len(view), len(self.left))
        view[:taken], self.left = self.left[:taken], self.left[taken:]
        return taken


def cut_csv(chunks: Iterable[bytes]) -> Iterator[Piece]:
    stream = io.BufferedReader(Bytes(chunks), buffer_size=PIECE_BYTES)
    head, delimiter = head_of(stream.peek(HEAD_BYTES)[:HEAD_BYTES])
    rows = _Rows(io.TextIOWrapper(stream, BYTES_AS_TEXT, newline=""), delimiter)
    top = bytearray()
    kept = bytearray()
    count = 0
    try:
        for row in rows:
            if rows.count <= head:
                top += row
                continue
            if not row.strip(BLANK):
                continue
            kept += row
            count += 1
            if len(kept) >= LIST_PIECE_BYTES or count >= PIECE_ITEMS:
                yield Piece(bytes(top + kept))
                kept.clear()
                count = 0
    except Damaged as damage:
        if kept or rows.count <= head:
            yield Piece(bytes(top + kept))
        rest = (text.encode(BYTES_AS_TEXT) for text in rows.rest())
        yield from refused(rest, reason=damage.reason, place=damage.place)
        return
    if kept or rows.count <= head:
        yield Piece(bytes(top + kept))


def head_of(start: bytes) -> tuple[int, str]:
    """How many rows stand above the data, header included, and the delimiter.

    The header is the first row that fills as many cells as any other near it. Where a header lacks
    a name that is one row too many, and its report is only named once more in each piece.
    """
    text = start.decode(BYTES_AS_TEXT)
    best: tuple[float, list[list[str]], str] = (0.0, [], DELIMITERS[0])
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            rows = [row for row, _ in zip(reader, range(HEAD_ROWS), strict=False)]
        except csv.Error:
            continue
        width = statistics.median(len(row) for row in rows) if rows else 0
        if width > best[0]:
            best = (width, rows, delimiter)
    filled = [sum(1 for cell in row if cell.strip()) for row in best[1]]
    return (filled.index(max(filled)) + 1 if filled else 0), best[2]


class _Rows:
    """The rows of a list as bytes, as a CSV reader of that delimiter tells them apart."""

    def __init__(self, source: IO[str], delimiter: str) -> None:
        self.source = source
        self.reader = csv.reader(self._lines(), delimiter=delimiter)
        self.pending: list[str] = []
        self.size = 0
        self.line = 0
        self.began = 1
        self.count = 0

    def _lines(self) -> Iterator[str]:
        while line := self.source.readline(ROW_MAX_BYTES):
            self.pending.append(line)
            self.size += len(line)
            self.line += 1
            if self.size >= ROW_MAX_BYTES:
                raise Damaged(TOO_LARGE, place=f"line {self.began}")
            yield line

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                next(self.reader)
            except StopIteration:
                return
            except csv.Error as broken:
                raise Damaged(f"not CSV: {broken}", place=f"line {self.began}") from broken
            self.count += 1
            row = "".join(self.pending).encode(BYTES_AS_TEXT)
            self.pending.clear()
            self.size, self.began = 0, self.line + 1
            yield row

    def rest(self) -> Iterator[str]:
        yield "".join(self.pending)
        while text := self.source.read(PIECE_BYTES):
            yield text
