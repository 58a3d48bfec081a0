"""Whether the record is sealed, signed and, by the last check, whole. Ends with 1 if it is not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.alarms import alarms


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        found = alarms(at=timezone.now())
        for alarm in found:
            self.stdout.write(f"{alarm.value}: {alarm.label}")
        if found:
            raise CommandError("the record needs somebody to look", returncode=1)
        self.stdout.write("The record is sealed, signed and whole by the last check.")
