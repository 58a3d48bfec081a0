"""How fast the pages are with 100,000 tiplines, beside a bare keyset page, and how they grow.

`./dev bench pages [COUNT]`. Requests go through the whole application (middleware, session,
officer) by Django's own client in one process: the network and other processes stay out of it.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseBase  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts import services as officers  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.roles import Rank, Role  # noqa: E402
from accounts.scope import scoped  # noqa: E402
from accounts.services.duties import duty_of  # noqa: E402
from districts.models import District, PoliceStation  # noqa: E402
from tests.bench.building import build  # noqa: E402
from tests.bench.roles import as_the_web  # noqa: E402
from tiplines.models import Identifier, Tipline  # noqa: E402

SMALL = 10_000
ROUNDS = 60
QUEUE_STATEMENTS = 12
QUEUE_P95_MS = 200
GROWTH = 1.5
Figures = dict[str, tuple[float, float, int]]
"""Page to p50 ms, p95 ms and statements."""


def floor_view(request: HttpRequest) -> HttpResponse:
    """A keyset page of 50 rows and nothing else: no session, no officer, a template of one
    table.
    """
    rows = (
        Tipline.objects.awaiting()
        .order_by("-urgency", "-id")
        .values_list("number", "provider", "suspect_line", "urgency", "received_at")[:50]
    )
    page = engines["django"].from_string(
        "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>"
        "{% endfor %}</table>"
    )
    return HttpResponse(page.render({"rows": rows}))


def floor_for(reader: User, request: HttpRequest) -> HttpResponse:
    """The floor's rows lie under row-level security as well."""
    with scoped(reader):
        return floor_view(request)


def enlisted(
    username: str,
    role: Role,
    district: District | None = None,
    station: PoliceStation | None = None,
) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        now = timezone.now()
        user = officers.enlist(
            username=username,
            full_name="Bench",
            rank=Rank.INSPECTOR,
            password=os.urandom(12).hex(),
            by=None,
            at=now,
        )
        officers.post(
            user=user,
            role=role,
            district=district,
            station=station,
            from_on=now.date(),
            by=None,
            at=now,
        )
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def pages() -> dict[str, Callable[[int], HttpResponseBase]]:
    """Name to a call that asks for the page; the number picks another row each time."""
    analyst = signed_in(enlisted("bench-analyst", Role.ANALYST))
    supervisor = signed_in(enlisted("bench-supervisor", Role.SUPERVISOR))
    rohini = District.objects.get(code="ROH")
    district = signed_in(enlisted("bench-district", Role.DISTRICT, rohini))
    numbers = list(
        Tipline.objects.order_by("-pk").values_list("number", flat=True)[: ROUNDS * 50 : 50]
    )
    emails = list(Identifier.objects.filter(kind="email").values_list("value", flat=True)[:ROUNDS])
    names = ("Sharma", "Khan", "Singh", "Das")
    queue, search = reverse("cases:queue"), reverse("cases:search")
    bare = RequestFactory().get("/")
    floor_reader = enlisted("bench-analyst", Role.ANALYST)
    floor_reader.duty = duty_of(floor_reader, at=timezone.now())
    return {
        "floor": lambda turn: floor_for(floor_reader, bare),
        "queue": lambda turn: analyst.get(queue),
        "queue, other State": lambda turn: analyst.get(queue, {"outcome": "other_state"}),
        "queue, district": lambda turn: analyst.get(queue, {"district": rohini.pk}),
        "queue, oldest first": lambda turn: analyst.get(queue, {"sort": "age"}),
        "tipline": lambda turn: analyst.get(
            reverse("cases:tipline", kwargs={"number": numbers[turn % len(numbers)]})
        ),
        "board": lambda turn: supervisor.get(reverse("operations:board")),
        "board, all time": lambda turn: supervisor.get(
            reverse("operations:board"), {"period": "all"}
        ),
        "search, e-mail": lambda turn: analyst.post(
            search, {"text": emails[turn % len(emails)]}, follow=True
        ),
        "search, name": lambda turn: analyst.post(search, {"text": names[turn % 4]}, follow=True),
        "desk of a district": lambda turn: district.get(reverse("cases:desk")),
    }


def measure() -> Figures:
    asked = pages()
    with as_the_web():
        return {name: figures_of(name, ask) for name, ask in asked.items()}


def figures_of(name: str, ask: Callable[[int], HttpResponseBase]) -> tuple[float, float, int]:
    ask(0)
    with CaptureQueriesContext(connection) as captured:
        answer = ask(1)
    statements = len(captured)  # now: the next request empties the log
    assert answer.status_code == 200, (name, answer.status_code)
    took = []
    for turn in range(ROUNDS):
        began = time.perf_counter()
        ask(turn)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=20)[-1], statements


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"building {SMALL:,} tiplines", flush=True)
    build(SMALL)
    there = Tipline.objects.count()
    small = measure() if there <= SMALL else {}
    build(count)
    large = measure()
    floor = large["floor"][0]
    print(f"\n{Tipline.objects.count():,} tiplines; floor p50 {floor:.1f} ms")
    print(f"{'page':<22}{'p50 ms':>9}{'p95 ms':>9}{'statements':>12}{'x floor':>9}{'growth':>9}")
    for name, (p50, p95, statements) in large.items():
        growth = f"{p50 / small[name][0]:.2f}" if small else "-"
        print(f"{name:<22}{p50:>9.1f}{p95:>9.1f}{statements:>12}{p50 / floor:>9.1f}{growth:>9}")
    p50, p95, statements = large["queue"]
    goals = {
        f"queue takes at most {QUEUE_STATEMENTS} statements": statements <= QUEUE_STATEMENTS,
        f"queue p95 is at most {QUEUE_P95_MS} ms": p95 <= QUEUE_P95_MS,
        f"queue grows at most {GROWTH} times from {SMALL:,} rows": not small
        or p50 / small["queue"][0] <= GROWTH,
    }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    if not small:
        print("growth not measured: the database was larger at the start; run ./dev clean first")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
