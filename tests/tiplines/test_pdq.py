"""PDQ hashes: what can be compared, and what is near."""

import random

import pytest

from tiplines.pdq import CHUNKS, NEAR_BITS, are_near, bits_of, chunks_of

RANDOM = random.Random(4)
HASH = sum(1 << at for at in RANDOM.sample(range(256), 128))


def copy_of(bits: int, *, apart: int) -> int:
    """Another hash, so many bits from this one."""
    for at in RANDOM.sample(range(256), apart):
        bits ^= 1 << at
    return bits


@pytest.mark.parametrize(
    ("value", "bits"),
    [
        pytest.param(f"pdq:{HASH:064x}", HASH, id="a hash"),
        pytest.param(f"md5:{HASH:064x}", None, id="of another kind"),
        pytest.param("pdq:ab", None, id="too short"),
        pytest.param(f"pdq:{0:064x}", None, id="of a picture without detail"),
        pytest.param("•••", None, id="covered"),
    ],
)
def test_what_can_be_compared(value: str, bits: int | None) -> None:
    assert bits_of(value) == bits


def test_near_is_up_to_31_bits() -> None:
    assert are_near(HASH, copy_of(HASH, apart=NEAR_BITS))
    assert not are_near(HASH, copy_of(HASH, apart=NEAR_BITS + 1))


def test_what_is_near_has_a_chunk_in_common_as_a_rule() -> None:
    found = [
        sum(
            not set(chunks_of(HASH)).isdisjoint(chunks_of(copy_of(HASH, apart=apart)))
            for _ in range(500)
        )
        for apart in (CHUNKS - 1, 20, NEAR_BITS)
    ]

    assert found[0] == 500
    assert found[1] > 490
    assert found[2] > 425


def test_chunks_are_told_apart_by_their_place() -> None:
    assert len(set(chunks_of(int("ab" * 32, 16)))) == CHUNKS
