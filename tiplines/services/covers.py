"""What the columns of a row say where its report has a protected person, and its seal of the rest.

Rows come and go as mappings of column to value, so that intake and corrections cover alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tiplines.covering import COVER, Guard
from tiplines.sealing import seal_json
from tiplines.services.cleaning import clean_tree

Row = Mapping[str, Any]
Covers = dict[str, Any]
"""Columns with what they say instead."""


def party_covers(row: Row, guard: Guard, *, own: bool) -> Covers:
    """Of a protected party, if `own`, or of another one in the same report."""
    if own:
        return {
            "name": COVER if row["name"] else "",
            "display_names": [],
            "date_of_birth": None,
            "text": "",
        }
    return {
        "name": guard.others.text(row["name"])[:500],
        "display_names": [guard.others.text(name)[:300] for name in row["display_names"]],
        "text": guard.prose.text(row["text"]),
    }


def file_covers(row: Row, guard: Guard) -> Covers:
    return {name: guard.prose.text(row[name]) for name in ("name", "text")}


def address_covers(row: Row, guard: Guard, *, own: bool) -> Covers:
    """A protected party's address only as city, State and country, which locate it."""
    if own:
        hidden = {"text": COVER if row["text"] else "", "postal_code": ""}
        return {**hidden, "latitude": None, "longitude": None, **named(row, guard, PLACE)}
    if row["party_id"] is None:
        return {"text": guard.prose.text(row["text"]), **named(row, guard, PLACE)}
    return {}


def sighting_covers(row: Row, guard: Guard, *, own: bool, value: tuple[str, str]) -> Covers:
    """`value` is the identifier's kind and value. Another person's own stays, unless it names."""
    text = row["original"]
    if own:
        covers_all = True
    elif row["party_id"] is None:
        covers_all = value in guard.values or guard.named.covers(text)
    else:
        covers_all = guard.others.covers(text)
    return {"original": COVER if covers_all else text, **named(row, guard, ("label", "event"))}


PLACE = ("label", "city", "state", "country")


def named(row: Row, guard: Guard, columns: Sequence[str]) -> Covers:
    return {name: guard.named.text(row[name]) for name in columns}


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
