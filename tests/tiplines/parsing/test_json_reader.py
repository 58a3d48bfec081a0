from __future__ import annotations

import json
from typing import Any

import pytest

from tiplines.parsing import read_bundle
from tiplines.parsing.records import IdentifierKind, PartyRole, Reading, SourceDocument, TipReport

WHOLE: dict[str, Any] = {
    "reportId": 195000123,
    "dateReceived": "2025-06-02T04:00:00Z",
    "reportedInformation": {
        "reportingEsp": {"espName": "Google", "firstName": "Some", "lastName": "Service"},
        "incidentSummary": {
            "incidentType": "Child Sex Trafficking",
            "incidentDateTime": "2025-06-01T10:00:00Z",
            "incidentDateTimeDescription": "about then",
        },
        "incidentDetails": {
            "webpageIncident": [
                {
                    "sourceInformation": {
                        "sourceCaptures": [{"captureType": "URL", "value": "https://x.org/a"}]
                    },
                    "additionalInformations": [{"value": "page words"}],
                }
            ],
            "emailIncident": [{"contents": [{"value": "mail words"}]}],
        },
        "reportedPeople": {
            "reportedPersons": [
                {
                    "firstName": "Ravi",
                    "lastName": "Namuna",
                    "dateOfBirth": "1990-05-17",
                    "approximateAge": 35,
                    "espUserId": "77",
                    "screenName": {"value": "Ravi.N"},
                    "emails": {"emails": [{"value": "R@Example.org", "verified": True}]},
                    "phones": {"phones": [{"value": "+919810012345", "verified": None}]},
                    "vehicleTagNumber": "DL 3C AB 1234",
                    "languages": ["Hindi", "English"],
                    "addresses": {
                        "addresses": [{"street1": "1 Some Lane", "city": "Delhi", "state": None}]
                    },
                    "sourceInformation": {
                        "sourceCaptures": [
                            {
                                "captureType": "IP Address",
                                "value": "203.0.113.1",
                                "eventName": "UPLOAD",
                                "dateTime": "2025-06-01T10:00:00Z",
                                "port": 5123,
                            },
                            {"captureType": "Profile URL", "value": "https://x.org/u/7"},
                            {"captureType": "IMEI", "value": "352099001761481"},
                            {"captureType": "Shoe Size", "value": "9"},
                        ]
                    },
                    "additionalInformations": [{"value": "card 2345 6789 0124"}],
                }
            ]
        },
        "intendedRecipients": {"intendedRecipients": [{"espUserId": "78"}]},
        "uploadedFiles": {
            "uploadedFiles": [
                {
                    "filename": "a.bin",
                    "originalFilename": "b.bin",
                    "submittalId": "s1",
                    "verificationHash": "AB12",
                    "viewedByEsp": False,
                    "industryClassification": "B2",
                    "ncmecTags": {"groups": [{"tags": [{"value": "Some Tag"}]}]},
                    "espMetadata": {"metadatas": [{"name": "SHA1", "value": "CD"}]},
                    "additionalInformations": [{"value": "file words"}],
                }
            ]
        },
        "additionalInformations": [{"value": "last words"}],
    },
}


def read(data: bytes, name: str = "a.json") -> Reading:
    return read_bundle([SourceDocument(name=name, data=data)])


def only(value: Any, name: str = "a.json") -> TipReport:
    reading = read(json.dumps(value).encode(), name)
    assert not reading.refused
    assert len(reading.found) == 1
    return reading.found[0].report


def told(**information: Any) -> TipReport:
    return only({"reportId": 195000123, "reportedInformation": information})


def test_a_whole_report_is_read() -> None:
    found = only(WHOLE)

    assert (found.number, found.provider, found.unread) == ("195000123", "Google", ())
    assert found.incident_moment_note == "about then"
    assert found.received_moment is not None
    assert found.received_moment.utc is not None
    assert [mention.value for mention in found.mentions] == ["x.org/a"]
    assert found.narrative == "page words\n\nmail words\n\nlast words"
    suspect, recipient, reporter = found.parties
    assert [(m.kind.value, m.value, m.event) for m in suspect.mentions] == [
        ("email", "r@example.org", ""),
        ("phone", "+919810012345", ""),
        ("account", "google:77", ""),
        ("screen-name", "google:ravi.n", ""),
        ("vehicle", "DL3CAB1234", ""),
        ("ip", "203.0.113.1", "Upload"),
        ("url", "x.org/u/7", ""),
        ("device", "imei:352099001761481", ""),
    ]
    assert [mention.verified for mention in suspect.mentions[:2]] == [True, None]
    assert suspect.text == "Shoe Size: 9\ncard XXXX-XXXX-0124\nlanguages: Hindi, English"
    assert recipient.role is PartyRole.RECIPIENT
    assert reporter.name == "Some Service"
    file = found.files[0]
    assert (file.file_id, file.name, file.viewed_by_provider) == ("s1", "b.bin", False)
    assert file.annotations == ("Some Tag",)
    assert [mention.value for mention in file.mentions] == ["md5:ab12", "sha1:cd"]


def test_the_source_is_the_object_itself_but_for_aadhaar() -> None:
    source = only(WHOLE).source

    assert json.dumps(source) == json.dumps(WHOLE).replace("2345 6789 0124", "XXXX-XXXX-0124")


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("reportingEsp",),
        ("incidentSummary",),
        ("incidentDetails",),
        ("incidentDetails", "webpageIncident"),
        ("reportedPeople",),
        ("reportedPeople", "reportedPersons"),
        ("intendedRecipients",),
        ("uploadedFiles",),
        ("uploadedFiles", "uploadedFiles"),
        ("additionalInformations",),
    ],
)
@pytest.mark.parametrize("empty", [None, {}, [], "missing", [None], ""])
def test_any_container_may_be_null_or_missing(path: tuple[str, ...], empty: Any) -> None:
    value = json.loads(json.dumps(WHOLE))
    node = value
    *above, last = ("reportedInformation", *path)
    for name in above:
        node = node[name]
    if empty == "missing":
        del node[last]
    else:
        node[last] = empty

    assert only(value).number == "195000123"


@pytest.mark.parametrize(
    "people",
    [
        {"reportedPersons": [{"espUserId": "77"}]},
        {"reportedPersons": {"espUserId": "77"}},
        [{"espUserId": "77"}],
        [{"reportedPersons": [{"espUserId": "77"}]}],
    ],
)
def test_people_are_found_under_any_nesting(people: Any) -> None:
    found = told(reportedPeople=people)

    assert [m.value for p in found.parties for m in p.mentions] == [":77"]


def test_a_list_of_reports_may_stand_in_an_object() -> None:
    others = {
        "sentBy": "NCRB",
        "reports": [WHOLE, {"note": "none"}, WHOLE | {"reportId": 195000124}],
    }

    reading = read(json.dumps(others).encode())

    assert [one.report.number for one in reading.found] == ["195000123", "195000124"]
    assert [refusal.place for refusal in reading.refused] == ["reports[2]"]


@pytest.mark.parametrize("screen_name", ["R", {"value": "R"}, [{"value": "R"}], ["R"]])
def test_a_value_may_be_bare_wrapped_or_listed(screen_name: Any) -> None:
    found = told(reportedPeople={"reportedPersons": [{"screenName": screen_name}]})

    assert [m.kind for m in found.parties[0].mentions] == [IdentifierKind.SCREEN_NAME]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Prior CT Reports: 195000001, 195000002", ("195000001", "195000002")),
        ("seen twice\nPrior CyberTipline Report: 195000003", ("195000003",)),
        ("He said: prior CT reports: 195000001 were wrong", ()),
        ("Prior CT Reports: none", ()),
    ],
)
def test_earlier_reports_are_read_from_their_label_in_prose(
    text: str, numbers: tuple[str, ...]
) -> None:
    person = {"firstName": "Ravi", "additionalInformations": [{"value": text}]}

    found = told(reportedPeople={"reportedPersons": [person]})

    assert found.prior_reports == numbers


def test_unknown_names_are_kept_and_named() -> None:
    found = told(reportedPeople={"reportedPersons": [{"mood": {"deep": 1}}]}, other=[{"x": 1}])

    assert found.unread == (
        "reportedInformation/other",
        "reportedInformation/other/x",
        "reportedInformation/reportedPeople/reportedPersons/mood",
        "reportedInformation/reportedPeople/reportedPersons/mood/deep",
    )
    assert found.source["reportedInformation"]["other"] == [{"x": 1}]


def test_without_an_id_the_number_is_the_file_names() -> None:
    assert only({"reportedInformation": None}, "195000123.json").number == "195000123"
    assert only({"reportedInformation": None}, "report.json").number is None


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'\xef\xbb\xbf{"reportId":195000123}', id="byte order mark"),
        pytest.param('{"reportId":195000123}'.encode("utf-16"), id="utf-16"),
        pytest.param(b'{"reportId":"195000123"}', id="number as text"),
        pytest.param(b'[{"reportId":195000123}]', id="list of one"),
    ],
)
def test_one_report_in_any_dress(data: bytes) -> None:
    assert [one.report.number for one in read(data).found] == ["195000123"]


@pytest.mark.parametrize(
    ("data", "places"),
    [
        pytest.param(
            b'[{"reportId":195000123},7,{"x":1},{"reportId":195000124}]', ["[2]", "[3]"], id="list"
        ),
        pytest.param(
            b'{"reportId":195000123}\n{"reportId":\n{"a":1,"a":2}\r\n\n{"reportId":195000124}\n',
            ["line 2/line 1, column 13", "line 3/a"],
            id="one a line",
        ),
    ],
)
def test_one_bad_entry_is_refused_and_the_rest_goes_on(data: bytes, places: list[str]) -> None:
    reading = read(data)

    assert [one.report.number for one in reading.found] == ["195000123", "195000124"]
    assert [refusal.place for refusal in reading.refused] == places


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b'{"reportId": NaN}', "NaN", id="nan"),
        pytest.param(b'{"reportId": 1e999}', "too large", id="infinity in disguise"),
        pytest.param(b'{"reportId": 1, "reportId": 2}', "twice", id="duplicate names"),
        pytest.param(
            ("{" + "".join(f'"a{n}":1,' for n in range(50_000)) + '"b":1,"b":2}').encode(),
            "twice",
            id="duplicate behind many names",
        ),
        pytest.param(b'{"a":' * 100_000, "too deep", id="deep objects"),
        pytest.param(b'{"reportId":1,"x":' + b"[" * 200 + b"]" * 200 + b"}", "deeper", id="lists"),
        pytest.param(b'{"reportId": ' + b"9" * 5_000 + b"}", "not JSON", id="endless number"),
        pytest.param(b'{"reportId": 1', "not JSON", id="truncated"),
        pytest.param(b'{"reportId": "\xe9"}', "not utf-8", id="wrong encoding"),
        pytest.param(b'{"reportId": "\0", "words": "enough to be text"}', "not JSON", id="nul"),
        pytest.param(b'{"words": 1}', "not a report", id="another object"),
        pytest.param(b"[]", "empty", id="no entries"),
        pytest.param(b"", "empty", id="no bytes"),
    ],
)
def test_hostile_json_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    reading = read(data)

    assert not reading.found
    assert len(reading.refused) == 1
    assert reason in reading.refused[0].reason


def test_text_that_no_database_can_hold_is_replaced() -> None:
    words = b'{"additionalInformations":["a\\u0000\\ud800"]}'
    data = b'{"reportId":195000123,"reportedInformation":' + words + b"}"

    report = read(data).found[0].report

    assert report.narrative == "a\ufffd\ufffd"


def test_very_long_texts_are_read() -> None:
    long = "234567890124 " * 100_000

    found = told(
        additionalInformations=[long], reportedPeople=[{"ipAddress": long, "approximateAge": long}]
    )

    assert "234567890124" not in found.narrative
