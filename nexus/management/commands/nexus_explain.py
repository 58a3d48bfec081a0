"""Say why two tiplines belong together: each part of the bits between them, as they were stored."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nexus.evidence import adding
from nexus.services.explaining import explain
from nexus.services.recalling import NoRunYetError
from nexus.wording import word_shared
from tiplines.models import Tipline


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("one", help="number of a tipline")
        parser.add_argument("other", help="number of another")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = [self._key_of(options[name]) for name in ("one", "other")]
        try:
            explanation = explain(*keys)
        except NoRunYetError:
            raise CommandError("nothing is learned yet: run nexus_rebuild first") from None
        if explanation is None:
            self.stdout.write("Both are about one account.")
            return
        lines = [(explanation.prior, "two accounts of which nothing is known")]
        lines += [(bits, word_shared(value)) for value, bits in adding(explanation.values)]
        if explanation.gap_days is not None:
            days = round(explanation.gap_days)
            lines.append((explanation.context, f"time and district; {days} days apart"))
        for bits, words in lines:
            self.stdout.write(f"{bits:+8.2f}  {words}")
        self.stdout.write(f"{explanation.bits:+8.2f}  in all, by run {explanation.run.pk}")

    def _key_of(self, number: str) -> int:
        try:
            return Tipline.objects.only("pk").get(number=number).pk
        except Tipline.DoesNotExist:
            raise CommandError(f"no tipline {number}") from None
