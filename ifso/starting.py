"""What must be so before the system serves officers, which it does behind TLS (`HTTPS=yes`).

Commands ask by Django's system checks; web, workers and timetable, which no command of Django
starts, ask `refuse_weak_settings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from accounts.links import is_this_machine

SECRET_KEY_LENGTH = 50  # letters, as in docs/operating.md
SECRET_KEY_LETTERS = 5  # different ones, as Django's own check for servers asks
WITH_TLS = frozenset({"require", "verify-ca", "verify-full"})


@register("start")
def settings_are_strong(**_: Any) -> list[Error]:
    if not settings.HTTPS:
        return []
    return [Error(f"{name} {words}", id="ifso.E002") for name, words in faults()]


def refuse_weak_settings() -> None:
    """Raise ImproperlyConfigured with a line for each fault."""
    if found := settings_are_strong():
        raise ImproperlyConfigured("\n".join(error.msg for error in found))


def faults() -> Iterator[tuple[str, str]]:
    """The name of a variable, and what is wrong with it and how to mend it."""
    key = settings.SECRET_KEY
    if len(key) < SECRET_KEY_LENGTH or len(set(key)) < SECRET_KEY_LETTERS:
        yield "SECRET_KEY", "is missing or weak: make one by `openssl rand -base64 48`"
    if not settings.FACTOR_KEYS:
        yield "FACTOR_KEYS", "is missing: docs/decisions/0013 says how to make one"
    if not settings.NAME_KEYS:
        yield "IFSO_NAME_KEYS", "is missing: make one by `openssl rand -base64 32`"
    if not settings.INDEX_KEY:
        yield "IFSO_INDEX_KEY", "is missing: make one by `openssl rand -base64 32`"
    if settings.SIGNING_KEY.is_relative_to(settings.DATA) and settings.SIGNING_KEY.exists():
        yield "IFSO_SIGNING_KEY", "lies in IFSO_DATA: keep it where the sealer alone can read it"
    if not settings.SECOND_FACTOR_COMPULSORY:
        yield "SECOND_FACTOR", "is optional, which is for made data only: take it out"
    if not settings.PLAIN_LINKS_ALLOWED:
        yield from plain_links()


def plain_links() -> Iterator[tuple[str, str]]:
    """Links to another host that anybody on the way could read."""
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    hosts = f"{database['HOST']},{options.get('hostaddr', '')}".split(",")
    if options.get("sslmode") not in WITH_TLS and not all(map(is_here, hosts)):
        yield (
            "DATABASE_URL",
            "goes to another host without TLS: add ?sslmode=verify-full&sslrootcert=FILE,"
            " or on a private network set PLAIN_LINKS (docs/operating.md)",
        )
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "redis" and not is_here(redis.hostname or ""):
        yield (
            "REDIS_URL",
            "goes to another host without TLS: write rediss:// and ?ssl_ca_certs=FILE,"
            " or on a private network set PLAIN_LINKS (docs/operating.md)",
        )


def is_here(host: str) -> bool:
    """Whether a host is this one: none named, a socket's folder, or a loopback address."""
    return not host or host.startswith(("/", "@")) or is_this_machine(host)
