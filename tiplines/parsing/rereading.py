"""A kept source back to the report it said, so that documents can be joined at any later time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tiplines.parsing.json_reader import read_object
from tiplines.parsing.list_rows import reread_row
from tiplines.parsing.pdf_reader import report_from_source
from tiplines.parsing.records import TipReport
from tiplines.parsing.xml_reader import Gathered, read_report


def reread(format: str, source: dict[str, Any]) -> TipReport:
    """Return what a reader returned with this `TipReport.source`, but for the report's number."""
    return REREADERS[format](source)


def _xml(source: dict[str, Any]) -> TipReport:
    return read_report(
        Gathered(
            report=source.get("report"),
            files=source.get("fileDetails", []),
            responses=source.get("reportResponse", []),
            done=source.get("reportDoneResponse", []),
            around=source.get("around", []),
        )
    )


def _json(source: dict[str, Any]) -> TipReport:
    return read_object(source, name="")


REREADERS: dict[str, Callable[[dict[str, Any]], TipReport]] = {
    "xml": _xml,
    "json": _json,
    "list": reread_row,
    "pdf": report_from_source,
}
