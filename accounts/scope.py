"""Whose rows the database shows: the scope that row-level security goes by.

`visible_to(officer)` is the plan of every query; below it the policies of `ifso/protection` show
only the rows of the scope that is set here, so a query that forgot the plan finds nothing that is
not the officer's. A scope lives as long as one transaction (`set_config(…, true)`); nothing set for
one officer is left for the next on the same connection. Without a scope no guarded row is seen.

Workers act for the system: they take the role `ifso_system`, which no policy binds and which the
web's role cannot take.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import Error, connection, transaction
from django.db.backends.signals import connection_created
from django.dispatch import receiver

if TYPE_CHECKING:
    from accounts.models import User

SYSTEM_ROLE = "ifso_system"

PUT = """
select set_config('role', %s, true), set_config('app.officer', %s, true),
  set_config('app.unit', %s, true), set_config('app.districts', %s, true),
  set_config('app.stations', %s, true), set_config('app.cases', %s, true),
  set_config('app.counting', %s, true)
"""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a transaction may touch. `role` is the database role it takes, "none" for its own."""

    role: str = "none"
    officer: int | None = None
    is_unit: bool = False
    district_ids: frozenset[int] = frozenset()
    station_ids: frozenset[int] = frozenset()
    case_ids: frozenset[int] = frozenset()
    """Restricted cases that name the officer."""
    is_counting: bool = False

    def values(self) -> list[str]:
        return [
            self.role,
            "" if self.officer is None else str(self.officer),
            "on" if self.is_unit else "",
            keys(self.district_ids),
            keys(self.station_ids),
            keys(self.case_ids),
            "on" if self.is_counting else "",
        ]


SYSTEM = Scope(role=SYSTEM_ROLE)
NO_SCOPE = Scope()
PRESENT: ContextVar[Scope] = ContextVar("scope", default=NO_SCOPE)


def keys(ids: frozenset[int]) -> str:
    return "{" + ",".join(str(key) for key in sorted(ids)) + "}"


def scope_of(officer: User) -> Scope:
    duty = officer.duty
    return Scope(
        officer=officer.pk if duty.role is not None else None,
        is_unit=duty.sees_everything,
        district_ids=duty.district_ids,
        station_ids=duty.station_ids,
        case_ids=duty.case_ids,
    )


@contextmanager
def scoped(officer: User) -> Iterator[None]:
    """One transaction in the scope of an officer."""
    with within(scope_of(officer)):
        yield


@contextmanager
def as_the_unit() -> Iterator[None]:
    """For a step that takes a row out of the officer's own reach: giving a case back to the unit.

    Whether the officer may do so has been checked before, on the row as the officer sees it.
    """
    present = PRESENT.get()
    with within(present if present.role == SYSTEM_ROLE else replace(present, is_unit=True)):
        yield


@contextmanager
def seeing(case_id: int) -> Iterator[None]:
    """For the act by which a case becomes, or ceases to be, one that the officer is named in."""
    present = PRESENT.get()
    with within(
        present
        if present.role == SYSTEM_ROLE
        else replace(present, case_ids=present.case_ids | {case_id})
    ):
        yield


@contextmanager
def counting() -> Iterator[None]:
    """For the conservation law: whether every report has an end is asked of all of them, restricted
    ones too. The answer is numbers by dispatch; that a report came in is no secret in the unit, nor
    to the auditor.
    """
    present = PRESENT.get()
    with within(present if present.role == SYSTEM_ROLE else replace(present, is_counting=True)):
        yield


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """A transaction, or a part of one, in a scope; the scope outside it holds again after."""
    is_part = connection.in_atomic_block
    token = PRESENT.set(scope)
    try:
        with transaction.atomic():
            put(scope)
            yield
            if is_part and not connection.needs_rollback:
                put(token.old_value if isinstance(token.old_value, Scope) else NO_SCOPE)
    finally:
        PRESENT.reset(token)


def put(scope: Scope) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PUT, scope.values())


@contextmanager
def as_the_system() -> Iterator[None]:
    """Many transactions of a worker or a command. Needs a database role that may take the system's.

    The role belongs to the session, so these processes need sessions of their own
    (docs/operating.md).
    """
    if PRESENT.get() == SYSTEM:
        yield
        return
    token = PRESENT.set(SYSTEM)
    try:
        if connection.connection is not None:
            take_the_role(connection)
        yield
    finally:
        PRESENT.reset(token)
        leave_the_role()


def leave_the_role() -> None:
    if connection.connection is None:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("reset role")
    except Error:
        connection.close()


@receiver(connection_created)
def take_the_role_again(connection: Any, **_: object) -> None:
    """A session that broke off in the middle of the system's work comes back with its role."""
    if PRESENT.get() == SYSTEM:
        take_the_role(connection)


def take_the_role(link: Any) -> None:
    with link.cursor() as cursor:
        cursor.execute(f"set role {SYSTEM_ROLE}")
