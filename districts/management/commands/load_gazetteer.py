from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from districts.loading import FilesOfBefore, ReorganisationWaits, load_gazetteer


class Command(BaseCommand):
    help = "Load districts, stations, PIN codes and localities. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_gazetteer(at=timezone.now())
        except (ReorganisationWaits, FilesOfBefore) as refusal:
            raise CommandError(f"Nothing was changed: {refusal}.") from refusal
        for name, table in report.tables.items():
            done = (
                f"{table.added} added, {table.changed} changed, {table.removed} removed or closed"
            )
            self.stdout.write(f"{name}: {table.total} rows; {done if table.any else 'no change'}")
        state = "is new" if report.is_new else "stays"
        self.stdout.write(f"Gazetteer version {report.version} {state}.")
