"""What strangers wrote is shown as text: on pages, and in the files that officers take away."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from tests.factories import make_officer
from tests.tiplines.hostile import bombs
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import QuarantineItem, Tipline

pytestmark = pytest.mark.django_db
ODD = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7|add:7 }}{% load %}",
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)",
    "+1-1",
    "\u202egpj.exe",
    "\u2066a\u2069\u200f",
    '" onmouseover="alert(1)',
)


@pytest.fixture
def analyst(client: Client) -> Client:
    officer = make_officer(Role.ANALYST)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def check_harmless(page: str) -> None:
    for written in ("<script>alert", "<img src=x", '" onmouseover="alert'):
        assert written not in page
    assert "{{ 7|add:7 }}" in page or "7|add" not in page


@pytest.mark.parametrize("odd", ODD)
def test_names_of_documents_are_text_on_every_page_of_intake(analyst: Client, odd: str) -> None:
    dispatch = bring(bombs.archive([bombs.part(f"{odd}.json", b"{")]), name=f"{odd}.zip")
    work()
    item = QuarantineItem.objects.get()

    for address in (
        reverse("tiplines:dispatches"),
        reverse("tiplines:dispatch", kwargs={"dispatch_id": dispatch.pk}),
        reverse("tiplines:quarantine"),
        reverse("tiplines:quarantine-item", kwargs={"item_id": item.pk}),
    ):
        answer = analyst.get(address)
        assert answer.status_code == 200
        check_harmless(answer.content.decode())


@pytest.mark.parametrize("odd", ODD)
def test_names_in_reports_are_text_on_the_page(analyst: Client, odd: str) -> None:
    report = json_report()
    [person] = report["reportedInformation"]["reportedPeople"]["reportedPersons"]
    person |= {"firstName": odd, "lastName": "", "preferredName": odd, "screenName": odd}
    report["reportedInformation"]["uploadedFiles"] = {"uploadedFiles": [{"filename": odd}]}
    report["reportedInformation"]["additionalInformations"] = [{"value": odd}]
    report[odd] = odd
    bring(zip_of({"1.json": report}))
    work()

    tip = Tipline.objects.get()
    answer = analyst.get(reverse("cases:tipline", kwargs={"number": tip.number}))

    assert answer.status_code == 200
    assert tip.parties.order_by("position")[0].name == odd.strip()
    check_harmless(answer.content.decode())


@pytest.mark.parametrize("odd", ODD)
def test_a_list_taken_away_holds_no_formula(analyst: Client, odd: str) -> None:
    quoted = '"' + odd.replace('"', '""') + '"'
    dispatch = bring(f"CTR No,Suspect Name\n990000001,{quoted}\n".encode(), name="list.csv")
    work()

    answer = analyst.get(reverse("tiplines:missing", kwargs={"dispatch_id": dispatch.pk}))

    assert answer.status_code == 200
    text = b"".join(answer) if answer.streaming else answer.content
    for row in csv.reader(io.StringIO(text.decode("utf-8-sig"))):
        assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "\t"))]
