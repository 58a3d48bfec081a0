"""Which verbs a service may leave, read from its source and from what it calls."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import FunctionType, ModuleType

SERVICES = (
    "accounts.services",
    "tiplines.services",
    "nexus.services",
    "cases.services",
    "operations.services",
)
WHO = frozenset({"by", "user", "officer", "username"})
VERB = re.compile(r"[a-z]+\.[a-z-]+")


def modules() -> Iterator[ModuleType]:
    for name in SERVICES:
        module = importlib.import_module(name)
        yield module
        for each in pkgutil.iter_modules(getattr(module, "__path__", [])):
            yield importlib.import_module(f"{name}.{each.name}")


def acts() -> dict[str, FunctionType]:
    """Every public service that is told who acts and when."""
    found = {}
    for module in modules():
        for name, function in vars(module).items():
            if not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            named = {
                each.name
                for each in inspect.signature(function).parameters.values()
                if each.kind is each.KEYWORD_ONLY
            }
            if "at" in named and named & WHO:
                found[f"{module.__name__}.{name}"] = inspect.unwrap(function)
    return found


@cache
def verbs_of(function: FunctionType) -> frozenset[str]:
    """Of its events, its callees' among them; `tipline.*` where the second word is computed."""
    seen: set[FunctionType] = set()
    found: set[str] = set()
    waiting = [function]
    while waiting:
        function = inspect.unwrap(waiting.pop())
        if function in seen:
            continue
        seen.add(function)
        tree = ast.parse(inspect.getsource(function).lstrip())
        found |= set(spoken(tree))
        waiting += called(tree, function)
    return frozenset(found)


def spoken(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.keyword) and node.arg == "verb" else None
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "verb":
            value = node.value
        for part in ast.walk(value) if value is not None else ():
            if isinstance(part, ast.Constant) and VERB.fullmatch(str(part.value)):
                yield str(part.value)
            if isinstance(part, ast.JoinedStr) and isinstance(part.values[0], ast.Constant):
                yield f"{part.values[0].value!s}*"


def called(tree: ast.AST, function: FunctionType) -> Iterator[FunctionType]:
    names = function.__globals__
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        target = None
        if isinstance(node.func, ast.Name):
            target = names.get(node.func.id)
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            target = getattr(names.get(node.func.value.id), node.func.attr, None)
        if inspect.isfunction(target) and target.__module__.startswith(SERVICES):
            yield target
