"""Groups through the whole path: a made world told as documents, taken in by the ordinary intake,
located, grouped by `nexus_rebuild` and written by `nexus_export`; what was written is judged. Then
some tiplines come in again, one by one and many at once: linking each against one hop in SQL.

`./dev bench groups [COUNT] [PROFILE]`; the database must be empty. `rows` as the third word stores
the world by SQL instead of telling it, for what a million costs. The floor is one plain read of all
sightings out of PostgreSQL in the same process.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.scope import as_the_system  # noqa: E402
from nexus.holdings import Ints, fold  # noqa: E402
from nexus.services.columns import columns  # noqa: E402
from nexus.services.linking import link_next  # noqa: E402
from nexus.services.rebuilding import rebuild  # noqa: E402
from tests.bench.building import do_stage  # noqa: E402
from tests.bench.nexus import ALERTS_RIGHT, COUNT, SEED, goals_of, show  # noqa: E402
from tests.nexus.judging import alerts_right, ceiling, marks_of  # noqa: E402
from tests.nexus.stored import store  # noqa: E402
from tests.nexus.telling import row_of, write_world  # noqa: E402
from tests.nexus.world import World, make_world  # noqa: E402
from tiplines.models import Tipline  # noqa: E402
from tiplines.models.dispatch import Channel  # noqa: E402
from tiplines.services.receiving import receive  # noqa: E402

A_DISPATCH = 50_000
SLOWER_AT_MOST, MIB_AT_MOST = 12.0, 2048
ONE_BY_ONE, AT_ONCE = 500, 6_000
HOPS_AT_MOST, A_SECOND = 20.0, 1_500
ONE_HOP = """
select distinct few.tipline_id
from (select distinct identifier_id from tiplines_sighting where tipline_id = %s and links) mine
cross join lateral (
  select s.tipline_id from tiplines_sighting s
  where s.identifier_id = mine.identifier_id and s.links
  limit 60
) few
"""


def bring(world: World) -> None:
    for begin in range(0, world.count, A_DISPATCH):
        rows = range(begin, min(begin + A_DISPATCH, world.count))
        with TemporaryFile() as file:
            write_world(world, file, rows=rows)
            file.seek(0)
            name = f"world-{begin}.zip"
            receive(source=file, name=name, channel=Channel.COMMAND, by=None, at=timezone.now())
    connections.close_all()
    for stage, workers in (("unpack", 1), ("read", 2), ("locate", 2)):
        began = time.monotonic()
        with multiprocessing.get_context("spawn").Pool(workers, initializer=django.setup) as pool:
            pool.map(do_stage, [stage] * workers)
        print(f"  {stage} {time.monotonic() - began:.0f} s", flush=True)


def timed_read() -> float:
    """Seconds of one plain read of all sightings."""
    with as_the_system():
        began = time.monotonic()
        columns("select tipline_id, identifier_id from tiplines_sighting", ("int8", "int8"))
        return time.monotonic() - began


def timed_rebuild() -> tuple[float, float]:
    """Seconds, and the process's peak in MiB."""
    with as_the_system():
        began = time.monotonic()
        rebuild(at=timezone.now())
        took = time.monotonic() - began
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def increments() -> dict[str, bool]:
    """Tiplines linked again as if they had just come in."""
    with as_the_system(), connection.cursor() as cursor:
        cursor.execute("select id from tiplines_tipline order by md5(id::text) limit %s", [AT_ONCE])
        keys = [key for (key,) in cursor.fetchall()]
        hops, links = [], []
        for key in keys[:ONE_BY_ONE]:
            for _ in range(2):  # the second is warm
                began = time.monotonic()
                cursor.execute(ONE_HOP, [key])
                cursor.fetchall()
                hop = time.monotonic() - began
            hops.append(hop)
            Tipline.objects.filter(pk=key).update(linked_at=None)
            began = time.monotonic()
            link_next(at=timezone.now())
            links.append(time.monotonic() - began)
        Tipline.objects.filter(pk__in=keys).update(linked_at=None)
        began = time.monotonic()
        while link_next(at=timezone.now()):
            pass
        a_second = AT_ONCE / (time.monotonic() - began)
    (hop, hop_95), (one, one_95) = (np.percentile(each, (50, 95)) * 1000 for each in (hops, links))
    print(
        f"one hop p50 {hop:.2f}, p95 {hop_95:.2f} ms; linking one p50 {one:.1f}, p95 {one_95:.1f}"
    )
    print(f"linking many: {a_second:,.0f} tiplines/s")
    return {
        f"p95 of linking one within {HOPS_AT_MOST:.0f} hops": one_95 <= HOPS_AT_MOST * hop_95,
        f"{A_SECOND:,} tiplines/s": a_second >= A_SECOND,
    }


def exported(world: World) -> tuple[Ints, np.ndarray]:
    """The nexus of each tipline of the world, those in none alone, and for each whether it is an
    alert.
    """
    group = np.arange(world.count)
    alerts: set[int] = set()
    numbers: dict[str, int] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "all.csv"
        with as_the_system():
            call_command("nexus_export", out=path, verbosity=0)
        with path.open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                row = row_of(line["report_id"])
                group[row] = numbers.setdefault(line["nexus_id"], world.count + len(numbers))
                if line["tier"] == "alert":
                    alerts.add(group[row])
    is_alert = np.zeros(world.count + len(numbers), bool)
    is_alert[list(alerts)] = True
    return group, is_alert


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    profile = sys.argv[2] if len(sys.argv) > 2 else "default"
    is_told = sys.argv[3:] != ["rows"]
    if Tipline.objects.exists():
        print("the database is not empty: run ./dev clean first")
        return 1
    call_command("load_gazetteer", verbosity=0)
    world = make_world(count, profile=profile, seed=SEED)
    began = time.monotonic()
    if is_told:
        bring(world)
    else:
        store(world)
    print(f"taken in after {time.monotonic() - began:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    connections.close_all()
    runs: list[tuple[float, float]] = []
    floors: list[float] = []
    for _ in range(2):
        with multiprocessing.get_context("spawn").Pool(1, initializer=django.setup) as pool:
            floors.append(pool.apply(timed_read))
        with multiprocessing.get_context("spawn").Pool(1, initializer=django.setup) as pool:
            runs.append(pool.apply(timed_rebuild))
        print(f"  plain read {floors[-1]:.2f} s, rebuild {runs[-1][0]:.1f} s", flush=True)
    group, is_alert = exported(world)
    held = fold(world.mentions)
    best, marks = marks_of(world, ceiling(world, held)), marks_of(world, group)
    alerts, right = alerts_right(world, group, is_alert)
    print(f"{'':<24}{'P':>7}{'R':>7}{'F1':>7}{'of best':>9}{'noise':>9}{'half':>7}{'largest':>9}")
    show("ceiling", best, best)
    show("exported", marks, best, f"{alerts:,} alerts, {right:.3f} of them right")
    took, peak = max(runs)
    print(f"rebuild {took:.1f} s, {took / min(floors):.1f} plain reads; at most {peak:,.0f} MiB")
    goals = {
        "alerts right": right >= ALERTS_RIGHT,
        **goals_of(profile, marks, best),
        f"at most {SLOWER_AT_MOST:.0f} plain reads": took <= SLOWER_AT_MOST * min(floors),
        f"at most {MIB_AT_MOST} MiB": max(peak for _, peak in runs) <= MIB_AT_MOST,
        **increments(),
    }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
