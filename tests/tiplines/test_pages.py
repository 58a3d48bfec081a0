"""Dispatches in the browser and over the machine interface."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from accounts.services import make_token
from audit.models import Event
from tests.factories import NOON, make_officer
from tests.statements import Statements
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Dispatch, Tipline

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    officer = make_officer(Role.ANALYST)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return officer


def dispatch_file(name: str = "dispatch.zip") -> SimpleUploadedFile:
    content = zip_of({"1.json": json_report(), "broken.json": b"{", "a.jpg": b"\xff\xd8\xff\xe0"})
    return SimpleUploadedFile(name, content)


def test_an_upload_leads_to_its_dispatch(client: Client, analyst: User) -> None:
    answer = client.post(
        reverse("tiplines:upload"), {"file": dispatch_file(), "reference": "R/1", "sender": "NCRB"}
    )

    dispatch = Dispatch.objects.get()
    assert answer.headers["Location"] == reverse(
        "tiplines:dispatch", kwargs={"dispatch_id": dispatch.pk}
    )
    assert (dispatch.received_by, dispatch.reference) == (analyst, "R/1")


def test_the_page_says_what_became_of_everything(client: Client, analyst: User) -> None:
    dispatch = bring(dispatch_file().read())
    work()

    page = client.get(reverse("tiplines:dispatch", kwargs={"dispatch_id": dispatch.pk}))

    text = page.content.decode()
    assert "Received 2 = stored 1 + already held 0 + new versions 0 + quarantined 1" in text
    assert "broken.json" in text
    assert "a.jpg" in text


def test_the_same_upload_again_says_that_nothing_has_changed(client: Client, analyst: User) -> None:
    client.post(reverse("tiplines:upload"), {"file": dispatch_file()})

    answer = client.post(
        reverse("tiplines:upload"), {"file": dispatch_file("else.zip")}, follow=True
    )

    assert "Nothing has changed" in answer.content.decode()
    assert Dispatch.objects.count() == 1


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({}, "This field is required", id="no file"),
        pytest.param(
            {"file": SimpleUploadedFile("x.xml", b"\xff\xd8\xff\xe0" + bytes(40))},
            "Pictures and videos are never taken in",
            id="a picture under another name",
        ),
    ],
)
def test_a_refused_upload_says_why(
    client: Client, analyst: User, files: dict[str, SimpleUploadedFile], words: str
) -> None:
    answer = client.post(reverse("tiplines:upload"), files)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Dispatch.objects.exists()


def test_the_list_takes_the_same_statements_for_any_number(client: Client, analyst: User) -> None:
    for number in range(12):
        bring(zip_of({f"{number}.json": json_report(str(990000100 + number))}))

    with Statements(at_most=11):
        answer = client.get(reverse("tiplines:dispatches"))

    assert answer.content.decode().count("data-row=") == 12


def test_a_machine_sends_a_dispatch_and_gets_its_receipt(client: Client, analyst: User) -> None:
    client.logout()
    key = make_token(officer=analyst, name="NCRB", route="api:dispatches", at=NOON)
    headers = {"Authorization": f"Bearer {key}"}

    first = client.post("/api/v1/dispatches", {"file": dispatch_file()}, headers=headers)
    again = client.post("/api/v1/dispatches", {"file": dispatch_file()}, headers=headers)

    assert (first.status_code, first.json()["repeated"]) == (201, False)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert Event.objects.filter(verb="dispatch.received", actor_id=analyst.pk).count() == 1


@pytest.mark.parametrize("key", ["", "Bearer wrong"])
def test_a_stranger_sends_nothing(client: Client, key: str) -> None:
    answer = client.post(
        "/api/v1/dispatches", {"file": dispatch_file()}, headers={"Authorization": key}
    )

    assert answer.status_code == 401
    assert not Dispatch.objects.exists()


def test_a_district_officer_brings_nothing_in(client: Client) -> None:
    officer = make_officer(Role.DISTRICT)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(reverse("tiplines:dispatches")).status_code == 403
    assert client.post(reverse("tiplines:upload"), {"file": dispatch_file()}).status_code == 403


def test_several_files_together_are_one_dispatch(client: Client, analyst: User) -> None:
    files = [
        SimpleUploadedFile("1.json", json.dumps(json_report("990000001")).encode()),
        SimpleUploadedFile("1.json", json.dumps(json_report("990000002")).encode()),
        SimpleUploadedFile("list.csv", b"CTR No.,Suspect Name\n990000003,Sita Das\n"),
    ]

    client.post(reverse("tiplines:upload"), {"file": files})

    work()
    assert Dispatch.objects.count() == 1
    assert Tipline.objects.count() == 3
