"""Which documents of a dispatch speak about the same report: rule, without Django.

The provider-side XML splits a report over several documents; they lie in one folder, or carry the
report's number in their names. Every other format is a bundle of its own.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

HEAP_FROM = 51  # XML documents in a folder that names no report: a heap, told apart by file names
NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{6,12}(?![0-9A-Za-z])")


def bundles(documents: Sequence[tuple[str, str]]) -> list[int]:
    """The bundle of each (name, kind), numbered from 0 in the order of reading: lists come last."""
    folders: dict[str, list[str]] = defaultdict(list)
    for name, kind in documents:
        if kind == "xml":
            folders[folder_of(name)].append(file_of(name))
    order: dict[str, int] = {}
    result = [0] * len(documents)
    for is_list in (False, True):
        for index, (name, kind) in enumerate(documents):
            if (kind in {"csv", "xlsx"}) is is_list:
                folder = folder_of(name)
                key = (
                    f"={index}" if kind != "xml" else key_of(folder, file_of(name), folders[folder])
                )
                result[index] = order.setdefault(key, len(order))
    return result


def key_of(folder: str, file: str, files: Sequence[str]) -> str:
    """One key for a folder that is one report; in a heap one for each number in a file's name."""
    is_one_report = bool(NUMBER.search(file_of(folder))) or (
        len(files) < HEAP_FROM and not all(NUMBER.search(each) for each in files)
    )
    number = NUMBER.search(file)
    return f"{folder}/" if is_one_report or not number else f"{folder}/{number[0]}"


def folder_of(name: str) -> str:
    return name.rpartition("/")[0]


def file_of(name: str) -> str:
    return name.rpartition("/")[2]
