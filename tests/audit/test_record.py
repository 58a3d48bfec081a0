"""The record is append-only: the database refuses, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError

from audit.models import Event
from audit.services import record, record_many
from tests.factories import NOON
from tests.roles import session

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    record(verb="case.opened", subject="case:1", actor=None, at=NOON)
    return Event.objects.get()


@pytest.fixture
def truncate_guard() -> Iterator[None]:
    """The one trigger that the test run switches off for its own cleaning."""
    with session("ifso_owner") as cursor:
        cursor.execute("alter table audit_event enable trigger audit_event_no_truncate")
        yield
        cursor.execute("alter table audit_event disable trigger audit_event_no_truncate")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_event set verb = 'case.closed'",
        "update audit_event set at = now()",
        "delete from audit_event",
    ],
)
def test_no_row_is_changed_or_removed(event: Event, statement: str) -> None:
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        run(statement)

    assert Event.objects.get().verb == "case.opened"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("truncate_guard")
def test_the_record_is_not_emptied(event: Event) -> None:
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        run("truncate audit_event")

    assert Event.objects.filter(pk=event.pk).exists()


def test_the_models_own_ways_are_refused_too(event: Event) -> None:
    event.verb = "case.closed"

    for act in (event.save, event.delete, Event.objects.all().delete):
        with pytest.raises(InternalError, match="append-only"), transaction.atomic():
            act()


def test_an_event_is_undone_with_the_act_it_belongs_to() -> None:
    def act() -> None:
        record(verb="case.opened", subject="case:1", actor=None, at=NOON)
        raise InterruptedError

    with pytest.raises(InterruptedError), transaction.atomic():
        act()

    assert not Event.objects.exists()


def test_many_subjects_are_one_statement(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        record_many(
            verb="tipline.closed",
            subjects=[f"tipline:{index}" for index in range(500)],
            actor=None,
            at=NOON,
        )

    assert Event.objects.count() == 500


def test_every_verb_is_listed_once_in_order() -> None:
    for verb in ("b.done", "a.done", "b.done", "c.done"):
        record(verb=verb, subject="case:1", actor=None, at=NOON)

    assert Event.objects.verbs() == ["a.done", "b.done", "c.done"]


def test_an_empty_record_lists_no_verb() -> None:
    assert Event.objects.verbs() == []
