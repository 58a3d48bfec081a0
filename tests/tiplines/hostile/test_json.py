"""Hostile JSON through the whole intake."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

from tests.tiplines.hostile.offering import (
    GOOD,
    MIB,
    noise,
    numbers,
    offer,
    read_tipline,
    refusal,
    told,
)
from tests.tiplines.intake import json_report
from tiplines.models import Sighting, Tipline, Version

pytestmark = pytest.mark.django_db

NAME = "990000001.json"
NUMBER = "990000001"


def with_value(text: str) -> bytes:
    """A report with a field whose value is written so."""
    whole = json.dumps(json_report(NUMBER, odd="@@"))
    return whole.replace('"@@"', text).encode()


def with_prose(text: str) -> dict[str, Any]:
    whole = json_report(NUMBER)
    whole["reportedInformation"]["additionalInformations"] = [{"value": text}]
    return whole


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(with_value("NaN"), "NaN is not a JSON number", id="NaN"),
        pytest.param(with_value("Infinity"), "Infinity is not a JSON number", id="infinity"),
        pytest.param(with_value("-Infinity"), "-Infinity is not", id="negative infinity"),
        pytest.param(with_value("1e999"), "1e999 is too large", id="1e999"),
        pytest.param(with_value("9" * 10_000), "not JSON", id="an integer of 10,000 digits"),
        pytest.param(
            with_value('1, "reportId": "990000002"'),
            "same name stands twice in one object reportId",
            id="duplicate key",
        ),
        pytest.param(
            with_value('{"a": {"b": 1, "b": 2}}'), "same name stands twice", id="duplicate below"
        ),
        pytest.param(
            with_value('1, "report\\u0049d": "990000002"'),
            "same name stands twice",
            id="duplicate key, escaped",
        ),
        pytest.param(b"[" * 100_000, "nested too deep", id="deep arrays"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "nested too deep", id="deep arrays, closed"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deep", id="objects"),
        pytest.param(
            with_value("[" * 70 + "]" * 70), "nested deeper than 64 levels", id="70 arrays"
        ),
        pytest.param(b'"a string"', "an object was expected", id="a string"),
        pytest.param(b"42", "an object was expected", id="a number"),
        pytest.param(b"null", "an object was expected", id="null"),
        pytest.param(b"[]", "list of reports is empty", id="an empty list"),
        pytest.param(b"{}", "neither reportId nor reportedInformation", id="an empty object"),
        pytest.param(b'{"a": 1}', "not a report", id="another object"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n ", "not JSON", id="space"),
        pytest.param(with_value("'single'"), "not JSON", id="single quotes"),
        pytest.param(with_value('"a\0b"'), "Invalid control character", id="NUL byte"),
        pytest.param(with_value('"\\q"'), "Invalid \\escape", id="an escape that is none"),
        pytest.param(with_value('"naïve"').decode().encode("cp1252"), "not utf-8", id="cp1252"),
        pytest.param(
            with_value('"अ"')[:-80] + b"\xe0\xa4" + with_value('"अ"')[-80:],
            "at byte",
            id="half a character",
        ),
        pytest.param(
            with_value('"अ"').decode().encode("utf-16")[:-1], "not utf-16", id="half of UTF-16"
        ),
    ],
)
def test_hostile_json_waits_in_quarantine_and_the_rest_goes_in(data: bytes, words: str) -> None:
    item = refusal(NAME, data)

    assert words in told(item)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.8, 0.99])
def test_a_truncated_report_says_where_it_ends(share: float) -> None:
    whole = json.dumps(with_prose("अ " * 50), ensure_ascii=False, indent=1).encode()

    item = refusal(NAME, whole[: int(len(whole) * share)])

    assert "not JSON" in item.reason or "not utf-8" in item.reason
    assert "line" in told(item) or "byte" in told(item)


ODD = {
    "NaN": '{"reportId": "990000009", "odd": NaN}',
    "too large": '{"reportId": "990000009", "odd": 1e999}',
    "twice": '{"reportId": "990000009", "odd": {"a": 1, "a": 2}}',
    "deep": '{"reportId": "990000009", "odd": ' + "[" * 100 + "]" * 100 + "}",
    "string": '"a string"',
    "report in a string": json.dumps(json.dumps(json_report("990000009"))),
    "number": "7",
    "null": "null",
}


@pytest.mark.parametrize("odd", ODD)
def test_one_hostile_line_of_several_is_refused_by_itself(odd: str) -> None:
    reports = [json.dumps(json_report(f"99000000{n}")) for n in (1, 2)]

    [item] = offer({"all.jsonl": "\n".join([reports[0], ODD[odd], reports[1]]).encode()})

    assert item.place.startswith("line 2")
    assert numbers() == {*GOOD, "990000001", "990000002"}


@pytest.mark.parametrize("odd", ["deep", "string", "report in a string", "number", "null"])
def test_one_hostile_entry_of_a_list_is_refused_by_itself(odd: str) -> None:
    reports = [json.dumps(json_report(f"99000000{n}")) for n in (1, 2)]

    [item] = offer({"all.json": f"[{reports[0]},{ODD[odd]},{reports[1]}]".encode()})

    assert item.place.startswith("[2]")
    assert numbers() == {*GOOD, "990000001", "990000002"}


@pytest.mark.parametrize(
    "value", ["0", "-0", "1.50", "12345678901234567890123456789", "1e300", "true", "null"]
)
def test_a_number_of_any_size_is_kept(value: str) -> None:
    tipline = read_tipline(NAME, with_value(value))

    [version] = Version.objects.filter(tipline=tipline)
    assert version.source["odd"] == json.loads(value)


@pytest.mark.parametrize("number", ["-990000001", "9.9", "true", '"٩٩٠٠٠٠٠٠١"', '"1\\u0000"'])
def test_a_report_number_is_never_guessed(number: str) -> None:
    text = json.dumps(json_report("@@")).replace('"@@"', number, 1)

    tipline = read_tipline("report.json", text.encode())

    assert tipline.number.startswith("U-")


@pytest.mark.parametrize("written", ["\\ud800", "\\udfff tail", "a\\u0000b"])
def test_what_no_database_can_hold_is_replaced_and_the_report_goes_in(written: str) -> None:
    text = json.dumps(with_prose("@@")).replace("@@", written)

    tipline = read_tipline(NAME, text.encode())

    assert "\ufffd" in tipline.narrative


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_devanagari_is_read_in_every_encoding_that_can_be_told(encoding: str) -> None:
    text = json.dumps(with_prose("अमित ने लिखा"), ensure_ascii=False)

    tipline = read_tipline(NAME, text.encode(encoding))

    assert tipline.narrative == "अमित ने लिखा"


def test_fields_of_a_megabyte_are_read() -> None:
    whole = with_prose(noise(MIB))
    [person] = whole["reportedInformation"]["reportedPeople"]["reportedPersons"]
    person |= {"firstName": noise(MIB), "espUserId": noise(MIB), "screenName": noise(MIB)}
    person["emails"] = [{"value": f"{noise(MIB)}@example.com"}]

    tipline = read_tipline(NAME, json.dumps(whole).encode())

    assert tipline.narrative == noise(MIB)
    assert Sighting.objects.filter(tipline=tipline, provenance="reported").count() == 3


def test_names_of_a_megabyte_are_read() -> None:
    tipline = read_tipline(NAME, json.dumps(json_report(NUMBER) | {noise(MIB): "value"}).encode())

    [version] = Version.objects.filter(tipline=tipline)
    assert version.source[noise(MIB)] == "value"
    assert len(version.unread[0]) == 500


def test_a_report_of_twenty_thousand_unknown_names_is_kept_and_counted() -> None:
    whole = json_report(NUMBER) | {f"name {n}": n for n in range(20_000)}

    tipline = read_tipline(NAME, json.dumps(whole).encode(), method=zipfile.ZIP_STORED)

    [version] = Version.objects.filter(tipline=tipline)
    assert version.source["name 19999"] == 19_999
    assert 0 < len(version.unread) <= 1_000


def test_the_same_report_twice_in_one_file_is_one_tipline() -> None:
    text = "\n".join(json.dumps(json_report(NUMBER)) for _ in range(3))

    items = offer({"all.jsonl": text.encode()})

    assert not items
    assert Tipline.objects.filter(number=NUMBER).count() == 1
