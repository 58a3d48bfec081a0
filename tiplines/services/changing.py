"""What arrivals change: which of them say something new, and what their tiplines say then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tiplines.covering import Guard, guard_of
from tiplines.merging import merge
from tiplines.models import Sighting, Tipline, Version
from tiplines.models.tipline import Status
from tiplines.parsing.records import TipReport
from tiplines.parsing.rereading import reread
from tiplines.services.arriving import Arrival
from tiplines.services.comparing import difference
from tiplines.services.copying import next_keys
from tiplines.services.facts import mentions, offence_at, value_of
from tiplines.services.rows import digest

HANGING = ("parties", "files", "mentions", "addresses")


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
    guard: Guard
    """Who is protected in it."""
    filled: dict[int, list[str]]
    """Version to the fields it gave, where several documents speak of the report."""
    differences: list[list[list[Any]]]
    """For each of `news`."""
    has_new_rows: bool
    """Whether what hangs on the tipline is other than before."""


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
        is_listed = any(each.is_stub for each in arrivals)
        for arrival in arrivals:
            is_news = arrival.sha256 not in shas and (
                not arrival.is_stub or not whole or adds(arrival.report, whole[0], beside)
            )
            if is_news:
                shas.add(arrival.sha256)
                news.setdefault(number, []).append(arrival)
            if not arrival.is_stub:
                whole = whole or [arrival.report]
            if is_listed and not arrival.is_stub:
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
    return {value_of(each) for each in mentions(report)}


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
        present[slot(version)] = version.number, version
    held = len(present)
    for number, arrival in enumerate(news, first_version):
        place = slot_of(arrival.report.format, number, is_whole=arrival.is_whole)
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
    guard = guard_in(merged.report, tipline)
    return Change(
        tipline=tipline,
        is_new=tipline.version == 0,
        news=news,
        first_version=first_version,
        report=merged.report,
        guard=guard,
        filled=filled,
        differences=differences,
        has_new_rows=not kept
        or len(kept) < held
        or hangs_otherwise(kept, merged.report)
        # Another time of the incident may make a child of somebody.
        or guard_in(merge(kept).report, tipline) != guard,
    )


def guard_in(report: TipReport, tipline: Tipline) -> Guard:
    """Who is protected in a report of this tipline."""
    return guard_of(report, at=offence_at(report, at=tipline.received_at))


def hangs_otherwise(before: Sequence[TipReport], now: TipReport) -> bool:
    """Whether parties, files, identifiers or addresses changed: a list often adds only a field of
    the tipline's own.
    """
    was = merge(before).report
    return any(getattr(was, name) != getattr(now, name) for name in HANGING)


def slot(version: Version) -> str:
    return slot_of(version.format, version.number, is_whole=version.is_whole)


def slot_of(format: str, number: int, *, is_whole: bool) -> str:
    """Documents of one slot replace each other; an addition has one of its own."""
    return format if is_whole else f"{format} {number}"


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


def report_of(tipline: Tipline) -> TipReport | None:
    """What the documents of a held tipline say together; None where none is kept."""
    held = {slot(version): version for version in versions_of([tipline.pk])[tipline.pk]}
    return merge([content(version) for version in held.values()]).report if held else None
