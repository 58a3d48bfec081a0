"""Reads what is due like a worker, and dies by SIGKILL where it is told to.

python -m tests.faults.killed_reader NAME|COUNT: at the document called NAME, or at the COUNTth.
Ends with 0 when nothing is due any more.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import django

if __name__ == "__main__":
    django.setup()
    from django.utils import timezone

    from accounts.scope import as_the_system
    from tiplines.parsing import read_bundle
    from tiplines.parsing.records import Reading, SourceDocument
    from tiplines.services import reading

    ends_at = sys.argv[1]
    seen = 0

    def read_or_die(documents: Sequence[SourceDocument], **options: Any) -> Reading:
        global seen
        seen += 1
        if ends_at in (documents[0].name, str(seen)):
            os.kill(os.getpid(), signal.SIGKILL)
        return read_bundle(documents, **options)

    setattr(reading, "read_bundle", read_or_die)  # noqa: B010  # a fault put in from outside
    with as_the_system():
        while reading.read_next(at=timezone.now()):
            pass
