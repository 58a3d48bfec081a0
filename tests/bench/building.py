"""Made tiplines in the benchmark's own database, brought in by the ordinary intake on every
core.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from tempfile import TemporaryFile

import django
from django.db import connection, connections
from django.utils import timezone

A_DISPATCH = 5000


def build(count: int) -> None:
    """Bring the number of tiplines up to `count`; what is there already stays."""
    from django.core.management import call_command

    from districts.models import District
    from tiplines.models import Tipline

    if not District.objects.exists():
        call_command("load_gazetteer", verbosity=0)
    present = Tipline.objects.count()
    began = time.monotonic()
    while present < count:
        send(min(A_DISPATCH, count - present), seed=2 + present // A_DISPATCH)
        work()
        present = Tipline.objects.count()
        rate = present / (time.monotonic() - began)
        print(f"  built {present:,} tiplines ({rate:.0f}/s in this run)", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def send(count: int, *, seed: int) -> None:
    from tiplines.making.dispatch import make_dispatch
    from tiplines.models.dispatch import Channel
    from tiplines.services.receiving import receive

    with TemporaryFile() as file:
        make_dispatch(count, seed, to=file)
        file.seek(0)
        receive(
            source=file, name=f"{seed}.zip", channel=Channel.COMMAND, by=None, at=timezone.now()
        )


def work() -> None:
    """Do every stage with as many processes as there are cores."""
    connections.close_all()
    took = []
    for stage in ("unpack", "read", "assess", "locate", "link"):
        began = time.monotonic()
        several = 1 if stage in {"unpack", "link"} else os.cpu_count() or 1
        with multiprocessing.get_context("spawn").Pool(several, initializer=django.setup) as pool:
            pool.map(do_stage, [stage] * several)
        took.append(f"{stage} {time.monotonic() - began:.0f} s")
    print("  " + ", ".join(took), flush=True)


def do_stage(name: str) -> None:
    from accounts.scope import as_the_system
    from nexus.services.linking import link_next
    from tiplines.services.assessing import assess_next
    from tiplines.services.placing import locate_next
    from tiplines.services.reading import read_next
    from tiplines.services.receiving import unpack_next

    steps: dict[str, Callable[..., int | bool]] = {
        "unpack": unpack_next,
        "read": read_next,
        "assess": assess_next,
        "locate": locate_next,
        "link": link_next,
    }
    with as_the_system():
        while steps[name](at=timezone.now()):
            pass
