"""Reports become tiplines: new, already held, or a new version. Set-based: a batch costs a constant
number of statements, and of two workers with one report the second sees what the first has stored.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models

from tiplines.merging import merge
from tiplines.models import (
    Address,
    FieldCount,
    FileRecord,
    Party,
    Receipt,
    Sighting,
    Tipline,
    Version,
)
from tiplines.models.dispatch import Outcome
from tiplines.models.tipline import ENDED, Status
from tiplines.parsing.records import TipReport
from tiplines.parsing.rereading import reread
from tiplines.services.cleaning import clean, clean_tree
from tiplines.services.comparing import difference
from tiplines.services.copying import copy_rows, next_keys
from tiplines.services.correcting import reapply
from tiplines.services.counting import count_fields
from tiplines.services.deciding import put_back
from tiplines.services.rows import IdentifierKeys, digest, facts, mentions, store_children

ALL_NUMBERS = 7_301_002  # advisory lock: shared by those who lock numbers one by one
LOCKED_AT_MOST = 1000  # numbers one by one; the server's table takes 64 for each connection
CAME_AGAIN = {  # for the queue, in English as every reason there
    Status.TRANSFERRED: "New content arrived after it was transferred to another State.",
    Status.CLOSED: "New content arrived after it was closed.",
    Status.SENT_BACK: "The sender sent it again with other content.",
}
HANGING = ("parties", "files", "mentions", "addresses")
VERSION = (
    *("tipline_id", "number", "format", "source", "unread", "sha256", "dispatch_id"),
    *("document_id", "received_at", "difference", "confidence", "missing", "filled"),
)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A report as a document of a dispatch brought it."""

    report: TipReport
    document_id: int
    dispatch_id: int
    is_read_again: bool = False
    """Whether the document was read before, to its end, and an officer has it read again."""
    source: str = field(init=False)
    """What the document said, as canonical JSON."""
    sha256: str = field(init=False)
    number: str = field(init=False)

    def __post_init__(self) -> None:
        source = canonical(self.report.source)
        digest = hashlib.sha256(source.encode()).hexdigest()
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "sha256", digest)
        object.__setattr__(self, "number", clean(self.report.number or f"U-{digest[:12]}", 40))

    @property
    def is_stub(self) -> bool:
        return self.report.format == "list"

    @property
    def is_addition(self) -> bool:
        """Files of a report that came apart from it: they add to what is held."""
        return self.report.format == "xml" and "report" not in self.report.source


def canonical(source: dict[str, Any]) -> str:
    """JSON that the database can hold, the same for the same content."""
    text = json.dumps(source, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text or not is_storable(text):
        return canonical(clean_tree(source))
    return text


def is_storable(text: str) -> bool:
    """Whether it has a UTF-8 form: a lone surrogate has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(kw_only=True)
class Change:
    """What a batch does to the tipline of one number."""

    tipline: Tipline
    is_new: bool
    news: list[Arrival]
    """The arrivals that become versions, in order."""
    first_version: int
    """The number of the first of them."""
    report: TipReport
    """The content afterwards, all documents together."""
    filled: dict[int, list[str]]
    """Version to the fields it gave, where several documents speak of the report."""
    differences: list[list[list[Any]]]
    """For each of `news`."""
    has_new_rows: bool
    """Whether what hangs on the tipline is other than before."""


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


# What is news


def worth_a_version(
    by_number: dict[str, list[Arrival]], held: dict[str, Tipline]
) -> dict[str, list[Arrival]]:
    """The arrivals of each number that say what no version says; numbers without any are left out.

    A row of a covering list beside a report is worth one only if it names what the report does not.
    """
    keys = [tipline.pk for tipline in held.values()]
    known: dict[int, set[str]] = defaultdict(set)
    for tipline_id, sha256 in Version.objects.filter(tipline__in=keys).values_list(
        "tipline_id", "sha256"
    ):
        known[tipline_id].add(sha256)
    listed = [
        held[number].pk
        for number, arrivals in by_number.items()
        if number in held and any(each.is_stub for each in arrivals)
    ]
    values = values_held(listed)
    news: dict[str, list[Arrival]] = {}
    for number, arrivals in by_number.items():
        tipline = held.get(number)
        shas = known[tipline.pk] if tipline else set()
        whole: list[Tipline | TipReport] = [tipline] if tipline and not tipline.is_stub else []
        beside = values.get(tipline.pk, set()) if tipline else set()
        for arrival in arrivals:
            is_news = arrival.sha256 not in shas and (
                not arrival.is_stub or not whole or adds(arrival.report, whole[0], beside)
            )
            if is_news:
                shas.add(arrival.sha256)
                news.setdefault(number, []).append(arrival)
            if not arrival.is_stub:
                whole = whole or [arrival.report]
                beside |= {digest(*value) for value in values_of(arrival.report)}
    return news


def values_held(tipline_ids: Sequence[int]) -> dict[int, set[bytes]]:
    """The digests of every identifier in each tipline."""
    values: dict[int, set[bytes]] = defaultdict(set)
    for tipline_id, key in Sighting.objects.filter(tipline__in=tipline_ids).values_list(
        "tipline_id", "identifier__digest"
    ):
        values[tipline_id].add(bytes(key))
    return values


def values_of(report: TipReport) -> set[tuple[str, str]]:
    return {(each.kind.value, each.value) for each in mentions(report)}


def adds(row: TipReport, whole: Tipline | TipReport, values: set[bytes]) -> bool:
    """Whether a list's row names an identifier, or fills a field, that the report lacks."""
    fills = any(
        getattr(row, name) and not getattr(whole, name)
        for name in ("provider", "incident_type", "ncmec_priority")
    )
    return fills or any(digest(*value) not in values for value in values_of(row))


# What changes


def changes_of(
    news: dict[str, list[Arrival]], held: dict[str, Tipline], *, at: datetime
) -> list[Change]:
    before = versions_of([held[number].pk for number in news if number in held])
    keys = iter(next_keys("tiplines_tipline", sum(1 for number in news if number not in held)))
    changes = []
    for number, arrivals in news.items():
        tipline = held.get(number)
        if tipline is None:
            first = arrivals[0]
            tipline = Tipline(
                pk=next(keys),
                number=number,
                version=0,
                dispatch_id=first.dispatch_id,
                received_at=at,
                status_at=at,
                status=Status.AWAITING.value,
            )
        changes.append(change_of(tipline, before[tipline.pk], arrivals))
    return changes


def versions_of(tipline_ids: Sequence[int]) -> dict[int, list[Version]]:
    versions: dict[int, list[Version]] = defaultdict(list)
    for version in Version.objects.filter(tipline__in=tipline_ids).order_by("tipline_id", "number"):
        versions[version.tipline_id].append(version)
    return versions


def change_of(tipline: Tipline, before: Sequence[Version], news: list[Arrival]) -> Change:
    """The content of all documents of a tipline, of each format the newest."""
    first_version = tipline.version + 1
    present: dict[str, tuple[int, Version | Arrival]] = {}
    """What counts now: by format, additions each by themselves."""
    differences: list[list[list[Any]]] = []
    for version in before:
        present[slot(version.format, version.source, version.number)] = version.number, version
    held = len(present)
    for number, arrival in enumerate(news, first_version):
        place = slot(arrival.report.format, arrival.report.source, number)
        differences.append(differs(present.get(place), arrival))
        present[place] = number, arrival
    numbers, documents = zip(*present.values(), strict=True)
    contents = [content(each) for each in documents]
    merged = merge(contents)
    kept = [
        each
        for each, document in zip(contents, documents, strict=True)
        if isinstance(document, Version)
    ]
    filled = dict(zip(numbers, map(list, merged.given), strict=True)) if len(documents) > 1 else {}
    return Change(
        tipline=tipline,
        is_new=tipline.version == 0,
        news=news,
        first_version=first_version,
        report=merged.report,
        filled=filled,
        differences=differences,
        has_new_rows=not kept or len(kept) < held or hangs_otherwise(kept, merged.report),
    )


def hangs_otherwise(before: Sequence[TipReport], now: TipReport) -> bool:
    """Whether parties, files, identifiers or addresses changed: a list often adds only a field of
    the tipline's own.
    """
    was = merge(before).report
    return any(getattr(was, name) != getattr(now, name) for name in HANGING)


def slot(format: str, source: dict[str, Any], number: int) -> str:
    """Documents of one slot replace each other; an addition has one of its own."""
    is_addition = format == "xml" and "report" not in source
    return f"{format} {number}" if is_addition else format


def differs(earlier: tuple[int, Version | Arrival] | None, arrival: Arrival) -> list[list[Any]]:
    if earlier is None:
        return []
    _, document = earlier
    source = document.source if isinstance(document, Version) else document.report.source
    return difference(source, arrival.report.source)


def content(document: Version | Arrival) -> TipReport:
    if isinstance(document, Arrival):
        return document.report
    return reread(document.format, document.source)


# Writing


def write(changes: Sequence[Change], *, at: datetime) -> None:
    if not changes:
        return
    hanging = [change for change in changes if change.has_new_rows]
    identifiers = IdentifierKeys(change.report for change in hanging)
    for change in changes:
        bring_up(change)
    add_tiplines([change.tipline for change in changes if change.is_new])
    renewed = [change for change in changes if not change.is_new]
    if renewed:
        clear([change.tipline.pk for change in renewed if change.has_new_rows])
        Tipline.objects.bulk_update([change.tipline for change in renewed], RENEWED)
    copy_rows(
        "tiplines_version",
        VERSION,
        (row for change in changes for row in version_rows(change, at=at)),
    )
    store_children([(change.tipline.pk, change.report) for change in hanging], identifiers)
    if renewed:
        tell_filled(renewed)
        reapply([change.tipline.pk for change in renewed])
        reopen([change.tipline for change in renewed], at=at)


def bring_up(change: Change) -> None:
    """The columns of the tipline, before it is written."""
    tipline = change.tipline
    for name, value in facts(change.report, at=tipline.received_at).items():
        setattr(tipline, name, value)
    tipline.version += len(change.news)
    tipline.is_stub = change.report.format == "list"
    tipline.content_sha256 = change.news[-1].sha256
    tipline.assessed_at = tipline.located_at = tipline.linked_at = None


COLUMNS = [
    (str(each.column), each.attname, isinstance(each, models.JSONField))
    for each in Tipline._meta.concrete_fields
]
RENEWED = [
    *("provider", "provider_key", "platform", "incident_type", "incident_at", "incident_original"),
    *("zone_missing", "ncmec_received_at", "ncmec_priority", "escalation", "annotations"),
    *("batched_reason", "police_reference", "prior_reports", "narrative", "suspect_line"),
    *("file_count", "worst_class", "preserved_until", "version", "is_stub", "content_sha256"),
    *("assessed_at", "located_at", "linked_at"),
]


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
    for number, (arrival, changed) in enumerate(
        zip(change.news, change.differences, strict=True), change.first_version
    ):
        yield (
            change.tipline.pk,
            number,
            arrival.report.format,
            arrival.source,
            [path[:500] for path in arrival.report.unread],
            arrival.sha256,
            arrival.dispatch_id,
            arrival.document_id,
            at,
            json.dumps(clean_tree(changed), ensure_ascii=False) if changed else "[]",
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
