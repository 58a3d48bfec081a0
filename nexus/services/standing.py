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
    """Identifiers, like `always`; with all that are one value with them."""
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
        never=with_joined(values[Verdict.NEVER]),
        always=with_joined(values[Verdict.ALWAYS]),
        frozen=sorted(key for verdict, _, key in rows if verdict == Verdict.FROZEN and key),
    )


def with_joined(values: set[int]) -> list[int]:
    """These identifiers, and all that are one value with them."""
    if not values:
        return []
    same = Joined.objects.filter(Q(value__in=values) | Q(stands_for__in=values))
    told = Joined.objects.filter(stands_for__in=same.values("stands_for"))
    return sorted(values.union(*told.values_list("value_id", "stands_for_id")))
