"""Identifiers in prose: what is found, what is left alone, and that the work stays in bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from re import _parser as regex_parser  # type: ignore[attr-defined]  # how `re` reads a pattern
from typing import Any

import pytest

from tests.tiplines.parsing.test_json_reader import told
from tests.tiplines.parsing.test_xml_reader import file, report, suspect
from tiplines.parsing import judging, mining, moments, normalising, pairing, read_bundle
from tiplines.parsing.mining import mine, mine_beside
from tiplines.parsing.records import (
    IdentifierKind,
    Mention,
    Provenance,
    SourceDocument,
)

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MEBIBYTE = 1024 * 1024


def found(text: str, provider: str = "") -> list[tuple[str, str]]:
    return [(m.kind.value, m.value) for m in mine(text, place="p", provider=provider)]


def mined(mentions: tuple[Mention, ...]) -> list[tuple[str, str, str]]:
    return [
        (m.kind.value, m.value, m.place) for m in mentions if m.provenance is Provenance.FREE_TEXT
    ]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        pytest.param("at Ravi.K@Example.com.", "email", "ravi.k@example.com", id="email"),
        pytest.param("<ravi@example.com>", "email", "ravi@example.com", id="in brackets"),
        pytest.param("ravi@example.com.He", "email", "ravi@example.com", id="next sentence"),
        pytest.param("call 98100 12345", "phone", "+919810012345", id="indian mobile"),
        pytest.param("Mob.-9810012345", "phone", "+919810012345", id="behind an abbreviation"),
        pytest.param("(+91) 98100-12345", "phone", "+919810012345", id="country in brackets"),
        pytest.param("call 0091 9810012345", "phone", "+919810012345", id="international"),
        pytest.param("on 919810012345 now", "phone", "+919810012345", id="country without plus"),
        pytest.param("ring 011-23490000", "phone", "+911123490000", id="landline"),
        pytest.param("+1 (201) 555-0123", "phone", "+12015550123", id="another country"),
        pytest.param("98100 12345 20 times", "phone", "+919810012345", id="a count behind"),
        pytest.param("नंबर ९८१००१२३४५पर", "phone", "+919810012345", id="devanagari"),
        pytest.param("from 203.0.113.7.", "ip", "203.0.113.7", id="ipv4"),
        pytest.param("[2001:DB8:0::1]", "ip", "2001:db8::1", id="ipv6"),
        pytest.param("::ffff:203.0.113.7", "ip", "203.0.113.7", id="mapped"),
        pytest.param("pay Ravi.k@okaxis", "upi", "ravi.k@okaxis", id="upi by its handle"),
        pytest.param("9810012345@ybl", "upi", "9810012345@ybl", id="upi of a phone"),
        pytest.param("UPI: ravi@madebank", "upi", "ravi@madebank", id="upi by the word"),
        pytest.param("upi://pay?pa=ravi@ybl&am=1", "upi", "ravi@ybl", id="upi link"),
        pytest.param("(https://t.me/+AbC)", "url", "t.me/+AbC", id="invitation"),
        pytest.param("t.me/ravi99, then", "url", "t.me/ravi99", id="url without scheme"),
        pytest.param("hxxps://t[.]me/ravi99", "url", "t.me/ravi99", id="defused url"),
        pytest.param("www.example.org/a.", "url", "example.org/a", id="www"),
        pytest.param("m.facebook.com/ravi.k", "url", "facebook.com/ravi.k", id="profile"),
        pytest.param(f"file {MD5}.", "hash", f"md5:{MD5}", id="md5"),
        pytest.param(SHA1.upper(), "hash", f"sha1:{SHA1}", id="sha1"),
        pytest.param(SHA256, "hash", f"sha256:{SHA256}", id="sha256"),
        pytest.param(f"PDQ: {SHA256}", "hash", f"pdq:{SHA256}", id="pdq by the word"),
        pytest.param("IMEI: 35-209900-176148-1", "device", "imei:352099001761481", id="imei"),
        pytest.param("352099001761481 (IMEI)", "device", "imei:352099001761481", id="word behind"),
        pytest.param("ABCPE1234F", "pan", "ABCPE1234F", id="pan"),
        pytest.param("pan abcpe1234f", "pan", "ABCPE1234F", id="pan in small letters"),
        pytest.param("drives DL-3C-AB-1234", "vehicle", "DL3CAB1234", id="delhi plate"),
        pytest.param("UP16 BX 0001", "vehicle", "UP16BX0001", id="another state"),
        pytest.param("22 BH 1234 AA", "vehicle", "22BH1234AA", id="bharat series"),
        pytest.param("Telegram: @Ravi_99", "screen-name", "telegram:ravi_99", id="telegram"),
        pytest.param("@ravi_99 on Insta", "screen-name", "instagram:ravi_99", id="word behind"),
        pytest.param("टेलीग्राम पर @ravi_99", "screen-name", "telegram:ravi_99", id="hindi"),
    ],
)
def test_prose_gives_up_its_identifiers(text: str, kind: str, value: str) -> None:
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nothing to see", id="words"),
        pytest.param("tipline 195000123 of 2025", id="report number"),
        pytest.param("on 2025-06-01 10:00:00, 01-06-2025 and 06/01/2025", id="days"),
        pytest.param("created 1717236000, 1717236000000", id="seconds"),
        pytest.param("201 555 0123", id="another country's number without plus"),
        pytest.param("User ID: 9810012345", id="an id of ten digits"),
        pytest.param('{"user_id":"9810012345"}', id="an id in json"),
        pytest.param("card 4111 1111 1111 1111", id="card"),
        pytest.param("550e8400-e29b-41d4-a716-446655440000", id="uuid"),
        pytest.param("Chrome/120.0.0.0 and version 10.2.3.4", id="versions"),
        pytest.param("192.0.2.0/24 and 1.2.3.4.5 and 256.1.1.1", id="no addresses"),
        pytest.param("127.0.0.1, 0.0.0.0, ::1, 224.0.0.1", id="nobody's addresses"),
        pytest.param("12:30:45 a::b dead:beef 0A:1B:2C:3D:4E:5F", id="colons"),
        pytest.param("ravi@nosuch", id="neither mail nor upi"),
        pytest.param("mail us: records@example.com", id="desk"),
        pytest.param("x@ncmec.org x@mail.ncmec.org x@fbi.gov x@delhi.gov.in", id="offices"),
        pytest.param("jane@fb.com", id="a company's staff"),
        pytest.param("Message-ID: <12.34@mail.example.com>", id="a message's id"),
        pytest.param("https://www.facebook.com/help/1 https://x.com/", id="company pages"),
        pytest.param("https://report.cybertip.org/x", id="child safety page"),
        pytest.param("352099001761481", id="imei without the word"),
        pytest.param("IMEI 352099001761482", id="imei with a wrong check digit"),
        pytest.param("ABCDE1234F", id="pan of no holder"),
        pytest.param("XABCPE1234F", id="pan inside a longer run"),
        pytest.param("XX 3C AB 1234", id="plate of no state"),
        pytest.param("UP 10 AM 2025", id="a clock time"),
        pytest.param("0" * 32 + " " + "a" * 40, id="no digests"),
        pytest.param("thanks to @ravi_99", id="a handle of nowhere"),
        pytest.param(
            "Was File Reviewed by Company? No. Ask https://example.org/x", id="boilerplate"
        ),
    ],
)
def test_what_only_looks_like_one_is_left(text: str) -> None:
    assert found(text) == []


def test_a_user_name_is_one_at_the_company_that_reports() -> None:
    assert found("username @ravi_99", "X Corp.") == [("screen-name", "x:ravi_99")]
    assert found("username @ravi_99") == []


def test_a_whatsapp_link_names_a_phone() -> None:
    assert found("https://wa.me/919810012345") == [
        ("url", "wa.me/919810012345"),
        ("phone", "+919810012345"),
    ]


def test_a_json_blob_in_text_is_prose_like_any_other() -> None:
    blob = {
        "report_surface": "group",
        "ip": "203.0.113.9",
        "port": 4444,
        "time": "2025-06-01T10:00:00Z",
        "phone": "919810012345",
    }

    ip, phone = mine(json.dumps(blob), place="p")

    assert (ip.value, ip.port) == ("203.0.113.9", 4444)
    assert ip.moment is not None
    assert ip.moment.utc == datetime(2025, 6, 1, 10, tzinfo=UTC)
    assert phone.value == "+919810012345"


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("203.0.113.7:5123", 5123),
        ("203.0.113.7 port 5123", 5123),
        ("203.0.113.7 (source port: 5123)", 5123),
        ("203.0.113.7\nPort: 5123", 5123),
        ("[2001:db8::1]:5123", 5123),
        ("203.0.113.7:99999", None),
        ("203.0.113.7 and port 22", None),
    ],
)
def test_a_port_stands_behind_its_address(text: str, port: int | None) -> None:
    assert [mention.port for mention in mine(text, place="p")] == [port]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        pytest.param("203.0.113.1 at 2025-06-01 10:00:00 UTC", [10], id="behind"),
        pytest.param("203.0.113.1 port 80, 2025-06-01T10:00:00Z", [10], id="behind the port"),
        pytest.param("2025-06-01T15:30:00+05:30 from 203.0.113.1", [10], id="before"),
        pytest.param("203.0.113.1\n06-01-2025 10:00:00 UTC", [10], id="on the next line"),
        pytest.param(
            "2025-06-01T10:00Z 203.0.113.1\n2025-06-01T11:00Z 203.0.113.2", [10, 11], id="a log"
        ),
        pytest.param(
            "203.0.113.1 2025-06-01T10:00Z\n203.0.113.2 2025-06-01T11:00Z", [10, 11], id="the other"
        ),
        pytest.param(
            "Time 2025-06-01T10:00Z\nIP 203.0.113.1\nTime 2025-06-01T11:00Z\nIP 203.0.113.2",
            [10, 11],
            id="in turn by line",
        ),
        pytest.param("2025-06-01T10:00Z 203.0.113.1 2025-06-01T11:00Z", [None], id="in between"),
        pytest.param("203.0.113.1 at 2025-06-01 10:00:00", [None], id="no zone"),
        pytest.param("203.0.113.1 at 2025-06-01 10:00:00 IST", [None], id="a zone that is many"),
        pytest.param("Made 2025-06-01T10:00Z. From 203.0.113.1", [None], id="another sentence"),
        pytest.param("203.0.113.1 blocked; closed 2025-06-01T10:00Z", [None], id="another fact"),
        pytest.param("203.0.113.1\n\n2025-06-01T10:00Z", [None], id="another paragraph"),
    ],
)
def test_a_moment_belongs_to_an_address_beside_it(text: str, hours: list[int | None]) -> None:
    at = [mention.moment and mention.moment.utc for mention in mine(text, place="p")]

    assert [moment and moment.hour for moment in at] == hours


def test_each_value_is_told_once_but_an_address_at_each_moment() -> None:
    address = "203.0.113.1"
    log = f"{address} 2025-06-01T10:00Z, {address} 2025-06-01T11:00Z, {address}"

    values = found(f"98100 12345, +919810012345; {log}, {log}")

    assert values == [("ip", "203.0.113.1"), ("ip", "203.0.113.1"), ("phone", "+919810012345")]


def test_what_a_field_says_is_not_repeated_but_a_port_is_added() -> None:
    field = Mention(
        kind=IdentifierKind.IP, original="203.0.113.1", value="203.0.113.1", place="field"
    )

    assert mine_beside([("p", "from 203.0.113.1")], reported=[field]) == ()
    (more,) = mine_beside([("p", "from 203.0.113.1:5123")], reported=[field])
    assert (more.port, more.place, more.provenance) == (5123, "p", Provenance.FREE_TEXT)


# --- in the readers -----------------------------------------------------------------------------


def test_prose_of_an_xml_party_file_and_incident_belongs_to_it() -> None:
    party = suspect(
        "<personOrUserReportedPerson><email>a@example.com</email></personOrUserReportedPerson>"
        "<profileBio>insta @ravi_99</profileBio>"
        "<additionalInfo>a@example.com or b@example.com</additionalInfo>"
    ).parties[0]
    incident = report(
        "<incidentSummary><escalateToHighPriority>call 9810012345</escalateToHighPriority>"
        "</incidentSummary><internetDetails><chatImIncident><content>ravi@ybl</content>"
        "</chatImIncident></internetDetails><additionalInfo>t.me/ravi</additionalInfo>"
    )
    one = file("<additionalInfo>from 203.0.113.1</additionalInfo>").files[0]

    base = "report/personOrUserReported[1]"
    assert mined(party.mentions) == [
        ("screen-name", "instagram:ravi_99", f"{base}/profileBio[1]"),
        ("email", "b@example.com", f"{base}/additionalInfo[1]"),
    ]
    assert mined(incident.mentions) == [
        ("upi", "ravi@ybl", "report/internetDetails[1]/chatImIncident/content[1]"),
        ("phone", "+919810012345", "report/incidentSummary/escalateToHighPriority[1]"),
        ("url", "t.me/ravi", "report/additionalInfo[1]"),
    ]
    assert mined(one.mentions) == [("ip", "203.0.113.1", "fileDetails[1]/additionalInfo[1]")]


def test_desks_and_their_boilerplate_are_not_mined() -> None:
    found = report(
        "<lawEnforcement><agencyName>call 9810012345</agencyName></lawEnforcement>"
        "<reporter><reportingPerson><email>a@example.com</email></reportingPerson>"
        "<companyTemplate>write to desk1@example.com</companyTemplate>"
        "<termsOfService>see t.me/terms</termsOfService></reporter>"
    )

    assert [mined(party.mentions) for party in found.parties] == [[], []]
    assert found.mentions == ()


def test_what_a_victim_reports_is_not_found_again_in_the_story() -> None:
    found = report(
        "<victim><victimPerson><phone>9810012345</phone></victimPerson></victim>"
        "<additionalInfo>The child's number is 9810012345.</additionalInfo>"
    )

    assert found.mentions == ()


def test_prose_of_json_belongs_to_what_it_is_about() -> None:
    person = {"additionalInformations": [{"value": "UPI ravi@ybl"}], "vehicleDescription": None}
    found = told(
        reportedPeople={"reportedPersons": [person]},
        incidentDetails={
            "emailIncident": [{"contents": [{"value": "X-Originating-IP: [203.0.113.1]"}]}]
        },
        uploadedFiles={"uploadedFiles": [{"additionalInformations": [{"value": f"{MD5}"}]}]},
        additionalInformations=[{"value": "call 9810012345"}],
    )

    base = "reportedInformation"
    assert mined(found.parties[0].mentions) == [
        ("upi", "ravi@ybl", f"{base}/reportedPeople/reportedPersons[1]/additionalInformations[1]")
    ]
    assert mined(found.mentions) == [
        ("ip", "203.0.113.1", f"{base}/incidentDetails/emailIncident[1]/contents[1]"),
        ("phone", "+919810012345", f"{base}/additionalInformations[1]"),
    ]
    assert [value for _, value, _ in mined(found.files[0].mentions)] == [f"md5:{MD5}"]


def test_remarks_of_a_list_belong_to_the_report() -> None:
    rows = "Tipline No,Phone,Remarks\n195000123,9810012345,9810012345 also b@example.com\n"

    (found,) = read_bundle([SourceDocument(name="a.csv", data=rows.encode())]).found

    assert mined(found.report.mentions) == [("email", "b@example.com", "row 2/Remarks")]


def test_an_aadhaar_number_is_masked_before_it_could_be_mined() -> None:
    party = suspect("<additionalInfo>phone 2345 6789 0124, 9810012345</additionalInfo>").parties[0]

    assert party.text == "phone XXXX-XXXX-0124, 9810012345"
    assert [value for _, value, _ in mined(party.mentions)] == ["+919810012345"]


# --- bounds -------------------------------------------------------------------------------------

HOSTILE = [
    *("9", "98100 12345 ", "9810012345,", "+91 ", "1 ", "(", "+(", "1.1.1.1 ", "1.", "a::", "::"),
    *("2001:db8::1 ", "[", "@", "a@", "a@b.", "a@ybl ", "ravi.", "http://", "www.", "t.me/", "/"),
    *("imei 352099001761481 ", "0a", f"{MD5} ", "ABCPE1234F ", "DL 3C AB ", "DL", "telegram @abc "),
    *("2025-06-01T10:00Z ", "203.0.113.1 2025-06-01T10:00Z ", "10:00 ", "९", "\n", "port "),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_mebibyte_of_anything_costs_a_bounded_number_of_dear_steps(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0

    def count(module: Any, name: str) -> None:
        step = getattr(module, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            return step(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    for name in ("PhoneNumberMatcher", "ip_address"):
        count(judging, name)
    for name in ("url", "email", "phone", "digest", "ip_and_port"):
        count(normalising, name)
    count(moments, "moment")
    judging.phones_in.cache_clear()

    found = mine(unit * (MEBIBYTE // len(unit)), place="p")

    assert len(found) <= mining.FOUND_AT_MOST
    assert steps <= 3 * (mining.TRIES_AT_MOST + pairing.MOMENTS_AT_MOST)


def patterns() -> Iterator[Any]:
    for module in (mining, judging, pairing):
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield pytest.param(value, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("pattern", patterns())
def test_no_pattern_can_run_away(pattern: re.Pattern[str]) -> None:
    """Each is of bounded length and repeats nothing that itself repeats at will."""
    tree = regex_parser.parse(pattern.pattern, pattern.flags)

    assert tree.getwidth()[1] <= 2_100
    assert not list(repeats_in_repeats(tree, inside=False))


def repeats_in_repeats(tree: Any, *, inside: bool) -> Iterator[Any]:
    for operation, argument in tree:
        if str(operation) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, body = argument
            is_open = most > 4 and most != least
            if is_open and inside:
                yield argument
            yield from repeats_in_repeats(body, inside=inside or is_open)
        elif str(operation) == "SUBPATTERN":
            yield from repeats_in_repeats(argument[3], inside=inside)
        elif str(operation) == "BRANCH":
            for branch in argument[1]:
                yield from repeats_in_repeats(branch, inside=inside)


def test_no_more_than_the_cap_is_found_and_only_in_the_beginning() -> None:
    many = " ".join(f"98100{n:05d}" for n in range(2 * mining.FOUND_AT_MOST))

    assert len(mine(many, place="p")) == mining.FOUND_AT_MOST
    assert found(" " * mining.TEXT_CHARACTERS_AT_MOST + "9810012345") == []
