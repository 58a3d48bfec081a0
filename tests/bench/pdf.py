"""How fast PDFs are read, beside bare text extraction by the same library in the same run.

`./dev bench pdf [PAGES]`. Both get the same made reports, half of each generation, as bytes. The
reader is the whole way to a TipReport: through the limited child process, with places, columns,
sections and identifiers. The bare extraction runs in this process. Of each document the fastest of
some rounds counts, for both alike, so that other jobs on the machine weigh little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pypdfium2 as pdfium

from tiplines.making.pdf_writer import generation_of, write_pdf
from tiplines.making.world import make_reports
from tiplines.parsing.pdf_reader import read_pdf_document
from tiplines.parsing.records import SourceDocument

PAGES = 1_000
SEED = 17
ROUNDS = 7
GOAL = 1.5  # times the bare extraction


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    documents = build(wanted)
    pages = sum(map(extract, documents))  # warms up the library; the reader's child below
    read(documents[0])
    bare = whole = 0.0
    for data in documents:
        bare += min(seconds_for(extract, data) for _ in range(ROUNDS))
        whole += min(seconds_for(read, data) for _ in range(ROUNDS))
    times = whole / bare
    print(f"{len(documents)} documents, {pages:,} pages, {sum(map(len, documents)):,} bytes")
    print(f"bare extraction {pages / bare:8,.0f} pages/s")
    print(f"whole reader    {pages / whole:8,.0f} pages/s")
    is_met = times <= GOAL and pages >= PAGES
    words = f"the reader takes at most {GOAL} times as long as the bare extraction: {times:.2f}"
    print(f"{'met    ' if is_met else 'NOT MET'} {words}")
    return 0 if is_met else 1


def build(wanted: int) -> list[bytes]:
    """Return made PDFs with at least `wanted` pages."""
    documents: list[bytes] = []
    pages = 0
    for report, _ in make_reports(wanted, SEED):
        documents.append(write_pdf(report, generation_of(report)))
        pages += len(pdfium.PdfDocument(documents[-1]))
        if pages >= wanted:
            break
    return documents


def extract(data: bytes) -> int:
    """Take the text of each page and nothing else; return how many pages there are."""
    document = pdfium.PdfDocument(data)
    for page in document:
        page.get_textpage().get_text_range()
    count = len(document)
    document.close()
    return count


def read(data: bytes) -> None:
    read_pdf_document(SourceDocument(name="report.pdf", data=data))


def seconds_for(act: Callable[[bytes], object], data: bytes) -> float:
    began = time.perf_counter()
    act(data)
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
