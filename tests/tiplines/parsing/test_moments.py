"""Time integrity: what a sender wrote is kept, UTC follows only where the zone is stated."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tiplines.parsing.test_json_reader import told
from tests.tiplines.parsing.test_xml_reader import file, report, suspect
from tiplines.covering import NOBODY
from tiplines.parsing import moments, read_bundle
from tiplines.parsing.records import Moment, SourceDocument
from tiplines.services.facts import facts

NOON = datetime(2026, 1, 1, tzinfo=UTC)
# Every way to state a zone that the reader takes, and nothing else makes a moment.
ZONE = re.compile(
    r"(?:Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?(?:\.\d+)?|UTC|GMT|\( *(?:UTC|GMT) *\))\Z", re.IGNORECASE
)

times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2060, 1, 1))  # noqa: DTZ001 - zones are drawn apart
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
shapes = st.sampled_from(
    [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y%m%dT%H%M%S",
        "%m-%d-%Y %H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%d.%m.%Y %I:%M %p",
        "%Y-%m-%d",
        "%d-%m-%Y",
        "%s",
        "%b %d, %Y %H:%M:%S",
        "%a, %d %b %Y %H:%M:%S",
    ]
)
endings = st.sampled_from(
    ["", "Z", " Z", "+05:30", "-0800", " +00:00", " UTC", "UTC", " (UTC)", " GMT", " IST", " PST"]
)
pieces = st.text(alphabet="0123456789-/:. TZ+UTCGM()APIS५", max_size=30)


@given(text=st.one_of(pieces, st.text(max_size=40)))
@example("1717236000000")
@example("1701010512345")
@example("2025-06-01T10:00:00-00:00")
@example("2025-06-01T10:00:00 UTC (GMT)")
@example("9999-12-31T23:59:59-14:00")
def test_no_text_gets_a_utc_without_a_zone_in_it(text: str) -> None:
    found = moments.moment(text)

    assert found.original == text.strip()
    assert (found.utc is None) or found.utc.utcoffset() == timedelta(0)
    if found.utc is not None:
        assert found.zone
        assert ZONE.search(found.original)


@given(at=times, shape=shapes, ending=endings)
def test_a_zone_is_never_assumed_for_any_usual_spelling(
    at: datetime, shape: str, ending: str
) -> None:
    text = at.strftime(shape) + ending

    found = moments.moment(text)

    if found.utc is None:
        return
    # Read it once more by other means: the digits at the stated offset are the UTC told.
    digits = datetime.strptime(text.removesuffix(ending), shape)  # noqa: DTZ007 - its zone is added
    hours = {"+05:30": 5.5, "-0800": -8.0}.get(ending, 0.0)
    assert ending not in ("", " IST", " PST")
    assert found.utc == digits.replace(tzinfo=UTC) - timedelta(hours=hours)
    assert "%H" in shape or "%I" in shape


@given(at=times, offset=offsets, places=st.integers(0, 9))
def test_iso_text_with_an_offset_comes_back_as_that_moment(
    at: datetime, offset: timezone, places: int
) -> None:
    aware = at.replace(tzinfo=offset, microsecond=at.microsecond if places else 0)
    digits = f"{aware.microsecond:06d}000"[:places]
    text = aware.strftime("%Y-%m-%dT%H:%M:%S") + (f".{digits}" if digits else "")
    text += aware.isoformat()[-6:]

    found = moments.moment(text)

    kept = aware.replace(microsecond=int(f"{digits:0<6}"[:6]))
    assert (found.original, found.zone, found.utc) == (text, text[-6:], kept.astimezone(UTC))


@pytest.mark.parametrize(
    ("text", "stated", "zone"),
    [
        pytest.param("2025-06-01T10:00:00+05:30 UTC", None, None, id="two zones that disagree"),
        pytest.param("1701010512345", "UTC", "UTC", id="milliseconds since 1970"),
        pytest.param("1717236000", "UTC", "UTC", id="seconds since 1970"),
        pytest.param("2025-06-01 10:00 IST", None, None, id="IST of nobody knows where"),
        pytest.param("2025-06-01 10:00 UTC+05:30", None, None, id="offset behind UTC"),
        pytest.param("25/06/25 10:00 UTC", None, "UTC", id="year of two digits"),
        pytest.param("31-02-2025 10:00 UTC", None, "UTC", id="no such day"),
        pytest.param("2025-06-01T25:00:00Z", None, None, id="no such hour"),
        pytest.param("2025-06-01T23:59:60Z", None, None, id="leap second"),
        pytest.param("2025-06-01T10:00:00+24:00", None, None, id="no such offset"),
    ],
)
def test_what_cannot_be_read_for_certain_stays_unread(
    text: str, stated: str | None, zone: str | None
) -> None:
    assert moments.moment(text, stated_zone=stated) == Moment(original=text, utc=None, zone=zone)


def xml_moment(text: str) -> Moment | None:
    return report(
        f"<incidentSummary><incidentDateTime>{text}</incidentDateTime></incidentSummary>"
    ).incident_moment


def xml_capture(text: str) -> Moment | None:
    capture = f"<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress><dateTime>{text}</dateTime>"
    return suspect(f"{capture}</ipCaptureEvent>").parties[0].mentions[0].moment


def xml_file_device(text: str) -> Moment | None:
    device = f"<deviceId><idType>IMEI</idType><idValue>1</idValue><dateTime>{text}</dateTime>"
    return file(f"{device}</deviceId>").files[0].mentions[0].moment


def json_moment(text: str) -> Moment | None:
    return told(incidentSummary={"incidentDateTime": text}).incident_moment


def json_capture(text: str) -> Moment | None:
    captures = [{"captureType": "IP Address", "value": "192.0.2.1", "dateTime": text}]
    person = {"sourceInformation": {"sourceCaptures": captures}}
    found = told(reportedPeople={"reportedPersons": [person]})
    return found.parties[0].mentions[0].moment


def list_moment(text: str, header: str = "Incident Time") -> Moment | None:
    rows = f"Tipline No,{header}\n195000123,{text}\n"
    (found,) = read_bundle([SourceDocument(name="a.csv", data=rows.encode())]).found
    return found.report.incident_moment


READERS = [xml_moment, xml_capture, xml_file_device, json_moment, json_capture, list_moment]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize(
    ("text", "zone", "hour"),
    [
        ("2025-06-01T10:00:00Z", "Z", 10),
        ("2025-06-01T15:30:00+05:30", "+05:30", 10),
        ("2025-06-01T02:00:00.250-0800", "-0800", 10),
        ("06-13-2025 10:00:00 UTC", "UTC", 10),
        ("2025-06-01T10:00:00", None, None),
        ("2025-06-01", None, None),
        ("about noon", None, None),
    ],
)
def test_every_reader_keeps_text_zone_and_utc(
    reader: Any, text: str, zone: str | None, hour: int | None
) -> None:
    found = reader(text)

    assert (found.original, found.zone) == (text, zone)
    assert (found.utc and found.utc.hour) == hour


def test_indian_time_in_a_list_is_kept_as_it_was_written() -> None:
    found = list_moment("25/06/2025 15:30 IST")

    assert found is not None
    assert (found.original, found.zone) == ("25/06/2025 15:30 IST", "IST")
    assert found.utc == datetime(2025, 6, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "is_missing"),
    [("2025-06-01T10:00:00", True), ("2025-06-01T10:00:00Z", False), ("", False)],
)
def test_a_missing_zone_of_one_address_flags_the_tipline(when: str, is_missing: bool) -> None:  # noqa: FBT001 - a row of the table
    capture = f"<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress><dateTime>{when}</dateTime>"
    found = suspect(f"{capture}</ipCaptureEvent>")

    assert facts(found, NOBODY)["zone_missing"] is is_missing
