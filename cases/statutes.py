"""Sections of law by the date of offence: a rule over `data/statutes.csv`, without Django.

The offence is judged by the law of its own day in India: the Indian Penal Code up to 30 June 2024,
the Bharatiya Nyaya Sanhita from 1 July 2024. A series that straddles the change is offered both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

TABLE = Path(__file__).with_name("data") / "statutes.csv"
INDIA = ZoneInfo("Asia/Kolkata")
BNS_FROM = date(2024, 7, 1)
IPC_UNTIL = date(2024, 6, 30)  # the last day

IT_ACT = "IT Act 2000"
INSPECTOR_RULE = "IT Act s. 78"
ALWAYS_SUGGESTED = "IT-67B"
LIMB_KEPT = "POCSO-15-1"  # kept, and not deleted, destroyed or reported
LIMB_PASSED_ON = "POCSO-15-2"  # kept in order to transmit or distribute, or actually passed on
# Never suggested: POCSO 14, which needs production or a hands-on act, and BNS 111, which needs a
# syndicate and earlier charge-sheets. An officer may choose them (2024 INSC 716).


class UnknownSection(Exception):
    """No row of the table has this code."""


@dataclass(frozen=True, kw_only=True)
class Section:
    code: str
    act: str
    section: str
    subject: str
    punishment: str
    """For a first conviction, in the table's words; empty where the row states none."""
    nature: str
    """Cognizable, bailable; `procedure` for a row that is no offence."""
    valid_from: date | None
    valid_to: date | None
    """The last day."""

    @property
    def label(self) -> str:
        """As it is cited: `IT Act 2000 s. 67B`."""
        return f"{self.act} s. {self.section}"

    @property
    def is_offence(self) -> bool:
        return self.nature != "procedure"

    def is_in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@cache
def table() -> dict[str, Section]:
    """Every section by its code, in the order of the file."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["code"]: section_from(row) for row in csv.DictReader(rows)}


def section_from(row: dict[str, str]) -> Section:
    return Section(
        code=row["code"],
        act=row["act"],
        section=row["section"],
        subject=row["subject"],
        punishment=row["punishment_first"],
        nature=row["cognizable_bailable"],
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
    )


def section(code: str) -> Section:
    """Raise UnknownSection if the table has no such code."""
    try:
        return table()[code]
    except KeyError as error:
        raise UnknownSection(code) from error


def is_it_act(code: str) -> bool:
    """Whether an Inspector or above has to investigate (IT Act s. 78). Raises UnknownSection."""
    return section(code).act == IT_ACT


def needs_inspector(codes: Iterable[str]) -> bool:
    return any(is_it_act(code) for code in codes)


def offence_days(moments: Iterable[datetime | None]) -> tuple[date, ...]:
    """The days of the offences in India, earliest first; unknown ones left out."""
    return tuple(sorted({at.astimezone(INDIA).date() for at in moments if at is not None}))


def sections_in_force(offence_on: date) -> tuple[Section, ...]:
    """The offences, procedure left out, that could be committed on a day."""
    return tuple(s for s in table().values() if s.is_offence and s.is_in_force(offence_on))


def sections_for(days: Sequence[date]) -> tuple[Section, ...]:
    """The offences of any of `days`. Without a known day the law on both sides of 1 July 2024."""
    wanted = {s for day in days or (IPC_UNTIL, BNS_FROM) for s in sections_in_force(day)}
    return tuple(s for s in table().values() if s in wanted)


def suggested(days: Sequence[date], *, passed_on: bool) -> tuple[str, ...]:
    """Codes to begin with, as far as they were in force on one of `days`.

    `passed_on` is true where the report shows the material going to somebody else or to the public.
    """
    offered = {s.code for s in sections_for(days)}
    limb = LIMB_PASSED_ON if passed_on else LIMB_KEPT
    return tuple(code for code in (ALWAYS_SUGGESTED, limb) if code in offered)


def straddles_change(days: Sequence[date]) -> bool:
    """Whether a series reaches over 1 July 2024, so that IPC and BNS both apply."""
    return bool(days) and min(days) < BNS_FROM <= max(days)
