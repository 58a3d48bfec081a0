"""Which fields the reports of a batch had, and which of them no reader knows: for the receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from tiplines.models import FieldCount
from tiplines.parsing.records import TipReport
from tiplines.services.cleaning import clean

PATHS_AT_MOST = 2000  # of one row; a hostile file could name a new one in every report
PATH_CHARACTERS = 200
BEYOND = "…"
"""Stands for every path above that number."""
NO_FIELDS = frozenset({"number", "format", "source", "unread", "confidence", "missing"})
FACTS = tuple(field.name for field in fields(TipReport) if field.name not in NO_FIELDS)


def count_fields(reports: Iterable[tuple[int, TipReport]]) -> list[FieldCount]:
    """One unsaved row for each dispatch and format of the reports, given with their dispatch."""
    totals: Counter[tuple[int, str]] = Counter()
    had: dict[tuple[int, str], Counter[str]] = {}
    unread: dict[tuple[int, str], Counter[str]] = {}
    for dispatch_id, report in reports:
        key = (dispatch_id, report.format)
        totals[key] += 1
        found = fields_of(report)
        had.setdefault(key, Counter()).update(found)
        if report.unread:
            unread.setdefault(key, Counter()).update(unread_of(report, found))
    return [
        FieldCount(
            dispatch_id=key[0],
            format=key[1],
            reports=reports,
            counts=shortened(had[key], unread.get(key, Counter())),
        )
        for key, reports in totals.items()
    ]


def fields_of(report: TipReport) -> set[str]:
    """The paths that the report fills, without indexes: of its source, or of what was read out of a
    source that has no fields of its own.
    """
    if "pages" in report.source:
        return {name for name in FACTS if getattr(report, name) not in ("", None, ())}
    found: set[str] = set()
    columns = report.source.get("columns")
    fill(report.source if columns is None else {"columns": columns}, "", found)
    return found


def fill(node: Mapping[str, Any], path: str, found: set[str]) -> None:
    for key, value in node.items():
        here = path + key
        kind = type(value)
        if kind is dict:
            fill(value, here + "/", found)
        elif kind is list:
            fill_each(value, here, found)
        elif value != "" and value is not None:
            found.add(here)


def fill_each(values: list[Any], path: str, found: set[str]) -> None:
    for value in values:
        if type(value) is dict:
            fill(value, path + "/", found)
        elif type(value) is list:
            fill_each(value, path, found)
        elif value != "" and value is not None:
            found.add(path)


def unread_of(report: TipReport, found: set[str]) -> list[str]:
    """Of the paths found, those that no field of ours took: named as unread, or text or attribute
    of an element so named.
    """
    named = set(report.unread)
    if "columns" in report.source:  # a list names its columns alone
        named = {f"columns/{name}" for name in named}
    return [path for path in found if path in named or path.rpartition("/")[0] in named]


def shortened(had: Counter[str], unread: Counter[str]) -> dict[str, list[int]]:
    """Path to [reports that have it, reports where it was kept unread], fit for the database."""
    counts: dict[str, list[int]] = {}
    for path, times in had.items():
        name = clean(path, PATH_CHARACTERS)
        if name not in counts and len(counts) >= PATHS_AT_MOST:
            name = BEYOND
        held = counts.setdefault(name, [0, 0])
        held[0] += times
        held[1] += unread[path]
    return counts
