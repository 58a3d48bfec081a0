"""Find all groups anew from all tiplines, and put them in force under the numbers that they had."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from nexus.models import Nexus, Tier
from nexus.services.rebuilding import AlreadyRunningError, rebuild


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = rebuild(at=timezone.now())
        except AlreadyRunningError:
            raise CommandError("another run is under way: wait for its end") from None
        standing = Nexus.objects.filter(ended_at=None)
        self.stdout.write(
            f"Run {run.pk}: {run.tiplines} tiplines about {run.accounts} accounts,"
            f" {standing.count()} nexuses,"
            f" {standing.filter(tier=Tier.ALERT).count()} of them organised."
        )
