"""A piece of a document for an officer to look at: rule, without Django.

What is shown came from anybody. Control characters, and those that turn the direction of writing,
are written out; Aadhaar numbers are masked as everywhere, and what stands below an element or a key
about a victim is covered. Who else is under 18 cannot be known of what could not be read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tiplines.covering import COVER
from tiplines.parsing.aadhaar import mask_aadhaar

LINES_AT_MOST = 200
LINES_BEFORE = 100  # of the line that is meant
LINE_CHARACTERS = 400
MARGIN = 40  # characters on both sides of what is shown of a line, so that no number is cut in two
MEANT = re.compile(r"\b(?:line|row) (\d{1,9})\b(?:, column (\d{1,9})\b)?")
ELEMENT = re.compile(
    r"(<([\w:]*victim[\w:]*)\b[^>]*>)(.*?)(?=</\2\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
KEY = re.compile(r'"\w*victim\w*"\s*:\s*', re.IGNORECASE)
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]')
ON_ONE_LINE = re.compile(r"[^\r\n]+")
BREAK = re.compile(r"\r\n|\r|\n")
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
JOINERS = "\u200c\u200d"  # Hindi is written with them


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    number: int
    """From 1."""
    text: str
    is_meant: bool


def excerpt(data: bytes, *, about: str) -> list[Line]:
    """The lines around the one that `about` names as "line 12" or "row 12", else the first.

    Of a long line the part around "column 34" of it, else its beginning.
    """
    lines = BREAK.split(without_victims(decoded(data)))
    named = MEANT.search(about)
    meant = int(named[1]) if named and 1 <= int(named[1]) <= len(lines) else 0
    column = int(named[2] or 0) if named else 0
    start = max(0, meant - LINES_BEFORE) if meant > LINES_AT_MOST - LINES_BEFORE else 0
    return [
        Line(number=n, text=line(text, column if n == meant else 0), is_meant=n == meant)
        for n, text in enumerate(lines[start : start + LINES_AT_MOST], start + 1)
    ]


def without_victims(text: str) -> str:
    """Covered down to its end, or to that of the text where it has none; lines stay lines."""
    if "victim" not in text.casefold():
        return text
    text = ELEMENT.sub(lambda found: f"{found[1]}{covered(found[3])}", text)
    pieces, at = [], 0
    for key in KEY.finditer(text):
        if key.start() >= at:
            end = end_of_value(text, key.end())
            pieces += [text[at : key.end()], covered(text[key.end() : end])]
            at = end
    return "".join([*pieces, text[at:]])


def covered(text: str) -> str:
    """As long as it was, so that a line and a column named elsewhere still fit."""
    return ON_ONE_LINE.sub(
        lambda said: said[0] if said[0].isspace() else COVER[0] * len(said[0]), text
    )


def end_of_value(text: str, start: int) -> int:
    """Where a value of JSON ends that begins here; of one that is broken, the end of the text."""
    depth = 0
    for token in TOKEN.finditer(text, start):
        mark = token[0][0]
        depth += (mark in "[{") - (mark in "]}")
        if depth <= 0:
            return token.start() if depth < 0 or mark == "," else token.end()
    return len(text)


def decoded(data: bytes) -> str:
    """Any bytes as text: what is in no known encoding shows as replacement characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:  # the piece ends inside a character
            return data.decode("utf-8-sig", "ignore")
        return data.decode("cp1252", "replace")


def line(text: str, column: int = 0) -> str:
    if len(text) <= LINE_CHARACTERS:
        return shown(mask_aadhaar(text))
    start = max(0, min(column, len(text)) - LINE_CHARACTERS // 2)
    # A number at either end would be cut, and not be known for what it is: more of it is masked.
    masked = mask_aadhaar(text[max(0, start - MARGIN) : start + LINE_CHARACTERS + MARGIN])
    cut = masked[min(start, MARGIN) :][:LINE_CHARACTERS]
    return shown(
        f"{'… ' if start else ''}{cut}{' …' if start + LINE_CHARACTERS < len(text) else ''}"
    )


def shown(text: str) -> str:
    """`text` with what would not be seen, or would change how the rest is seen, written out."""
    return HIDDEN.sub(
        lambda found: found[0] if found[0] in JOINERS else f"⟨{name_of(found[0])}⟩", text
    )


def name_of(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}")
