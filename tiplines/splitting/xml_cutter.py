"""XML: many reports under one root, each with the response and file details beside it.

Only the outline is followed: where elements begin, by expat's byte offsets. A piece is the text of
whole reports inside the start tags, and what heads them, of the elements around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.parsers.expat import ExpatError, ParserCreate

from tiplines.parsing.ispws import ROOTS
from tiplines.parsing.limits import XML_DEPTH_AT_MOST, XML_TAG_BYTES_AT_MOST
from tiplines.splitting.pieces import (
    ITEM_MAX_BYTES,
    MIB,
    PIECE_BYTES,
    PIECE_ITEMS,
    Damaged,
    Piece,
    refused,
)

HEAD_MAX_BYTES = 64 * 1024  # what stands in an element before its first report
LOOSE_BYTES = 4 * MIB  # file details without a report before them: cut apart from here on
REPORT = "report"
START_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*+>""")

DOCTYPE = "a document type declaration or entity is not allowed"
TOO_LARGE = f"one report has more than {ITEM_MAX_BYTES // MIB} MiB"
TAG_TOO_LARGE = "one tag is larger than a report: what stands before it went in"
TOO_DEEP = f"elements are nested deeper than {XML_DEPTH_AT_MOST} levels"


@dataclass(slots=True)
class Around:
    """An open element that may hold reports."""

    name: str
    begins: int
    head: bytes | None = None
    """Its start tag and what follows before the first report; None until there is one in it."""
    has_parts: bool = False
    run_has_report: bool = False


def cut_xml(chunks: Iterable[bytes]) -> Iterator[Piece]:
    cutter = _XmlCutter()
    source = iter(chunks)
    try:
        for chunk in source:
            cutter.feed(chunk)
            yield from cutter.ready()
        cutter.finish()
        yield from cutter.ready()
    except Damaged as damage:
        yield from cutter.ready()
        yield from cutter.whole_before_damage()
        yield from refused([cutter.rest()], reason=damage.reason, place=damage.place)
        yield from refused(source, reason=damage.reason, place=damage.place)


class _XmlCutter:
    """Offsets are those in the whole document; `buffer` begins at `base`."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.base = 0
        self.expat = ParserCreate()
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        self.expat.StartDoctypeDeclHandler = self._doctype
        self.expat.XmlDeclHandler = self._declaration
        self.encoding = "utf-8"
        self.around: list[Around] = []
        self.inside = 0  # depth inside a part; 0: outside of any
        self.prolog = b""
        self.piece_begins = 0
        self.opening = b""  # what the piece needs before its text
        self.safe = 0  # the last place where a cut parts nothing
        self.safe_closing = b""
        self.safe_opening = b""
        self.items = 0
        self.is_skipping = False
        self.done: list[Piece] = []

    def feed(self, chunk: bytes) -> None:
        self.buffer += chunk
        self._parse(chunk, is_last=False)
        end = self.base + len(self.buffer)
        if end - self.expat.CurrentByteIndex > XML_TAG_BYTES_AT_MOST:  # expat holds all of a tag
            raise Damaged(TAG_TOO_LARGE, place=self._place())
        if end - self.safe > ITEM_MAX_BYTES:
            self._let_go(end)
        self._forget()

    def finish(self) -> None:
        self._parse(b"", is_last=True)
        text = self._text(self.piece_begins, self.base + len(self.buffer))
        if self.is_skipping:
            self.done.append(Piece(text, TOO_LARGE))
        elif text.strip():
            self.done.append(Piece(self.opening + text))

    def ready(self) -> Iterator[Piece]:
        yield from self.done
        self.done.clear()

    def whole_before_damage(self) -> Iterator[Piece]:
        if self.safe > self.piece_begins and not self.is_skipping:
            text = self._text(self.piece_begins, self.safe)
            yield Piece(self.opening + text + self.safe_closing)
            self.piece_begins, self.opening = self.safe, b""

    def rest(self) -> bytes:
        return self._text(self.piece_begins, self.base + len(self.buffer))

    def _parse(self, chunk: bytes, *, is_last: bool) -> None:
        try:
            self.expat.Parse(chunk, is_last)
        except ExpatError as broken:
            place = f"line {broken.lineno}, column {broken.offset + 1}"
            raise Damaged(f"not well-formed XML: {broken}", place=place) from broken
        except (LookupError, ValueError) as broken:
            raise Damaged(f"not well-formed XML: {broken}", place="line 1") from broken

    # --- what expat tells ---------------------------------------------------------------------

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = encoding or "utf-8"

    def _doctype(self, *_: object) -> None:
        raise Damaged(DOCTYPE, place=self._place())

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if self.inside:
            self.inside += 1
            return
        at = self.expat.CurrentByteIndex
        local = name.rpartition(":")[2]
        is_part = local in ROOTS
        parent = self.around[-1] if self.around else None
        if parent is None:
            self.prolog = self._text(0, at)
        else:
            if self._may_cut(parent, local, is_part=is_part, at=at):
                self._cut(at)
                parent.run_has_report = False
            if is_part:
                self._note_heads(at)
                parent.has_parts = True
                parent.run_has_report |= local == REPORT
        if is_part:
            self.items += local == REPORT
            self.inside = 1
        elif len(self.around) >= XML_DEPTH_AT_MOST:
            raise Damaged(TOO_DEEP, place=self._place())
        else:
            self.around.append(Around(name, at))

    def _end(self, _name: str) -> None:
        if self.inside:
            self.inside -= 1
        else:
            self.around.pop()

    # --- cutting ------------------------------------------------------------------------------

    def _may_cut(self, parent: Around, name: str, *, is_part: bool, at: int) -> bool:
        """Whether nothing before this start tag belongs to what follows it."""
        if parent.head is None:
            return False
        if not is_part:  # it may hold reports of its own; leaves beside reports stay with them
            return not parent.has_parts
        if name == REPORT:
            return parent.run_has_report
        return not parent.run_has_report and at - self.piece_begins >= LOOSE_BYTES

    def _note_heads(self, at: int) -> None:
        begins = [*(each.begins for each in self.around[1:]), at]
        for each, ends in zip(self.around, begins, strict=True):
            if each.head is None:
                head = self._text(each.begins, ends)
                if len(head) > HEAD_MAX_BYTES:
                    tag = START_TAG.match(head)
                    head = tag[0] if tag else head[:HEAD_MAX_BYTES]
                each.head = head

    def _cut(self, at: int) -> None:
        """Note the place; make a piece of what stands before it when that is enough."""
        self.safe = at
        self.safe_closing = b"".join(
            f"</{each.name}>".encode(self.encoding, "replace") for each in reversed(self.around)
        )
        self.safe_opening = self.prolog + b"".join(each.head or b"" for each in self.around)
        if self.is_skipping:
            self.done.append(Piece(self._text(self.piece_begins, at), TOO_LARGE, self._place()))
            self.is_skipping = False
        elif at - self.piece_begins < PIECE_BYTES and self.items < PIECE_ITEMS:
            return
        else:
            text = self._text(self.piece_begins, at)
            self.done.append(Piece(self.opening + text + self.safe_closing))
        self._begin(at)

    def _begin(self, at: int) -> None:
        self.piece_begins, self.opening, self.items = at, self.safe_opening, 0

    def _let_go(self, end: int) -> None:
        """The open report is too large: give its text away as it comes."""
        if not self.is_skipping and self.safe > self.piece_begins:
            text = self._text(self.piece_begins, self.safe)
            self.done.append(Piece(self.opening + text + self.safe_closing))
            self._begin(self.safe)
        self.done.append(Piece(self._text(self.piece_begins, end), TOO_LARGE, self._place()))
        self.is_skipping = True
        self._begin(end)
        self.safe = end

    def _forget(self) -> None:
        """Let go of text that no piece will need; heads are still cut out of open elements."""
        headless = [each.begins for each in self.around if each.head is None]
        until = min([self.piece_begins, *(headless if not self.is_skipping else ())])
        del self.buffer[: max(0, until - self.base)]
        self.base = max(self.base, until)

    def _text(self, begins: int, ends: int) -> bytes:
        return bytes(self.buffer[max(0, begins - self.base) : max(0, ends - self.base)])

    def _place(self) -> str:
        return f"line {self.expat.CurrentLineNumber}"
