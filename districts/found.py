"""A name that was found in an address, and how it stands there. No Django."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .places import KnownName


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
    start: int
    end: int
    """Its words in the folded text, the end exclusive."""
    is_by_house: bool = False
    """Sharpened to a block that only the number of a house shows."""
    is_part_unknown: bool = False
    """The text names a sector, a block or an extension that is not in the gazetteer."""
    is_within: bool = False
    """Beside it stands a word that is not understood: it is a part of a longer name."""
    is_around: bool = False
    """A narrower place in it follows: of `शाहदरा के फर्श बाजार`, Shahdara."""
