"""Nothing of another reaches an officer, by any route, link, form, search, format, header or log
line; and the crawl that says so sees each of ten leaks that are put in.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import http, scope
from accounts.models import User
from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.services import listing
from ifso.protection.tables import EVERY, GUARDED
from tests.cases.made import make_case
from tests.factories import make_tipline
from tests.protection.crawl import Crawl
from tests.protection.world import World, make_world
from tiplines.models import Tipline
from tiplines.models.tipline import TiplineQuerySet

pytestmark = pytest.mark.django_db
OFFICERS = (
    *("analyst", "supervisor", "owner", "rohini", "dwarka", "one", "two", "named"),
    *("auditor", "administrator"),
)
SEE_NOTHING = {"auditor", "administrator"}
LIKE_ANOTHER = {"supervisor", "dwarka", "two", *SEE_NOTHING}  # in brief


@pytest.fixture
def world() -> World:
    return make_world()


def crawled(world: World, officer: str, *, is_brief: bool = False) -> Crawl:
    crawl = Crawl(world, officer, is_brief=is_brief)
    crawl.run()
    return crawl


def looked_at(world: World, officer: str) -> dict[str, str]:
    """Every page that a GET brings, without the newest events on it: one's own looking is there."""
    crawl = Crawl(world, officer, is_brief=True)
    crawl.post = lambda path, values: None  # type: ignore[method-assign]
    with (
        patch("cases.tipline_page.events_of", lambda tipline, officer: ()),
        patch("cases.case_page.events_of", lambda case: ()),
    ):
        crawl.walk_routes()
        crawl.follow_links()
    return crawl.pages


@pytest.mark.parametrize("officer", OFFICERS)
def test_an_officer_meets_no_word_of_a_place_out_of_reach(world: World, officer: str) -> None:
    crawl = crawled(world, officer, is_brief=officer in LIKE_ANOTHER)

    assert crawl.leaks == []
    # It has seen something: every place in reach was met.
    reach = world.reach[officer] if officer not in SEE_NOTHING else frozenset()
    assert crawl.own_words == {world.places[name].word for name in reach}


@pytest.mark.parametrize("officer", ["rohini", "one"])
def test_a_row_more_elsewhere_changes_nothing(world: World, officer: str) -> None:
    """Counts hold no word: they must not move either."""
    before = looked_at(world, officer)
    tip = make_tipline(received_at=timezone.now(), urgency=99)
    make_case(tipline=tip, station=world.places["there"].station, at=timezone.now())

    after = looked_at(world, officer)

    assert before.keys() == after.keys()
    # One's own account shows secrets made anew each time; who looked shows this very looking.
    compared = [where for where in before if " /account/" not in where and "/looked/" not in where]
    assert [change for where in compared for change in changes(before[where], after[where])] == []


def changes(before: str, after: str) -> list[str]:
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in told if not line.startswith(("---", "+++", "@@"))]


def test_looking_changes_no_row(world: World) -> None:
    """No GET or HEAD, by any route or link, writes anything but the record and the session."""
    aside = {"audit_event", "django_session", "axes_accesslog", "accounts_user"}
    aside |= {"accounts_officersession"}
    tables = [name for name in EVERY if name not in aside]
    before = marks(tables)
    for officer in ("supervisor", "one"):
        crawl = Crawl(world, officer)
        crawl.post = lambda path, values: None  # type: ignore[method-assign]
        crawl.walk_routes()
        crawl.follow_links()

    assert marks(tables) == before


def marks(tables: list[str]) -> dict[str, Any]:
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"select count(*), coalesce(md5(string_agg(t::text, '|' order by t::text)), '')"
                f" from {table} t"
            )
            found[table] = cursor.fetchone()
    return found


def test_every_guarded_table_has_rows_in_this_world(world: World) -> None:
    """What the tests of a world prove, they prove for every guarded table."""
    empty = [name for name, (count, _) in marks(sorted(GUARDED)).items() if not count]

    assert set(empty) <= {"tiplines_candidate", "tiplines_listmapping", "cases_access"}


# --- Leaks put in by the test itself --------------------------------------------------------------

Put = Callable[[pytest.MonkeyPatch, World], None]


def every_row(patch: pytest.MonkeyPatch) -> None:
    """The database's own net, taken away."""
    whole = scope.Scope(officer=1, is_unit=True)
    patch.setattr(http, "scoped", lambda officer: scope.within(whole))


def cases_without_a_plan(patch: pytest.MonkeyPatch, world: World) -> None:
    every_row(patch)
    patch.setattr(CaseQuerySet, "visible_to", lambda rows, officer: rows)


def tiplines_without_a_plan(patch: pytest.MonkeyPatch, world: World) -> None:
    every_row(patch)
    patch.setattr(TiplineQuerySet, "visible_to", lambda rows, officer: rows)


def restricted_cases_open(patch: pytest.MonkeyPatch, world: World) -> None:
    Case.objects.update(is_restricted=False)
    Tipline.objects.update(restricted_case=None)


def a_count_of_everybody_s(patch: pytest.MonkeyPatch, world: World) -> None:
    every_row(patch)
    patch.setattr("cases.views.desk.page_of_cases", counting_all(listing.page_of_cases))


def counting_all(page_of: Callable[..., Any]) -> Callable[..., Any]:
    def page(**said: Any) -> Any:
        return replace(page_of(**said), count=Case.objects.count())

    return page


def a_log_line(patch: pytest.MonkeyPatch, world: World) -> None:
    def seen(rows: CaseQuerySet, officer: User) -> CaseQuerySet:
        logging.getLogger("cases").warning("asked beside %s", world.places["there"].word)
        return plain(rows, officer)

    plain = CaseQuerySet.visible_to
    patch.setattr(CaseQuerySet, "visible_to", seen)


def answering(change: Callable[[HttpRequest, HttpResponse], None]) -> Callable[..., Any]:
    """The officers' middleware with a change to each answer."""
    plain = http.OfficerMiddleware.__call__

    def call(self: Any, request: HttpRequest) -> HttpResponse:
        answer = plain(self, request)
        change(request, answer)
        return answer

    return call


def a_header(patch: pytest.MonkeyPatch, world: World) -> None:
    word = world.places["there"].word

    def change(request: HttpRequest, answer: HttpResponse) -> None:
        answer.headers["Content-Disposition"] = f'inline; filename="{word}.html"'

    patch.setattr(http.OfficerMiddleware, "__call__", answering(change))


def a_cookie(patch: pytest.MonkeyPatch, world: World) -> None:
    word = world.places["there"].word
    patch.setattr(
        http.OfficerMiddleware,
        "__call__",
        answering(lambda request, answer: answer.set_cookie("last", word)),
    )


def a_cache_for_everybody(patch: pytest.MonkeyPatch, world: World) -> None:
    """What one officer was answered is answered to the next."""
    kept: dict[str, bytes] = {"/desk/": f"<p>{world.places['there'].word}</p>".encode()}

    def change(request: HttpRequest, answer: HttpResponse) -> None:
        if request.path in kept and request.method == "GET":
            answer.content = kept[request.path]

    patch.setattr(http.OfficerMiddleware, "__call__", answering(change))


def only_a_fragment(patch: pytest.MonkeyPatch, world: World) -> None:
    word = world.places["there"].word

    def change(request: HttpRequest, answer: HttpResponse) -> None:
        if request.headers.get("HX-Request") and answer.status_code == 200:
            answer.content += word.encode()

    patch.setattr(http.OfficerMiddleware, "__call__", answering(change))


def an_error_page(patch: pytest.MonkeyPatch, world: World) -> None:
    """The 404 of what is out of reach says whose it is."""
    numbers = {place.ids["number"]: place.word for place in world.places.values() if place.district}

    def change(request: HttpRequest, answer: HttpResponse) -> None:
        number = request.path.removeprefix("/tiplines/").strip("/")
        if answer.status_code == 404 and number in numbers:
            answer.content += numbers[number].encode()

    patch.setattr(http.OfficerMiddleware, "__call__", answering(change))


TEN: dict[str, Put] = {
    each.__name__: each
    for each in (
        cases_without_a_plan,
        tiplines_without_a_plan,
        restricted_cases_open,
        a_log_line,
        a_header,
        a_cookie,
        a_cache_for_everybody,
        only_a_fragment,
        an_error_page,
    )
}


@pytest.mark.parametrize("leak", TEN)
def test_the_crawl_sees_a_leak_that_is_put_in(
    world: World, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    TEN[leak](monkeypatch, world)

    crawl = Crawl(world, "one", is_brief=True, ends_at_first=True)
    crawl.run()
    assert crawl.leaks != []


def test_the_comparison_sees_a_count_that_is_everybody_s(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_count_of_everybody_s(monkeypatch, world)

    with pytest.raises(AssertionError):
        test_a_row_more_elsewhere_changes_nothing(world, "one")
