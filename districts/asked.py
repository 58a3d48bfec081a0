"""A table of addresses to locate, and the table of answers."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .answering import Answered
from .evidence import Evidence
from .rules import EvidenceKind
from .wording import reason_words, state_words

NEEDED = ("id", "address")
ALSO = ("pin", "lat", "lon")
ANSWERED = (
    *("id", "outcome", "district_code", "station_code", "confidence"),
    *("second_station_code", "third_station_code", "reason"),
)


class UnreadableTable(Exception):
    """What stands where in the table that cannot be read, in words."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    id: str
    evidence: Evidence
    unread: str = ""
    """What of the row could not be used, in words; the rest of it is."""


def asked(file: Path) -> Iterator[Asked]:
    """The rows of a CSV file with a heading, UTF-8, one after the other.

    Columns `id` and `address`, if they are there also `pin`, `lat` and `lon` (degrees, WGS84);
    others are passed over. Raises UnreadableTable, OSError.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines, restval="")
        try:
            missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
            if missing:
                raise UnreadableTable(f"line 1: no column is called {' or '.join(missing)}")
            for row in rows:
                yield asked_by(row)
        except UnicodeDecodeError as fault:
            raise UnreadableTable(f"after line {rows.line_num}: not UTF-8") from fault
        except csv.Error as fault:
            raise UnreadableTable(f"after line {rows.line_num}: {fault}") from fault


def asked_by(row: dict[str, str]) -> Asked:
    lat, lon = degrees(row.get("lat", "")), degrees(row.get("lon", ""))
    is_point = lat is not None and lon is not None
    given = [f"{name} {row[name]!r}" for name in ("lat", "lon") if row.get(name, "").strip()]
    return Asked(
        id=row["id"],
        evidence=Evidence(
            kind=EvidenceKind.DECLARED_ADDRESS,
            text=row["address"],
            postal_code=row.get("pin", ""),
            lat=lat if is_point else None,
            lon=lon if is_point else None,
        ),
        unread="" if is_point or not given else f"{', '.join(given)}: not a point",
    )


def degrees(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -180 <= value <= 180 else None


def write_heading(out: TextIO) -> None:
    csv.writer(out, lineterminator="\n").writerow(ANSWERED)


def write(out: TextIO, one: Asked, answered: Answered, *, check: str = "") -> None:
    """One row of `ANSWERED`; reasons in the active language, the check that would decide first."""
    first, second, third = (*answered.stations, "", "", "")[:3]
    words = [one.unread] if one.unread else []
    if check:
        words.append(f"Check: {check}")
    if answered.state_name:
        words.append(state_words(answered.state_name))
    words += dict.fromkeys(reason_words(reason) for reason in answered.reasons)
    csv.writer(out, lineterminator="\n").writerow(
        [
            one.id,
            answered.answer.value,
            answered.district_code,
            first,
            "" if answered.confidence is None else f"{answered.confidence:.3f}",
            second,
            third,
            "; ".join(words),
        ]
    )
