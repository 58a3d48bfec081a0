"""How fast reports come in, beside COPY of the very same rows into the very same tables.

`./dev bench intake [COUNT]`. One archive of made reports, half XML in folders, half JSON, is
received, unpacked and read by two worker processes. The floor is then measured on the rows that
this gave: written out by COPY, the tables emptied, and read back by COPY, indexes and constraints
in place. Every stage after the intake (assessment, location, links) is timed by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.bench.building import do_stage  # noqa: E402
from tiplines.models import FileRecord, Identifier, Sighting, Tipline  # noqa: E402
from tiplines.services.reconciling import reconcile  # noqa: E402

WORKERS = 2
SLOWER_AT_MOST = 3.0
WORKER_MIB_AT_MOST = 400
TABLES = (  # in the order in which their foreign keys allow them
    *("dispatch", "document", "tipline", "version", "identifier", "party", "filerecord"),
    *("address", "sighting", "receipt", "quarantineitem", "fieldcount"),
)
STAGES_AFTER = ("assess", "locate", "link")


def send(count: int, *, seed: int) -> None:
    """Hand in one archive with `count` made reports: every other one XML, the rest JSON."""
    from tiplines.making.dispatch import Archive
    from tiplines.making.world import World
    from tiplines.models.dispatch import Channel
    from tiplines.services.receiving import receive

    with TemporaryFile() as file:
        archive = Archive(file)
        for index, (report, _truth) in enumerate(World(count, seed)):
            if index % 2:
                archive.add_json(report)
            else:
                archive.add_xml(report)
        archive.close()
        file.seek(0)
        receive(source=file, name="made.zip", channel=Channel.COMMAND, by=None, at=timezone.now())


def timed_stage(name: str) -> tuple[float, float]:
    """Do a stage to its end in this process; return seconds and the process's peak in MiB."""
    began = time.monotonic()
    do_stage(name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.monotonic() - began, peak


def run(stage: str, workers: int) -> tuple[float, float]:
    """Seconds until the last worker is done (their start not counted), and the largest peak."""
    connections.close_all()
    with multiprocessing.get_context("spawn").Pool(workers, initializer=django.setup) as pool:
        pool.map(time.sleep, [0.1] * workers)  # all are up
        began = time.monotonic()
        peaks = [peak for _, peak in pool.map(timed_stage, [stage] * workers, chunksize=1)]
        return time.monotonic() - began, max(peaks)


def floor() -> float:
    """Seconds that COPY takes for the rows of the intake, one table after the other."""
    names = [f"tiplines_{name}" for name in TABLES]
    with TemporaryDirectory() as folder, connection.cursor() as cursor:
        for name in names:
            with (Path(folder) / name).open("wb") as file:
                cursor.copy_expert(f"copy {name} to stdout", file)
        cursor.execute(f"truncate {', '.join(names)} cascade")
        cursor.execute("checkpoint")
        began = time.monotonic()
        for name in names:
            with (Path(folder) / name).open("rb") as file:
                cursor.copy_expert(f"copy {name} from stdin", file)
        return time.monotonic() - began


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if Tipline.objects.exists():
        print("the database is not empty: run ./dev clean first")
        return 1
    call_command("load_gazetteer", verbosity=0)
    print(f"making {count:,} reports", flush=True)
    send(count, seed=3)
    took: dict[str, float] = {}
    peaks: dict[str, float] = {}
    for stage, workers in (("unpack", 1), ("read", WORKERS)):
        took[stage], peaks[stage] = run(stage, workers)
        print(f"  {stage}: {took[stage]:.1f} s, worker at most {peaks[stage]:.0f} MiB", flush=True)
    assert Tipline.objects.count() == count
    assert all(account.holds for account in reconcile())
    files, sightings = FileRecord.objects.count(), Sighting.objects.count()
    identifiers = Identifier.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("checkpoint")
    floors = [floor() for _ in range(3)]
    for stage in STAGES_AFTER:
        took[stage], peaks[stage] = run(stage, 1 if stage == "link" else WORKERS)
        print(f"  {stage}: {took[stage]:.1f} s, worker at most {peaks[stage]:.0f} MiB", flush=True)

    intake = took["unpack"] + took["read"]
    base = statistics.median(floors)
    print(
        f"\n{count:,} tiplines, half XML, half JSON; each {sightings / count:.1f} sightings"
        f" ({identifiers / count:.1f} new identifiers), {files / count:.1f} files"
    )
    print(f"{'way':<38}{'s':>8}{'tiplines/s':>12}{'x floor':>9}")
    for words, seconds in (
        ("floor: COPY of the same rows", base),
        ("intake: unpack + read, two workers", intake),
        ("  of it read", took["read"]),
        ("with every stage after it", intake + sum(took[stage] for stage in STAGES_AFTER)),
    ):
        print(f"{words:<38}{seconds:>8.1f}{count / seconds:>12.0f}{seconds / base:>9.2f}")
    print("floors: " + ", ".join(f"{each:.1f} s" for each in floors))
    peak = max(peaks.values())
    goals = {
        f"intake takes at most {SLOWER_AT_MOST:.0f} times the floor": intake
        <= SLOWER_AT_MOST * base,
        f"no worker exceeds {WORKER_MIB_AT_MOST} MiB ({peak:.0f})": peak <= WORKER_MIB_AT_MOST,
    }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
