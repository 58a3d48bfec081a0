"""What came in about a case since its holder last looked: derived from the rows, never stored.

A new version of one of its tiplines, a supplement to one of them, a tipline that the unit put into
the case after it was opened, or another holder of an organised nexus that one of them is in.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from audit.services import record
from cases.models import Case, CaseTipline
from cases.models.case import CaseQuerySet
from cases.services.holding import tiplines_of
from cases.services.reach import lock_case
from nexus.models import Nexus
from tiplines.models import Tipline, Version


@dataclass(frozen=True, kw_only=True)
class News:
    """What is new about one tipline of a case."""

    tipline: Tipline
    versions: tuple[Version, ...]
    supplements: tuple[Tipline, ...]
    """Those that are not in the case: the unit sends them on."""
    is_added: bool
    """Whether it is itself new in the case."""
    is_organised: bool
    """Whether another holder of its organised nexus is new."""


def with_news(entries: QuerySet[CaseTipline]) -> QuerySet[CaseTipline]:
    """Those of the entries about which something came in; each with `since`,
    `was_added` and `was_told`.
    """
    later = {"received_at__gt": OuterRef("since")}
    versions = Version.objects.filter(tipline=OuterRef("tipline"), **later)
    # One in the same case speaks for itself there.
    inside = CaseTipline.objects.filter(
        case=OuterRef(OuterRef("case")), tipline=OuterRef("pk"), left_at__isnull=True
    )
    supplements = Tipline.objects.filter(~Exists(inside), parent=OuterRef("tipline"), **later)
    told = Nexus.objects.filter(pk=OuterRef("tipline__organised_in"), told_at__gt=OuterRef("since"))
    earlier = CaseTipline.objects.filter(
        case=OuterRef("case"), pk__lt=OuterRef("pk"), added_at__lt=OuterRef("added_at")
    )
    return (
        entries.filter(left_at__isnull=True)
        .annotate(since=Coalesce("seen_at", "added_at"), was_added=Exists(earlier))
        .annotate(was_told=Exists(told))
        .filter(
            # Only a tipline with a second version can have a newer one: others are not looked up.
            Q(Exists(versions), tipline__version__gt=1)
            | Exists(supplements)
            | Q(was_added=True, seen_at__isnull=True)
            | Q(was_told=True)
        )
    )


def cases_with_news(officer: User) -> CaseQuerySet:
    """Open cases in the officer's reach about which something came in."""
    # Few have any: an index has them by their holder. `news_of` asks in full, of one case.
    told = Tipline.objects.visible_to(officer).filter(
        news_at__isnull=False,
        case_entries__left_at__isnull=True,
        news_at__gte=Coalesce("case_entries__seen_at", "case_entries__added_at"),
    )
    return Case.objects.visible_to(officer).open().filter(pk__in=told.values("case_entries__case"))


def news_of(case: Case) -> tuple[News, ...]:
    """What is new in a case, tipline by tipline."""
    entries = list(
        with_news(CaseTipline.objects.filter(case=case)).select_related("tipline").order_by("pk")
    )
    if not entries:
        return ()
    keys = [entry.tipline_id for entry in entries]
    versions: dict[int, list[Version]] = defaultdict(list)
    for version in (
        Version.objects.filter(tipline__in=keys).defer("sealed_source").order_by("number")
    ):
        versions[version.tipline_id].append(version)
    inside = CaseTipline.objects.filter(case=case, left_at__isnull=True).values("tipline")
    supplements: dict[int, list[Tipline]] = defaultdict(list)
    for tip in (
        Tipline.objects.filter(parent__in=keys)
        .exclude(pk__in=inside)
        .only("number", "parent", "received_at")
        .order_by("pk")
    ):
        supplements[tip.parent_id or 0].append(tip)
    return tuple(news_about(entry, versions, supplements) for entry in entries)


def news_about(
    entry: CaseTipline,
    versions: dict[int, list[Version]],
    supplements: dict[int, list[Tipline]],
) -> News:
    since: datetime = entry.since  # type: ignore[attr-defined]
    return News(
        tipline=entry.tipline,
        versions=tuple(each for each in versions[entry.tipline_id] if each.received_at > since),
        supplements=tuple(
            each for each in supplements[entry.tipline_id] if each.received_at > since
        ),
        is_added=entry.was_added and entry.seen_at is None,  # type: ignore[attr-defined]
        is_organised=entry.was_told,  # type: ignore[attr-defined]
    )


@transaction.atomic
def mark_seen(*, case_id: int, until: datetime, by: User, at: datetime) -> Case:
    """Say that what had come in about the case by `until` is known to its holder.

    `until` is when the officer's page was made: what came after it was not on it and stays new.
    Raises reach.CaseNotVisible and deciding.NotAllowed.
    """
    case = lock_case(case_id=case_id, by=by)
    seen_at = min(until, at)
    CaseTipline.objects.filter(
        Q(seen_at__isnull=True) | Q(seen_at__lt=seen_at),
        case=case,
        left_at__isnull=True,
        added_at__lte=seen_at,
    ).update(seen_at=seen_at)
    known = tiplines_of(case).filter(news_at__lte=seen_at).order_by("pk")
    locked = known.select_for_update(of=("self",)).values_list("pk", flat=True)
    Tipline.objects.filter(pk__in=list(locked)).update(news_at=None)
    record(verb="case.news-seen", subject=f"case:{case.pk}", actor=by, at=at)
    return case
