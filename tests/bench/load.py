"""Twenty officers at once among 1,000,000 tiplines, and whether time tells unseen from absent.

`./dev bench load [SECONDS]`. Gunicorn serves as `./dev up` has it, as the web's database role, on
the rows of `./dev bench rows`; officers come over HTTP from the loopback, each a page every two
seconds on average. Goals are G3, G5, G6 and G7 of the protection issue.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from accounts.scope import scoped  # noqa: E402
from accounts.services.duties import duty_of  # noqa: E402
from cases.models import Case  # noqa: E402
from districts.models import District, PoliceStation  # noqa: E402
from ifso.embedded.stores import as_role  # noqa: E402
from ifso.embedded.supervisor import services  # noqa: E402
from tests.bench.pages import enlisted, signed_in  # noqa: E402
from tests.bench.roles import as_the_web  # noqa: E402
from tests.bench.rows import ensure_rows, sql_time  # noqa: E402
from tests.statements import Statements  # noqa: E402

SECONDS = 60
THINKS = 2.0  # seconds between two pages of one officer, on average
PAIRS = 500
CHECKS = 200
DISTRICTS, STATIONS, ANALYSTS = 8, 6, 6  # twenty officers
START_SECONDS = 30
Visitor = tuple[str, list[str]]
"""An officer's cookie, and the pages that the officer takes in turn."""


@contextmanager
def serving() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    web = services(port=port, data=settings.DATA)[0]
    database = as_role(os.environ["DATABASE_URL"], "ifso_web")
    # Its settings are the benchmark's: another host name is the only difference.
    environment = {**os.environ, "DATABASE_URL": database}
    with (settings.DATA / "log" / "load.log").open("ab") as log:  # a line for each 404
        process = subprocess.Popen(web.command, env=environment, stderr=log)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the web did not start")


def fetch(port: int, path: str, cookie: str) -> tuple[int, float]:
    """Status and milliseconds, to the last byte."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    link.request("GET", path, headers={"Host": "localhost", "Cookie": cookie})
    answer = link.getresponse()
    answer.read()
    took = (time.perf_counter() - began) * 1000
    link.close()
    return answer.status, took


def cookie_of(user: User) -> str:
    """The session of one who signed in, without the form."""
    return "; ".join(f"{name}={each.value}" for name, each in signed_in(user).cookies.items())


def visitors() -> list[Visitor]:
    cases, desk, queue = map(reverse, ("cases:cases", "cases:desk", "cases:queue"))
    listed = [cases, f"{cases}?status=open", f"{cases}?status=handed-over", desk]
    found: list[Visitor] = []
    districts = District.objects.exclude(code="ROH").order_by("pk")[:DISTRICTS]
    for number, district in enumerate(districts):
        user = enlisted(f"load-district-{number}", Role.DISTRICT, district)
        station = PoliceStation.objects.filter(district=district).order_by("pk")[0]
        found.append((cookie_of(user), [*listed, f"{cases}?station={station.pk}"]))
    for number, station in enumerate(PoliceStation.objects.order_by("-pk")[:STATIONS]):
        user = enlisted(f"load-station-{number}", Role.STATION, station=station)
        found.append((cookie_of(user), listed))
    district = districts[0]
    for number in range(ANALYSTS):
        user = enlisted(f"load-analyst-{number}", Role.ANALYST)
        pages = [queue, f"{queue}?district={district.pk}", f"{queue}?sort=age", cases]
        found.append((cookie_of(user), pages))
    return found


def visit(port: int, visitor: Visitor, seconds: float, seed: int) -> list[tuple[str, float]]:
    cookie, pages = visitor
    chance = random.Random(seed)
    took: list[tuple[str, float]] = []
    until = time.monotonic() + seconds
    time.sleep(chance.uniform(0, THINKS))
    while time.monotonic() < until:
        path = chance.choice(pages)
        status, ms = fetch(port, path, cookie)
        assert status == 200, (path, status)
        took.append((path, ms))
        time.sleep(chance.expovariate(1 / THINKS))
    return took


def load(port: int, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of every answer: of pages as they open, and of those with a filter."""
    everybody = visitors()
    for cookie, pages in everybody:
        for path in pages:
            fetch(port, path, cookie)
    with ThreadPoolExecutor(len(everybody)) as pool:
        done = pool.map(lambda each: visit(port, each[1], seconds, each[0]), enumerate(everybody))
        found: dict[str, list[float]] = defaultdict(list)
        for took in done:
            for path, ms in took:
                found["with a filter" if "?" in path else "as they open"].append(ms)
    return found


def unseen_and_absent(port: int, asker: User) -> float:
    """By how many ms the median time of a case elsewhere differs from that of no case."""
    cookie = cookie_of(asker)
    elsewhere = Case.objects.exclude(district__code="ROH").order_by("-pk")
    unseen = list(elsewhere.values_list("pk", flat=True)[:PAIRS])
    took: tuple[list[float], list[float]] = ([], [])
    for turn, key in enumerate(unseen):
        pair = [(0, key), (1, 10**9 + key)]
        for which, pk in pair if turn % 2 else reversed(pair):
            status, ms = fetch(port, reverse("cases:case", args=[pk]), cookie)
            assert status == 404, status
            took[which].append(ms)
    return abs(statistics.median(took[0]) - statistics.median(took[1]))


def object_check(asker: User) -> tuple[int, float]:
    """Statements, and median ms of SQL, to find one case that may be seen."""
    asker.duty = duty_of(asker, at=timezone.now())
    keys = Case.objects.filter(district__code="ROH", is_restricted=False).order_by("-pk")
    wanted = list(keys.values_list("pk", flat=True)[:CHECKS])
    took = []
    with as_the_web(), scoped(asker):
        with Statements() as captured:
            Case.objects.visible_to(asker).get(pk=wanted[0])
        for pk in wanted:
            with sql_time() as each:
                Case.objects.visible_to(asker).get(pk=pk)
            took.append(sum(each))
    return len(captured), statistics.median(took)


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    ensure_rows()
    asker = enlisted("bench-district", Role.DISTRICT, District.objects.get(code="ROH"))
    with serving() as port:
        connection.close()
        times = load(port, seconds)
        differs = unseen_and_absent(port, asker)
    statements, checked = object_check(asker)
    print(f"{'lists':<16}{'answers':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    figures = {}
    for name, took in times.items():
        cuts = statistics.quantiles(took, n=100)
        figures[name] = cuts[94], cuts[98]
        print(f"{name:<16}{len(took):>9}{cuts[49]:>9.1f}{cuts[94]:>9.1f}{cuts[98]:>9.1f}")
    print(f"unseen and absent differ by {differs:.2f} ms in the median of {PAIRS} pairs")
    print(f"one object: {statements} statement, {checked:.2f} ms")
    goals = {
        "G5: a list p95 at most 200 ms, p99 at most 500 ms": figures["as they open"][0] <= 200
        and figures["as they open"][1] <= 500,
        "G6: a list with a filter p95 at most 300 ms": figures["with a filter"][0] <= 300,
        "G3: unseen and absent differ by less than 5 ms": differs < 5,
        "G7: one object in one statement and at most 5 ms": statements <= 1 and checked <= 5,
    }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
