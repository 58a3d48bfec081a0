"""Everything that lies under an older key is sealed again under the newest.

A batch is one transaction and a row is found by the key it lies under, so that whoever is killed
in the middle has lost nothing, and whoever begins again does only what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from audit.services import record
from tiplines import sealing
from tiplines.models.sealable import Sealable, about_tipline

BATCH = 500


@dataclass(frozen=True)
class Sealed:
    """A column of seals, and what says what each is bound to."""

    table: str
    column: str = "sealed"
    bound_to: str = "tipline_id"
    about_of: Callable[[Any], str] = about_tipline


def columns() -> tuple[Sealed, ...]:
    """Every column of seals there is, those of the apps above among them; a test compares it with
    the database.
    """
    rows = [model for model in apps.get_models() if issubclass(model, Sealable)]
    return (
        *(
            Sealed(each._meta.db_table, bound_to=each.bound_to, about_of=each.about_of)
            for each in rows
        ),
        Sealed("tiplines_correction"),
        Sealed("tiplines_decision", "sealed_basis"),
        Sealed("tiplines_keptbasis", "sealed_basis"),
        Sealed("tiplines_version", "sealed_source"),
        Sealed("tiplines_version", "sealed_difference"),
    )


IN_USE = "select encode(substring({column} from 2 for 4), 'hex'), count(*) from {table}"
DUE = """
select id, {bound_to}, {column} from {table}
where id > %s and {column} is not null and substring({column} from 2 for 4) <> %s
order by id limit %s for no key update
"""
RENEW = """
update {table} t set {column} = v.sealed
from unnest(%s::bigint[], %s::bytea[]) as v(id, sealed) where t.id = v.id
"""


def keys_in_use() -> Counter[str]:
    """How many seals lie under each key, by its id."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for each in columns():
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
    for each in columns():
        last = 0
        while True:
            count, last = rotate_batch(each, after=last, at=at)
            if not count:
                break
            total += count
            yield count
    key_id = sealing.newest_key_id()
    record(verb="keys.rotated", subject=f"key:{key_id}", actor=None, at=at, detail={"seals": total})


@transaction.atomic
def rotate_batch(each: Sealed, *, after: int, at: datetime) -> tuple[int, int]:
    """The next batch of a column; return how many there were, and the last key.

    It is told with the batch itself: nobody changes a watched table without a word.
    """
    names = {"table": each.table, "column": each.column, "bound_to": each.bound_to}
    key_id = sealing.newest_key_id()
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(**names), [after, bytes.fromhex(key_id), BATCH])
        rows = cursor.fetchall()
        if not rows:
            return 0, after
        renewed = [again(bytes(sealed), about=each.about_of(bound)) for _pk, bound, sealed in rows]
        cursor.execute(RENEW.format(**names), [[pk for pk, *_ in rows], renewed])
    record(
        verb="seals.renewed",
        subject=f"key:{key_id}",
        actor=None,
        at=at,
        detail={"table": each.table, "seals": len(rows)},
    )
    return len(rows), rows[-1][0]


def again(sealed: bytes, *, about: str) -> bytes:
    return sealing.seal(sealing.unseal(sealed, about=about), about=about)
