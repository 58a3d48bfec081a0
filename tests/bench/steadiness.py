"""A thousand groupings of a made world of which other things are said each time: after each, every
judgement holds and every nexus that stays together keeps its number; two orders give the same.

`./dev bench steadiness [TURNS]`; the database must be empty.
"""

from __future__ import annotations

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.scope import as_the_system  # noqa: E402
from nexus.models import Nexus  # noqa: E402
from nexus.services.rebuilding import rebuild  # noqa: E402
from tests.factories import make_officer  # noqa: E402
from tests.nexus.steadiness import hold_through  # noqa: E402
from tests.nexus.stored import store  # noqa: E402
from tests.nexus.world import make_world  # noqa: E402
from tiplines.models import Tipline  # noqa: E402

WORLD, TURNS = 2_000, 1_000


def main() -> int:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    if Tipline.objects.exists():
        print("the database is not empty: run ./dev clean first")
        return 1
    call_command("load_gazetteer", verbosity=0)
    store(make_world(WORLD, seed=5))
    with as_the_system():
        analyst = make_officer()
        rebuild(at=timezone.now())
        began = time.monotonic()
        changed = hold_through(turns=turns, analyst=analyst)
        count = Nexus.objects.filter(ended_at=None).count()
    print(
        f"{turns:,} groupings in {time.monotonic() - began:.0f} s: {changed:,} memberships changed"
        f" among {count:,} nexuses; all judgements held, all numbers were kept"
    )
    print(f"{'met    ' if changed else 'NOT MET'} something changed")
    return 0 if changed else 1


if __name__ == "__main__":
    raise SystemExit(main())
