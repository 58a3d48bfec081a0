"""Takes dispatches through the whole intake, each in a process of its own, and measures it.

python -m tests.tiplines.hostile.worker FILE …: prints one line of JSON for each file, in their
order: its name, how the process ended, and its peak of resident memory in MiB.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

import django

MIB = 1024 * 1024
ADDRESS_SPACE = 3072 * MIB  # so that a defect ends this process and not the machine


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    django.setup()
    from accounts.scope import as_the_system
    from tests.tiplines.intake import bring, work

    for path in map(Path, sys.argv[1:]):
        if not (child := os.fork()):
            with as_the_system():
                with path.open("rb") as source:
                    bring(source.read(), name=path.name)
                work()
            os._exit(0)
        _, status, used = os.wait4(child, 0)
        print(  # noqa: T201 - it is what this process is for
            json.dumps(
                {
                    "name": path.name,
                    "ended": os.waitstatus_to_exitcode(status),
                    "peak": used.ru_maxrss // 1024,
                    "seconds": round(used.ru_utime + used.ru_stime, 1),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
