"""The record: audited transactions a second, how far sealing lags, how long a check takes.

    ./dev bench audit [--rows 10000000] [--seconds 10]

Each figure stands beside its floor from the same run: the transactions beside the same ones without
an event, the check beside reading the same bytes and beside hashing alone. The record of the
benchmark's database is emptied first.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.db import connection, connections, transaction
from django.utils import timezone

CLIENTS = (1, 8, 16)
WORK_SECONDS = 0.005  # what an act does besides
STEP = 1_000_000  # rows inserted by one statement
HASHED_FOR_FLOOR = 1_000_000
TABLES = ("audit_event", "audit_seal", "audit_checkpoint")
ROWS = """
insert into audit_event (at, actor_id, actor_name, role, session, source, verb, subject, detail,
  request_id)
select timestamptz '2026-01-01' + g * interval '1 second', g %% 400, 'officer-' || g %% 400,
  'station', md5((g / 50)::text)::varchar(16), '10.1.2.3', 'tipline.opened',
  'tipline:' || 990000000 + g, '{"batch": "6a1f6f0e-33c4-4c5e-9d0a-0d2c8d9f1b11"}',
  left(md5(g::text), 16)
from generate_series(%s, %s) g
"""


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "ifso.settings"
    django.setup()
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=10)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        os.environ["IFSO_CHECKPOINTS"] = folder
        empty()
        transactions(asked.seconds)
        empty()
        (Path(folder) / "checkpoints.txt").unlink()
        build(asked.rows)
        checks(asked.rows)


def execute(statement: str, values: tuple[int, ...] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def empty() -> None:
    """As nobody else may: with the guards off."""
    with transaction.atomic():
        for table in TABLES:
            execute(f"alter table {table} disable trigger {table}_no_truncate")
        execute(f"truncate {', '.join(TABLES)}")
        for table in TABLES:
            execute(f"alter table {table} enable trigger {table}_no_truncate")


# Transactions, and the sealer beside them


def transactions(seconds: float) -> None:
    execute("create table if not exists bench_act (id bigserial primary key, at timestamptz)")
    sealer = subprocess.Popen([sys.executable, "manage.py", "seal_audit"])
    try:
        time.sleep(3)
        for clients in CLIENTS:
            bare = rate_of(act, clients, seconds / 2)
            lags: list[float] = []
            with watched(lags):
                audited = rate_of(audited_act, clients, seconds)
            lags.sort()
            print(
                f"{clients:2} clients: {audited:5.0f} audited transactions/s, the same without an"
                f" event {bare:5.0f}; oldest unsealed event p50 {lags[len(lags) // 2]:.2f} s,"
                f" p99 {lags[len(lags) * 99 // 100]:.2f} s",
                flush=True,
            )
    finally:
        sealer.terminate()
        sealer.wait()
        execute("drop table bench_act")  # `protect` refuses a table that it does not know


def act() -> None:
    with transaction.atomic():
        time.sleep(WORK_SECONDS)
        execute("insert into bench_act (at) values (now())")


def audited_act() -> None:
    from audit.services import record

    with transaction.atomic():
        time.sleep(WORK_SECONDS)
        execute("insert into bench_act (at) values (now())")
        record(verb="case.acknowledged", subject="case:1", actor=None, at=timezone.now())


def rate_of(work: Callable[[], None], clients: int, seconds: float) -> float:
    """How often in a second so many processes do it together."""
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(clients) as pool:
        done = pool.starmap(repeat, [(work, seconds)] * clients, chunksize=1)
    return sum(done) / seconds


def repeat(work: Callable[[], None], seconds: float) -> int:
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        work()
        count += 1
    connection.close()
    return count


@contextlib.contextmanager
def watched(lags: list[float]) -> Iterator[None]:
    """Ask ten times a second how old the oldest event is that is not sealed."""
    from audit.models import Event
    from audit.witnesses import waiting

    over = threading.Event()
    newest = Event.objects.order_by("-pk").first()
    before = newest.pk if newest else 0

    def watch() -> None:
        while not over.wait(0.1):
            _count, oldest_at = waiting(after=before)
            lags.append((timezone.now() - oldest_at).total_seconds() if oldest_at else 0.0)
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


# The check


def build(count: int) -> None:
    from audit.sealing import seal_all

    began = time.monotonic()
    for first in range(1, count + 1, STEP):
        execute(ROWS, (first, min(first + STEP - 1, count)))
    inserted = time.monotonic()
    sealed, _place = seal_all()
    took = time.monotonic() - inserted
    execute("vacuum analyze audit_event")
    execute("vacuum analyze audit_seal")
    execute("checkpoint")  # as at rest: what was just written is not still on its way to disk
    print(f"{count:,} events inserted in {inserted - began:.0f} s,", end=" ")
    print(f"{sealed:,} sealed in {took:.0f} s ({sealed / took:,.0f}/s)", flush=True)
    began = time.monotonic()
    subprocess.run([sys.executable, "manage.py", "seal_audit", "--once"], check=True)  # signs
    print(f"a sealer that starts looks through all of it in {time.monotonic() - began:.0f} s")


def checks(count: int) -> None:
    print(f"floor: {read_seconds(count):.1f} s to read the same bytes, ", end="")
    print(f"{hash_seconds() * count / HASHED_FOR_FLOOR:.1f} s to hash as many", flush=True)
    for words, arguments in (
        ("one process", ()),
        ("two processes", ("--processes", "2")),
        ("in SQL", ("--sql",)),
        ("in SQL, two sessions", ("--sql", "--processes", "2")),
    ):
        seconds, memory = run_check(arguments)
        print(f"verify_audit, {words}: {seconds:.1f} s, memory {memory:.0f} MiB", flush=True)


class Nowhere:
    def write(self, data: bytes) -> int:
        return len(data)


def read_seconds(count: int) -> float:
    from audit.verifying import ALONG_THE_INDEX, stream_of

    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ALONG_THE_INDEX)
        cursor.cursor.copy_expert(stream_of(0, count), Nowhere())
    return time.monotonic() - began


def hash_seconds() -> float:
    data, last = bytes(400), bytes(32)
    began = time.monotonic()
    for _ in range(HASHED_FOR_FLOOR):
        last = hashlib.sha256(last + data).digest()
    return time.monotonic() - began


def run_check(arguments: tuple[str, ...]) -> tuple[float, float]:
    """Seconds and the most memory that all its processes held together, in MiB."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "verify_audit", *arguments], stdout=subprocess.PIPE
    )
    most = 0.0
    while process.poll() is None:
        most = max(most, memory_of(process.pid))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"verify_audit ended with {process.returncode}")
    return time.monotonic() - began, most


def memory_of(pid: int) -> float:
    """What a process and its children hold, shared pages counted once, in MiB."""
    kib = 0
    children = Path(f"/proc/{pid}/task/{pid}/children")
    with contextlib.suppress(OSError):
        for each in [str(pid), *children.read_text().split()]:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
            kib += int(re.findall(r"^Pss:\s+(\d+)", text, re.MULTILINE)[0])
    return kib / 1024


if __name__ == "__main__":
    main()
