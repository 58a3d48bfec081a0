"""The net below every query: what PostgreSQL itself shows to which role in which scope."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from accounts import scope
from accounts.models import User
from accounts.roles import Role
from cases.models import Case
from ifso.protection.tables import EVERY, GUARDED, OFFICERS, RECORD
from tests.cases.made import make_case
from tests.factories import make_district, make_officer, make_station
from tests.roles import session
from tiplines.models import Tipline

pytestmark = pytest.mark.django_db
ROHINI, DWARKA = "ROH", "DWA"


def asked(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def case_in(code: str) -> Case:
    district = make_district(code=code, name=code)
    return make_case(station=make_station(code=f"{code}-1", name=code, district=district))


def officer_of(code: str) -> User:
    return make_officer(Role.DISTRICT, district=make_district(code=code, name=code))


# --- The catalogue ------------------------------------------------------------------------------


def test_every_guarded_table_is_guarded_by_force() -> None:
    found = asked(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind = 'r' and relrowsecurity and relforcerowsecurity"
    )

    assert {name for (name,) in found} == set(GUARDED)


def test_every_table_is_listed_and_none_is_listed_twice() -> None:
    assert sorted(connection.introspection.table_names()) == sorted(EVERY)


@pytest.mark.parametrize("command", ["SELECT", "INSERT", "UPDATE", "DELETE"])
def test_every_guarded_table_has_a_policy_for_every_command(command: str) -> None:
    found = asked(f"select tablename from pg_policies where cmd in ('ALL', '{command}')")

    assert set(GUARDED) <= {name for (name,) in found}


def test_the_suite_signs_in_as_the_web() -> None:
    [(name, is_super, bypasses, owned)] = asked(
        "select session_user::text, rolsuper, rolbypassrls,"
        " (select count(*) from pg_tables where tableowner = session_user)"
        " from pg_roles where rolname = session_user"
    )

    assert (name, is_super, bypasses, owned) == ("ifso_web", False, False, 0)


# --- Without a scope ----------------------------------------------------------------------------


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_without_a_scope_the_web_sees_no_row(table: str) -> None:
    make_case()

    with scope.within(scope.NO_SCOPE):
        assert asked(f"select count(*) from {table}") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_took_no_role_sees_no_row_and_writes_none() -> None:
    make_case()

    with session("ifso_worker") as cursor:
        for table in GUARDED:
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (0,), table
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("update cases_case set urgency = 0")
        cursor.execute("set role ifso_system")
        cursor.execute("select count(*) from cases_case")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_told_that_rows_are_kept_from_it() -> None:
    make_case()

    with (
        session("ifso_owner") as cursor,
        pytest.raises(Exception, match="row-level security"),
    ):
        cursor.execute("select count(*) from cases_case")


# --- In an officer's scope ----------------------------------------------------------------------


def test_raw_sql_in_a_request_finds_only_what_is_the_officer_s() -> None:
    mine, other = case_in(ROHINI), case_in(DWARKA)

    with scope.scoped(officer_of(ROHINI)):
        assert asked("select id from cases_case") == [(mine.pk,)]
        assert asked(f"select id from cases_case where id = {other.pk}") == []
        tip = mine.entries.get().tipline
        assert asked("select number from tiplines_tipline") == [(tip.number,)]
        assert asked("select distinct tipline_id from cases_casetipline") == [(tip.pk,)]
        assert asked("select distinct case_id from cases_handoff") == [(mine.pk,)]


def test_the_unit_sees_every_district() -> None:
    cases = {case_in(ROHINI).pk, case_in(DWARKA).pk}

    with scope.scoped(make_officer(Role.ANALYST)):
        assert {key for (key,) in asked("select id from cases_case")} == cases


def test_no_row_is_moved_or_put_into_another_district() -> None:
    mine, other = case_in(ROHINI), case_in(DWARKA)
    there = other.district_id

    for statement in (
        f"update cases_case set district_id = {there} where id = {mine.pk}",
        f"insert into cases_casetipline (case_id, tipline_id, added_at)"
        f" select {other.pk}, tipline_id, now() from cases_casetipline",
    ):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
            scope.scoped(officer_of(ROHINI)),
        ):
            asked(statement)
    with scope.scoped(officer_of(ROHINI)):
        asked(f"update cases_case set urgency = 1 where id = {other.pk}")
    other.refresh_from_db()
    assert other.urgency != 1


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_the_web_deletes_no_guarded_row_and_changes_no_table(table: str) -> None:
    for statement in (f"delete from {table}", f"truncate {table}", f"drop table {table}"):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            scope.within(scope.NO_SCOPE),
        ):
            asked(statement)


@pytest.mark.parametrize("table", RECORD)
def test_the_record_is_only_added_to(table: str) -> None:
    [(column,)] = asked(
        "select attname from pg_attribute"
        f" where attrelid = '{table}'::regclass and attnum = 1 and not attisdropped"
    )
    change = f"update {table} set {column} = {column}"
    for statement in (f"delete from {table}", change, f"truncate {table}"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            scope.within(scope.NO_SCOPE),
        ):
            asked(statement)


def test_officers_rows_hold_no_case() -> None:
    """What no policy guards has no key of a tipline or case but a restricted case's grants."""
    found = asked(
        "select c.conrelid::regclass::text from pg_constraint c where contype = 'f'"
        " and confrelid in ('tiplines_tipline'::regclass, 'cases_case'::regclass)"
    )

    assert {name for (name,) in found} & set(OFFICERS) == {"accounts_casegrant"}


# --- One connection, many officers --------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_nothing_of_one_officer_is_left_for_the_next_on_the_connection(client: Client) -> None:
    mine, other = case_in(ROHINI), case_in(DWARKA)
    officers = [officer_of(ROHINI), officer_of(DWARKA)]

    for officer, own, foreign in zip(officers, (mine, other), (other, mine), strict=True):
        client.force_login(officer)
        assert client.get(f"/cases/{own.pk}/").status_code == 200
        assert client.get(f"/cases/{foreign.pk}/").status_code == 404
        assert left_over() == {""}


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_no_scope_and_no_row() -> None:
    mine = case_in(ROHINI)

    class Broken(Exception):
        pass

    def act() -> None:
        with scope.scoped(officer_of(ROHINI)):
            asked(f"update cases_case set urgency = 1 where id = {mine.pk}")
            raise Broken

    with pytest.raises(Broken):
        act()

    mine.refresh_from_db()
    assert mine.urgency != 1
    assert left_over() == {""}


def left_over() -> set[str]:
    settings = ("officer", "unit", "districts", "stations", "cases")
    return {
        value
        for name in settings
        for (value,) in asked(f"select coalesce(current_setting('app.{name}', true), '')")
    }


def test_a_scope_inside_a_scope_gives_way_to_the_outer_one_after() -> None:
    mine = case_in(ROHINI)
    case_in(DWARKA)

    with scope.scoped(officer_of(ROHINI)):
        with scope.as_the_unit():
            assert asked("select count(*) from cases_case") == [(2,)]
        assert asked("select id from cases_case") == [(mine.pk,)]


@pytest.mark.django_db(transaction=True)
def test_a_backup_holds_every_row() -> None:
    make_case()

    with session("ifso_backup") as cursor:
        for table in EVERY:
            cursor.execute(f"select count(*) from {table}")
            held = cursor.fetchone()
            assert [held] == asked(f"select count(*) from {table}"), table
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("update cases_case set urgency = 0")


def test_a_page_whose_query_forgot_the_plan_still_shows_nothing_foreign(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = case_in(ROHINI), case_in(DWARKA)
    client.force_login(officer_of(ROHINI))
    monkeypatch.setattr("cases.models.case.CaseQuerySet.visible_to", lambda rows, officer: rows)
    monkeypatch.setattr(
        "tiplines.models.tipline.TiplineQuerySet.visible_to", lambda rows, officer: rows
    )

    assert client.get(f"/cases/{mine.pk}/").status_code == 200
    assert client.get(f"/cases/{other.pk}/").status_code == 404
    tip = Tipline.objects.get(case_entries__case=other)
    assert client.get(f"/tiplines/{tip.number}/").status_code == 404
