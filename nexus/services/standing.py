"""What officers have said and not ended, as every grouping takes it in. No arrays: pages judge."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from nexus.models import Joined, Judgement, Verdict


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What officers have said and not ended: which verdicts there are, and those of values."""

    verdicts: frozenset[str]
    never: list[int]
    """Identifiers, like `always`; of a file with all of its hashes."""
    always: list[int]
    frozen: list[int]
    """Nexuses."""


def standing() -> Standing:
    rows = set(Judgement.objects.standing().values_list("verdict", "identifier_id", "nexus_id"))
    values = {
        of: {value for verdict, value, _ in rows if verdict == of and value}
        for of in (Verdict.NEVER, Verdict.ALWAYS)
    }
    return Standing(
        verdicts=frozenset(verdict for verdict, *_ in rows),
        never=with_hashes(values[Verdict.NEVER]),
        always=with_hashes(values[Verdict.ALWAYS]),
        frozen=sorted(key for verdict, _, key in rows if verdict == Verdict.FROZEN and key),
    )


def with_hashes(values: set[int]) -> list[int]:
    """These identifiers, and of a file all of its hashes."""
    if not values:
        return []
    of = Joined.objects.filter(Q(hash__in=values) | Q(file__in=values)).values("file")
    told = Joined.objects.filter(file__in=of).values_list("hash_id", "file_id")
    return sorted(values.union(*told))
