from __future__ import annotations

import pytest

from tiplines.parsing.detecting import Kind, detect

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
MP4 = b"\x00\x00\x00\x18ftypmp42"


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        pytest.param("report.xml", b"<report>", Kind.XML, id="xml"),
        pytest.param("report.XML", b"<?xml version='1.0'?>", Kind.XML, id="capital extension"),
        pytest.param("report", b"\xef\xbb\xbf<?xml version='1.0'?>", Kind.XML, id="no extension"),
        pytest.param("report.xml", "<report>".encode("utf-16"), Kind.XML, id="utf-16 xml"),
        pytest.param("report.xml", "<report>".encode("utf-16-le"), Kind.XML, id="no mark"),
        pytest.param("a.json", b'\xef\xbb\xbf{"reportId": 1}', Kind.JSON, id="json with mark"),
        pytest.param("a", b'[{"reportId": 1}]', Kind.JSON, id="json without extension"),
        pytest.param("a.ndjson", b'{"reportId": 1}\n', Kind.JSON, id="ndjson"),
        pytest.param("list.csv", b"Tipline No.;Phone\n", Kind.CSV, id="csv"),
        pytest.param("list.tsv", "नाम\tPhone".encode("utf-16"), Kind.CSV, id="utf-16 tsv"),
        pytest.param("list.xlsx", b"PK\x03\x04", Kind.XLSX, id="xlsx"),
        pytest.param("list.zip", b"PK\x03\x04", Kind.ZIP, id="zip"),
        pytest.param("list.csv", b"PK\x03\x04", Kind.ZIP, id="zip called csv"),
        pytest.param("a.pdf", b"%PDF-1.7", Kind.PDF, id="pdf"),
        pytest.param("a.xml", b"%PDF-1.7", Kind.PDF, id="pdf called xml"),
        pytest.param("notes.txt", b"<report>", Kind.TEXT, id="txt stays text"),
        pytest.param("notes.md", b"some words", Kind.TEXT, id="unknown text"),
        pytest.param("empty.txt", b"", Kind.TEXT, id="empty"),
        pytest.param("report.xml", JPEG, Kind.MEDIA, id="jpeg called xml"),
        pytest.param("report.json", b"\x89PNG\r\n\x1a\n", Kind.MEDIA, id="png called json"),
        pytest.param("list.csv", MP4, Kind.MEDIA, id="mp4 called csv"),
        pytest.param("a.txt", b"GIF89a\x01\x00", Kind.MEDIA, id="gif called txt"),
        pytest.param("a.mp3", b"ID3\x04", Kind.MEDIA, id="mp3"),
        pytest.param("a.xml", b"RIFF\x10\x00\x00\x00WEBP", Kind.MEDIA, id="webp called xml"),
        pytest.param("a.xls", b"\xd0\xcf\x11\xe0" + bytes(60), Kind.MEDIA, id="old excel"),
        pytest.param("a.bin", bytes(range(256)), Kind.MEDIA, id="any binary"),
    ],
)
def test_extension_and_bytes_decide_together(name: str, head: bytes, kind: Kind) -> None:
    assert detect(name, head) is kind
