"""Every way in: by key and token, from a watched folder, as one large file, and two at once."""

from __future__ import annotations

import io
import json
import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from accounts.services import make_token
from audit.models import Event
from tests.conventions.test_access import ROUTES, address
from tests.factories import NOON, make_officer
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.test_splitting import AS_NUMBERS, NUMBERS, json_object, xml_report
from tiplines import packs
from tiplines.models import Dispatch, Document, QuarantineItem, Tipline
from tiplines.models.dispatch import Channel, DocumentState
from tiplines.services.receiving import DuplicateDispatch, receive, unpack_next
from tiplines.services.reconciling import reconcile
from tiplines.services.watching import take_watched

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 60


@pytest.fixture(autouse=True)
def upload_folder() -> None:
    Path(django_settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)


# --- the machine interface ----------------------------------------------------------------------


@pytest.fixture
def officer() -> User:
    return make_officer(Role.ANALYST)


@pytest.fixture
def bearer(officer: User) -> str:
    key = make_token(officer=officer, name="NCRB", route="api:dispatches", at=NOON)
    return f"Bearer {key}"


def send(
    client: Client, bearer: str, content: bytes, *, key: str = ""
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": bearer} | ({"Idempotency-Key": key} if key else {})
    file = SimpleUploadedFile("d.zip", content)
    answer = client.post("/api/v1/dispatches", {"file": file}, headers=headers)
    return answer.status_code, answer.json()


def test_the_same_key_with_the_same_bytes_is_the_same_receipt(client: Client, bearer: str) -> None:
    content = zip_of({"1.json": json_report()})

    first = send(client, bearer, content, key="week 47")
    again = send(client, bearer, content, key="week 47")

    assert (first[0], again[0]) == (201, 200)
    assert again[1] == first[1] | {"repeated": True}
    assert Dispatch.objects.get().key == "week 47"


def test_the_same_key_with_other_bytes_is_refused(client: Client, bearer: str) -> None:
    send(client, bearer, zip_of({"1.json": json_report()}), key="week 47")

    status, answer = send(
        client, bearer, zip_of({"2.json": json_report("990000002")}), key="week 47"
    )

    assert (status, answer["refused"]) == (409, "key-reused")
    assert Dispatch.objects.count() == 1
    assert Event.objects.filter(verb="dispatch.received").count() == 1


def test_a_key_is_the_officer_s_own(client: Client, bearer: str) -> None:
    other = make_token(
        officer=make_officer(Role.ANALYST), name="x", route="api:dispatches", at=NOON
    )
    send(client, bearer, zip_of({"1.json": json_report()}), key="1")

    status, _ = send(
        client, f"Bearer {other}", zip_of({"2.json": json_report("990000002")}), key="1"
    )

    assert status == 201


@pytest.mark.parametrize("key", ["x" * 201, "a\x07b"])
def test_an_unfit_key_is_refused(client: Client, bearer: str, key: str) -> None:
    status, _ = send(client, bearer, zip_of({"1.json": json_report()}), key=key)

    assert status == 400
    assert not Dispatch.objects.exists()


def test_a_token_reads_the_receipts_of_what_was_sent_with_it_alone(
    client: Client, bearer: str
) -> None:
    _, sent = send(client, bearer, zip_of({"1.json": json_report()}))
    others = bring(zip_of({"2.json": json_report("990000002")}))
    headers = {"Authorization": bearer}

    own = client.get(f"/api/v1/dispatches/{sent['dispatch']}", headers=headers)
    foreign = client.get(f"/api/v1/dispatches/{others.pk}", headers=headers)

    assert own.json() == {name: value for name, value in sent.items() if name != "repeated"}
    assert foreign.status_code == 404


def test_a_token_opens_nothing_but_intake(client: Client, bearer: str) -> None:
    opened = []
    for name, converters in ROUTES:
        answer = client.get(address(name, converters), headers={"Authorization": bearer})
        as_stranger = client.get(address(name, converters))
        if answer.status_code != as_stranger.status_code:
            opened.append(name)

    assert set(opened) == {"api:dispatches"}


# --- two at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", ["", "week 47"])
def test_two_uploads_at_the_same_moment_store_it_once(key: str) -> None:
    """Real threads on connections of their own, again and again."""
    officer = make_officer(Role.ANALYST)
    for turn in range(8):
        content = zip_of({"1.json": json_report(str(990_000_001 + turn))})
        ends = at_once(3, content, officer, key=key and f"{key} {turn}")
        assert sorted(ends) == ["repeated", "repeated", "stored"]

    assert Dispatch.objects.count() == 8
    work()
    assert Tipline.objects.count() == 8
    assert all(account.holds for account in reconcile())


def at_once(count: int, content: bytes, officer: User, *, key: str) -> list[str]:
    barrier = threading.Barrier(count)
    ends: list[str] = []

    def upload() -> None:
        try:
            barrier.wait()
            receive(
                source=io.BytesIO(content),
                name="d.zip",
                channel=Channel.API,
                by=officer,
                at=NOON,
                key=key,
            )
            ends.append("stored")
        except DuplicateDispatch:
            ends.append("repeated")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=upload) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


# --- the watched folder -------------------------------------------------------------------------


@pytest.fixture
def watched(tmp_path: Path, settings: object) -> Path:
    folder = tmp_path / "watched"
    folder.mkdir()
    settings.WATCHED = folder  # type: ignore[attr-defined]
    return folder


def files_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_a_file_comes_in_once_it_has_stopped_growing(watched: Path) -> None:
    content = zip_of({"1.json": json_report()})
    file = watched / "week.zip"
    file.write_bytes(content[:50])
    assert take_watched(at=NOON) == 0
    file.write_bytes(content)
    assert take_watched(at=NOON) == 0

    assert take_watched(at=NOON) == 1

    dispatch = Dispatch.objects.get()
    assert (dispatch.channel, dispatch.name) == (Channel.WATCHED, "week.zip")
    assert files_in(watched) == [f"taken/{dispatch.pk}-week.zip"]
    assert take_watched(at=NOON) == 0


def test_a_worker_killed_before_the_file_was_moved_leaves_no_second_dispatch(
    watched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (watched / "1.json").write_text(json.dumps(json_report()))
    take_watched(at=NOON)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tiplines.services.watching.move", killed)
        with pytest.raises(KeyboardInterrupt):
            take_watched(at=NOON)
    assert files_in(watched) == ["1.json"]

    assert take_watched(at=NOON) == 1

    assert files_in(watched) == [f"taken/{Dispatch.objects.get().pk}-1.json"]


def test_a_picture_is_moved_aside_with_the_reason(watched: Path) -> None:
    (watched / "report.xml").write_bytes(JPEG)
    take_watched(at=NOON)

    take_watched(at=NOON)

    assert files_in(watched) == ["refused/report.xml", "refused/report.xml.reason.txt"]
    assert not Dispatch.objects.exists()


def test_unfinished_hidden_and_linked_files_are_left_alone(watched: Path, tmp_path: Path) -> None:
    for name in ("a.zip.part", ".hidden.zip", "b.tmp"):
        (watched / name).write_bytes(zip_of({"1.json": json_report()}))
    (tmp_path / "outside.json").write_text(json.dumps(json_report()))
    os.symlink(tmp_path / "outside.json", watched / "link.json")

    for _ in range(3):
        assert take_watched(at=NOON) == 0

    assert not Dispatch.objects.exists()


def test_without_a_watched_folder_nothing_is_looked_for(settings: object) -> None:
    settings.WATCHED = None  # type: ignore[attr-defined]

    assert take_watched(at=NOON) == 0


# --- one large file -----------------------------------------------------------------------------


def prose_of(number: int) -> str:
    """Two thousand characters that do not pack as a bomb does."""
    return " ".join(str(number * n % 99_991) for n in range(1, 340))


def large(shape: str) -> bytes:
    """Above the size from which a document is cut."""
    if shape == "xml":
        body = "".join(xml_report(n, prose=f"अ {prose_of(n)}") for n in NUMBERS)
        return f"<all>{body}</all>".encode()
    if shape == "json":
        return ("[" + ",".join(json_object(n, prose=prose_of(n)) for n in NUMBERS) + "]").encode()
    return (
        "CTR No.,Suspect Name\n" + "".join(f"{n},{prose_of(n)[:99]}\n" for n in NUMBERS)
    ).encode()


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("shape", ["xml", "json", "csv"])
def test_a_large_file_comes_in_piece_by_piece(shape: str, is_packed: bool) -> None:  # noqa: FBT001
    content = large(shape)
    name = f"all.{shape}"
    bring(zip_of({f"in/{name}": content}) if is_packed else content, name=name)

    unpack_next(at=NOON)

    documents = list(Document.objects.order_by("pk"))
    prefix = "in/" if is_packed else ""
    assert [row.name for row in documents] == [
        f"{prefix}{name}#{n}" for n in range(1, len(documents) + 1)
    ]
    assert len(documents) > 2
    assert all(row.leads and row.state == DocumentState.WAITING for row in documents)
    assert len({row.bundle for row in documents}) == len(documents)
    assert Dispatch.objects.get().document_count == len(documents)


def test_the_reports_of_a_large_file_are_all_there() -> None:
    bring(large("csv"), name="all.csv")

    work()

    assert Document.objects.count() > 2
    assert sorted(Tipline.objects.values_list("number", flat=True)) == AS_NUMBERS
    [account] = reconcile()
    assert account.holds, account.faults


def test_one_large_report_is_kept_byte_for_byte_beside_its_siblings() -> None:
    report = f"<report><additionalInfo>{'long ' * 1_000_000}</additionalInfo></report>".encode()
    files = b"<fileDetails><reportId>990000001</reportId><fileId>a</fileId></fileDetails>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("990000001/report.xml", report)
        archive.writestr("990000001/fileDetails.xml", files)
    dispatch = bring(content.getvalue())

    unpack_next(at=NOON)

    rows = list(Document.objects.order_by("position"))
    assert [row.name for row in rows] == ["990000001/report.xml", "990000001/fileDetails.xml"]
    assert len({row.bundle for row in rows}) == 1
    with packs.pack_path(dispatch.pk).open("rb") as pack:
        kept = packs.read_kept(pack, offset=rows[0].offset, packed_bytes=rows[0].packed_bytes)  # type: ignore[arg-type]
    assert kept == report


def test_a_large_file_that_breaks_off_is_kept_whole_and_read_as_far_as_it_goes() -> None:
    content = large("json")[:-5000]
    bring(content, name="all.json")

    unpack_next(at=NOON)

    item = QuarantineItem.objects.get()
    assert "ends in the middle" in item.reason
    assert item.place.startswith("line ")
    assert item.document.offset is not None
    [account] = reconcile()
    assert account.holds, account.faults
