"""A large file over a line that breaks, in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Route, expect

from accounts.roles import Role
from tests.browser.conftest import SignIn
from tests.factories import make_officer
from tests.tiplines.intake import json_report, zip_of
from tiplines.models import Dispatch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_broken_upload_goes_on_where_it_stopped(
    sign_in: SignIn, tmp_path: Path, settings: object
) -> None:
    Path(django_settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    settings.UPLOAD_CHUNK_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    content = zip_of({"1.json": json_report(), "note.txt": os.urandom(3_000_000).hex().encode()})
    (tmp_path / "week.zip").write_bytes(content)
    assert len(content) > 3 * 1024 * 1024
    page = sign_in(make_officer(Role.ANALYST))
    offsets: list[str] = []

    def once_broken(route: Route) -> None:
        offsets.append(route.request.url.partition("offset=")[2])
        if len(offsets) == 2:
            # Not cut off: the browser would put that on its console, where nothing may stand.
            route.fulfill(status=200, body="<p>a proxy's page in place of the server's answer</p>")
        else:
            route.continue_()

    page.route("**/upload/*/?offset=*", once_broken)
    page.get_by_role("link", name="Dispatches", exact=True).click()
    page.wait_for_url("**/dispatches/")  # a form sent before its script is there goes in one piece
    page.get_by_label("File").set_input_files(tmp_path / "week.zip")
    page.get_by_role("button", name="Upload").click()

    expect(page.locator("h1")).to_contain_text("Dispatch", timeout=30_000)
    expect(page.locator("dd").first).to_have_text("week.zip")
    assert Dispatch.objects.get().size_bytes == len(content)
    assert offsets[1] == offsets[2] == str(1024 * 1024)
    assert len(offsets) == len(set(offsets)) + 1
