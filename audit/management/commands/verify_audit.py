"""Whether the record is what was sealed. Ends with 0 if it is, 1 if not, 2 if nobody can say."""

from __future__ import annotations

import multiprocessing
from argparse import ArgumentTypeError
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from audit import checkpoints, notes, witnesses
from audit.alarms import VERIFIED
from audit.models import Checkpoint
from audit.services import record
from audit.verifying import Part, joined, verify_part, verify_part_in_sql

PARTS_A_PROCESS = 4  # so that none waits long for the slowest
CANNOT_SAY = 2


class Command(BaseCommand):
    help = "Compute the record's chain anew and hold it against the signed checkpoints."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=whole, default=1, help="the first place")
        parser.add_argument("--sql", action="store_true", help="let the database hash")
        parser.add_argument("--processes", type=whole, default=1)
        parser.add_argument("--checkpoint", type=Path, help="a file of notes kept elsewhere")
        parser.add_argument("--keys", type=Path, help="public keys kept elsewhere, one a line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_whole = self.verify(**options)
        except (DatabaseError, OSError, notes.BadNote) as error:
            raise CommandError(f"cannot say: {error}", returncode=CANNOT_SAY) from error
        if not is_whole:
            raise CommandError("the record is not what was sealed", returncode=1)

    def verify(
        self,
        *,
        first: int,
        sql: bool,
        processes: int,
        checkpoint: Path | None,
        keys: Path | None,
        **options: Any,
    ) -> bool:
        texts = [*checkpoints.notes_in(checkpoints.notes_file())]
        if checkpoint is not None:
            checkpoint.stat()
            texts += checkpoints.notes_in(checkpoint)
        texts += Checkpoint.objects.values_list("note", flat=True)
        known = checkpoints.known_keys(keys)
        if texts and not known:
            raise notes.BadNote("there are checkpoints, but no public key to check them with")
        end = witnesses.end_of_chain()
        if first > end + 1:
            raise CommandError(f"cannot say: the chain ends at {end}", returncode=CANNOT_SAY)
        found = run(verify_part_in_sql if sql else verify_part, first - 1, end, processes)
        count, since = witnesses.waiting()
        faults = [
            *found.faults,
            *witnesses.check_notes(dict.fromkeys(texts), known, end=end, found=found.faults),
            *witnesses.check_table(),
            *witnesses.check_waiting(since, end=end, at=timezone.now()),
        ]
        self.stdout.write(f"{found.count} sealed events read, to {end}; {count} wait to be sealed")
        if not texts:
            self.stdout.write("note: no checkpoint; a chain made anew as a whole would not show")
        for seq in found.backwards:
            self.stdout.write(f"note: the clock was set back before {seq}; the order stands")
        for fault in sorted(faults):
            self.stdout.write(str(fault))
        if faults:
            self.stdout.write(f"first bad: {min(faults).seq}")
        if faults or first == 1:  # that a part holds says nothing of the whole
            keep(first=first, end=end, faults=len(faults))
        return not faults


def keep(*, first: int, end: int, faults: int) -> None:
    """What was found, for `audit.alarms`: an event like any other, sealed after."""
    record(
        verb=VERIFIED,
        subject="record:all",
        actor=None,
        at=timezone.now(),
        detail={"holds": not faults, "from": first, "to": end, "faults": faults},
    )


def run(verify: Callable[[int, int], Part], after: int, end: int, processes: int) -> Part:
    """The chain in one part, or cut into parts for several processes."""
    if processes == 1 or end - after < processes:
        return verify(after, end)
    cuts = processes * PARTS_A_PROCESS
    edges = [after + (end - after) * n // cuts for n in range(cuts + 1)]
    connections.close_all()
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, initializer=with_own_connection) as pool:
        return joined(pool.starmap(verify, list(pairwise(edges)), chunksize=1))


def with_own_connection() -> None:
    """For a child: whatever the parent left open is not the child's to speak through."""
    connection.connection = None


def whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("a whole number from 1 on")
    return int(text)
