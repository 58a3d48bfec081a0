"""The table of networks: loaded by an officer, asked by intake."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from ipaddress import ip_address

from django.db import connection, transaction

from tiplines import networks
from tiplines.models import NetworkRange, NetworkTable
from tiplines.networks import Answer, NetworkKind, Span

ROWS_A_STATEMENT = 5_000
ANSWERS_CACHED = 65_536
LOAD_LOCK = 7_301_004  # advisory lock: one load at a time, so that a table is not held twice

Lookup = Callable[[str], Answer]


class TableHeld(Exception):
    """A table of that day and source is held, and says something else."""

    def __init__(self, table: NetworkTable) -> None:
        super().__init__(f"{table.source} of {table.as_of} is held with other ranges")
        self.table = table


@transaction.atomic
def load(
    rows: Iterable[Span], *, as_of: date, source: str, at: datetime
) -> tuple[NetworkTable, bool]:
    """Keep a table; return it and whether it is new. The newest day answers from now on.

    Raises TableHeld if one of that day and source is held with other ranges: answers that rest on
    it are stored with its day, so it is never changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOAD_LOCK])
    spans = sorted(set(rows), key=_order)
    held = NetworkTable.objects.filter(as_of=as_of, source=source).order_by("pk").first()
    if held is not None:
        if sorted(_spans_of(held.pk), key=_order) != spans:
            raise TableHeld(held)
        return held, False
    table = NetworkTable.objects.create(as_of=as_of, source=source, loaded_at=at)
    NetworkRange.objects.bulk_create(
        (
            NetworkRange(
                table=table,
                first=str(span.first),
                last=str(span.last),
                kind=span.kind.value,
                operator=span.operator,
            )
            for span in spans
        ),
        batch_size=ROWS_A_STATEMENT,
    )
    return table, True


def lookup() -> Lookup:
    """Return what answers for an address: IANA's registries and the newest table, offline.

    One small statement; the table is read again only when another is the newest. Ask once a batch.
    """
    newest = NetworkTable.objects.order_by("-as_of", "-pk").values_list("pk", "as_of").first()
    return _lookup_in(*newest) if newest else _lookup_in(None, None)


@lru_cache(maxsize=1)
def _lookup_in(pk: int | None, as_of: date | None) -> Lookup:
    spans = _spans_of(pk) if pk is not None else ()
    return lru_cache(ANSWERS_CACHED)(networks.NetworkTable(spans, as_of=as_of).answer)


def _spans_of(pk: int) -> Iterable[Span]:
    rows = NetworkRange.objects.filter(table=pk).values_list("first", "last", "kind", "operator")
    for first, last, kind, operator in rows.iterator(chunk_size=ROWS_A_STATEMENT):
        yield Span(ip_address(first), ip_address(last), NetworkKind(kind), operator)


def _order(span: Span) -> tuple[int, int, int, str, str]:
    return (span.first.version, int(span.first), int(span.last), span.kind.value, span.operator)
