"""A large dispatch through every stage while things die: `./dev bench faults [COUNT]`.

Workers are killed by SIGKILL ten times at random moments (two while the archive is unpacked, the
others spread over the whole work), the broker is emptied once, PostgreSQL is
crashed (immediate shutdown) and started again once. At the end every report must be there once,
through every stage, and the conservation law must hold, as it must after each fault. PostgreSQL is
a server of this benchmark's own, beside the one that `./dev bench` starts, so that it can be
felled.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ifso.embedded import stores
from ifso.embedded.processes import spawn

COUNT = 100_000
KILLS = 10
WHILE_UNPACKING = 2  # kills
UNPACKING_SECONDS = (2.0, 8.0)  # how long a worker lives before them, at random
END_SECONDS = 3600.0
TWICE = {  # what must be there once: table to the columns that name a row of it
    "tiplines_tipline": "number",
    "tiplines_version": "tipline_id, number",
    "tiplines_receipt": "dispatch_id, number",
    "tiplines_document": "dispatch_id, position",
    "tiplines_party": "tipline_id, position",
    "tiplines_filerecord": "tipline_id, position",
    "tiplines_sighting": "tipline_id, identifier_id, place",
    "tiplines_address": "tipline_id, place, text, label",
    "tiplines_candidate": "tipline_id, rank",
    "nexus_link": "first_id, second_id",
}


class Worker:
    """A worker with its timetable, as one process group."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = (
            *(sys.executable, "-m", "celery", "-A", "ifso", "worker", "--beat"),
            *(
                "--queues",
                "celery,nexus",
                "--concurrency",
                "2",
                "--schedule",
                str(self.data / "timetable"),
            ),
            *("--without-mingle", "--without-gossip", "--loglevel", "error"),
        )
        with (self.data / "worker.log").open("ab") as log:
            url = stores.as_role(os.environ["DATABASE_URL"], "ifso_worker")
            env = {**os.environ, "DATABASE_URL": url}
            self.process = spawn(command, log=log.fileno(), env=env)

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def database(data: Path) -> Iterator[str]:
    os.environ.pop("DATABASE_URL", None)
    with stores.postgres(data, durable=True) as (url, _ours):
        stores.make_roles(url)
        os.environ["DATABASE_URL"] = url
        yield url


def crash(cluster: Path) -> None:
    """Stop PostgreSQL at once and without a checkpoint, as a power cut would."""
    pid = int((cluster / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    while Path(f"/proc/{pid}/stat").exists():
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)


def law_holds(moment: str) -> None:
    from tiplines.models import Tipline
    from tiplines.services.reconciling import reconcile

    accounts = reconcile()
    faults = [fault for account in accounts for fault in account.faults]
    stored = Tipline.objects.count()
    print(f"  {moment}: {stored:,} stored; the law {faults or 'holds'}", flush=True)
    if faults:
        raise SystemExit(f"the law does not hold after {moment}")


def prepare(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.bench.intake import send

    call_command("migrate", verbosity=0)
    call_command("protect")
    call_command("load_gazetteer", verbosity=0)
    print(f"making {count:,} reports", flush=True)
    send(count, seed=11)


def is_finished() -> bool:
    from tiplines.models import Dispatch

    return Dispatch.objects.filter(finished_at__isnull=False).exists()


def progress(count: int) -> float:
    """0 to 1: how much of all stages is done."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) + count(assessed_at) + count(located_at) + count(linked_at)"
            " from tiplines_tipline"
        )
        return float(cursor.fetchone()[0]) / (4 * count)


def work_until(count: int, share: float) -> None:
    """Let the workers work until that share of everything is done."""
    ends = time.monotonic() + END_SECONDS
    while progress(count) < share and not is_finished():
        if time.monotonic() > ends:
            raise SystemExit(f"not done after {END_SECONDS:.0f} s")
        time.sleep(0.3)


def check(count: int) -> bool:
    from django.db import connection

    from tiplines.models import Tipline

    law_holds("the end")
    there = Tipline.objects.count()
    ready = sum(
        1
        for row in Tipline.objects.values_list("assessed_at", "located_at", "linked_at").iterator()
        if None not in row
    )
    twice = {}
    with connection.cursor() as cursor:
        for table, columns in TWICE.items():
            cursor.execute(
                f"select count(*) from (select 1 from {table} group by {columns}"  # noqa: S608
                " having count(*) > 1) as repeated"
            )
            twice[table] = cursor.fetchone()[0]
    goals = {
        f"{there:,} of {count:,} reports are stored": there == count,
        f"{ready:,} of them went through every stage": ready == count,
        f"no row is there twice ({', '.join(twice)})": not any(twice.values()),
    }
    for words, met in goals.items():
        print(f"{'met    ' if met else 'NOT MET'} {words}")
    if any(twice.values()):
        print(f"        {twice}")
    return all(goals.values())


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    os.environ["DJANGO_SETTINGS_MODULE"] = "ifso.settings"
    data = Path(os.environ["IFSO_DATA"]) / "faults"
    data.mkdir(parents=True, exist_ok=True)
    os.environ["IFSO_DATA"] = str(data)
    moments = random.Random(count)
    faults = ["kill"] * KILLS
    faults.insert(moments.randrange(WHILE_UNPACKING + 1, KILLS), "flush")
    faults.insert(moments.randrange(WHILE_UNPACKING + 1, KILLS), "crash")
    shares = sorted(moments.uniform(0.02, 0.97) for _ in faults[WHILE_UNPACKING:])
    worker = Worker(data)
    began = 0.0
    with contextlib.ExitStack() as stack:
        stack.callback(worker.kill)
        server = stack.enter_context(contextlib.ExitStack())
        server.enter_context(database(data))
        prepare(count)
        from django.conf import settings
        from django.db import connections

        began = time.monotonic()
        worker.start()
        struck = 0
        for number, fault in enumerate(faults):
            if number < WHILE_UNPACKING:
                time.sleep(moments.uniform(*UNPACKING_SECONDS))
            else:
                work_until(count, shares[number - WHILE_UNPACKING])
            if is_finished():
                break
            struck += 1
            if fault == "kill":
                worker.kill()
                law_holds("a kill")
                worker.start()
            elif fault == "flush":
                import redis

                redis.Redis.from_url(settings.REDIS_URL).flushall()
                law_holds("an emptied broker")
            else:
                connections.close_all()
                crash(cluster_of(data))
                server.close()
                server.enter_context(database(data))
                law_holds("a crash of PostgreSQL")
        work_until(count, 1.1)
        took = time.monotonic() - began
        print(f"{struck} of {len(faults)} faults struck; {took:.0f} s, {count / took:.0f}/s")
        worker.kill()
        is_complete = check(count) and struck == len(faults)
        connections.close_all()
    return 0 if is_complete else 1


def cluster_of(data: Path) -> Path:
    """Where the server of `data` keeps its files: apart from it where root needs that."""
    beside = data / "postgres"
    return beside if (beside / "postmaster.pid").exists() else stores.apart(data) / "postgres"


if __name__ == "__main__":
    raise SystemExit(main())
