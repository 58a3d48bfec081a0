"""The parts of which a PDF is set, and how values are printed in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

from tiplines.making.reports import MadeMoment, ZoneStyle

NAME_CHARACTERS = 42  # of a file's name or address in one line; longer ones are broken
Part = dict[str, Any]
"""What `report.typ` sets: a kind and its text."""


class Generation(StrEnum):
    OLDER = "older"
    NEWER = "newer"


SECTIONS = {
    "A": "Reported Information",
    "B": "Automated Information Added by NCMEC Systems",
    "C": "Additional Information Provided by NCMEC",
    "D": "Law Enforcement Contact Information",
}


def section(letter: str) -> Iterator[Part]:
    yield {"kind": "page"}
    yield {"kind": "section", "text": f"Section {letter}: {SECTIONS[letter]}"}


def heading(text: str) -> Part:
    return {"kind": "heading", "text": text}


def labelled(label: str, *lines: str) -> Part:
    colon = "" if label.endswith("?") else ":"
    return {"kind": "label", "label": f"{label}{colon}", "lines": list(lines)}


def paragraph(text: str) -> Part:
    return {"kind": "text", "lines": text.split("\n")}


def optional(label: str, value: object) -> Iterator[Part]:
    if value not in ("", None):
        yield labelled(label, *str(value).split("\n"))


def us_text(moment: MadeMoment) -> str:
    """UTC to the second. Where the sender stated no zone, none is printed."""
    zone = "" if moment.style is ZoneStyle.UNSTATED else " UTC"
    return f"{moment.at:%m-%d-%Y %H:%M:%S}{zone}"


def us_day(day: date | None) -> str:
    return f"{day:%m-%d-%Y}" if day else ""


def chunks(text: str, size: int = NAME_CHARACTERS) -> Iterator[str]:
    """Yield a long name as it is broken over lines: anywhere, without a mark."""
    yield from (text[at : at + size] for at in range(0, len(text), size)) if text else [""]


def answer(said: bool | None) -> str:  # noqa: FBT001 - a field
    return {True: "Yes", False: "No", None: "Information Not Provided by Company"}[said]
