"""What is refused before or while a document is read, and the one error every reader raises.

Input is hostile. Each bound is far above anything a true report holds: one report may carry some
thousand files and IP events.
"""

from __future__ import annotations

DOCUMENT_BYTES_AT_MOST = 50 * 1024 * 1024
XML_DEPTH_AT_MOST = 64  # levels; a true report has fewer than ten
XML_ELEMENTS_AT_MOST = 500_000  # elements and attributes of one document
XML_TAG_BYTES_AT_MOST = 4 * 1024 * 1024  # one tag, which the parser holds as a whole
JSON_DEPTH_AT_MOST = 64  # nested objects and lists
JSON_VALUES_AT_MOST = 1_000_000  # of one document, commas in its prose counted too
JSON_REPORTS_AT_MOST = 100_000  # of one document, a large one being cut before
REFUSALS_AT_MOST = 100  # of one document that are told one by one
UNREAD_PATHS_AT_MOST = 1_000  # a hostile file could name one for every element
LIST_ROWS_AT_MOST = 100_000  # rows of one covering list
LIST_COLUMNS_AT_MOST = 200
LIST_CELLS_AT_MOST = 5_000_000  # rows x columns that a sheet claims to span
LIST_TEXT_AT_MOST = 50_000_000  # characters that the cells of a sheet show
WORKBOOK_ENTRIES_AT_MOST = 1_000
WORKBOOK_BYTES_AT_MOST = 100 * 1024 * 1024  # all entries, unpacked
WORKBOOK_RATIO_AT_MOST = 100  # unpacked to packed, for entries above the next figure
WORKBOOK_RATIO_FROM_BYTES = 1024 * 1024
PDF_PAGES_AT_MOST = 5_000  # 5,000 files and 2,000 addresses fill about 1,500
PDF_CHARACTERS_AT_MOST = 40_000_000  # text of one document
PDF_CPU_SECONDS_AT_MOST = 60  # of the child process, for one document
PDF_WAIT_SECONDS_AT_MOST = 180  # by the clock, however busy the machine is
PDF_MEMORY_AT_MOST = 1024 * 1024 * 1024  # address space of the child process
PDF_STREAM_BYTES_AT_MOST = 64 * 1024 * 1024  # one stream inside a PDF, unpacked
PDF_UNPACKED_BYTES_AT_MOST = 512 * 1024 * 1024  # all streams of a PDF, unpacked


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
