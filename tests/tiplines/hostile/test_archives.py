"""Hostile archives through the whole intake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from tests.tiplines.hostile import bombs
from tests.tiplines.hostile.bombs import Part, part
from tests.tiplines.hostile.offering import GOOD, MIB, noise, numbers, offer, outcome, refusal
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Document, QuarantineItem, Receipt, Tipline
from tiplines.models.dispatch import DocumentState
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db

SPACES = b" " * (32 * MIB)


def good(number: str, name: str = "") -> Part:
    return part(name or f"{number}.json", json.dumps(json_report(number)).encode())


def nested(depth: int, data: Mapping[str, bytes]) -> bytes:
    packed = zip_of(data)
    for level in range(depth):
        packed = zip_of({f"{level}.zip": packed})
    return packed


# --- bombs --------------------------------------------------------------------------------------


def test_an_entry_that_unpacks_to_far_more_is_refused() -> None:
    item = refusal("bomb.json", SPACES)

    assert "unpacks to more than 200 times its size" in item.reason


def test_a_bomb_that_is_no_text_is_listed_and_not_unpacked() -> None:
    assert not offer({"bomb.json": bytes(32 * MIB)})

    assert Document.objects.get(name="bomb.json").state == DocumentState.LISTED


@pytest.mark.parametrize("depth", [0, 1])
def test_a_bomb_inside_archives_is_found_where_it_lies(depth: int) -> None:
    [item] = offer({"outer.zip": nested(depth, {"bomb.json": SPACES})})

    assert "200 times its size" in item.reason
    assert item.document.name == "outer.zip/" + "0.zip/" * depth + "bomb.json"
    assert numbers() == set(GOOD)


def test_archives_in_archives_end_at_a_depth() -> None:
    [item] = offer({"outer.zip": nested(5, {"1.json": json.dumps(json_report()).encode()})})

    assert "opened to a depth of 3 only" in item.reason
    assert item.document.name == "outer.zip/4.zip/3.zip"


def test_an_archive_that_holds_itself_many_times_stays_small() -> None:
    """Ten archives in each of ten in each of ten: by names alone there is no end to them."""
    packed = zip_of({"1.json": json.dumps(json_report()).encode()})
    for _ in range(4):
        packed = zip_of({f"{n}.zip": packed for n in range(6)})

    items = offer({"outer.zip": packed})

    assert len(items) == 36
    assert all("opened to a depth of 3 only" in item.reason for item in items)


def test_overlapping_entries_are_refused() -> None:
    packed = bombs.overlapping(200, kernel_bytes=MIB)
    assert len(packed) < 32 * 1024

    items = offer({"bomb.zip": packed})

    assert items
    assert any("entries overlap each other" in item.reason for item in items)
    assert numbers() == set(GOOD)


def test_a_dispatch_of_overlapping_entries_is_refused_and_what_stood_before_them_goes_in() -> None:
    first, second = (good(number) for number in GOOD)
    body = b"".join(bombs.local(each) + each.packed for each in (first, second))
    begins = bombs.LOCAL.size + len(first.name) + len(first.packed)
    again = [replace(second, name=f"again {n}.json".encode(), offset=begins) for n in range(100)]
    placed = [replace(first, offset=0), replace(second, offset=begins), *again]
    bring(bombs.archive(placed, body=body))

    items = outcome()

    assert any("entries overlap each other" in item.reason for item in items)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        pytest.param({"size": 10}, "more than", id="claims to be smaller"),
        pytest.param({"size": 9000}, "cannot be unpacked", id="claims to be larger"),
        pytest.param({"crc": 1}, "checksum", id="claims another checksum"),
        pytest.param({"packed_size": 50}, "cannot be unpacked", id="claims to be packed smaller"),
        pytest.param({"offset": 3}, "cannot be unpacked", id="claims another place"),
        pytest.param({"offset": 2**31}, "cannot be unpacked", id="claims a place behind the end"),
        pytest.param({"method": 12}, "method 12", id="packed in another way"),
        pytest.param({"flags": 1}, "password", id="encrypted"),
    ],
)
def test_an_entry_that_lies_about_itself_is_refused(claims: dict[str, int], words: str) -> None:
    data = json.dumps(json_report("990000001", note=noise(8000))).encode()
    liar = part("liar.json", data, **claims)
    bring(bombs.archive([good(GOOD[0]), liar, good(GOOD[1])]))

    [item] = outcome()

    assert words in item.reason
    assert item.document.name == "liar.json"
    assert numbers() == set(GOOD)


@pytest.mark.parametrize("count", [0, 1, 4, 60_000])
def test_a_directory_that_states_another_count_is_told(count: int) -> None:
    bring(bombs.archive([*(good(number) for number in GOOD), good("990000001")], count=count))

    [item] = outcome()

    assert "directory holds 3 entries and states" in item.reason


# --- names --------------------------------------------------------------------------------------

NAMES = {
    "parents": "../../../outside.json",
    "parents, backslashes": "..\\..\\outside.json",
    "absolute": "/outside.json",
    "drive": "C:\\Windows\\outside.json",
    "share": "\\\\server\\share\\outside.json",
    "NUL": "outside.json\0.jpg",
    "NUL before the end": "out\0side.json",
    "device": "CON",
    "line break": "a\r\nb.json",
    "bidi": "annexe\u202enosj.json",
    "formula": "=cmd|'/c calc'!A1.json",
    "markup": "<img src=x onerror=alert(1)>.json",
    "template": "{{ settings.SECRET_KEY }}.json",
    "long": "n" * 3000 + ".json",
    "deep": "d/" * 2000 + "1.json",
    "dots": "..",
    "space": " ",
    "empty": "",
    "joined emoji": "👨‍👩‍👧.json",
}


@pytest.mark.parametrize("kind", NAMES)
def test_any_name_is_a_name_only(kind: str) -> None:
    odd = good("990000001", "odd")
    encoded = NAMES[kind].encode()
    bring(bombs.archive([good(GOOD[0]), replace(odd, name=encoded), good(GOOD[1])]))

    items = outcome()

    assert not [item for item in items if item.document.name.startswith("9900000")]
    document = Document.objects.exclude(name__in=[f"{number}.json" for number in GOOD]).get()
    assert "\0" not in document.name
    assert "990000001" in numbers() or items or document.state == DocumentState.LISTED
    kept = {path.parent.name for path in Path(settings.DATA).rglob("*") if path.is_file()}
    assert kept == {"originals"}
    assert not list(Path(settings.DATA).parent.glob("**/outside*"))
    assert not Path("/outside.json").exists()


@pytest.mark.parametrize("kind", ["parents", "absolute", "drive", "bidi", "formula", "markup"])
def test_a_report_of_any_name_goes_in(kind: str) -> None:
    odd = good("990000001", NAMES[kind])
    bring(bombs.archive([odd]))

    assert not outcome(good=("990000001",))


def test_bytes_that_are_no_utf8_name_a_document_too() -> None:
    bring(bombs.archive([good(GOOD[0]), replace(good(GOOD[1]), name=b"\xff\xfe.json")]))

    assert not outcome()


def test_two_entries_of_one_name_are_two_documents() -> None:
    bring(bombs.archive([good(GOOD[0], "same.json"), good(GOOD[1], "same.json")]))

    assert not outcome()

    assert Document.objects.filter(name="same.json").count() == 2


def test_of_two_xml_files_of_one_name_the_broken_one_waits_and_the_other_goes_in() -> None:
    report = b"<report><incidentSummary/></report>"
    name = "990000001/report.xml"
    bring(
        bombs.archive([part(name, b"<report>"), part(name, report), *(good(one) for one in GOOD)])
    )

    [item] = outcome()

    assert item.document.position == 0
    assert "990000001" in numbers()


def test_a_link_is_text_and_is_not_followed() -> None:
    link = part("990000001.json", b"/etc/passwd", attributes=bombs.SYMLINK)
    bring(bombs.archive([good(GOOD[0]), link, good(GOOD[1])]))

    [item] = outcome()

    assert "not JSON" in item.reason
    assert item.document.size_bytes == len("/etc/passwd")


# --- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_dispatch_waits_as_a_whole(share: float) -> None:
    whole = zip_of({f"{n}.json": json_report(str(990000000 + n)) for n in range(20)})
    bring(whole[: int(len(whole) * share)])

    [item] = outcome(good=())

    assert "cannot be opened" in item.reason
    assert "directory" in item.reason


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_archive_inside_waits_and_the_rest_goes_in(share: float) -> None:
    whole = zip_of({f"{n}.json": json_report(str(990000000 + n)) for n in range(20)})

    item = refusal("inner.zip", whole[: int(len(whole) * share)])

    assert "archive inside cannot be opened" in item.reason


def test_damage_in_one_entry_leaves_the_others_whole() -> None:
    whole = bytearray(bombs.archive([good(GOOD[0]), good("990000001"), good(GOOD[1])]))
    at = whole.index(b"990000001.json") + 60
    whole[at : at + 20] = bytes(20)
    bring(bytes(whole))

    [item] = outcome()

    assert item.document.name == "990000001.json"
    assert "cannot be unpacked" in item.reason


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"PK\x03\x04", id="a signature alone"),
        pytest.param(b"PK\x05\x06", id="half an end"),
        pytest.param(b"PK\x03\x04" + b"\0" * 5000, id="zeros"),
        pytest.param(b"PK\x03\x04" + b"PK\x05\x06" + b"\xff" * 18, id="an end of full fields"),
        pytest.param(b"PK\x03\x04" + b"PK\x05\x06" * 30_000, id="many ends"),
    ],
)
def test_what_only_begins_like_an_archive_waits(data: bytes) -> None:
    item = refusal("inner.zip", data)

    assert "archive inside cannot be opened" in item.reason


def test_an_empty_archive_is_no_loss() -> None:
    """Nothing came and nothing is missing: the dispatch itself says what it holds."""
    offer({"inner.zip": zip_of({})})

    assert numbers() == set(GOOD)


def test_the_same_bytes_never_hurt_twice() -> None:
    packed = bombs.overlapping(50, kernel_bytes=MIB)
    for name in ("first", "second"):
        bring(zip_of({f"{name}.zip": packed, "1.json": json_report()}))
        work()

    assert Tipline.objects.count() == 1
    assert all(account.holds for account in reconcile())
    assert QuarantineItem.objects.filter(reason__contains="overlap").count() == 2
    assert Receipt.objects.count() == 2


def test_a_disguised_archive_is_opened_by_its_bytes() -> None:
    packed = zip_of({"1.json": json_report("990000001")})

    items = offer({"report.json": packed})

    assert not items
    assert "990000001" in numbers()
