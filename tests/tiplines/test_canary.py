"""The name of a child that a report says everywhere lies nowhere in the database in plain text."""

from __future__ import annotations

import html
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.lifecycle import CaseStatus
from districts.gazetteer import forget
from districts.loading import load_gazetteer
from districts.models import PoliceStation
from ifso.logs import JsonFormatter
from tests.cases.made import make_accused, make_arrest, make_case
from tests.factories import NOON, make_officer, make_tipline
from tests.tiplines.canary import CANARY, FIRST, LAST, canary_report
from tests.tiplines.intake import bring, work, zip_of
from tests.tiplines.plain import tables_that_say
from tiplines.making.json_writer import write_json
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.reports import MadeReport
from tiplines.making.xml_writer import write_documents
from tiplines.models import Party, QuarantineItem, Tipline
from tiplines.services.placing import keys_of


def as_xml(report: MadeReport) -> dict[str, bytes]:
    return {f"{report.number}/{name}": data for name, data in write_documents(report)}


FORMATS: dict[str, Callable[[MadeReport], dict[str, bytes]]] = {
    "json": lambda report: {"1.json": write_json(report)},
    "xml": as_xml,
    "pdf": lambda report: {"1.pdf": write_pdf(report, Generation.NEWER)},
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.django_db
def test_no_column_of_any_table_says_it(format: str) -> None:
    bring(zip_of(FORMATS[format](canary_report(990000001))))
    work()

    assert not QuarantineItem.objects.exists()
    tip = Tipline.objects.get()
    assert FIRST in str(tip.versions.get().source)
    assert Party.objects.protected().count() >= 2
    assert [*tables_that_say(FIRST), *tables_that_say(LAST)] == []


# --- The whole way --------------------------------------------------------------------------------

SEARCHED = (CANARY, FIRST, LAST, f"{FIRST}.{LAST}.1@example.com".lower(), "9877777701")
A_KIND_AT_MOST = 4  # pages of one kind, for one role
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')


@pytest.fixture
def no_keys_kept() -> Iterator[None]:
    """Other tests have other districts under the version that this one loads."""
    keys_of.cache_clear()
    yield
    keys_of.cache_clear()
    forget()


@pytest.mark.usefixtures("no_keys_kept")
@pytest.mark.django_db
def test_no_page_log_event_or_message_says_it(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Through intake, assignment, FIR, arrest, search and reveal, for every role."""
    caplog.set_level(logging.DEBUG)
    sent: list[Any] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda *args, **kwargs: sent.append((args, kwargs))
    )
    forget()
    load_gazetteer(at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        for number, format in enumerate(FORMATS, 990000001):
            bring(zip_of(FORMATS[format](canary_report(number))), name=f"{format}.zip")
        bring(zip_of({"bad.json": b'{"reportId": "1", '}))
        work(located=True)
        tips = list(Tipline.objects.order_by("number"))
        station = PoliceStation.objects.filter(district__kind="territorial").order_by("pk")[0]
        make_case(tipline=tips[0], station=station)
        case = make_case(status=CaseStatus.REGISTERED, tipline=tips[1], station=station)
        officer = make_officer(Role.DISTRICT, district=station.district)
        make_arrest(accused=make_accused(fir=case.firs.get(), by=officer), by=officer)
        for role in Role:
            walk(
                make_officer(
                    role,
                    district=station.district if role == Role.DISTRICT else None,
                    station=station if role == Role.STATION else None,
                )
            )

    assert sent
    for text in (*SEARCHED[:3], "9877777701"):
        assert text.casefold() not in str(sent).casefold()
        assert text.casefold() not in caplog.text.casefold()
        assert tables_that_say(text) == []


def walk(officer: User) -> None:
    """Open pages of every kind that the officer's first ones lead to, and search."""
    browser = Client()
    browser.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    parts = ("", "correct/", "looked/")
    waiting = ["/", *(f"/tiplines/99000000{n}/{part}" for n in (1, 2, 3) for part in parts)]
    seen, opened = set(waiting), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        opened[kind] += 1
        if opened[kind] > A_KIND_AT_MOST:
            continue
        answer = browser.get(address, follow=True)
        assert answer.status_code < 500, address
        text = b"".join(answer).decode("utf-8", "replace")
        assert_silent(text, f"{officer.username} at {address}")
        found = dict.fromkeys(html.unescape(link) for link in LINK.findall(text))
        new = [link for link in found if link not in seen and not link.startswith("/static/")]
        waiting += new
        seen.update(new)
    for searched in SEARCHED:
        answer = browser.post("/search/", {"text": searched})
        text = answer.content.decode()
        assert_silent(text.replace(searched, ""), f"{officer.username} searching")
        if searched == CANARY and officer.duty.sees_everything:
            assert text.count("/tiplines/99000000") >= len(FORMATS)


def kind_of(address: str) -> str:
    """A path without keys, and which names its query has."""
    path, _mark, query = address.partition("?")
    return re.sub(r"\d+", "N", path) + "?" + re.sub(r"=[^&]*", "", query)


def assert_silent(text: str, where: str) -> None:
    said = html.unescape(text).casefold()
    for secret in (FIRST, LAST, "9877777701", "203.0.113.1"):
        at = said.find(secret.casefold())
        assert at < 0, f"{where}: {said[max(0, at - 200) : at + 100]}"


@pytest.mark.django_db
def test_an_error_is_logged_without_what_the_database_says_of_the_row() -> None:
    tip = make_tipline()
    with pytest.raises(IntegrityError, match=FIRST) as refused, transaction.atomic():
        Party.objects.create(tipline=tip, position=1, role="victim", name=CANARY, place="p")
    error = refused.value
    told = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", None, told)
    line = json.loads(JsonFormatter().format(record))

    assert FIRST not in str(line)
    assert "IntegrityError" in line["exception"]
    assert "test_canary.py" in line["exception"]
