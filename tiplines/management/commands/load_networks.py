"""Load a dated table of networks, by which IP addresses get their kind and operator.

The file is CSV in UTF-8 with a header: prefix, or first and last; kind; operator. The kinds are
private, reserved, cgnat, mobile, fixed and hosting. Ranges may lie in each other: the narrowest
answers. Safe to run again: a table of the same day and source is loaded once.
"""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tiplines.networks import UnreadableTable, read_spans
from tiplines.services.networks import TableHeld, load

SOURCE_CHARACTERS_AT_MOST = 300


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--source", required=True, help="who made the table, in words")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not 0 < len(options["source"]) <= SOURCE_CHARACTERS_AT_MOST:
            raise CommandError(f"--source has 1 to {SOURCE_CHARACTERS_AT_MOST} characters")
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                spans = read_spans(lines)
            table, is_new = load(
                spans, as_of=options["as_of"], source=options["source"], at=timezone.now()
            )
        except (OSError, UnicodeDecodeError) as fault:
            raise CommandError(f"{path} cannot be read: {fault}") from fault
        except UnreadableTable as fault:
            raise CommandError("\n".join([f"{path} was not loaded.", *fault.faults])) from fault
        except TableHeld as fault:
            raise CommandError(
                f"{fault}: give the new one its own day or another --source"
            ) from fault
        state = "loaded" if is_new else "already held"
        self.stdout.write(f"{len(spans)} ranges of {table.as_of}, {table.source}: {state}.")
