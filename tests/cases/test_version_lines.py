"""The page says which documents a tipline is made of, and what each of them gave."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from cases.version_lines import source_of, versions_of
from tests.factories import make_officer
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.rows import add_version
from tiplines.making.pdf_parts import Generation
from tiplines.making.pdf_writer import write_pdf
from tiplines.making.world import World
from tiplines.models import Tipline, Version

pytestmark = pytest.mark.django_db


def page_of(number: str) -> str:
    browser = Client()
    browser.force_login(make_officer(), backend="django.contrib.auth.backends.ModelBackend")
    return browser.get(f"/tiplines/{number}/").content.decode()


def test_what_holds_now_is_the_newest_of_each_format_and_every_addition() -> None:
    bring(zip_of({"990000001.json": json_report()}))
    work()
    tip = Tipline.objects.get()
    tip.versions.all().delete()
    made: list[tuple[str, int, dict[str, Any]]] = [
        ("xml", 1, {"fileDetails": [{"fileId": "a"}]}),
        ("xml", 2, {"report": {"n": "1"}}),
        ("xml", 3, {"report": {"n": "2"}}),
        ("json", 4, {"reportId": "1"}),
        ("json", 5, {"reportId": "2"}),
    ]
    for format, number, source in made:
        add_version(
            tip,
            number=number,
            format=format,
            source=source,
        )

    assert source_of(versions_of(tip)) == {
        "version 1": {"fileDetails": [{"fileId": "a"}]},
        "version 3": {"report": {"n": "2"}},
        "version 5": {"reportId": "2"},
    }


def test_the_page_names_what_a_list_gave_beside_the_report() -> None:
    rows = b"Tipline No.,Priority,Phone\n990000001,2,9810012345\n"
    bring(zip_of({"990000001.json": json.dumps(json_report()).encode(), "list.csv": rows}))
    work()

    page = " ".join(page_of("990000001").split())

    assert "Version 2, LIST, list.csv" in page
    assert "gave: NCMEC&#x27;s priority" in page or "gave: NCMEC's priority" in page


def test_the_page_says_how_sure_a_printed_report_was_read() -> None:
    made, _truth = next(iter(World(1, 4)))
    bring(zip_of({"a.pdf": write_pdf(made, Generation.OLDER)}))
    work()
    version = Version.objects.get()
    Version.objects.update(missing=["suspect", "unheard-of"])

    page = " ".join(page_of(Tipline.objects.get().number).split())

    assert version.confidence is not None
    assert f"read with {version.confidence} % confidence" in page
    assert "not found: suspect, unheard-of" in page


def test_the_queue_marks_what_a_later_dispatch_renewed_and_not_what_came_together() -> None:
    browser = Client()
    browser.force_login(make_officer(), backend="django.contrib.auth.backends.ModelBackend")
    rows = b"Tipline No.,Priority\n990000001,2\n"
    bring(zip_of({"990000001.json": json.dumps(json_report()).encode(), "list.csv": rows}))
    work()
    assert Tipline.objects.get().version == 2
    assert "version 2" not in browser.get("/queue/").content.decode()

    bring(zip_of({"a.json": json_report(dateReceived="2026-10-21T10:00:00Z")}))
    work()

    assert "version 3" in browser.get("/queue/").content.decode()
