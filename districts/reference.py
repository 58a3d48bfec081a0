"""The reference data in `data/` as typed rows. Plain Python; what may be missing is None."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

from .indexing import CityFact, StateFact
from .places import PinRange

DATA = Path(__file__).resolve().parent / "data"

FILES = (
    "districts",
    "sub_divisions",
    "police_stations",
    "ps_aliases",
    "pin_police_stations",
    "localities",
    "places",
    "jurisdiction_changes",
    "states",
    "cities",
    "pin_districts",
    "regions",
    "abroad",
    "other_names",
    "post_towns",
)
"""What the gazetteer is made of. `pincodes` is kept as the source of the derived files."""


def rows(name: str, *, folder: Path = DATA) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def digest(*, folder: Path = DATA) -> str:
    """SHA-256 over all files, in a fixed order: the same data gives the same digest anywhere."""
    total = hashlib.sha256()
    for name in FILES:
        total.update(name.encode() + b"\0" + (folder / f"{name}.csv").read_bytes())
    return total.hexdigest()


def states(*, folder: Path = DATA) -> list[StateFact]:
    return [
        StateFact(
            name=row["name"],
            variants=tuple(split(row["variants"])) + ((row["name_hi"],) if row["name_hi"] else ()),
            pin_prefixes=tuple(split(row["pin_prefixes"])),
        )
        for row in rows("states", folder=folder)
    ]


def state_names_in_hindi(*, folder: Path = DATA) -> dict[str, str]:
    return {row["name"]: row["name_hi"] for row in rows("states", folder=folder)}


def cities(*, folder: Path = DATA) -> list[CityFact]:
    return [
        CityFact(name=row["name"], state=row["state"], is_near_delhi=row["near_delhi"] == "yes")
        for row in rows("cities", folder=folder)
    ]


def pin_districts(*, folder: Path = DATA) -> list[PinRange]:
    return [
        PinRange(
            first=row["first_pin"],
            last=row["last_pin"],
            state=row["state"],
            district=row["district"],
        )
        for row in rows("pin_districts", folder=folder)
    ]


def regions(*, folder: Path = DATA) -> dict[str, dict[str, float]]:
    """Parts of Delhi as people call them, to the shares of police districts."""
    return {
        row["region"]: {
            code: float(share)
            for code, _, share in (part.rpartition(":") for part in split(row["districts"]))
        }
        for row in rows("regions", folder=folder)
    }


def abroad(*, folder: Path = DATA) -> dict[str, str]:
    """Countries and cities of other countries, to the country."""
    return {row["name"]: row["country"] for row in rows("abroad", folder=folder)}


def other_names(*, folder: Path = DATA) -> list[tuple[str, str]]:
    """Names that mean the same place as a name among the places."""
    return [(row["name"], row["same_as"]) for row in rows("other_names", folder=folder)]


def post_towns(*, folder: Path = DATA) -> dict[str, tuple[str, ...]]:
    """Old towns whose name stands behind those of villages and colonies about them, to stations."""
    return {
        name: tuple(split(row["stations"]))
        for row in rows("post_towns", folder=folder)
        for name in split(row["names"])
    }


def split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def number(cell: str) -> float | None:
    return float(cell) if cell else None
