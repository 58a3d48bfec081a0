"""No regular expression of ours repeats, without end, what itself repeats over the same letters:
such a one takes for ever over a text that almost fits.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]  # not in the stubs
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

HOME = Path(__file__).resolve().parents[2]
APPS = ("audit", "districts", "accounts", "tiplines", "nexus", "cases", "operations", "ifso")
FUNCTIONS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub"}
LOOSE_FROM = 16  # so many times or more count as without end
LETTERS = frozenset(map(chr, range(128))) | set("éß²٣०क्द\u00a0\u2028’–")
"""A sample of all letters there are."""
KINDS = {
    codes.CATEGORY_DIGIT: str.isdecimal,
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
}
OPPOSITES = {
    codes.CATEGORY_NOT_DIGIT: codes.CATEGORY_DIGIT,
    codes.CATEGORY_NOT_SPACE: codes.CATEGORY_SPACE,
    codes.CATEGORY_NOT_WORD: codes.CATEGORY_WORD,
}
GIVES_BACK = {codes.MAX_REPEAT, codes.MIN_REPEAT}
ALLOWED: dict[str, str] = {}
"""Expression to the reason why it may."""

Items = list[tuple[Any, Any]]


# --- Which letters may come first -----------------------------------------------------------------


def letters_of_kind(kind: Any) -> frozenset[str]:
    if kind in OPPOSITES:
        return LETTERS - letters_of_kind(OPPOSITES[kind])
    return frozenset(filter(KINDS[kind], LETTERS))


def letters_of_class(members: Items) -> frozenset[str]:
    found: set[str] = set()
    is_negated = False
    for code, value in members:
        if code is codes.NEGATE:
            is_negated = True
        elif code is codes.LITERAL:
            found.add(chr(value))
        elif code is codes.RANGE:
            low, high = value
            found |= {letter for letter in LETTERS if low <= ord(letter) <= high}
        else:
            found |= letters_of_kind(value)
    return LETTERS - found if is_negated else frozenset(found)


def first_of(items: Iterable[tuple[Any, Any]]) -> tuple[frozenset[str], bool]:
    """Letters that a sequence may begin with, and whether it may be empty."""
    found: frozenset[str] = frozenset()
    for code, value in items:
        letters, may_be_empty = first_of_one(code, value)
        found |= letters
        if not may_be_empty:
            return found, False
    return found, True


def first_of_one(code: Any, value: Any) -> tuple[frozenset[str], bool]:
    if code is codes.LITERAL:
        return frozenset({chr(value)}), False
    if code is codes.NOT_LITERAL:
        return LETTERS - {chr(value)}, False
    if code is codes.ANY:
        return LETTERS, False
    if code is codes.IN:
        return letters_of_class(value), False
    if code in GIVES_BACK or code is codes.POSSESSIVE_REPEAT:
        low, _high, body = value
        letters, may_be_empty = first_of(body)
        return letters, low == 0 or may_be_empty
    if code is codes.GROUPREF:
        return LETTERS, True
    bodies = [first_of(body) for body in bodies_of(code, value)]
    letters = frozenset[str]().union(*(each for each, _ in bodies))
    return letters, any(empty for _, empty in bodies) if bodies else True


def bodies_of(code: Any, value: Any) -> list[Items]:
    """What a group or a choice holds. Looks around and anchors take no letter."""
    if code is codes.SUBPATTERN:
        return [value[-1]]
    if code is codes.ATOMIC_GROUP:
        return [value]
    if code is codes.BRANCH:
        return list(value[1])
    if code is codes.GROUPREF_EXISTS:
        return [each for each in value[1:] if each is not None]
    return []


# --- Repeats inside repeats -----------------------------------------------------------------------


def nested(
    items: Items, *, after: frozenset[str] = frozenset(), in_loop: bool = False
) -> Iterator[str]:
    """Say of each repeat inside an endless one that the next round may begin with what it takes."""
    for at, (code, value) in enumerate(items):
        rest, may_be_empty = first_of(items[at + 1 :])
        following = rest | (after if may_be_empty else frozenset())
        if code in GIVES_BACK:
            low, high, body = value
            letters, _ = first_of(body)
            if in_loop and low < high and letters & following:
                yield "".join(sorted(letters & following))[:9]
            is_endless = high >= LOOSE_FROM
            yield from nested(
                list(body),
                after=following | letters if is_endless else following,
                in_loop=in_loop or is_endless,
            )
        elif code in {codes.ASSERT, codes.ASSERT_NOT}:
            yield from nested(list(value[1]))
        elif code is codes.POSSESSIVE_REPEAT:
            yield from nested(list(value[2]))
        else:
            for body in bodies_of(code, value):
                yield from nested(list(body), after=following, in_loop=in_loop)


def is_nested(pattern: str | bytes, flags: int = 0) -> bool:
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    return any(nested(list(parser.parse(text, flags & ~re.UNICODE))))


# --- Ours -----------------------------------------------------------------------------------------


def compiled() -> Iterator[tuple[str, str | bytes]]:
    """Every expression that a module of ours holds, by name or inside a table."""
    for app in APPS:
        package = importlib.import_module(app)
        for each in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".management." in each.name or each.name.endswith(("__main__", ".wsgi")):
                continue
            module = importlib.import_module(each.name)
            for name, value in vars(module).items():
                for pattern in patterns_in(value):
                    yield f"{each.name}.{name}", pattern.pattern


def patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from patterns_in(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from patterns_in(each)


def written() -> Iterator[tuple[str, str | bytes]]:
    """Every expression that stands as a plain text in a call of `re`."""
    for app in APPS:
        for path in (HOME / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and (node.func.value.id, node.func.attr in FUNCTIONS) == ("re", True)
                    and isinstance(node.args[0], ast.Constant)
                    and isinstance(node.args[0].value, str | bytes)
                ):
                    yield f"{path.relative_to(HOME)}:{node.lineno}", node.args[0].value


def test_no_expression_of_ours_repeats_what_repeats() -> None:
    ours = [*compiled(), *written()]

    assert len(ours) > 100
    found = {where: pattern for where, pattern in ours if is_nested(pattern)}
    assert {where: each for where, each in found.items() if each not in ALLOWED} == {}
    assert set(ALLOWED) <= set(found.values())


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(?:a*)*b",
        r"(?:[a-z]+\s*)+:",
        r"(?:\d+[.,]?)*$",
        r"(?:(?:x|xx)+y?)*z",
        r"(?:a?a)*b",
        r"(\w+\s?)*$",
        r"(?:[^,]*,?){20,}",
        r"^(?:(?:\w{1,9})+-?)+$",
        r"(?=(?:a+)+b)",
        rb"(?:[ab]+b)+$",
    ],
)
def test_the_search_finds_such_an_expression(pattern: str | bytes) -> None:
    assert is_nested(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"[a-z]+|[0-9]+",
        r'"(?:[^"\\]|\\.)*"',
        r"(?:\d{1,3}\.){3}\d{1,3}",
        r"(?:,\s+x)*",
        r"(?:a+b)+",
        r"(?:a++)*",
        r"(?:[^<>\"']|\"[^\"]*\")*+>",
        r"(?:\w+ ){0,5}:",
    ],
)
def test_the_search_leaves_an_expression_alone_that_ends(pattern: str) -> None:
    assert not is_nested(pattern)
