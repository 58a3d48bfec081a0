"""What must not stand in our source: each line of it would open a way that an attack has taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
APPS = ("audit", "districts", "accounts", "tiplines", "nexus", "cases", "operations", "ifso")

FORBIDDEN = {
    # A3: a page kept for one officer would be shown to the next.
    "a03_kept_page": r"cache_page|cache_control\(.*public|UpdateCacheMiddleware|{%\s*cache\b"
    r"|FetchFromCacheMiddleware|cache_per_user",
    # A3: nothing of an officer is put where all processes share it. Throttles count there.
    "a03_shared_cache": r"from django\.core\.cache\b|from django\.core import .*\bcache\b",
    # A19: names from a request never become names of a query or of a call.
    "a19_spread_request": r"\*\*\s*(?:dict\(\s*)?\(?\s*(?:self\.)?request\.",
    "a19_spread_form": r"(?:filter|exclude|get|order_by|create|update|annotate|values)\(\s*\*{1,2}"
    r"(?:\w+\.)*(?:GET|POST|query_params|cleaned_data|validated_data|data)\b",
    # A20: no order and no lookup by a name that was sent.
    "a20_order_from_request": r"order_by\([^)]*(?:GET|POST|query_params|cleaned_data)",
    "a20_raw_sql": r"\.extra\(|\.raw\(",
    # A23: what came in is read by our own readers only.
    "a23_deserialiser": r"django\.core\.serializers(?!\.json import DjangoJSONEncoder)"
    r"|from django\.core import .*serializers",
    "a23_slow_text": r"strip_tags|striptags|truncate(?:chars|words)_html|\|urlize|Truncator"
    r"|\|\s*linebreaks",
    # A30: nothing that runs what it reads.
    "a30_pickle": r"\b(?:pickle|marshal|shelve|dill)\b|yaml\.(?:unsafe_)?load\(",
    # A39: no other way to the rows than our pages.
    "a39_admin": r"django\.contrib\.admin\b"
    r"|contrib import .*\badmin\b|admin\.(?:site|autodiscover)",
    # A42: what django-guardian gives to superusers and by global permissions.
    "a42_shortcuts": r"get_objects_for_|get_(?:user_|group_)?perms\b|ObjectPermissionChecker"
    r"|\.has_perms?\(|is_superuser|is_staff|permission_required",
}
ALLOWED = {
    # Names the column, so that a change of it in the database is noticed.
    ("a42_shortcuts", "operations/watched.py"),
}


def source() -> Iterator[tuple[str, str]]:
    """Our own code and pages, without comments of its own."""
    for app in APPS:
        for path in sorted((HOME / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(HOME)), path.read_text()
    for path in sorted((HOME / "templates").rglob("*")):
        if path.is_file():
            yield str(path.relative_to(HOME)), path.read_text()


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_forbidden_stands_in_the_source(name: str) -> None:
    pattern = re.compile(FORBIDDEN[name])

    found = [
        (path, line)
        for path, text in source()
        for line in text.splitlines()
        if pattern.search(line) and (name, path) not in ALLOWED
    ]

    assert found == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a03_kept_page", "@cache_page(60)"),
        ("a03_kept_page", "{% cache 500 sidebar %}"),
        ("a03_shared_cache", "from django.core.cache import cache"),
        ("a19_spread_request", "found.filter(**request.GET.dict())"),
        ("a19_spread_request", "Case(**dict(request.POST))"),
        ("a19_spread_form", "found.filter(**form.cleaned_data)"),
        ("a20_order_from_request", 'found.order_by(request.GET["ordering"])'),
        ("a20_raw_sql", "found.extra(where=[text])"),
        ("a23_deserialiser", "from django.core import serializers"),
        ("a23_deserialiser", "from django.core.serializers import deserialize"),
        ("a23_slow_text", "{{ text|truncatewords_html:9 }}"),
        ("a30_pickle", "pickle.loads(body)"),
        ("a39_admin", "from django.contrib import admin"),
        ("a42_shortcuts", "from guardian.shortcuts import get_objects_for_user"),
        ("a42_shortcuts", "if officer.is_superuser:"),
    ],
)
def test_the_search_finds_such_a_line(name: str, line: str) -> None:
    assert re.search(FORBIDDEN[name], line)


def test_a39_no_admin_is_routed() -> None:
    from django.apps import apps
    from django.urls import get_resolver

    assert not apps.is_installed("django.contrib.admin")
    assert not [name for name in get_resolver().app_dict if name.startswith("admin")]
