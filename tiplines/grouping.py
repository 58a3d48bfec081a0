"""Which documents of a dispatch speak about the same report: rule, without Django.

The provider-side XML splits a report over several documents; they lie in one folder, or carry the
report's number in their names. Every other format is a bundle of its own.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEAP_FROM = 51  # XML documents in a folder that names no report: a heap, told apart by file names
NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{6,12}(?![0-9A-Za-z])")
PIECE = re.compile(r"#\d+$")  # of a large file, which `splitting` has cut between reports
LISTS = frozenset({"csv", "xlsx"})  # read last: their rows are stubs of reports


@dataclass(slots=True)
class Folder:
    """What must be known of the XML documents of a folder before any of them has its key."""

    documents: int = 0
    are_numbered: bool = True


def bundles(documents: Iterable[tuple[str, str]]) -> Sequence[int]:
    """The bundle of each (name, kind), named by the position of its first document.

    `documents` is gone through twice and never held: there may be a million.
    """
    folders: dict[int, Folder] = defaultdict(Folder)
    for name, kind in documents:
        if is_grouped(name, kind):
            folder = folders[hash(folder_of(name))]
            folder.documents += 1
            folder.are_numbered &= bool(NUMBER.search(file_of(name)))
    order: dict[int, int] = {}
    result = array("q")
    for name, kind in documents:
        if is_grouped(name, kind):
            key = key_of(folder_of(name), file_of(name), folders[hash(folder_of(name))])
            # A hash in place of the text: a million folders with long names must not fill memory.
            result.append(order.setdefault(hash(key), len(result)))
        else:
            result.append(len(result))
    return result


def is_grouped(name: str, kind: str) -> bool:
    return kind == "xml" and not PIECE.search(name)


def key_of(name: str, file: str, folder: Folder) -> str:
    """One key for a folder that is one report; in a heap one for each number in a file's name."""
    is_one_report = bool(NUMBER.search(file_of(name))) or (
        folder.documents < HEAP_FROM and not folder.are_numbered
    )
    number = NUMBER.search(file)
    return f"{name}/" if is_one_report or not number else f"{name}/{number[0]}"


def folder_of(name: str) -> str:
    return name.rpartition("/")[0]


def file_of(name: str) -> str:
    return name.rpartition("/")[2]
