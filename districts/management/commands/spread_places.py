import csv
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from districts import reference
from districts.layer_file import UnreadableBoundaries, shapes_of
from districts.places import flattened
from districts.spreading import REACH_M, spread_points

PLACES = reference.DATA / "places.csv"


class Command(BaseCommand):
    help = (
        "Work out anew which stations each point of places.csv speaks for, by a layer of areas. "
        "The file is part of the project: run it after adding points, and commit the result."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("layer", type=Path, help="GeoJSON whose features carry ps_code")
        parser.add_argument("--places", type=Path, default=PLACES)

    def handle(self, *args: Any, **options: Any) -> None:
        layer: Path = options["layer"]
        try:
            areas = shapes_of(json.loads(layer.read_text(encoding="utf-8")))
        except OSError as fault:
            raise CommandError(f"{layer.name} cannot be opened: {fault.strerror}.") from fault
        except (ValueError, UnreadableBoundaries) as fault:
            raise CommandError(f"{layer.name}: {fault}.") from fault
        with options["places"].open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines)
            names, rows = list(table.fieldnames or ()), list(table)
        unknown = {row["kind"] for row in rows} - set(REACH_M)
        if unknown:
            raise CommandError(f"places of an unknown kind: {', '.join(sorted(unknown))}.")
        points = [(float(r["lat"]), float(r["lon"]), REACH_M[r["kind"]]) for r in rows]
        outside = []
        for row, spread in zip(rows, spread_points(points, flattened(areas)), strict=True):
            if not spread:
                outside.append(row["name"])
            ranked = sorted(spread.items(), key=lambda item: (-item[1], item[0]))
            row["stations"] = "|".join(f"{code}:{share:.2f}" for code, share in ranked)
        with options["places"].open("w", encoding="utf-8", newline="") as lines:
            out = csv.DictWriter(lines, names, lineterminator="\n")
            out.writeheader()
            out.writerows(row for row in rows if row["stations"])
        self.stdout.write(f"{len(rows) - len(outside)} places; {len(outside)} lie in no area.")
        for name in outside:
            self.stdout.write(f"Left out: {name}")
