"""Hostile XML through the whole intake."""

from __future__ import annotations

import socket
import threading
import zipfile

import pytest

from tests.tiplines.hostile.offering import MIB, noise, offer, read_tipline, refusal, told
from tiplines.models import Sighting, Tipline

pytestmark = pytest.mark.django_db

NAME = "990000001.xml"
DOCTYPE = "document type declaration or entity is not allowed"
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(10))
SUMMARY = (
    "<incidentSummary><incidentType>Child Sex Trafficking</incidentType>"
    "<incidentDateTime>2026-10-18T18:45:00Z</incidentDateTime></incidentSummary>"
)
REPORTER = "<reporter><reportingPerson><firstName>Example</firstName></reportingPerson></reporter>"


def report(*, told: str = "", user: str = "") -> str:
    return (
        f"<report>{SUMMARY}{REPORTER}<personOrUserReported>{user}</personOrUserReported>"
        f"<additionalInfo>{told}</additionalInfo></report>"
    )


def doctype(declarations: str, body: str = "&x;") -> bytes:
    return f"<!DOCTYPE r [{declarations}]>{report(told=body)}".encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(doctype('<!ENTITY x "word">'), DOCTYPE, id="internal entity"),
        pytest.param(
            doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'), DOCTYPE, id="external entity"
        ),
        pytest.param(
            doctype('<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;', ""),
            DOCTYPE,
            id="external parameter entity",
        ),
        pytest.param(doctype(LAUGHS, "&e9;"), DOCTYPE, id="billion laughs"),
        pytest.param(
            doctype(f'<!ENTITY x "{"a" * 50_000}">', "&x;" * 50_000),
            DOCTYPE,
            id="quadratic blow-up",
        ),
        pytest.param(b"<!DOCTYPE report><report/>", DOCTYPE, id="doctype alone"),
        pytest.param(
            doctype('<!ENTITY x "word">').decode().encode("utf-16"), DOCTYPE, id="in UTF-16"
        ),
        pytest.param(report(told="&nope;").encode(), "undefined entity", id="undefined entity"),
        pytest.param(
            b"<report>" + b"<a>" * 100_000, "nested deeper than 64 levels", id="deep nesting"
        ),
        pytest.param(
            b"<report>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</report>",
            "nested deeper than 64 levels",
            id="deep nesting, closed",
        ),
        pytest.param(
            b"<report>" + b"<a/>" * 600_000 + b"</report>",
            "more than 500000 elements and attributes",
            id="too many elements",
        ),
        pytest.param(
            report().encode() + report().encode(), "junk after document element", id="two roots"
        ),
        pytest.param(report(told="a\0b").encode(), "not well-formed", id="NUL byte"),
        pytest.param(report(told="&#0;").encode(), "not well-formed", id="NUL reference"),
        pytest.param(report(told="&#xD800;").encode(), "not well-formed", id="lone surrogate"),
        pytest.param(
            b"<?xml version='1.0' encoding='utf-8'?>" + report(told="naïve").encode("cp1252"),
            "not well-formed",
            id="declared UTF-8, is Windows-1252",
        ),
        pytest.param(
            b"<?xml version='1.0' encoding='no-such'?>" + report().encode(),
            "unknown encoding",
            id="unknown encoding",
        ),
        pytest.param(
            b"<?xml version='1.0' encoding='utf-16'?>" + report().encode(),
            "not well-formed",
            id="declared UTF-16, is UTF-8",
        ),
        pytest.param(
            report(told="अ").encode("utf-16")[:-1], "not well-formed", id="half a character"
        ),
        pytest.param(b"<html><p>words</p></html>", "no report, fileDetails", id="other XML"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf", "not well-formed", id="a byte order mark alone"),
    ],
)
def test_hostile_xml_waits_in_quarantine_and_the_rest_goes_in(data: bytes, words: str) -> None:
    method = zipfile.ZIP_STORED if len(data) > MIB else zipfile.ZIP_DEFLATED

    item = refusal(NAME, data, method=method)

    assert words in told(item)
    assert item.number == "990000001"


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.8, 0.99])
def test_a_truncated_report_says_where_it_ends(share: float) -> None:
    whole = report(told="अ " * 50, user="<screenName>ravi</screenName>").encode()

    item = refusal(NAME, whole[: int(len(whole) * share)])

    assert "not well-formed" in item.reason
    assert "line 1" in item.reason


def test_nothing_is_fetched_for_an_external_entity() -> None:
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    calls.append(server.accept()[0].recv(100))
                except TimeoutError:
                    continue

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            url = f"http://127.0.0.1:{port}/x"
            items = offer(
                {
                    "990000001.xml": doctype(f'<!ENTITY x SYSTEM "{url}">'),
                    "990000002.xml": doctype(f'<!ENTITY % p SYSTEM "{url}"> %p;', ""),
                    "990000003.xml": f'<!DOCTYPE r SYSTEM "{url}"><report/>'.encode(),
                }
            )
        finally:
            stop.set()
            listener.join()

    assert len(items) == 3
    assert not calls


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        pytest.param("", "utf-8", id="UTF-8"),
        pytest.param("", "utf-8-sig", id="UTF-8 with its mark"),
        pytest.param(
            "<?xml version='1.0' encoding='utf-16'?>", "utf-16", id="UTF-16 with its mark"
        ),
        pytest.param(
            "<?xml version='1.0' encoding='utf-16le'?>", "utf-16-le", id="UTF-16LE without a mark"
        ),
        pytest.param(
            "<?xml version='1.0' encoding='utf-16be'?>", "utf-16-be", id="UTF-16BE without a mark"
        ),
    ],
)
def test_devanagari_is_read_in_every_encoding_that_says_so(head: str, encoding: str) -> None:
    tipline = read_tipline(NAME, (head + report(told="अमित ने लिखा")).encode(encoding))

    assert tipline.narrative == "अमित ने लिखा"


def test_western_letters_are_read_in_the_encoding_declared() -> None:
    head = "<?xml version='1.0' encoding='iso-8859-1'?>"

    tipline = read_tipline(NAME, (head + report(told="naïve é")).encode("iso-8859-1"))

    assert tipline.narrative == "naïve é"


def test_fields_of_a_megabyte_are_read() -> None:
    long = noise(MIB)
    user = (
        f"<screenName>{long}</screenName><profileUrl>https://example.com/{long}</profileUrl>"
        f"<espIdentifier>{long}</espIdentifier><displayName>{long}</displayName>"
        f"<ipCaptureEvent><ipAddress>{long}</ipAddress></ipCaptureEvent>"
    )

    tipline = read_tipline(NAME, report(told=long, user=user).encode())

    assert tipline.narrative == long
    assert Sighting.objects.filter(tipline=tipline, provenance="reported").count() == 4


def test_one_hostile_part_takes_no_neighbour_with_it() -> None:
    """Reports of one document share its fate, those of other documents do not."""
    good = report(told="good").encode()

    items = offer({"990000001.xml": good, "990000002.xml": b"<report>", "990000003.xml": good})

    assert [item.number for item in items] == ["990000002"]
    assert Tipline.objects.filter(number__in=("990000001", "990000003")).count() == 2
