"""Names of persons and addresses as they sound, over Devanagari, Gurmukhi and Latin spellings.

What sounds alike has one number, a part of a keyed digest: tiplines can be compared by it without
another copy of anybody's name. It is weak evidence: many people sound alike.
"""

from __future__ import annotations

import re
import unicodedata

from districts.folding import fold, in_devanagari, romanise, skeleton, word_set
from districts.parts import written_parts
from districts.vocabulary import GENERIC
from tiplines.sealing import number

TITLES = word_set("shri sri shree smt shrimati kumari km mr mrs ms miss dr adv late urf alias")
SAME_NAMES = {
    variant: name
    for name, variants in {
        "mohamad": "md mo mohd mohammad mohammed muhammad mohamed mohammd muhammed mohmmad mohmad",
        "kumar": "kr",
        "singh": "sinh",
        "varma": "verma",
        "datt": "dutt dutta",
        "rathor": "rathore",
    }.items()
    for variant in variants.split()
}
"""Spellings of one name that no rule of sound brings together."""
IDLE = GENERIC | word_set("h hn hno no gf ff sf new nai")
"""Words of addresses that some write and others leave out."""
TELLING_FROM = 3  # numbers and words of an address; what has fewer is a place, not a house

_WORD = re.compile(r"[a-z]+")
_VOWELS = (("qui", "ki"), ("ow", "au"), ("ou", "au"), ("ai", "e"), ("au", "o"), ("o", "u"))
_ENDING = re.compile(r"(?<=[a-z]{2})(?:[ae]?y|e)$")
_DOUBLED = re.compile(r"(.)\1+")
_UNSAID = re.compile(r"(?<=.)[ae]|(?<=i)y")
"""Vowels that the scripts write in one way and leave out in the other."""


def name_sound(name: str) -> int | None:
    """The number of a person's name, in whatever order its words stand; None if it has none."""
    text = romanise(in_devanagari(name[:500]))
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = [word for word in _WORD.findall(text) if word not in TITLES]
    return _number("name", sorted(_word_sound(word) for word in words))


def address_sound(text: str, postal_code: str = "") -> int | None:
    """The number of an address with a house; None for one that names no house."""
    told = [word for word in fold(text) if word != postal_code]
    of_parts = {
        at for each in written_parts(told) if each.is_plain for at in range(each.start, each.end)
    }
    words = {word for word in told if word not in IDLE}
    has_house = any(word.isdigit() for at, word in enumerate(told) if at not in of_parts)
    if len(words) < TELLING_FROM or not has_house:
        return None
    return _number("address", sorted(map(skeleton, words)))


def _word_sound(word: str) -> str:
    word = SAME_NAMES.get(word, word)
    for spelt, said in _VOWELS:
        word = word.replace(spelt, said)
    word = skeleton(word).removesuffix("a")
    return _DOUBLED.sub(r"\1", _UNSAID.sub("", _ENDING.sub("i", word)))


def _number(kind: str, words: list[str]) -> int | None:
    if not words:
        return None
    return number(f"{kind} as it sounds\0{' '.join(words)}")
