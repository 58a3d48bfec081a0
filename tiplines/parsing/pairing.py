"""Which moment in prose belongs to which address: only one that stands beside it, zone and all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from tiplines.parsing import moments
from tiplines.parsing.lexicon import JOINING_WORDS
from tiplines.parsing.records import Moment

MOMENTS_AT_MOST = 2_000  # in one text
GAP_CHARACTERS_AT_MOST = 40  # between an address and its moment

_MOMENT = re.compile(
    r"(?<![\d-])(?:\d{4}-\d\d-\d\d[T ]\d\d?:\d\d(?::\d\d)?(?:\.\d{1,9})?"
    r"|\d\d-\d\d-\d{4} \d\d?:\d\d(?::\d\d)?)"
    r" ?(?:Z|\(?(?:UTC|GMT)\)?|[+-]\d\d:?\d\d)(?!\w)",
    re.ASCII,
)
_WORD = re.compile(r"[^\W_]{1,40}")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    moment: Moment | None
    """None: the token is an address."""


def moments_beside(text: str, addresses: Iterable[tuple[int, int]]) -> dict[int, Moment]:
    """Return the moment of each address that has one, by where the address begins.

    `addresses` are spans of the text, their ports within. Each line is settled by itself first, so
    that a log of `time address` is not read as `address time` across its line ends.
    """
    told = [
        _Token(match.start(), match.end(), moment)
        for match in islice(_MOMENT.finditer(text), MOMENTS_AT_MOST)
        if (moment := moments.moment(match.group())).utc is not None
    ]
    if not told:
        return {}
    tokens = [*told, *(_Token(start, end, None) for start, end in addresses)]
    tokens.sort(key=lambda token: token.start)
    found: dict[int, Moment] = {}
    for line_ends in (0, 1):
        settled: set[int] = set()
        for chain in _chains(text, tokens, line_ends_at_most=line_ends):
            for address, beside in _pairs(chain):
                if beside.moment is not None:
                    found[address.start] = beside.moment
                    settled |= {address.start, beside.start}
        tokens = [token for token in tokens if token.start not in settled]
    return found


def _chains(
    text: str, tokens: Sequence[_Token], *, line_ends_at_most: int
) -> Iterator[list[_Token]]:
    """Cut the tokens where more stands between two than may."""
    chain: list[_Token] = []
    for token in tokens:
        if chain and not _is_joined(text[chain[-1].end : token.start], line_ends_at_most):
            yield chain
            chain = []
        chain.append(token)
    if chain:
        yield chain


def _is_joined(gap: str, line_ends_at_most: int) -> bool:
    return (
        len(gap) <= GAP_CHARACTERS_AT_MOST
        and gap.count("\n") <= line_ends_at_most
        and ". " not in gap
        and all(word.lower() in JOINING_WORDS for word in _WORD.findall(gap))
    )


def _pairs(chain: Sequence[_Token]) -> Iterator[tuple[_Token, _Token]]:
    """Pair each address with the moment behind it, or before it where the chain begins so.

    A chain that begins with a moment must alternate to its end: `time address time` could be a
    session's begin and end.
    """
    if chain[0].moment is None:
        for one, following in pairwise(chain):
            if one.moment is None and following.moment is not None:
                yield one, following
    elif len(chain) % 2 == 0 and all(
        (token.moment is None) is bool(n % 2) for n, token in enumerate(chain)
    ):
        yield from zip(chain[1::2], chain[::2], strict=True)
