"""Fill an empty system for the demo: gazetteer, officers of every role, and a made dispatch.

Does nothing that was done before. The officers' password is the same for all and printed: this
command refuses to run on a system that has other officers.
"""

import sys
import time
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import ROLE_LABELS, User
from districts.models import District
from ifso import demo
from tiplines.making.dispatch import make_dispatch
from tiplines.models import Dispatch
from tiplines.models.dispatch import Channel
from tiplines.services.receipts import progress_of
from tiplines.services.receiving import DuplicateDispatch, receive

TIPLINES = 2000
SEED = 7
PDFS = 40  # of the tiplines: both generations, about a second to write
BOUNDARIES = "ps_boundaries.geojson"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=TIPLINES, help="made tiplines (2000)")
        parser.add_argument("--wait-seconds", type=float, default=180)

    def handle(self, *args: Any, **options: Any) -> None:
        names = {one.username for one in (*demo.SHOWN, *demo.OF_DISTRICTS)}
        if User.objects.exclude(username__in=names).exists():
            raise CommandError("There are officers here that are not the demo's.")
        self.load_places()
        demo.enlist(at=timezone.now())
        dispatch = self.send_dispatch(options["count"])
        if self.show_progress(dispatch, seconds=options["wait_seconds"]) and demo.is_untouched():
            self.say("half a day of work by the demo's officers")
            demo.work_half_a_day(at=timezone.now())
        self.stdout.write(f"\n  Sign in with the password “{demo.PASSWORD}” as\n")
        for one in demo.SHOWN:
            where = f", {one.place}" if one.place else ""
            self.stdout.write(
                f"    {one.username:<12} {ROLE_LABELS[one.role]}{where} ({one.full_name})"
            )
        if not settings.SECOND_FACTOR_COMPULSORY:
            self.stdout.write("  To see the second factor: SECOND_FACTOR=compulsory ./dev demo")
        self.stdout.write("")

    def load_places(self) -> None:
        if not District.objects.exists():
            self.say("gazetteer")
            call_command("load_gazetteer", verbosity=0, stdout=StringIO())
            layer = Path(settings.HOME).parent / "shared" / "data" / BOUNDARIES
            if layer.exists():  # a layer without a stated licence: used where it lies, never kept
                call_command("load_boundaries", layer, stdout=StringIO())

    def send_dispatch(self, count: int) -> Dispatch:
        """Receive the made dispatch as any other; the same one again is not made twice."""
        if (first := Dispatch.objects.order_by("pk").first()) is not None:
            return first
        self.say(f"a made dispatch of {count} tiplines")
        with TemporaryFile() as file:
            make_dispatch(count, SEED, to=file, sent_on=timezone.localdate(), pdfs=min(PDFS, count))
            file.seek(0)
            try:
                return receive(
                    source=file,
                    name="ncrb-demo.zip",
                    channel=Channel.COMMAND,
                    by=None,
                    at=timezone.now(),
                    reference="NCRB/DEMO/1",
                    sender="NCRB",
                )
            except DuplicateDispatch as repeated:
                return repeated.held

    def show_progress(self, dispatch: Dispatch, *, seconds: float) -> bool:
        """Follow the workers; True when they have done all of it in time."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            dispatch.refresh_from_db()
            done = progress_of(dispatch.pk)
            read = done["documents"] - done["waiting"]
            text = (
                f"  read {read}/{done['documents']} documents · assessed {done['assessed']}"
                f" · located {done['located']} · linked {done['linked']} of {done['stored']}"
            )
            end = "\r" if sys.stdout.isatty() and not dispatch.finished_at else "\n"
            self.stdout.write(text, ending=end)
            self.stdout.flush()
            if dispatch.finished_at is not None:
                return True
            time.sleep(1)
        self.stdout.write("The workers go on in the background; the pages show how far they are.")
        return False

    def say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        self.stdout.flush()
