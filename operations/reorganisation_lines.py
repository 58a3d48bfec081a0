"""What a reorganisation would move, as the page shows it: by station, and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from districts.models import PoliceStation
from tiplines.models import Reorganisation, RuleMove

STATION = RuleMove.Part.STATION.value
SHOWN_AT_MOST = 1000  # names in one list; the table counts them all


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What goes from one station to another, or stays."""

    before: str
    after: str
    """Empty where it stays."""
    places: int
    pins: int
    tiplines: int


@dataclass(frozen=True, kw_only=True)
class StationLine:
    code: str
    name: str
    district: str
    parents: tuple[str, ...]


def names_in(found: Reorganisation) -> dict[str, str]:
    """Of all stations that there are or would be, by code, in the reader's language."""
    is_hindi = (get_language() or "").startswith("hi")
    new = {each["code"]: (is_hindi and each["name_hi"]) or each["name"] for each in found.opens}
    return new | {each.code: each.local_name for each in PoliceStation.objects.all()}


def opened_lines(
    found: Reorganisation, names: Mapping[str, str], districts: Mapping[str, str]
) -> list[StationLine]:
    return [
        StationLine(
            code=each["code"],
            name=names[each["code"]],
            district=districts.get(each["district_code"], each["district_code"]),
            parents=tuple(names.get(code, code) for code in each["parents"]),
        )
        for each in found.opens
    ]


def closed_lines(
    found: Reorganisation, names: Mapping[str, str], districts: Mapping[str, str]
) -> list[StationLine]:
    district_of = dict(
        PoliceStation.objects.filter(code__in=found.closes).values_list("code", "district__code")
    )
    return [
        StationLine(
            code=code,
            name=names.get(code, code),
            district=districts.get(district_of.get(code, ""), ""),
            parents=(),
        )
        for code in found.closes
    ]


def flows(found: Reorganisation, moves: QuerySet[RuleMove], names: Mapping[str, str]) -> list[Flow]:
    """Of each station that something leaves, and of those touched: what stays, what goes where."""
    counts = {
        "localities": Counter((before, after) for _, before, after in found.places["localities"]),
        "pins": Counter((before, after) for _, before, after in found.places["pins"]),
        "tiplines": tiplines_by_station(moves),
    }
    parents = {code for each in found.opens for code in each["parents"]}
    touched = {*found.closes, *parents, *(before for each in counts.values() for before, _ in each)}
    for what, stay in found.places["stay"].items():
        counts[what] += Counter({(code, code): stay.get(code, 0) for code in touched})
    pairs = {pair for each in counts.values() for pair in each if pair != ("", "")}
    return [
        Flow(
            before=name_of(before, names),
            after="" if before == after else name_of(after, names),
            places=counts["localities"][before, after],
            pins=counts["pins"][before, after],
            tiplines=counts["tiplines"][before, after],
        )
        for before, after in sorted(
            pairs, key=lambda pair: (names.get(pair[0], pair[0]), pair[0] != pair[1], pair[1])
        )
    ]


def name_of(code: str, names: Mapping[str, str]) -> str:
    return names.get(code, code) or _("not known")


def tiplines_by_station(moves: QuerySet[RuleMove]) -> Counter[tuple[str, str]]:
    counted = (
        moves.filter(parts__contains=[STATION])
        .values_list(f"before__{STATION}", f"after__{STATION}")
        .annotate(count=Count("pk"))
    )
    return Counter({(before, after): count for before, after, count in counted})


def named(moved: Sequence[Sequence[str]], names: Mapping[str, str]) -> dict[str, Any]:
    """The first of a list of names with the stations they leave and come to, and how many more."""
    shown = [
        (name, name_of(before, names), name_of(after, names))
        for name, before, after in moved[:SHOWN_AT_MOST]
    ]
    return {"count": len(moved), "shown": shown, "more": max(0, len(moved) - SHOWN_AT_MOST)}
