"""The queue: what is shown of it, in which order, page by page and counted up to a cap.

Only combinations that an index of `Tipline` serves are offered, so a page costs the same at a
thousand tiplines and at a million.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import QueryDict

from accounts.models import User
from nexus.models import in_nexus
from tiplines.models import Tipline, Version
from tiplines.models.tipline import ESCALATED_FROM, Outcome, Status, TiplineQuerySet
from tiplines.services.bundling import GROUPED
from tiplines.services.cleaning import clean

PAGE = 50  # rows
COUNT_AT_MOST = 10_000  # of the list itself
CHIP_AT_MOST = 1_000
BULK_AT_MOST = 5_000  # tiplines decided in one act
EXPIRES_WITHIN = timedelta(days=30)
PROVIDERS_AT_MOST = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

OF_THE_PAGE = frozenset({"after", "before", "done", "files", "seen"})
"""Names in the query string that are no filter."""


class Sort(StrEnum):
    URGENCY = "urgency"
    AGE = "age"
    EXPIRY = "expiry"
    CHANGED = "changed"


@dataclass(frozen=True)
class Order:
    column: str
    descending: bool


ORDERS = {
    Sort.URGENCY: Order("urgency", descending=True),
    Sort.AGE: Order("received_at", descending=False),
    Sort.EXPIRY: Order("preserved_until", descending=False),
    Sort.CHANGED: Order("status_at", descending=True),
}

LEADS = (
    *("outcome", "district", "provider", "dispatch", "viral", "expiring"),
    *("supplement", "orphan", "bundle", "escalated", "organised"),
)
"""Filters of which one at a time can be set: each has an index of its own, or is read along that of
the urgency.
"""
FLAGS = ("viral", "expiring", "urgent", "supplement", "orphan", "escalated", "organised")
NAMES = frozenset({"status", "urgent", "sort", *LEADS})


class BadFilter(Exception):
    """The query string asks for a filter that does not exist or that no index serves."""


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """What the officer asked to see. Every combination that can be made is one that is served."""

    status: Status = Status.AWAITING
    outcome: str = ""
    district: int | None = None
    """Of awaiting tiplines the likeliest district, of held ones the holder."""
    provider: str = ""
    dispatch: int | None = None
    viral: bool = False
    expiring: bool = False
    supplement: bool = False
    """Those that add to a report which is held."""
    orphan: bool = False
    """Those that name an earlier report, none of which is held."""
    bundle: int | None = None
    escalated: bool = False
    """Those that came back so often that a supervisor assigns them."""
    organised: bool = False
    """Those of organised nexuses, which the unit decides as one."""
    urgent: bool = False
    asked_sort: Sort | None = None

    def __post_init__(self) -> None:
        leads = self.leads
        if len(leads) > 1:
            raise BadFilter(" and ".join(leads))
        if self.urgent and "expiring" in leads:
            raise BadFilter("urgent and expiring")
        if self.status != Status.AWAITING:
            served = {"dispatch", "bundle"}
            if self.status == Status.HELD:
                served.add("district")
            if self.urgent or not served.issuperset(leads):
                raise BadFilter(self.status.value)
        if self.asked_sort is not None and self.asked_sort not in self.sorts:
            raise BadFilter(self.asked_sort.value)

    @property
    def leads(self) -> list[str]:
        return [name for name in LEADS if getattr(self, name)]

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """The orders that an index serves here, the usual one first."""
        if self.dispatch or self.bundle:
            return (Sort.URGENCY,)
        if self.status != Status.AWAITING:
            return (Sort.CHANGED,)
        if self.expiring:
            return (Sort.EXPIRY,)
        if self.leads or self.urgent:
            return (Sort.URGENCY,)
        return (Sort.URGENCY, Sort.AGE, Sort.EXPIRY)

    @property
    def sort(self) -> Sort:
        return self.asked_sort or self.sorts[0]

    @property
    def is_plain(self) -> bool:
        return self == QueueFilter(asked_sort=self.asked_sort)

    def only(self, **lead: Any) -> QueueFilter:
        """The same with this one lead instead of any other; `only()` takes the lead away."""
        chosen = replace(self, asked_sort=None, **{**NO_LEAD, "urgent": False})
        keeps_urgent = self.urgent and not lead.get("expiring")
        return replace(chosen, urgent=keeps_urgent, **lead)

    def toggled(self, name: str, value: Any = True) -> QueueFilter:  # noqa: FBT002 - a chip's value
        """What the list becomes when a chip is pressed: set if it was not, else taken away."""
        if name == "urgent":
            if self.urgent:
                return replace(self, urgent=False)
            kept = {} if self.expiring else {name: getattr(self, name) for name in self.leads}
            return replace(self.only(**kept), urgent=True)
        return self.only() if getattr(self, name) == value else self.only(**{name: value})

    def query(self, **more: str) -> str:
        """The filter as a query string, without what goes without saying."""
        said: dict[str, str] = {}
        if self.status != Status.AWAITING:
            said["status"] = self.status.value
        for name in ("outcome", "district", "provider", "dispatch", "bundle"):
            if getattr(self, name):
                said[name] = str(getattr(self, name))
        for name in FLAGS:
            if getattr(self, name):
                said[name] = "1"
        if self.asked_sort is not None:
            said["sort"] = self.asked_sort.value
        said.update({name: value for name, value in more.items() if value})
        return f"?{urlencode(said)}" if said else ""

    def rows(self, officer: User, *, now: datetime) -> TiplineQuerySet:
        """The tiplines that the filter lets through, unordered, each one of a bundle too."""
        return self.matching(Tipline.objects.visible_to(officer), now=now)

    def matching(self, among: TiplineQuerySet, *, now: datetime) -> TiplineQuerySet:
        found = among.filter(status=self.status)
        if self.outcome:
            found = found.filter(outcome=self.outcome)
        if self.district:
            if self.status == Status.HELD:
                found = found.filter(holder_district=self.district)
            else:
                found = found.filter(best_district=self.district)
        if self.provider:
            found = found.filter(provider_key=self.provider)
        if self.dispatch:
            found = found.filter(dispatch=self.dispatch)
        if self.viral:
            found = found.exclude(batched_reason="")
        if self.expiring:
            found = found.filter(preserved_until__lt=now + EXPIRES_WITHIN)
        if self.supplement:
            found = found.filter(parent__isnull=False)
        if self.orphan:
            found = found.filter(parent__isnull=True).exclude(prior_reports=[])
        if self.bundle:
            found = found.filter(GROUPED, bundle=self.bundle)
        if self.escalated:
            found = found.filter(return_count__gte=ESCALATED_FROM)
        if self.organised:
            found = found.filter(for_the_unit=True)
        if self.urgent:
            found = found.urgent()
        if self.sort == Sort.EXPIRY:
            found = found.filter(preserved_until__isnull=False)
        return found

    @property
    def shows_bundles(self) -> bool:
        """Whether the list has one row for a bundle; else each of its tiplines has its own."""
        return self.status == Status.AWAITING and not self.bundle

    def listed(self, officer: User, *, now: datetime) -> QuerySet[Tipline]:
        """What has a row in the list: of each bundle the most urgent tipline that fits the filter.

        The lowest key of the most urgent stands for the rest, so that one look at the index by
        bundle mostly tells of the others that they are not it.
        """
        found = self.rows(officer, now=now)
        if not self.shows_bundles:
            return found
        before_it = Q(urgency__gt=OuterRef("urgency")) | Q(
            urgency=OuterRef("urgency"), pk__lt=OuterRef("pk")
        )
        others = self.matching(Tipline.objects.visible_to(officer), now=now).filter(
            GROUPED, before_it, bundle=OuterRef("bundle")
        )
        return found.filter(~GROUPED | ~Exists(others))

    def ordered(self, officer: User, *, now: datetime) -> QuerySet[Tipline]:
        return self.rows(officer, now=now).order_by(*order_by(self.sort))


NO_LEAD: Mapping[str, Any] = {
    "outcome": "",
    "district": None,
    "provider": "",
    "dispatch": None,
    "viral": False,
    "expiring": False,
    "supplement": False,
    "orphan": False,
    "bundle": None,
    "escalated": False,
    "organised": False,
}


def parse(query: QueryDict) -> QueueFilter:
    """The filter of a query string. Raises BadFilter for anything that is not one."""
    unknown = query.keys() - NAMES - OF_THE_PAGE
    if unknown or any(len(query.getlist(name)) > 1 for name in query):
        raise BadFilter("unknown or repeated name")
    said = {name: str(query.get(name, "")) for name in NAMES}
    try:
        return QueueFilter(
            status=Status(said["status"] or Status.AWAITING),
            outcome=Outcome(said["outcome"]).value if said["outcome"] else "",
            district=key(said["district"]),
            provider=clean(said["provider"], 80),
            dispatch=key(said["dispatch"]),
            viral=flag(said["viral"]),
            expiring=flag(said["expiring"]),
            supplement=flag(said["supplement"]),
            orphan=flag(said["orphan"]),
            bundle=key(said["bundle"]),
            escalated=flag(said["escalated"]),
            organised=flag(said["organised"]),
            urgent=flag(said["urgent"]),
            asked_sort=Sort(said["sort"]) if said["sort"] else None,
        )
    except ValueError as error:
        raise BadFilter("unknown value") from error


def key(text: str) -> int | None:
    """A row's key; None if the text is empty. Raises ValueError."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ValueError(text)
    return int(text) or None


def flag(text: str) -> bool:
    if text not in {"", "1"}:
        raise ValueError(text)
    return text == "1"


# --- A page by keyset ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: list[Tipline] = field(default_factory=list)
    previous: str = ""
    """Mark of the first row if there are rows before it, for `?before=`; else empty."""
    next: str = ""
    """Mark of the last row if there are rows after it, for `?after=`; else empty."""


def page(
    found: QuerySet[Tipline], sort: Sort, *, after: str = "", before: str = "", size: int = PAGE
) -> Page:
    """One page of `found`, after or before a mark. Raises BadFilter for a mark that is none."""
    if before:
        rows = list(beyond(found, sort, before, backwards=True)[: size + 1])
        more = len(rows) > size
        rows = rows[:size][::-1]
        return Page(rows=rows, previous=mark(rows[0], sort) if more else "", next=last(rows, sort))
    rows = list((beyond(found, sort, after) if after else ordered(found, sort))[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(
        rows=rows,
        previous=mark(rows[0], sort) if rows and after else "",
        next=last(rows, sort) if more else "",
    )


def last(rows: list[Tipline], sort: Sort) -> str:
    return mark(rows[-1], sort) if rows else ""


def mark(row: Tipline, sort: Sort) -> str:
    """The place of a row in an order: its sort value and key."""
    value = getattr(row, ORDERS[sort].column)
    if isinstance(value, datetime):
        value = (value - EPOCH) // timedelta(microseconds=1)
    return f"{value}.{row.pk}"


def read_mark(text: str, sort: Sort) -> tuple[int | datetime, int]:
    """What `mark` wrote. Raises BadFilter."""
    first, dot, second = text.partition(".")
    try:
        value, pk = int(first), key(second)
        if not dot or pk is None or not 0 <= value < 2**53:
            raise ValueError(text)
        if sort == Sort.URGENCY:
            if value > 100:
                raise ValueError(text)
            return value, pk
        return EPOCH + timedelta(microseconds=value), pk
    except (ValueError, OverflowError) as error:
        raise BadFilter("unknown place in the list") from error


def beyond(
    found: QuerySet[Tipline], sort: Sort, text: str, *, backwards: bool = False
) -> QuerySet[Tipline]:
    """The rows after a mark in the order, or, backwards, those before it, the nearest first."""
    order = ORDERS[sort]
    lookup = TupleLessThan if order.descending != backwards else TupleGreaterThan
    place = lookup(Tuple(F(order.column), F("pk")), read_mark(text, sort))
    return ordered(found.filter(place), sort, backwards=backwards)


def ordered(found: QuerySet[Tipline], sort: Sort, *, backwards: bool = False) -> QuerySet[Tipline]:
    return found.order_by(*order_by(sort, backwards=backwards))


def order_by(sort: Sort, *, backwards: bool = False) -> tuple[str, str]:
    order = ORDERS[sort]
    sign = "-" if order.descending != backwards else ""
    return f"{sign}{order.column}", f"{sign}pk"


def for_list(found: QuerySet[Tipline]) -> QuerySet[Tipline]:
    """With the joins and columns that a row of the list shows, and no other."""
    places = (
        *("best_district", "best_station", "holder_district", "holder_station"),
        "parent__holder_district",
    )
    names = [f"{place}__{name}" for place in places for name in ("name", "name_hi")]
    later = Version.objects.filter(tipline=OuterRef("pk")).exclude(dispatch=OuterRef("dispatch"))
    return (
        found.select_related(*places)
        .annotate(was_renewed=Exists(later), related_count=in_nexus()["related_count"])
        .only(
            *("parent__number", "parent__status", "prior_reports", "bundle", "left_bundle"),
            *("number", "provider", "platform", "incident_type", "suspect_line", "urgency"),
            *(
                "completeness",
                "outcome",
                "state_name",
                "best_share",
                "received_at",
                "preserved_until",
            ),
            *("batched_reason", "came_back", "zone_missing", "version", "status"),
            *("status_at", "is_stub", "assessed_at", "located_at", "linked_at", *names),
            *("return_count", "for_the_unit"),
        )
    )


def next_number(
    shown: QueueFilter, officer: User, *, decided: Tipline, now: datetime
) -> str | None:
    """The tipline that follows a decided one in the list, else the first; None if none is left."""
    found = shown.listed(officer, now=now).exclude(pk=decided.pk)
    row = None
    if getattr(decided, ORDERS[shown.sort].column) is not None:
        row = beyond(found, shown.sort, mark(decided, shown.sort)).values("number").first()
    row = row or ordered(found, shown.sort).values("number").first()
    return row["number"] if row else None


# --- Providers ----------------------------------------------------------------------------------


PROVIDERS = """
with recursive keys(name) as (
  (select min(provider_key) from tiplines_tipline where status = 'awaiting')
  union all
  select (select min(provider_key) from tiplines_tipline
          where status = 'awaiting' and provider_key > keys.name)
  from keys where keys.name is not null
)
select name from keys where name > '' limit %s
"""


def providers(officer: User) -> list[str]:
    """Keys of the providers with tiplines in the queue, by steps along their index."""
    if not officer.duty.sees_everything:
        return []
    with connection.cursor() as cursor:
        cursor.execute(PROVIDERS, [PROVIDERS_AT_MOST])
        return [name for (name,) in cursor.fetchall()]
