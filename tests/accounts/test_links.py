"""Which addresses may be called, and what the environment must say of the provider."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from accounts.links import is_guarded, origin_of
from ifso.env import BadSetting

SETTINGS = Path(__file__).resolve().parents[2] / "ifso" / "settings.py"
GOOD = {
    "OIDC_ISSUER": "https://login.police.example/realms/force",
    "OIDC_CLIENT_ID": "ifso",
    "OIDC_CLIENT_SECRET": "a secret",
}


@pytest.mark.parametrize(
    ("address", "guarded"),
    [
        ("https://login.police.example/realms/force", True),
        ("https://login.police.example:8443", True),
        ("https://10.1.2.3/", True),
        ("http://localhost:8080/", True),
        ("http://127.0.0.1:8080/", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]:8080/", True),
        ("http://login.police.example/", False),
        ("http://10.1.2.3/", False),
        ("http://localhost.police.example/", False),
        ("http://127.0.0.1.police.example/", False),
        ("http://127.0.0.1@police.example/", False),
        ("https://user:password@login.police.example/", False),
        ("https://login.police.example;script-src *", False),
        ("https://a b/", False),
        ("https://", False),
        ("https:login.police.example", False),
        ("ftp://127.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("//login.police.example/", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_what_is_sent_may_be_read_by_nobody_on_the_way(address: str, guarded: bool) -> None:  # noqa: FBT001
    assert is_guarded(address) is guarded


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://Login.police.example:8443/a?b") == "https://login.police.example:8443"


def read(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> dict[str, object]:
    for name in (*GOOD, "OIDC_CLAIM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


def test_without_a_word_of_it_there_is_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    for nothing in ({}, dict.fromkeys(GOOD, ""), dict.fromkeys(GOOD, " ")):
        found = read(monkeypatch, nothing)
        assert [found[name] for name in GOOD] == ["", "", ""]


def test_three_variables_name_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, GOOD)

    assert {name: found[name] for name in GOOD} == GOOD
    assert found["OIDC_CLAIM"] == "preferred_username"


@pytest.mark.parametrize("missing", list(GOOD))
def test_one_of_the_three_alone_stops_the_start(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for there in ({**GOOD, missing: ""}, {missing: GOOD[missing]}):
        with pytest.raises(BadSetting, match=r"is not set; OIDC_ISSUER, OIDC_CLIENT_ID"):
            read(monkeypatch, there)


@pytest.mark.parametrize(
    "issuer",
    ["http://login.police.example", "login.police.example", f"{GOOD['OIDC_ISSUER']}?realm=force"],
)
def test_an_issuer_that_is_not_guarded_stops_the_start(
    issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadSetting, match="OIDC_ISSUER"):
        read(monkeypatch, {**GOOD, "OIDC_ISSUER": issuer})
