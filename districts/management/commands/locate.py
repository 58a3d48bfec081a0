from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from districts import asked as tables
from districts.answering import Answer, answer_of
from districts.deciding_check import deciding_check
from districts.gazetteer import NoGazetteer, present_gazetteer
from districts.layer import present_map
from districts.locating import Location, locate
from districts.places import Gazetteer
from districts.wording_of_checks import check_words


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
        names = present_map().names
        tables.write_heading(answers)
        for one in tables.asked(file):
            location = locate([one.evidence], gazetteer)
            answered = answer_of(location)
            check = ""
            if answered.answer is Answer.REVIEW:
                check = check_in_words(location, gazetteer, names)
            tables.write(answers, one, answered, check=check)
            counts[answered.answer] += 1
            unread += bool(one.unread)
    return counts, unread


def check_in_words(location: Location, gazetteer: Gazetteer, names: Mapping[str, str]) -> str:
    check = deciding_check(location, gazetteer)
    return check_words(check, names) if check else ""
