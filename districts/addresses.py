"""Reading an address: which known names stand in a text, and how. No Django, no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from .folding import fold, word_set
from .found import FoundName, Manner
from .parts import DESIGNATORS, Part, Written, widened, written_parts
from .places import (
    FUZZY_CUTOFF,
    KEY_FROM_LENGTH,
    WORDS_IN_A_NAME,
    Gazetteer,
    KnownName,
    OutsideName,
)
from .stated import COMMAS, find_pin, police_district, region_of, stated_station
from .turning import OF, turned_round
from .vocabulary import GENERIC, ROADS

TEXT_AT_MOST = 500  # letters read; addresses are shorter, free text beyond it is not an address
NAMES_AT_MOST = 4  # an address names its place in at most a handful of words
STRANGE_FROM = 3  # letters of a word that is part of a name; shorter ones are initials or parts
LIKE_BEFORE_FROM = 90.0  # likeness of a misspelt place before a known one: most are somebody's name
PART_REACH = 6  # words between "Sector 11" and the colony it belongs to, pockets between them

_POSSESSIVE = re.compile(
    r"(?i)['’]s(?=\s+(?:lane|gali|street|block|sector|phase|pocket|area|main|village)\b)"
    r"|(?<=delhi)['’]s\b"
)
"""Of a place: `Govindpuri's lane number 13`, but `General Raj's School`."""
_CHILD_OF = re.compile(r"(?i)\b[sdw]\s?/\s?o\.?\s+(?:(?:sh|shri|smt|late)\b\.?\s+)*\w+(?:\s+\w+)?")
"""`s/o Moolchand`: the father, and not the hospital of that name."""
_OWNER = re.compile(r"(?i)([^\W\d_]+(?: +[^\W\d_]+){0,3})['’]s(?= )")

_NAMED_AFTER = ROADS | word_set(
    "gate house bhawan bhavan sadan vihar nagar colony park school market enclave public "
    "apartments apartment society hotel bypass border sweets bazar bazaar garden kunj "
    "puri canal national bank restaurant dhaba bhandar emporium "
    "super mart store stores traders bakery medicos electronics jewellers textiles kirana cafe "
    "salon link toll more mor"
)
"""After the name of a city or State these make another name: Kashmere Gate, Bihar Bhawan."""
_BESIDE = word_set("near opposite behind beside adjacent landmark towards")
_OF_IN_HINDI = {"ke"}
"""Between a name and what stands before the name in English: `Jama Masjid ke paas`."""
_NOT_BEFORE = _BESIDE | {"of"}
"""Before the name of a city these make another name: Bank of Baroda."""
_NOT_THE_CITY = _NAMED_AFTER | word_set(
    "ncr haat darbar university metro to darwaza darwaja palace highway"
)
_DELHI = frozenset({"delhi", "newdelhi", "dilli", "dehli", "nayidilli"})


_HOUSES = word_set("apartments apartment society hotel palace banquet dharamshala tailors")


@dataclass(frozen=True, kw_only=True)
class Reading:
    pin: str
    names: tuple[FoundName, ...]
    """Longest first."""
    stated_station: str
    """Code of the station the text itself gives after `PS`, `thana`; empty if none."""
    outside: tuple[OutsideName, ...]
    says_delhi: bool
    region: str = ""
    """Key of the part of Delhi that is named, as `southdelhi`; empty if none."""


def read_address(text: str, gazetteer: Gazetteer, *, trust_codes: bool) -> Reading:
    """What a text says about its place. `trust_codes`: two letters at the end may be a State."""
    text = _POSSESSIVE.sub("", text[:TEXT_AT_MOST])
    text = _CHILD_OF.sub(",", text)
    text = _OWNER.sub(lambda owner: _as_in_hindi(owner, gazetteer), text)
    parts = [fold(part) for part in COMMAS.split(text)]
    words = tuple(word for part in parts for word in part)
    begins = frozenset(accumulate(len(part) for part in parts))
    used = [False] * len(words)
    outside, says_delhi = _outside(words, used, gazetteer, trust_codes=trust_codes)
    district = police_district(words, used, gazetteer)
    names = _listed(words, used, begins, gazetteer)
    plain = [found for found in names if found.manner is not Manner.ROAD]
    if plain:
        names += _misspelt_before(plain, words, used, begins, gazetteer)
    else:
        names += _alike(words, used, begins, gazetteer)
    names = [_within_longer(found, words, used, begins, gazetteer) for found in names]
    names = turned_round(names, words, begins, gazetteer)
    names = _with_parts(names, words, gazetteer)
    begun = {found.start for found in names}
    names = [
        replace(found, is_around=True)
        if found.end + 1 in begun and words[found.end] in OF
        else found
        for found in names
    ]
    names.sort(key=lambda found: (-len(found.known.key), found.known.key))
    return Reading(
        pin=find_pin(text, gazetteer),
        names=tuple(names[:NAMES_AT_MOST]),
        stated_station=stated_station(text, gazetteer),
        outside=outside,
        says_delhi=says_delhi,
        region=district or region_of(words, names, begins, gazetteer),
    )


def _as_in_hindi(owner: re.Match[str], gazetteer: Gazetteer) -> str:
    """`Rohini's Vijay Vihar` as `Rohini ke Vijay Vihar`; who is no known place stays as he is."""
    words = fold(owner[1])
    is_place = any("".join(words[at:]) in gazetteer.names for at in range(len(words)))
    return f"{owner[1]} ke" if is_place else owner[0]


def _outside(
    words: tuple[str, ...], used: list[bool], gazetteer: Gazetteer, *, trust_codes: bool
) -> tuple[tuple[OutsideName, ...], bool]:
    """Cities and States named as such, and whether Delhi is. Marks the words it has understood."""
    found: list[tuple[int, OutsideName]] = []
    delhi_at = -1
    begun: set[int] = set()  # words of Delhi that begin a longer name, and stay for it
    for start, end in _spans(len(words)):
        key = "".join(words[start:end])
        name = gazetteer.outside.get(key)
        is_delhi = key in _DELHI or (name is not None and name.state == "Delhi")
        if (name is None and not is_delhi) or any(used[start:end]) or start in begun:
            continue
        following = words[end] if end < len(words) else ""
        before = words[start - 1] if start else ""
        if is_delhi:
            if following not in _NOT_THE_CITY:
                delhi_at = max(delhi_at, start)
            if _is_in_a_name(words, start, end, gazetteer):
                begun.update(range(start, end))
            else:
                used[start:end] = [True] * (end - start)
        elif name is not None and following not in _NAMED_AFTER and before not in _NOT_BEFORE:
            is_code = len(key) < KEY_FROM_LENGTH and not name.city
            if is_code and not (trust_codes and end >= len(words) - 1):
                continue
            if key in gazetteer.names and not name.is_near_delhi:
                continue
            if _is_in_a_name(words, start, end, gazetteer):
                continue  # Anand Parbat is not Anand in Gujarat, nor Model Basti in Basti
            found.append((start, name))
            used[start:end] = [True] * (end - start)
    names_a_state = any(not name.city for _, name in found)
    named = [
        name
        for start, name in found
        # Nirmal Dham, Delhi: a house called after a district; but Delhi Darwaza, Nagaur.
        if names_a_state or not (name.is_district and delhi_at > start)
    ]
    return tuple(named), delhi_at >= 0


def _is_in_a_name(words: tuple[str, ...], start: int, end: int, gazetteer: Gazetteer) -> bool:
    """Whether these words are part of a longer known name, as in Delhi Cantt or Chirag Delhi."""
    return any(
        "".join(words[begin:to]) in gazetteer.names
        for begin in range(max(end - WORDS_IN_A_NAME, 0), start + 1)
        for to in range(end, min(begin + WORDS_IN_A_NAME, len(words)) + 1)
        if to - begin > end - start
    )


def _spans(count: int) -> list[tuple[int, int]]:
    """Every run of words, longer runs first."""
    return [
        (start, start + length)
        for length in range(min(WORDS_IN_A_NAME, count), 0, -1)
        for start in range(count - length + 1)
    ]


def _with_parts(
    names: Sequence[FoundName], words: tuple[str, ...], gazetteer: Gazetteer
) -> list[FoundName]:
    """Names of planned colonies sharpened to the sector, phase, block or pocket beside them."""
    out = list(names)
    families = [
        number for number, found in enumerate(names) if found.known.stem in gazetteer.families
    ]
    if not families:
        return out
    wanted: dict[int, set[Part]] = {number: set(names[number].known.parts) for number in families}
    first = min(range(len(names)), key=lambda number: names[number].start)
    by_house: set[int] = set()
    for written in written_parts(words):
        near = min(families, key=lambda number: _gap(names[number], written))
        if not written.is_plain:
            # The number of a house belongs to the narrowest place, which stands first.
            if near != first or names[near].start < written.end:
                continue
            by_house.add(near)
        if _gap(names[near], written) <= PART_REACH:
            wanted[near].update(widened(written.part))
    for number in families:
        found = names[number]
        following = words[found.end] if found.end < len(words) else ""
        if following.isdigit() and len(following) == 1:
            wanted[number].add(("phase", following))
        known = gazetteer.part_of(found.known.stem, frozenset(wanted[number]))
        if known is None:
            given = {designator for designator, _ in wanted[number]}
            if given and gazetteer.has_parts(found.known.stem, given):
                out[number] = replace(found, is_part_unknown=True)
        else:
            is_by_house = number in by_house and any(part[0] == "block" for part in known.parts)
            out[number] = replace(found, known=known, is_by_house=is_by_house)
    return out


def _gap(found: FoundName, written: Written) -> int:
    return max(written.start - found.end, found.start - written.end, 0)


def _listed(
    words: tuple[str, ...], used: list[bool], begins: frozenset[int], gazetteer: Gazetteer
) -> list[FoundName]:
    out: list[FoundName] = []
    for start, end in _spans(len(words)):
        if any(used[start:end]):
            continue
        key = "".join(words[start:end])
        if key in GENERIC:
            continue
        known, manner = gazetteer.names.get(key), Manner.AS_LISTED
        if known is None and len(key) >= KEY_FROM_LENGTH:
            known, manner = gazetteer.name_spelt(key), Manner.OTHER_SPELLING
        if known is not None and known.is_institution and _is_part(words[end : end + 1]):
            continue  # of another sector or block than the one that is known
        if known is not None and end - 1 in begins and words[end - 1] in DESIGNATORS:
            continue  # `299 North, Block A` is not North Block
        if known is not None and len(key) < KEY_FROM_LENGTH and 1 < end - start < len(key):
            continue  # `in a house` is not at INA
        if known is not None:
            used[start:end] = [True] * (end - start)
            out.append(_found(known, manner, words, begins, start, end))
    return out


def _within_longer(
    found: FoundName,
    words: tuple[str, ...],
    used: list[bool],
    begins: frozenset[int],
    gazetteer: Gazetteer,
) -> FoundName:
    """The name, or the longer one that stands there misspelt, or marked as a part of a longer one
    that is not known: `Indraprastha World School` is not at Indraprastha.
    """

    def is_strange(at: int) -> bool:
        word = words[at]
        is_word = len(word) >= STRANGE_FROM and word.isalpha()
        return is_word and not used[at] and word not in GENERIC and word not in _DELHI

    before = found.start > 0 and found.start not in begins and is_strange(found.start - 1)
    is_last_of_part = found.end == len(words) or not begins.isdisjoint(
        range(found.start + 1, found.end + 1)
    )
    after = not is_last_of_part and is_strange(found.end)
    after |= not is_last_of_part and words[found.end] in _HOUSES and not found.known.is_institution
    if not (before or after) or found.manner not in {Manner.AS_LISTED, Manner.OTHER_SPELLING}:
        return found
    start, to = found.start - before, found.end + after
    known = gazetteer.name_like(words[start:to])
    if known is not None:
        return _found(known, Manner.LIKE, words, begins, start, to)
    return replace(found, is_within=True)


def _is_part(following: tuple[str, ...]) -> bool:
    return any(word in DESIGNATORS for word in following)


def _misspelt_before(
    names: Sequence[FoundName],
    words: tuple[str, ...],
    used: list[bool],
    begins: frozenset[int],
    gazetteer: Gazetteer,
) -> list[FoundName]:
    """Places like those that are written before the first known name, where they are narrower and
    near it. What is called an apartment or a school is its own, and not one that sounds alike.
    """
    until = _begin_of_part(begins, min(found.start for found in names))
    about = set().union(*(gazetteer.about(found.known.spread) for found in names))
    return [
        found
        for found in _alike(words[:until], used, begins, gazetteer, least=LIKE_BEFORE_FROM)
        if not found.known.is_institution
        and found.known.key.removesuffix("apartments") == found.known.key
        and not about.isdisjoint(found.known.spread)
    ]


def _alike(
    words: tuple[str, ...],
    used: list[bool],
    begins: frozenset[int],
    gazetteer: Gazetteer,
    *,
    least: float = FUZZY_CUTOFF,
) -> list[FoundName]:
    out: list[FoundName] = []
    for start, end in _spans(len(words)):
        run = words[start:end]
        if end - start > 3 or any(used[start:end]):
            continue
        if not begins.isdisjoint(range(start + 1, end)):
            continue
        if run[0].isdigit() or all(word in GENERIC or word.isdigit() for word in run):
            continue
        known = gazetteer.name_like(run, least=least)
        if known is not None:
            used[start:end] = [True] * (end - start)
            out.append(_found(known, Manner.LIKE, words, begins, start, end))
    return out


def _found(
    known: KnownName,
    manner: Manner,
    words: tuple[str, ...],
    begins: frozenset[int],
    start: int,
    end: int,
) -> FoundName:
    if end not in begins and words[end : end + 1] and words[end] in ROADS - {"flyover"}:
        manner = Manner.ROAD
    elif _is_beside(words, begins, start, end):
        manner = Manner.BESIDE
    written = " ".join(words[start:end])
    return FoundName(
        known=known,
        written=written,
        manner=manner,
        start=start,
        end=end,
        is_part_unknown=words[end : end + 1] == ("extension",),
    )


def _begin_of_part(begins: frozenset[int], at: int) -> int:
    """The first word of the part between commas in which a word stands."""
    return max((begin for begin in begins if begin <= at), default=0)


def _is_beside(words: tuple[str, ...], begins: frozenset[int], start: int, end: int) -> bool:
    following = words[end : end + 2]
    if following[1:] and following[0] in _OF_IN_HINDI and following[1] in _BESIDE:
        return True
    part = words[_begin_of_part(begins, start) : start]
    if part[-1:] == ("of",):  # near the North Campus of Delhi University
        return not _BESIDE.isdisjoint(part)
    is_of_what_went_before = part[-2:-1] and part[-2] in _OF_IN_HINDI
    return bool(part) and part[-1] in _BESIDE and not is_of_what_went_before
