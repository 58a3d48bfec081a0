"""Sign-in by the force's identity provider: what it says of itself, and when it does not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import unescape
from threading import Event as Signal
from typing import Any

import pytest
from django.test import Client
from joserfc import jwt

from accounts import services
from accounts.fetching import NoAnswer, fetch_json
from accounts.models import FailedTry
from accounts.roles import Role
from tests.accounts import made_provider as made
from tests.accounts.clock import Clock
from tests.accounts.coming_by import START, come_by, set_out, why
from tests.accounts.made_provider import Answer, MadeProvider, in_json
from tests.accounts.ways import give_password
from tests.factories import make_officer

pytestmark = pytest.mark.django_db


def test_what_it_says_of_itself_is_kept_for_an_hour(provider: MadeProvider, clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)

    for _time in range(2):
        come_by(provider, officer.username)
    clock.go_on(minutes=60)
    come_by(provider, officer.username)

    of_itself = [each for each in provider.asked if each != "token"]
    assert of_itself == ["openid-configuration", "keys"] * 2


def test_a_new_key_is_fetched_once_and_then_known(provider: MadeProvider) -> None:
    officer = make_officer(Role.SUPERVISOR)
    come_by(provider, officer.username)
    provider.asked.clear()
    provider.keys = [made.NEW_RSA]
    provider.sign = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": "rsa-2"}, claims, made.NEW_RSA
    )

    answers = [come_by(provider, officer.username) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert provider.asked == ["token", "openid-configuration", "keys", "token"]


def test_an_unknown_key_is_asked_for_once_only(provider: MadeProvider) -> None:
    come_by(provider, make_officer(Role.SUPERVISOR).username)
    provider.asked.clear()
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "x"}, claims, made.NEW_RSA)

    assert come_by(provider, make_officer(Role.SUPERVISOR).username).status_code == 422
    assert provider.asked == ["token", "openid-configuration", "keys"]


def moved(right: Answer) -> Answer:
    return 302, {"Location": "/realms/force/elsewhere"}, right[2]


def huge(right: Answer) -> Answer:
    """Right, and JSON, with a great many blanks."""
    return right[0], right[1], [*right[2], b" " * 300_000]


NONSENSE: list[Any] = [
    pytest.param(moved, id="it sends elsewhere"),
    pytest.param(huge, id="huge"),
    pytest.param(lambda right: (500, right[1], right[2]), id="failed"),
    pytest.param(lambda right: (200, {}, [b"<html>"]), id="no JSON"),
    pytest.param(lambda right: (200, {}, [b"[" * 200_000]), id="deep"),
    pytest.param(lambda right: (200, {}, [b"\xff\xfe"]), id="no text"),
    pytest.param(lambda right: in_json(["a", "list"]), id="a list"),
]
OF_ITSELF: list[Any] = [
    pytest.param(lambda right: in_json({}), id="nothing"),
    pytest.param(lambda right: in_json({"keys": "x"}), id="keys that are text"),
    pytest.param(lambda right: in_json({"keys": [1]}), id="keys that are numbers"),
    pytest.param(lambda right: in_json({"keys": []}), id="no keys"),
    pytest.param(lambda right: in_json({"keys": [{"kty": "RSA", "n": "x"}]}), id="half a key"),
]


def assert_only_the_provider_is_missing(answer: Any) -> None:
    assert answer.status_code == 503
    page = unescape(answer.content.decode())
    assert "The force's sign-in does not answer" in page
    assert "Use your number and password" in page
    assert answer.headers["X-Request-Id"] in page
    assert not FailedTry.objects.exists()
    assert give_password(Client(), make_officer(Role.SUPERVISOR)).status_code == 302


@pytest.mark.parametrize("twist", [*NONSENSE, *OF_ITSELF])
@pytest.mark.parametrize("path", ["openid-configuration", "keys"])
def test_nonsense_about_itself_stops_nothing_but_this_way(
    provider: MadeProvider, path: str, twist: Callable[[Answer], Answer]
) -> None:
    provider.twist[path] = twist

    got = Client().post(START, {"notice": services.NOTICE})

    assert_only_the_provider_is_missing(got)
    assert "elsewhere" not in provider.asked


@pytest.mark.parametrize("twist", NONSENSE)
def test_nonsense_for_a_code_stops_nothing_but_this_way(
    provider: MadeProvider, twist: Callable[[Answer], Answer]
) -> None:
    provider.twist["token"] = twist

    got = come_by(provider, make_officer(Role.SUPERVISOR).username)

    assert_only_the_provider_is_missing(got)
    assert "elsewhere" not in provider.asked


def test_a_way_back_that_met_a_silent_provider_is_spent_too(provider: MadeProvider) -> None:
    browser = Client()
    back = provider.log_in(set_out(browser), make_officer(Role.SUPERVISOR).username)
    provider.twist["token"] = moved
    first = browser.get(back)
    provider.twist.clear()

    again = browser.get(back)

    assert (first.status_code, again.status_code) == (503, 422)
    assert why() == ["not-begun"]


def test_an_answer_without_a_token_lets_nobody_in(provider: MadeProvider) -> None:
    provider.twist["token"] = lambda right: in_json({"access_token": "x"})

    assert come_by(provider, make_officer(Role.SUPERVISOR).username).status_code == 422
    assert why() == ["no-token"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "http://127.0.0.1/another"),
        ("issuer", None),
        ("authorization_endpoint", "http://provider.example/auth"),
        ("authorization_endpoint", "https://provider.example/auth"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("token_endpoint", "http://provider.example/token"),
        ("token_endpoint", "file:///etc/passwd"),
        ("token_endpoint", 7),
        ("jwks_uri", "http://provider.example/keys"),
        ("jwks_uri", "http://127.0.0.1@provider.example/keys"),
        ("jwks_uri", None),
    ],
)
def test_addresses_that_cannot_be_trusted_are_not_called(
    provider: MadeProvider, name: str, value: object
) -> None:
    provider.says[name] = value

    got = Client().post(START, {"notice": services.NOTICE})

    assert_only_the_provider_is_missing(got)
    assert provider.asked == ["openid-configuration"]


def test_a_provider_that_is_down_is_said_in_words(provider: MadeProvider, settings: Any) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:1/realms/force"

    assert_only_the_provider_is_missing(Client().post(START, {"notice": services.NOTICE}))


def late(right: Answer, done: Signal) -> Answer:
    done.wait(10)
    return right


def by_drops(right: Answer, done: Signal) -> Answer:
    """A blank each moment, and the right answer only after all of them."""

    def drops() -> Iterator[bytes]:
        for _drop in range(200):
            done.wait(0.05)
            yield b" "
        yield from right[2]

    return right[0], right[1], drops()


@pytest.mark.parametrize("slowly", [late, by_drops])
@pytest.mark.parametrize("path", ["openid-configuration", "token"])
def test_a_provider_that_is_slow_is_not_waited_for(
    provider: MadeProvider,
    path: str,
    slowly: Callable[[Answer, Signal], Answer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("accounts.fetching.TIMEOUT", 0.3)
    browser, officer, done = Client(), make_officer(Role.SUPERVISOR), Signal()
    provider.twist[path] = lambda right: slowly(right, done)

    answer = browser.post(START, {"notice": services.NOTICE})
    if path == "token":
        answer = browser.get(provider.log_in(answer.headers["Location"], officer.username))

    done.set()
    assert_only_the_provider_is_missing(answer)


def test_nothing_is_sent_where_others_could_read_it() -> None:
    with pytest.raises(NoAnswer, match="neither HTTPS"):
        fetch_json("http://provider.example/token", form={"code": "x"})


def test_a_provider_that_does_not_know_us_is_said_to_be_silent(
    provider: MadeProvider, settings: Any
) -> None:
    settings.OIDC_CLIENT_SECRET = "another"

    got = come_by(provider, make_officer(Role.SUPERVISOR).username)

    assert_only_the_provider_is_missing(got)
