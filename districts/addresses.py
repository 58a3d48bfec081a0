"""Reading an address: which known names stand in a text, and how. No Django, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from .folding import fold, word_set
from .places import KEY_FROM_LENGTH, WORDS_IN_A_NAME, Gazetteer, KnownName, OutsideName

TEXT_AT_MOST = 500  # letters read; addresses are shorter, free text beyond it is not an address
NAMES_AT_MOST = 4  # an address names its place in at most a handful of words
SECTOR_REACH = 4  # words between "Sector 11" and the colony it belongs to, pockets between them

_PIN = re.compile(r"(?<!\d)([1-9]\d{2})\s?(\d{3})(?!\d)")
_SHORT_PIN = re.compile(r"(?i)\bdelhi\s*[-–:]\s*(\d{1,2})(?!\d)")
_STATION_BEFORE = re.compile(r"(?i)\bp\.?\s?s\.?(?=[\s:.-])|\bthana\b|\bpolice station\b|थाना")

_ROAD = frozenset({"road", "marg", "street", "highway", "expressway", "flyover"})
_NAMED_AFTER = _ROAD | word_set(
    "gate house bhawan bhavan sadan vihar nagar colony park school market enclave public "
    "apartments apartment society hotel bypass border sweets bazar bazaar garden kunj "
    "puri canal national bank restaurant dhaba bhandar emporium "
    "link toll more mor"
)
"""After the name of a city or State these make another name: Kashmere Gate, Bihar Bhawan."""
_BESIDE = word_set("near opposite behind beside adjacent landmark towards")
_NOT_THE_CITY = _NAMED_AFTER | frozenset({"ncr", "haat", "darbar", "university", "metro", "to"})
_DELHI = frozenset({"delhi", "newdelhi", "dilli", "dehli", "nayidilli"})
_GENERIC = word_set(
    "house number flat floor plot street gali lane road marg near opposite behind block sector "
    "pocket phase india delhi state district city village colony market school apartments hospital "
    "chowk mandir temple gurudwara masjid station metro police post office tower building ground "
    "first second third main shop complex society vihar nagar enclave extension road "
    "lives living resident residence student college university instagram facebook whatsapp"
)


class Manner(StrEnum):
    """How a name stands in the text."""

    AS_LISTED = "as-listed"
    OTHER_SPELLING = "other-spelling"
    LIKE = "like"
    BESIDE = "beside"
    ROAD = "road"


@dataclass(frozen=True, kw_only=True)
class FoundName:
    known: KnownName
    written: str
    manner: Manner


@dataclass(frozen=True, kw_only=True)
class Reading:
    pin: str
    names: tuple[FoundName, ...]
    """Longest first."""
    stated_station: str
    """Code of the station the text itself gives after `PS`, `thana`; empty if none."""
    outside: tuple[OutsideName, ...]
    says_delhi: bool


def read_address(text: str, gazetteer: Gazetteer, *, trust_codes: bool) -> Reading:
    """What a text says about its place. `trust_codes`: two letters at the end may be a State."""
    text = text[:TEXT_AT_MOST]
    words = fold(text)
    used = [False] * len(words)
    outside, says_delhi = _outside(words, used, gazetteer, trust_codes=trust_codes)
    names = [*_sectors(words, used, gazetteer), *_listed(words, used, gazetteer)]
    if not any(found.manner is not Manner.ROAD for found in names):
        names += _alike(words, used, gazetteer)
    names.sort(key=lambda found: (-len(found.known.key), found.known.key))
    return Reading(
        pin=find_pin(text, gazetteer),
        names=tuple(names[:NAMES_AT_MOST]),
        stated_station=_stated_station(text, gazetteer),
        outside=outside,
        says_delhi=says_delhi,
    )


def find_pin(text: str, gazetteer: Gazetteer) -> str:
    """The last six-digit PIN in a text; `Delhi-85` counts when that PIN is known. Empty if none."""
    full = _PIN.findall(text)
    if full:
        return "".join(full[-1])
    short = _SHORT_PIN.search(text)
    pin = f"1100{int(short[1]):02d}" if short else ""
    return pin if pin in gazetteer.pins else ""


def _outside(
    words: tuple[str, ...], used: list[bool], gazetteer: Gazetteer, *, trust_codes: bool
) -> tuple[tuple[OutsideName, ...], bool]:
    """Cities and States named as such, and whether Delhi is. Marks the words it has understood."""
    found: list[OutsideName] = []
    says_delhi = False
    for start, end in _spans(len(words)):
        key = "".join(words[start:end])
        name = gazetteer.outside.get(key)
        is_delhi = key in _DELHI or (name is not None and name.state == "Delhi")
        if (name is None and not is_delhi) or any(used[start:end]):
            continue
        following = words[end] if end < len(words) else ""
        before = words[start - 1] if start else ""
        if is_delhi:
            says_delhi |= following not in _NOT_THE_CITY
            if following not in {"cantt", "gate"}:
                used[start:end] = [True] * (end - start)
        elif name is not None and following not in _NAMED_AFTER and before not in _BESIDE:
            is_code = len(key) < KEY_FROM_LENGTH and not name.city
            if is_code and not (trust_codes and end >= len(words) - 1):
                continue
            if key in gazetteer.names and not name.is_near_delhi:
                continue
            found.append(name)
            used[start:end] = [True] * (end - start)
    return tuple(found), says_delhi


def _spans(count: int) -> list[tuple[int, int]]:
    """Every run of words, longer runs first."""
    return [
        (start, start + length)
        for length in range(min(WORDS_IN_A_NAME, count), 0, -1)
        for start in range(count - length + 1)
    ]


def _sectors(words: tuple[str, ...], used: list[bool], gazetteer: Gazetteer) -> list[FoundName]:
    """`Sector 11, Rohini` and `Rohini Sec-11`, with pockets and blocks between."""
    out: list[FoundName] = []
    for at, word in enumerate(words[:-1]):
        if word != "sector" or not words[at + 1].isdigit():
            continue
        for start, end in _spans(len(words)):
            colony = "".join(words[start:end])
            gap = start - (at + 2) if start > at else at - end
            if colony in gazetteer.sectored and 0 <= gap <= SECTOR_REACH:
                known = gazetteer.names.get(f"{colony}sector{int(words[at + 1])}")
                if known is not None:
                    used[start:end] = [True] * (end - start)
                    used[at : at + 2] = [True, True]
                    written = f"{' '.join(words[start:end])} sector {words[at + 1]}"
                    out.append(FoundName(known=known, written=written, manner=Manner.AS_LISTED))
                break
    return out


def _listed(words: tuple[str, ...], used: list[bool], gazetteer: Gazetteer) -> list[FoundName]:
    out: list[FoundName] = []
    for start, end in _spans(len(words)):
        if any(used[start:end]):
            continue
        key = "".join(words[start:end])
        if len(key) < KEY_FROM_LENGTH or key in _GENERIC:
            continue
        known, manner = gazetteer.names.get(key), Manner.AS_LISTED
        if known is None:
            known, manner = gazetteer.name_spelt(key), Manner.OTHER_SPELLING
        if known is not None:
            used[start:end] = [True] * (end - start)
            out.append(_found(known, manner, words, start, end))
    return out


def _alike(words: tuple[str, ...], used: list[bool], gazetteer: Gazetteer) -> list[FoundName]:
    out: list[FoundName] = []
    for start, end in _spans(len(words)):
        run = words[start:end]
        if end - start > 3 or any(used[start:end]):
            continue
        if run[0].isdigit() or all(word in _GENERIC or word.isdigit() for word in run):
            continue
        known = gazetteer.name_like("".join(run))
        if known is not None:
            used[start:end] = [True] * (end - start)
            out.append(_found(known, Manner.LIKE, words, start, end))
    return out


def _found(
    known: KnownName, manner: Manner, words: tuple[str, ...], start: int, end: int
) -> FoundName:
    if end < len(words) and words[end] in _ROAD:
        manner = Manner.ROAD
    elif start and words[start - 1] in _BESIDE:
        manner = Manner.BESIDE
    return FoundName(known=known, written=" ".join(words[start:end]), manner=manner)


def _stated_station(text: str, gazetteer: Gazetteer) -> str:
    for mark in _STATION_BEFORE.finditer(text):
        words = fold(text[mark.end() : mark.end() + 60])
        for length in range(min(4, len(words)), 0, -1):
            station = gazetteer.station_names.get("".join(words[:length]))
            if station:
                return station
    return ""
