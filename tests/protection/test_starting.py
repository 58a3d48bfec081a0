"""Behind TLS nothing starts with weak keys, without a second factor, or over links others read."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from ifso import env
from ifso.starting import settings_are_strong

HOME = Path(__file__).resolve().parents[2]
KEY = urlsafe_b64encode(bytes(range(32))).decode()
STRONG = {
    "HTTPS": True,
    "SECRET_KEY": "abcdefghij" * 5,
    "FACTOR_KEYS": [Fernet.generate_key().decode()],
    "NAME_KEYS": [KEY],
    "INDEX_KEY": KEY,
    "SIGNING_KEY": Path("/keys/signing_key.pem"),
    "SECOND_FACTOR_COMPULSORY": True,
    "PLAIN_LINKS_ALLOWED": False,
    "REDIS_URL": "unix:///run/redis.sock",
}


@pytest.fixture(autouse=True)
def strong(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in STRONG.items():
        setattr(settings, name, value)
    goes_to(monkeypatch, "postgres://web@/ifso?host=/run/postgresql")


def goes_to(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    """Replaced in place: Django warns of what else may hang on this setting."""
    monkeypatch.setitem(settings.DATABASES, "default", env.database("NONE", default=database))


def told() -> list[str]:
    return [error.msg.partition(" ")[0] for error in settings_are_strong()]


def test_strong_settings_start() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("name", "value", "variable"),
    [
        pytest.param("SECRET_KEY", "abcdefghij" * 4 + "abcdefghi", "SECRET_KEY", id="49 letters"),
        pytest.param("SECRET_KEY", "abcd" * 13, "SECRET_KEY", id="four letters over and over"),
        pytest.param(
            "SECRET_KEY", "only-for-commands-that-need-no-secret", "SECRET_KEY", id="the default"
        ),
        ("FACTOR_KEYS", [], "FACTOR_KEYS"),
        ("NAME_KEYS", [], "IFSO_NAME_KEYS"),
        ("INDEX_KEY", "", "IFSO_INDEX_KEY"),
        ("SECOND_FACTOR_COMPULSORY", False, "SECOND_FACTOR"),
        ("REDIS_URL", "redis://redis:6379/0", "REDIS_URL"),
        ("REDIS_URL", "redis://10.0.0.7:6379/0", "REDIS_URL"),
    ],
)
def test_each_fault_is_one_line_that_names_its_variable(
    settings: Any, name: str, value: object, variable: str
) -> None:
    setattr(settings, name, value)

    [error] = settings_are_strong()

    assert error.msg.startswith(f"{variable} ")
    assert "\n" not in error.msg
    assert error.id == "ifso.E002"
    settings.HTTPS = False
    assert settings_are_strong() == []


def test_a_signing_key_among_the_data_is_refused(settings: Any) -> None:
    settings.SIGNING_KEY = settings.DATA / "signing_key.pem"
    before = told()
    settings.SIGNING_KEY.touch()
    within = told()
    settings.SIGNING_KEY = settings.DATA.parent / "key_of_the_sealer.pem"
    settings.SIGNING_KEY.touch()

    assert before == []  # only the sealer has one; it says itself when it has none
    assert within == ["IFSO_SIGNING_KEY"]
    assert told() == []


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("postgres://u@/ifso", False),
        ("postgres://u@localhost/ifso", False),
        ("postgres://u@127.0.0.1:5432/ifso", False),
        ("postgres://u@[::1]/ifso", False),
        ("postgres://u@/ifso?host=/run/postgresql", False),
        ("postgres://u@db/ifso?sslmode=require", False),
        ("postgres://u@db/ifso?sslmode=verify-full&sslrootcert=/ca.pem", False),
        ("postgres://u@db/ifso", True),
        ("postgres://u@10.0.0.7/ifso", True),
        ("postgres://u@db/ifso?sslmode=prefer", True),
        ("postgres://u@db/ifso?sslmode=disable", True),
        ("postgres://u@localhost/ifso?hostaddr=10.0.0.7", True),
        ("postgres://u@/ifso?host=/run/postgresql,db", True),
        ("postgres://u@localhost.example.org/ifso", True),
    ],
)
def test_the_database_is_here_or_behind_tls(
    monkeypatch: pytest.MonkeyPatch, address: str, *, is_refused: bool
) -> None:
    goes_to(monkeypatch, address)

    assert told() == (["DATABASE_URL"] if is_refused else [])


@pytest.mark.parametrize(
    "address",
    ["rediss://redis:6379/0", "redis://localhost:6379/0", "redis://[::1]/0", "redis://"],
)
def test_redis_is_here_or_behind_tls(settings: Any, address: str) -> None:
    settings.REDIS_URL = address

    assert told() == []


def test_a_private_network_is_allowed_to_whoever_says_so(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_to(monkeypatch, "postgres://u@postgres/ifso")
    settings.REDIS_URL = "redis://redis:6379/0"
    before = told()

    settings.PLAIN_LINKS_ALLOWED = True

    assert before == ["DATABASE_URL", "REDIS_URL"]
    assert told() == []


def test_the_broker_s_certificate_is_checked_unless_told_otherwise() -> None:
    assert env.celery_broker("rediss://r/0") == "rediss://r/0?ssl_cert_reqs=required"
    assert env.celery_broker("rediss://r/0?ssl_ca_certs=/ca.pem") == (
        "rediss://r/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=required"
    )
    assert env.celery_broker("rediss://r/0?ssl_cert_reqs=none").endswith("?ssl_cert_reqs=none")


def test_whoever_runs_compose_must_say_that_its_network_is_private() -> None:
    services = yaml.safe_load((HOME / "docker-compose.yml").read_text())["services"]
    for name in ("migrate", "web", "worker", "linker", "sealer", "timetable"):
        given = services[name]["environment"]
        assert given["HTTPS"] == "yes"
        assert given["PLAIN_LINKS"] == "${PLAIN_LINKS:?}"


def test_the_checks_of_a_command_fail(settings: Any) -> None:
    settings.SECOND_FACTOR_COMPULSORY = False

    with pytest.raises(SystemCheckError, match="SECOND_FACTOR is optional"):
        call_command("check")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("-c", "import ifso.wsgi"), id="web"),
        pytest.param(("-m", "celery", "-A", "ifso", "worker", "--pool", "solo"), id="worker"),
        pytest.param(("-m", "celery", "-A", "ifso", "beat", "-s", "{}/timetable"), id="timetable"),
        pytest.param(("manage.py", "seal_audit", "--once"), id="sealer"),
    ],
)
def test_no_process_starts(command: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  # our own commands
        [sys.executable, *(part.format(tmp_path) for part in command)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ifso.settings",
            "HTTPS": "yes",
            "SECOND_FACTOR": "optional",
            "SECRET_KEY": "short",
            "IFSO_DATA": str(tmp_path),
        },
        cwd=HOME,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode != 0
    assert "SECRET_KEY is missing or weak" in done.stderr
    assert "SECOND_FACTOR is optional" in done.stderr
