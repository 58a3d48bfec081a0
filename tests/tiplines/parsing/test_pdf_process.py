"""The limited process: whatever a PDF does to it, the next PDF is read."""

from __future__ import annotations

import multiprocessing
import os
import sys
import zlib

import pytest

from tests.tiplines.pdfs import FONT, encrypted, page_of, pdf_of, stream, text_at
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.world import make_reports
from tiplines.parsing import pdf_process
from tiplines.parsing.limits import PDF_PAGES_AT_MOST, UnreadableReport

WORDS = page_of(stream(text_at((72, 700, "some words"))))
READ = [["some words"]]
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>"


def tree(kids: bytes, count: int) -> bytes:
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [" + kids + b"] /Count " + str(count).encode() + b" >>",
            PAGE,
            stream(text_at((72, 700, "some words"))),
            FONT,
        ]
    )


def made_pdf() -> bytes:
    [(report, _)] = make_reports(1, seed=6)
    return write_pdf(report, Generation.NEWER)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(encrypted(WORDS, "secret"), "protected by a password", id="password"),
        pytest.param(page_of(stream(b"0 0 9 9 re f")), "is a scan", id="no text"),
        pytest.param(tree(b"2 0 R", 1), "damaged|no pages|is a scan", id="its own child"),
        pytest.param(tree(b"2 0 R 2 0 R", 90), "damaged|no pages", id="a tree of loops"),
        pytest.param(tree(b"3 0 R", 900), "damaged", id="more pages said than there are"),
        pytest.param(
            tree(b"3 0 R " * (PDF_PAGES_AT_MOST + 1), PDF_PAGES_AT_MOST + 1),
            "more than",
            id="too many pages",
        ),
        pytest.param(made_pdf()[:20_000], "cut short", id="truncated"),
        pytest.param(b"%PDF-1.7\n%%EOF", "damaged", id="nothing inside"),
        pytest.param(b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"%%EOF", "damaged", id="noise"),
        pytest.param(
            page_of(stream(zlib.compress(bytes(400_000_000), 9), b" /Filter /FlateDecode")),
            "is a scan|ended the process|more memory|longer",
            id="a stream that unpacks to 400 MB",
        ),
        pytest.param(
            page_of(stream(b"[" * 3_000_000)), "is a scan|ended the process", id="deep arrays"
        ),
    ],
)
def test_a_pdf_that_cannot_be_read_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableReport, match=reason):
        pdf_process.read_pages(data)

    assert pdf_process.read_pages(WORDS) == READ


@pytest.mark.parametrize("length", [100, 5_000, 30_000])
def test_a_pdf_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(UnreadableReport):
        pdf_process.read_pages(made_pdf()[:length] + b"\n%%EOF")


def test_a_password_is_used_where_one_is_given() -> None:
    locked = encrypted(WORDS, "secret")

    assert pdf_process.read_pages(locked, "secret") == READ
    assert pdf_process.read_pages(encrypted(WORDS, "")) == READ
    with pytest.raises(UnreadableReport, match="does not open"):
        pdf_process.read_pages(locked, "wrong")


def test_a_child_that_was_killed_is_replaced() -> None:
    pdf_process.read_pages(WORDS)
    child = pdf_process._child
    assert child is not None
    child._process.kill()
    child._process.wait()

    with pytest.raises(UnreadableReport, match="ended the process"):
        pdf_process.read_pages(WORDS)

    assert pdf_process.read_pages(WORDS) == READ
    assert pdf_process._child is not child


@pytest.mark.parametrize(
    ("program", "reason", "wait_seconds"),
    [
        pytest.param("import time; time.sleep(600)", pdf_process.TOO_LONG, 1, id="it hangs"),
        pytest.param("import os; os.abort()", pdf_process.FELLED, 60, id="it crashes"),
        pytest.param(
            "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 9))\nwhile True: pass",
            pdf_process.TOO_LONG,
            60,
            id="it uses up its CPU time",
        ),
    ],
)
def test_a_child_that_does_not_answer_is_ended(
    monkeypatch: pytest.MonkeyPatch, program: str, reason: str, wait_seconds: int
) -> None:
    pdf_process._end_child()
    monkeypatch.setattr(pdf_process, "COMMAND", (sys.executable, "-c", program))
    monkeypatch.setattr(pdf_process, "PDF_WAIT_SECONDS_AT_MOST", wait_seconds)

    with pytest.raises(UnreadableReport) as refused:
        pdf_process.read_pages(WORDS)

    monkeypatch.undo()
    assert refused.value.reason == reason
    assert pdf_process.read_pages(WORDS) == READ


def read_in_fork(answers: multiprocessing.Queue[object]) -> None:
    answers.put((pdf_process._child is None, pdf_process.read_pages(WORDS), os.getpid()))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_worker_uses_a_child_of_its_own() -> None:
    pdf_process.read_pages(WORDS)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    worker = context.Process(target=read_in_fork, args=(answers,))

    worker.start()
    is_fresh, pages, pid = answers.get(timeout=60)
    worker.join()

    assert is_fresh
    assert pages == READ
    assert pid != os.getpid()
    assert pdf_process.read_pages(WORDS) == READ


def test_the_child_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "made-up")
    pdf_process._end_child()
    pdf_process.read_pages(WORDS)
    child = pdf_process._child
    assert child is not None

    with open(f"/proc/{child._process.pid}/environ", "rb") as environment:
        assert b"made-up" not in environment.read()
