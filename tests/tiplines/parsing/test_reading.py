"""What holds for every bundle: each document given is found or refused."""

from __future__ import annotations

import random

import pytest

from tiplines.parsing import read_bundle
from tiplines.parsing.records import Reading, SourceDocument

SAMPLES = {
    "195000123/report.xml": b"<report><victim/></report>",
    "195000123/file.xml": b"<fileDetails><reportId>195000123</reportId></fileDetails>",
    "195000123/error.xml": b"<reportResponse><responseCode>4100</responseCode></reportResponse>",
    "loose/error.xml": b"<reportResponse><responseCode>4100</responseCode></reportResponse>",
    "loose/file.xml": b"<fileDetails><fileId>ab</fileId></fileDetails>",
    "several.xml": b"<all><report/><report/><fileDetails><fileId>7</fileId></fileDetails></all>",
    "a.json": b'{"reportId": 195000124}',
    "lines.json": b'{"reportId": 195000125}\n{"x": 1}\n',
    "list.csv": b"Tipline No.,Phone\n195000123,1\n,2\n",
    "report.pdf": b"%PDF-1.7",
    "words.txt": b"some words",
    "photo.xml": b"\xff\xd8\xff\xe0",
    "inner.zip": b"PK\x03\x04",
    "old.xls": b"\xd0\xcf\x11\xe0" + bytes(600),
    "empty.xml": b"",
    "empty.json": b"",
    "empty.csv": b"",
    "empty.xlsx": b"",
    "broken.xlsx": b"PK\x03\x04",
}


def documents(samples: dict[str, bytes]) -> list[SourceDocument]:
    return [SourceDocument(name=name, data=data) for name, data in samples.items()]


def accounted_for(reading: Reading) -> set[str]:
    found = {name for one in reading.found for name in one.documents}
    return found | {refusal.document for refusal in reading.refused}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_document_alone_is_found_or_refused(name: str) -> None:
    assert accounted_for(read_bundle(documents({name: SAMPLES[name]}))) == {name}


def test_all_documents_together_are_found_or_refused() -> None:
    reading = read_bundle(documents(SAMPLES))

    assert accounted_for(reading) == set(SAMPLES)
    assert all(refusal.reason for refusal in reading.refused)


@pytest.mark.parametrize("seed", range(40))
def test_spoilt_documents_are_found_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    spoilt: dict[str, bytes] = {}
    for name, data in SAMPLES.items():
        content = bytearray(data * rng.choice((1, 1, 2)))
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(content) + 1)
            content[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        spoilt[name] = bytes(content[: rng.choice((None, len(content) // 2))])

    assert accounted_for(read_bundle(documents(spoilt))) == set(spoilt)


def test_the_reasons_for_what_is_not_read_tell_the_officer_what_to_do() -> None:
    reasons = {one.document: one.reason for one in read_bundle(documents(SAMPLES)).refused}

    assert "cut short" in reasons["report.pdf"]
    assert "listed by name and size only" in reasons["photo.xml"]
    assert "save it as .xlsx" in reasons["old.xls"]
    assert "unpack" in reasons["inner.zip"]


def test_nothing_given_gives_nothing() -> None:
    assert read_bundle([]) == Reading()


def test_a_refused_report_keeps_the_number_of_its_name() -> None:
    samples = {
        "CyberTipline_195000123.pdf": b"%PDF-1.7",
        "195000124.json": b"{",
        "1234567.txt": b"a",
    }

    refused = read_bundle(documents(samples)).refused

    assert [refusal.number for refusal in refused] == ["195000123", "195000124", None]
