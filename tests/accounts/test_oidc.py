"""Sign-in by the force's identity provider: what it stands in for, and what is not believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from threading import Event as Signal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jwt

from accounts import services
from accounts.fetching import NoAnswer, fetch_json
from accounts.models import FailedTry, OfficerSession, Posting, User
from accounts.roles import Role
from accounts.services.signing_in import TRIES_BY_ADDRESS
from audit.models import Event
from tests.accounts import made_provider as made
from tests.accounts.clock import Clock
from tests.accounts.made_provider import CLIENT, SECRET, Answer, Claims, MadeProvider, in_json
from tests.accounts.ways import STEP, enrol, give_code, give_password, key_of, present, signed_in
from tests.factories import make_officer
from tests.protection.crawl import lines_of_logs

pytestmark = pytest.mark.django_db

START = "/oidc/start/"
CALLBACK = "/oidc/callback/"
BOARD = "/board/"
BUTTON = "Sign in with the force's account"


def set_out(browser: Client, wanted: str = "") -> str:
    """Press the button; return the provider's address."""
    answer = browser.post(START, {"notice": services.NOTICE, "next": wanted})
    assert answer.status_code == 302, answer.content
    return str(answer.headers["Location"])


def come_by(
    provider: MadeProvider, who: str, *, browser: Client | None = None, **claims: Any
) -> Any:
    browser = browser or Client()
    return browser.get(provider.log_in(set_out(browser), who, **claims))


def why() -> list[str]:
    """What the record says of those who were not let in."""
    events = Event.objects.filter(verb="officer.sign-in-failed").order_by("pk")
    assert all(event.detail["step"] == "provider" for event in events)
    return [event.detail["why"] for event in events]


# Without a provider in the settings


def test_without_a_provider_there_is_no_such_page_and_no_button() -> None:
    browser = Client()

    assert browser.get(START).status_code == 404
    assert browser.post(START, {"notice": services.NOTICE}).status_code == 404
    assert browser.get(CALLBACK).status_code == 404
    assert "oidc" not in browser.get("/sign-in/").content.decode()


# Coming in


def test_an_officer_comes_in_by_the_provider(provider: MadeProvider) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    page = unescape(browser.get("/sign-in/").content.decode())
    assert provider.asked == []

    answer = browser.get(provider.log_in(set_out(browser, "/board/?period=week"), officer.username))

    assert page.count(BUTTON) == 1
    assert answer.headers["Location"] == "/board/?period=week"
    assert "This is your first sign-in." in browser.get(BOARD).content.decode()
    event = Event.objects.get(verb="officer.signed-in")
    assert (event.actor_id, event.subject) == (officer.pk, f"officer:{officer.pk}")
    assert event.detail == {
        "session": present(officer).pk,
        "factor": "none",
        "notice": services.NOTICE,
        "first": "provider",
    }


def test_a_token_signed_with_an_elliptic_curve_is_believed_too(provider: MadeProvider) -> None:
    provider.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "ec-1"}, claims, made.EC)

    answer = come_by(provider, make_officer(Role.SUPERVISOR).username)

    assert answer.headers["Location"] == "/"


def test_the_claim_that_names_the_officer_is_a_setting(
    provider: MadeProvider, settings: Any
) -> None:
    settings.OIDC_CLAIM = "pis"
    officer = make_officer(Role.SUPERVISOR)

    by_other_claim = come_by(provider, officer.username)
    by_this = come_by(provider, "somebody", pis=officer.username)

    assert (by_other_claim.status_code, by_this.status_code) == (422, 302)
    assert why() == ["no-name"]


def test_nobody_is_made_and_nothing_of_the_officer_is_taken_from_the_provider(
    provider: MadeProvider,
) -> None:
    officer = make_officer(Role.STATION)

    come_by(
        provider,
        officer.username,
        name="Another Name",
        email="a@example.org",
        roles=["administrator"],
        groups=["supervisor"],
        is_superuser=True,
    )

    was, officer = officer, User.objects.get()
    assert (officer.full_name, officer.is_superuser) == (was.full_name, False)
    assert services.duty_of(officer, at=timezone.now()).role == Role.STATION
    assert Posting.objects.count() == 1


@pytest.mark.parametrize(
    "wanted", ["https://example.org/", "//example.org/", "javascript:alert(1)"]
)
def test_the_way_leads_only_to_our_own_pages(provider: MadeProvider, wanted: str) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()

    back = provider.log_in(set_out(browser, wanted), officer.username)
    answer = browser.get(f"{back}&next={wanted}")

    assert answer.headers["Location"] == "/"


def test_the_session_gets_a_new_key(provider: MadeProvider) -> None:
    browser = Client()
    address = set_out(browser)
    before = key_of(browser)

    browser.get(provider.log_in(address, make_officer(Role.SUPERVISOR).username))

    assert key_of(browser) != before
    assert browser.get(BOARD).status_code == 200
    assert Client(headers={"cookie": f"session={before}"}).get(BOARD).status_code == 302


def test_the_second_factor_is_still_asked_for(provider: MadeProvider, clock: Clock) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    app, _codes = enrol(officer, clock)
    address = set_out(browser, BOARD)
    first_key = key_of(browser)

    half = browser.get(provider.log_in(address, officer.username))
    key = key_of(browser)
    before = browser.get(BOARD)
    wrong = give_code(browser, "000000")
    right = give_code(browser, app.at(clock.at))

    assert half.headers["Location"] == STEP
    assert key != first_key
    assert before.headers["Location"].startswith("/sign-in/")
    assert wrong.status_code == 422
    assert right.headers["Location"] == BOARD
    detail = Event.objects.get(verb="officer.signed-in").detail
    assert (detail["factor"], detail["first"]) == ("app", "provider")


def test_where_the_second_factor_is_compulsory_nothing_opens_before(
    provider: MadeProvider, settings: Any
) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True
    browser = Client()

    come_by(provider, make_officer(Role.SUPERVISOR).username, browser=browser)

    assert browser.get(BOARD).headers["Location"].startswith(reverse("accounts:factors"))


def test_an_officer_with_a_one_time_password_comes_in_and_changes_it_first(
    provider: MadeProvider,
) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    services.set_one_time_password(
        user=officer, by=make_officer(Role.ADMINISTRATOR), at=timezone.now()
    )

    answer = come_by(provider, officer.username, browser=browser)

    assert answer.status_code == 302
    assert browser.get(BOARD).headers["Location"] == reverse("accounts:password")


def test_an_officer_without_a_password_comes_in(provider: MadeProvider) -> None:
    officer, browser = make_officer(Role.SUPERVISOR), Client()
    officer.set_unusable_password()
    officer.save()

    come_by(provider, officer.username, browser=browser)

    assert browser.get(BOARD).status_code == 200


def test_without_accepting_the_notice_nobody_sets_out(provider: MadeProvider) -> None:
    browser = Client()

    for notice in ({}, {"notice": "2019-1"}):
        assert browser.post(START, notice).headers["Location"] == "/sign-in/"

    assert provider.asked == []
    assert "The notice has changed." in browser.get("/sign-in/").content.decode()


def test_setting_out_is_a_post_of_our_own_page(provider: MadeProvider) -> None:
    officer = make_officer(Role.SUPERVISOR)
    foreign = Client(enforce_csrf_checks=True)

    assert Client().get(START).status_code == 405
    assert foreign.post(START, {"notice": services.NOTICE}).status_code == 403
    assert signed_in(officer).get(START).status_code == 405
    assert provider.asked == []


def test_only_pages_with_the_button_let_a_form_lead_to_the_provider(
    provider: MadeProvider,
) -> None:
    browser = signed_in(make_officer(Role.SUPERVISOR))
    origin = provider.issuer.removesuffix("/realms/force")

    def leads_to(answer: Any) -> list[str]:
        policy = answer.headers["Content-Security-Policy"]
        [found] = re.findall(r"form-action ([^;]*)", policy)
        return str(found).split()

    pages = ["/sign-in/", BOARD, reverse("accounts:confirm"), reverse("accounts:sessions")]
    policies = [leads_to((Client() if "sign-in" in page else browser).get(page)) for page in pages]
    again = leads_to(give_password(Client(), make_officer(), "wrong"))
    browser.post(reverse("accounts:lock"))
    locked = leads_to(browser.get(reverse("accounts:locked")))

    ours_alone, leading = ["'self'"], ["'self'", origin]
    assert policies == [leading, ours_alone, leading, ours_alone]
    assert (again, locked) == (leading, leading)


# Who may not


def test_the_unknown_the_stopped_and_those_without_a_posting_read_the_same_page(
    provider: MadeProvider,
) -> None:
    stopped, idle = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    services.set_active(
        user=stopped, active=False, by=make_officer(Role.ADMINISTRATOR), at=timezone.now()
    )
    Posting.objects.filter(user=idle).update(until_on=date(2020, 1, 2))
    begun = OfficerSession.objects.count()

    pages = []
    for name in ("nobody", stopped.username, idle.username, stopped.username.upper()):
        answer = come_by(provider, name)
        reference = answer.headers["X-Request-Id"]
        page = answer.content.decode()
        assert reference in page
        assert Event.objects.filter(verb="officer.sign-in-failed", request_id=reference).exists()
        assert "code=" not in page
        pages.append((answer.status_code, page.replace(reference, "")))

    tokens = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert {(status, tokens.sub("", page)) for status, page in pages} == {
        (422, tokens.sub("", pages[0][1]))
    }
    assert why() == ["unknown", "stopped", "no-posting", "unknown"]
    events = Event.objects.filter(verb="officer.sign-in-failed").order_by("pk")
    assert [event.subject for event in events] == [
        *("officer:unknown", f"officer:{stopped.pk}", f"officer:{idle.pk}", "officer:unknown"),
    ]
    assert {event.actor_id for event in events} == {None}
    assert OfficerSession.objects.count() == begun


def test_an_account_that_slept_stays_asleep(provider: MadeProvider, clock: Clock) -> None:
    officer = make_officer(Role.SUPERVISOR)
    User.objects.filter(pk=officer.pk).update(created_at=clock.at - timedelta(days=45))

    answer = come_by(provider, officer.username)

    assert answer.status_code == 422
    assert "45 days" in answer.content.decode()
    assert Event.objects.filter(verb="officer.dormant-refused").count() == 1
    assert not OfficerSession.objects.exists()


def test_an_account_that_waits_after_wrong_passwords_waits_here_too(
    provider: MadeProvider, clock: Clock
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    for _try in range(5):
        give_password(Client(), officer, "wrong")

    during = come_by(provider, officer.username)
    clock.go_on(minutes=16)
    later = come_by(provider, officer.username)

    assert (during.status_code, later.status_code) == (429, 302)


def test_many_who_are_refused_make_their_address_wait_before_anything_is_asked(
    provider: MadeProvider,
) -> None:
    for _try in range(TRIES_BY_ADDRESS):
        assert Client().get(CALLBACK).status_code == 422

    callback, start = Client().get(CALLBACK), Client().post(START, {"notice": services.NOTICE})

    assert (callback.status_code, start.status_code) == (429, 429)
    assert provider.asked == []


# What is not believed


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


# What the provider says of itself


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


# Showing it once more


def locked(officer: User) -> Client:
    browser = signed_in(officer)
    browser.post(reverse("accounts:lock"))
    return browser


def test_the_provider_unlocks_after_it_asked_for_the_password_anew(
    provider: MadeProvider,
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = locked(officer)
    key = key_of(browser)
    page = browser.get(reverse("accounts:locked"), {"next": BOARD}).content.decode()

    address = set_out(browser, BOARD)
    answer = browser.get(provider.log_in(address, officer.username))

    assert f'action="{START}"' in page
    assert answer.headers["Location"] == BOARD
    assert browser.get(BOARD).status_code == 200
    assert key_of(browser) != key
    assert officer.sessions.count() == 1
    verbs = Event.objects.filter(verb__startswith="session.").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["session.locked", "session.unlocked"]


def test_what_asks_for_the_password_again_takes_the_providers_word(
    provider: MadeProvider, clock: Clock
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = signed_in(officer)
    clock.go_on(minutes=10)
    before = browser.post(reverse("accounts:app"))

    back = provider.log_in(set_out(browser, reverse("accounts:factors")), officer.username)
    answer = browser.get(back)

    assert before.headers["Location"].startswith(reverse("accounts:confirm"))
    assert answer.headers["Location"] == reverse("accounts:factors")
    assert browser.post(reverse("accounts:app")).headers["Location"] == reverse("accounts:app")
    assert Event.objects.filter(verb="session.confirmed").count() == 1


@pytest.mark.parametrize(
    "auth_time",
    [
        pytest.param(-61, id="before it was asked for"),
        pytest.param(None, id="not said"),
        pytest.param("now", id="no time"),
        pytest.param(True, id="yes"),
    ],
)
def test_a_password_given_to_the_provider_before_unlocks_nothing(
    provider: MadeProvider, clock: Clock, auth_time: Any
) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = locked(officer)
    if type(auth_time) is int:
        auth_time += int(clock.at.timestamp())

    answer = browser.get(provider.log_in(set_out(browser), officer.username, auth_time=auth_time))

    assert answer.status_code == 422
    assert why() == ["not-anew"]
    assert browser.get(BOARD).headers["Location"].startswith("/account/locked/")


def test_another_officers_word_unlocks_nothing(provider: MadeProvider) -> None:
    officer, other = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    browser = locked(officer)

    answer = browser.get(provider.log_in(set_out(browser), other.username))

    assert answer.status_code == 422
    assert why() == ["other-officer"]
    assert browser.get(BOARD).headers["Location"].startswith("/account/locked/")
    assert not other.sessions.exists()


def test_an_account_that_waits_is_not_unlocked_by_the_provider(provider: MadeProvider) -> None:
    officer = make_officer(Role.SUPERVISOR)
    browser = locked(officer)
    for _try in range(5):
        browser.post(reverse("accounts:locked"), {"password": "wrong"})

    answer = browser.get(provider.log_in(set_out(browser), officer.username))

    assert answer.status_code == 429
    assert browser.get(BOARD).headers["Location"].startswith("/account/locked/")


def test_a_page_that_locks_by_itself_leads_to_the_page_with_the_button(
    provider: MadeProvider,
) -> None:
    page = signed_in(make_officer(Role.SUPERVISOR)).get(BOARD + "?period=week").content.decode()

    assert f'action="{START}"' not in page
    assert 'href="/account/locked/?next=/board/%3Fperiod%3Dweek"' in page


# What is written down


def test_nothing_secret_is_in_the_log_or_the_record(provider: MadeProvider) -> None:
    officer = make_officer(Role.SUPERVISOR, username="PIS-28950173")
    with lines_of_logs() as lines:
        come_by(provider, officer.username)
        come_by(provider, officer.username, nonce="another")
        come_by(provider, "NAME-FROM-THERE")
        provider.sign = by_another_key
        come_by(provider, officer.username)
        provider.twist["token"] = lambda right: in_json({"error": "WORDS-FROM-THERE"}, 500)
        come_by(provider, officer.username)
        provider.twist["token"] = moved
        come_by(provider, officer.username)

    written = "\n".join([*lines, json.dumps(list(Event.objects.values()), default=str)])
    secret = [SECRET, *provider.sent, "NAME-FROM-THERE", "WORDS-FROM-THERE"]
    assert len(provider.sent) == 30
    assert "gave no answer" in written
    assert [each for each in secret if each in written] == []
    assert officer.username not in "\n".join(lines)
