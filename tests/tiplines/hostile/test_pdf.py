"""Hostile PDFs through the whole intake: gate, limited process, reader, quarantine."""

from __future__ import annotations

import zlib

import pytest

from tests.tiplines.hostile.offering import GOOD, MIB, numbers, offer, refusal, told
from tests.tiplines.pdfs import FONT, encrypted, page_of, pdf_of, stream, text_at
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.world import make_reports

pytestmark = pytest.mark.django_db

NAME = "990000001.pdf"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>"
WORDS = stream(text_at((72, 700, "some words")))
DEFLATE = b" /Filter /FlateDecode"


def tree(kids: bytes, count: int, *others: bytes) -> bytes:
    pages = b"<< /Type /Pages /Kids [" + kids + b"] /Count " + str(count).encode() + b" >>"
    return pdf_of([CATALOG, pages, PAGE, WORDS, FONT, *others])


def deep_tree(levels: int) -> bytes:
    """Each node of the page tree has one child, down to one page."""
    nodes = [
        f"<< /Type /Pages /Kids [{n + 1} 0 R] /Count 1 /Parent {n - 1 or 2} 0 R >>".encode()
        for n in range(6, 6 + levels)
    ]
    nodes[-1] = nodes[-1].replace(f"[{6 + levels} 0 R]".encode(), b"[3 0 R]")
    return tree(b"6 0 R", 1, *nodes)


def two_nodes_in_a_circle() -> bytes:
    other = b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"
    return tree(b"6 0 R", 1, other)


def bomb(size: int, *, times: int = 1) -> bytes:
    """A content stream that unpacks to `size` bytes, packed `times` over."""
    data = bytes(size)
    filters = b" /FlateDecode" * times
    for _ in range(times):
        data = zlib.compress(data, 9)
    return page_of(stream(data, b" /Filter [" + filters + b" ]"))


def object_bomb() -> bytes:
    """An object stream that claims, and unpacks to, far more than it takes."""
    data = zlib.compress(b"6 0 " + b"[" * (300 * MIB), 9)
    packed = stream(data, b" /Type /ObjStm /N 1000000 /First 4 /Filter /FlateDecode")
    return tree(b"3 0 R", 1, packed)


def made() -> bytes:
    [(report, _)] = make_reports(1, seed=6)
    return write_pdf(report, Generation.NEWER)


HARMED = (
    *("damaged", "cut short", "no pages", "more than 5000 pages", "scan", "no CyberTipline report"),
    *("ended the process", "more memory", "longer to read", "unpacks to"),
)
"""What may be said of a PDF that is made to do harm; each is a sentence that says what to do."""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tree(b"2 0 R", 1), id="its own child"),
        pytest.param(tree(b"2 0 R 2 0 R", 90), id="its own children"),
        pytest.param(two_nodes_in_a_circle(), id="two nodes in a circle"),
        pytest.param(tree(b"3 0 R", 1_000_000), id="claims a million pages"),
        pytest.param(tree(b"3 0 R", -5), id="claims fewer than no pages"),
        pytest.param(tree(b"99 0 R", 1), id="a page that is not there"),
        pytest.param(bomb(400 * MIB), id="an over-long content stream"),
        pytest.param(bomb(40 * MIB, times=3), id="packed three times over"),
        pytest.param(page_of(stream(b"[" * 3_000_000)), id="deep arrays in the content"),
        pytest.param(page_of(stream(b"q " * 1_000_000)), id="a million saved states"),
        pytest.param(object_bomb(), id="a bomb of packed objects"),
        pytest.param(page_of(stream(b"0 0 9 9 re f")), id="a scan"),
        pytest.param(b"%PDF-1.7\n%%EOF", id="nothing inside"),
        pytest.param(b"%PDF-1.7\n" + bytes(range(32, 127)) * 400 + b"%%EOF", id="noise"),
        pytest.param(b"%PDF-1.7\n" + b"[" * 200_000, id="deep arrays"),
        pytest.param(b"%PDF-1.7\n1 0 obj\n" + b"<</A" * 100_000, id="deep dictionaries"),
    ],
)
def test_a_hostile_pdf_waits_in_quarantine_and_the_rest_goes_in(data: bytes) -> None:
    item = refusal(NAME, data, method=0)

    assert any(words in item.reason for words in HARMED), item.reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(encrypted(page_of(WORDS), "secret"), "password", id="a password"),
        pytest.param(page_of(stream(b"0 0 9 9 re f")), "scan", id="a scan"),
        pytest.param(tree(b"3 0 R " * 5001, 5001), "more than 5000 pages", id="too many pages"),
        pytest.param(page_of(WORDS), "no CyberTipline report", id="another document"),
    ],
)
def test_the_reason_says_what_an_officer_can_do(data: bytes, words: str) -> None:
    item = refusal(NAME, data, method=0)

    assert words in told(item)


def test_a_page_tree_ten_thousand_deep_harms_nobody() -> None:
    items = offer({NAME: deep_tree(10_000)}, method=0)

    assert [item.document.name for item in items] == [NAME]
    assert numbers() == set(GOOD)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.98])
def test_a_truncated_pdf_waits(share: float) -> None:
    whole = made()

    item = refusal(NAME, whole[: int(len(whole) * share)], method=0)

    assert "cut short" in item.reason
    assert item.document.name == NAME


def test_after_the_worst_of_them_a_good_pdf_goes_in() -> None:
    [(report, _)] = make_reports(1, seed=6)

    [item] = offer({"1 bad.pdf": object_bomb(), "2 good.pdf": made()}, method=0)

    assert item.document.name == "1 bad.pdf"
    assert str(report.number) in numbers()
