"""Columns of a covering list: read by their headers, or as an officer approved for a sender."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from tests.factories import NOON, make_officer
from tests.tiplines.intake import work
from tests.tiplines.parsing.test_list_reader import workbook
from tiplines.models import (
    Dispatch,
    Document,
    ListMapping,
    QuarantineItem,
    Sighting,
    Tipline,
    Version,
)
from tiplines.models.dispatch import Channel, DocumentState
from tiplines.parsing import read_bundle
from tiplines.parsing.list_headers import HEADERS, Mappings
from tiplines.parsing.list_reader import heads_of
from tiplines.parsing.list_rows import reread_row
from tiplines.parsing.records import SourceDocument
from tiplines.services import mapping
from tiplines.services.receiving import receive
from tiplines.services.reconciling import reconcile
from tiplines.views.mapping import FIELD_WORDS

STRANGE = "Ref;Rang;Wer\n990000001;9810012345;Ravi Nair\n990000002;;Sita Das\n"
HALF_KNOWN = "CTR No.,Ph.\n990000001,9810012345\n"


@pytest.fixture
def analyst(client: Client) -> User:
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    officer = make_officer(Role.ANALYST)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return officer


def send(text: str, *, name: str = "list.csv", sender: str = "NCRB") -> Document:
    dispatch = receive(
        source=io.BytesIO(text.encode()),
        name=name,
        channel=Channel.COMMAND,
        by=None,
        at=NOON,
        sender=sender,
    )
    work()
    return dispatch.documents.get()


def approve(document: Document, *fields: str, by: User) -> bool:
    [head] = mapping.heads(document)
    return mapping.approve(document=document, head=head, fields=fields, by=by, at=NOON)


def phones() -> set[str]:
    seen = Sighting.objects.filter(identifier__kind="phone")
    return set(seen.values_list("identifier__value", flat=True))


# Rules


def source(text: str, name: str = "list.csv") -> SourceDocument:
    return SourceDocument(name=name, data=text.encode())


def test_a_head_shows_headers_what_they_mean_and_the_first_values() -> None:
    [head] = heads_of(source("A list\nCTR No.,Ph.\n,\n1,a\n2,b\n3,c\n4,d\n"))

    assert head.headers == ("CTR No.", "Ph.")
    assert head.fields == ("number", "")
    assert head.samples == (("1", "2", "3"), ("a", "b", "c"))


def test_a_header_without_a_number_column_is_still_found() -> None:
    [head] = heads_of(source(STRANGE))

    assert head.headers == ("Ref", "Rang", "Wer")
    assert head.fields == ("", "", "")


def test_each_sheet_of_a_workbook_has_its_head() -> None:
    data = workbook([["CTR No."], ["990000001"]], [["Ref", "Name"], ["990000002", "Ravi"]])

    heads = heads_of(SourceDocument(name="list.xlsx", data=data))

    assert [each.headers for each in heads] == [("CTR No.",), ("Ref", "Name")]
    assert [each.fields for each in heads] == [("number",), ("", "name")]


def test_samples_hold_no_aadhaar_number() -> None:
    [head] = heads_of(source("CTR No.,X\n990000001,2341 2341 2346\n"))

    assert "2341 2341" not in head.samples[1][0]


def test_a_mapped_list_is_read_as_it_was_said() -> None:
    mappings: Mappings = {("Ref", "Rang", "Wer"): ("number", "phone", "name")}

    reading = read_bundle([source(STRANGE)], mappings=mappings)

    first = reading.found[0].report
    assert (first.number, first.parties[0].name) == ("990000001", "Ravi Nair")
    assert first.parties[0].mentions[0].value == "+919810012345"
    assert first.source["mapped"] == {"Ref": "number", "Rang": "phone", "Wer": "name"}
    assert not reading.refused


def test_a_row_is_read_the_same_from_its_kept_source() -> None:
    mappings: Mappings = {("CTR No.", "Name", "Rang"): ("number", "", "phone")}
    text = "CTR No.,Name,Rang\n990000001,Office copy,9810012345\n"

    [found] = read_bundle([source(text)], mappings=mappings).found

    assert reread_row(found.report.source) == found.report
    assert found.report.parties[0].name == ""
    assert found.report.unread == ("Name",)


def test_a_mapping_of_other_headers_changes_nothing() -> None:
    mappings: Mappings = {("CTR No.", "Phone 2"): ("number", "phone")}

    assert read_bundle([source(HALF_KNOWN)], mappings=mappings) == read_bundle([source(HALF_KNOWN)])


def test_every_field_can_be_chosen_in_words() -> None:
    assert set(FIELD_WORDS) == set(HEADERS)


# What is remembered


@pytest.mark.django_db
def test_a_list_without_a_number_column_waits_and_is_read_once_it_is_said(analyst: User) -> None:
    document = send(STRANGE)
    assert "page of its columns" in QuarantineItem.objects.get().reason

    assert approve(document, "number", "phone", "name", by=analyst)
    work()

    assert set(Tipline.objects.values_list("number", flat=True)) == {"990000001", "990000002"}
    assert phones() == {"+919810012345"}
    assert QuarantineItem.objects.get().settlement == "read-again"
    assert all(account.holds for account in reconcile())
    [event] = Event.objects.filter(verb="list.mapped")
    assert (event.subject, event.actor_id) == (f"document:{document.pk}", analyst.pk)


@pytest.mark.django_db
def test_what_was_approved_is_remembered_for_the_sender_alone(analyst: User) -> None:
    approve(send(STRANGE), "number", "phone", "name", by=analyst)
    work()

    same = send(STRANGE.replace("9900", "9911"))
    other = send(STRANGE.replace("9900", "9922"), sender="I4C")

    assert (same.state, other.state) == (DocumentState.READ, DocumentState.QUARANTINED)


@pytest.mark.django_db
def test_a_changed_mapping_reads_a_list_again_that_was_read_before(analyst: User) -> None:
    document = send(HALF_KNOWN)
    assert phones() == set()

    approve(document, "number", "phone", by=analyst)
    work()

    assert phones() == {"+919810012345"}
    assert Tipline.objects.get().version == 2
    assert all(account.holds for account in reconcile())


@pytest.mark.django_db
def test_approving_what_is_read_so_already_reads_nothing_again(analyst: User) -> None:
    document = send("CTR No.,Phone\n990000001,9810012345\n")

    assert not approve(document, "number", "phone", by=analyst)

    document.refresh_from_db()
    assert document.state == DocumentState.READ
    assert ListMapping.objects.count() == 1
    assert Version.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(("", "phone"), id="no number"),
        pytest.param(("number",), id="too few"),
        pytest.param(("number", "rank"), id="an unknown field"),
    ],
)
def test_what_does_not_fit_the_list_is_refused(analyst: User, fields: tuple[str, ...]) -> None:
    document = send(HALF_KNOWN)

    with pytest.raises(mapping.NotThisList):
        approve(document, *fields, by=analyst)

    assert not ListMapping.objects.exists()


# The page


def columns_of(document: Document) -> str:
    return reverse("tiplines:columns", kwargs={"document_id": document.pk})


@pytest.mark.django_db
def test_the_page_shows_the_columns_and_takes_what_is_approved(
    client: Client, analyst: User
) -> None:
    document = send(STRANGE)
    item = QuarantineItem.objects.get()
    opened = client.get(reverse("tiplines:quarantine-item", kwargs={"item_id": item.pk}))

    page = client.get(columns_of(document)).content.decode()
    answer = client.post(
        columns_of(document),
        {
            "sheet": "0",
            "sheet-0-column-0": "number",
            "sheet-0-column-1": "phone",
            "sheet-0-column-2": "",
        },
    )
    work()

    assert columns_of(document) in opened.content.decode()
    assert all(text in page for text in ("Rang", "9810012345", "Report number", "NCRB"))
    assert answer.headers["Location"] == columns_of(document)
    assert ListMapping.objects.get().fields == ["number", "phone", ""]
    assert Tipline.objects.count() == 2


@pytest.mark.django_db
def test_a_page_without_a_number_column_chosen_says_so(client: Client, analyst: User) -> None:
    document = send(STRANGE)

    answer = client.post(columns_of(document), {"sheet": "0", "sheet-0-column-2": "name"})

    assert answer.status_code == 422
    assert "One column must hold the report number" in answer.content.decode()


@pytest.mark.django_db
def test_only_lists_have_columns(client: Client, analyst: User) -> None:
    document = send("{", name="x.json")

    assert client.get(columns_of(document)).status_code == 404
    assert Dispatch.objects.exists()
