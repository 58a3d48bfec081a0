"""What a dispatch came to: for its page, its receipt as JSON and PDF, and the command."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tiplines.models import Dispatch, Document, QuarantineItem, Receipt
from tiplines.models.dispatch import DocumentState
from tiplines.services.reconciling import Account, reconcile

LISTED_AT_MOST = 200
RATE_OVER = timedelta(seconds=60)
FORMULA_SIGNS = frozenset("=+-@\t\r\n\0")
UNSEEN = re.compile(r"^[\s\x00-\x1f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The numbers that covering lists name beside those whose report came."""

    listed: int
    """0 when no covering list is in the dispatch: then nothing is known of what was sent."""
    reported: int
    missing: int
    """Listed, and no report came."""
    extra: int
    """Came, and no list names it."""

    @property
    def has_list(self) -> bool:
        return self.listed > 0

    @property
    def came(self) -> int:
        return self.listed - self.missing


@dataclass(frozen=True, kw_only=True)
class FieldCoverage:
    """How many reports of a format had one field, and in how many it was only kept."""

    path: str
    present: int
    unread: int


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The fields of all reports of one format, as they stood in the documents."""

    format: str
    reports: int
    fields: tuple[FieldCoverage, ...]

    @property
    def read(self) -> int:
        return sum(1 for field in self.fields if field.unread < field.present)

    @property
    def unread(self) -> int:
        return sum(1 for field in self.fields if field.unread)


def receipt_of(dispatch_id: int) -> dict[str, Any]:
    """The receipt as plain data; moments in ISO 8601, UTC. Lists are cut, their counts are not."""
    dispatch = Dispatch.objects.get(pk=dispatch_id)
    [account] = reconcile([dispatch_id])
    progress = progress_of(dispatch_id)
    compared = comparison_of(dispatch_id)
    return {
        "dispatch": dispatch.pk,
        "reference": dispatch.reference,
        "sender": dispatch.sender,
        "name": dispatch.name,
        "sha256": dispatch.sha256,
        "size_bytes": dispatch.size_bytes,
        "received_at": iso(dispatch.received_at),
        "finished_at": iso(dispatch.finished_at),
        "documents": {
            "listed": account.documents_listed,
            "waiting": account.documents_waiting,
            "not_text": progress["listed"],
        },
        "sent": compared.listed if compared.has_list else None,
        "received": account.received,
        "stored": account.stored,
        "already_held": account.already_held,
        "new_versions": account.new_versions,
        "quarantined": account.quarantined,
        "set_aside": account.set_aside,
        "missing_count": compared.missing,
        "missing": list(missing_of(dispatch_id)[:LISTED_AT_MOST]),
        "extra_count": compared.extra if compared.has_list else 0,
        "assessed": progress["assessed"],
        "located": progress["located"],
        "linked": progress["linked"],
        "reconciles": account.holds,
        "faults": list(account.faults),
        "quarantine": [
            {
                "document": name,
                "place": place,
                "number": number,
                "reason": reason,
            }
            for name, place, number, reason in QuarantineItem.objects.filter(dispatch=dispatch_id)
            .open()
            .order_by("pk")
            .values_list("document__name", "place", "number", "reason")[:LISTED_AT_MOST]
        ],
        "not_text": [
            {"name": name, "size_bytes": size}
            for name, size in Document.objects.filter(
                dispatch=dispatch_id, state=DocumentState.LISTED
            )
            .order_by("position")
            .values_list("name", "size_bytes")[:LISTED_AT_MOST]
        ],
        "fields": {
            each.format: {
                "reports": each.reports,
                "paths": {field.path: [field.present, field.unread] for field in each.fields},
            }
            for each in coverage_of(dispatch_id)
        },
    }


def comparison_of(dispatch_id: int) -> Comparison:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*) filter (where is_listed), count(*) filter (where is_reported),
                   count(*) filter (where is_listed and not is_reported),
                   count(*) filter (where is_reported and not is_listed)
            from tiplines_receipt where dispatch_id = %s
            """,
            [dispatch_id],
        )
        listed, reported, missing, extra = cursor.fetchone()
    return Comparison(listed=listed, reported=reported, missing=missing, extra=extra)


def missing_of(dispatch_id: int) -> Any:
    """The numbers that a covering list names and of which no report came, as a lazy list."""
    return (
        Receipt.objects.filter(dispatch=dispatch_id, is_listed=True, is_reported=False)
        .order_by("number")
        .values_list("number", flat=True)
    )


def coverage_of(dispatch_id: int) -> list[Coverage]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select format, sum(reports) from tiplines_fieldcount where dispatch_id = %s"
            " group by 1 order by 1",
            [dispatch_id],
        )
        totals = cursor.fetchall()
        cursor.execute(
            """
            select c.format, each.key, sum((each.value->>0)::int), sum((each.value->>1)::int)
            from tiplines_fieldcount c, jsonb_each(c.counts) each
            where c.dispatch_id = %s group by 1, 2 order by 1, 2
            """,
            [dispatch_id],
        )
        fields = [
            (format, FieldCoverage(path=path, present=present, unread=unread))
            for format, path, present, unread in cursor.fetchall()
        ]
    return [
        Coverage(
            format=format,
            reports=reports,
            fields=tuple(field for its_format, field in fields if its_format == format),
        )
        for format, reports in totals
    ]


def progress_of(dispatch_id: int) -> dict[str, int]:
    """How far the workers are: documents by state and tiplines by stage, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select
              (select count(*) from tiplines_document where dispatch_id = %(id)s),
              (select count(*) from tiplines_document where dispatch_id = %(id)s
                 and state = 'waiting'),
              (select count(*) from tiplines_document where dispatch_id = %(id)s
                 and state = 'listed'),
              (select count(*) from tiplines_quarantineitem where dispatch_id = %(id)s
                 and settled_at is null),
              count(*), count(assessed_at), count(located_at), count(linked_at)
            from tiplines_tipline where dispatch_id = %(id)s
            """,
            {"id": dispatch_id},
        )
        names = (
            *("documents", "waiting", "listed", "quarantined"),
            *("stored", "assessed", "located", "linked"),
        )
        return dict(zip(names, cursor.fetchone(), strict=True))


def rates_of(dispatch_id: int, *, at: datetime) -> dict[str, int]:
    """How many went through each stage in the minute before `at`, by the second, rounded up."""
    since = at - RATE_OVER
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select
              (select count(*) from tiplines_document where dispatch_id = %(id)s
                 and read_at > %(since)s),
              count(*) filter (where assessed_at > %(since)s),
              count(*) filter (where located_at > %(since)s),
              count(*) filter (where linked_at > %(since)s)
            from tiplines_tipline where dispatch_id = %(id)s
            """,
            {"id": dispatch_id, "since": since},
        )
        seconds = int(RATE_OVER.total_seconds())
        names = ("read", "assessed", "located", "linked")
        return dict(zip(names, (-(-each // seconds) for each in cursor.fetchone()), strict=True))


def numbers_as_csv(numbers: Iterator[str]) -> Iterator[str]:
    """One number a line under a heading."""
    yield "Report\r\n"
    for number in numbers:
        yield '"' + as_cell(number).replace('"', '""') + '"\r\n'


def as_cell(text: str) -> str:
    """The text with a quote before it if a spreadsheet could take it for a formula: those run what
    begins with one of the signs, some also after blanks, after what no eye sees, or in full width.
    """
    seen = unicodedata.normalize("NFKC", UNSEEN.sub("", text)[:1])
    return f"'{text}" if FORMULA_SIGNS & {text[:1], seen} else text


def account_of(dispatch_id: int) -> Account:
    return reconcile([dispatch_id])[0]


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
