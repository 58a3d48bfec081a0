"""Everything that lies under an older key is sealed again under the newest.

A batch is one transaction and a row is found by the key it lies under, so that whoever is killed
in the middle has lost nothing, and whoever begins again does only what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from audit.services import record
from tiplines import sealing
from tiplines.models import Identifier
from tiplines.models.sealable import about_tipline

BATCH = 500


@dataclass(frozen=True)
class Sealed:
    """A column of seals."""

    table: str
    column: str = "sealed"

    @property
    def bound_to(self) -> str:
        return "digest" if self.table == "identifier" else "tipline_id"


COLUMNS = (
    *(Sealed(table) for table in ("party", "filerecord", "address", "sighting", "identifier")),
    Sealed("correction"),
    Sealed("version", "sealed_source"),
    Sealed("version", "sealed_difference"),
)
"""Every column of seals there is; a test compares it with the database."""
IN_USE = "select encode(substring({column} from 2 for 4), 'hex'), count(*) from tiplines_{table}"
DUE = """
select id, {bound_to}, {column} from tiplines_{table}
where id > %s and {column} is not null and substring({column} from 2 for 4) <> %s
order by id limit %s for no key update
"""
RENEW = """
update tiplines_{table} t set {column} = v.sealed
from unnest(%s::bigint[], %s::bytea[]) as v(id, sealed) where t.id = v.id
"""


def keys_in_use() -> Counter[str]:
    """How many seals lie under each key, by its id."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for each in COLUMNS:
            cursor.execute(
                IN_USE.format(**vars(each)) + f" where {each.column} is not null group by 1"
            )
            found.update(dict(cursor.fetchall()))
    return found


def rotate(*, at: datetime) -> Iterator[int]:
    """Seal again what lies under an older key, yielding the size of each batch when it is safe.

    Raises sealing.CannotOpen where a key is needed that is not among those given; what was done
    stays done.
    """
    total = 0
    for each in COLUMNS:
        last = 0
        while True:
            count, last = rotate_batch(each, after=last)
            if not count:
                break
            total += count
            yield count
    key_id = sealing.newest_key_id()
    record(verb="keys.rotated", subject=f"key:{key_id}", actor=None, at=at, detail={"seals": total})


@transaction.atomic
def rotate_batch(each: Sealed, *, after: int) -> tuple[int, int]:
    """The next batch of a column; return how many there were, and the last key."""
    names = {"table": each.table, "column": each.column, "bound_to": each.bound_to}
    newest = bytes.fromhex(sealing.newest_key_id())
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(**names), [after, newest, BATCH])
        rows = cursor.fetchall()
        if not rows:
            return 0, after
        renewed = [again(bytes(sealed), about=about_of(bound)) for _pk, bound, sealed in rows]
        cursor.execute(RENEW.format(**names), [[pk for pk, *_ in rows], renewed])
    return len(rows), rows[-1][0]


def about_of(bound: int | memoryview) -> str:
    return about_tipline(bound) if isinstance(bound, int) else Identifier.about_digest(bytes(bound))


def again(sealed: bytes, *, about: str) -> bytes:
    return sealing.seal(sealing.unseal(sealed, about=about), about=about)
