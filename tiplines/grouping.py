"""Which documents of a dispatch speak about the same report: rule, without Django.

The provider-side XML splits a report over several documents; they lie in one folder, or carry the
report's number in their names. Every other format is a bundle of its own.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

FOLDER_AT_MOST = (
    50  # XML documents; a larger folder is a heap of reports, told apart by their names
)
NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{6,12}(?![0-9A-Za-z])")


def bundles(documents: Sequence[tuple[str, str]]) -> list[int]:
    """The bundle of each (name, kind), numbered from 0 in the order of reading: lists come last."""
    by_folder: dict[str, list[int]] = defaultdict(list)
    for index, (name, kind) in enumerate(documents):
        if kind == "xml":
            by_folder[name.rpartition("/")[0]].append(index)
    key: dict[int, str] = {}
    for folder, members in by_folder.items():
        as_one = (
            folder != "" and len(members) <= FOLDER_AT_MOST and not all_numbered(documents, members)
        )
        for index in members:
            number = NUMBER.search(documents[index][0].rpartition("/")[2])
            name = documents[index][0]
            key[index] = f"{folder}/" if as_one else f"{folder}/{number[0] if number else name}"
    order: dict[str, int] = {}
    result = [0] * len(documents)
    for is_list in (False, True):
        for index, (name, kind) in enumerate(documents):
            if (kind in {"csv", "xlsx"}) is is_list:
                result[index] = order.setdefault(key.get(index, f"={index}:{name}"), len(order))
    return result


def all_numbered(documents: Sequence[tuple[str, str]], members: Sequence[int]) -> bool:
    return all(NUMBER.search(documents[index][0].rpartition("/")[2]) for index in members)
