"""The files that would cost a careless reader the most memory, as whole dispatches."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable

from tests.tiplines.hostile import bombs
from tests.tiplines.hostile.offering import MIB, between_good, noise
from tests.tiplines.hostile.workbooks import book, far_corner, shared

LARGE = 23 * MIB  # one report of the largest size that is read


def stored(name: str, data: bytes) -> bytes:
    return between_good({name: data}, method=zipfile.ZIP_STORED)


def laughs() -> bytes:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    return stored("990000001.xml", f"<!DOCTYPE r [{lines}]><report>&e11;</report>".encode())


def many(piece: bytes, size: int = LARGE) -> bytes:
    return piece * (size // len(piece))


def report_around(value: bytes) -> bytes:
    return b'{"reportId": "990000001", "odd": ' + value + b"}"


def empty_lists() -> bytes:
    return stored("1.json", report_around(b"[" + many(b"[],", LARGE // 2) + b"[]]"))


def small_numbers() -> bytes:
    return stored("1.json", report_around(b"[" + many(b"1.5,") + b"1]"))


def many_names() -> bytes:
    names = ",".join(f'"{n:07x}":1' for n in range(LARGE // 12))
    return stored("1.json", report_around(f"{{{names}}}".encode()))


def many_lines() -> bytes:
    return stored("1.jsonl", many(b"{}\n{}\n", MIB * 39 // 10))  # one document, not cut


def many_elements() -> bytes:
    return stored("990000001.xml", b"<report>" + many(b"<a/>") + b"</report>")


def many_attributes() -> bytes:
    names = " ".join(f"a{n}='1'" for n in range(LARGE // 14))
    return stored("990000001.xml", f"<report {names}/>".encode())


def many_cells() -> bytes:
    return stored("list.csv", b"CTR No,Remarks\n990000001," + many(b"ab,") + b"\n")


def many_rows() -> bytes:
    return stored("list.csv", b"CTR No,Remarks\n" + many(b"\n,\n", LARGE // 3))


def prose_to_mine() -> bytes:
    """Text that looks like identifiers everywhere and is none anywhere."""
    text = many(b"a@b.1.2.3.4:9 +91 98-1 https://x ", 8 * MIB).decode()
    told = {"additionalInformations": [{"value": text}]}
    whole = {"reportId": "990000001", "reportedInformation": told}
    return stored("1.json", json.dumps(whole).encode())


def overlapping() -> bytes:
    return between_good({"bomb.zip": bombs.overlapping(1000, kernel_bytes=MIB)})


def liar() -> bytes:
    """Claims a kilobyte and unpacks to half a gigabyte."""
    data = bytes(512 * MIB)
    packed = bombs.deflated(data)
    entry = bombs.Part(name=b"1.json", packed=packed, size=1024, crc=0)
    return between_good({"inner.zip": bombs.archive([entry])})


def random_archive() -> bytes:
    data = random.Random(1).randbytes(MIB)
    return stored("1.zip", b"PK\x03\x04" + data + b"PK\x05\x06" * 30_000)


def workbook(data: bytes) -> bytes:
    return stored("list.xlsx", data)


def many_filled_cells() -> bytes:
    """As many as a list may have, each with a text of its own."""
    letters = noise(8 * MIB)
    rows = (letters[at : at + 120] for at in range(0, len(letters), 120))
    return book([["CTR No", *(row[at : at + 10] for at in range(0, 120, 10))] for row in rows])


def workbook_of_zeros() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (150 * MIB))
    return workbook(target.getvalue())


WORST: dict[str, Callable[[], bytes]] = {
    "billion laughs": laughs,
    "JSON of empty lists": empty_lists,
    "JSON of numbers": small_numbers,
    "JSON of names": many_names,
    "JSON of empty lines": many_lines,
    "XML of empty elements": many_elements,
    "XML of attributes": many_attributes,
    "CSV of one row": many_cells,
    "CSV of empty rows": many_rows,
    "prose full of near misses": prose_to_mine,
    "overlapping entries": overlapping,
    "an entry that lies": liar,
    "many ends of an archive": random_archive,
    "workbook with a far corner": lambda: workbook(far_corner("XFD1048576")),
    "workbook just under the limit": lambda: workbook(far_corner("E999999")),
    "workbook of one long text": lambda: workbook(shared(noise(MIB), times=3000)),
    "workbook of spaces": workbook_of_zeros,
    "workbook of cells": lambda: workbook(many_filled_cells()),
}
