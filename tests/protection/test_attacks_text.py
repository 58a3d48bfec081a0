"""A23, A26, A36, A37: text that costs time, errors that tell too much, lines that forge a log."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from pathlib import Path

import django
import pytest
from django.db import ProgrammingError
from django.template import engines
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from ifso.logs import JsonFormatter
from tests.cases.made import make_case
from tests.factories import make_officer, make_tipline
from tests.protection.crawl import lines_of_logs
from tests.protection.test_attacks_keys import browser_of

HOME = Path(__file__).resolve().parents[2]
MEBIBYTE = 1024 * 1024

# --- A23 ----------------------------------------------------------------------------------------

FILTER = re.compile(r"\|\s*([a-z_]+)")
TAG = re.compile(r"{[{%](.*?)[}%]}", re.DOTALL)
FOR_NUMBERS = {
    *("add", "date", "filesizeformat", "floatformat", "intcomma", "stringformat", "unlocalize"),
    "utc",
}
FOR_TEXT = {
    *("default", "default_if_none", "join", "length", "lower", "pluralize", "slice", "title"),
    *("truncatechars", "upper", "urlencode", "yesno"),
}


def filters_in_use() -> set[str]:
    texts = [path.read_text() for path in (HOME / "templates").rglob("*.*")]
    tags = [tag for text in texts for tag in TAG.findall(text)]
    return {name for tag in tags for name in FILTER.findall(tag)}


def test_a23_every_filter_of_a_page_is_one_that_was_timed() -> None:
    assert filters_in_use() <= FOR_NUMBERS | FOR_TEXT


@pytest.mark.parametrize("name", sorted(FOR_TEXT))
@pytest.mark.parametrize("tag", ["<a>", "<", "<b x=", "&#1;", "<!--"])
def test_a23_deep_tags_cost_a_filter_no_second(name: str, tag: str) -> None:
    arguments = {"slice": ':":9"', "truncatechars": ":90", "join": ':", "', "default": ':"-"'}
    said = {"default_if_none": ':"-"', **arguments}.get(name, "")
    page = engines["django"].from_string(f"{{{{ given|{name}{said} }}}}{{{{ text }}}}")
    text = tag * 100_000 + "</a>" * 100_000
    given = [text] * 2 if name == "join" else text

    began = time.process_time()
    shown = page.render({"text": text, "given": given})

    assert time.process_time() - began < 1
    assert "<" not in shown


# --- A36 ----------------------------------------------------------------------------------------

CANARY = "canarysecret"
BROKEN = {
    "/queue/": ("cases.views.triage.page", Role.ANALYST),
    "/cases/": ("cases.views.desk.page_of_cases", Role.SUPERVISOR),
    "/desk/": ("cases.views.desk.desk_of", Role.DISTRICT),
    "/restricted/": ("cases.views.restricted.record_list", Role.SUPERVISOR),
    "/board/": ("operations.views.boards.period_of", Role.SUPERVISOR),
    "/record/": ("operations.views.record.matching", Role.AUDITOR),
    "/officers/": ("accounts.views.officers.record_list", Role.ADMINISTRATOR),
    "/dispatches/": ("tiplines.views.dispatches.page_of_dispatches", Role.ANALYST),
    "/quarantine/": ("tiplines.views.quarantine.record_list", Role.ANALYST),
    "/api/v1/dispatches/1": ("tiplines.api.get_object_or_404", Role.ANALYST),
}
TELLS = re.compile(
    rf"Traceback|{CANARY}|select \* from|psycopg|postgres|ProgrammingError|site-packages"
    rf"|\.py\b|django(?!-)|gunicorn|{re.escape(django.__version__)}"
    rf"|python|{re.escape(sys.version.split()[0])}|/var/|/home/",
    re.IGNORECASE,
)


@pytest.mark.django_db
@pytest.mark.parametrize("path", BROKEN)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_a36_a_failure_tells_its_reference_and_no_more(
    monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str]
) -> None:
    target, role = BROKEN[path]

    def fail(*said: object, **named: object) -> object:
        raise ProgrammingError(f'relation "{CANARY}": SELECT * FROM {CANARY}')

    monkeypatch.setattr(target, fail)
    client = browser_of(make_officer(role))
    client.raise_request_exception = False

    with lines_of_logs() as lines:
        answer = client.get(path, headers=headers)

    text = answer.content.decode()
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in text
    told = text + "".join(f"{name}: {value}" for name, value in answer.headers.items())
    assert TELLS.findall(told) == []
    # Whoever has the reference finds the failure, without what the database said.
    [line] = [json.loads(each) for each in lines if '"exception"' in each]
    assert line["request"] == answer.headers["X-Request-Id"]
    assert CANARY not in json.dumps(line)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/never-was/", "/tiplines/1/", "/cases/987654321/"])
def test_a36_what_is_not_there_tells_nothing_of_us(path: str) -> None:
    answer = browser_of(make_officer(Role.ANALYST)).get(path)

    assert answer.status_code == 404
    assert TELLS.findall(answer.content.decode()) == []


# --- A37 ----------------------------------------------------------------------------------------

CONTROLS = "".join(map(chr, [*range(32), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029, 0x202E, 0x2066]))
FORGED = f'x\r\n{{"level": "forged"}}\x1b[31m\x9b2J\x85\u2028{CANARY}'


def is_one_line(line: str) -> bool:
    return len(line.splitlines()) == 1 and not set(CONTROLS) & set(line)


def test_a37_no_control_makes_a_second_line() -> None:
    for control in CONTROLS:
        record = logging.makeLogRecord(
            {"msg": "said %s", "args": (f"a{control}b",), f"k{control}": f"v{control}"}
        )

        line = JsonFormatter().format(record)

        assert is_one_line(line), hex(ord(control))
        assert json.loads(line)["message"] == f"said a{control}b"


@pytest.mark.django_db
def test_a37_what_is_typed_anywhere_stays_inside_one_line_and_out_of_it() -> None:
    case = make_case(at=timezone.now())
    tip = make_tipline()
    analyst, supervisor = make_officer(Role.ANALYST), make_officer(Role.SUPERVISOR)
    officer = make_officer(Role.STATION, station=case.station)
    administrator = make_officer(Role.ADMINISTRATOR)
    everything = dict.fromkeys(
        (
            *("text", "reason", "note", "name", "number", "act", "address", "place", "purpose"),
            *("investigating_officer", "arrested_by", "username", "full_name", "after", "target"),
            *("what", "words", "back", "bundle", "batch", "unit", "officers", "password", "code"),
        ),
        FORGED,
    )
    routes: list[tuple[User | None, str]] = [
        *(
            (analyst, path)
            for path in ("/search/", "/locate/", "/decide/", "/follow/", "/leave-bundle/")
        ),
        *((analyst, f"/tiplines/{tip.number}/{act}/") for act in ("correct", "reveal", "rejoin")),
        (analyst, "/undo/"),
        (analyst, "/dispatches/upload/begin/"),
        *((officer, f"/cases/{case.pk}/{act}/") for act in ("return", "fir", "accused", "arrest")),
        *((supervisor, f"/cases/{case.pk}/{act}/") for act in ("restrict", "name", "strike")),
        (supervisor, "/operations/"),
        (administrator, "/officers/new/"),
        (administrator, "/officers/certify/"),
        (officer, "/password/"),
        (None, "/sign-in/"),
    ]
    with lines_of_logs() as lines:
        for who, path in routes:
            client = browser_of(who) if who else Client()
            said = {"User-Agent": "\x9b31m\x85 agent", "HX-Current-URL": "http://t/\x85x"}
            answer = client.post(path, everything, headers=said)
            assert answer.status_code < 500, path
            client.get(f"/tiplines/a%0d%0a%1b%5b31m%c2%85{CANARY}/", headers=said)

    assert len(lines) > len(routes)
    for line in lines:
        assert is_one_line(line), line
        told = json.loads(line)
        # Of what is typed only an address comes into a log, and that without its query.
        assert CANARY not in line or "/tiplines/a" in told["message"]
