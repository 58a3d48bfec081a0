import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from districts.loading import UnreadableBoundaries, load_boundaries

BYTES_AT_MOST = 50_000_000  # a detailed layer of the city has about one
CODES_SHOWN = 10


class Command(BaseCommand):
    help = "Load the areas of stations from a GeoJSON file whose features carry ps_code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="", help="where the layer comes from")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            if file.stat().st_size > BYTES_AT_MOST:
                raise CommandError(f"{file.name} is larger than {BYTES_AT_MOST} bytes.")
            layer = json.loads(file.read_text(encoding="utf-8"))
        except OSError as fault:
            raise CommandError(f"{file.name} cannot be opened: {fault.strerror}.") from fault
        except ValueError as fault:
            raise CommandError(f"{file.name} is not JSON: {fault}.") from fault
        try:
            source = options["source"] or file.name
            report = load_boundaries(layer=layer, source=source, at=timezone.now())
        except UnreadableBoundaries as refusal:
            raise CommandError(f"{file.name}: {refusal}. Nothing was changed.") from refusal
        done = report.changes
        self.stdout.write(
            f"{done.total} areas; {done.added} added, {done.changed} changed, "
            f"{done.removed} removed."
        )
        self._list("Not a station we know, left out", report.unknown)
        self._list("Territorial stations without an area", report.without)
        self.stdout.write(f"Gazetteer version {report.version}.")

    def _list(self, title: str, codes: tuple[str, ...]) -> None:
        if codes:
            more = f" and {len(codes) - CODES_SHOWN} more" if len(codes) > CODES_SHOWN else ""
            self.stdout.write(f"{title}: {', '.join(codes[:CODES_SHOWN])}{more}")
