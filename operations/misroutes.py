"""How often the unit sends a case to the wrong place: the definition, its numbers and its rows.

Counted are the hand-offs by which the unit opened a case and did not withdraw it. One is a misroute
where the case came back for one of MISROUTES, whoever of its holders returned it. The numbers are
split by the version of the gazetteer that placed it and by the kinds of evidence that named the
district, both as kept with the hand-off; one with several kinds counts with each.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet

from accounts.models import User
from cases.lifecycle import CaseStatus
from cases.models import Case, HandOff
from cases.models.case import ReturnReason
from operations.periods import Period

MISROUTES = (
    ReturnReason.OTHER_STATION,
    ReturnReason.OTHER_STATE,
    ReturnReason.PERSON_ELSEWHERE,
)
"""Reasons that say the place was wrong; too little evidence or a known matter do not."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Of the hand-offs that share `key`, how many came back as misroutes."""

    key: str
    """A version or a kind of evidence; empty where none is kept."""
    sent: int
    misrouted: int

    @property
    def percent(self) -> float:
        return round(100 * self.misrouted / self.sent, 1) if self.sent else 0.0


def hand_offs(officer: User, period: Period) -> QuerySet[HandOff]:
    """Those that are counted, by the moment of the hand-off; each says `is_misroute`."""
    back = HandOff.objects.filter(
        case=OuterRef("case"),
        returned_at__isnull=False,
        reason__in=[reason.value for reason in MISROUTES],
    )
    found = HandOff.objects.filter(
        case__in=Case.objects.visible_to(officer), at=F("case__opened_at")
    ).exclude(case__status=CaseStatus.WITHDRAWN)
    if period.from_at is not None:
        found = found.filter(at__gte=period.from_at)
    if period.until_at is not None:
        found = found.filter(at__lt=period.until_at)
    return found.annotate(is_misroute=Exists(back))


def whole(officer: User, period: Period) -> Rate:
    numbers = hand_offs(officer, period).aggregate(sent=Count("pk"), misrouted=MISROUTED)
    return Rate(key="", **numbers)


MISROUTED = Count("pk", filter=Q(is_misroute=True))


def by_version(officer: User, period: Period) -> list[Rate]:
    grouped = (
        hand_offs(officer, period)
        .values(key=F("gazetteer_version"))
        .annotate(sent=Count("pk"), misrouted=MISROUTED)
    )
    return [Rate(**each) for each in grouped.order_by("-sent", "key")]


def by_kind(officer: User, period: Period) -> list[Rate]:
    found = hand_offs(officer, period)
    each_kind = (
        found.annotate(key=Func(F("evidence"), function="unnest"))
        .values("key", "pk", "is_misroute")
        .order_by()
    )
    numbers: dict[str, list[int]] = {}
    # Set-returning functions are not grouped by: the pairs are counted here.
    for row in each_kind.iterator():
        count = numbers.setdefault(row["key"], [0, 0])
        count[0] += 1
        count[1] += row["is_misroute"]
    none = found.filter(evidence=[]).aggregate(sent=Count("pk"), misrouted=MISROUTED)
    rates = [Rate(key=key, sent=sent, misrouted=back) for key, (sent, back) in numbers.items()]
    rates += [Rate(key="", **none)] if none["sent"] else []
    return sorted(rates, key=lambda rate: (-rate.sent, rate.key))


def rows(
    officer: User, period: Period, *, version: str | None = None, kind: str | None = None
) -> QuerySet[HandOff]:
    """The misroutes behind a number, newest first; an empty text is where nothing is kept."""
    found = hand_offs(officer, period).filter(Q(is_misroute=True))
    if version is not None:
        found = found.filter(gazetteer_version=version)
    if kind is not None:
        found = found.filter(evidence__contains=[kind]) if kind else found.filter(evidence=[])
    return found.order_by("-at", "-pk")
