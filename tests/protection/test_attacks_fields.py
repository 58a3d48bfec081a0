"""A14: a form writes what it declares. With every column of every model in the body it writes the
same rows as without, by each route that takes a POST.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from pprint import pformat
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, Field, ForeignKey, IntegerField
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from accounts import access
from accounts.models import User
from cases.models import Arrest
from ifso.protection.tables import EVERY
from tests.conventions.test_access import ROUTES, address
from tests.protection.crawl import undone
from tests.protection.submissions import Act, submissions
from tests.protection.test_attacks_keys import WHO, browser_of
from tests.protection.world import World, make_world

pytestmark = pytest.mark.django_db
OURS = ("audit", "districts", "accounts", "tiplines", "nexus", "cases", "operations")
ASIDE = {"audit_event", "audit_seal", "django_session"}
MADE_ANEW = {"secret", "digest"}
"""Columns that hold something random at each try."""
WRONG = "zz-wrong"
LONG_AGO = "2001-01-01T01:01"
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def upload_folder() -> None:
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)


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
    """New rows, the changed columns of old ones and rows that went, without what each try makes
    anew.
    """
    after = table_rows()
    made = {table: after[table].keys() - before[table].keys() for table in after}
    named = keys_of_others()
    found = []
    for table, rows in after.items():
        for key, row in rows.items():
            old = before[table].get(key, {})
            change = {
                name: "made anew"
                if name in MADE_ANEW
                else plain(value, made.get(named.get((table, name), ""), set()), now)
                for name, value in row.items()
                if name not in old or old[name] != value
            }
            if change:
                found.append((table, change))
        gone = before[table].keys() - rows.keys()
        found += [(table, {"gone": key}) for key in gone]
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


def test_a14_a_form_writes_what_it_declares_and_nothing_else() -> None:
    world = make_world()
    extra = everything(world)
    Arrest.objects.update(produced_at=None)
    wrongly: dict[str, Any] = {}
    for name, act in submissions(world).items():
        meant, crowded = (tried(world, act, more) for more in ({}, extra))
        if bool(meant) is bool(act.writes_nothing):
            wrongly[name] = f"it wrote {meant}: it proves nothing, or its reason is wrong"
        elif meant != crowded:
            wrongly[name] = ([each for each in crowded if each not in meant], meant)

    assert not wrongly, pformat(wrongly, width=200)


def tried(world: World, act: Act, more: Row) -> list[tuple[str, Row]]:
    """What the act writes with more fields than it declares; undone after."""
    with undone(Client()):
        browser = act.browser(world.officers[act.officer]) if act.officer else Client()
        for path, said in act.first:
            browser.post(path, said)
        path = act.path if isinstance(act.path, str) else act.path(browser)
        said = {name: value() if callable(value) else value for name, value in act.said.items()}
        before, now = table_rows(), timezone.now()
        if act.body:
            page, _, query = path.partition("?")
            crowded = f"{page}?{urlencode(more)}&{query}"
            answer = browser.post(crowded, act.body, content_type="application/octet-stream")
        else:
            more = {name: value for name, value in more.items() if name not in act.left_out}
            answer = browser.post(path, more | said, headers=act.headers)
        assert answer.status_code < 500, path
        return written(before, now)


def test_a14_every_route_that_takes_a_post_has_a_submission() -> None:
    world = make_world()
    submitted = {
        resolve(urlsplit(path_of(act, world)).path).view_name for act in submissions(world).values()
    }

    assert submitted == set(routes_by_post(world))


def path_of(act: Act, world: World) -> str:
    if isinstance(act.path, str):
        return act.path
    return act.path(browser_of(world.officers[act.officer]))


def routes_by_post(world: World) -> Iterator[str]:
    """By asking each, as an officer whom the table admits, for what is not there."""
    for name, converters in ROUTES:
        admitted = [each for each in WHO.values() if admits(name, world.officers[each])]
        browser = browser_of(world.officers[admitted[0]])
        with undone(browser):
            answer = browser.post(address(name, converters))
        if answer.status_code != 405:
            yield name


def admits(name: str, officer: User) -> bool:
    return access.table()[name].admits(officer.duty)
