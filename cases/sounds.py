"""Names and addresses that sound alike, as they are spelt in tiplines that an officer sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from nexus.evidence import SOUNDS, SharedValue
from nexus.kinds import Kind
from tiplines.covering import Mask
from tiplines.models import Address, Party

SPELLINGS_SHOWN = 3


def sounds_of(values: Iterable[SharedValue], tiplines: Any, mask: Mask) -> dict[int, str]:
    """By the number of the sound, how these tiplines spell it, covered; the first few spellings."""
    numbers: dict[Kind, set[int]] = defaultdict(set)
    for value in values:
        if value.kind in SOUNDS:
            numbers[value.kind].add(value.value)
    spelt: dict[int, set[str]] = defaultdict(set)
    for kind, rows, text in (
        (Kind.NAME, Party.objects.all(), "name"),
        (Kind.ADDRESS, Address.objects.all(), "text"),
    ):
        if numbers[kind]:
            found = rows.filter(tipline__in=tiplines, sound__in=numbers[kind])
            for sound, told in found.order_by().values_list("sound", text).distinct():
                spelt[sound].add(mask.text(" ".join(told.split())))
    return {sound: " · ".join(sorted(texts)[:SPELLINGS_SHOWN]) for sound, texts in spelt.items()}
