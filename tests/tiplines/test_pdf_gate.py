"""What is kept of a PDF: its text. No byte of a picture, a film or a script gets past."""

from __future__ import annotations

import zipfile

import pytest

from tests.tiplines.intake import bring, work, zip_of
from tests.tiplines.pdfs import JPEG, SCRIPT, encrypted, page_of, pdf_of, stream, text_at
from tiplines import packs
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.world import make_reports
from tiplines.models import Document, QuarantineItem, Tipline
from tiplines.parsing import pdf_process
from tiplines.parsing.limits import UnreadableReport
from tiplines.parsing.pdf_cleaning import streams
from tiplines.pdf_gate import text_only, unlocked_pdf

WORDS = stream(text_at((72, 700, "some words")))
PICTURE = b" /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
PICTURE += b" /BitsPerComponent 8"
DRAWN = stream(text_at((72, 700, "some words")) + b" q 9 0 0 9 0 0 cm /P1 Do Q")
INLINE = text_at((72, 700, "some words")) + b" q BI /W 2 /H 2 /BPC 8 /CS /G ID MADE EI Q"
FORM = b" /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /P1 7 0 R >> >>"

CARRIERS = [
    pytest.param(
        page_of(
            DRAWN,
            resources=b"/XObject << /P1 6 0 R >>",
            more=[stream(JPEG, PICTURE + b" /Filter /DCTDecode")],
        ),
        JPEG,
        id="an image on the page",
    ),
    pytest.param(
        page_of(
            DRAWN,
            resources=b"/XObject << /P1 6 0 R >>",
            more=[stream(b"RAWPIXELS", PICTURE, is_packed=True)],
        ),
        b"RAWPIXELS",
        id="an image of packed pixels",
    ),
    pytest.param(
        page_of(
            DRAWN,
            resources=b"/XObject << /P1 6 0 R >>",
            more=[stream(b"/P1 Do", FORM), stream(b"RAWPIXELS", PICTURE)],
        ),
        b"RAWPIXELS",
        id="an image inside a form",
    ),
    pytest.param(page_of(stream(INLINE)), b"MADE", id="an inline image"),
    pytest.param(page_of(stream(INLINE, is_packed=True)), b"MADE", id="a packed inline image"),
    pytest.param(
        page_of(WORDS, page=b"/Thumb 6 0 R", more=[stream(b"RAWPIXELS", b" /Width 1 /Height 1")]),
        b"RAWPIXELS",
        id="a thumbnail",
    ),
    pytest.param(
        page_of(WORDS, more=[stream(JPEG, PICTURE + b" /Filter /DCTDecode")]),
        JPEG,
        id="an image that nothing refers to",
    ),
    pytest.param(page_of(WORDS, more=[stream(JPEG)]), JPEG, id="an image called a stream"),
    pytest.param(
        page_of(WORDS, more=[stream(JPEG, is_packed=True)]), JPEG, id="a packed image without type"
    ),
    pytest.param(page_of(WORDS) + JPEG, JPEG, id="an image behind the end"),
    pytest.param(
        page_of(WORDS, more=[stream(b"RAWPIXELS", PICTURE.replace(b"/Image", b"/Im#61ge"))]),
        b"RAWPIXELS",
        id="an image under an escaped name",
    ),
    pytest.param(
        page_of(
            WORDS,
            catalogue=b"/Names << /EmbeddedFiles << /Names [(a.zip) 6 0 R] >> >>",
            more=[
                b"<< /Type /Filespec /F (a.zip) /EF << /F 7 0 R >> >>",
                stream(b"PK\x03\x04made-up-archive", b" /Type /EmbeddedFile"),
            ],
        ),
        b"made-up-archive",
        id="an embedded file",
    ),
    pytest.param(
        page_of(
            WORDS,
            catalogue=b"/OpenAction 6 0 R",
            more=[
                b"<< /S /JavaScript /JS (" + SCRIPT.replace(b"(", b"").replace(b")", b"") + b")>>"
            ],
        ),
        b"made-up-script",
        id="a script",
    ),
    pytest.param(
        page_of(
            WORDS,
            page=b"/Annots [<< /Type /Annot /Subtype /Movie /Rect [0 0 9 9] /Movie 6 0 R >>]",
            more=[stream(b"\x00\x00\x00\x18ftypisommade-up-film")],
        ),
        b"made-up-film",
        id="a film",
    ),
]


@pytest.mark.parametrize(("data", "hidden"), CARRIERS)
def test_nothing_but_text_is_kept(data: bytes, hidden: bytes) -> None:
    assert hidden in data or any(hidden in content for content in streams(data))

    kept = text_only(data)

    assert hidden not in kept
    assert not any(hidden in content for content in streams(kept))
    assert pdf_process.read_pages(kept) == [["some words"]]
    assert text_only(kept) == kept


@pytest.mark.parametrize("generation", Generation)
def test_a_pdf_of_text_is_kept_byte_for_byte(generation: Generation) -> None:
    [(report, _)] = make_reports(1, seed=6)
    data = write_pdf(report, generation)

    assert text_only(data) == data
    assert text_only(page_of(WORDS)) == page_of(WORDS)


def test_what_is_built_anew_says_the_same() -> None:
    [(report, _)] = make_reports(1, seed=6)
    data = write_pdf(report, Generation.OLDER)

    kept = text_only(data + JPEG)

    assert kept != data
    assert JPEG not in kept
    assert pdf_process.read_pages(kept) == pdf_process.read_pages(data)


def test_a_pdf_with_an_empty_password_is_kept_unencrypted() -> None:
    kept = text_only(encrypted(page_of(WORDS), ""))

    assert b"/Encrypt" not in kept
    assert pdf_process.read_pages(kept) == [["some words"]]


def test_a_pdf_behind_a_password_is_not_kept() -> None:
    with pytest.raises(UnreadableReport, match="protected by a password"):
        text_only(encrypted(page_of(WORDS), "secret"))


def test_a_password_unlocks_the_text_and_nothing_else() -> None:
    carrier = page_of(
        DRAWN,
        resources=b"/XObject << /P1 6 0 R >>",
        more=[stream(b"RAWPIXELS", PICTURE)],
    )

    kept = unlocked_pdf(encrypted(carrier, "secret"), "secret")

    assert pdf_process.read_pages(kept) == [["some words"]]
    assert not any(b"RAWPIXELS" in content for content in streams(kept))
    with pytest.raises(UnreadableReport, match="does not open"):
        unlocked_pdf(encrypted(carrier, "secret"), "wrong")


def test_a_damaged_pdf_with_an_image_is_refused_and_one_of_text_is_kept() -> None:
    carrier = pdf_of([b"<< /Type /Catalog >>", stream(JPEG, PICTURE)])

    with pytest.raises(UnreadableReport):
        text_only(carrier[: len(carrier) - 80])
    assert text_only(b"%PDF-1.7\ncut short") == b"%PDF-1.7\ncut short"


@pytest.mark.parametrize("size_bytes", [30_000, 60_000, 90_000])
def test_a_cut_off_pdf_is_never_mended_into_a_shorter_one(size_bytes: int) -> None:
    [(report, _)] = make_reports(1, seed=6)
    data = write_pdf(report, Generation.OLDER)
    carrier = data.replace(b"endobj", b"endobj\n99 0 obj\n" + stream(JPEG) + b"\nendobj", 1)
    whole = text_only(carrier + b"\n%%EOF")
    assert pdf_process.read_pages(whole) == pdf_process.read_pages(data)

    with pytest.raises(UnreadableReport, match=r"cut short|damaged"):
        text_only(carrier[: min(size_bytes, len(carrier) - 100)])


@pytest.mark.django_db
def test_no_image_of_a_pdf_reaches_the_pack() -> None:
    [(report, _)] = make_reports(1, seed=6)
    carriers = [param.values for param in CARRIERS]
    files = {f"{n}.pdf": data for n, (data, _) in enumerate(carriers) if isinstance(data, bytes)}
    files["report.pdf"] = write_pdf(report, Generation.NEWER) + JPEG
    files["locked.pdf"] = encrypted(files["0.pdf"], "secret")

    dispatch = bring(zip_of(files))
    work()

    pack = zipfile.ZipFile(packs.pack_path(dispatch.pk))
    kept = [pack.read(name) for name in pack.namelist()]
    for data in (packs.pack_path(dispatch.pk).read_bytes(), *kept):
        for _, hidden in carriers:
            assert isinstance(hidden, bytes)
            assert hidden not in data
            assert not any(hidden in content for content in streams(data))
    assert len(kept) == len(files) - 1
    assert Tipline.objects.get().number == str(report.number)
    locked = QuarantineItem.objects.get(document__name="locked.pdf")
    assert "password" in locked.reason
    assert Document.objects.get(name="locked.pdf").offset is None
    assert len(files) == 1 + QuarantineItem.objects.count()
