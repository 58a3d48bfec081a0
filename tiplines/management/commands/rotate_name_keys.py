"""Seal everything that names victims and minors again under the newest key of IFSO_NAME_KEYS.

Put the new key first and keep the old ones, start the servers anew, run this, and take the old keys
away when it says that nothing lies under them. It may be stopped and begun again at any point.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tiplines.sealing import CannotOpen, newest_key_id
from tiplines.services.rotating import keys_in_use, rotate


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", action="store_true", help="only say which keys are in use")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["status"]:
            done = 0
            try:
                for count in rotate(at=timezone.now()):
                    done += count
                    self.stdout.write(f"{done} seals renewed")
            except CannotOpen as refusal:
                raise CommandError(f"{refusal}; what was done stays done") from refusal
        newest = newest_key_id()
        for key_id, count in sorted(keys_in_use().items()):
            note = ", the newest" if key_id == newest else ""
            self.stdout.write(f"key {key_id}: {count} seals{note}")
