"""Where a request came from: only what our own proxies wrote is believed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from accounts.origins import address_of, browser_of


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        pytest.param(0, "", "10.0.0.1", id="no proxy"),
        pytest.param(0, "192.0.2.7", "10.0.0.1", id="no proxy, forged"),
        pytest.param(1, "192.0.2.7", "192.0.2.7", id="one proxy"),
        pytest.param(1, "203.0.113.1, 192.0.2.7", "192.0.2.7", id="one proxy, forged before"),
        pytest.param(1, "", "10.0.0.1", id="one proxy that wrote nothing"),
        pytest.param(1, "203.0.113.1,", "10.0.0.1", id="an empty last entry"),
        pytest.param(1, "not an address", None, id="no address at all"),
        pytest.param(2, "203.0.113.1, 192.0.2.7, 10.1.1.1", "192.0.2.7", id="two proxies"),
        pytest.param(2, "192.0.2.7", "10.0.0.1", id="fewer entries than proxies"),
        pytest.param(1, "2001:db8::1", "2001:db8::1", id="IPv6"),
    ],
)
def test_the_address(proxies: int, forwarded: str, seen: str | None, settings: Any) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert address_of(request) == seen


def test_a_socket_has_no_address() -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR="")) is None


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64) {WEBKIT} Chrome/140 Safari/537", "Chrome, Windows"),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140 Safari/537 Edg/140",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130", "Firefox, Linux"),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/140 Mobile Safari/537",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) Version/17 Safari/604",
            "Safari, iPhone",
        ),
        ("curl/8", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_the_browser_in_words(said: str, words: str) -> None:
    assert browser_of(RequestFactory().get("/", HTTP_USER_AGENT=said)) == words
