"""Fill an empty system for the demo: gazetteer, officers of every role, and a made dispatch.

Does nothing that was done before. The officers' password is the same for all and printed: this command
refuses to run on a system that has other officers.
"""

import sys
import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import services as officers
from accounts.models import ROLE_LABELS, User
from accounts.roles import Rank, Role
from districts.models import District, PoliceStation
from tiplines.making.dispatch import make_dispatch
from tiplines.models import Dispatch
from tiplines.models.dispatch import Channel
from tiplines.services.receipts import progress_of
from tiplines.services.receiving import DuplicateDispatch, receive

PASSWORD = "tipline desk demo"  # noqa: S105  # shown on the screen; only for made data
TIPLINES = 2000
SEED = 7
BOUNDARIES = "ps_boundaries.geojson"
OFFICERS = (
    ("analyst", "Asha Verma", Rank.SUB_INSPECTOR, Role.ANALYST, None),
    ("supervisor", "Imran Qureshi", Rank.DEPUTY_COMMISSIONER, Role.SUPERVISOR, None),
    ("rohini", "Harpreet Kaur", Rank.ASSISTANT_COMMISSIONER, Role.DISTRICT, "ROH"),
    ("dwarka", "Sunil Yadav", Rank.ASSISTANT_COMMISSIONER, Role.DISTRICT, "DWK"),
    ("prashant", "Meena Joshi", Rank.INSPECTOR, Role.STATION, "ROH-PRASHANT-VIHAR"),
    ("auditor", "Thomas Mathew", Rank.ASSISTANT_COMMISSIONER, Role.AUDITOR, None),
    ("admin", "Lakshmi Rao", Rank.INSPECTOR, Role.ADMINISTRATOR, None),
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=TIPLINES, help="made tiplines (2000)")
        parser.add_argument("--wait-seconds", type=float, default=180)

    def handle(self, *args: Any, **options: Any) -> None:
        names = {name for name, *_ in OFFICERS}
        if User.objects.exclude(username__in=names).exists():
            raise CommandError("There are officers here that are not the demo's.")
        self.load_places()
        self.enlist()
        dispatch = self.send_dispatch(options["count"])
        self.show_progress(dispatch, seconds=options["wait_seconds"])
        self.stdout.write(f"\n  Sign in with the password “{PASSWORD}” as\n")
        for name, full_name, _rank, role, place in OFFICERS:
            where = f", {place}" if place else ""
            self.stdout.write(f"    {name:<12} {ROLE_LABELS[role]}{where} ({full_name})")
        self.stdout.write("")

    def load_places(self) -> None:
        if not District.objects.exists():
            self.say("gazetteer")
            call_command("load_gazetteer", verbosity=0, stdout=open("/dev/null", "w"))  # noqa: SIM115
            layer = Path(settings.HOME).parent / "shared" / "data" / BOUNDARIES
            if layer.exists():  # a layer without a stated licence: used where it lies, never kept
                call_command("load_boundaries", layer, stdout=open("/dev/null", "w"))  # noqa: SIM115

    def enlist(self) -> None:
        now = timezone.now()
        for name, full_name, rank, role, place in OFFICERS:
            if User.objects.filter(username=name).exists():
                continue
            user = officers.enlist(
                username=name, full_name=full_name, rank=rank, password=PASSWORD, by=None, at=now
            )
            officers.post(
                user=user,
                role=role,
                district=District.objects.get(code=place) if role == Role.DISTRICT else None,
                station=PoliceStation.objects.get(code=place) if role == Role.STATION else None,
                from_on=date(2026, 1, 1),
                by=None,
                at=now,
            )

    def send_dispatch(self, count: int) -> Dispatch:
        """Receive the made dispatch as any other; the same one again is not made twice."""
        if (first := Dispatch.objects.order_by("pk").first()) is not None:
            return first
        self.say(f"a made dispatch of {count} tiplines")
        with TemporaryFile() as file:
            make_dispatch(count, SEED, to=file, sent_on=timezone.localdate())
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

    def show_progress(self, dispatch: Dispatch, *, seconds: float) -> None:
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
                return
            time.sleep(1)
        self.stdout.write("The workers go on in the background; the pages show how far they are.")

    def say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        self.stdout.flush()
