"""Addresses located in a minute, by one process.

`./dev bench locate [COUNT]`. Made addresses over all localities, places, PINs and near cities of
the gazetteer, a third of them misspelt, through `manage.py locate`. Beside them stands the floor:
the same table read and written without looking for anything. With the boundary layer where
`../shared` has one.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from districts import asked, reference  # noqa: E402
from districts.answering import Answer, Answered  # noqa: E402
from districts.models import Boundary  # noqa: E402

COUNT = 100_000
SECONDS = 60
MEMORY_MIB = 500
LAYER = Path(__file__).resolve().parents[3] / "shared" / "data" / "ps_boundaries.geojson"
PARTS = ("H.No. {n}", "{n}/{m}", "Plot No {n}", "Shop {n}, Main Market", "Flat {n}, Pocket {m}")


def addresses(count: int) -> Iterator[tuple[str, str]]:
    """Text and PIN; the same at every run."""
    chance = random.Random(5)
    localities = {row["locality"] for row in reference.rows("localities")}
    names = sorted(localities | {row["name"] for row in reference.rows("places")})
    pins = sorted({row["pin"] for row in reference.rows("pin_police_stations")})
    near = [city.name for city in reference.cities()]
    for n in range(count):
        name = chance.choice(names)
        if chance.random() < 0.33 and len(name) > 5:
            at = chance.randrange(1, len(name) - 1)
            name = name[:at] + name[at + 1 :]
        city = chance.choice(near) if chance.random() < 0.2 else "Delhi"
        part = chance.choice(PARTS).format(n=n % 997 + 1, m=n % 37 + 1)
        yield f"{part}, {name}, {city}", chance.choice(pins) if chance.random() < 0.4 else ""


def floor_seconds(file: Path, out: Path) -> float:
    began = time.monotonic()
    nothing = Answered(answer=Answer.UNKNOWN)
    with out.open("w", encoding="utf-8", newline="") as answers:
        for one in asked.asked(file):
            asked.write(answers, one, nothing)
    return time.monotonic() - began


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    call_command("load_gazetteer", verbosity=0)
    if LAYER.exists() and not Boundary.objects.exists():
        call_command("load_boundaries", LAYER)
    with TemporaryDirectory() as folder:
        file, out = Path(folder) / "in.csv", Path(folder) / "out.csv"
        with file.open("w", encoding="utf-8", newline="") as lines:
            table = csv.writer(lines)
            table.writerow(("id", "address", "pin"))
            table.writerows((n, *one) for n, one in enumerate(addresses(count)))
        floor = floor_seconds(file, out)
        began = time.monotonic()
        call_command("locate", csv=file, out=out)
        took = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"floor: {floor:.1f} s to read and write the table")
    print(f"{count:,} addresses in {took:.1f} s ({count / took:,.0f}/s), {took / floor:.0f} floors")
    print(f"memory {memory:.0f} MiB")
    goals = {
        f"{count:,} addresses within {SECONDS} s": took <= SECONDS,
        f"memory under {MEMORY_MIB} MiB": memory < MEMORY_MIB,
    }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
