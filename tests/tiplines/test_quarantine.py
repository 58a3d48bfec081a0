"""What cannot be read waits for an officer: read again, replaced, set aside, and always counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from tests.factories import NOON, make_officer
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines import inbox, packs
from tiplines.models import Dispatch, Document, QuarantineItem, Tipline, Version
from tiplines.models.dispatch import DocumentState, Settlement
from tiplines.parsing.records import Reading, Refusal
from tiplines.services import quarantine, reading
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 60
REPORT = (
    b"<report><incidentSummary><incidentType>Child Sex Trafficking</incidentType>"
    b"<incidentDateTime>2026-10-18T18:45:00Z</incidentDateTime></incidentSummary>"
    b"<reporter><reportingPerson><firstName>Example</firstName></reportingPerson></reporter>"
    b"</report>"
)
FILES = (
    b"<fileDetails><reportId>990000001</reportId><fileId>ab</fileId>"
    b"<originalFileHash hashType='MD5'>0123456789abcdef0123456789abcdef</originalFileHash>"
    b"</fileDetails>"
)
LIST = b"CTR No.,Suspect Name\n990000001,Ravi Nair\n,Nobody\n990000002,Sita Das\n,No One\n"


@pytest.fixture
def analyst(client: Client) -> User:
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    officer = make_officer(Role.ANALYST)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return officer


def broken(**files: bytes) -> Dispatch:
    """A dispatch worked, with something in it that cannot be read."""
    dispatch = bring(zip_of({"1.json": json_report("990000001"), "2.json": b"{", **files}))
    work()
    return dispatch


def on_disk(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return path


def check_law() -> None:
    for account in reconcile():
        assert account.holds, account.faults


def better_reader(bundle: Any, mappings: Any) -> Reading:
    """Refuses again, in other words."""
    return Reading(refused=tuple(Refusal(document=row.name, reason="still no") for row in bundle))


# Reading again


def test_what_is_read_again_and_still_fails_comes_back_as_a_new_item(analyst: User) -> None:
    broken()
    item = QuarantineItem.objects.get()
    Dispatch.objects.update(finished_at=NOON)

    assert quarantine.read_again(item_ids=[item.pk], by=analyst, at=NOON) == 1

    document = Document.objects.get(pk=item.document_id)
    assert (document.state, document.leads) == (DocumentState.WAITING, True)
    assert Dispatch.objects.get().finished_at is None
    check_law()
    work()
    item.refresh_from_db()
    assert (item.settlement, item.settled_by, item.settled_at) == ("read-again", analyst, NOON)
    assert QuarantineItem.objects.open().get().document_id == item.document_id
    [account] = reconcile()
    assert account.holds
    assert (account.received, account.stored, account.quarantined) == (2, 1, 1)
    [event] = Event.objects.filter(verb="quarantine.read-again")
    assert (event.subject, event.actor_id) == (f"quarantine:{item.pk}", analyst.pk)


def test_a_reader_that_has_become_better_gives_the_report(
    analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zip_of({"1.json": json_report()})
    with monkeypatch.context() as old:
        old.setattr(reading, "read", better_reader)
        bring(content)
        work()
    item = QuarantineItem.objects.get()

    quarantine.read_again(item_ids=[item.pk], by=analyst, at=NOON)
    work()

    assert Tipline.objects.get().number == "990000001"
    assert not QuarantineItem.objects.open().exists()
    [account] = reconcile()
    assert (account.received, account.quarantined) == (1, 0)
    check_law()


def test_a_list_is_read_again_whole_and_what_is_held_stays_as_it_is(analyst: User) -> None:
    bring(LIST, name="list.csv")
    work()
    first, second = QuarantineItem.objects.order_by("pk")

    settled = quarantine.read_again(item_ids=[first.pk], by=analyst, at=NOON)

    assert settled == 2
    work()
    assert Version.objects.count() == Tipline.objects.count() == 2
    assert QuarantineItem.objects.open().count() == 2
    second.refresh_from_db()
    assert second.settlement == Settlement.READ_AGAIN
    [account] = reconcile()
    assert account.holds
    assert (account.received, account.stored) == (4, 2)


def test_a_row_set_aside_does_not_come_back_when_its_list_is_read_again(analyst: User) -> None:
    bring(LIST, name="list.csv")
    work()
    first, second = QuarantineItem.objects.order_by("pk")
    quarantine.set_aside(item_ids=[first.pk], reason="an empty row", by=analyst, at=NOON)

    quarantine.read_again(item_ids=[second.pk], by=analyst, at=NOON)
    work()

    assert [item.place for item in QuarantineItem.objects.open()] == [second.place]
    [account] = reconcile()
    assert account.holds
    assert (account.received, account.quarantined, account.set_aside) == (4, 1, 1)


def test_documents_of_one_report_are_read_again_together(analyst: User) -> None:
    bring(zip_of({"990000001/report.xml": REPORT, "990000001/fileDetails-1.xml": FILES[:-9]}))
    work()
    item = QuarantineItem.objects.get()

    quarantine.read_again(item_ids=[item.pk], by=analyst, at=NOON)

    waiting = Document.objects.filter(state=DocumentState.WAITING).order_by("position")
    assert [row.leads for row in waiting] == [True, False]
    work()
    assert Tipline.objects.get().number == "990000001"
    assert Version.objects.count() == 1
    check_law()


def test_two_officers_settle_one_item_once(analyst: User) -> None:
    broken()
    item = QuarantineItem.objects.get()
    quarantine.read_again(item_ids=[item.pk], by=analyst, at=NOON)

    with pytest.raises(quarantine.NothingOpen):
        quarantine.set_aside(item_ids=[item.pk], reason="x", by=make_officer(), at=NOON)

    assert not Event.objects.filter(verb="quarantine.set-aside").exists()


def test_what_was_never_kept_cannot_be_read_again(analyst: User) -> None:
    bring(zip_of({"1.json": json_report()})[:-30])
    work()

    with pytest.raises(quarantine.NotKept):
        quarantine.read_again(item_ids=[QuarantineItem.objects.get().pk], by=analyst, at=NOON)


def test_an_officer_outside_the_unit_settles_nothing() -> None:
    broken()
    item = QuarantineItem.objects.get()

    with pytest.raises(quarantine.NothingOpen):
        quarantine.read_again(item_ids=[item.pk], by=make_officer(Role.DISTRICT), at=NOON)


# Replacing


def test_a_mended_file_takes_the_place_of_the_bad_one(analyst: User, tmp_path: Path) -> None:
    dispatch = broken()
    item = QuarantineItem.objects.get()
    pack = packs.pack_path(dispatch.pk).read_bytes()
    path = on_disk(tmp_path, zip_of({"x": json_report("990000002")}))
    path.write_bytes(b'{"reportId": "990000002"}')

    [new] = quarantine.replace(item_id=item.pk, path=path, name="mended.json", by=analyst, at=NOON)

    assert (new.replaces_id, new.dispatch_id) == (item.document_id, dispatch.pk)
    check_law()
    work()
    assert set(Tipline.objects.values_list("number", flat=True)) == {"990000001", "990000002"}
    assert packs.pack_path(dispatch.pk).read_bytes() == pack
    [account] = reconcile()
    assert account.holds, account.faults
    assert (account.documents_listed, account.documents) == (2, 2)
    assert (account.received, account.stored, account.quarantined) == (2, 2, 0)


def test_a_replacement_is_read_with_the_rest_of_its_report(analyst: User, tmp_path: Path) -> None:
    bring(zip_of({"990000001/report.xml": REPORT, "990000001/fileDetails-1.xml": FILES[:-9]}))
    work()
    assert Tipline.objects.get().file_count == 0
    path = on_disk(tmp_path, FILES)

    quarantine.replace(
        item_id=QuarantineItem.objects.get().pk,
        path=path,
        name="fileDetails-1.xml",
        by=analyst,
        at=NOON,
    )
    work()

    tipline = Tipline.objects.get()
    assert (tipline.incident_type, tipline.file_count) == ("Child Sex Trafficking", 1)
    check_law()


def test_an_archive_stands_for_all_that_is_in_it(analyst: User, tmp_path: Path) -> None:
    whole = zip_of({"1.json": json_report(), "2.json": json_report("990000002"), "a.jpg": JPEG})
    dispatch = bring(whole[:-30])
    work()
    path = on_disk(tmp_path, whole)

    new = quarantine.replace(
        item_id=QuarantineItem.objects.get().pk, path=path, name="whole.zip", by=analyst, at=NOON
    )
    work()

    assert len(new) == 2
    assert Tipline.objects.count() == 2
    check_law()
    kept = set(Path(settings.DATA).rglob("*.zip"))
    bad = new[0].replaces_id
    assert kept == {
        packs.pack_path(dispatch.pk),
        packs.pack_path(dispatch.pk, instead_of=bad),
    }
    assert not any(JPEG[:8] in path.read_bytes() for path in kept)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(JPEG, inbox.NotText, id="a picture"),
        pytest.param(zip_of({"a.jpg": JPEG}), inbox.NotText, id="an archive of pictures"),
        pytest.param(zip_of({}), quarantine.CannotReplace, id="an empty archive"),
        pytest.param(
            zip_of({"1.json": json_report()})[:-30],
            quarantine.CannotReplace,
            id="a damaged archive",
        ),
    ],
)
def test_what_cannot_take_the_place_changes_nothing(
    analyst: User, tmp_path: Path, content: bytes, refusal: type[Exception]
) -> None:
    broken()
    item = QuarantineItem.objects.get()
    documents = Document.objects.count()

    with pytest.raises(refusal):
        quarantine.replace(
            item_id=item.pk, path=on_disk(tmp_path, content), name="x.zip", by=analyst, at=NOON
        )

    item.refresh_from_db()
    assert item.settled_at is None
    assert Document.objects.count() == documents
    assert len(list(Path(settings.DATA).rglob("*.zip"))) == 1


def test_a_replacement_can_fail_and_be_replaced_again(analyst: User, tmp_path: Path) -> None:
    broken()
    for content in (b"{{", b'{"reportId": "990000002"}'):
        quarantine.replace(
            item_id=QuarantineItem.objects.open().get().pk,
            path=on_disk(tmp_path, content),
            name="2.json",
            by=analyst,
            at=NOON,
        )
        work()
        check_law()

    assert Tipline.objects.count() == 2
    assert not QuarantineItem.objects.open().exists()


def test_a_lost_replacement_breaks_the_law(analyst: User, tmp_path: Path) -> None:
    broken()
    path = on_disk(tmp_path, b"{{")
    [new] = quarantine.replace(
        item_id=QuarantineItem.objects.get().pk, path=path, name="2.json", by=analyst, at=NOON
    )

    Document.objects.filter(pk=new.pk).delete()

    assert reconcile()[0].faults == ("1 documents left no trace",)


def test_an_item_that_is_gone_breaks_the_law(analyst: User) -> None:
    broken()

    QuarantineItem.objects.all().delete()

    assert reconcile()[0].faults == ("1 documents left no trace",)


# Setting aside


def test_what_is_set_aside_is_still_counted(analyst: User) -> None:
    broken()
    item = QuarantineItem.objects.get()

    quarantine.set_aside(item_ids=[item.pk], reason=" not a report ", by=analyst, at=NOON)

    [account] = reconcile()
    assert account.holds
    assert (account.received, account.quarantined, account.set_aside) == (2, 0, 1)
    item.refresh_from_db()
    assert item.settlement_note == "not a report"
    [event] = Event.objects.filter(verb="quarantine.set-aside")
    assert "report" not in str(event.detail)


def test_nothing_is_set_aside_without_a_reason(analyst: User) -> None:
    broken()

    with pytest.raises(ValueError, match="reason"):
        quarantine.set_aside(
            item_ids=[QuarantineItem.objects.get().pk], reason="  ", by=analyst, at=NOON
        )

    assert QuarantineItem.objects.open().count() == 1


def test_all_rows_of_a_list_are_set_aside_by_one_act(analyst: User) -> None:
    bring(LIST, name="list.csv")
    work()
    first = QuarantineItem.objects.order_by("pk")[0]

    count = quarantine.set_aside(
        item_ids=[first.pk], reason="no numbers", whole=True, by=analyst, at=NOON
    )

    assert count == 2
    check_law()


# At once


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_settles_it() -> None:
    broken()
    item = QuarantineItem.objects.get()
    officers = [make_officer(), make_officer()]
    results: list[str] = []

    def settle(officer: User, act: Callable[..., object], **how: str) -> None:
        try:
            act(item_ids=[item.pk], by=officer, at=NOON, **how)
            results.append("settled")
        except quarantine.NothingOpen:
            results.append("told")
        finally:
            connection.close()

    threads = [
        Thread(target=settle, args=(officers[0], quarantine.read_again)),
        Thread(
            target=settle,
            args=(officers[1], quarantine.set_aside),
            kwargs={"reason": "no report"},
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["settled", "told"]
    assert Event.objects.filter(verb__startswith="quarantine.").count() == 1
