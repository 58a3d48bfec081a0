"""A19, A20, A35: what is sent by name and by address reaches no query, and no address says who."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.roles import Role
from tests.conventions.test_access import ROUTES
from tests.factories import make_officer, make_tipline
from tests.protection.crawl import Crawl, undone
from tests.protection.test_attacks_keys import BACKEND, browser_of, plain
from tests.protection.world import SHARED, World, make_world

pytestmark = pytest.mark.django_db
HUGE = ("9" * 19, "9" * 5000, "-1", "٣", "1e9", "")  # keys of no row

NAMES = (
    *("_connector", "_negated", "_connector=OR 1=1 OR", "pk", "id", "pk__in", "Q", "self", "using"),
    *("ordering", "order_by", "o", "owner__password", "opened_by__password__startswith"),
    *("district__in", "restricted_case__isnull", "status__contains", "number__regex", "duty"),
    *('password"; drop table cases_case; --', "a.b", "a%00b".replace("%00", "\x01"), "__class__"),
)
VALUES = (
    *("OR", "1) OR (1=1", "password", "-restricted_case", "opened_by__password", "?", "pk' --"),
    *("{{ 7|add:7 }}", "\u202e", "\U0001f600", "{}", "[]", "9" * 400, "restricted_case__case__pk"),
)
LISTS = {
    "/queue/": "analyst",
    "/cases/": "supervisor",
    "/desk/": "rohini",
    "/restricted/": "supervisor",
    "/quarantine/": "analyst",
    "/dispatches/": "analyst",
    "/board/": "supervisor",
    "/board/balance/": "supervisor",
    "/board/assigned/": "supervisor",
    "/operations/": "supervisor",
    "/record/": "auditor",
    "/record/review/": "auditor",
    "/officers/": "administrator",
    "/officers/certify/": "administrator",
    "/roles/": "auditor",
    "/search/": "analyst",
}


@pytest.fixture
def world() -> World:
    return make_world()


# --- A19 ----------------------------------------------------------------------------------------


def test_a19_a_name_that_no_filter_has_changes_no_list(world: World) -> None:
    for path, officer in LISTS.items():
        browser = browser_of(world.officers[officer])
        first = browser.get(path)
        assert first.status_code == 200
        before = listed(first.content.decode())

        for name in NAMES:
            answer = browser.get(path, {name: "1"})
            assert answer.status_code in {200, 400, 404, 422}, (path, name)
            if answer.status_code == 200:
                assert listed(answer.content.decode()) == before, (path, name)


def listed(page: str) -> list[str]:
    """What the page leads to, without the query it was asked with. The record grows by each look"""
    links = [urlsplit(link).path for link in re.findall(r'href="([^"]+)"', plain(page))]
    return sorted({link for link in links if link.startswith(("/tiplines/", "/cases/"))})


def test_a19_ten_thousand_names_are_no_failure(world: World) -> None:
    query = urlencode([(f"k{number}__in", "1") for number in range(10_000)])

    for path, officer in LISTS.items():
        browser = browser_of(world.officers[officer])
        assert browser.get(f"{path}?{query}").status_code in {200, 400, 404, 422}, path


FILTERS = {
    "/queue/": (
        *("status", "outcome", "district", "provider", "dispatch", "viral", "expiring", "urgent"),
        *("supplement", "orphan", "bundle", "sort", "after", "before", "done", "files", "seen"),
    ),
    "/cases/": ("status", "district", "station", "after", "before"),
    "/quarantine/": ("dispatch", "before"),
    "/dispatches/": ("before", "after"),
    "/board/": ("period", "first", "last", "shade", "wall"),
    "/board/assigned/": ("period", "first", "last", "district", "after"),
    "/record/": ("officer", "verb", "subject", "day", "before"),
    "/record/review/": ("week", "from", "officer", "before"),
    "/officers/": ("text", "after"),
    "/officers/certify/": ("unit",),
}


@pytest.mark.parametrize("path", FILTERS)
def test_a19_no_value_of_a_filter_is_a_failure(client: Client, path: str) -> None:
    roles = {"rohini": Role.DISTRICT}
    role = roles.get(LISTS[path]) or Role(LISTS[path])
    client.force_login(make_officer(role), backend=BACKEND)
    make_tipline()
    for name in FILTERS[path]:
        for value in (*VALUES, *HUGE, "1." + "9" * 30, "2026-11-12T06:30:00+00:00~9e9"):
            query = {"period": "custom"} if path.startswith("/board/") else {}
            answer = client.get(path, query | {name: value})
            assert answer.status_code in {200, 400, 404, 422}, (name, value)


def test_a19_the_queue_takes_only_its_own_names(client: Client) -> None:
    client.force_login(make_officer(Role.ANALYST), backend=BACKEND)
    make_tipline()

    for name in ("_connector", "ordering", "status__in", "restricted_case"):
        assert client.get("/queue/", {name: "1"}).status_code == 400
        # The filter that a form carries along is held to the same names.
        said = {"number": "1", "act": "close", "back": f"?{name}=1"}
        assert client.post("/decide/", said).status_code == 400


# --- A20 ----------------------------------------------------------------------------------------


def test_a20_no_order_and_no_lookup_goes_through_a_relation(world: World) -> None:
    """An order by a secret would tell it bit by bit: both orders show the same rows alike."""
    for path, officer in LISTS.items():
        browser = browser_of(world.officers[officer])
        column = "password" if path == "/officers/" else "opened_by__password"
        for names in (("ordering",), ("order_by",), ("sort",)):
            one, other = (
                told(browser, path, dict.fromkeys(names, sign + column)) for sign in ("", "-")
            )
            assert one == other, path
        one, other = (
            told(browser, path, {f"{column}__startswith": prefix}) for prefix in ("md5", "argon2")
        )
        assert one == other, path


def told(browser: Client, path: str, query: dict[str, str]) -> tuple[int, list[str]]:
    answer = browser.get(path, query)
    assert answer.status_code in {200, 400, 422}
    return answer.status_code, in_order(answer.content.decode())


def in_order(page: str) -> list[str]:
    return re.findall(r'href="(/(?:tiplines|cases|officers)/[^"?]+)', page)


# --- Keys of any size -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [19, 5000])
def test_a19_a_key_of_any_size_in_an_address_is_no_failure(world: World, size: int) -> None:
    for officer in ("supervisor", "one", "administrator"):
        browser = browser_of(world.officers[officer])
        for name, converters in ROUTES:
            if not converters or name in {"accounts:end-session"}:
                continue
            try:
                path = reverse(name, kwargs=dict.fromkeys(converters, "9" * size))
            except NoReverseMatch:
                continue
            for method in ("get", "post"):
                said = {"reason": "a sentence that is long enough"} if method == "post" else {}
                with undone(browser):
                    answer = getattr(browser, method)(path, said)
                assert answer.status_code < 500, (officer, method, name)


KEYS = {
    "/decide/": ("analyst", {"act": "close", "number": "1"}, ("number", "bundle", "every")),
    "/follow/": ("analyst", {"number": "1"}, ("number", "bundle", "confirmed")),
    "/leave-bundle/": ("analyst", {}, ("number", "bundle")),
    "/undo/": ("analyst", {}, ("batch",)),
    "/quarantine/read-again/": ("analyst", {}, ("item", "dispatch", "every", "back")),
    "/officers/certify/": ("administrator", {}, ("posting", "unit", "end")),
    "/operations/{operation_id}/add-cases/": (
        "supervisor",
        {"which": "ticked"},
        ("case", "districts", "stages", "which", "expected"),
    ),
    "/cases/{case_id}/strike/": ("supervisor", {}, ("officer",)),
    "/cases/{case_id}/allot/": ("rohini", {}, ("station",)),
    "/cases/{case_id}/accused/": ("one", {"name": "A"}, ("fir", "age")),
    "/cases/{case_id}/progress/": ("one", {"moment": "2026-11-12T06:30"}, ("fir", "moment")),
    "/cases/{case_id}/production/": ("one", {"moment": "2026-11-12T06:30"}, ("arrest",)),
    "/cases/{case_id}/seen/": ("one", {}, ("until",)),
    "/account/sessions/end-others/": ("one", {}, ("session",)),
}


def test_a19_a_key_of_any_size_in_a_form_is_no_failure(world: World) -> None:
    ids = world.places["unit"].ids | world.places["one"].ids
    for path, (officer, said, fields) in KEYS.items():
        browser = browser_of(world.officers[officer])
        for field in fields:
            for value in HUGE:
                with undone(browser):
                    answer = browser.post(path.format(**ids), said | {field: value})
                assert answer.status_code < 500, (path, field, value[:30])


def test_a19_a_cohort_of_a_number_that_is_none_is_refused(world: World) -> None:
    ids = world.places["unit"].ids
    browser = browser_of(world.officers["supervisor"])
    said = {"districts": [world.places["one"].ids.get("district", 1)], "stages": ["registered"]}

    for expected in HUGE:
        path = f"/operations/{ids['operation_id']}/add-cases/"
        with undone(browser):
            answer = browser.post(path, said | {"expected": expected})
        assert answer.status_code < 500, expected[:30]


# --- A35 ----------------------------------------------------------------------------------------

ADDRESS = re.compile(r'(?:href|action|hx-get|hx-post|src|formaction)="([^"]+)"')
SAYS_WHO = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a telephone number": re.compile(r"(?<![\w-])\+?(?:91)?[6-9]\d{9}(?!\w)"),
    "an address of the network": re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"),
}


@pytest.mark.parametrize("officer", ["owner", "one"])
def test_a35_no_address_says_a_name_a_number_or_a_text(world: World, officer: str) -> None:
    """All that pages lead to, and where answers to a search send the browser."""
    crawl = Addresses(world, officer, is_brief=True)
    crawl.walk_routes()
    crawl.follow_links()
    crawl.search()

    words = {place.word for place in world.places.values()}
    words |= {place.intake_word for place in world.places.values()}
    assert len(crawl.addresses) > 10
    for address in crawl.addresses:
        assert told_by(address, words) == [], address


class Addresses(Crawl):
    """A crawl that keeps every address it was given."""

    addresses: set[str]

    def ask(self, method: str, path: str, **said: Any) -> list[str]:
        found = super().ask(method, path, **said)
        self.addresses = getattr(self, "addresses", set()) | set(found)
        return found


def told_by(address: str, words: set[str]) -> list[str]:
    plain_text = unquote_plus(address).casefold()
    found = [word for word in words if word in plain_text]
    found += [name for name, pattern in SAYS_WHO.items() if pattern.search(plain_text)]
    return found


def test_a35_the_search_sees_such_an_address() -> None:
    words = {"canaryunit"}
    for address in leaking():
        assert told_by(address, words), address
    assert told_by("/tiplines/995000001/?status=held&dispatch=12", words) == []


def leaking() -> Iterator[str]:
    yield "/search/?text=Canaryunit+Suspect"
    yield "/search/?text=canaryunit%40example.com"
    yield f"/search/?text={SHARED.replace('+', '%2B')}"
    yield "/tiplines/995000001/?ip=203.0.113.7"
    yield "/people/ravi@example.com/"


def test_a35_a_search_is_no_address(world: World) -> None:
    """Free text is sent in the body, and the page of the answer has no address of its own."""
    browser = browser_of(world.officers["analyst"])

    answer = browser.post("/search/", {"text": "canaryunit"})

    assert answer.status_code == 200
    form = re.search(r'<form[^>]*action="/search/"[^>]*>', answer.content.decode())
    assert form
    assert 'method="post"' in form[0]
    page = browser.get("/search/", {"text": "canaryunit"}).content.decode()
    assert "/tiplines/" not in page
