"""Every route of the site by name, and the check that the access table names each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access import table


def routes() -> Iterator[tuple[str, dict[str, object]]]:
    """Name and converters of every route."""
    yield from under(get_resolver(), "")


def under(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, dict[str, object]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from under(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.pattern.converters


@register("access")
def every_route_is_listed(**_: Any) -> list[Error]:
    """A route that is not in the table is closed; one that is forgotten there is a mistake."""
    known = {name for name, _ in routes()}
    wrong = {
        **dict.fromkeys(known - set(table()), "is not in ifso/access.py: say who may take it"),
        **dict.fromkeys(set(table()) - known, "is in ifso/access.py, but there is no such route"),
    }
    return [Error(f"{name} {words}", id="ifso.E001") for name, words in sorted(wrong.items())]
