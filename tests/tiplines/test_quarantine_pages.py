"""The pages of quarantine: what is open, one item with its text, and the acts as forms."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from tests.factories import NOON, make_officer
from tests.statements import Statements
from tests.tiplines.intake import bring, work, zip_of
from tests.tiplines.test_quarantine import JPEG, broken, check_law
from tiplines import packs
from tiplines.models import Document, QuarantineItem, Tipline
from tiplines.models.dispatch import Settlement
from tiplines.services import originals, quarantine

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    officer = make_officer(Role.ANALYST)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return officer


def page_of(item: QuarantineItem) -> str:
    return reverse("tiplines:quarantine-item", kwargs={"item_id": item.pk})


def test_the_list_shows_what_is_open_and_counts_it(client: Client, analyst: User) -> None:
    broken()
    settled = QuarantineItem.objects.get()
    quarantine.set_aside(item_ids=[settled.pk], reason="x", by=analyst, at=NOON)
    second = bring(zip_of({"other.json": b"["}))
    work()

    whole = client.get(reverse("tiplines:quarantine")).content.decode()
    narrowed = client.get(reverse("tiplines:quarantine"), {"dispatch": second.pk - 1})

    assert "1 open item" in whole
    assert "other.json" in whole
    assert "2.json" not in whole
    assert "Nothing is in quarantine" in narrowed.content.decode()


def test_the_list_pages_by_key_at_the_same_cost(client: Client, analyst: User) -> None:
    bring(b"CTR No.,Suspect Name\n" + b",Nobody\n" * 70, name="list.csv")
    work()

    with Statements(at_most=12):
        first = client.get(reverse("tiplines:quarantine"))
    last_shown = first.context["rows"][-1].pk
    second = client.get(reverse("tiplines:quarantine"), {"before": last_shown})

    assert [len(each.context["rows"]) for each in (first, second)] == [50, 20]
    assert f"before={last_shown}" in first.content.decode()
    assert max(row.pk for row in second.context["rows"]) < last_shown


def test_the_ticked_are_read_again_and_the_page_comes_back(client: Client, analyst: User) -> None:
    broken()
    item = QuarantineItem.objects.get()
    here = reverse("tiplines:quarantine")

    answer = client.post(reverse("tiplines:read-again"), {"item": item.pk, "back": here})

    assert answer.headers["Location"] == here
    item.refresh_from_db()
    assert item.settlement == Settlement.READ_AGAIN
    assert "1 item is read again" in client.get(here).content.decode()


def test_all_of_a_dispatch_are_read_again(client: Client, analyst: User) -> None:
    first, second = broken(), bring(zip_of({"3.json": b"{", "4.json": b"{"}))
    work()

    client.post(reverse("tiplines:read-again"), {"every": "1", "dispatch": second.pk})

    assert QuarantineItem.objects.open().get().dispatch_id == first.pk


def test_it_leads_back_to_no_other_site(client: Client, analyst: User) -> None:
    answer = client.post(reverse("tiplines:read-again"), {"back": "//example.org/"})

    assert answer.headers["Location"] == reverse("tiplines:quarantine")


def test_a_page_shows_the_text_escaped_and_that_it_was_opened(
    client: Client, analyst: User
) -> None:
    content = '{"a": "<script>alert(1)</script>",\n "b": "\u202e 2341 2341 2346"\n'
    bring(content.encode(), name="x.json")
    work()
    item = QuarantineItem.objects.get()

    text = client.get(page_of(item)).content.decode()

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert "⟨RIGHT-TO-LEFT OVERRIDE⟩" in text
    assert "2341 2341" not in text
    assert item.reason.replace("'", "&#x27;") in text
    assert Event.objects.filter(verb="quarantine.opened", actor_id=analyst.pk).count() == 1


def test_the_line_that_is_meant_is_marked(client: Client, analyst: User) -> None:
    rows = b"".join(b"99000%04d,Ravi\n" % n for n in range(400))
    bring(b"CTR No.,Suspect Name\n" + rows + b",Nobody\n", name="list.csv")
    work()

    page = client.get(page_of(QuarantineItem.objects.get()))

    lines = page.context["lines"]
    assert [(line.number, line.text) for line in lines if line.is_meant] == [(402, ",Nobody")]
    assert lines[0].number > 1
    assert "<mark>,Nobody</mark>" in page.content.decode()


def test_a_mended_file_is_uploaded(client: Client, analyst: User) -> None:
    broken()
    item = QuarantineItem.objects.get()
    mended = SimpleUploadedFile("2.json", b'{"reportId": "990000002"}')

    client.post(reverse("tiplines:replace", kwargs={"item_id": item.pk}), {"file": mended})
    work()

    assert Tipline.objects.filter(number="990000002").exists()
    assert "In its place" in client.get(page_of(item)).content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(JPEG, "Pictures and videos are never taken in", id="a picture"),
        pytest.param(zip_of({}), "cannot take its place", id="an empty archive"),
    ],
)
def test_a_refused_replacement_says_why(
    client: Client, analyst: User, content: bytes, words: str
) -> None:
    broken()
    item = QuarantineItem.objects.get()

    answer = client.post(
        reverse("tiplines:replace", kwargs={"item_id": item.pk}),
        {"file": SimpleUploadedFile("x.zip", content)},
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_reason_is_asked_for(client: Client, analyst: User) -> None:
    broken()
    item = QuarantineItem.objects.get()
    to = reverse("tiplines:set-aside", kwargs={"item_id": item.pk})

    refused = client.post(to, {"reason": " "})
    client.post(to, {"reason": "an empty file"})

    assert refused.status_code == 422
    text = client.get(page_of(item)).content.decode()
    assert "an empty file" in text
    assert "Put in its place" not in text


def test_the_board_counts_what_is_open_only(client: Client, analyst: User) -> None:
    broken()
    client.force_login(
        make_officer(Role.SUPERVISOR), backend="django.contrib.auth.backends.ModelBackend"
    )
    rows = reverse("operations:figure", kwargs={"key": "quarantined"})
    item = QuarantineItem.objects.get()

    before = client.get(rows).content.decode()
    quarantine.set_aside(item_ids=[item.pk], reason="x", by=analyst, at=NOON)
    after = client.get(rows).content.decode()

    assert page_of(item) in before
    assert page_of(item) not in after


def test_an_officer_outside_the_unit_sees_nothing_of_it(client: Client) -> None:
    broken()
    client.force_login(
        make_officer(Role.DISTRICT), backend="django.contrib.auth.backends.ModelBackend"
    )

    assert client.get(reverse("tiplines:quarantine")).status_code == 403
    assert client.get(page_of(QuarantineItem.objects.get())).status_code == 403


# A password


def locked_pdf(password: str) -> bytes:
    """A page of text behind a password."""
    page = b"BT /F1 12 Tf 72 700 Td (CyberTipline Report 990000001) Tj ET"
    writer = PdfWriter()
    sheet = writer.add_blank_page(612, 792)
    content = StreamObject()
    content.set_data(page)
    sheet[NameObject("/Contents")] = writer._add_object(content)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    sheet[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    writer.encrypt(password)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_a_password_opens_a_pdf_and_is_kept_nowhere(
    client: Client, analyst: User, caplog: pytest.LogCaptureFixture
) -> None:
    locked = locked_pdf("Sesam-7391")
    dispatch = bring(zip_of({"990000001.pdf": locked}))
    work()
    item = QuarantineItem.objects.get()
    to = reverse("tiplines:replace", kwargs={"item_id": item.pk})

    wrong = client.post(to, {"file": pdf_file(locked), "password": "Sesam-0000"})
    client.post(to, {"file": pdf_file(locked), "password": "Sesam-7391"})
    work()

    assert wrong.status_code == 422
    assert "Sesam" not in wrong.content.decode()
    item.refresh_from_db()
    assert item.settlement == Settlement.REPLACED
    new = Document.objects.get(replaces=item.document)
    kept = originals.content(new)
    assert kept.startswith(b"%PDF-")
    assert b"/Encrypt" not in kept
    assert "Sesam" not in caplog.text
    told = [*Event.objects.values_list("detail", flat=True), item.settlement_note]
    assert "Sesam" not in str(told)
    both = [packs.pack_path(dispatch.pk), packs.pack_path(dispatch.pk, instead_of=new.replaces_id)]
    assert not any(b"Sesam" in path.read_bytes() for path in both)
    check_law()


def pdf_file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("990000001.pdf", content)
