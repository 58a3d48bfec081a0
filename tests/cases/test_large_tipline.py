"""The page of a report with very many files and identifiers: by parts, and nothing uncovered."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.roles import Role
from cases.tipline_parts import FILES_A_PART, SIGHTINGS_A_PART, part_of
from tests.factories import make_officer
from tests.statements import Statements
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Tipline

pytestmark = pytest.mark.django_db
FILES, ADDRESSES = 450, 500
PHONE = "+919812345678"


@pytest.fixture
def analyst(client: Client) -> Client:
    client.force_login(
        make_officer(Role.ANALYST), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def bring_large(
    number: str = "990000001", *, files: int = FILES, addresses: int = ADDRESSES
) -> Tipline:
    """A suspect with many IP events, behind it a victim, and many files."""
    report = json_report(number)
    told = report["reportedInformation"]
    [suspect] = told["reportedPeople"]["reportedPersons"]
    suspect["sourceInformation"] = {
        "sourceCaptures": [
            {"captureType": "IP Address", "value": f"203.0.{n // 250}.{n % 250 + 1}"}
            for n in range(addresses)
        ]
    }
    told["victims"] = {
        "victims": [{"firstName": "Meena", "phones": {"phones": [{"value": PHONE}]}}]
    }
    told["uploadedFiles"] = {
        "uploadedFiles": [
            {"filename": f"upload-{n:05}.jpg", "verificationHash": f"{n:032x}", "viewedByEsp": True}
            for n in range(files)
        ]
    }
    told["additionalInformations"] = [{"value": f"She can be reached at {PHONE}."}]
    bring(zip_of({"1.json": report}))
    work()
    return Tipline.objects.get(number=number)


def files_on(page: str) -> list[str]:
    section = page.partition('id="files"')[2].partition("</section>")[0]
    return re.findall(r"<th scope=\"row\">(upload-\d+\.jpg)", section)


def addresses_on(page: str) -> set[str]:
    section = page.partition('id="persons"')[2].partition("</section>")[0]
    return set(re.findall(r"\b203\.0\.\d+\.\d+\b", section))


def test_the_page_shows_a_part_and_tells_the_whole(analyst: Client) -> None:
    tip = bring_large()

    page = analyst.get(f"/tiplines/{tip.number}/").content.decode()

    assert files_on(page) == [f"upload-{n:05}.jpg" for n in range(FILES_A_PART)]
    assert 0 < len(addresses_on(page)) <= SIGHTINGS_A_PART
    assert f"1 to {FILES_A_PART} of {FILES}" in page
    assert f"{FILES} viewed by the provider" in page


def test_every_file_and_address_stands_in_one_part(analyst: Client) -> None:
    tip = bring_large()
    files: list[str] = []
    addresses: set[str] = set()

    for n in range(1, 6):
        page = analyst.get(f"/tiplines/{tip.number}/?files={n}&seen={n}").content.decode()
        files += files_on(page)
        addresses |= addresses_on(page)

    assert files == [f"upload-{n:05}.jpg" for n in range(FILES)]
    assert len(addresses) == ADDRESSES


def test_a_large_report_costs_as_many_statements_as_a_small_one(analyst: Client) -> None:
    spent = []
    for n, (files, addresses) in enumerate(((1, 1), (FILES, ADDRESSES)), 1):
        tip = bring_large(f"99000000{n}", files=files, addresses=addresses)
        with Statements() as asked:
            analyst.get(f"/tiplines/{tip.number}/")
        spent.append(len(asked))

    assert spent[0] == spent[1]


@pytest.mark.parametrize("seen", ["1", "2", "99", "x", ""])
def test_a_child_behind_many_addresses_is_covered_on_every_part(analyst: Client, seen: str) -> None:
    tip = bring_large()

    page = analyst.get(f"/tiplines/{tip.number}/?seen={seen}").content.decode()

    assert "She can be reached at" in page
    assert PHONE not in page
    assert "Meena" not in page


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("", 1, 100),
        ("1", 1, 100),
        ("3", 201, 250),
        ("4", 201, 250),
        ("0", 1, 100),
        ("-1", 1, 100),
        ("²", 1, 100),
        ("9" * 50, 1, 100),
    ],
)
def test_a_part_is_one_that_there_is(asked: str, first: int, last: int) -> None:
    part = part_of(asked, size=100, total=250)

    assert (part.first, part.last) == (first, last)


def test_nothing_has_one_part() -> None:
    part = part_of("2", size=100, total=0)

    assert (part.number, part.last, part.previous, part.next) == (1, 0, None, None)
