"""What the columns of a row say where its report has a protected person, and its seal of the rest.

Rows come and go as mappings of column to value, so that intake and corrections cover alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tiplines.covering import COVER, Guard
from tiplines.sealing import seal_json
from tiplines.services.cleaning import clean_tree

Row = Mapping[str, Any]
Covers = dict[str, Any]
"""Columns with what they say instead."""
NEVER_COVERED = frozenset({"role", "place", "provenance", "network", "operator", "name_keys"})
"""Words of ours, and paths of elements."""


def party_covers(row: Row, guard: Guard, *, own: bool) -> Covers:
    """Of a protected party, if `own`, or of another one in the same report."""
    if own:
        return {
            "name": COVER if row["name"] else "",
            "display_names": [],
            "date_of_birth": None,
            "text": "",
        }
    return {**others(row, guard), "text": guard.prose.text(row["text"])}


def file_covers(row: Row, guard: Guard) -> Covers:
    prose = {name: guard.prose.text(row[name]) for name in ("name", "text")}
    return {**others(row, guard), **prose}


def address_covers(row: Row, guard: Guard, *, own: bool) -> Covers:
    """A protected party's address only as city, State and country, which locate it."""
    if own:
        hidden = {"text": COVER if row["text"] else "", "postal_code": ""}
        return {**others(row, guard), **hidden, "latitude": None, "longitude": None}
    if row["party_id"] is None:
        return {**others(row, guard), "text": guard.prose.text(row["text"])}
    return others(row, guard)


def sighting_covers(row: Row, guard: Guard, *, own: bool, value: tuple[str, str]) -> Covers:
    """`value` is the identifier's kind and value. Another person's own stays, unless it names."""
    text = row["original"]
    if own:
        names = True
    elif row["party_id"] is None:
        names = value in guard.values or guard.named.covers(text)
    else:
        names = guard.others.covers(text)
    return {**others(row, guard), "original": COVER if names else text}


def others(row: Row, guard: Guard) -> Covers:
    """Every text of a row without the whole name of a protected person."""
    covers: Covers = {}
    for name, value in row.items():
        if name in NEVER_COVERED:
            continue
        if type(value) is str:
            covers[name] = guard.others.text(value)
        elif type(value) is list:
            covers[name] = [guard.others.text(each) for each in value]
    return covers


def sealed(row: Row, covers: Covers, *, about: str) -> dict[str, Any]:
    """The row as it is kept: covered, with a seal of what the covers hide, or None."""
    hidden = hidden_by(row, covers)
    return {**row, **covers, "sealed": seal_json(hidden, about=about) if hidden else None}


def hidden_by(row: Row, covers: Covers) -> dict[str, Any]:
    """As JSON has it."""
    hidden = {name: row[name] for name, cover in covers.items() if row[name] != cover}
    texts = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in hidden.items()
    }
    found: dict[str, Any] = clean_tree(texts)
    return found
