"""Hold the chain against what was said about it outside: the checkpoints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from audit import notes
from audit.models import Checkpoint
from audit.verifying import Fault, hash_at

SEALED_WITHIN = timedelta(hours=1)
"""An event that waits longer says that the sealer does not work."""

# The keys first, for two indexes say which: few of the events themselves are looked at.
WAITING = """
with waiting as materialized (
  select e.id from audit_event e
  where e.id > %s and not exists (select from audit_seal s where s.event_id = e.id)
)
select count(*), min(e.at) from waiting join audit_event e using (id)
"""


def check_notes(
    texts: Iterable[str], keys: list[notes.PublicKey], *, end: int, found: list[Fault]
) -> list[Fault]:
    """Where the chain, which ends at `end`, is not what these notes say.

    A note tells of all events up to its size at once. Where one does not fit, the change lies
    after the size of the last that does. What the chain itself showed in between (`found`) is the
    more exact place; else the first in between is named.
    """
    faults, told = [], []
    for text in texts:
        try:
            told.append(notes.opened(text, keys))
        except notes.BadNote as error:
            faults.append(Fault(size_in(text), f"a checkpoint does not count: {error}"))
    good = 0
    for said in sorted(told, key=lambda each: each.size):
        when = said.at.isoformat(timespec="seconds")
        if said.size > end:
            words = f"the chain ends here, but on {when} it was signed up to {said.size}"
            faults.append(Fault(end + 1, words))
        elif hash_at(said.size) == said.hash:
            good = said.size
        else:
            words = f"changed, somewhere up to {said.size}, after it was signed on {when}"
            shown = [fault.seq for fault in found if good < fault.seq <= said.size]
            faults.append(Fault(min(shown, default=good + 1), words))
    return sorted(set(faults))


def check_table() -> list[Fault]:
    """Rows of the table that do not say what the note in them says."""
    faults = []
    for row in Checkpoint.objects.order_by("size"):
        _origin, size, digest, *_rest = [*row.note.splitlines(), "", "", ""]
        if (size, digest) != (str(row.size), notes.b64(bytes(row.hash))):
            faults.append(Fault(row.size, "the checkpoint's row does not say what its note says"))
    return faults


def size_in(text: str) -> int:
    """Of a note that cannot be trusted: where it claims to stand, to find it again."""
    lines = text.splitlines()
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else 0


def waiting(*, after: int = 0) -> tuple[int, datetime | None]:
    """How many events with a key beyond `after` wait for the sealer, and since when the first."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [after])
        count, oldest_at = cursor.fetchone()
    return count, oldest_at


def check_waiting(since: datetime | None, *, end: int, at: datetime) -> list[Fault]:
    if since is None or since > at - SEALED_WITHIN:
        return []
    return [Fault(end + 1, f"not sealed since {since.isoformat(timespec='seconds')}")]


def end_of_chain() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(seq), 0) from audit_seal")
        return int(cursor.fetchone()[0])
