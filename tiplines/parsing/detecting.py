"""What kind of document a file is: by its first bytes and its extension, never by one alone."""

from __future__ import annotations

from enum import StrEnum

HEAD_BYTES = 512  # as much of a file as `detect` needs to see


class Kind(StrEnum):
    XML = "xml"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    ZIP = "zip"
    TEXT = "text"
    MEDIA = "media"  # not text: listed by name and size only


BY_EXTENSION = {
    "xml": Kind.XML,
    "json": Kind.JSON,
    "jsonl": Kind.JSON,
    "ndjson": Kind.JSON,
    "csv": Kind.CSV,
    "tsv": Kind.CSV,
}
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
PDF_MAGIC = b"%PDF-"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF16_OPENINGS = (b"<\x00", b"\x00<", b"{\x00", b"\x00{", b"[\x00", b"\x00[")
UTF8_MARK = b"\xef\xbb\xbf"
# Formats whose first bytes could pass for text in some encoding.
MEDIA_MAGIC = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG",
    b"GIF87a",
    b"GIF89a",
    b"BM6",
    b"II*\x00",  # TIFF
    b"MM\x00*",
    b"RIFF",  # WebP, AVI, WAV
    b"OggS",
    b"ID3",
    b"fLaC",
    b"\xff\xfb",  # MP3
    b"\xff\xf3",
    b"\xff\xf2",
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"FLV\x01",
    b"\x00\x00\x01\xba",  # MPEG
    b"\x00\x00\x01\xb3",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",  # gzip
)
ISO_MEDIA_BOX = b"ftyp"  # MP4, MOV, HEIC, AVIF: at byte 4
TEXT_CONTROLS = b"\t\n\r\x0b\x0c\x1b"
NO_CONTROLS = bytes(byte for byte in range(256) if byte >= 0x20 or byte in TEXT_CONTROLS)


def detect(name: str, head: bytes) -> Kind:
    """Return the kind of the file `name` that begins with `head`, its first HEAD_BYTES bytes.

    The bytes decide between text, archive and media; the extension decides between text formats and
    falls back on how the text begins. A picture called `report.xml` is MEDIA.
    """
    # The third piece of a large file is called "name.xml#3".
    extension = name.rsplit("/", 1)[-1].rpartition(".")[2].partition("#")[0].lower()
    head = head[:HEAD_BYTES]
    if head.startswith(ZIP_MAGIC):
        return Kind.XLSX if extension in ("xlsx", "xlsm") else Kind.ZIP
    if head.removeprefix(UTF8_MARK).lstrip().startswith(PDF_MAGIC):
        return Kind.PDF
    if not _is_text(head):
        return Kind.MEDIA
    return BY_EXTENSION.get(extension) or _by_opening(head, extension)


def _is_text(head: bytes) -> bool:
    if head.startswith(MEDIA_MAGIC) or head[4:8] == ISO_MEDIA_BOX:
        return False
    if head.startswith(UTF16_MARKS) or head[:2] in UTF16_OPENINGS:
        return True
    controls = len(head.translate(None, NO_CONTROLS))
    # A stray NUL makes bad text, which its reader refuses; several make a binary file.
    return controls <= len(head) // 32


def _by_opening(head: bytes, extension: str) -> Kind:
    start = head.removeprefix(UTF8_MARK).replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n")
    if extension == "txt":
        return Kind.TEXT
    if start.startswith((b"<?xml", b"<report", b"<fileDetails")):
        return Kind.XML
    if start.startswith((b'{"', b"{\n", b"{\r", b"{ ", b"[{", b"[\n", b"[ ")):
        return Kind.JSON
    return Kind.TEXT
