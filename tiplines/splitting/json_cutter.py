"""JSON: an array of reports, an object around such an array, or one report a line.

Pieces hold one object a line, so that a reader refuses a bad report by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tiplines.splitting.pieces import (
    ITEM_MAX_BYTES,
    PIECE_BYTES,
    PIECE_ITEMS,
    Damaged,
    Piece,
    refused,
)

# Backslashes with what they escape, a quote, a bracket: enough to follow strings and depth.
TOKEN = re.compile(rb'(?:\\.)++|["{}\[\]]', re.DOTALL)
BACKSLASH, QUOTE = ord("\\"), ord('"')
OPEN = frozenset(b"{[")
ARRAY = ord("[")
SPACE = b" \t\r\n"
BETWEEN = b" \t\r\n,"
ONE_LINE = bytes.maketrans(b"\r\n", b"  ")
WRAPPER_ONLY = re.compile(rb'\s*\{\s*"[^"\\]*"\s*:\s*\[\s*')
A_REPORT = (b'"reportId"', b'"reportedInformation"')
UTF8_MARK = b"\xef\xbb\xbf"
DEPTH_AT_MOST = 10_000  # the reader takes far less; here it only spares the work

NOT_AN_OBJECT = "an entry of the list is no report"
AROUND = "what stands around the list of reports is kept and not read"
TOO_LARGE = f"one report has more than {ITEM_MAX_BYTES // 1024 // 1024} MiB"
TOO_DEEP = f"nested deeper than {DEPTH_AT_MOST} levels"
ENDS_EARLY = "the file ends in the middle: what came before it went in"


def cut_json(chunks: Iterable[bytes]) -> Iterator[Piece]:
    cutter = _JsonCutter()
    source = iter(chunks)
    try:
        for chunk in source:
            yield from cutter.feed(chunk)
        yield from cutter.finish()
    except Damaged as damage:
        yield from cutter.flush()
        rest = cutter.rest()
        yield from refused([rest], reason=damage.reason, place=damage.place)
        yield from refused(source, reason=damage.reason, place=damage.place)


class _JsonCutter:
    """Follows the brackets of a text that arrives in chunks and gathers its items."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.scanned = 0  # how much of the buffer was looked at
        self.lines = 1  # of the text before the buffer, and one
        self.has_begun = False
        self.level: int | None = None  # depth at which the items stand; None: not decided
        self.by_line = False
        self.depth = 0
        self.in_string = False
        self.begins = -1  # where the open item begins; -1: none is open
        self.between = 0  # where the last item ended
        self.may_wrap = True  # whether the first object may hold the list of reports
        self.wraps_at = -1  # where that list opens
        self.is_over = False  # the list has ended
        self.is_skipping = False  # inside an item that is too large
        self.items: list[bytes] = []
        self.items_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        self.buffer += chunk
        if not self.has_begun and not self._begin():
            return
        if not self.by_line:
            yield from self._scan()
        if self.by_line:
            yield from self._scan_lines()
        yield from self._trim()

    def _begin(self) -> bool:
        text = self.buffer.removeprefix(UTF8_MARK).lstrip(SPACE)
        if not text:
            return False
        self.has_begun = True
        self.scanned = self.buffer.index(text[:1])
        if text[:1] == b"[":
            self.level, self.depth = 1, 1
            self.scanned += 1
        self.between = self.scanned
        return True

    def _scan(self) -> Iterator[Piece]:
        for match in TOKEN.finditer(self.buffer, self.scanned):
            at = match.start()
            token = self.buffer[at]
            if token == BACKSLASH:
                continue
            if token == QUOTE:
                self.in_string = not self.in_string
            elif self.in_string:
                continue
            elif token in OPEN:
                self._open(at, token)
            elif self._close(at):
                yield from self._gather(at + 1)
                if self.by_line:
                    self.scanned = at + 1
                    return
        # An escape may be torn between two chunks.
        backslashes = len(self.buffer) - len(self.buffer.rstrip(b"\\"))
        self.scanned = len(self.buffer) - backslashes % 2

    def _scan_lines(self) -> Iterator[Piece]:
        """One report a line: a broken line harms no other."""
        at = self.scanned
        while (end := self.buffer.find(b"\n", at)) >= 0:
            line = self.buffer[at:end].strip(SPACE)
            if line.startswith(b"{") and line.endswith(b"}"):
                self.begins = at
                yield from self._gather(end)
            at = end + 1
        is_too_long = len(self.buffer) - at > ITEM_MAX_BYTES
        self.scanned = len(self.buffer) if is_too_long else at

    def _open(self, at: int, token: int) -> None:
        if self.level is not None:
            if self.depth == self.level and self.begins < 0 and not self.is_over:
                self.begins = at
        elif self.may_wrap and self.wraps_at < 0:
            if self.depth == 1 and token == ARRAY:
                self.wraps_at = at
        elif self.may_wrap and self.depth == 2 and self.begins < 0:
            self.begins = at
        self.depth += 1
        if self.depth > DEPTH_AT_MOST:
            raise Damaged(TOO_DEEP, place=self._place(at))

    def _close(self, at: int) -> bool:
        """Take one bracket off; True when an item has just ended."""
        self.depth -= 1
        if self.depth < 0:
            raise Damaged("a bracket closes what was never opened", place=self._place(at))
        if self.level is None:
            return self._decide(at)
        if self.depth < self.level:
            self.is_over = True
        return self.depth == self.level and not self.is_over

    def _decide(self, at: int) -> bool:
        """An object or list in the first object has ended; True when that ended the first item."""
        if self.depth == 0:
            self.level, self.begins = 0, self.between
            self.by_line = b"\n" not in self.buffer[self.begins : at]
        elif self.depth == 2 and self.begins >= 0:
            head, item = self.buffer[: self.wraps_at], self.buffer[self.begins : at + 1]
            if A_REPORT[0] not in head and any(name in item for name in A_REPORT):
                self.level, self.between = 2, self.wraps_at + 1
            else:  # a list of the report's own
                self.may_wrap, self.wraps_at, self.begins = False, -1, -1
        elif self.depth == 1:
            self.wraps_at = -1  # that list was empty
        return self.level is not None

    def _gather(self, end: int) -> Iterator[Piece]:
        """Take the item that ends here, and refuse what stands between it and the last one."""
        yield from self._gap(self.begins)
        item = bytes(self.buffer[self.begins : end]).strip(SPACE)
        if self.is_skipping:
            yield Piece(item, TOO_LARGE, self._place(self.begins))
            self.is_skipping = False
        elif item.startswith(b"{"):
            self.items.append(item.translate(ONE_LINE))
            self.items_bytes += len(item)
            if self.items_bytes >= PIECE_BYTES or len(self.items) >= PIECE_ITEMS:
                yield from self.flush()
        else:
            yield Piece(item, NOT_AN_OBJECT, self._place(self.begins))
        self.between, self.begins = end, -1

    def _gap(self, end: int) -> Iterator[Piece]:
        if self.wraps_at >= 0:  # this is the first item of a list inside an object
            head = bytes(self.buffer[: self.wraps_at + 1])
            if not WRAPPER_ONLY.fullmatch(head.removeprefix(UTF8_MARK)):
                yield Piece(head, AROUND, self._place(0))
            self.wraps_at = -1
        gap = bytes(self.buffer[self.between : end])
        if gap.strip(BETWEEN):
            yield Piece(gap, NOT_AN_OBJECT, self._place(self.between))

    def flush(self) -> Iterator[Piece]:
        if self.items:
            yield Piece(b"\n".join(self.items) + b"\n")
        self.items, self.items_bytes = [], 0

    def _trim(self) -> Iterator[Piece]:
        """Forget what was gathered; let go of an item, or of text between, that grows too large."""
        used = self.between
        if len(self.buffer) - used > ITEM_MAX_BYTES:
            if self.level is None:
                raise Damaged(TOO_LARGE, place="line 1")
            yield from self.flush()
            is_item = self.begins >= 0 or self.by_line
            reason = TOO_LARGE if is_item else AROUND if self.is_over else NOT_AN_OBJECT
            yield Piece(bytes(self.buffer[used : self.scanned]), reason, self._place(used))
            self.is_skipping = self.begins >= 0
            used = self.scanned
        if self.level is None:
            return
        self.lines += self.buffer.count(b"\n", 0, used)
        del self.buffer[:used]
        self.scanned -= used
        self.between = 0
        if self.begins >= 0:
            self.begins = max(0, self.begins - used)

    def finish(self) -> Iterator[Piece]:
        if self.by_line:
            yield from self.feed(b"\n")
        elif self.depth or self.in_string:
            raise Damaged(ENDS_EARLY, place=self._place(max(self.begins, self.between)))
        yield from self.flush()
        left = self.rest().strip(SPACE)
        if self.is_over and self.level == 2:
            left = left.removeprefix(b"]").lstrip(SPACE)
        if left not in {b"", b"]", b"}"}:
            yield Piece(left, NOT_AN_OBJECT if self.by_line else AROUND, self._place(self.between))

    def rest(self) -> bytes:
        """The text after the last item."""
        return bytes(self.buffer[self.between :])

    def _place(self, at: int) -> str:
        line = self.lines + self.buffer.count(b"\n", 0, at)
        return f"line {line}"
