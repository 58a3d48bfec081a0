"""Which XML documents of a dispatch speak of one report."""

from __future__ import annotations

import pytest

from tests.tiplines.parsing.test_xml_reader import (
    FILE,
    REPORT,
    bundle,
    only,
)
from tiplines.parsing.records import (
    Provenance,
    Reading,
)

RESPONSE = "<reportResponse><responseCode>0</responseCode><reportId>{}</reportId></reportResponse>"


def told(reading: Reading) -> list[tuple[str | None, str, list[str]]]:
    assert not reading.refused
    return sorted(
        (
            (one.report.number, one.report.narrative, [f.file_id for f in one.report.files])
            for one in reading.found
        ),
        key=str,
    )


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param(
            {"d__report": REPORT.format("a"), "d__file": FILE.format(195000123, "f")},
            [("195000123", "a", ["f"])],
            id="number from the file details beside it",
        ),
        pytest.param(
            {"d__report": REPORT.format("a"), "d__response": RESPONSE.format(195000123)},
            [("195000123", "a", [])],
            id="number from the response beside it",
        ),
        pytest.param(
            {"195000123__report": REPORT.format("a")}, [("195000123", "a", [])], id="folder"
        ),
        pytest.param({"195000123": REPORT.format("a")}, [("195000123", "a", [])], id="file name"),
        pytest.param(
            {"CyberTipline_195000123_report": REPORT.format("a")},
            [("195000123", "a", [])],
            id="number within a name",
        ),
        pytest.param(
            {"20250601__CTR195000123_20250601": REPORT.format("a")},
            [("195000123", "a", [])],
            id="a day is no number",
        ),
        pytest.param({"report": REPORT.format("a")}, [(None, "a", [])], id="no number anywhere"),
        pytest.param(
            {"195000999__file": FILE.format(195000123, "f")},
            [("195000123", "", ["f"])],
            id="file details alone; what is stated wins over a name",
        ),
        pytest.param(
            {
                "195000123": REPORT.format("a"),
                "195000124": REPORT.format("b"),
                "195000123_1": FILE.format(195000123, "f"),
                "195000124_1": FILE.format(195000124, "g"),
            },
            [("195000123", "a", ["f"]), ("195000124", "b", ["g"])],
            id="several reports by name",
        ),
        pytest.param(
            {
                "report_1": REPORT.format("a"),
                "report_2": REPORT.format("b"),
                "response_1": RESPONSE.format(195000123),
                "response_2": RESPONSE.format(195000124),
            },
            [("195000123", "a", []), ("195000124", "b", [])],
            id="several reports by their small digits",
        ),
        pytest.param(
            {"195000123": REPORT.format("a"), "195000124_f": FILE.format(195000124, "g")},
            [("195000123", "a", []), ("195000124", "", ["g"])],
            id="another report's file is not taken",
        ),
        pytest.param(
            {
                "all": "<batch>"
                + REPORT.format("a")
                + RESPONSE.format(195000123)
                + FILE.format(195000123, "f")
                + REPORT.format("b")
                + FILE.format(195000124, "g")
                + "</batch>"
            },
            [("195000123", "a", ["f"]), ("195000124", "b", ["g"])],
            id="several in one document, each with what follows",
        ),
        pytest.param(
            {
                "all": "<batch><tip>"
                + FILE.format(195000123, "f")
                + REPORT.format("a")
                + "</tip><tip>"
                + REPORT.format("b")
                + FILE.format(195000124, "g")
                + "</tip></batch>"
            },
            [("195000123", "a", ["f"]), ("195000124", "b", ["g"])],
            id="each in an element of its own, in any order",
        ),
        pytest.param(
            {"x__report": REPORT.format("a"), "x__195000123__report": REPORT.format("b")},
            [("195000123", "b", []), (None, "a", [])],
            id="folders are apart",
        ),
        pytest.param(
            {"195000123__a": REPORT.format("a"), "y__195000123": REPORT.format("a")},
            [("195000123", "a", [])],
            id="the same report twice is one",
        ),
    ],
)
def test_documents_are_joined_by_what_they_state(
    documents: dict[str, str], expected: list[tuple[str | None, str, list[str]]]
) -> None:
    assert told(bundle(**documents)) == sorted(expected, key=str)


def test_two_different_reports_of_one_number_are_both_kept() -> None:
    reading = bundle(a__195000123=REPORT.format("old"), b__195000123=REPORT.format("new"))

    assert [one.report.narrative for one in reading.found] == ["old", "new"]


def test_what_stands_around_reports_is_kept() -> None:
    found = only(bundle(a=f"<batch sent='x'><note>words</note>{REPORT.format('a')}</batch>"))

    assert found.source["around"] == [{"batch": {"@sent": "x", "note": "words"}}]


def test_responses_give_the_file_count_and_the_hash_of_an_upload() -> None:
    found = only(
        bundle(
            d__report=REPORT.format("a"),
            d__upload="<reportResponse><responseCode>0</responseCode><reportId>195000123</reportId>"
            "<fileId>f1</fileId><hash>AB</hash></reportResponse>",
            d__done="<reportDoneResponse><responseCode>0</responseCode><reportId>195000123"
            "</reportId><files><fileId>f1</fileId><fileId>f2</fileId></files></reportDoneResponse>",
        )
    )

    assert found.stated_file_count == 2
    assert found.files[0].file_id == "f1"
    assert found.files[0].mentions[0].value == "md5:ab"
    assert found.files[0].mentions[0].provenance is Provenance.NCMEC
