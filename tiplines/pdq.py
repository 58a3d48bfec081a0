"""PDQ hashes of pictures: re-encoded copies of one picture differ in a few of their 256 bits.

Published by Meta with its ThreatExchange tools, which call two pictures the same up to 31 bits.
"""

from __future__ import annotations

import re

NEAR_BITS = 31
HEX_DIGITS = 64
PREFIX = "pdq:"
CHUNKS = 16
"""Of 16 bits each. Hashes that are near have one of them in common, as a rule: of pairs that differ
in 20 bits anywhere 99 of 100 do, of pairs in 31 bits 9 of 10.
"""
SET_BITS = range(96, 161)
"""A hash has half of its bits set; one that has not is of a picture without detail, and is near to
all of those.
"""

_HASH = re.compile(f"{PREFIX}([0-9a-f]{{{HEX_DIGITS}}})")


def bits_of(value: str) -> int | None:
    """The hash of an identifier's value as a number of 256 bits; None if it is no PDQ hash that can
    be compared.
    """
    found = _HASH.fullmatch(value)
    bits = int(found[1], 16) if found else 0
    return bits if bits.bit_count() in SET_BITS else None


def chunks_of(bits: int) -> list[int]:
    """Its chunks, each with its place, the first bits first."""
    return [place << 16 | (bits >> 16 * (CHUNKS - 1 - place)) & 0xFFFF for place in range(CHUNKS)]


def are_near(one: int, other: int) -> bool:
    return (one ^ other).bit_count() <= NEAR_BITS
