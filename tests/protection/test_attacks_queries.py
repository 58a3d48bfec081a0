"""A19, A20, A35: what is sent by name and by address reaches no query, and no address says who."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote_plus, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.roles import Role
from cases.models import Accused
from tests.conventions.test_access import ROUTES
from tests.factories import make_officer, make_tipline
from tests.protection.crawl import Crawl, undone
from tests.protection.test_attacks_keys import BACKEND, browser_of, plain
from tests.protection.world import SHARED, World, make_world
from tiplines.models import Identifier, Party

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
    "/officers/": ("after",),
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
    "/officers/": ("administrator", {}, ("text", "after")),
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
SENT_ON = ("Location", "HX-Location", "HX-Redirect", "HX-Push-Url", "HX-Replace-Url", "Refresh")
SAYS_WHO = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a telephone number": re.compile(r"(?<![\w-])\+?(?:91)?[6-9]\d{9}(?!\w)"),
    "an address of the network": re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"),
}
NOT_TYPED = {"hidden", "checkbox", "radio", "date", "datetime-local", "submit", "button", "reset"}
HARMLESS = {
    ("/record/", "officer"): "a belt number, compared whole: nobody is looked for by name there",
    ("/record/", "subject"): "a kind and a key as events hold them, compared whole",
}
"""What may be typed into a form that is sent as an address, by page and name of the field."""
WHO_LOOKS = ("analyst", "owner", "rohini", "one", "auditor", "administrator")  # one of each role


@pytest.mark.parametrize("officer", WHO_LOOKS)
def test_a35_no_address_says_a_name_a_number_or_a_text(world: World, officer: str) -> None:
    """All that pages lead to, where answers send the browser, and what their forms would send."""
    crawl = Addresses(world, officer, is_brief=True)
    crawl.walk_routes()
    crawl.follow_links()
    crawl.search()

    words = all_that_is_said(world)
    assert len(crawl.addresses) > 10
    assert {each: told for each in crawl.addresses if (told := told_by(each, words))} == {}
    assert crawl.typed - HARMLESS.keys() == set()
    if officer == "auditor":
        assert crawl.typed == HARMLESS.keys()


def test_a35_every_role_looks() -> None:
    assert len(WHO_LOOKS) == len(Role)


class Addresses(Crawl):
    """A crawl that keeps every address it was given, and the fields that would become one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.addresses: set[str] = set()
        self.typed: set[tuple[str, str]] = set()

    def take(self, path: str, answer: HttpResponse, text: str) -> None:
        self.addresses |= {unescape(each) for each in ADDRESS.findall(text)}
        self.addresses |= {answer.headers[name] for name in SENT_ON if name in answer.headers}
        forms = FormsByGet(path)
        forms.feed(text)
        self.typed |= forms.typed
        self.addresses |= {f"?{urlencode([pair])}" for pair in forms.carried}


class FormsByGet(HTMLParser):
    """What the forms of a page that are sent as an address would put into it."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.page = path.partition("?")[0]
        self.is_open = False
        self.typed: set[tuple[str, str]] = set()
        self.carried: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_open = said.get("method", "get").lower() != "post"
        is_sent = self.is_open or "hx-get" in said or said.get("formmethod", "") == "get"
        if not is_sent or tag not in {"input", "textarea"}:
            return
        if tag == "input" and said.get("type", "text") in NOT_TYPED:
            self.carried.add((said.get("name", ""), said.get("value", "")))
        else:
            self.typed.add((self.page, said.get("name", "")))

    def handle_endtag(self, tag: str) -> None:
        self.is_open = self.is_open and tag != "form"


def all_that_is_said(world: World) -> set[str]:
    """The words of the places, and every name and identifier that the world holds."""
    words = {place.word for place in world.places.values()}
    words |= {place.intake_word for place in world.places.values()}
    words |= set(User.objects.values_list("full_name", flat=True))
    words |= set(Party.objects.values_list("name", flat=True))
    words |= set(Accused.objects.values_list("name", flat=True))
    words |= set(Identifier.objects.values_list("value", flat=True))
    return {word.casefold() for word in words if len(word) > 3}


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


@pytest.mark.parametrize(
    "form",
    [
        '<form><input name="text"></form>',
        '<form method="get"><input type="search" name="text"></form>',
        '<form method="GET"><p><textarea name="text"></textarea></p></form>',
        '<form method="post"><input type="number" name="text" hx-get="/x/"></form>',
    ],
)
def test_a35_the_search_sees_such_a_form(form: str) -> None:
    page = f'<form method="post"><input name="note"></form>{form}<input name="outside">'
    forms = FormsByGet("/page/?status=held")

    forms.feed(page)

    assert forms.typed == {("/page/", "text")}


@pytest.mark.parametrize(
    ("path", "officer", "text"),
    [
        ("/search/", "analyst", "canaryunit"),
        ("/locate/", "analyst", "canaryunit"),
        ("/officers/", "administrator", "Kumar"),
    ],
)
def test_a35_a_search_is_no_address(world: World, path: str, officer: str, text: str) -> None:
    """Free text is sent in the body, and the page of the answer has no address of its own."""
    browser = browser_of(world.officers[officer])

    answer = browser.post(path, {"text": text})

    assert answer.status_code == 200
    forms = re.findall(rf'<form[^>]*action="{path}"[^>]*>', answer.content.decode())
    assert forms
    assert all('method="post"' in form for form in forms)
    plain_page, page = (browser.get(path, query) for query in ({}, {"text": text}))
    assert listed(page.content.decode()) == listed(plain_page.content.decode())
    assert "/tiplines/" not in page.content.decode()
