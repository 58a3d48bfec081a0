"""Which texts of ours are to be translated, and the catalogue of a language beside them.

Texts are found as Django's own command finds them (`templatize`), but by Babel instead of GNU
gettext, so that nothing but Python is needed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

APPS = ("ifso", "audit", "districts", "accounts", "tiplines", "nexus", "cases", "operations")
KEYWORDS = {
    name: spec
    for names, spec in (
        (("_", "lazy_", "gettext", "gettext_lazy", "gettext_noop"), None),
        (("ngettext", "ngettext_lazy"), (1, 2)),
        (("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
        (("npgettext",), ((1, "c"), 2, 3)),
    )
    for name in names
}


def found() -> Catalog:
    """Every text of code and templates that asks to be translated, with where it stands."""
    catalog = Catalog(charset="utf-8")
    for path, source in sources():
        for line, message, comments, context in extract(
            "python", io.BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            catalog.add(message, locations=[(path, line)], auto_comments=comments, context=context)
    return catalog


def sources() -> Iterator[tuple[str, str]]:
    """Path from the project's folder, and Python text in which the calls of gettext stand."""
    home = Path(settings.HOME)
    for app in APPS:
        for path in sorted((home / app).rglob("*.py")):
            if "migrations" not in path.parts and "making" not in path.parts:
                yield path.relative_to(home).as_posix(), path.read_text()
    for path in sorted((home / "templates").rglob("*.html")):
        name = path.relative_to(home).as_posix()
        calls = templatize(path.read_text(), origin=name)
        yield name, "\n".join(line.strip() for line in calls.splitlines())


def catalogue(language: str) -> Path:
    return Path(settings.HOME) / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = catalogue(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as source:
        return read_po(source, locale=language)


def update(language: str) -> tuple[int, int]:
    """Bring a catalogue up to date with the texts; return how many there are, and how many lack
    a translation. Nothing is guessed: a changed text is a new one."""
    catalog = read(language)
    catalog.update(found(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    path = catalogue(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(
            target, catalog, width=100, sort_by_file=True, include_lineno=False, omit_header=False
        )
    texts = [message for message in catalog if message.id]
    return len(texts), len(missing(catalog))


def missing(catalog: Catalog) -> list[str]:
    """The texts without a translation, or with one that is marked as doubtful."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(each for each in as_tuple(message.string)))
    ]


def as_tuple(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)
