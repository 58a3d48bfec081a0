"""A police-side PDF cut into its cover and its four sections, and Section A into its blocks.

The table of contents repeats every heading, and head and foot of each page hold numbers and
contacts that are nobody's: both are left out. Only what is cut out here is ever read, so that an
address in Section D or in a footer can never become a suspect's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

EDGE_LINES_AT_MOST = 4  # lines of a running head or foot
PAGES_FOR_EDGES = 3  # fewer pages do not show what repeats
LINES_FOR_EDGES = 3  # a page with fewer may lack head and foot
HEADINGS_OF_CONTENTS = 3  # sections named on one page: it is the table of contents
CLOSING_REACH_LINES = 4  # between the end of Section A and the heading that follows it

SECTION = re.compile(r"Section ([A-D]): ?(.*)")
CONTENTS_ENTRY = re.compile(r"(?:(?:\.{3}|…)\s*+|(?<!\s)\s++)\d{1,4}$")
LAYOUT_MARKS = " \t\u200b"
CLOSING = "This concludes Section A"
DIGITS = re.compile(r"\d+")


class Line(NamedTuple):
    page: int
    """From 1."""
    text: str


def plain(text: str) -> str:
    """Return a line without the marks of columns and breaks at its ends."""
    return text.strip(LAYOUT_MARKS)


@dataclass(kw_only=True)
class Sections:
    """The lines of each part; a part that was not found is empty."""

    cover: list[Line] = field(default_factory=list)
    a: list[Line] = field(default_factory=list)
    b: list[Line] = field(default_factory=list)
    found: str = ""
    """The letters of the sections found, in their order: "ABCD"."""


def cut(pages: Sequence[Sequence[str]]) -> Sections:
    """Return the parts of a report. C and D end Section B and are not handed out."""
    head, foot = _edges(pages)
    lines: list[Line] = []
    contents: set[int] = set()
    for number, page in enumerate(pages, 1):
        body = page[head : len(page) - foot] if number > 1 else page
        letters = {found[1] for text in body if (found := SECTION.match(plain(text)))}
        if "A" in letters and len(letters) >= HEADINGS_OF_CONTENTS:
            contents.add(number)
        lines += [Line(number, text) for text in body]
    marks = _marks(lines, contents)
    ends = [*marks.values(), len(lines)][1:]
    parts = {
        letter: lines[start + 1 : end]
        for (letter, start), end in zip(marks.items(), ends, strict=False)
    }
    first = next(iter(marks.values()), len(lines))
    return Sections(
        cover=[line for line in lines[:first] if line.page not in contents],
        a=parts.get("A", []),
        b=parts.get("B", []),
        found="".join(marks),
    )


def _edges(pages: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return how many lines at head and foot of each page after the first are the same on all."""
    inner = [page for page in pages[1:] if len(page) >= LINES_FOR_EDGES]
    if len(inner) < PAGES_FOR_EDGES:
        return 0, 0
    shortest = min(map(len, inner))
    head = foot = 0
    while head < min(EDGE_LINES_AT_MOST, shortest) and _is_same(page[head] for page in inner):
        head += 1
    while foot < min(EDGE_LINES_AT_MOST, shortest - head) and _is_same(
        page[-foot - 1] for page in inner
    ):
        foot += 1
    return head, foot


def _is_same(texts: Iterable[str]) -> bool:
    return len({DIGITS.sub("#", plain(text)) for text in texts}) == 1


def _marks(lines: list[Line], contents: set[int]) -> dict[str, int]:
    """Return where each section begins, in the order of the letters."""
    headings = [
        (found[1], at)
        for at, line in enumerate(lines)
        if line.text.startswith("Section ")
        and line.page not in contents
        and (found := SECTION.fullmatch(plain(line.text)))
        and not CONTENTS_ENTRY.search(found[2])
    ]
    marks: dict[str, int] = {}
    for letter in "ABCD":
        after = max(marks.values(), default=-1)
        if letter != "A" and marks.get("A") == after:
            after = max(after, _closing(lines, after))
        for found_letter, at in headings:
            if found_letter == letter and at > after:
                marks[letter] = at
                break
    return marks


def _closing(lines: list[Line], start: int) -> int:
    """Return where Section A says that it ends; -1 if it does not say so before a heading."""
    for at in range(start + 1, len(lines)):
        if lines[at].text.startswith(CLOSING):
            following = lines[at + 1 : at + 1 + CLOSING_REACH_LINES]
            if any(SECTION.match(line.text) for line in following):
                return at
    return -1


# --- Section A ----------------------------------------------------------------------------------


class BlockKind(StrEnum):
    COMPANY = "company"
    INCIDENT = "incident"
    PARTY = "party"
    FILES = "files"
    REMARKS = "remarks"


@dataclass(kw_only=True)
class Block:
    kind: BlockKind
    heading: str
    """As written, without the number: "Suspect", "Web Page/URL"."""
    lines: list[Line] = field(default_factory=list)


PARTY = re.compile(
    r"(Suspect|Recipient|Intended Recipient|Child Victim|Victim|Associated Account)(?: \d{1,4})?"
)
HEADINGS = {
    "Reporting Electronic Service Provider (ESP)": BlockKind.COMPANY,
    "Company Information": BlockKind.COMPANY,
    "Incident Information": BlockKind.INCIDENT,
    "Web Page/URL": BlockKind.INCIDENT,
    "Webpage/URL": BlockKind.INCIDENT,
    "Email Incident": BlockKind.INCIDENT,
    "Newsgroup": BlockKind.INCIDENT,
    "Chat/IM": BlockKind.INCIDENT,
    "Online Gaming": BlockKind.INCIDENT,
    "Cell Phone": BlockKind.INCIDENT,
    "Non-Internet": BlockKind.INCIDENT,
    "Peer to Peer": BlockKind.INCIDENT,
    "Uploaded File Information": BlockKind.FILES,
    "Additional Information Submitted by the Reporting ESP": BlockKind.REMARKS,
}


def blocks(lines: Iterable[Line]) -> tuple[list[Block], list[Line]]:
    """Return the blocks of Section A, and the lines that stand before the first of them."""
    found: list[Block] = []
    loose: list[Line] = []
    into = loose
    for line in lines:
        text = plain(line.text)
        kind = HEADINGS.get(text)
        if kind is None and text.startswith("Relevant Terms"):
            kind = BlockKind.COMPANY
        if kind is None and (match := PARTY.fullmatch(text)):
            kind, text = BlockKind.PARTY, match[1]
        if kind is not None:
            found.append(Block(kind=kind, heading=text))
            into = found[-1].lines
        elif not text.startswith(CLOSING):
            into.append(line)
    return found, loose
