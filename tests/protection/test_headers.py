"""Headers and cookies as they are behind the proxy: every route, pages of errors, fragments,
downloads and answers to machines.
"""

from __future__ import annotations

import re
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.access import table
from accounts.roles import Role
from accounts.services import NOTICE
from ifso.routes import routes
from tests.factories import PASSWORD, make_officer
from tests.protection.crawl import ABSENT, FRAGMENT, undone
from tests.protection.world import World, make_world

pytestmark = pytest.mark.django_db
SETTINGS = Path(__file__).resolve().parents[2] / "ifso" / "settings.py"
YEAR = 31_536_000  # seconds
BEHIND_THE_PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
SAID = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}
INLINE = re.compile(
    r"<style|<script(?![^>]*\ssrc=)[^>]*>|<[^>]+\s(?:style|on[a-z]+)=", re.IGNORECASE
)
OFFICERS = ("supervisor", "analyst", "owner", "one", "administrator", "auditor")


@pytest.fixture(autouse=True)
def https(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `HTTPS=yes` changes in the settings, and nothing else."""
    read = []
    for truth in ("no", "yes"):
        monkeypatch.setenv("HTTPS", truth)
        read.append(runpy.run_path(str(SETTINGS)))
    plain, secure = read
    changed = {
        name: value for name, value in secure.items() if name.isupper() and value != plain[name]
    }
    assert {"SESSION_COOKIE_NAME", "SECURE_HSTS_SECONDS", "PROXIES"} <= changed.keys()
    for name, value in changed.items():
        setattr(settings, name, value)


def browser(**more: Any) -> Client:
    return Client(headers=BEHIND_THE_PROXY, raise_request_exception=False, **more)


def faults_of(answer: Any) -> list[str]:
    faults = [name for name, value in SAID.items() if answer.headers.get(name) != value]
    stored = {each.strip() for each in answer.headers.get("Cache-Control", "").split(",")}
    if not {"no-store", "private"} <= stored:
        faults.append("Cache-Control")
    long = re.search(r"max-age=(\d+)", answer.headers.get("Strict-Transport-Security", ""))
    if long is None or int(long[1]) < YEAR:
        faults.append("Strict-Transport-Security")
    asked = dict(
        each.split("=") for each in answer.headers.get("Permissions-Policy", "=").split(", ")
    )
    if not {"camera", "microphone", "geolocation", "usb"} <= asked.keys() or set(
        asked.values()
    ) != {"()"}:
        faults.append("Permissions-Policy")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        faults += faults_of_policy(answer.headers.get("Content-Security-Policy", ""))
        if inline := INLINE.search(answer.content.decode()):
            faults.append(f"inline: {inline[0][:60]}")
    for morsel in answer.cookies.values():
        if not (
            morsel.key.startswith("__Host-")
            and morsel["secure"]
            and (morsel["httponly"] or morsel["max-age"] == 0)  # one that is taken away
            and morsel["samesite"] in {"Lax", "Strict"}
            and morsel["path"] == "/"
            and not morsel["domain"]
        ):
            faults.append(f"cookie {morsel.key}")
    return faults


def faults_of_policy(policy: str) -> list[str]:
    words = [each.split() for each in policy.split(";") if each.strip()]
    directives = {name: sources for name, *sources in words}
    faults = [] if directives.get("default-src") == ["'none'"] else ["CSP default-src"]
    for name in ("base-uri", "frame-ancestors"):
        if directives.get(name) != ["'none'"]:
            faults.append(f"CSP {name}")
    for name, sources in directives.items():
        if not set(sources) <= {"'none'", "'self'"}:
            faults.append(f"CSP {name} {sources}")
    if "form-action" not in directives:  # default-src does not stand for it
        faults.append("CSP form-action")
    return faults


def addresses(world: World, name: str, converters: dict[str, object]) -> list[str]:
    """One that is there, if the world has one, and one that is not."""
    found = []
    place = world.places["unit" if "operation_id" in converters else "one"]
    for values in (
        {each: place.ids.get(each, place.tipline.pk) for each in converters},
        dict.fromkeys(converters, ABSENT),
        dict.fromkeys(converters, "00000000-0000-4000-8000-000000000000"),
    ):
        try:
            found.append(reverse(name, kwargs=values))
        except NoReverseMatch:
            continue
    return list(dict.fromkeys(found))


def test_every_route_answers_with_every_header() -> None:
    world = make_world()
    browsers = {}
    for officer in OFFICERS:
        browsers[officer] = browser()
        browsers[officer].force_login(
            world.officers[officer], backend="django.contrib.auth.backends.ModelBackend"
        )
    faults, seen = [], Counter[tuple[int, str]]()
    for name, converters in routes():
        by_right = {each: table()[name].admits(world.officers[each].duty) for each in OFFICERS}
        client = browsers[max(OFFICERS, key=lambda each: by_right[each])]
        without = browsers[min(OFFICERS, key=lambda each: by_right[each])]
        for address in addresses(world, name, converters):
            with undone(client):
                answers = [
                    client.get(address),
                    client.get(address, headers=FRAGMENT),
                    client.post(address),
                    client.options(address),
                    without.get(address),
                    browser().get(address),
                ]
            for answer in answers:
                kind = answer.headers.get("Content-Type", "").partition(";")[0]
                seen[answer.status_code, kind] += 1
                faults += [(name, answer.status_code, fault) for fault in faults_of(answer)]

    assert faults == []
    # It has met what it speaks of.
    assert seen[200, "text/html"] > 60
    for met in (
        *((200, "text/csv"), (200, "application/pdf"), (200, "application/json")),
        *((403, "text/html"), (404, "text/html"), (422, "text/html"), (401, "application/json")),
    ):
        assert seen[met], (met, seen)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


@pytest.mark.parametrize(
    ("status", "ask"),
    [
        (404, lambda client: client.get("/no/such/page/")),
        (400, lambda client: client.get("/queue/?text=%00")),
        (400, lambda client: client.get("/sign-in/", headers={"Host": "elsewhere.example"})),
        (403, lambda client: client.post("/search/", {"text": "a"})),  # without the form's token
        (500, lambda client: client.get("/dispatches/")),
    ],
    ids=["absent", "nul", "host", "token", "broken"],
)
def test_pages_of_errors_have_every_header(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    ask: Callable[[Client], HttpResponse],
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setattr("tiplines.views.dispatches.render", broken)
    client = browser(enforce_csrf_checks=True)
    client.force_login(
        make_officer(Role.ANALYST), backend="django.contrib.auth.backends.ModelBackend"
    )

    answer = ask(client)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert faults_of(answer) == []


def test_cookies_of_signing_in_and_out_are_bound_to_the_host() -> None:
    officer, client = make_officer(Role.ANALYST), browser()
    answers = [
        client.get("/sign-in/"),
        client.post(
            "/sign-in/", {"username": officer.username, "password": PASSWORD, "notice": NOTICE}
        ),
        client.post("/language/", {"language": "hi"}),
        client.get("/password/"),
        client.post("/sign-out/"),
    ]

    assert [faults_of(each) for each in answers] == [[]] * len(answers)
    assert {name for each in answers for name in each.cookies} == {
        *("__Host-session", "__Host-csrf", "__Host-language"),
    }
    assert '"storage"' in answers[-1].headers["Clear-Site-Data"]


def test_the_test_sees_what_lacks() -> None:
    answer = HttpResponse("<p onclick='x'>")
    answer.set_cookie("messages", "words")

    assert {fault.partition(":")[0] for fault in faults_of(answer)} >= {
        *("Cache-Control", "Strict-Transport-Security", "Permissions-Policy", "inline"),
        *("CSP default-src", "CSP form-action", "cookie messages"),
    }
    assert faults_of_policy(
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self';"
        " style-src 'unsafe-inline'"
    ) == ["""CSP style-src ["'unsafe-inline'"]"""]
