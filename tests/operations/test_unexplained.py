"""Rows that no service left so are found afterwards, whether a trigger saw the change or not."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import services as officers
from accounts.models import User
from accounts.roles import Role
from cases.lifecycle import CaseStatus
from cases.models import Fir
from cases.services import holding
from operations.unexplained import Unexplained, rows
from tests.cases.made import make_accused, make_arrest, make_case, make_fir
from tests.factories import NOON, make_officer

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def arrest(fir: Fir, officer: User) -> None:
    accused = make_accused(fir=fir, by=officer)
    make_arrest(accused=accused, by=officer, arrested_at=NOON + 3 * HOUR)


def test_what_services_did_is_explained() -> None:
    for status in CaseStatus:
        if status != CaseStatus.REGISTERED:
            make_case(status=status)
    case = make_case(with_station=False)
    officer = make_officer(Role.DISTRICT)
    holding.accept(case_id=case.pk, by=officer, at=NOON + HOUR)
    fir = make_fir(case=case, by=officer, at=NOON + 2 * HOUR)
    arrest(fir, officer)
    officers.make_token(officer=officer, name="x", route="api:dispatches", at=NOON)

    assert rows() == []


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("update cases_case set status = 'under-enquiry'", "cases_case"),
        ("update cases_case set status_at = now()", "cases_case"),
        ("update cases_handoff set acknowledged_at = now()", "cases_handoff"),
        ("update cases_fir set recorded_at = now()", "cases_fir"),
        ("update cases_accused set recorded_at = now()", "cases_accused"),
        ("update cases_arrest set recorded_at = now()", "cases_arrest"),
        (
            "update tiplines_tipline set status = 'closed', holder_district_id = null,"
            " holder_station_id = null",
            "tiplines_tipline",
        ),
        (
            "update tiplines_tipline set status = 'awaiting', holder_district_id = null,"
            " holder_station_id = null",
            "tiplines_tipline",
        ),
        (
            "insert into accounts_user (username, full_name, rank, password, is_active,"
            " is_superuser, language, password_is_temporary, created_at)"
            " values ('x', 'X', 'inspector', '', true, true, 'en', false, now())",
            "accounts_user",
        ),
        (
            "update accounts_posting set role = 'supervisor' where role = 'analyst'",
            "accounts_posting",
        ),
    ],
)
def test_a_row_that_says_otherwise_is_found(change: str, table: str) -> None:
    officer = make_officer(Role.STATION)
    case = make_case()
    holding.accept(case_id=case.pk, by=officer, at=NOON + HOUR)
    fir = make_fir(case=case, by=officer, at=NOON + 2 * HOUR)
    arrest(fir, officer)
    assert rows() == []

    run(change)

    assert {each.table for each in rows()} == {table}


def test_the_command_names_the_rows_and_ends_with_1() -> None:
    case = make_case()
    call_command("reconcile_audit", stdout=io.StringIO())
    run("update cases_case set status_at = now()")
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("reconcile_audit", stdout=out)

    assert rows() == [Unexplained("cases_case", case.pk)]
    assert f"cases_case {case.pk} stands as no service left it" in out.getvalue()
