"""The commands of intake: what they print and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.factories import NOON, make_officer
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import QuarantineItem, Receipt, Tipline, Version
from tiplines.services.quarantine import set_aside

pytestmark = pytest.mark.django_db
WRITTEN_ELSEWHERE = Path(__file__).parent / "parsing" / "data" / "195000120"


@pytest.fixture(autouse=True)
def folder_of_uploads() -> None:
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)


def printed(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_an_import_prints_its_receipt(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(json.dumps(json_report()))

    receipt = json.loads(printed("import_dispatch", str(tmp_path / "1.json"), reference="R/1"))

    assert (receipt["reference"], receipt["repeated"], receipt["received"]) == ("R/1", False, 0)


def test_the_same_file_again_says_so_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(json.dumps(json_report()))
    printed("import_dispatch", str(tmp_path / "1.json"))
    work()

    receipt = json.loads(printed("import_dispatch", str(tmp_path / "1.json")))

    assert receipt["repeated"] is True
    assert receipt["stored"] == Tipline.objects.count() == 1


def test_a_picture_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(50))

    with pytest.raises(CommandError, match="refused at the door"):
        printed("import_dispatch", str(tmp_path / "photo.jpg"))


def test_without_workers_waiting_ends_in_words(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(json.dumps(json_report()))

    with pytest.raises(CommandError, match="are workers running"):
        printed("import_dispatch", str(tmp_path / "1.json"), wait=True, wait_seconds=0.1)


def test_everything_of_an_independent_writer_s_report_is_kept_and_shown() -> None:
    printed("import_dispatch", str(WRITTEN_ELSEWHERE))
    work()

    shown = json.loads(printed("show_tipline", "195000120", json=True, purpose="a test"))

    [version] = shown["versions"]
    assert version["unread"] == []
    kept = set(texts(version["source"]))
    wanted = {
        text
        for path in WRITTEN_ELSEWHERE.glob("*.xml")
        for element in ElementTree.parse(path).iter()
        for text in (element.tag, (element.text or "").strip(), *element.attrib.values())
        if text
    }
    assert len(wanted) > 300
    assert wanted - kept == set()


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key.removeprefix("@")
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif value is not None:
        yield str(value)


def test_reconcile_ends_well_when_the_law_holds() -> None:
    bring(zip_of({"1.json": json_report()}))
    work()

    assert "holds for 1 dispatches" in printed("reconcile")


def test_reconcile_prints_what_waits_in_quarantine_and_what_was_set_aside() -> None:
    bring(zip_of({"1.json": b"{", "2.json": b"["}))
    work()
    first = QuarantineItem.objects.order_by("pk")[0]
    set_aside(item_ids=[first.pk], reason="no report", by=make_officer(), at=NOON)

    heading, row, *_ = printed("reconcile").splitlines()

    assert heading.split("  ")[1:4] == ["received", "quarantined", "set aside"]
    assert row.split()[1:4] == ["2", "1", "1"]


def test_reconcile_ends_badly_when_a_tipline_is_gone() -> None:
    bring(zip_of({"1.json": json_report()}))
    work()
    Receipt.objects.all().delete()
    Version.objects.all().delete()
    Tipline.objects.all().delete()
    out = StringIO()

    with pytest.raises(SystemExit) as ending:
        call_command("reconcile", stdout=out)

    assert ending.value.code == 1
    assert "does not hold" in out.getvalue()
