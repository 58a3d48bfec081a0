"""Gather every text that is to be translated into locale/hi; say how many lack a translation."""

from typing import Any

from django.core.management.base import BaseCommand

from ifso.translations import update


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        count, lacking = update("hi")
        self.stdout.write(f"hi: {count} texts, {lacking} not translated")
