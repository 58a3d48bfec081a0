"""The rows of the queue in words, and how many tiplines each stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from cases.counting import Capped, capped
from cases.queue import EXPIRES_WITHIN, QueueFilter
from districts.wording import state_words
from nexus.models import OTHERS_AT_MOST
from tiplines.models import Tipline
from tiplines.services.bundling import GROUPED
from tiplines.wording import word_type

FLAG_LABELS: Mapping[str, Promise] = {
    "escalated": lazy_("Came back twice"),
    "organised": lazy_("Organised, for the unit"),
    "urgent": lazy_("Urgent"),
    "expiring": lazy_("Expiring within 30 days"),
    "viral": lazy_("Viral"),
    "supplement": lazy_("Supplements"),
    "orphan": lazy_("Earlier report not held"),
}
"""What the flags of a `QueueFilter` are called."""


def bundle_sizes(rows: Sequence[Tipline], shown: QueueFilter, *, now: datetime) -> dict[int, int]:
    """How many fit the filter in each bundle that has a row on the page, itself among them."""
    bundles = {row.bundle_id for row in rows if is_grouped(row)}
    if not bundles or not shown.shows_bundles:
        return {}
    members = shown.matching(Tipline.objects.filter(GROUPED, bundle__in=bundles), now=now)
    counted = members.order_by().values_list("bundle").annotate(count=Count("pk"))
    return {pk: count for pk, count in counted if pk is not None}


def is_grouped(row: Tipline) -> bool:
    """What `GROUPED` says of one row."""
    return row.bundle_id is not None and not row.left_bundle and not row.came_back


@dataclass(frozen=True, kw_only=True)
class Line:
    """A tipline as a row of the list."""

    tipline: Tipline
    incident_type: str
    state: str
    age: str
    expiry: str
    """How long the provider still keeps the data; empty if not known."""
    expiry_tone: str
    percent: int | None
    """Share of the evidence for the likeliest place."""
    related: Capped
    """Others of its nexus."""
    size: int = 1
    """Tiplines that the row stands for: those of a bundle that fit the filter."""

    @property
    def is_bundle(self) -> bool:
        return self.size > 1

    @property
    def is_orphan(self) -> bool:
        return bool(self.tipline.prior_reports) and self.tipline.parent_id is None


def line_of(tipline: Any, *, now: datetime, size: int = 1) -> Line:
    """Of a tipline of `cases.queue.for_list`."""
    kept = tipline.preserved_until
    left = kept - now if kept else None
    tone = ""
    if left is not None and left <= EXPIRES_WITHIN:
        tone = "overdue" if left <= timedelta() else "near"
    return Line(
        tipline=tipline,
        incident_type=word_type(tipline.incident_type),
        state=tipline.state_name and state_words(tipline.state_name),
        age=in_words(now - tipline.received_at),
        expiry="" if left is None else _("lapsed") if left <= timedelta() else in_words(left),
        expiry_tone=tone,
        percent=None if tipline.best_share is None else round(tipline.best_share * 100),
        related=capped(tipline.related_count or 0, OTHERS_AT_MOST),
        size=size,
    )


def in_words(span: timedelta) -> str:
    """A span in its largest fitting unit: 40 min, 5 h, 12 d."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 60:
        return _("%(count)s min") % {"count": minutes}
    if minutes < 48 * 60:
        return _("%(count)s h") % {"count": minutes // 60}
    return _("%(count)s d") % {"count": minutes // (24 * 60)}
