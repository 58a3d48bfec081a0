"""A4: a search finds what is in reach and tells of nothing else, cut or misspelt as it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.roles import Role
from cases.models import Fir
from tests.protection.test_attacks_keys import WHO, browser_of, plain
from tests.protection.world import Place, World, make_world

pytestmark = pytest.mark.django_db
MAY_SEARCH = ("analyst", "supervisor", "rohini", "one", "named")
PREFIX_FROM = 3  # letters
NOBODY = "zzyzx"
LED_TO = re.compile(r"/(?:tiplines|cases)/(\d+)/")


@pytest.fixture
def world() -> World:
    return make_world()


def searched_for(place: Place) -> Iterator[str]:
    """The place's words whole, cut, misspelt and spelt otherwise, and its numbers."""
    word = place.word
    yield from (word[:length] for length in range(PREFIX_FROM, len(word) + 1))
    yield from (word[1:], word.upper(), word.title(), f" {word} ")
    yield f"{word[:-2]}{word[-1]}{word[-2]}"  # two letters changed round
    yield f"{word[:-3]}x{word[-2:]}"  # one letter wrong
    yield word.replace("r", "rr")
    yield from (word.replace("c", "k").replace("w", "v"), word.replace("a", "aa"))
    yield from (f"{word} suspect", f"{word} accused", f"{word}%", f"{word[:6]}.*", f"{word[:6]}_")
    yield from (f"{word}@example.com", f"{word}account", f"@{word}screen", f"{word}.jpg")
    yield place.ids["number"]
    yield place.ids["number"][:-1]
    if place.case is not None:
        yield Fir.objects.get(case=place.case).label


@pytest.mark.parametrize("officer", MAY_SEARCH)
def test_a04_a_search_finds_nothing_out_of_reach(world: World, officer: str) -> None:
    browser = browser_of(world.officers[officer])
    own = {name: world.places[name] for name in world.reach[officer]}
    reached = {key for place in own.values() for key in keys_of(place)}
    texts = dict.fromkeys(text for place in world.places.values() for text in searched_for(place))
    met: set[str] = set()
    for text in texts:
        found = led_to(browser, text)
        assert found <= reached, text
        met |= found

    # It has searched: all that has a name or a number in reach was found.
    assert {place.ids["number"] for place in own.values()} <= met


@pytest.mark.parametrize("officer", MAY_SEARCH)
def test_a04_what_is_out_of_reach_is_answered_like_what_nobody_is_called(
    world: World, officer: str
) -> None:
    """No "did you mean", no count and no other word gives it away."""
    browser = browser_of(world.officers[officer])
    far = [place for name, place in world.places.items() if name not in world.reach[officer]]
    for place in far:
        for text in (place.word, f"{place.word}account", f"{place.word} suspect"):
            assert answer_to(browser, text) == answer_to(browser, NOBODY), text
        fir = Fir.objects.get(case=place.case).label if place.case else "99/2001"
        assert answer_to(browser, fir) == answer_to(browser, "99/2001")
        assert answer_to(browser, place.ids["number"]) == answer_to(browser, "995999999")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_a04_who_sees_no_tipline_searches_for_none(world: World, role: Role) -> None:
    browser = browser_of(world.officers[WHO[role]])
    for text in ("canaryrohinione", world.places["one"].ids["number"]):
        assert browser.post("/search/", {"text": text}).status_code == 403
        assert browser.get("/search/", {"text": text}).status_code == 403


def test_a04_a_stranger_is_sent_to_sign_in(world: World) -> None:
    answer = Client().post("/search/", {"text": "canaryrohinione"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def test_a04_every_role_searches(world: World) -> None:
    searching = {world.officers[name].duty.role for name in MAY_SEARCH}

    assert searching == set(Role) - {Role.AUDITOR, Role.ADMINISTRATOR}
    assert all(world.officers[name].duty.role for name in WHO.values())


def keys_of(place: Place) -> set[str]:
    return {place.ids["number"]} | ({str(place.case.pk)} if place.case else set())


def led_to(browser: Client, text: str) -> set[str]:
    """Numbers of tiplines and keys of cases that the answer leads to."""
    answer = browser.post("/search/", {"text": text})
    assert answer.status_code in {200, 302}, text
    return set(LED_TO.findall(answer.content.decode() + answer.headers.get("Location", "")))


def answer_to(browser: Client, text: str) -> tuple[int, str]:
    answer = browser.post("/search/", {"text": text})
    return answer.status_code, plain(answer.content.decode()).replace(text, "")
