import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from districts import relocating
from districts.gazetteer import NoGazetteer, present_gazetteer, present_version
from districts.layer_file import UnreadableBoundaries
from districts.loading import ReorganisationWaits, load_boundaries
from districts.reorganising import Reorganisation, WrongReorganisation, remapped
from tiplines.services.remapping import moved_tiplines

BYTES_AT_MOST = 50_000_000  # a detailed layer of the city has about one
CODES_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Load the areas of stations from a GeoJSON file whose features carry ps_code. With --from "
        "a day, the areas and the stations of --stations come in force on that day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the layer: all areas there will be")
        parser.add_argument("--source", default="", help="where the layer comes from")
        parser.add_argument(
            "--from", dest="from_on", type=date.fromisoformat, help="a day to come, YYYY-MM-DD"
        )
        parser.add_argument(
            "--stations",
            type=Path,
            help=f"with --from: a CSV file with the columns {', '.join(relocating.COLUMNS)}",
        )
        parser.add_argument(
            "--preview", action="store_true", help="with --from: only list what re-maps"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        layer = read_layer(file)
        source = options["source"] or file.name
        try:
            if options["from_on"]:
                self.reorganise(layer, source, options)
            elif options["stations"] or options["preview"]:
                raise CommandError("--stations and --preview need --from.")
            else:
                self.load(layer, source)
        except NoGazetteer as refusal:
            raise CommandError("No stations are loaded yet; run load_gazetteer first.") from refusal
        except (UnreadableBoundaries, WrongReorganisation, ReorganisationWaits) as refusal:
            raise CommandError(f"{file.name}: {refusal}. Nothing was changed.") from refusal

    def load(self, layer: Any, source: str) -> None:
        report = load_boundaries(layer=layer, source=source, at=timezone.now())
        done = report.changes
        self.stdout.write(
            f"{done.total} areas; {done.added} added, {done.changed} changed, "
            f"{done.removed} removed."
        )
        self._list("Not a station we know, left out", report.unknown)
        self._list("Territorial stations without an area", report.without)
        self.stdout.write(f"Gazetteer version {report.version}.")

    def reorganise(self, layer: Any, source: str, options: dict[str, Any]) -> None:
        from_on: date = options["from_on"]
        if from_on <= timezone.localdate():
            raise CommandError(f"{from_on} is not a day to come.")
        file: Path | None = options["stations"]
        text = "" if file is None else read_text(file)
        lines = text.splitlines() or [",".join(relocating.COLUMNS)]
        change = relocating.read_change(stations=lines, layer=layer)
        self.tell(change)
        if options["preview"]:
            self.stdout.write("Only a preview: nothing was kept.")
            return
        number = relocating.propose(
            change=change, from_on=from_on, source=source, at=timezone.now()
        )
        self.stdout.write(f"Gazetteer version {number} comes in force on {from_on}.")

    def tell(self, change: Reorganisation) -> None:
        """What opens, what closes, and which localities, PINs and undecided tiplines re-map."""
        old = present_gazetteer()
        new = relocating.rows_after(change).build(version=present_version().number + 1)
        for each in change.opens:
            self.stdout.write(f"opens: {each.code} out of {', '.join(each.parents) or '-'}")
        for code in change.closes:
            self.stdout.write(f"closes: {code}; its cases stay with it")
        localities, pins = remapped(old, new)
        tiplines = moved_tiplines(old, new)
        self.moves("locality", ((each.name, each.before, each.after) for each in localities))
        self.moves("PIN", ((each.name, each.before, each.after) for each in pins))
        self.moves("tipline", ((each.number, each.before, each.after) for each in tiplines))

    def moves(self, what: str, moved: Iterable[tuple[str, str, str]]) -> None:
        count = 0
        for name, before, after in moved:
            count += 1
            self.stdout.write(f"{what} {name}: {before or '-'} -> {after or '-'}")
        self.stdout.write(f"{what}: {count} re-map")

    def _list(self, title: str, codes: tuple[str, ...]) -> None:
        if codes:
            more = f" and {len(codes) - CODES_SHOWN} more" if len(codes) > CODES_SHOWN else ""
            self.stdout.write(f"{title}: {', '.join(codes[:CODES_SHOWN])}{more}")


def read_layer(file: Path) -> Any:
    try:
        return json.loads(read_text(file))
    except ValueError as fault:
        raise CommandError(f"{file.name} is not JSON: {fault}.") from fault


def read_text(file: Path) -> str:
    try:
        if file.stat().st_size > BYTES_AT_MOST:
            raise CommandError(f"{file.name} is larger than {BYTES_AT_MOST} bytes.")
        return file.read_text(encoding="utf-8")
    except OSError as fault:
        raise CommandError(f"{file.name} cannot be opened: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise CommandError(f"{file.name} is not JSON: it is not UTF-8.") from fault
