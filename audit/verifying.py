"""Compute the chain anew and say where it does not hold.

One pass in the order of the chain: the database streams each event's bytes and its seal, many rows
in a piece (`COPY`, so memory stays flat), this process hashes. Parts of the chain can be given to
several processes.
`in_sql` lets the database hash; it is quicker, and trusts more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from django.db import connection, transaction

from audit.form import ALGORITHM, ALGORITHMS, BEGINNING, MOMENT_AT, bytes_of

LISTED_AT_MOST = 20
BACKWARDS = timedelta(minutes=30)
"""An event may be dated before the one sealed ahead of it, by as long as a transaction runs; by
more than this the clock was set back.
"""
BACKWARDS_US = int(BACKWARDS.total_seconds() * 1_000_000)
STEP = 200  # places of the chain in one piece of the stream; more is no quicker, and takes memory

STREAM = """
copy (
  select (
    select string_agg(record_send(row(
      s.seq, s.algorithm, s.hash, case when e.id is not null then {form} end
    )), '' order by s.seq)
    from audit_seal s left join audit_event e on e.id = s.event_id
    where s.seq > piece.after and s.seq <= piece.after + {step} and s.seq <= {until}
  ) from generate_series({after}, {until} - 1, {step}) piece (after)
) to stdout (format binary)
"""
ALONG_THE_INDEX = """
set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_sort = off;
set local enable_memoize = off; set local enable_bitmapscan = off; set local enable_seqscan = off;
set local max_parallel_workers_per_gather = 0; set local cursor_tuple_fraction = 1
"""


@dataclass(frozen=True, order=True)
class Fault:
    seq: int
    """The first event of the chain that is not as it was sealed."""
    what: str

    def __str__(self) -> str:
        return f"{self.seq}: {self.what}"


@dataclass
class Part:
    """What was found between two places of the chain."""

    count: int = 0
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    backwards: list[int] = field(default_factory=list)
    """Places where the clock was set back: an event dated long before the one sealed ahead."""
    last: int = 0

    def fault(self, seq: int, what: str) -> None:
        self.fault_count += 1
        if len(self.faults) < LISTED_AT_MOST:
            self.faults.append(Fault(seq, what))


# A row as `record_send` writes it: the number of columns, then type, length and bytes of each.
COLUMN = struct.Struct(">ii")
# Of interest in ours: seq, algorithm, length and bytes of the hash, length of the event's bytes.
ROW = struct.Struct(">4x 8xq 8xh 4xi32s 4xi")
WITH_MOMENT = struct.Struct(f"{ROW.format}{MOMENT_AT}xq")
MOMENT = struct.Struct(">q")
HASH_SIZE = 32
SIGNATURE = 11 + 4 + 4  # of the stream, ahead of its first piece: its mark, flags and extension
PIECE = struct.Struct(">hi")  # ahead of each: the number of columns, and the length of the only one
END = b"\xff\xff"


class Chain:
    """Takes the stream as `COPY` sends it, a piece in each message."""

    def __init__(self, *, after: int, hash_before: bytes | None) -> None:
        self.part = Part(last=after)
        self.previous = hash_before
        self.begun = False
        self.latest = -(2**63)

    def write(self, data: bytes) -> int:
        at = 0 if self.begun else SIGNATURE
        self.begun = True
        if data[at : at + len(END)] != END:
            at += PIECE.size  # a piece without any seal ends here
            while at < len(data):
                at = self.pass_sound_rows(data, at)
                if at < len(data):
                    at = self.row(data, at)
        return len(data)

    def pass_sound_rows(self, data: bytes, at: int) -> int:
        """The quick way: past every row that is as it was sealed; where the first that is not
        begins. `row` then says what is wrong with it.
        """
        part, previous, latest = self.part, self.previous, self.latest
        end, expected = len(data), part.last + 1
        while previous is not None and at + WITH_MOMENT.size <= end:
            seq, algorithm, width, digest, size, moment = WITH_MOMENT.unpack_from(data, at)
            begin = at + ROW.size
            after = begin + size
            if (
                seq != expected
                or algorithm != ALGORITHM
                or width != HASH_SIZE
                or size < 0
                or moment < latest - BACKWARDS_US
                or sha256(previous + data[begin:after]).digest() != digest
            ):
                break
            if moment > latest:
                latest = moment
            previous, at = digest, after
            expected += 1
        part.count += expected - 1 - part.last
        part.last, self.previous, self.latest = expected - 1, previous, latest
        return at

    def row(self, data: bytes, at: int) -> int:
        """Check the row that begins at `at`, column by column; where the next begins."""
        begin, columns = at + 4, []
        for _column in range(4):
            _type, size = COLUMN.unpack_from(data, begin)
            begin += COLUMN.size
            columns.append(data[begin : begin + size] if size >= 0 else None)
            begin += max(size, 0)
        seq, algorithm, digest, form = columns
        self.check(int.from_bytes(seq or b""), int.from_bytes(algorithm or b""), digest, form)
        return begin

    def check(self, seq: int, algorithm: int, digest: bytes | None, data: bytes | None) -> None:
        part = self.part
        part.count += 1
        if seq != part.last + 1:
            part.fault(part.last + 1, missing_words(part.last + 1, seq - 1))
            self.previous = None
        part.last = seq
        if digest is None or len(digest) != HASH_SIZE:
            part.fault(seq, "the hash is no hash")
        elif data is None:
            part.fault(seq, "the event is gone")
        elif algorithm not in ALGORITHMS:
            part.fault(seq, f"sealed by an algorithm that does not exist ({algorithm})")
        elif self.previous is not None:
            if ALGORITHMS[algorithm](self.previous + data) != digest:
                part.fault(seq, "not as it was sealed")
            self.follow_clock(seq, MOMENT.unpack_from(data, MOMENT_AT)[0])
        self.previous = digest

    def follow_clock(self, seq: int, moment: int) -> None:
        if moment < self.latest - BACKWARDS_US:
            if len(self.part.backwards) < LISTED_AT_MOST:
                self.part.backwards.append(seq)
            self.latest = moment
        elif moment > self.latest:
            self.latest = moment


def missing_words(first: int, last: int) -> str:
    return "missing" if first == last else f"missing, up to {last}"


def stream_of(after: int, until: int) -> str:
    """The statement that streams the chain after the place `after` up to and with `until`."""
    return STREAM.format(form=bytes_of("s.seq"), after=int(after), until=int(until), step=STEP)


def verify_part(after: int, until: int) -> Part:
    """The chain after the place `after` up to and with `until`."""
    with transaction.atomic(), connection.cursor() as cursor:
        chain = Chain(after=after, hash_before=hash_at(after))
        cursor.execute(ALONG_THE_INDEX)
        cursor.cursor.copy_expert(stream_of(after, until), chain)
    part = chain.part
    if part.last < until:
        part.fault(part.last + 1, missing_words(part.last + 1, until))
    return part


def hash_at(seq: int) -> bytes | None:
    """The hash as it is kept; None where that seal is missing."""
    if seq == 0:
        return BEGINNING
    with connection.cursor() as cursor:
        cursor.execute("select hash from audit_seal where seq = %s", [seq])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


IN_SQL = """
select count(*), count(*) filter (where wrong), min(seq) filter (where wrong) from (
  select seq, (
    seq <> coalesce(lag(seq) over w, {after}) + 1 or algorithm <> {algorithm} or id is null
    or hash <> sha256(coalesce(lag(hash) over w, %s) || {form})
  ) as wrong
  from (
    select s.seq, s.algorithm, s.hash, e.*
    from audit_seal s left join audit_event e on e.id = s.event_id
    where s.seq > {after} and s.seq <= {until}
  ) e window w as (order by seq)
) found
"""


def verify_part_in_sql(after: int, until: int) -> Part:
    """The same in the database. A gap is named by the seal that follows it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ALONG_THE_INDEX)
        cursor.execute(
            IN_SQL.format(
                form=bytes_of("seq"), after=int(after), until=int(until), algorithm=ALGORITHM
            ),
            [hash_at(after)],
        )
        count, wrong, first = cursor.fetchone()
    part = Part(count=count, last=until, fault_count=wrong)
    if first is not None:
        part = verify_part(max(after, place_before(first)), first)  # in what way, exactly where
        part.count, part.fault_count = count, wrong
    elif after + count < until:
        part.fault(after + count + 1, missing_words(after + count + 1, until))
    return part


def place_before(seq: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(seq), 0) from audit_seal where seq < %s", [seq])
        return int(cursor.fetchone()[0])


def joined(parts: Iterable[Part]) -> Part:
    whole = Part()
    for part in parts:
        whole.count += part.count
        whole.faults += part.faults
        whole.fault_count += part.fault_count
        whole.backwards += part.backwards
        whole.last = max(whole.last, part.last)
    whole.faults = sorted(whole.faults)[:LISTED_AT_MOST]
    return whole
