"""What is refused before or while a document is read, and the one error every reader raises.

Input is hostile. Each bound is far above anything a true report holds: one report may carry some
thousand files and IP events.
"""

from __future__ import annotations

DOCUMENT_BYTES_AT_MOST = 50 * 1024 * 1024
XML_DEPTH_AT_MOST = 64  # levels; a true report has fewer than ten
XML_ELEMENTS_AT_MOST = 500_000  # elements of one document
JSON_DEPTH_AT_MOST = 64  # nested objects and lists
UNREAD_PATHS_AT_MOST = 1_000  # a hostile file could name one for every element
LIST_ROWS_AT_MOST = 100_000  # rows of one covering list
LIST_COLUMNS_AT_MOST = 200
LIST_CELLS_AT_MOST = 5_000_000  # rows x columns that a sheet claims to span
WORKBOOK_ENTRIES_AT_MOST = 1_000
WORKBOOK_BYTES_AT_MOST = 200 * 1024 * 1024  # all entries, unpacked
WORKBOOK_RATIO_AT_MOST = 100  # unpacked to packed, for entries above the next figure
WORKBOOK_RATIO_FROM_BYTES = 1024 * 1024


class UnreadableReport(Exception):
    """A document cannot be read as what it says it is."""

    def __init__(self, reason: str, *, place: str = "", number: str | None = None) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place
        self.number = number


def check_size(data: bytes) -> None:
    """Raise UnreadableReport if a document is empty or larger than we read."""
    if not data:
        raise UnreadableReport("the file is empty")
    if len(data) > DOCUMENT_BYTES_AT_MOST:
        limit = DOCUMENT_BYTES_AT_MOST // (1024 * 1024)
        raise UnreadableReport(f"the file is larger than {limit} MiB")
