"""A14: a form writes what it declares. With every column of every model in the body it writes the
same rows as without.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import DateTimeField, Field, ForeignKey, IntegerField
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from cases.models import Access, Arrest
from ifso.protection.tables import EVERY
from tests.factories import PASSWORD
from tests.protection.crawl import undone
from tests.protection.test_attacks_keys import browser_of, moment, parts
from tests.protection.world import World, make_world

pytestmark = pytest.mark.django_db
OURS = ("audit", "districts", "accounts", "tiplines", "nexus", "cases", "operations")
ASIDE = {"audit_event", "audit_seal", "django_session", "accounts_officersession"}
WRONG = "zz-wrong"
LONG_AGO = "2001-01-01T01:01"
REASON = "a sentence that is long enough to be a reason"
Row = dict[str, Any]


def everything(world: World) -> dict[str, str]:
    """Every column of every model, by its name and by that of its key, with what is not meant."""
    said: dict[str, str] = {}
    other = world.officers["administrator"].pk
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for column in model._meta.concrete_fields:
                for name in {column.name, column.attname, f"{column.name}__pk"}:
                    said[name] = wrong(column, other)
    return said | {"pk": str(other), "path": "/etc/passwd", "_state": WRONG, "duty": WRONG}


def wrong(column: Field[Any, Any], other: int) -> str:
    if isinstance(column, DateTimeField):
        return LONG_AGO
    if isinstance(column, ForeignKey | IntegerField):
        return str(other)
    return "on" if column.get_internal_type() == "BooleanField" else WRONG


# --- What is written ------------------------------------------------------------------------------


def table_rows() -> dict[str, dict[Any, Row]]:
    found = {}
    with connection.cursor() as cursor:
        for table in EVERY:
            if table in ASIDE:
                continue
            cursor.execute(f"select * from {table}")
            names = [each[0] for each in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            found[table] = {row.get(names[0]): row for row in rows}
    return found


def written(before: dict[str, dict[Any, Row]], now: datetime) -> list[tuple[str, Row]]:
    """New rows and the changed columns of old ones, without what each try makes anew."""
    after = table_rows()
    made = {table: after[table].keys() - before[table].keys() for table in after}
    named = keys_of_others()
    found = []
    for table, rows in after.items():
        for key, row in rows.items():
            old = before[table].get(key, {})
            change = {
                name: plain(value, made.get(named.get((table, name), ""), set()), now)
                for name, value in row.items()
                if name not in old or old[name] != value
            }
            if change:
                found.append((table, change))
    return sorted(found, key=repr)


def keys_of_others() -> dict[tuple[str, str], str]:
    """The table whose keys a column holds."""
    return {
        (model._meta.db_table, str(column.column)): (
            column.related_model._meta.db_table
            if isinstance(column, ForeignKey)
            else model._meta.db_table
        )
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if column.primary_key or isinstance(column, ForeignKey)
    }


def plain(value: Any, made: set[Any], now: datetime) -> Any:
    if isinstance(value, datetime):
        return f"in {round((value - now) / timedelta(minutes=1))} minutes"
    if isinstance(value, memoryview):
        return "sealed"
    if isinstance(value, UUID):
        return "a new uuid"
    if isinstance(value, str) and value.startswith("md5$"):
        return "a password"
    return "a new key" if isinstance(value, int) and value in made else repr(value)


# --- The acts -------------------------------------------------------------------------------------

Act = tuple[str, str, dict[str, Any]]


def acts(world: World) -> dict[str, Act]:
    """One for each way to write: officer, path, and all that its form declares."""
    one, unit = world.places["one"], world.places["unit"]
    assert one.case is not None
    assert one.station is not None
    case, has = f"/cases/{one.case.pk}/", parts(one)
    today = timezone.localdate().isoformat()
    officer = world.officers["two"]
    operation = f"/operations/{unit.ids['operation_id']}/"
    tip = f"/tiplines/{unit.ids['number']}/"
    return {
        "fir": (
            "one",
            f"{case}fir/",
            {
                "number": "77/2026",
                "kind": "regular",
                "station": one.station.pk,
                "moment": moment(),
                "sections": ["IT-67B"],
                "officer_rank": "inspector",
                "investigating_officer": "R. Singh",
            },
        ),
        "progress": ("one", f"{case}progress/", {"fir": has["fir"], "moment": moment()}),
        "accused": (
            "one",
            f"{case}accused/",
            {"fir": has["fir"], "name": "B. Kumar", "age": "34", "address": "Rohini"},
        ),
        "production": ("one", f"{case}production/", {"arrest": has["arrest"], "moment": moment()}),
        "seen": ("one", f"{case}seen/", {"until": timezone.now().isoformat()}),
        "restrict": (
            "supervisor",
            f"{case}restrict/",
            {"officers": "", "reason": REASON, "hides_existence": ""},
        ),
        "close": (
            "analyst",
            "/decide/",
            {
                "act": "close",
                "number": unit.ids["number"],
                "reason": "not-an-offence",
                "note": "noted",
                "one": "1",
                "confirmed": "1",
                "back": "",
                "every": "",
                "bundle": [],
            },
        ),
        "correct": (
            "analyst",
            f"{tip}correct/",
            {"target": "|police_reference", "after": "Other 7", "reason": REASON},
        ),
        "leave bundle": ("analyst", "/leave-bundle/", {"number": unit.ids["number"], "back": ""}),
        "dissolve": ("analyst", f"/bundles/{unit.ids['bundle_id']}/dissolve/", {}),
        "set aside": (
            "analyst",
            f"/quarantine/{unit.ids['item_id']}/set-aside/",
            {"reason": REASON, "whole": ""},
        ),
        "operation": (
            "supervisor",
            "/operations/",
            {"name": "New", "purpose": "p", "from_at": moment(), "until_at": ""},
        ),
        "end": ("supervisor", f"{operation}end/", {}),
        "new officer": (
            "administrator",
            "/officers/new/",
            {"username": "new-1", "full_name": "New One", "rank": "inspector"},
        ),
        "post": (
            "administrator",
            f"/officers/{officer.pk}/post/",
            {"role": Role.ANALYST.value, "district": "", "station": "", "from_on": today},
        ),
        "leave": ("administrator", f"/officers/{officer.pk}/leave/", {"last_on": today}),
        "access": ("administrator", f"/officers/{officer.pk}/access/", {"active": "0"}),
        "one-time password": (
            "administrator",
            f"/officers/{officer.pk}/one-time-password/",
            {},
        ),
        "password": (
            "one",
            "/password/",
            {
                "old_password": PASSWORD,
                "new_password1": "a sentence that I remember",
                "new_password2": "a sentence that I remember",
            },
        ),
        "language": ("one", "/language/", {"language": "hi", "next": "/"}),
        "ask": ("analyst", f"/cases/{restricted(world)}/ask/", {"reason": REASON}),
        "break glass": ("analyst", f"/cases/{restricted(world)}/break-glass/", {"reason": REASON}),
        "answer": (
            "owner",
            f"/accesses/{asked(world)}/answer/",
            {"well": "1", "note": "noted"},
        ),
    }


def restricted(world: World) -> int:
    case = world.places["restricted"].case
    assert case is not None
    return case.pk


def asked(world: World) -> int:
    """A request for access that awaits its answer."""
    return Access.objects.get_or_create(
        case_id=restricted(world),
        kind=Access.Kind.REQUEST,
        officer=world.officers["supervisor"],
        defaults={"owner": world.officers["owner"], "reason": REASON, "at": timezone.now()},
    )[0].pk


def test_a14_a_form_writes_what_it_declares_and_nothing_else() -> None:
    world = make_world()
    extra = everything(world)
    Arrest.objects.update(produced_at=None)
    wrongly: dict[str, Any] = {}
    for name, (officer, path, said) in acts(world).items():
        meant = tried(browser_of(world.officers[officer]), path, said)
        crowded = tried(browser_of(world.officers[officer]), path, extra | said)
        assert meant, f"{name} wrote nothing: it proves nothing"
        if meant != crowded:
            wrongly[name] = [each for each in crowded if each not in meant]

    assert wrongly == {}


def tried(browser: Client, path: str, said: dict[str, Any]) -> list[tuple[str, Row]]:
    before, now = table_rows(), timezone.now()
    with undone(browser):
        browser.post(path, said)
        return written(before, now)
