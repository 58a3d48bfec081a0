"""Take a dispatch in: a ZIP, a folder, a single file, or several of them as one dispatch.

Prints a receipt as JSON. A dispatch that was received before changes nothing; the receipt says so.
"""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tiplines import inbox
from tiplines.models import Dispatch
from tiplines.models.dispatch import Channel
from tiplines.services.receipts import receipt_of
from tiplines.services.receiving import DuplicateDispatch, receive_paths

LOOK_SECONDS = 0.5


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--reference", default="", help="the sender's reference")
        parser.add_argument("--sender", default="", help="who sent it, e.g. NCRB")
        parser.add_argument(
            "--wait", action="store_true", help="until workers have done every stage"
        )
        parser.add_argument(
            "--wait-seconds", type=float, default=3600, help="how long to wait at most (3600)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        paths: list[Path] = options["paths"]
        for path in paths:
            if not path.exists():
                raise CommandError(f"{path}: there is no such file or folder")
        repeated = False
        try:
            dispatch = receive_paths(
                paths=paths,
                channel=Channel.COMMAND,
                by=None,
                at=timezone.now(),
                reference=options["reference"],
                sender=options["sender"],
            )
        except DuplicateDispatch as held:
            dispatch, repeated = held.held, True
        except inbox.NotText:
            raise CommandError(
                f"{paths[0].name}: not text; media are refused at the door"
            ) from None
        if options["wait"]:
            self.wait(dispatch, seconds=options["wait_seconds"])
        receipt = receipt_of(dispatch.pk) | {"repeated": repeated}
        self.stdout.write(json.dumps(receipt, indent=2, ensure_ascii=False))

    def wait(self, dispatch: Dispatch, *, seconds: float) -> None:
        """Until no stage is due for the dispatch. Raises CommandError past `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            dispatch.refresh_from_db()
            if dispatch.finished_at is not None:
                return
            if time.monotonic() > deadline:
                raise CommandError(
                    f"dispatch {dispatch.pk} is not finished after {seconds:.0f} s:"
                    " are workers running?"
                )
            time.sleep(LOOK_SECONDS)
