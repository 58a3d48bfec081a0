"""Sent = received = stored, number by number, on the page and on the receipt in every form."""

from __future__ import annotations

import json

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests.factories import NOON, make_dispatch, make_document, make_officer, make_tipline
from tests.statements import Statements
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Dispatch, FieldCount, Receipt
from tiplines.models.dispatch import Outcome
from tiplines.parsing import read_bundle
from tiplines.parsing.records import SourceDocument, TipReport
from tiplines.services import receipts
from tiplines.services.counting import BEYOND, count_fields
from tiplines.services.receipt_pdf import receipt_pdf

pytestmark = pytest.mark.django_db
LIST = b"CTR No.,Suspect Name\n990000001,Ravi Nair\n990000002,Sita Das\n990000003,A B\n"


@pytest.fixture
def analyst(client: Client) -> User:
    officer = make_officer(Role.ANALYST)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return officer


def dispatch_with_a_list() -> Dispatch:
    """Three numbers are listed; one of them and another come; one document cannot be read."""
    content = zip_of(
        {
            "1.json": json_report("990000001") | {"unknownThing": {"deep": "x"}},
            "9.json": json_report("990000009"),
            "bad.json": b"{",
            "list.csv": LIST,
        }
    )
    dispatch = bring(content)
    work()
    return dispatch


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_the_list_is_compared_with_what_came() -> None:
    dispatch = dispatch_with_a_list()

    receipt = receipts.receipt_of(dispatch.pk)

    assert (receipt["sent"], receipt["missing_count"], receipt["extra_count"]) == (3, 2, 1)
    assert receipt["missing"] == ["990000002", "990000003"]
    assert [each["document"] for each in receipt["quarantine"]] == ["bad.json"]
    assert receipt["reconciles"]


def test_without_a_list_nothing_is_said_of_what_was_sent() -> None:
    dispatch = bring(zip_of({"1.json": json_report()}))
    work()

    receipt = receipts.receipt_of(dispatch.pk)

    assert (receipt["sent"], receipt["missing_count"], receipt["extra_count"]) == (None, 0, 0)


def test_the_receipt_says_which_fields_were_present_and_which_stayed_unread() -> None:
    dispatch = dispatch_with_a_list()

    fields = receipts.receipt_of(dispatch.pk)["fields"]

    assert fields["json"]["reports"] == 2
    assert fields["json"]["paths"]["reportId"] == [2, 0]
    assert fields["json"]["paths"]["unknownThing/deep"] == [1, 1]
    assert fields["list"]["paths"]["columns/Suspect Name"] == [3, 0]


def test_fields_are_counted_once_a_report_without_indexes() -> None:
    source = {"a": [{"b": "1"}, {"b": "2", "c": ["", None, "x"]}], "d": "", "e": 0, "f": False}
    report = TipReport(number="1", format="json", source=source, unread=("a/c",))

    [row] = count_fields([(7, report)] * 3)

    assert (row.dispatch_id, row.format, row.reports) == (7, "json", 3)
    assert row.counts == {"a/b": [3, 0], "a/c": [3, 3], "e": [3, 0], "f": [3, 0]}


def test_text_and_attributes_of_an_unknown_element_are_unread() -> None:
    data = (
        b"<report><incidentSummary><incidentType>x</incidentType><mood tone='b'>low</mood>"
        b"</incidentSummary></report>"
    )
    [found] = read_bundle([SourceDocument(name="990000001.xml", data=data)]).found

    [row] = count_fields([(1, found.report)])

    assert {path for path, (_, unread) in row.counts.items() if unread} == {
        "report/incidentSummary/mood/#text",
        "report/incidentSummary/mood/@tone",
    }


def test_a_report_without_fields_of_its_own_is_counted_by_what_was_read() -> None:
    report = TipReport(
        number="1", format="pdf", provider="Google", source={"pages": [["Provider: Google"]]}
    )

    [row] = count_fields([(1, report)])

    assert row.counts == {"provider": [1, 0]}


def test_a_hostile_number_of_names_stays_bounded() -> None:
    source = {f"name {n}\x00": "x" for n in range(10_000)}

    [row] = count_fields([(1, TipReport(number="1", format="json", source=source))])

    assert len(row.counts) == 2001
    assert row.counts[BEYOND][0] == 8000
    assert not any("\x00" in name for name in row.counts)


def test_rows_of_several_workers_are_added_up() -> None:
    dispatch = make_dispatch()
    for reports, counts in ((2, {"a": [2, 0]}), (3, {"a": [1, 1], "b": [3, 0]})):
        FieldCount.objects.create(dispatch=dispatch, format="xml", reports=reports, counts=counts)

    [coverage] = receipts.coverage_of(dispatch.pk)

    assert (coverage.reports, coverage.read, coverage.unread) == (5, 2, 1)
    assert [(each.path, each.present, each.unread) for each in coverage.fields] == [
        ("a", 3, 1),
        ("b", 3, 0),
    ]


def test_the_page_shows_sent_missing_and_coverage(client: Client, analyst: User) -> None:
    dispatch = dispatch_with_a_list()

    page = client.get(reverse("tiplines:dispatch", kwargs={"dispatch_id": dispatch.pk}))

    text = page.content.decode()
    assert "Sent 3 by the covering list = came 1 + missing 2. Came without being listed: 1" in text
    assert "Missing: 2 numbers of the covering list" in text
    assert "unknownThing/deep" in text


def test_the_page_takes_the_same_statements_for_any_number(client: Client, analyst: User) -> None:
    dispatch = bring(
        zip_of({f"{n}.json": json_report(str(990000100 + n)) for n in range(30)} | {"x.json": b"{"})
    )
    work()

    with Statements(at_most=18):
        client.get(reverse("tiplines:dispatch", kwargs={"dispatch_id": dispatch.pk}))


def test_the_missing_numbers_come_as_a_list_that_runs_no_formula(
    client: Client, analyst: User
) -> None:
    dispatch = make_dispatch()
    for number in ("990000001", "=1+1", '@x"'):
        Receipt.objects.create(
            dispatch=dispatch,
            number=number,
            tipline=make_tipline(dispatch=dispatch),
            document=make_document(dispatch=dispatch),
            outcome=Outcome.STORED,
            is_listed=True,
        )

    answer = client.get(reverse("tiplines:missing", kwargs={"dispatch_id": dispatch.pk}))

    lines = b"".join(answer).decode().split("\r\n")
    assert sorted(lines) == sorted(["Report", '"990000001"', '"\'=1+1"', '"\'@x"""', ""])


def test_the_receipt_as_pdf_names_everything(client: Client, analyst: User) -> None:
    dispatch = dispatch_with_a_list()

    answer = client.get(reverse("tiplines:receipt", kwargs={"dispatch_id": dispatch.pk}))

    assert answer.headers["Content-Type"] == "application/pdf"
    text = text_of(answer.content).replace("\u200b", "")
    for words in (dispatch.sha256[:20], "990000002, 990000003", "bad.json", "reportId"):
        assert words in text


def test_nothing_in_a_dispatch_is_markup_on_its_receipt() -> None:
    name = '#panic("x") *b* #read("/etc/passwd") $x$.json'
    dispatch = bring(zip_of({name: b"{", "2.json": json_report()}))
    work()

    text = text_of(receipt_pdf(dispatch.pk, at=NOON)).replace("\u200b", "")

    assert '#panic("x")' in text.replace("\r\n", "")


def test_the_same_receipt_is_the_same_bytes() -> None:
    dispatch = dispatch_with_a_list()

    assert receipt_pdf(dispatch.pk, at=NOON) == receipt_pdf(dispatch.pk, at=NOON)


def test_the_receipt_as_json_is_the_machine_s(client: Client, analyst: User) -> None:
    dispatch = dispatch_with_a_list()

    answer = client.get(f"/api/v1/dispatches/{dispatch.pk}")

    assert json.loads(answer.content) == receipts.receipt_of(dispatch.pk)
