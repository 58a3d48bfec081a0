"""XML made to do harm, in odd encodings, and very large."""

from __future__ import annotations

import pytest

from tests.tiplines.parsing.test_xml_reader import (
    FILE,
    REPORT,
    bundle,
    only,
    suspect,
)
from tiplines.parsing import read_bundle
from tiplines.parsing.records import (
    SourceDocument,
)

ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><report>&x;</report>',
            "document type",
            id="external entity",
        ),
        pytest.param(
            f"<!DOCTYPE r [{ENTITIES}]><report>&e9;</report>".encode(), "document type", id="laughs"
        ),
        pytest.param(
            b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><report/>', "document type", id="dtd"
        ),
        pytest.param(b"<report>" + b"<a>" * 100_000, "nested deeper", id="deep"),
        pytest.param(b"<report><incidentSummary>", "not well-formed", id="truncated"),
        pytest.param(b"<report>&nope;</report>", "not well-formed", id="undefined entity"),
        pytest.param(b"<report>&#0;</report>", "not well-formed", id="nul reference"),
        pytest.param(b"<report>" + b"x" * 90 + b"\0</report>", "not well-formed", id="nul"),
        pytest.param(
            b"<?xml version='1.0' encoding='utf-8'?><report>\xe9 \xe9</report>",
            "not well-formed",
            id="wrong encoding",
        ),
        pytest.param(
            b"<?xml version='1.0' encoding='no-such'?><report/>", "not well-formed", id="unknown"
        ),
        pytest.param(b"<html><p>words</p></html>", "no report", id="another document"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"<report/><report/>", "not well-formed", id="two roots"),
    ],
)
def test_hostile_xml_is_refused_with_a_reason_and_the_rest_goes_on(
    data: bytes, reason: str
) -> None:
    good = SourceDocument(name="195000124.xml", data=b"<report/>")

    reading = read_bundle([SourceDocument(name="195000123.xml", data=data), good])

    assert [one.report.number for one in reading.found] == ["195000124"]
    assert [refusal.document for refusal in reading.refused] == ["195000123.xml"]
    assert reason in reading.refused[0].reason
    assert reading.refused[0].number == "195000123"


def test_a_refusal_names_the_element() -> None:
    reading = bundle(
        a="<report><reporter><reportingPerson>&x;</reportingPerson></reporter></report>"
    )

    assert reading.refused[0].place == "report/reporter/reportingPerson"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_declared_and_marked_encodings_are_read(encoding: str) -> None:
    declared = "iso-8859-1" if encoding == "iso-8859-1" else encoding.removesuffix("-sig")
    text = f"<?xml version='1.0' encoding='{declared}'?>{REPORT.format('é')}"

    reading = read_bundle([SourceDocument(name="a.xml", data=text.encode(encoding))])

    assert only(reading).narrative == "é"


def test_very_long_fields_are_read() -> None:
    long = "234567890124 " * 100_000

    found = suspect(
        f"<screenName>{long}</screenName><additionalInfo>{long}</additionalInfo>"
        f"<ipCaptureEvent><ipAddress>{long}</ipAddress><port>{long}</port></ipCaptureEvent>"
    )

    assert len(found.parties[0].mentions) == 2
    assert "234567890124" not in found.parties[0].text


def test_thousands_of_files_and_captures_are_read() -> None:
    capture = "<ipCaptureEvent><ipAddress>203.0.113.1</ipAddress></ipCaptureEvent>"
    files = "".join(FILE.format(195000123, n) for n in range(5_000))

    found = only(
        bundle(
            a=f"<batch><report><personOrUserReported>{capture * 2_000}</personOrUserReported>"
            f"</report>{files}</batch>"
        )
    )

    assert len(found.files) == 5_000
    assert len(found.parties[0].mentions) == 2_000
