"""A large upload in chunks: goes on where it broke off, belongs to one officer, holds no media."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests.factories import NOON, make_officer
from tests.tiplines.intake import json_report, zip_of
from tiplines import inbox
from tiplines.models import Dispatch
from tiplines.models.dispatch import Channel
from tiplines.services.receiving import tidy

pytestmark = pytest.mark.django_db
CONTENT = zip_of({"1.json": json_report(), "2.json": json_report("990000002")})
CUT = 300


@pytest.fixture
def analyst(client: Client) -> User:
    Path(django_settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    return sign_in(client)


def sign_in(client: Client) -> User:
    officer = make_officer(Role.ANALYST)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return officer


def begin(client: Client, *, name: str = "week.zip", size: int = len(CONTENT)) -> dict[str, object]:
    answer = client.post(
        reverse("tiplines:upload-begin"), {"name": name, "size": size, "reference": "R/1"}
    )
    assert answer.status_code == 201
    return answer.json()  # type: ignore[no-any-return]


def add(client: Client, state: dict[str, object], chunk: bytes, *, offset: int) -> tuple[int, int]:
    answer = client.post(
        f"{state['chunks']}?offset={offset}", chunk, content_type="application/octet-stream"
    )
    return answer.status_code, answer.json().get("offset", -1)


def drafts() -> list[str]:
    return [path.name for path in inbox.folder("incoming").iterdir()]


def test_an_upload_in_chunks_is_the_dispatch_that_the_whole_would_be(
    client: Client, analyst: User
) -> None:
    state = begin(client)
    add(client, state, CONTENT[:CUT], offset=0)
    add(client, state, CONTENT[CUT:], offset=CUT)

    answer = client.post(str(state["finish"]))

    dispatch = Dispatch.objects.get()
    assert answer.json()["dispatch"] == reverse("tiplines:dispatch", args=[dispatch.pk])
    assert (dispatch.channel, dispatch.received_by) == (Channel.BROWSER, analyst)
    assert (dispatch.reference, dispatch.name) == ("R/1", "week.zip")
    assert inbox.incoming(dispatch.sha256).read_bytes() == CONTENT
    assert drafts() == [dispatch.sha256]


def test_an_upload_that_broke_off_says_where_it_goes_on(client: Client, analyst: User) -> None:
    state = begin(client)
    add(client, state, CONTENT[:CUT], offset=0)

    answer = client.get(str(state["chunks"]))

    assert answer.json()["offset"] == CUT


@pytest.mark.parametrize("offset", [0, CUT - 1, CUT + 1, len(CONTENT) * 2, -1])
def test_a_chunk_that_does_not_fit_changes_nothing(
    client: Client, analyst: User, offset: int
) -> None:
    state = begin(client)
    add(client, state, CONTENT[:CUT], offset=0)

    assert add(client, state, CONTENT[:50], offset=offset) == (409, CUT)


def test_what_is_not_whole_is_no_dispatch(client: Client, analyst: User) -> None:
    state = begin(client)
    add(client, state, CONTENT[:CUT], offset=0)

    answer = client.post(str(state["finish"]))

    assert (answer.status_code, answer.json()["offset"]) == (409, CUT)
    assert not Dispatch.objects.exists()


def test_an_upload_is_the_officer_s_own(client: Client, analyst: User) -> None:
    state = begin(client)
    sign_in(client)

    answers = [
        client.get(str(state["chunks"])),
        client.post(str(state["chunks"]), CONTENT, content_type="application/octet-stream"),
        client.post(str(state["finish"])),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


@pytest.mark.parametrize("key", ["0" * 32, "..%2f..%2fetc", "x"])
def test_an_upload_that_never_was_is_not_there(client: Client, analyst: User, key: str) -> None:
    assert client.get(f"/dispatches/upload/{key}/").status_code == 404


def test_a_picture_is_refused_by_its_first_bytes_and_not_kept(
    client: Client, analyst: User
) -> None:
    state = begin(client, name="report.xml")

    status, _ = add(client, state, b"\xff\xd8\xff\xe0" + bytes(60), offset=0)

    assert status == 422
    assert drafts() == []


def test_more_than_was_announced_is_refused(client: Client, analyst: User) -> None:
    state = begin(client, size=100)

    assert add(client, state, CONTENT, offset=0)[0] == 422


@pytest.mark.parametrize("size", [0, -5, 5 * 1024**3])
def test_a_size_that_no_dispatch_has_is_refused(client: Client, analyst: User, size: int) -> None:
    answer = client.post(reverse("tiplines:upload-begin"), {"name": "a.zip", "size": size})

    assert answer.status_code == 422
    assert drafts() == []


def test_what_was_received_before_leads_to_its_dispatch(client: Client, analyst: User) -> None:
    for _ in range(2):
        state = begin(client)
        add(client, state, CONTENT, offset=0)
        answer = client.post(str(state["finish"]))

    dispatch = Dispatch.objects.get()
    assert answer.json()["dispatch"] == reverse("tiplines:dispatch", args=[dispatch.pk])


def test_what_was_left_is_cleared_away_after_hours(client: Client, analyst: User) -> None:
    state = begin(client)
    add(client, state, CONTENT[:CUT], offset=0)
    for name in drafts():
        os.utime(inbox.folder("incoming") / name, (0, 0))

    assert tidy(at=NOON) == 2

    assert client.get(str(state["chunks"])).status_code == 404
