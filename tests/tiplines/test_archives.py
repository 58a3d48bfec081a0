"""Archives: what is refused, how deep they are opened, and what the pack of a dispatch keeps."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines import inbox, packs
from tiplines.models import Dispatch, Document, QuarantineItem, Tipline
from tiplines.models.dispatch import DocumentState
from tiplines.services.receiving import unpack_next
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db


def test_the_pack_is_a_zip_that_anyone_can_open() -> None:
    files: dict[str, bytes | dict[str, Any]] = {
        "a/1.json": json_report(),
        "अ.json": json_report("990000002"),
        "3.csv": b"x,y\n1,2\n",
    }
    dispatch = bring(zip_of(files))

    unpack_next(at=NOON)

    with zipfile.ZipFile(packs.pack_path(dispatch.pk)) as pack:
        assert pack.testzip() is None
        assert [name.partition("/")[2] for name in pack.namelist()] == list(files)


def overlapping(count: int) -> bytes:
    """A directory of which every entry names the same megabyte of nothing."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.json", b" " * 500_000 + os.urandom(5000).hex().encode())
        first = archive.infolist()[0]
        for n in range(1, count):
            twin = zipfile.ZipInfo(f"{n}.json")
            twin.compress_type = first.compress_type
            for field in ("header_offset", "CRC", "compress_size", "file_size"):
                setattr(twin, field, getattr(first, field))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
    return content.getvalue()


def quarantined() -> list[str]:
    return list(QuarantineItem.objects.order_by("pk").values_list("reason", flat=True))


def test_entries_that_overlap_are_refused() -> None:
    bring(overlapping(5000))

    unpack_next(at=NOON)

    assert any("overlap" in reason for reason in quarantined())
    assert Document.objects.count() < 150
    [account] = reconcile()
    assert account.documents_listed == account.documents


def test_archives_are_opened_three_deep_and_no_deeper() -> None:
    content = zip_of({"1.json": json_report()})
    for level in range(5):
        content = zip_of(
            {f"{level}.zip": content, f"{level}.json": json_report(f"99000001{level}")}
        )
    bring(content)

    unpack_next(at=NOON)

    assert quarantined() == ["Archives are opened to a depth of 3 only."]
    assert Document.objects.filter(state=DocumentState.WAITING).count() == 3
    assert Dispatch.objects.get().document_count == Document.objects.count()


def test_a_bomb_inside_an_archive_inside_is_refused() -> None:
    bomb = zip_of({"bomb.xml": b"<a>" + b" " * 30_000_000})
    bring(zip_of({"inner.zip": zip_of({"bomb.zip": bomb, "1.json": json_report()})}))

    unpack_next(at=NOON)

    assert quarantined() == ["The entry unpacks to more than 200 times its size."]
    assert Document.objects.filter(state=DocumentState.WAITING).count() == 1


def test_more_than_a_dispatch_may_hold_ends_the_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "TOTAL_MAX_BYTES", 3000)
    bring(zip_of({f"{n}.json": json_report(str(990_000_000 + n)) for n in range(50)}))

    unpack_next(at=NOON)

    assert "more than a dispatch may hold" in quarantined()[0]
    [account] = reconcile()
    assert account.documents_listed == account.documents < 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda data: data[:-30], "no directory", id="cut off"),
        pytest.param(
            lambda data: data.replace(b"PK\x01\x02", b"PK\x09\x09"), "directory", id="directory"
        ),
    ],
)
def test_a_damaged_archive_waits_in_quarantine(change: object, words: str) -> None:
    content = zip_of({"1.json": json_report(), "2.json": json_report("990000002")})
    bring(change(content))  # type: ignore[operator]

    work()

    assert any(words in reason for reason in quarantined())
    [account] = reconcile()
    assert account.holds, account.faults


def test_an_entry_whose_checksum_is_wrong_harms_no_other() -> None:
    content = bytearray(zip_of({"1.json": json_report(), "2.json": json_report("990000002")}))
    at = content.index(b"PK\x01\x02")
    content[at + 16 : at + 20] = struct.pack("<L", 1)
    bring(bytes(content))

    work()

    assert quarantined() == ["The entry cannot be unpacked: its size or checksum is wrong."]
    assert list(Tipline.objects.values_list("number", flat=True)) == ["990000002"]


def test_lists_are_read_after_all_reports() -> None:
    bring(
        zip_of(
            {"a.csv": b"CTR No.\n990000001\n", "b.json": json_report(), "c.csv": b"CTR No.\n7\n"}
        )
    )

    unpack_next(at=NOON)

    assert list(Document.objects.order_by("pk").values_list("name", flat=True)) == [
        *("b.json", "a.csv", "c.csv")
    ]


def test_rows_cost_the_same_number_of_statements_for_any_batch() -> None:
    counts = []
    for size in (3, 300):
        bring(zip_of({f"{n}.json": json_report(str(990_000_000 + n)) for n in range(size)}))
        with CaptureQueriesContext(connection) as captured:
            unpack_next(at=NOON)
        counts.append(len(captured))

    assert counts[0] == counts[1]
