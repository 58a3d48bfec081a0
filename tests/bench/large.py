"""One report with 5,000 files and 2,000 IP events: how long it takes to come in and to open.

`./dev bench large`. Once as XML in a folder (a document for each file) and once as JSON, each by
the ordinary way: received, unpacked, read, assessed, located, linked. Then its page by Django's own
client, the first time and repeated, and its JSON by the command. The floors are the same way and
the same page of a report of ordinary size.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from tempfile import TemporaryFile

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.roles import Role  # noqa: E402
from districts.models import District  # noqa: E402
from tests.bench.building import do_stage  # noqa: E402
from tests.bench.pages import enlisted, signed_in  # noqa: E402
from tests.bench.roles import as_the_web  # noqa: E402
from tiplines.making.dispatch import Archive  # noqa: E402
from tiplines.making.reports import (  # noqa: E402
    IpCapture,
    MadeFile,
    MadeParty,
    MadeReport,
    Person,
)
from tiplines.making.world import World  # noqa: E402
from tiplines.models import Sighting, Tipline  # noqa: E402
from tiplines.models.dispatch import Channel  # noqa: E402
from tiplines.services.receiving import receive  # noqa: E402
from tiplines.services.reconciling import reconcile  # noqa: E402

FILES = 5_000
IP_EVENTS = 2_000
IMPORT_SECONDS = 10.0
PAGE_SECONDS = 1.0
ROUNDS = 5
STAGES = ("unpack", "read", "assess", "locate", "link")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds, but for the last three."""

    stages: dict[str, float]
    first: float
    repeated: float
    shown: float
    statements: int
    page_bytes: int
    sightings: int

    @property
    def imported(self) -> float:
        return sum(self.stages.values())


def of_size(report: MadeReport, number: int, *, files: int, ip_events: int) -> MadeReport:
    """The report under another number, with that many files and IP events of its first suspect."""
    suspect = report.reported[0]
    at = replace(report.incident_at)
    captures = tuple(
        IpCapture(
            ip=f"198.18.{n // 250 % 250}.{n % 250 + 1}",
            event="Login",
            at=replace(at, at=at.at - timedelta(minutes=n)),
            port=1024 + n,
        )
        for n in range(ip_events)
    )
    uploads = tuple(made_file(number, n) for n in range(files))
    party = replace(suspect, ips=captures)
    child = MadeParty(person=Person(first_name="Meena", last_name="Namuna", age=12))
    return replace(report, number=number, reported=(party,), victims=(child,), files=uploads)


def made_file(number: int, n: int) -> MadeFile:
    key = f"{number}:{n}".encode()
    return MadeFile(
        file_id=hashlib.sha256(key).hexdigest()[:32],
        original_name=f"upload {n:05}.jpg",
        viewed=n % 2 == 0,
        classification=("A1", "A2", "B1", "B2")[n % 4],
        hashes=(
            ("MD5", hashlib.sha256(key + b"5").hexdigest()[:32]),
            ("SHA1", hashlib.sha256(key + b"1").hexdigest()[:40]),
        ),
    )


def bring_in(report: MadeReport, add: Callable[[Archive, MadeReport], object]) -> dict[str, float]:
    """Take the report through every stage; return the seconds of each."""
    took: dict[str, float] = {}
    with TemporaryFile() as file:
        archive = Archive(file)
        add(archive, report)
        archive.close()
        file.seek(0)
        with timed(took, "receive"):
            receive(
                source=file,
                name=f"{report.number}.zip",
                channel=Channel.COMMAND,
                by=None,
                at=timezone.now(),
            )
    for stage in STAGES:
        with timed(took, stage):
            do_stage(stage)
    return took


@contextlib.contextmanager
def timed(took: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took[name] = time.perf_counter() - began


def measured(
    report: MadeReport, add: Callable[[Archive, MadeReport], object], analyst: Client
) -> Cost:
    stages = bring_in(report, add)
    tipline = Tipline.objects.get(number=str(report.number))
    assert tipline.file_count == len(report.files)
    assert all(account.holds for account in reconcile())
    page = reverse("cases:tipline", kwargs={"number": tipline.number})

    size = 0

    def ask() -> float:
        nonlocal size
        began = time.perf_counter()
        answer = analyst.get(page)
        seconds = time.perf_counter() - began
        assert answer.status_code == 200, answer.status_code
        size = len(answer.content)
        return seconds

    with as_the_web():
        first = ask()
        with CaptureQueriesContext(connection) as captured:
            ask()
        statements = len(captured)
        repeated = statistics.median(ask() for _ in range(ROUNDS))
    took: dict[str, float] = {}
    with timed(took, "shown"), contextlib.redirect_stdout(io.StringIO()):
        call_command("show_tipline", tipline.number, "--json")
    return Cost(
        stages=stages,
        first=first,
        repeated=repeated,
        shown=took["shown"],
        statements=statements,
        page_bytes=size,
        sightings=Sighting.objects.filter(tipline=tipline).count(),
    )


def main() -> int:
    if not District.objects.exists():
        call_command("load_gazetteer", verbosity=0)
    analyst = signed_in(enlisted("bench-analyst", Role.ANALYST))
    newest = max(Tipline.objects.values_list("number", flat=True), default="")
    serial = max(int(newest) if newest.isdecimal() else 0, 995_000_000)
    report = next(each for each, _ in World(50, seed=9) if each.reported and each.files)
    ways: dict[str, Callable[[Archive, MadeReport], object]] = {
        "XML": lambda archive, one: archive.add_xml(one),
        "JSON": lambda archive, one: archive.add_json(one),
    }
    bring_in(of_size(report, serial + 1, files=2, ip_events=2), ways["JSON"])  # imports and caches
    costs: dict[str, Cost] = {}
    for name, add in ways.items():
        for words, files, ips in (("ordinary", 2, 2), ("large", FILES, IP_EVENTS)):
            serial += 2
            one = of_size(report, serial, files=files, ip_events=ips)
            costs[f"{words}, {name}"] = measured(one, add, analyst)
    tell(costs)
    goals: dict[str, bool] = {}
    for name in ways:
        cost = costs[f"large, {name}"]
        goals |= {
            f"{name}: comes in within {IMPORT_SECONDS:.0f} s ({cost.imported:.1f})": cost.imported
            < IMPORT_SECONDS,
            f"{name}: opens within {PAGE_SECONDS:.0f} s ({cost.first:.2f})": cost.first
            < PAGE_SECONDS,
            f"{name}: opens again within {PAGE_SECONDS:.0f} s ({cost.repeated:.2f})": cost.repeated
            < PAGE_SECONDS,
            f"{name}: its JSON within {PAGE_SECONDS:.0f} s ({cost.shown:.2f})": cost.shown
            < PAGE_SECONDS,
        }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


def tell(costs: dict[str, Cost]) -> None:
    print(f"\nlarge: {FILES:,} files and {IP_EVENTS:,} IP events in one report; ordinary: 2 and 2")
    print(
        f"{'report':<16}{'import s':>9}{'page s':>8}{'again s':>8}{'JSON s':>8}{'statements':>11}"
        f"{'page KiB':>9}{'sightings':>10}"
    )
    for name, cost in costs.items():
        print(
            f"{name:<16}{cost.imported:>9.2f}{cost.first:>8.2f}{cost.repeated:>8.2f}"
            f"{cost.shown:>8.2f}{cost.statements:>11}{cost.page_bytes // 1024:>9}"
            f"{cost.sightings:>10,}"
        )
    for name, cost in costs.items():
        stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in cost.stages.items())
        print(f"  {name}: {stages}")


if __name__ == "__main__":
    raise SystemExit(main())
