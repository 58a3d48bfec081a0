from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from tiplines.services.replaying import Replayed, replay

SHOWN_AT_MOST = 50


class Command(BaseCommand):
    help = (
        "Give the answer of every decision again from what was stored with it, and name those that "
        "differ. Exit code 1 if any does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=day, help="a day, YYYY-MM-DD: those made from then on")

    def handle(self, *args: Any, **options: Any) -> None:
        found = replay(since=options["since"], at=timezone.now())
        self.stdout.write(f"{found.total} decisions: {found.same} replay to the same answer.")
        self.tell_apart(found)
        for each in found.differing[:SHOWN_AT_MOST]:
            what = ", ".join(each.what)
            self.stderr.write(f"decision {each.decision} of tipline {each.number}: {what}")
        if len(found.differing) > SHOWN_AT_MOST:
            self.stderr.write(f"and {len(found.differing) - SHOWN_AT_MOST} more")
        if found.differing:
            raise CommandError(f"{len(found.differing)} decisions differ.")

    def tell_apart(self, found: Replayed) -> None:
        for number, count in sorted(found.not_kept.items()):
            self.stdout.write(f"{count} not replayed: gazetteer {number} was not kept.")
        for number, count in sorted(found.other_engine.items()):
            self.stdout.write(f"{count} not replayed: answered by engine {number}.")
        if found.not_located:
            self.stdout.write(f"{found.not_located} decided before the tipline was located.")
        if found.without_basis:
            self.stdout.write(f"{found.without_basis} decided before bases were kept.")


def day(text: str) -> datetime:
    found = parse_date(text)
    if found is None:
        raise ValueError(text)
    return timezone.make_aware(datetime.combine(found, time.min))
