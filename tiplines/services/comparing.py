"""What changed between two versions of a report, field by field: rule, without Django."""

from collections.abc import Iterator
from typing import Any

CHANGES_AT_MOST = 500


def difference(before: Any, after: Any) -> list[list[Any]]:
    """A list of [path, value before, value after]; None where a field was not there."""
    old, new = dict(leaves(before)), dict(leaves(after))
    paths = sorted(old.keys() | new.keys())
    changed = [
        [path, old.get(path), new.get(path)] for path in paths if old.get(path) != new.get(path)
    ]
    return changed[:CHANGES_AT_MOST]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of everything that holds no other value; indexes count from 1."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{path}/{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value, 1):
            yield from leaves(each, f"{path}[{index}]")
    else:
        yield path, value
