"""Rows that change without a service's event leave one of their own, when they are committed."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from django.db import connection, transaction

from accounts.models import Posting, User
from audit.models import Event, Origin
from audit.services import record
from audit.watching import COLUMNS, ROWS
from cases.models import Case
from districts.models import GazetteerVersion
from districts.rules import DEFAULT
from operations.watched import TABLES
from tests.cases.made import make_case
from tests.factories import (
    NOON,
    make_gazetteer_version,
    make_officer,
    make_reorganisation,
    make_rules,
    make_tipline,
)
from tests.roles import session
from tiplines.models import Reorganisation, RuleSet, Tipline
from tiplines.services import remapping, reorganising, trying

pytestmark = pytest.mark.django_db(transaction=True)


def noted() -> list[tuple[str, str]]:
    """What the database itself wrote: subject and operation."""
    found = Event.objects.filter(origin=Origin.SQL).order_by("pk")
    assert {event.verb for event in found} <= {"row.changed"}
    return [(event.subject, event.detail["operation"]) for event in found]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_services_do_is_explained() -> None:
    make_case()

    assert noted() == []


def test_a_change_by_sql_is_noted_without_its_content() -> None:
    case = make_case()

    run(f"update cases_case set status = 'returned' where id = {case.pk}")

    [event] = Event.objects.filter(origin=Origin.SQL)
    assert event.subject == f"cases_case:{case.pk}"
    assert event.actor_id is None
    assert event.detail == {
        "table": "cases_case",
        "operation": "update",
        "key": case.pk,
        "login": "ifso_web",
    }


def test_the_ways_of_the_orm_that_no_service_goes_are_noted() -> None:
    tipline, officer = make_tipline(), make_officer()
    posting = Posting.objects.get(user=officer)

    Tipline.objects.filter(pk=tipline.pk).update(status="closed")
    Posting.objects.filter(pk=posting.pk).delete()
    User.objects.create(username="by-hand", full_name="X", rank="inspector")
    User.objects.filter(username="by-hand").update(is_superuser=True)

    operations = [operation for _subject, operation in noted()]
    assert operations == ["update", "delete", "insert", "update"]


def test_who_proposed_and_what_was_tried_are_watched() -> None:
    make_gazetteer_version()
    rules, stations = make_rules(replace(DEFAULT, number=1)), make_reorganisation()
    other, version = make_officer().pk, GazetteerVersion.objects.get().pk

    run(f"update tiplines_ruleset set by_id = {other} where id = {rules.pk}")
    for change in (
        f"by_id = {other}",
        "base_number = 9",
        "rules_number = 9",
        f"version_id = {version}",
    ):
        run(f"update tiplines_reorganisation set {change} where id = {stations.pk}")

    assert [each for each in noted() if each[1] == "update"] == [
        (f"tiplines_ruleset:{rules.pk}", "update"),
        *[(f"tiplines_reorganisation:{stations.pk}", "update")] * 4,
    ]


def test_the_trials_of_the_workers_are_explained() -> None:
    make_gazetteer_version()
    rules = make_rules(replace(DEFAULT, number=1), from_at=None, replayed_at=None)
    stations = make_reorganisation()
    with transaction.atomic():
        RuleSet.objects.update(replayed_at=None)
        Reorganisation.objects.update(replayed_at=None, rules_number=None, areas={}, back_to=None)
        Reorganisation.objects.update(opens=[], closes=[])
    before = noted()

    trying.try_next(at=NOON)
    remapping.try_next(at=NOON)
    reorganising.withdraw(number=stations.number, by=stations.by, at=NOON)
    reorganising.apply_due(today=NOON.date(), at=NOON)

    rules.refresh_from_db()
    assert rules.replayed_at == NOON
    assert noted() == before
    told = Event.objects.filter(verb__regex="tried|dropped").order_by("pk")
    assert [each.verb for each in told] == [
        *("rules.tried", "reorganisation.tried", "gazetteer.dropped"),
    ]


def test_one_event_for_a_whole_transaction() -> None:
    first, second = make_case(), make_case()

    with transaction.atomic():
        run(f"update cases_case set status = 'returned' where id = {first.pk}")
        run(f"update cases_case set status = 'returned' where id = {second.pk}")
        run("update accounts_user set is_active = false")

    assert noted() == [(f"cases_case:{first.pk}", "update")]


def test_the_event_may_come_after_the_rows_in_the_same_transaction() -> None:
    case = make_case()

    with transaction.atomic():
        run(f"update cases_case set status = 'returned' where id = {case.pk}")
        with transaction.atomic():
            record(verb="case.returned", subject=f"case:{case.pk}", actor=None, at=NOON)

    assert noted() == []


def test_an_event_that_was_undone_explains_nothing() -> None:
    case = make_case()

    with transaction.atomic():
        run(f"update cases_case set status = 'returned' where id = {case.pk}")
        with transaction.atomic():
            record(verb="case.returned", subject=f"case:{case.pk}", actor=None, at=NOON)
            transaction.set_rollback(True)

    assert noted() == [(f"cases_case:{case.pk}", "update")]


def test_what_nobody_decides_is_not_watched() -> None:
    """Work in the background and the language of an officer's pages."""
    case, tipline, officer = make_case(), make_tipline(), make_officer()

    Case.objects.filter(pk=case.pk).update(headline="", urgency=3)
    Tipline.objects.filter(pk=tipline.pk).update(urgency=7, assessed_at=None)
    User.objects.filter(pk=officer.pk).update(language="hi", last_login=NOON)
    Case.objects.filter(pk=case.pk).update(status=case.status)  # as it was

    assert noted() == []


def test_many_rows_at_once_stay_quick() -> None:
    """Each row costs a look, and one event is searched for once."""
    make_tipline()
    names = [str(field.column) for field in Tipline._meta.fields if field.column != "id"]
    values = ["(100000000 + g)::text" if name == "number" else name for name in names]
    run(
        f"insert into tiplines_tipline ({', '.join(names)}) select {', '.join(values)}"
        " from tiplines_tipline, generate_series(1, 20000) g"
    )

    def seconds(guard: str, status: str) -> float:
        with session("ifso_owner") as cursor:
            cursor.execute(f"alter table tiplines_tipline {guard} trigger {COLUMNS}")
        began = time.monotonic()
        run(f"update tiplines_tipline set status = '{status}'")
        return time.monotonic() - began

    without = seconds("disable", "closed")
    guarded = seconds("enable", "sent-back")

    assert guarded < 2 * without + 0.3
    assert len(noted()) == 1


def test_the_database_watches_what_the_list_says() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger"
            " where tgname in (%s, %s)",
            [ROWS, COLUMNS],
        )
        found = {(table, name): text for table, name, text in cursor.fetchall()}

    assert {table for table, _name in found} == {each.table for each in TABLES}
    for each in TABLES:
        rows, columns = found[each.table, ROWS], found[each.table, COLUMNS]
        assert ("AFTER INSERT OR DELETE" in rows) == each.inserts
        for name in each.columns:
            assert re.search(rf"old\.{name}\)?(::text)? IS DISTINCT FROM", columns)
        assert ("old.* IS DISTINCT FROM new.*" in columns) == (not each.columns)
        assert "DEFERRABLE INITIALLY DEFERRED" in rows
        assert "DEFERRABLE INITIALLY DEFERRED" in columns
