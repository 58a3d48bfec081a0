"""Write who is in which nexus as CSV: report_id, nexus_id, tier, score; a row for each member."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.services import record
from nexus.models import Membership, Tier

COLUMNS = ("report_id", "nexus_id", "tier", "score")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="the file to write")
        parser.add_argument(
            "--tier",
            choices=Tier.values,
            default=Tier.RELATED.value,
            help="alert: organised ones only; related: these and the possibly related",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        members = Membership.objects.filter(until=None).order_by("nexus_id", "tipline_id")
        if options["tier"] == Tier.ALERT:
            members = members.filter(nexus__tier=Tier.ALERT)
        rows = members.values_list("tipline__number", "nexus_id", "nexus__tier", "nexus__score")
        count = rows.count()
        record(
            verb="nexus.exported",
            subject="nexus:all",
            actor=None,
            at=timezone.now(),
            detail={"tier": options["tier"], "rows": count},
        )
        with options["out"].open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for number, nexus, tier, score in rows.iterator():
                writer.writerow((number, nexus, tier, f"{score:.4f}"))
        self.stdout.write(f"{count} tiplines written to {options['out']}.")
