"""Rows that changed without a service's event: ends with 1 when there are any. For each day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from operations import unexplained


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=1, help="how far back notes are listed")

    def handle(self, *args: Any, **options: Any) -> None:
        since = timezone.now() - timedelta(days=options["days"])
        noted = [
            f"{event.subject}: {event.detail['operation']} by login {event.detail['login']},"
            f" noted by the database at {event.at.isoformat(timespec='seconds')}"
            for event in unexplained.noted(since=since)
        ]
        found = [*noted, *map(str, unexplained.rows())]
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} without a service's event", returncode=1)
        self.stdout.write("Every row stands as a service left it.")
