"""From a file at the door to rows: nothing lost, nothing twice, nothing kept that is not text."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from tests.factories import NOON, make_gazetteer_version
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines import inbox, packs
from tiplines.making.dispatch import make_dispatch
from tiplines.models import Document, QuarantineItem, Receipt, Sighting, Tipline, Version
from tiplines.models.dispatch import Channel, DocumentState
from tiplines.services.reading import read_next
from tiplines.services.receiving import DuplicateDispatch, receive_paths, tidy, unpack_next
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 60


def test_a_report_becomes_a_tipline_with_what_it_says() -> None:
    bring(zip_of({"a/990000001.json": json_report()}))

    work()

    tipline = Tipline.objects.get()
    assert tipline.number == "990000001"
    assert tipline.provider == "Google"
    assert tipline.suspect_line.startswith("Ravi Nair")
    assert tipline.urgency > 0
    assert tipline.preserved_until == tipline.ncmec_received_at + timedelta(days=365)  # type: ignore[operator]
    assert set(Sighting.objects.values_list("identifier__kind", "identifier__value")) >= {
        ("email", "r990000001@example.com"),
        ("account", "google:user-990000001"),
    }


def test_a_made_dispatch_comes_out_as_it_was_made() -> None:
    target = io.BytesIO()
    made = make_dispatch(60, 3, to=target)
    bring(target.getvalue())

    work()

    [account] = reconcile()
    assert account.holds, account.faults
    assert Tipline.objects.count() == account.stored == made.reports
    assert account.quarantined == made.broken
    assert Document.objects.filter(state=DocumentState.LISTED).count() == made.media
    assert not Tipline.objects.filter(is_stub=True).exists()


def test_the_same_bytes_again_change_nothing_and_say_so() -> None:
    content = zip_of({"1.json": json_report()})
    first = bring(content)
    work()
    before = (Tipline.objects.count(), Version.objects.count(), Receipt.objects.count())

    with pytest.raises(DuplicateDispatch) as refusal:
        bring(content)

    assert refusal.value.held == first
    assert before == (Tipline.objects.count(), Version.objects.count(), Receipt.objects.count())
    assert Event.objects.filter(verb="dispatch.repeated").count() == 1


def test_the_same_reports_packed_anew_are_already_held() -> None:
    bring(zip_of({"1.json": json_report()}))
    work()
    bring(zip_of({"other/name.json": json_report()}))

    work()

    assert Version.objects.count() == 1
    assert [each.already_held for each in reconcile()] == [0, 1]


def test_a_changed_report_adds_a_version_with_the_difference() -> None:
    bring(zip_of({"1.json": json_report()}))
    work()
    bring(zip_of({"1.json": json_report(dateReceived="2026-10-21T10:00:00Z")}))

    work()

    newest = Version.objects.order_by("-number").first()
    assert newest is not None
    assert newest.number == 2
    assert [change[1:] for change in newest.difference] == [
        ["2026-10-20T10:00:00Z", "2026-10-21T10:00:00Z"]
    ]
    assert Tipline.objects.get().assessed_at is not None
    assert all(account.holds for account in reconcile())


def test_an_older_content_again_is_already_held() -> None:
    for name, received in (("a", "20"), ("b", "21"), ("c", "20")):
        bring(zip_of({f"{name}.json": json_report(dateReceived=f"2026-10-{received}T10:00:00Z")}))
        work()

    assert Version.objects.count() == 2


def test_files_that_come_apart_from_their_report_add_to_it() -> None:
    report = (
        b"<report><incidentSummary><incidentType>Child Sex Trafficking</incidentType>"
        b"<incidentDateTime>2026-10-18T18:45:00Z</incidentDateTime></incidentSummary>"
        b"<reporter><reportingPerson><firstName>Example</firstName></reportingPerson></reporter>"
        b"</report>"
    )
    files = (
        b"<fileDetails><reportId>990000001</reportId><fileId>ab</fileId>"
        b"<originalFileHash hashType='MD5'>0123456789abcdef0123456789abcdef</originalFileHash>"
        b"</fileDetails>"
    )
    bring(zip_of({"990000001/report.xml": report}))
    work()
    bring(zip_of({"990000001/fileDetails-1.xml": files}))
    work()
    bring(zip_of({"990000001/fileDetails-2.xml": files}))

    work()

    tipline = Tipline.objects.get()
    assert tipline.incident_type == "Child Sex Trafficking"
    assert tipline.versions.count() == 2
    assert tipline.files.count() == tipline.file_count == 1


def test_a_covering_list_alone_makes_stubs_that_the_report_completes() -> None:
    bring(b"CTR No.,Suspect Name\n990000001,Ravi Nair\n990000002,Sita Das\n", name="list.csv")
    work()
    assert set(Tipline.objects.values_list("number", "is_stub")) == {
        ("990000001", True),
        ("990000002", True),
    }

    bring(zip_of({"1.json": json_report("990000001")}))
    work()

    assert set(Tipline.objects.values_list("number", "is_stub")) == {
        ("990000001", False),
        ("990000002", True),
    }


def test_a_broken_file_waits_in_quarantine_and_the_rest_goes_on() -> None:
    bring(zip_of({"1.json": json_report(), "2.json": b'{"reportId": "99', "3.txt": b"a note"}))

    work()

    assert Tipline.objects.count() == 1
    items = QuarantineItem.objects.order_by("document__name")
    assert [item.document.name for item in items] == ["2.json", "3.txt"]
    assert all(item.reason for item in items)
    [account] = reconcile()
    assert (account.received, account.stored, account.quarantined) == (3, 1, 2)


def test_media_are_listed_by_name_and_size_and_never_kept() -> None:
    dispatch = bring(zip_of({"1.json": json_report(), "photo.jpg": JPEG, "fake.xml": JPEG}))

    work()

    listed = Document.objects.filter(state=DocumentState.LISTED).order_by("name")
    assert [(row.name, row.size_bytes, row.sha256, row.offset) for row in listed] == [
        ("fake.xml", len(JPEG), "", None),
        ("photo.jpg", len(JPEG), "", None),
    ]
    kept = [path for path in Path(settings.DATA).rglob("*") if path.is_file()]
    assert kept == [packs.pack_path(dispatch.pk)]
    with zipfile.ZipFile(kept[0]) as pack:
        assert not any(JPEG[:8] in pack.read(name) for name in pack.namelist())


def test_a_single_picture_is_refused_at_the_door() -> None:
    with pytest.raises(inbox.NotText):
        bring(JPEG, name="report.json")

    assert not [path for path in Path(settings.DATA).rglob("*") if path.is_file()]


def test_a_picture_inside_a_workbook_is_not_kept(tmp_path: Path) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/media/image1.jpeg", JPEG)

    kept = inbox.workbook_text(book.getvalue())

    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        assert archive.namelist() == ["xl/workbook.xml"]


def test_an_archive_that_cannot_be_opened_is_quarantined_as_a_whole() -> None:
    bring(zip_of({"1.json": json_report()})[:-30])

    work()

    assert "cannot be opened" in QuarantineItem.objects.get().reason
    [account] = reconcile()
    assert account.holds
    assert account.quarantined == 1


def test_an_archive_inside_an_archive_is_opened() -> None:
    bring(zip_of({"inner.zip": zip_of({"1.json": json_report()})}))

    work()

    assert Document.objects.get().name == "inner.zip/1.json"
    assert Tipline.objects.count() == 1


def test_what_unpacks_to_far_more_than_it_is_is_refused() -> None:
    bring(zip_of({"1.json": json_report(), "bomb.json": b" " * (inbox.MIB * 8)}))

    work()

    assert Tipline.objects.count() == 1
    assert "times its size" in QuarantineItem.objects.get().reason


def test_a_folder_goes_in_like_an_archive_and_only_once(tmp_path: Path) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "1.json").write_text(json.dumps(json_report()))
    (tmp_path / "in" / "photo.jpg").write_bytes(JPEG)
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    common = {"paths": [tmp_path / "in"], "channel": Channel.COMMAND, "by": None, "at": NOON}
    receive_paths(**common)  # type: ignore[arg-type]
    os.utime(tmp_path / "in" / "a" / "1.json", (0, 0))

    with pytest.raises(DuplicateDispatch):
        receive_paths(**common)  # type: ignore[arg-type]

    work()
    assert Tipline.objects.count() == 1
    listed = Document.objects.get(state=DocumentState.LISTED)
    assert (listed.name, listed.size_bytes) == ("photo.jpg", len(JPEG))


def test_what_the_database_cannot_hold_does_not_stop_the_batch() -> None:
    report = json_report()
    report["reportedInformation"]["reportedPeople"]["reportedPersons"][0]["lastName"] = "N\x00ir"
    bring(zip_of({"1.json": report, "2.json": json_report("990000002")}))

    work()

    assert Tipline.objects.count() == 2
    assert all(account.holds for account in reconcile())


def test_names_in_an_archive_are_shown_but_never_paths(tmp_path: Path) -> None:
    bring(zip_of({"../../outside.json": json_report(), "/etc/x.json": json_report("990000002")}))

    work()

    assert set(Document.objects.values_list("name", flat=True)) == {
        "../../outside.json",
        "/etc/x.json",
    }
    assert not (Path(settings.DATA).parent / "outside.json").exists()


def test_a_lost_tipline_breaks_the_law() -> None:
    bring(zip_of({"1.json": json_report()}))
    work()
    Receipt.objects.all().delete()
    Version.objects.all().delete()
    Tipline.objects.all().delete()

    [account] = reconcile()

    assert not account.holds


def test_a_status_without_its_decision_breaks_the_law() -> None:
    bring(zip_of({"1.json": json_report()}))
    work()
    Tipline.objects.update(status="closed")

    [account] = reconcile()

    assert account.faults == ("1 tiplines contradict their decision",)


def test_reading_costs_the_same_number_of_statements_for_any_batch() -> None:
    make_gazetteer_version()
    counts = []
    for start, size in ((1, 2), (100, 40)):
        bring(
            zip_of(
                {f"{n}.json": json_report(str(990000000 + n)) for n in range(start, start + size)}
            )
        )
        unpack_next(at=NOON)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read_next(at=NOON)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_what_a_crash_left_behind_is_removed_and_what_is_needed_stays() -> None:
    waiting = bring(zip_of({"1.json": json_report()}))
    left = inbox.folder("incoming") / ".123-draft"
    left.write_bytes(JPEG)
    for path in (left, inbox.incoming(waiting.sha256)):
        os.utime(path, (0, 0))

    assert tidy(at=NOON) == 1

    assert not left.exists()
    work()
    assert Tipline.objects.count() == 1
