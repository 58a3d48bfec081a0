"""Typed reads of the environment. A missing or bad value stops the start and says which."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.fernet import Fernet

from accounts.links import is_guarded


class BadSetting(Exception):
    """An environment variable is missing or cannot be read."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


def text(name: str, *, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise BadSetting(name, "is not set")
    return value


def truth(name: str, *, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() not in {"yes", "no", "true", "false", "1", "0"}:
        raise BadSetting(name, f"{value!r} is neither yes nor no")
    return value.lower() in {"yes", "true", "1"}


def choice(name: str, options: set[str], *, default: str) -> str:
    value = text(name, default=default)
    if value not in options:
        raise BadSetting(name, f"{value!r} is none of {', '.join(sorted(options))}")
    return value


def words(name: str, *, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default=default).split(",") if word.strip()]


def together(*names: str) -> list[str]:
    """All of them, or "" for each: one without the others is a mistake."""
    values = [os.environ.get(name, "").strip() for name in names]
    missing = [name for name, value in zip(names, values, strict=True) if not value]
    if missing and len(missing) < len(names):
        raise BadSetting(missing[0], f"is not set; {', '.join(names)} belong together")
    return values


def guarded_address(name: str, value: str) -> str:
    """An address over HTTPS or on this machine, without a query; "" stays as it is."""
    if value and (not is_guarded(value) or "?" in value or "#" in value):
        raise BadSetting(name, f"{value!r} is neither an https:// address nor on this machine")
    return value


def fernet_keys(name: str) -> list[str]:
    """Keys of 32 bytes in url-safe base64; the first encrypts."""
    keys = words(name)
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise BadSetting(name, "a key is not 32 bytes in url-safe base64") from None
    return keys


def folder(name: str, *, default: Path) -> Path:
    return Path(text(name, default=str(default))).absolute()


def optional_folder(name: str) -> Path | None:
    """A folder that must be there, if one is named at all."""
    value = os.environ.get(name)
    if not value:
        return None
    if not Path(value).is_dir():
        raise BadSetting(name, f"{value!r} is no folder")
    return Path(value).absolute()


def database(name: str, *, default: str) -> dict[str, Any]:
    """`postgres://user:password@host:port/name?host=/socket/folder` as Django wants it."""
    parts = urlsplit(text(name, default=default))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise BadSetting(name, "is not a postgres:// address")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def celery_broker(redis_url: str) -> str:
    """The broker's address in Celery's own spelling: a unix socket is written in another way, and
    certificates are checked only where it is told to.
    """
    if redis_url.startswith("rediss://") and "ssl_cert_reqs" not in redis_url:
        return f"{redis_url}{'&' if '?' in redis_url else '?'}ssl_cert_reqs=required"
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?virtual_host={dict(parse_qsl(query)).get('db', '0')}"
