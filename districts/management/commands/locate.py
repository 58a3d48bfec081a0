from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from districts import asked as tables
from districts.answering import Answer, answer_of
from districts.gazetteer import NoGazetteer, present_gazetteer
from districts.locating import locate


class Command(BaseCommand):
    help = "Say for each address of a table which district and police station answer for it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--csv", type=Path, required=True, help="columns id,address and if known pin,lat,lon"
        )
        parser.add_argument("--out", type=Path, required=True, help="the table of answers")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["csv"]
        out: Path = options["out"]
        try:
            counts, unread = locate_table(file, out)
        except NoGazetteer as refusal:
            raise CommandError(f"{refusal}; run load_gazetteer first") from refusal
        except tables.UnreadableTable as refusal:
            raise CommandError(f"{file.name}, {refusal}. The answers end before it.") from refusal
        except OSError as fault:
            raise CommandError(f"{fault.filename}: {fault.strerror}") from fault
        said = ", ".join(f"{answer.value} {counts[answer]}" for answer in Answer)
        self.stdout.write(f"{counts.total()} addresses: {said}")
        if unread:
            self.stderr.write(f"{unread} rows had a lat or lon that is no point; see their reason")


def locate_table(file: Path, out: Path) -> tuple[Counter[Answer], int]:
    """How many of each answer, and how many rows were not used whole."""
    gazetteer = present_gazetteer()
    counts: Counter[Answer] = Counter()
    unread = 0
    with translation.override("en"), out.open("w", encoding="utf-8", newline="") as answers:
        tables.write_heading(answers)
        for one in tables.asked(file):
            answered = answer_of(locate([one.evidence], gazetteer))
            tables.write(answers, one, answered)
            counts[answered.answer] += 1
            unread += bool(one.unread)
    return counts, unread
