"""Reports become tiplines: new, already held, or a new version. Set-based: a batch costs a constant
number of statements, and of two workers with one report the second sees what the first has stored.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from tiplines.models import (
    Address,
    FieldCount,
    FileRecord,
    Party,
    Receipt,
    Sighting,
    Tipline,
)
from tiplines.models.dispatch import Outcome
from tiplines.models.sealable import about_tipline
from tiplines.models.tipline import ENDED, Status
from tiplines.sealing import seal, seal_json
from tiplines.services.arriving import Arrival
from tiplines.services.changing import Change, changes_of, worth_a_version
from tiplines.services.copying import copy_rows
from tiplines.services.correcting import reapply
from tiplines.services.counting import count_fields
from tiplines.services.deciding import put_back
from tiplines.services.facts import facts
from tiplines.services.rows import Content, IdentifierKeys, store_children

ALL_NUMBERS = 7_301_002  # advisory lock: shared by those who lock numbers one by one
LOCKED_AT_MOST = 1000  # numbers one by one; the server's table takes 64 for each connection
CAME_AGAIN = {  # for the queue, in English as every reason there
    Status.TRANSFERRED: "New content arrived after it was transferred to another State.",
    Status.CLOSED: "New content arrived after it was closed.",
    Status.SENT_BACK: "The sender sent it again with other content.",
}
VERSION = (
    *("tipline_id", "number", "format", "sealed_source", "is_whole", "unread", "sha256"),
    *("dispatch_id", "document_id", "received_at", "sealed_difference", "confidence"),
    *("missing", "filled"),
)


def store(arrivals: Sequence[Arrival], *, at: datetime) -> None:
    """Store a batch inside the caller's transaction, and a receipt for each report in it."""
    if not arrivals:
        return
    by_number: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_number[arrival.number].append(arrival)
    lock_numbers(by_number)
    held = {
        tipline.number: tipline
        for tipline in Tipline.objects.select_for_update()
        .filter(number__in=list(by_number))
        .order_by("pk")
    }
    news = worth_a_version(by_number, held)
    changes = changes_of(news, held, at=at)
    write(changes, at=at)
    tiplines = held | {change.tipline.number: change.tipline for change in changes}
    told = receipts_held(arrivals)
    counted = [each for each in arrivals if not (each.is_read_again and place_of(each) in told)]
    give_receipts(arrivals, Counter(map(place_of, counted)), tiplines, outcomes_of(changes))
    FieldCount.objects.bulk_create(
        count_fields((each.dispatch_id, each.report) for each in counted)
    )


def lock_numbers(numbers: Collection[str]) -> None:
    """Hold these report numbers until the transaction ends; taken in order, so nobody deadlocks.

    Each is a lock in a table of the server's that all sessions share. A batch with too many for it,
    the rows of a long list, holds all numbers there are instead.
    """
    with connection.cursor() as cursor:
        if len(numbers) > LOCKED_AT_MOST:
            cursor.execute("select pg_advisory_xact_lock(%s)", [ALL_NUMBERS])
            return
        cursor.execute("select pg_advisory_xact_lock_shared(%s)", [ALL_NUMBERS])
        cursor.execute(
            "select pg_advisory_xact_lock(key) from (select distinct hashtextextended(n, 0) as key"
            " from unnest(%s) as n order by 1) as keys",
            [list(numbers)],
        )


# Writing


def write(changes: Sequence[Change], *, at: datetime) -> None:
    if not changes:
        return
    hanging = [change for change in changes if change.has_new_rows]
    contents = [
        Content(tipline=change.tipline.pk, report=change.report, guard=change.guard)
        for change in hanging
    ]
    identifiers = IdentifierKeys(contents)
    for change in changes:
        bring_up(change, at=at)
    add_tiplines([change.tipline for change in changes if change.is_new])
    renewed = [change for change in changes if not change.is_new]
    if renewed:
        clear([change.tipline.pk for change in renewed if change.has_new_rows])
        filled = facts(renewed[0].report, renewed[0].guard)
        Tipline.objects.bulk_update([change.tipline for change in renewed], [*filled, *RENEWED])
    copy_rows(
        "tiplines_version",
        VERSION,
        (row for change in changes for row in version_rows(change, at=at)),
    )
    store_children(contents, identifiers)
    if renewed:
        tell_filled(renewed)
        reapply([change.tipline.pk for change in renewed])
        reopen([change.tipline for change in renewed], at=at)


def bring_up(change: Change, *, at: datetime) -> None:
    """The columns of the tipline, before it is written."""
    tipline = change.tipline
    if not change.is_new:
        tipline.news_at = at
    for name, value in facts(change.report, change.guard).items():
        setattr(tipline, name, value)
    tipline.version += len(change.news)
    tipline.is_stub = change.report.format == "list"
    tipline.content_sha256 = change.news[-1].sha256
    tipline.assessed_at = tipline.located_at = tipline.linked_at = None


COLUMNS = [
    (str(each.column), each.attname, isinstance(each, models.JSONField))
    for each in Tipline._meta.concrete_fields
]
RENEWED = (
    *("version", "is_stub", "content_sha256", "news_at"),
    *("assessed_at", "located_at", "linked_at"),
)
"""Columns that a new version changes, beside those that `facts` fills."""


def add_tiplines(tiplines: Sequence[Tipline]) -> None:
    copy_rows(
        "tiplines_tipline",
        [column for column, _, _ in COLUMNS],
        (
            [
                json.dumps(getattr(tipline, name)) if is_json else getattr(tipline, name)
                for _, name, is_json in COLUMNS
            ]
            for tipline in tiplines
        ),
    )


def clear(tipline_ids: Sequence[int]) -> None:
    """Take away what hangs on held tiplines: it is written anew from all their documents."""
    for child in (Sighting, Address, FileRecord, Party):
        child.objects.filter(tipline__in=tipline_ids).delete()


def version_rows(change: Change, *, at: datetime) -> Iterable[tuple[Any, ...]]:
    about = about_tipline(change.tipline.pk)
    for number, (arrival, changed) in enumerate(
        zip(change.news, change.differences, strict=True), change.first_version
    ):
        yield (
            change.tipline.pk,
            number,
            arrival.report.format,
            seal(arrival.source.encode(), about=about),
            arrival.is_whole,
            [path[:500] for path in arrival.report.unread],
            arrival.sha256,
            arrival.dispatch_id,
            arrival.document_id,
            at,
            seal_json(changed, about=about) if changed else None,
            arrival.report.confidence,
            [name[:60] for name in arrival.report.missing],
            change.filled.get(number, []),
        )


def tell_filled(renewed: Sequence[Change]) -> None:
    """Earlier versions may give other fields now that a better document is there."""
    rows = [
        (change.tipline.pk, number, names)
        for change in renewed
        for number, names in change.filled.items()
        if number < change.first_version
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update tiplines_version v"
            " set filled = array(select jsonb_array_elements_text(n.names))"
            " from unnest(%s::bigint[], %s::int[], %s::jsonb[]) as n(tipline_id, number, names)"
            " where v.tipline_id = n.tipline_id and v.number = n.number",
            [
                [tipline_id for tipline_id, _, _ in rows],
                [number for _, number, _ in rows],
                [json.dumps(names) for _, _, names in rows],
            ],
        )


def reopen(renewed: Sequence[Tipline], *, at: datetime) -> None:
    """Put what had ended back into the queue: it ended on less than is known now."""
    for status in ENDED:
        ids = {tipline.pk for tipline in renewed if tipline.status == status}
        if ids:
            put_back(
                ids,
                came_back=CAME_AGAIN[Status(status)],
                verb="tipline.reopened",
                by=None,
                at=at,
            )


# Receipts


def place_of(arrival: Arrival) -> tuple[int, str]:
    return arrival.dispatch_id, arrival.number


def receipts_held(arrivals: Sequence[Arrival]) -> set[tuple[int, str]]:
    """Of the arrivals that are read again, dispatch and number of those with a receipt already."""
    again = {place_of(each) for each in arrivals if each.is_read_again}
    if not again:
        return set()
    held = Receipt.objects.filter(
        dispatch__in={dispatch_id for dispatch_id, _ in again},
        number__in={number for _, number in again},
    )
    return again & set(held.values_list("dispatch_id", "number"))


def give_receipts(
    arrivals: Sequence[Arrival],
    copies: Mapping[tuple[int, str], int],
    tiplines: dict[str, Tipline],
    outcomes: dict[tuple[int, str], Outcome],
) -> None:
    """One receipt for each report and dispatch; a report named again there is counted on it.

    A report that the dispatch first repeats and then adds to has a new version.
    """
    told: dict[tuple[int, str], list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        told[place_of(arrival)].append(arrival)
    keys = sorted(told)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tiplines_receipt as r (dispatch_id, number, tipline_id, document_id,"
            " outcome, copies, is_listed, is_reported)"
            " select * from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[],"
            " %s::text[], %s::int[], %s::bool[], %s::bool[])"
            " on conflict (dispatch_id, number) do update set"
            " copies = r.copies + excluded.copies,"
            " is_listed = r.is_listed or excluded.is_listed,"
            " is_reported = r.is_reported or excluded.is_reported,"
            " outcome = case when r.outcome = 'already-held' then excluded.outcome"
            " else r.outcome end",
            [
                [dispatch_id for dispatch_id, _ in keys],
                [number for _, number in keys],
                [tiplines[number].pk for _, number in keys],
                [told[key][0].document_id for key in keys],
                [outcomes.get(key, Outcome.ALREADY_HELD).value for key in keys],
                [copies.get(key, 0) for key in keys],
                [any(each.is_stub for each in told[key]) for key in keys],
                [any(not each.is_stub for each in told[key]) for key in keys],
            ],
        )


def outcomes_of(changes: Sequence[Change]) -> dict[tuple[int, str], Outcome]:
    """What became of the numbers that changed, by dispatch: only one of them stored it first."""
    outcomes: dict[tuple[int, str], Outcome] = {}
    for change in changes:
        number = change.tipline.number
        for arrival in change.news:
            outcomes[arrival.dispatch_id, number] = Outcome.NEW_VERSION
        if change.is_new:
            outcomes[change.tipline.dispatch_id, number] = Outcome.STORED
    return outcomes
