"""Write made tiplines for demonstrations, tests and benchmarks."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tiplines.making.dispatch import DispatchFormat, write_dispatches
from tiplines.making.world import DEFAULT_SENT_ON, MOST_REPORTS

FORMATS = {
    "xml": DispatchFormat.XML,
    "json": DispatchFormat.JSON,
    "pdf": DispatchFormat.PDF,
    "csv": DispatchFormat.CSV,
    "xlsx": DispatchFormat.XLSX,
    "mixed": DispatchFormat.MIXED,
    "redelivery": DispatchFormat.REDELIVERY,
    "dispatch": DispatchFormat.SINGLE,
}
DEFAULT_FORMATS = "xml,json,csv,xlsx,mixed,redelivery"

DESCRIPTION = """
Write COUNT made reports (no person in them exists) into DIR. The same count, seed and date
give the same bytes. Every file speaks of the same reports:

  xml         dispatch-xml.zip         a folder per report: report, reportResponse, fileDetails-N
  json        dispatch-json.zip        one document per report
  pdf         dispatch-pdf.zip         one document per report, the two generations of the form by
                                       turns; about 30 a second, so only where asked for
  csv, xlsx   dispatch-list.csv/.xlsx  covering lists of all reports, as two senders write them
  mixed       dispatch-mixed.zip       60 % XML, 40 % JSON, covering list, some reports twice with
                                       the same bytes, a few unreadable documents, a few media
                                       headers that must be refused; --pdfs N of them as PDFs
  redelivery  dispatch-redelivery.zip  every 20th report again, half of them changed
  dispatch    dispatch.zip             the same as mixed, for use alone: see --single-zip

Always written: truth.jsonl, one line per report with what is true about it. Beside mixed and
dispatch: NAME.contents.json with the counts of what the archive holds.
"""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the table above."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, required=True, help=f"1 to {MOST_REPORTS:,}")
        parser.add_argument("--seed", type=int, default=1, help="0 or more; default 1")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--formats", default=DEFAULT_FORMATS, help=f"comma separated; default {DEFAULT_FORMATS}"
        )
        parser.add_argument(
            "--pdfs", type=int, default=0, help="PDFs among the reports of mixed and dispatch"
        )
        parser.add_argument(
            "--single-zip",
            action="store_true",
            help="write dispatch.zip and no other archive or list",
        )
        parser.add_argument(
            "--sent-on",
            type=date.fromisoformat,
            default=DEFAULT_SENT_ON,
            help=f"day of the dispatch; reports reached NCMEC in the 45 days before it;"
            f" default {DEFAULT_SENT_ON}, fixed so that the bytes stay the same",
        )

    def handle(self, *args: object, **options: Any) -> None:
        if not 1 <= options["count"] <= MOST_REPORTS:
            raise CommandError(f"--count must be between 1 and {MOST_REPORTS}")
        if options["seed"] < 0:
            raise CommandError("--seed must not be negative")
        names = ["dispatch"] if options["single_zip"] else options["formats"].split(",")
        unknown = [name for name in names if name not in FORMATS]
        if unknown:
            raise CommandError(f"unknown format: {', '.join(unknown)}; known: {', '.join(FORMATS)}")
        paths = write_dispatches(
            options["count"],
            options["seed"],
            folder=options["out"],
            formats=[FORMATS[name] for name in names],
            sent_on=options["sent_on"],
            pdfs=options["pdfs"],
        )
        for path in paths:
            self.stdout.write(f"{path} ({path.stat().st_size:,} bytes)")
