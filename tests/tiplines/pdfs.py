"""PDFs written by hand, byte by byte: no image library, no file of anybody."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01 made-up-picture \xff\xd9"
SCRIPT = b"app.alert('made-up-script')"


def stream(content: bytes, entries: bytes = b"", *, is_packed: bool = False) -> bytes:
    if is_packed:
        content, entries = zlib.compress(content), entries + b" /Filter /FlateDecode"
    length = b"/Length " + str(len(content)).encode()
    return b"<< " + length + entries + b" >>\nstream\n" + content + b"\nendstream"


def text_at(*lines: tuple[int, int, str]) -> bytes:
    """A page's description: each line of text at x, y."""
    shown = [f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in lines]
    return f"BT /F1 10 Tf {' '.join(shown)} ET".encode()


def pdf_of(objects: Sequence[bytes], *, after: bytes = b"") -> bytes:
    """A PDF of objects numbered from 1, of which the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for offset in offsets:
        out += f"{offset:010d} 00000 n \n".encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    out += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(out) + after


def page_of(
    content: bytes,
    *,
    resources: bytes = b"",
    page: bytes = b"",
    catalogue: bytes = b"",
    more: Sequence[bytes] = (),
) -> bytes:
    """A PDF of one page. The objects of `more` are numbered from 6."""
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> " + resources + b" >> " + page + b" >>",
            content,
            FONT,
            *more,
        ]
    )


def encrypted(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
