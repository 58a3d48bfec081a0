"""Sign-in by the force's identity provider: ways back and tokens that are not believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from joserfc import jwt

from accounts.models import OfficerSession
from accounts.roles import Role
from tests.accounts import made_provider as made
from tests.accounts.clock import Clock
from tests.accounts.coming_by import CALLBACK, come_by, set_out, why
from tests.accounts.made_provider import CLIENT, SECRET, Claims, MadeProvider, in_json
from tests.accounts.ways import give_password
from tests.factories import make_officer

pytestmark = pytest.mark.django_db


def tampered(back: str, browser: Client, provider: MadeProvider) -> dict[str, Any]:
    """Ways back that are not the ones that set out, by name."""
    told = dict(parse_qsl(urlsplit(back).query))
    return {
        "no state": {"code": told["code"]},
        "another state": {**told, "state": told["state"][::-1]},
        "no code": {"state": told["state"]},
        "an error": {**told, "error": "access_denied", "error_description": "<b>no</b>"},
        "another issuer": {**told, "iss": "https://other.example"},
        "another code": {**told, "code": "made-up"},
    }


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("no state", "state"),
        ("another state", "state"),
        ("no code", "refused-there"),
        ("an error", "refused-there"),
        ("another issuer", "issuer"),
        ("another code", "code"),
    ],
)
def test_a_way_back_that_was_tampered_with_ends_nowhere(
    provider: MadeProvider, case: str, said: str
) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    back = provider.log_in(set_out(browser), officer.username)

    answer = browser.get(CALLBACK, tampered(back, browser, provider)[case])
    once_more = browser.get(back)

    assert (answer.status_code, once_more.status_code) == (422, 422)
    assert "<b>no</b>" not in answer.content.decode()
    assert why() == [said, "not-begun"]
    assert not OfficerSession.objects.exists()


def test_a_way_back_counts_once_and_in_the_browser_that_set_out(provider: MadeProvider) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    back = provider.log_in(set_out(browser), officer.username)

    elsewhere = Client().get(back)
    other = Client()
    set_out(other)
    in_another = other.get(back)
    first = browser.get(back)
    browser.post(reverse("accounts:sign-out"))
    again = browser.get(back)

    assert [each.status_code for each in (elsewhere, in_another, first, again)] == [
        *(422, 422, 302, 422),
    ]
    assert why() == ["not-begun", "state", "not-begun"]


def test_after_ten_minutes_the_way_back_is_closed(provider: MadeProvider, clock: Clock) -> None:
    officer, browser, slow = make_officer(Role.SUPERVISOR), Client(), Client()
    address, slow_address = set_out(browser), set_out(slow)

    clock.go_on(minutes=9, seconds=59)
    in_time = browser.get(provider.log_in(address, officer.username))
    clock.go_on(seconds=1)
    late = slow.get(provider.log_in(slow_address, officer.username))

    assert (in_time.status_code, late.status_code) == (302, 422)
    assert why() == ["too-late"]


def test_a_way_begun_as_a_stranger_does_not_end_in_a_session(provider: MadeProvider) -> None:
    officer, other, browser = make_officer(Role.SUPERVISOR), make_officer(), Client()
    back = provider.log_in(set_out(browser), other.username)
    give_password(browser, officer)

    assert browser.get(back).status_code == 422
    assert not other.sessions.exists()


HOUR = 3600
CLAIMS: list[Any] = [
    pytest.param({"nonce": "another"}, id="another nonce"),
    pytest.param({"nonce": None}, id="no nonce"),
    pytest.param({"aud": "another client"}, id="for another client"),
    pytest.param({"aud": ["another client"]}, id="for other clients"),
    pytest.param({"aud": None}, id="for nobody"),
    pytest.param({"aud": [CLIENT, "another client"]}, id="for several, asked for by nobody"),
    pytest.param({"aud": [CLIENT, "x"], "azp": "x"}, id="for several, asked for by another"),
    pytest.param({"azp": "another client"}, id="asked for by another"),
    pytest.param({"iss": "https://other.example"}, id="of another issuer"),
    pytest.param({"iss": None}, id="of no issuer"),
    pytest.param({"exp": -61}, id="expired"),
    pytest.param({"exp": None}, id="without an end"),
    pytest.param({"exp": "tomorrow"}, id="an end that is no time"),
    pytest.param({"iat": 61}, id="of the future"),
    pytest.param({"iat": None}, id="of no time"),
    pytest.param({"nbf": 61}, id="not yet"),
    pytest.param({"sub": None}, id="of nobody"),
]


@pytest.mark.parametrize("claims", CLAIMS)
def test_a_token_with_wrong_claims_lets_nobody_in(
    provider: MadeProvider, clock: Clock, claims: Claims
) -> None:
    now = int(clock.at.timestamp())
    moments = {
        name: now + value
        for name, value in claims.items()
        if name in {"exp", "iat", "nbf"} and isinstance(value, int)
    }

    answer = come_by(provider, make_officer(Role.SUPERVISOR).username, **{**claims, **moments})

    assert answer.status_code == 422
    assert why() == ["claims"]
    assert not OfficerSession.objects.exists()


@pytest.mark.parametrize(
    "claims", [{"aud": [CLIENT]}, {"aud": [CLIENT, "x"], "azp": CLIENT}, {"azp": CLIENT}]
)
def test_a_token_for_us_among_others_is_for_us(provider: MadeProvider, claims: Claims) -> None:
    assert come_by(provider, make_officer().username, **claims).status_code == 302


@pytest.mark.parametrize(
    "name", ["", None, 7, ["supervisor-1"], {"a": "b"}, "x" * 151, "with\0nul"]
)
def test_a_name_that_is_none_lets_nobody_in(provider: MadeProvider, name: object) -> None:
    answer = come_by(provider, "", preferred_username=name)

    assert answer.status_code == 422
    assert why() == ["no-name"]
    assert not OfficerSession.objects.exists()


def part(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(claims: Claims) -> str:
    return f"{part({'alg': 'none', 'kid': 'rsa-1'})}.{part(claims)}."


def by_public_key_as_a_secret(claims: Claims) -> str:
    text = f"{part({'alg': 'HS256', 'kid': 'rsa-1'})}.{part(claims)}"
    secret = made.RSA.as_pem(private=False)
    return f"{text}.{part(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def by_client_secret(claims: Claims) -> str:
    text = f"{part({'alg': 'HS256'})}.{part(claims)}"
    return f"{text}.{part(hmac.digest(SECRET.encode(), text.encode(), hashlib.sha256))}"


def by_another_key(claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "rsa-1"}, claims, made.OTHER_RSA)


def by_a_key_it_brings(claims: Claims) -> str:
    header = {
        "alg": "RS256",
        "kid": "rsa-1",
        "jwk": made.OTHER_RSA.as_dict(private=False),
    }
    text = f"{part(header)}.{part(claims)}"
    signed = jwt.encode({"alg": "RS256"}, claims, made.OTHER_RSA)
    return f"{text}.{signed.rpartition('.')[2]}"


def changed_afterwards(claims: Claims) -> str:
    head, _body, signature = made.by_rsa({**claims, "preferred_username": "nobody"}).split(".")
    return f"{head}.{part(claims)}.{signature}"


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        (unsigned, "signature"),
        (by_public_key_as_a_secret, "signature"),
        (by_client_secret, "signature"),
        (by_another_key, "signature"),
        (by_a_key_it_brings, "signature"),
        (changed_afterwards, "signature"),
        (lambda claims: "no token", "signature"),
        (lambda claims: "", "signature"),
        (lambda claims: jwt.encode({"alg": "RS256", "kid": "rsa-2"}, claims, made.NEW_RSA), "key"),
    ],
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    provider: MadeProvider, sign: Callable[[Claims], str], said: str
) -> None:
    provider.sign = sign

    answer = come_by(provider, make_officer(Role.SUPERVISOR).username)

    assert answer.status_code == 422
    assert why() == [said]
    assert not OfficerSession.objects.exists()


def test_a_secret_among_the_published_keys_signs_nothing(provider: MadeProvider) -> None:
    told = in_json({"keys": [{"kty": "oct", "kid": "shared", "k": part(SECRET.encode())}]})
    provider.twist["keys"] = lambda right: told
    provider.sign = by_client_secret

    assert come_by(provider, make_officer(Role.SUPERVISOR).username).status_code == 422
