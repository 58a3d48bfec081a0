"""What an address states outright: a PIN, a station of the police, one of its districts, a part of
Delhi. No Django, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .folding import fold, word_set
from .found import FoundName
from .places import PIN_LENGTH, Gazetteer

COMMAS = re.compile(r"[,;|()\n]")
_PIN = re.compile(r"(?<!\d)([1-9]\d{2})\s?(\d{3})(?!\d)")
_WORDS_AFTER = re.compile(r"[^\W\d_]{3}")
_SHORT_PIN = re.compile(r"(?i)\bdelhi\s*[-–:]\s*(\d{1,2})(?!\d)")
_STATION_BEFORE = re.compile(r"(?i)\bp\.?\s?s\.?(?=[\s:.-])|\bthana\b|\bpolice station\b|थाना")
_STATION_AFTER = re.compile(r"(?i)\bthana\b|\bpolice station\b|थाना|थाने")

_OF_A_DISTRICT = word_set(
    "court courts jail park centre center hospital office judge magistrate library"
)
"""After `Rohini district` these make the name of an office or a park."""


def find_pin(text: str, gazetteer: Gazetteer) -> str:
    """The last six-digit PIN in a text; `Delhi-85` counts when that PIN is known. Empty if none.

    Two numbers of three digits are a PIN only at the end or when they are one of ours: houses 201
    and 202 are none.
    """
    found = [
        "".join(match.groups())
        for match in _PIN.finditer(text)
        if "".join(match.groups()) in gazetteer.pins
        or len(match[0]) == PIN_LENGTH
        or not _WORDS_AFTER.search(text, match.end())
    ]
    if found:
        return found[-1]
    short = _SHORT_PIN.search(text)
    pin = f"1100{int(short[1]):02d}" if short else ""
    return pin if pin in gazetteer.pins else ""


def stated_station(text: str, gazetteer: Gazetteer) -> str:
    for mark in _STATION_BEFORE.finditer(text):
        words = fold(text[mark.end() : mark.end() + 60])
        for length in range(min(4, len(words)), 0, -1):
            station = gazetteer.station_names.get("".join(words[:length]))
            if station:
                return station
    for mark in _STATION_AFTER.finditer(text):
        words = fold(COMMAS.split(text[: mark.start()])[-1])
        for length in range(min(4, len(words)), 0, -1):
            station = gazetteer.station_names.get("".join(words[-length:]))
            if station:
                return station
    return ""


def police_district(words: tuple[str, ...], used: list[bool], gazetteer: Gazetteer) -> str:
    """Key of a district of the police, as `Rohini district`, whose words are no colony then."""
    for end in range(2, len(words) + 1):
        if words[end - 1] != "district" or not _OF_A_DISTRICT.isdisjoint(words[end : end + 1]):
            continue
        for start in range(max(end - 4, 0), end - 1):
            key = "".join(words[start:end])
            if key in gazetteer.regions:
                used[start:end] = [True] * (end - start)
                return key
    return ""


def region_of(
    words: tuple[str, ...],
    names: Sequence[FoundName],
    begins: frozenset[int],
    gazetteer: Gazetteer,
) -> str:
    """Key of a part of Delhi: `Nizamuddin East, Delhi` is not in East Delhi."""
    of_names = {at for found in names for at in range(found.start, found.end)}
    for length in (3, 2):
        for start in range(len(words) - length + 1):
            end = start + length
            if start in of_names or not begins.isdisjoint(range(start + 1, end)):
                continue
            key = "".join(words[start:end])
            if key in gazetteer.regions:
                return key
    return ""
