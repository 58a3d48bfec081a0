"""How often the locator is right, on real addresses of known place.

`./dev bench addresses`; `plot` draws docs/pictures/calibration.svg, `-v` names what is wrong.
`tests/bench/data/addresses.csv` has addresses as people write them, of places whose station press
or courts report or whose point is known. Doubts and thresholds were fitted on the rows `tuned`; the
goals are held against the rows `unseen`. Rows `known` stand apart: the gazetteer has their place
from the same report. With the boundary layer where `../shared` has one, and always without.
Restaurants, chargers and blood banks stand apart: some points of the gazetteer come from the same
lists, which flatters.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from districts.answering import Answer, Answered, answer_of  # noqa: E402
from districts.evidence import Evidence  # noqa: E402
from districts.gazetteer import present_gazetteer  # noqa: E402
from districts.locating import locate  # noqa: E402
from districts.models import Boundary  # noqa: E402
from districts.places import Gazetteer  # noqa: E402
from districts.rules import EvidenceKind  # noqa: E402
from districts.stated import find_pin  # noqa: E402

ADDRESSES = Path(__file__).parent / "data" / "addresses.csv"
LAYER = Path(__file__).resolve().parents[3] / "shared" / "data" / "ps_boundaries.geojson"
FLATTERED = frozenset({"restaurants", "chargers", "blood-banks"})
UNLOOKED = frozenset({"reports", "lists"})  # of the rows unseen, those that nobody looked at
DOUBTFUL = frozenset({"reported-doubtful"})
TOO_NEAR_M = 30  # of a limit between two stations: nobody can tell which of them answers
BINS = 10
PLOT = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "calibration.svg"

DISTRICT, FIRST, THREE, WRONG, ASSIGNED = 0.97, 0.85, 0.95, 0.01, 0.50
DISTRICT_WITHOUT, FIRST_WITHOUT = 0.95, 0.70


@dataclass(frozen=True)
class Scored:
    address: str
    station: str
    """Empty for an address outside Delhi."""
    part: str
    source: str
    answered: Answered
    district: str
    has_pin: bool

    @property
    def is_first(self) -> bool:
        return self.answered.stations[:1] == (self.station,)


def scored(gazetteer: Gazetteer) -> list[Scored]:
    out: list[Scored] = []
    with ADDRESSES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            station, edge = row["station_code"], row["edge_m"]
            if row["basis"] in DOUBTFUL or (edge and int(edge) < TOO_NEAR_M):
                continue
            evidence = Evidence(
                kind=EvidenceKind.DECLARED_ADDRESS, text=row["address"], postal_code=row["pin"]
            )
            out.append(
                Scored(
                    address=row["address"],
                    station=station,
                    part=row["part"],
                    source=row["source"],
                    answered=answer_of(locate([evidence], gazetteer)),
                    district=gazetteer.district_of(station) if station else "",
                    has_pin=bool(
                        find_pin(row["pin"], gazetteer) or find_pin(row["address"], gazetteer)
                    ),
                )
            )
    return out


def part(of: Sequence[Scored], condition: str) -> tuple[float, ...]:
    """District, first and first three right, assigned, wrong among those; prints them."""
    count = len(of)
    assigned = [one for one in of if one.answered.answer is Answer.ASSIGN]
    wrong = [one for one in assigned if not one.is_first]
    figures = (
        sum(one.answered.district_code == one.district for one in of) / count,
        sum(one.is_first for one in of) / count,
        sum(one.station in one.answered.stations for one in of) / count,
        len(assigned) / count,
        len(wrong) / max(len(assigned), 1),
    )
    words = "district {:.1%}, station first {:.1%}, in three {:.1%}, assigned {:.1%}, wrong {:.1%}"
    print(f"{condition:32} {count:4}: {words.format(*figures)} ({len(wrong)} of {len(assigned)})")
    return figures


def calibration(of: Sequence[Scored]) -> list[tuple[int, float, float]]:
    """Count, mean stated confidence and share that is right, in ten bins; those with any."""
    out: list[tuple[int, float, float]] = []
    for number in range(BINS):
        held = [
            one
            for one in of
            if one.answered.confidence is not None
            and min(int(one.answered.confidence * BINS), BINS - 1) == number
        ]
        if held:
            stated = sum(one.answered.confidence or 0 for one in held) / len(held)
            out.append((len(held), stated, sum(one.is_first for one in held) / len(held)))
    return out


def plot(bins: Sequence[tuple[int, float, float]]) -> str:
    """The bins as an SVG: a bar of two standard errors about each share that is right."""

    def at(stated: float, right: float) -> tuple[float, float]:
        return 50 + 300 * stated, 330 - 300 * min(max(right, 0.0), 1.0)

    marks = []
    for count, stated, right in bins:
        error = 2 * sqrt(max(right * (1 - right), 0.25 / count) / count)
        (x, y), (_, top), (_, foot) = (at(stated, r) for r in (right, right + error, right - error))
        marks.append(
            f'<path d="M{x:.0f} {top:.0f}V{foot:.0f}" stroke="#888"/>'
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="#1a5fb4"/>'
            f'<text x="{x + 8:.0f}" y="{y + 4:.0f}" font-size="11">{count}</text>'
        )
    ticks = "".join(
        f'<text x="{50 + 300 * t:.0f}" y="348" text-anchor="middle">{t:g}</text>'
        f'<text x="44" y="{334 - 300 * t:.0f}" text-anchor="end">{t:g}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 390 380" font-family="sans-serif"'
        ' font-size="12"><title>Stated confidence and share that is right</title>'
        '<rect width="390" height="380" fill="#fff"/>'
        '<path d="M50 30V330H350" fill="none" stroke="#333"/>'
        '<path d="M50 330L350 30" stroke="#bbb" stroke-dasharray="4"/>'
        f"{ticks}{''.join(marks)}"
        '<text x="200" y="370" text-anchor="middle">stated confidence</text>'
        '<text x="14" y="180" text-anchor="middle" transform="rotate(-90 14 180)">right</text>'
        "</svg>\n"
    )


def main() -> int:
    call_command("load_gazetteer", verbosity=0)
    goals: dict[str, bool] = {}
    has_layer = Boundary.objects.exists()
    if not has_layer and LAYER.exists():
        without = scored(present_gazetteer())
        call_command("load_boundaries", LAYER)
        has_layer = True
    else:
        without = []
    with_layer = scored(present_gazetteer()) if has_layer else []
    for name, rows in (("with the layer", with_layer), ("without", without)):
        inside = [one for one in rows if one.station and one.source not in FLATTERED]
        if not inside:
            continue
        part([one for one in inside if one.part == "tuned"], f"tuned, {name}")
        unseen = [one for one in inside if one.part == "unseen"]
        district, first, three, assigned, wrong = part(unseen, f"unseen, {name}")
        part([one for one in unseen if one.has_pin], "  of them with a PIN")
        part([one for one in unseen if not one.has_pin], "  of them without")
        part([one for one in unseen if one.source in UNLOOKED], "  of them never looked at")
        part([one for one in inside if one.part == "known"], "known by report, not counted")
        for source in sorted(FLATTERED):
            listed = [one for one in rows if one.station and one.source == source]
            part(listed, f"{source}, {name}")
        if name == "without":
            goals["district without the layer"] = district >= DISTRICT_WITHOUT
            goals["station first without the layer"] = first >= FIRST_WITHOUT
        else:
            goals |= {
                "district": district >= DISTRICT,
                "station first": first >= FIRST,
                "station in three": three >= THREE,
                "half assigned": assigned >= ASSIGNED,
                "wrong among assigned": wrong <= WRONG,
            }
            bins = calibration(unseen)
            for count, stated, right in bins:
                print(f"  {count:4} stated {stated:.2f}, right {right:.2f}")
            if "plot" in sys.argv:
                PLOT.write_text(plot(bins), encoding="utf-8")
        outside = [one for one in rows if not one.station]
        named = [one.address for one in outside if one.answered.answer is Answer.ASSIGN]
        print(f"outside Delhi {len(outside)}, assigned to a station of Delhi: {named or 'none'}")
        goals[f"outside never assigned, {name}"] = not named
        if "-v" in sys.argv:
            for one in unseen:
                if not one.is_first:
                    print(f"  {one.address} | {one.station} | {one.answered.stations}")
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
