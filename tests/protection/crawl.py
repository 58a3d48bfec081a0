"""Goes through every route, link, form, format and search as one officer, and keeps what came.

A route is asked with ids of one's own, of others, of nothing and of another kind; by GET, HEAD,
OPTIONS and POST, whole and as a fragment. Whatever came — body, header, cookie, text inside a PDF,
log line — is searched for words of places out of reach.
"""

from __future__ import annotations

import io
import logging
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pypdf import PdfReader

from accounts.models import User
from tests.conventions.test_access import ROUTES
from tests.protection.world import SHARED, World

ABSENT = 987_654_321
LINKS_AT_MOST = 160
FEW = 3  # places that are also asked by fragment and POST, and mixed with each other
LINK = re.compile(r'(?:href|hx-get|src)="([^"]+)"')
FORM = re.compile(r'<form[^>]*?(?:action="([^"]*)")?[^>]*>', re.IGNORECASE)
# They end the crawl's own session or change the language of its pages.
LEFT_ALONE = {"accounts:sign-out", "accounts:language"}
UNLIKE = ("/static/", "/sign-out/", "/language/")
FRAGMENT = {"HX-Request": "true"}
WHOLE: dict[str, str] = {}
NOT_THE_SAME = re.compile(  # a clock, a token, a request's id, that one has looked before
    r'\d\d:\d\d(?::\d\d)?(?:\.\d+)?|datetime="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"'
    r'|data-over="[^"]*"|name="until" value="[^"]*"|[0-9a-f]{16}|<li>(?:(?!</li>).)*· opened</li>',
    re.DOTALL,
)


@dataclass(frozen=True)
class Leak:
    officer: str
    where: str
    word: str


@dataclass
class Crawl:
    world: World
    officer: str
    leaks: list[Leak] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    """Address to what came, without what differs by the moment."""
    is_brief: bool = False
    """Three places instead of all, and fewer links."""
    ends_at_first: bool = False
    """Once a leak is found: for one that is put in."""
    own_words: set[str] = field(default_factory=set)
    """Words of places in reach that were met: a crawl that meets none proves nothing."""

    def __post_init__(self) -> None:
        self.client = Client(raise_request_exception=True)
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        self.foreign = self.world.foreign(self.officer)
        first = ("one", "there", "restricted")
        rest = () if self.is_brief else set(self.world.places) - set(first)
        self.places = [self.world.places[name] for name in (*first, *sorted(rest))]

    @property
    def user(self) -> User:
        return self.world.officers[self.officer]

    def run(self) -> None:
        with lines_of_logs() as lines:
            for step in (self.walk_routes, self.follow_links, self.search):
                step()
                for line in lines:
                    self.look(line, where="a log line")
                lines.clear()
                if self.ends_at_first and self.leaks:
                    return

    # --- Asking -----------------------------------------------------------------------------------

    def walk_routes(self) -> None:
        for name, converters in ROUTES:
            if name in LEFT_ALONE:
                continue
            if self.ends_at_first and self.leaks:
                return
            path = "/"
            for turn, values in enumerate(self.fillings(converters)):
                try:
                    path = reverse(name, kwargs=values)
                except NoReverseMatch:
                    continue
                self.ask("get", path)
                if turn < FEW:
                    self.ask("get", path, headers=FRAGMENT)
                    self.post(path, values)
            for method in ("head", "options"):
                self.ask(method, path)

    def fillings(self, converters: dict[str, object]) -> Iterator[dict[str, Any]]:
        if not converters:
            yield {}
            return
        for place in self.places:
            yield {name: place.ids.get(name, place.tipline.pk) for name in converters}
        yield dict.fromkeys(converters, ABSENT)
        yield dict.fromkeys(converters, "00000000-0000-4000-8000-000000000000")
        # Own parent and foreign child, and the other way round.
        if len(converters) > 1:
            for one in self.places[:FEW]:
                for other in self.places[:FEW]:
                    first, *rest = converters
                    yield {
                        first: one.ids.get(first, ABSENT),
                        **{name: other.ids.get(name, ABSENT) for name in rest},
                    }

    def post(self, path: str, values: dict[str, Any]) -> None:
        """An act with others' keys in its form. What it did is undone: it is not the question."""
        for place in self.places:
            said = {
                "number": place.ids["number"],
                "case": place.ids.get("case_id", ABSENT),
                "officer": self.world.officers["named"].pk,
                "reason": "a sentence that is long enough to be a reason",
                "act": "assign",
                "text": place.word,
                "back": "",
            }
            with undone(self.client):
                self.ask("post", path, data=said)
            if values or self.is_brief:
                break

    def follow_links(self) -> None:
        waiting, seen = deque(["/"]), {"/"}
        most = LINKS_AT_MOST // 4 if self.is_brief else LINKS_AT_MOST
        while waiting and len(seen) < most:
            path = waiting.popleft()
            for link in self.ask("get", path):
                if link not in seen and not link.startswith(UNLIKE):
                    seen.add(link)
                    waiting.append(link)

    def search(self) -> None:
        for place in self.places:
            word = place.word
            for text in (
                *(word, word[:-2], word.title(), f"{word}@example.com", f"{word}account"),
                *(f"{word} accused", place.ids["number"], SHARED),
            ):
                self.ask("post", "/search/", data={"text": text}, shown=f"search {text}")

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] = WHOLE,
        shown: str = "",
        data: dict[str, Any] | None = None,
    ) -> list[str]:
        """Look at the answer; return the addresses on it."""
        told = "".join(str(value) for value in (data or {}).values())
        answer = getattr(self.client, method)(path, data=data or {}, headers=headers)
        where = shown or f"{method.upper()} {path}{' as a fragment' if headers else ''}"
        assert answer.status_code < 500, (self.officer, where)
        text = text_of(answer)
        for name, value in [*answer.headers.items(), *cookies_of(answer)]:
            self.look(f"{name}: {value}", where=f"{where}, header {name}", told=told + path)
        self.look(text, where=where, told=told + path)
        self.take(path, answer, text)
        if method == "get":
            self.pages[where] = f"{answer.status_code} {NOT_THE_SAME.sub('', text)}"
        found = [unescape(each) for each in LINK.findall(text)]
        if location := answer.headers.get("Location"):
            found.append(location)
        return [link for each in found if (link := inside(path, each))]

    # --- Looking ----------------------------------------------------------------------------------

    def take(self, path: str, answer: HttpResponse, text: str) -> None:
        """For a crawl that looks for something besides words of others."""

    def look(self, text: str, *, where: str, told: str = "") -> None:
        """A word that the officer has typed into the request may come back in its answer."""
        folded, typed = text.casefold(), told.casefold()
        for word in self.foreign:
            if word in folded and word not in typed:
                self.leaks.append(Leak(self.officer, where, word))
        self.own_words |= {
            place.word
            for name, place in self.world.places.items()
            if name in self.world.reach[self.officer] and place.word in folded
        }


@contextmanager
def undone(client: Client) -> Iterator[None]:
    cookies = copy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def inside(base: str, link: str) -> str:
    """The address as a path of ours, or nothing."""
    parts = urlsplit(urljoin(base, link))
    if parts.netloc not in {"", "testserver"} or parts.scheme not in {"", "http"}:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def text_of(answer: HttpResponse) -> str:
    kind = answer.headers.get("Content-Type", "")
    assert not answer.streaming, "nothing streams: it would run after the officer's scope"
    body = answer.content
    if kind == "application/pdf" and body:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return body.decode("utf-8", "replace")


def cookies_of(answer: HttpResponse) -> list[tuple[str, str]]:
    return [(f"cookie {name}", morsel.value) for name, morsel in answer.cookies.items()]


class lines_of_logs(logging.Handler):  # noqa: N801 - used as a context, like those of contextlib
    """Every line that any logger writes, formatted as it is in production."""

    def __enter__(self) -> list[str]:
        from ifso.logs import JsonFormatter

        self.lines: list[str] = []
        self.setFormatter(JsonFormatter())
        logging.getLogger().addHandler(self)
        return self.lines

    def __exit__(self, *raised: object) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
