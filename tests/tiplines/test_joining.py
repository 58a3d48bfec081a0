"""Several documents about one report, in one dispatch or over time, are one tipline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories import NOON, make_officer
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Dispatch, QuarantineItem, Receipt, Sighting, Tipline, Version
from tiplines.models.dispatch import Outcome
from tiplines.services import quarantine
from tiplines.services.correcting import correct
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db

XML = b"""<report>
  <incidentSummary>
    <incidentType>Online Enticement of Children for Sexual Acts</incidentType>
    <platform>Drive</platform>
    <escalateToHighPriority>child at risk now</escalateToHighPriority>
    <incidentDateTime>2026-10-18T18:45:00Z</incidentDateTime>
  </incidentSummary>
  <reporter><reportingPerson><firstName>Google</firstName></reportingPerson></reporter>
  <personOrUserReported>
    <personOrUserReportedPerson>
      <email>r990000001@example.com</email>
      <phone>+919810012345</phone>
    </personOrUserReportedPerson>
  </personOrUserReported>
</report>"""
FILES = b"""<fileDetails>
  <reportId>990000001</reportId><fileId>%s</fileId>
  <originalFileHash hashType="MD5">%s</originalFileHash>
</fileDetails>"""


def arrive(*files: tuple[str, bytes]) -> Dispatch:
    dispatch = bring(zip_of(dict(files)))
    work()
    assert all(account.holds for account in reconcile())
    return dispatch


def listed(**columns: str) -> tuple[str, bytes]:
    cells = {"Tipline No.": "990000001"} | columns
    return "list.csv", f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()


def document(report: dict[str, Any]) -> bytes:
    return json.dumps(report).encode()


def reported() -> tuple[str, bytes]:
    return "990000001.json", document(json_report())


def values(kind: str) -> set[tuple[str, str, str | None]]:
    """Value, where it comes from and whose it is."""
    return set(
        Sighting.objects.filter(identifier__kind=kind).values_list(
            "identifier__value", "provenance", "party__role"
        )
    )


def test_a_list_that_says_no_more_than_the_report_is_no_version() -> None:
    dispatch = arrive(reported(), listed(Email="r990000001@example.com"))

    assert [each.format for each in Version.objects.all()] == ["json"]
    receipt = Receipt.objects.get()
    assert (receipt.outcome, receipt.copies) == (Outcome.STORED, 2)
    assert (receipt.is_listed, receipt.is_reported) == (True, True)
    assert receipt.dispatch == dispatch


def test_a_list_that_names_a_phone_adds_it_as_the_lists_word() -> None:
    arrive(reported(), listed(Phone="+91 98100 12345"))

    tip = Tipline.objects.get()
    assert (tip.version, tip.is_stub) == (2, False)
    assert [each.format for each in tip.versions.order_by("number")] == ["json", "list"]
    assert values("phone") == {("+919810012345", "list", "suspect")}
    assert tip.parties.filter(role="suspect").count() == 1
    place = Sighting.objects.get(identifier__kind="phone").place
    assert place.startswith("list: ")
    assert Receipt.objects.get().outcome == Outcome.STORED


def test_what_a_list_named_first_stays_when_the_report_comes() -> None:
    arrive(listed(Phone="+91 98100 12345", Priority="2"))
    assert Tipline.objects.get().is_stub

    arrive(reported())

    tip = Tipline.objects.get()
    assert (tip.is_stub, tip.version, tip.provider, tip.ncmec_priority) == (False, 2, "Google", "2")
    assert values("phone") == {("+919810012345", "list", "suspect")}
    assert values("email") == {("r990000001@example.com", "reported", "suspect")}
    filled = dict(tip.versions.values_list("format", "filled"))
    assert filled["list"] == ["ncmec_priority"]
    assert {"provider", "incident_type", "incident_moment"} <= set(filled["json"])


def test_two_formats_of_one_report_in_one_dispatch_are_one_tipline() -> None:
    dispatch = arrive(reported(), ("990000001/report.xml", XML))

    tip = Tipline.objects.get()
    assert tip.dispatch == dispatch
    assert {each.format for each in tip.versions.all()} == {"json", "xml"}
    assert (tip.escalation, tip.platform) == ("child at risk now", "Drive")
    assert values("email") == {("r990000001@example.com", "reported", "suspect")}
    assert values("phone") == {("+919810012345", "reported", "suspect")}
    assert tip.parties.filter(role="suspect").count() == 1
    assert Receipt.objects.get().outcome == Outcome.STORED


def test_a_report_sent_again_keeps_what_another_document_gave() -> None:
    arrive(reported(), listed(Phone="+91 98100 12345"))
    changed = json_report(dateReceived="2026-10-21T10:00:00Z")

    arrive(("990000001.json", document(changed)))

    tip = Tipline.objects.get()
    assert tip.version == 3
    assert tip.versions.get(number=3).difference == [
        ["dateReceived", "2026-10-20T10:00:00Z", "2026-10-21T10:00:00Z"]
    ]
    assert values("phone") == {("+919810012345", "list", "suspect")}


def test_files_that_came_before_their_report_stay_with_it() -> None:
    arrive(("990000001/f1.xml", FILES % (b"aa" * 16, b"ab" * 16)))
    arrive(("990000001/f2.xml", FILES % (b"bb" * 16, b"ac" * 16)))

    arrive(("990000001/report.xml", XML))

    tip = Tipline.objects.get()
    assert tip.files.count() == tip.file_count == 2
    assert tip.parties.filter(role="suspect").count() == 1
    assert {value for value, *_ in values("hash")} == {f"md5:{'ab' * 16}", f"md5:{'ac' * 16}"}


def test_what_an_officer_corrected_holds_over_the_next_delivery() -> None:
    arrive(reported())
    tip = Tipline.objects.get()
    correct(
        tipline=tip.pk,
        place="",
        field="platform",
        after="Google Drive",
        reason="by the company's letter",
        by=make_officer(),
        at=NOON,
    )

    arrive(("990000001.json", document(json_report(dateReceived="2026-10-21T10:00:00Z"))))

    tip.refresh_from_db()
    assert (tip.version, tip.platform) == (2, "Google Drive")


def test_a_document_that_is_read_again_is_counted_once() -> None:
    rows = b"Tipline No.,Phone\n990000001,9810012345\nnone,9810012346\n"
    dispatch = arrive(("list.csv", rows))
    item = QuarantineItem.objects.get()

    quarantine.read_again(item_ids=[item.pk], by=make_officer(), at=NOON)
    work()

    assert Receipt.objects.get().copies == 1
    assert sum(dispatch.field_counts.values_list("reports", flat=True)) == 1
    assert QuarantineItem.objects.open().count() == 1
    assert all(account.holds for account in reconcile())


def test_a_childs_number_in_the_story_links_nothing() -> None:
    report = json_report()
    report["reportedInformation"]["victims"] = {"victims": [{"firstName": "A"}]}
    report["reportedInformation"]["additionalInformations"] = [
        {"value": "She can be reached on +91 98100 12345."}
    ]

    arrive(("990000001.json", document(report)))

    assert values("phone") == {("+919810012345", "free-text", None)}
    assert not Sighting.objects.get(identifier__kind="phone").links


def test_a_list_that_gives_a_field_only_leaves_the_rows_as_they_are() -> None:
    arrive(reported())
    before = list(Sighting.objects.order_by("pk").values_list("pk", flat=True))

    arrive(listed(Priority="2"))

    tip = Tipline.objects.get()
    assert (tip.version, tip.ncmec_priority) == (2, "2")
    assert list(Sighting.objects.order_by("pk").values_list("pk", flat=True)) == before
