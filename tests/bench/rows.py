"""Lists of district and station officers among 1,000,000 tiplines, row-level security on.

`./dev bench rows [COUNT]`. The rows are written by SQL: about one tipline in ten awaits a decision,
the others are held, spread evenly over districts and stations; some cases are restricted, a third
has an FIR, accused and arrest. Beside the pages stands the floor: the bare first page of the same
list by its index, as the tables' owner sees it, without any policy.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponseBase  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from accounts.scope import scoped  # noqa: E402
from accounts.services.duties import duty_of  # noqa: E402
from cases.models import Case  # noqa: E402
from districts.models import District, PoliceStation  # noqa: E402
from tests.bench.pages import enlisted, signed_in  # noqa: E402
from tests.bench.roles import as_the_web  # noqa: E402
from tests.statements import Statements  # noqa: E402
from tiplines.models import Tipline  # noqa: E402

WAITING = import_module("cases.migrations.0010_waiting")
COUNT = 1_000_000
ROUNDS = 60
LISTS = ("cases", "cases, open", "desk")
STATEMENTS = 12
SQL_MS = 10.0
FLOOR = """
select c.id, c.headline, c.status, c.status_at, c.urgency from cases_case c
where c.district_id = %s order by c.status_at desc, c.id desc limit 51
"""

BUILD = """
insert into tiplines_dispatch (reference, sender, channel, name, sha256, size_bytes, key,
  received_at, unpacked_at, document_count, finished_at)
values ('', 'bench', 'command', 'rows', repeat('0', 64), 1, '', now(), now(), 0, now())
on conflict do nothing;

insert into tiplines_document (dispatch_id, position, name, kind, size_bytes, sha256, bundle, leads,
  packed_bytes, state, attempts)
select id, 0, 'rows.json', 'json', 1, '', 0, false, 0, 'read', 1
from tiplines_dispatch where name = 'rows';

create temporary table place as
  select row_number() over (order by s.id) - 1 as n, s.id as station_id, s.district_id
  from districts_policestation s where s.district_id is not null;

insert into tiplines_tipline (number, is_stub, version, content_sha256, dispatch_id, left_bundle,
  received_at, provider, provider_key, platform, incident_type, incident_original, zone_missing,
  ncmec_priority, escalation, annotations, batched_reason, police_reference, prior_reports,
  narrative, suspect_line, file_count, worst_class, urgency, urgency_reasons, completeness, missing,
  assessed_at, outcome, state_name, location_reasons, gazetteer_version, located_at,
  linked_at, status, status_at, holder_district_id, holder_station_id, came_back,
  return_count)
select (700000000 + g)::text, false, 1, repeat('0', 64),
  (select id from tiplines_dispatch where name = 'rows'), false,
  now() - g * interval '7 seconds', 'Google', 'google', '', 'Child Pornography', '', false,
  '', '', '{}', '', '', '{}', '', 'A. Kumar', 1, '', g %% 100, '[]', 60, '[]',
  now(), 'delhi', '', '[]', '', now(), now(), w.status, now() - g * interval '7 seconds',
  case when w.status = 'held' then p.district_id end,
  case when w.status = 'held' then p.station_id end, '', 0
from generate_series(1, %(count)s) g
cross join lateral (
  select case when hashint4(g) %% 10 = 0 then 'awaiting' else 'held' end as status
) w
join place p on p.n = g %% (select count(*) from place);

insert into cases_case (district_id, station_id, status, status_at, opened_at, opened_by_id,
  handed_over_at, headline, urgency, is_restricted)
select t.holder_district_id, t.holder_station_id,
  (array['handed-over', 'acknowledged', 'registered', 'handed-over', 'under-enquiry',
    'registered'])[1 + t.number::int %% 6], t.status_at,
  t.status_at, %(officer)s, t.status_at, t.suspect_line, t.urgency, t.number::int %% 1000 = 0
from tiplines_tipline t where t.status = 'held' order by t.id;

insert into cases_casetipline (case_id, tipline_id, added_at)
select c.id, t.id, t.status_at
from (
  select id, row_number() over (order by id) n from tiplines_tipline where status = 'held'
) k
join tiplines_tipline t on t.id = k.id
join (select id, row_number() over (order by id) n from cases_case) c on c.n = k.n;

update tiplines_tipline t set restricted_case_id = c.id
from cases_casetipline e join cases_case c on c.id = e.case_id
where e.tipline_id = t.id and c.is_restricted;

-- One in fifty has a second version; of these the holder has yet to see one in twenty.
update tiplines_tipline set version = 2, news_at = case when number::int %% 1000 = 50 then now() end
where number::int %% 50 = 0 and status = 'held';
insert into tiplines_version (tipline_id, number, format, sealed_source, is_whole, unread, missing,
  filled, sha256, dispatch_id, document_id, received_at)
select t.id, 2, 'json', '', true, '{}', '{}', '{}', repeat('0', 64), t.dispatch_id, d.id,
  coalesce(t.news_at, t.status_at)
from tiplines_tipline t
join tiplines_document d on d.dispatch_id = t.dispatch_id
where t.version = 2;

-- An FIR for every registered case, an accused in each second, all of them arrested: one in a
-- hundred is not yet produced. Of the FIRs older than 60 days one in twenty waits for its informant
-- to be told.
insert into cases_fir (case_id, kind, number, year, station_id, registered_at, sections,
  investigating_officer, officer_rank, informed_at, recorded_at, recorded_by_id)
select c.id, 'regular', row_number() over (partition by c.station_id order by c.id), 2026,
  c.station_id, c.status_at, '{IT-67B}', 'Ravi Singh', 'inspector',
  case when c.status_at < now() - interval '60 days' and c.id %% 20 <> 0 then now() end,
  c.status_at, c.opened_by_id
from cases_case c where c.status = 'registered';
insert into cases_accused (fir_id, name, age, address, recorded_at, recorded_by_id)
select f.id, 'Made Name', 30, '', f.recorded_at, f.recorded_by_id
from cases_fir f where f.number %% 2 = 0;
insert into cases_arrest (accused_id, arrested_at, place, arrested_by, produced_at,
  recorded_at, recorded_by_id)
select a.id, a.recorded_at, '', 'Ravi Singh',
  case when a.id %% 100 <> 0 then a.recorded_at + interval '9 hours' end,
  a.recorded_at, a.recorded_by_id
from cases_accused a;
"""


def build(count: int, officer: User) -> None:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(BUILD, {"count": count, "officer": officer.pk})
        cursor.execute(WAITING.FILL)
        cursor.execute("vacuum analyze")  # as autovacuum leaves a database at rest
        cursor.execute("checkpoint")
    print(f"built {count:,} tiplines and cases in {time.monotonic() - began:.0f} s", flush=True)


@contextmanager
def sql_time() -> Iterator[list[float]]:
    """Milliseconds of each statement, as the application waits for it."""
    took: list[float] = []

    def timed(execute: Callable[..., Any], *rest: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*rest)
        finally:
            took.append((time.perf_counter() - began) * 1000)

    with connection.execute_wrapper(timed):
        yield took


def measure(
    ask: Callable[[int], HttpResponseBase],
) -> tuple[float, float, float, float, int]:
    """Page p50 and p95, SQL p50 and p95, all in ms, and statements."""
    ask(0)
    with Statements() as captured:
        assert ask(1).status_code == 200
    statements = len(captured)
    pages, sql = [], []
    for turn in range(ROUNDS):
        with sql_time() as took:
            began = time.perf_counter()
            ask(turn)
            pages.append((time.perf_counter() - began) * 1000)
        sql.append(sum(took))
    return (
        statistics.median(pages),
        statistics.quantiles(pages, n=20)[-1],
        statistics.median(sql),
        statistics.quantiles(sql, n=20)[-1],
        statements,
    )


def floor_ms(district: District) -> float:
    took = []
    with connection.cursor() as cursor:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            cursor.execute(FLOOR, [district.pk])
            cursor.fetchall()
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def ensure_rows(count: int = COUNT) -> None:
    call_command("load_gazetteer", verbosity=0)
    if not Tipline.objects.exists():
        build(count, enlisted("bench-supervisor", Role.SUPERVISOR))


def main() -> int:
    ensure_rows(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
    analyst = enlisted("bench-analyst", Role.ANALYST)
    rohini = District.objects.get(code="ROH")
    station = PoliceStation.objects.filter(district=rohini).order_by("pk")[0]
    district_officer = enlisted("bench-district", Role.DISTRICT, rohini)
    station_officer = enlisted("bench-station", Role.STATION, station=station)
    numbers = list(
        Tipline.objects.filter(holder_district=rohini, restricted_case__isnull=True, version=1)
        .order_by("-pk")
        .values_list("number", flat=True)[:ROUNDS]
    )
    cases = list(
        Case.objects.filter(district=rohini, is_restricted=False)
        .order_by("-pk")
        .values_list("pk", flat=True)[:ROUNDS]
    )
    floor = floor_ms(rohini)
    in_district, at_station, in_unit = map(signed_in, (district_officer, station_officer, analyst))
    listed, desk = reverse("cases:cases"), reverse("cases:desk")
    asked: dict[str, Callable[[int], HttpResponseBase]] = {
        "district: cases": lambda turn: in_district.get(listed),
        "district: cases, open": lambda turn: in_district.get(listed, {"status": "open"}),
        "district: desk": lambda turn: in_district.get(desk),
        "district: case": lambda turn: in_district.get(
            reverse("cases:case", args=[cases[turn % len(cases)]])
        ),
        "district: tipline": lambda turn: in_district.get(
            reverse("cases:tipline", args=[numbers[turn % len(numbers)]])
        ),
        "station: cases": lambda turn: at_station.get(listed),
        "station: desk": lambda turn: at_station.get(desk),
        "unit: cases": lambda turn: in_unit.get(listed),
    }
    with as_the_web():
        figures = {name: measure(ask) for name, ask in asked.items()}
        for officer in (district_officer, station_officer):
            officer.duty = duty_of(officer, at=timezone.now())
            with scoped(officer), connection.cursor() as cursor:
                cursor.execute("show row_security")
                assert cursor.fetchone() == ("on",)
                assert Case.objects.filter(is_restricted=True).count() == 0
    print(f"\n{Tipline.objects.count():,} tiplines; floor: its bare list page {floor:.2f} ms")
    print(f"{'page':<24}{'p50 ms':>8}{'p95 ms':>8}{'SQL p50':>9}{'SQL p95':>9}{'statements':>12}")
    for name, (p50, p95, sql50, sql95, statements) in figures.items():
        print(f"{name:<24}{p50:>8.1f}{p95:>8.1f}{sql50:>9.1f}{sql95:>9.1f}{statements:>12}")
    lists = [name for name in figures if name.split(": ")[1] in LISTS]
    goals = {
        f"{name} takes at most {STATEMENTS} statements and {SQL_MS:.0f} ms of SQL": (
            figures[name][4] <= STATEMENTS and figures[name][2] <= SQL_MS
        )
        for name in lists
    }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
