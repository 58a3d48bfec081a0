"""A key opens exactly the one route it was made for."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import ResolverMatch
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiToken, User
from accounts.roles import Role
from accounts.tokens import TokenAuthentication
from audit.models import Event
from tests.factories import make_officer

pytestmark = pytest.mark.django_db


def key_of(officer: User) -> str:
    out = StringIO()
    call_command("make_api_token", officer=officer.username, name="NCRB gateway", stdout=out)
    return out.getvalue().strip()


def signed_in_as(key: str, route: str) -> User:
    """Whom the key stands for on the route. Raises AuthenticationFailed."""
    request = RequestFactory().post("/", headers={"Authorization": f"Bearer {key}"})
    namespace, _, name = route.rpartition(":")
    request.resolver_match = ResolverMatch(
        lambda: None, (), {}, url_name=name, namespaces=[namespace] if namespace else None
    )
    found = TokenAuthentication().authenticate(Request(request))
    assert found is not None
    return found[0]


def test_the_key_is_shown_once_and_only_its_digest_is_kept() -> None:
    key = key_of(make_officer(Role.ANALYST))

    token = ApiToken.objects.get()
    assert key not in str(token.__dict__)
    assert Event.objects.filter(verb="token.made", subject=f"token:{token.pk}").exists()


def test_a_key_opens_its_route_and_no_other() -> None:
    officer = make_officer(Role.ANALYST)
    key = key_of(officer)

    assert signed_in_as(key, "api:dispatches") == officer
    for route in ("operations:board", "accounts:officers", "api:other", "home"):
        with pytest.raises(AuthenticationFailed):
            signed_in_as(key, route)


def test_a_key_does_not_sign_in_to_a_page() -> None:

    key = key_of(make_officer(Role.SUPERVISOR))

    answer = Client().get("/board/", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 302


@pytest.mark.parametrize("change", ["revoked", "stopped", "misread"])
def test_a_key_that_is_no_longer_good_opens_nothing(change: str) -> None:
    officer = make_officer(Role.ANALYST)
    key = key_of(officer)
    if change == "revoked":
        ApiToken.objects.update(revoked_at=timezone.now())
    if change == "stopped":
        User.objects.filter(pk=officer.pk).update(is_active=False)

    with pytest.raises(AuthenticationFailed):
        signed_in_as(key + "x" if change == "misread" else key, "api:dispatches")


@pytest.mark.parametrize(
    "wrong", [{"officer": "nobody"}, {"route": "operations:board"}, {"route": "api:nothing"}]
)
def test_no_key_is_made_for_nobody_or_for_a_page(wrong: dict[str, str]) -> None:
    officer = make_officer(Role.ANALYST)

    with pytest.raises(CommandError):
        call_command("make_api_token", **{"officer": officer.username, "name": "x", **wrong})

    assert not ApiToken.objects.exists()


# How often


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates that a test can reach."""
    cache.clear()
    rates = {"address": "5/min", "key": "3/min", "wrong-key": "2/min"}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)


def ask(key: str, **meta: str) -> int:
    machine = Client(headers={"Authorization": f"Bearer {key}"})
    return machine.get("/api/v1/dispatches/987654321", **meta).status_code  # type: ignore[arg-type]


@pytest.mark.usefixtures("slow")
def test_a_key_is_answered_so_often_and_another_key_still() -> None:
    officer = make_officer(Role.ANALYST)
    key, other = key_of(officer), key_of(officer)

    codes = [ask(key, REMOTE_ADDR=f"10.0.0.{number}") for number in range(4)]

    assert codes == [404] * 3 + [429]
    assert ask(other, REMOTE_ADDR="10.0.0.9") == 404


@pytest.mark.usefixtures("slow")
def test_an_address_is_answered_so_often_whatever_it_forges() -> None:
    officer = make_officer(Role.ANALYST)

    codes = [ask(key_of(officer), HTTP_X_FORWARDED_FOR=f"192.0.2.{number}") for number in range(6)]

    assert codes == [404] * 5 + [429]


@pytest.mark.usefixtures("slow")
def test_wrong_keys_are_heard_so_often() -> None:
    assert [ask("wrong") for _try in range(3)] == [401, 401, 429]


@pytest.mark.usefixtures("slow")
def test_without_the_cache_nobody_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(SimpleRateThrottle.cache, "get", gone)

    assert [ask(key_of(make_officer(Role.ANALYST))) for _try in range(2)] == [404, 404]
