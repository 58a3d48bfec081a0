from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.services.duties import duty_of
from districts import relocating
from districts.gazetteer import NoGazetteer, present_gazetteer, present_version
from districts.layer_file import UnreadableBoundaries
from districts.loading import ReorganisationWaits, load_boundaries
from districts.reorganisation_files import (
    BYTES_AT_MOST,
    COLUMNS,
    WrongReorganisation,
    layer_of,
    read_change,
    text_of,
)
from districts.reorganising import Reorganisation, remapped
from tiplines.services import reorganising, ruling
from tiplines.services.deciding import NotAllowed
from tiplines.services.remapping import moved_tiplines, moves_of

CODES_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Load the areas of stations from a GeoJSON file whose features carry ps_code. With --from "
        "a day, the areas and the stations of --stations are proposed for that day; a second "
        "supervisor confirms them on the page Reorganisation."
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
            help=f"with --from: a CSV file with the columns {', '.join(COLUMNS)}",
        )
        parser.add_argument("--by", metavar="USERNAME", help="with --from: who proposes it")
        parser.add_argument("--reason", default="", help="with --from: why")
        parser.add_argument(
            "--preview", action="store_true", help="with --from: only list what re-maps"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        source = options["source"] or file.name
        try:
            layer = layer_of(read_text(file))
            if options["from_on"]:
                self.reorganise(layer, source, options)
            elif any(options[name] for name in ("stations", "preview", "by", "reason")):
                raise CommandError("--stations, --by, --reason and --preview need --from.")
            else:
                self.load(layer, source)
        except NoGazetteer as refusal:
            raise CommandError("No stations are loaded yet; run load_gazetteer first.") from refusal
        except (UnreadableBoundaries, ReorganisationWaits) as refusal:
            raise CommandError(f"{file.name}: {refusal}. Nothing was changed.") from refusal
        except WrongReorganisation as refusal:
            raise CommandError(f"{refusal}. Nothing was changed.") from refusal

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
        stations = "" if file is None else read_text(file)
        present = present_gazetteer()
        change = read_change(stations=stations, layer=layer, present=present, from_on=from_on)
        if options["preview"]:
            self.tell(change)
            self.stdout.write("Only a preview: nothing was kept.")
            return
        officer = User.objects.filter(username=options["by"] or "").first()
        if officer is None:
            raise CommandError("--by has to name the supervisor who proposes it.")
        now = timezone.now()
        officer.duty = duty_of(officer, at=now)
        try:
            made = reorganising.propose(
                change=change,
                base=present.version,
                from_on=from_on,
                source=source,
                why=options["reason"],
                by=officer,
                at=now,
            )
        except NotAllowed as refusal:
            raise CommandError(f"{officer.username} does not supervise.") from refusal
        except ruling.ReasonMissing as refusal:
            raise CommandError("--reason has to say why.") from refusal
        except ruling.AnotherWaits as refusal:
            raise CommandError(
                "Another reorganisation is proposed or waits for its day: it has to be settled or "
                "called off first."
            ) from refusal
        self.stdout.write(
            f"Reorganisation {made.number} is proposed for {from_on}. It comes in force only when "
            f"another supervisor confirms it at /rules/reorganisations/{made.number}/, where the "
            "preview is."
        )

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
        self.moves("locality", moves_of(localities))
        self.moves("PIN", moves_of(pins))
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


def read_text(file: Path) -> str:
    """Raises UnreadableBoundaries."""
    try:
        if file.stat().st_size > BYTES_AT_MOST:
            raise CommandError(f"{file.name} is larger than {BYTES_AT_MOST} bytes.")
        return text_of(file.read_bytes())
    except OSError as fault:
        raise CommandError(f"{file.name} cannot be opened: {fault.strerror}.") from fault
