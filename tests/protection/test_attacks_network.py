"""A25: nothing that comes in makes us call anywhere, and no test could."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from tests import network
from tests.factories import make_officer
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import Tipline

ELSEWHERE = "192.0.2.1"  # kept for documentation: nobody answers


def connect(kind: int, address: tuple[str, int]) -> Callable[[], object]:
    def act() -> object:
        with socket.socket(socket.AF_INET, kind) as link:
            link.settimeout(0)
            if kind == socket.SOCK_DGRAM:
                return link.sendto(b"x", address)
            link.connect(address)
            return None

    return act


@pytest.mark.parametrize(
    "act",
    [
        connect(socket.SOCK_STREAM, (ELSEWHERE, 80)),
        connect(socket.SOCK_DGRAM, (ELSEWHERE, 53)),
        lambda: socket.getaddrinfo("example.invalid", 80),
        lambda: socket.gethostbyname("example.invalid"),
        lambda: socket.create_connection((ELSEWHERE, 80), timeout=0.1),
    ],
    ids=["stream", "datagram", "getaddrinfo", "gethostbyname", "create_connection"],
)
def test_a25_no_test_reaches_beyond_this_machine(act: Callable[[], object]) -> None:
    with pytest.raises(network.BeyondThisMachine):
        act()

    assert network.REFUSED
    network.REFUSED.clear()


def test_a25_what_is_on_this_machine_is_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=1) as link,
    ):
        assert link.getpeername() == server.getsockname()


@pytest.mark.django_db
def test_a25_addresses_in_a_report_are_called_by_nobody(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/picture.png"
        report = json_report(policeReference=address)
        about = report["reportedInformation"]
        about["additionalInformations"] = {"additionalInformations": [{"value": address}]}
        about["uploadedFiles"] = {"uploadedFiles": [{"fileName": address, "url": address}]}
        about["reportedPeople"]["reportedPersons"][0]["profileUrl"] = address
        dispatch = bring(zip_of({"1.json": report}))
        work()
        client.force_login(
            make_officer(Role.ANALYST), backend="django.contrib.auth.backends.ModelBackend"
        )
        number = Tipline.objects.get().number
        for path in (
            reverse("cases:tipline", args=[number]),
            reverse("tiplines:dispatch", args=[dispatch.pk]),
            reverse("tiplines:receipt", args=[dispatch.pk]),
        ):
            assert client.get(path).status_code == 200
        with pytest.raises(TimeoutError):
            server.accept()
