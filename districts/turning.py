"""Listed names whose parts a text turns round. No Django, no clock.

A name is listed with its colony, as `Prem Nagar Nabi Karim`; people also write `Prem Nagar in Nabi
Karim`, `Nabi Karim's Prem Nagar`, `नबी करीम स्थित प्रेम नगर`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .folding import word_set
from .found import FoundName, Manner
from .parts import DESIGNATORS
from .places import Gazetteer, KnownName
from .vocabulary import ROADS

TURNED_WITHIN = 3  # words between the two parts of a name: `X इलाके के Y`

OF = word_set("ke ki kii kaa")
"""Between a place and what lies in it, in Hindi."""
_BETWEEN = OF | word_set("in of at men mein par sthit situated area located vaale vaali")
_TELLS_NOTHING = ROADS | word_set(
    "new old east west north south central main extension delhi colony village market school "
    "international house number floor flat plot gali street"
)


def turned_round(
    names: list[FoundName],
    words: tuple[str, ...],
    begins: frozenset[int],
    gazetteer: Gazetteer,
) -> list[FoundName]:
    """With the listed name that the text turns round, in the place of its parts: `Prem Nagar in
    Nabi Karim`, `नबी करीम स्थित प्रेम नगर` are Prem Nagar Nabi Karim, not the better known Prem Nagar.
    """
    towns = {found.known.key for found in names if found.known.behind}  # they stand last
    for colony in names:
        if colony.known.is_institution or colony.manner is Manner.LIKE:
            continue
        for start, end in _phrases_beside(colony, names, words, begins):
            own = "".join(words[start:end])
            if own == colony.known.key or own in towns:
                continue
            narrow = _named(own + colony.known.key, gazetteer)
            is_town = colony.known.key in towns
            wide = None if is_town else _named(colony.known.key + own, gazetteer)
            known = narrow or wide
            if known is None:
                continue
            begin, last = (
                (start, end) if narrow else (min(start, colony.start), max(end, colony.end))
            )
            whole = FoundName(
                known=known,
                written=" ".join(words[begin:last]),
                manner=Manner.AS_LISTED,
                start=begin,
                end=last,
            )
            said = {own} if narrow else {own, colony.known.key}
            others = [
                each
                for each in names
                if (each.end <= begin or last <= each.start) and each.known.key not in said
            ]
            return [*others, whole]
    return names


def _phrases_beside(
    colony: FoundName,
    names: Sequence[FoundName],
    words: tuple[str, ...],
    begins: frozenset[int],
) -> list[tuple[int, int]]:
    """What stands whole beside a colony: names, and what commas and words like `in` set apart."""
    inside = range(colony.start, colony.end)
    found = [(each.start, each.end) for each in names if each is not colony]
    start = 0
    for at in range(len(words) + 1):
        if at == len(words) or at in begins or at in inside or words[at] in _BETWEEN:
            found.append((start, at))
        if at < len(words) and (at in inside or words[at] in _BETWEEN):
            start = at + 1
        elif at in begins:
            start = at
    return [
        (start, end)
        for start, end in dict.fromkeys(found)
        if start < end
        and 0 <= max(start - colony.end, colony.start - end) <= TURNED_WITHIN
        and not _TELLS_NOTHING.issuperset(words[start:end])
        and not any(_is_cut(each, start, end) for each in names)
        and _is_joined_by_a_word(words, (start, end), colony)
        >= (not DESIGNATORS.keys().isdisjoint(words[start:end]))
    ]


def _is_cut(found: FoundName, start: int, end: int) -> bool:
    """Whether only a part of the name stands between the two words."""
    is_apart = found.end <= start or end <= found.start
    return not (is_apart or (start <= found.start and found.end <= end))


def _is_joined_by_a_word(
    words: tuple[str, ...], phrase: tuple[int, int], colony: FoundName
) -> bool:
    between = words[phrase[1] : colony.start] or words[colony.end : phrase[0]]
    return bool(between) and _BETWEEN.issuperset(between)


def _named(key: str, gazetteer: Gazetteer) -> KnownName | None:
    return gazetteer.names.get(key) or gazetteer.name_spelt(key)
