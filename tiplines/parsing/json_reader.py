"""Police-side JSON, as IDS and the case management tool hand it out.

No schema is public and "no consistency" is promised: any container may be null, missing, a list
where one value is usual, or one value where a list is. `source` is the object itself, with Aadhaar
numbers in prose masked and characters that no database text can hold replaced by U+FFFD.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, count, islice, repeat
from typing import Any

from tiplines.parsing import moments
from tiplines.parsing.bundling import number_in_name
from tiplines.parsing.json_parts import read_file, read_incidents, read_person
from tiplines.parsing.json_shapes import REPORT, cleaned
from tiplines.parsing.json_values import items, name_of, object_of, prose, prose_of, text_of
from tiplines.parsing.limits import (
    JSON_REPORTS_AT_MOST,
    JSON_VALUES_AT_MOST,
    UnreadableReport,
    check_size,
)
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.records import (
    Found,
    Party,
    PartyRole,
    Refusal,
    SourceDocument,
    TipReport,
)

FORMAT = "json"
PEOPLE = (
    ("reportedPeople", "reportedPersons", PartyRole.SUSPECT),
    ("intendedRecipients", "intendedRecipients", PartyRole.RECIPIENT),
    ("victims", "victims", PartyRole.VICTIM),  # by the pattern of the others
)
NUMBER_DIGITS_AT_MOST = 20
# JSON begins with a bracket, so that UTF-16 shows itself without a mark too.
BARE_UTF16 = {b"{\0": "utf-16-le", b"[\0": "utf-16-le", b"\0{": "utf-16-be", b"\0[": "utf-16-be"}


# --- documents ----------------------------------------------------------------------------------

_PRIOR = re.compile(
    r"^prior (?:ct|cybertip(?:line)?) reports?:[ \t]*(\d{6,12}(?:[,; \t]+\d{6,12})*)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


def read_json_document(document: SourceDocument) -> tuple[list[Found], list[Refusal]]:
    """Return every report of a document: one object, a list of them, or one a line.

    Raises UnreadableReport when the document as a whole is not JSON; one bad line or entry is
    refused by itself.
    """
    check_size(document.data)
    text = _decoded(document.data)
    found: list[Found] = []
    refused: list[Refusal] = []
    for place, entry in _entries(text):
        try:
            value = _parsed(entry) if isinstance(entry, _Line) else entry
            report = read_object(value, name=document.name)
        except UnreadableReport as error:
            where = "/".join(filter(None, (place, error.place)))
            refused.append(
                Refusal(
                    document=document.name, reason=error.reason, place=where, number=error.number
                )
            )
        else:
            found.append(Found(report=report, documents=(document.name,)))
        if len(found) + len(refused) > JSON_REPORTS_AT_MOST:
            raise UnreadableReport(f"more than {JSON_REPORTS_AT_MOST} reports")
    if not found and not refused:
        raise UnreadableReport("the list of reports is empty")
    return found, refused


class _Line(str):
    """The text of one object, still to be parsed; any other text is a value already."""

    __slots__ = ()


def _entries(text: str) -> Iterable[tuple[str, Any]]:
    """Yield (place, _Line) for objects by line, else (place, value)."""
    first, second = (line for _, line in islice(chain(_lines(text), repeat((0, _Line()))), 2))
    is_object = first.startswith("{") and first.endswith("}")
    if is_object and second and (second.startswith("{") or _is_object(first)):
        yield from ((f"line {n}", line) for n, line in _lines(text))
        return
    value = _parsed(text)
    name = _wrapping(value)
    reports = value[name] if name else value
    if isinstance(reports, list):
        yield from ((f"{name}[{n}]", entry) for n, entry in enumerate(reports, 1))
    else:
        yield "", value


def _wrapping(value: Any) -> str:
    """Return the name under which an object that is no report holds a list of them; "" if none."""
    if not isinstance(value, dict) or _is_report(value):
        return ""
    lists = (name for name, each in value.items() if isinstance(each, list) and each)
    return next((name for name in lists if any(map(_is_report, value[name]))), "")


def _is_report(value: Any) -> bool:
    return isinstance(value, dict) and ("reportId" in value or "reportedInformation" in value)


def _lines(text: str) -> Iterator[tuple[int, _Line]]:
    """Yield every line that is not empty; one after another, for a large text has many."""
    at = 0
    for n in count(1):
        end = text.find("\n", at)
        if line := text[at : end if end >= 0 else None].strip():
            yield n, _Line(line)
        if end < 0:
            return
        at = end + 1


def _decoded(data: bytes) -> str:
    is_marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if is_marked else BARE_UTF16.get(data[:2], "utf-8-sig")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as broken:
        raise UnreadableReport(f"not {encoding} text at byte {broken.start}") from broken


def _is_object(text: str) -> bool:
    try:
        return isinstance(_parsed(text), dict)
    except UnreadableReport:
        return False


def _parsed(text: str) -> Any:
    # Small values take far more memory than their text.
    if text.count(",") + text.count("[") + text.count("{") > JSON_VALUES_AT_MOST:
        raise UnreadableReport(f"more than {JSON_VALUES_AT_MOST} values")
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_such_number,
            parse_float=_finite,
        )
    except RecursionError as deep:
        raise UnreadableReport("nested too deep to be read") from deep
    except json.JSONDecodeError as broken:
        place = f"line {broken.lineno}, column {broken.colno}"
        raise UnreadableReport(f"not JSON: {broken.msg}", place=place) from broken
    except ValueError as broken:  # a number of thousands of digits
        raise UnreadableReport(f"not JSON: {broken}") from broken


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, times in Counter(n for n, _ in pairs).items() if times > 1)
        raise UnreadableReport("the same name stands twice in one object", place=twice[:100])
    return found


def _no_such_number(text: str) -> Any:
    raise UnreadableReport(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise UnreadableReport(f"the number {text[:30]} is too large")
    return value


# --- one report ---------------------------------------------------------------------------------


def read_object(value: Any, *, name: str) -> TipReport:
    """Return the report of one JSON object; `name`, the document's, is asked only without an id.

    Raises UnreadableReport if it is no report.
    """
    if not isinstance(value, dict):
        raise UnreadableReport("an object was expected here")
    if "reportId" not in value and "reportedInformation" not in value:
        raise UnreadableReport("neither reportId nor reportedInformation: not a report")
    unread: set[str] = set()
    source = cleaned(value, REPORT, "", unread, depth=0)
    number = _number(source.get("reportId")) or number_in_name(name)
    told = object_of(source.get("reportedInformation"))
    summary = object_of(told.get("incidentSummary"))
    reporter = object_of(told.get("reportingEsp"))
    reporter_name = name_of(reporter)
    provider = text_of(reporter.get("espName")) or reporter_name
    moment = text_of(summary.get("incidentDateTime"))
    received = text_of(source.get("dateReceived"))
    base = "reportedInformation"

    parties = [
        read_person(node, place=f"{base}/{outer}/{inner}[{n}]", role=role, provider=provider)
        for outer, inner, role in PEOPLE
        for n, node in enumerate(items(told.get(outer), inner), 1)
    ]
    if reporter:
        parties.append(
            Party(role=PartyRole.REPORTER, place=f"{base}/reportingEsp", name=reporter_name)
        )
    mentions, places, tales, pieces = read_incidents(
        object_of(told.get("incidentDetails")), provider
    )
    tales += prose(told.get("additionalInformations"))
    pieces += prose_of(summary, ("incidentDateTimeDescription",), f"{base}/incidentSummary")
    pieces += prose_of(told, ("additionalInformations",), base)
    reported = [*mentions, *(each for party in parties for each in party.mentions)]
    return TipReport(
        number=number,
        format=FORMAT,
        provider=provider,
        platform=text_of(summary.get("platform")),
        incident_type=text_of(summary.get("incidentType")),
        incident_moment=moments.moment(moment) if moment else None,
        incident_moment_note=text_of(summary.get("incidentDateTimeDescription")),
        received_moment=moments.moment(received) if received else None,
        parties=tuple(parties),
        files=tuple(
            read_file(node, place=f"{base}/uploadedFiles/uploadedFiles[{n}]")
            for n, node in enumerate(items(told.get("uploadedFiles"), "uploadedFiles"), 1)
        ),
        mentions=(*mentions, *mine_beside(pieces, reported=reported, provider=provider)),
        addresses=tuple(places),
        prior_reports=_prior_reports(party.text for party in parties),
        narrative="\n\n".join(tales),
        source=source,
        unread=tuple(sorted(unread)),
    )


def _prior_reports(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the earlier report ids that stand under their label in the prose about a party: the
    format has no field for them.
    """
    lists = (match[1] for text in texts for match in _PRIOR.finditer(text))
    return tuple(dict.fromkeys(number for each in lists for number in re.findall(r"\d+", each)))


def _number(value: Any) -> str | None:
    text = "" if isinstance(value, bool) else text_of(value)
    if text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_AT_MOST:
        return text.lstrip("0") or None
    return None
