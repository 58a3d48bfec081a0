"""Sectors, phases, blocks and pockets of planned colonies, in names and in addresses. No Django.

`Sector 22, Rohini`, `Rohini Sec-22` and `Pocket 4, Rohini Sector 22` all name the stem `rohini`
with parts. A part is a designator with a value: `("sector", "22")`, `("block", "c4")`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .folding import word_set

Part = tuple[str, str]

DESIGNATORS = {
    "sector": "sector",
    "phase": "phase",
    "part": "phase",
    "block": "block",
    "pocket": "pocket",
}
"""Word to designator; parts of Greater Kailash and phases of Mayur Vihar are written alike."""

_VALUE_WORDS = 3  # `C 4 B` is three words when folded
_TAIL = word_set("market metro station village")
_LETTERS = re.compile(r"[a-z]{1,2}")
_VALUE = re.compile(r"[a-z]{1,2}(?:\d{1,3}[a-z]?)?|\d{1,3}[a-z]?")
_AFTER_A_LETTER = word_set("point ing wing tower gate type")
_NO_BLOCK = word_set("no st rz wz kh gf ff sf hn ho of in to at by on dr km ii iv vi")


@dataclass(frozen=True)
class Written:
    """A part as it stands in a text: its words from `start` to `end`."""

    part: Part
    start: int
    end: int
    is_plain: bool = True
    """False for the block that only the number of a house shows: `C-4/12` is in block C."""


def written_parts(words: Sequence[str]) -> list[Written]:
    """Every part that the folded words name with its designator, or as a block by a house."""
    out: list[Written] = []
    taken: set[int] = set()
    for at, word in enumerate(words):
        designator = DESIGNATORS.get(word)
        if designator is None or at in taken:
            continue
        found = _value_after(words, at, taken) or _value_before(words, at, taken)
        if found is None:
            continue
        value, start, end = found
        value = value.lstrip("0") or value
        taken.update(range(start, end))
        out.append(Written((designator, value), start, end))
    if not any(each.part[0] == "block" for each in out):
        out += _house_block(words, taken)
    return out


def _value_after(words: Sequence[str], at: int, taken: set[int]) -> tuple[str, int, int] | None:
    value, end = "", at + 1
    while end < len(words) and end <= at + _VALUE_WORDS and end not in taken:
        if not _VALUE.fullmatch(value + words[end]):
            break
        if value[-1:].isdigit() and not _is_its_letter(words, end):
            break
        value += words[end]
        end += 1
    if value.isalpha() and end < len(words) and words[end] in DESIGNATORS:
        # `Sector B Pocket 3`, but `Sector, B Block`.
        says_more = end + 1 < len(words) and _VALUE.fullmatch(words[end + 1])
        return (value, at, end) if says_more else None
    return (value, at, end) if value else None


def _is_its_letter(words: Sequence[str], at: int) -> bool:
    """Whether a letter after a number is the number's own (`Sector 16 A, Rohini`), and not a block,
    a house or a crossing (`Sector 7 C Block`, `Sector 7 C 8`, `Sector 16 T Point`).
    """
    following = words[at + 1] if at + 1 < len(words) else ""
    is_letter = len(words[at]) == 1 and words[at].isalpha()
    return is_letter and not (
        following in DESIGNATORS or following in _AFTER_A_LETTER or following.isdigit()
    )


def _value_before(words: Sequence[str], at: int, taken: set[int]) -> tuple[str, int, int] | None:
    start, best = at, None
    while start > 0 and at - start < _VALUE_WORDS and start - 1 not in taken:
        start -= 1
        value = "".join(words[start:at])
        if not _VALUE.fullmatch(value):
            break
        if value[0].isalpha():
            best = value, start, at + 1
    return best


def _house_block(words: Sequence[str], taken: set[int]) -> list[Written]:
    for at in range(len(words) - 1):
        letters, number = words[at], words[at + 1]
        if at and words[at - 1].isdigit():
            continue  # 433-B/5 is house 433 B
        is_code = _LETTERS.fullmatch(letters) and number.isdigit() and letters not in _NO_BLOCK
        if is_code and at not in taken:
            return [
                Written(("block", f"{letters}{number}"), at, at + 2, is_plain=False),
                Written(("block", letters), at, at + 2, is_plain=False),
            ]
    return []


def widened(part: Part) -> list[Part]:
    """The part and what it lies in: block C4B lies in C4, and that in C."""
    designator, value = part
    letters = re.match(r"[a-z]*", value)
    head = letters[0] if letters else ""
    number = re.match(r"[a-z]*\d+", value)
    return [
        (designator, each)
        for each in dict.fromkeys((value, number[0] if number else value, head or value))
    ]


def stem_and_parts(words: Sequence[str]) -> tuple[tuple[str, ...], frozenset[Part]]:
    """The words of a name without its parts, and the parts. A number at the end is a phase."""
    found = [each for each in written_parts(words) if each.is_plain]
    used = {at for each in found for at in range(each.start, each.end)}
    stem = [word for at, word in enumerate(words) if at not in used]
    parts = {each.part for each in found}
    while parts and len(stem) > 1 and stem[-1] in _TAIL:
        stem.pop()
    if len(stem) > 1 and stem[-1].isdigit() and len(stem[-1]) == 1:
        parts.add(("phase", stem.pop()))
    return tuple(stem), frozenset(parts)
