from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from tiplines.parsing import aadhaar, moments, normalising

# Verhoeff-valid, never issued: made for these tests.
AADHAAR = "234567890124"


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        pytest.param("+91 98100 12345", "", "+919810012345", id="plus"),
        pytest.param("9810012345", "", "+919810012345", id="indian mobile without country"),
        pytest.param("098100-12345", "", "+919810012345", id="trunk zero"),
        pytest.param("919810012345", "", "+919810012345", id="country without plus"),
        pytest.param("0091 98100 12345", "", "+919810012345", id="international prefix"),
        pytest.param("011-23490000", "", "+911123490000", id="delhi landline"),
        pytest.param("98100 12345", "+91", "+919810012345", id="calling code apart"),
        pytest.param("+919810012345", "+91", "+919810012345", id="code repeated with plus"),
        pytest.param("919810012345", "+91", "+919810012345", id="code repeated"),
        pytest.param("(201) 555-0123", "+1", "+12015550123", id="another country"),
        pytest.param("12015550123", "", "12015550123", id="no country stated: digits only"),
        pytest.param("12345", "", "12345", id="short: digits only"),
        pytest.param("+999 12", "", "+99912", id="no such country: digits with the plus"),
        pytest.param("Not Known", "", "not known", id="no digits: folded"),
        pytest.param("९८१००१२३४५", "", "+919810012345", id="devanagari digits"),
    ],
)
def test_a_phone_becomes_e164_only_when_certain(text: str, code: str, value: str) -> None:
    assert normalising.phone(text, code) == value


@pytest.mark.parametrize(
    ("text", "value", "port"),
    [
        pytest.param("203.0.113.7", "203.0.113.7", None, id="v4"),
        pytest.param(" 203.0.113.7:5123 ", "203.0.113.7", 5123, id="v4 with port"),
        pytest.param("::FFFF:203.0.113.7", "203.0.113.7", None, id="mapped"),
        pytest.param("2001:0DB8:0:0:0:0:0:1", "2001:db8::1", None, id="rfc 5952"),
        pytest.param("[2001:db8::1]:443", "2001:db8::1", 443, id="brackets"),
        pytest.param("fe80::1%eth0", "fe80::1", None, id="scope"),
        pytest.param("203.0.113.999", "203.0.113.999", None, id="no address: kept"),
        pytest.param("203.0.113.7:99999", "203.0.113.7", None, id="no port"),
    ],
)
def test_an_ip_has_one_spelling(text: str, value: str, port: int | None) -> None:
    assert normalising.ip_and_port(text) == (value, port)


@pytest.mark.parametrize(
    ("company", "key"),
    [
        ("Facebook", "facebook"),
        ("Facebook, Inc.", "facebook"),
        ("Instagram, Inc.", "instagram"),
        ("Meta Platforms, Inc.", "meta"),
        ("WhatsApp LLC", "whatsapp"),
        ("Google LLC", "google"),
        ("Snap Inc.", "snapchat"),
        ("Snapchat", "snapchat"),
        ("TikTok Pte. Ltd.", "tiktok"),
        ("Discord Inc.", "discord"),
        ("X Corp.", "x"),
        ("Twitter, Inc. / X Corp.", "x"),
        ("Twitter", "x"),
        ("Some New App Pvt. Ltd.", "some-new-app"),
        ("", ""),
    ],
)
def test_company_names_fold_to_one_account_space(company: str, key: str) -> None:
    assert normalising.provider_key(company) == key


@pytest.mark.parametrize(
    ("normalise", "arguments", "value"),
    [
        pytest.param(normalising.email, ("A.B@Example.ORG ",), "a.b@example.org", id="email"),
        pytest.param(normalising.email, ("Asha <a@b.org>",), "a@b.org", id="email in brackets"),
        pytest.param(normalising.email, ("mailto:a@b.org",), "a@b.org", id="mailto"),
        pytest.param(normalising.email, ("None  Given",), "none given", id="no email"),
        pytest.param(normalising.account, ("X Corp", " 123 "), "x:123", id="account"),
        pytest.param(normalising.account, ("YouTube", "UCaB"), "youtube:UCaB", id="case is kept"),
        pytest.param(normalising.screen_name, ("X", "@RaVi "), "x:ravi", id="screen name"),
        pytest.param(normalising.device, ("IMEI", "35-209900-176148-1"), "imei:352099001761481"),
        pytest.param(normalising.device, ("ICCID", "8991 1F"), "iccid:89911", id="iccid filler"),
        pytest.param(normalising.device, ("MAC Address", "0A:1B"), "mac-address:0a1b", id="mac"),
        pytest.param(normalising.device, ("SSID", "My  Home"), "ssid:my home", id="ssid"),
        pytest.param(normalising.digest, ("SHA-1", "AB12"), "sha1:ab12", id="hex"),
        pytest.param(normalising.digest, ("PhotoDNA", "aGk="), "photodna:aGk=", id="base64"),
        pytest.param(normalising.vehicle, ("dl 3c-AB 1234",), "DL3CAB1234", id="vehicle"),
        pytest.param(normalising.pan, ("abcpe1234 f",), "ABCPE1234F", id="pan"),
        pytest.param(normalising.upi, (" Ravi@Bank",), "ravi@bank", id="upi"),
        pytest.param(
            normalising.url, ("HTTPS://WWW.Example.com/A/?utm=1#x",), "example.com/A", id="url"
        ),
        pytest.param(normalising.url, ("example.com:8080/a",), "example.com:8080/a", id="port"),
        pytest.param(
            normalising.url,
            ("https://m.facebook.com/profile.php?id=7&ref=x",),
            "facebook.com/profile.php?id=7",
            id="query that names the page",
        ),
        pytest.param(normalising.url, ("http://[bad",), "http://[bad", id="no url: kept"),
    ],
)
def test_each_kind_has_its_spelling(
    normalise: Callable[..., str], arguments: tuple[str, ...], value: str
) -> None:
    assert normalise(*arguments) == value


@pytest.mark.parametrize(
    ("text", "stated", "utc", "zone"),
    [
        pytest.param("2025-06-01T10:00:00Z", None, "10:00", "Z", id="z"),
        pytest.param("2025-06-01T10:00:00+05:30", None, "04:30", "+05:30", id="offset"),
        pytest.param("2025-06-01T10:00:00.1234567Z", None, "10:00", "Z", id="fraction"),
        pytest.param("2025-06-01T10:00:00", None, None, None, id="no zone: none assumed"),
        pytest.param("2025-06-01T10:00:00", "UTC", "10:00", "UTC", id="zone beside the value"),
        pytest.param("06-01-2025 10:00:00 UTC", None, "10:00", "UTC", id="as NCMEC prints"),
        pytest.param("2025-06-01 10:00 (UTC)", None, "10:00", "UTC", id="in brackets"),
        pytest.param("01/06/2025 10:00", "UTC", None, "UTC", id="day or month: unread"),
        pytest.param("01/06/2025", None, None, None, id="a day is no moment"),
        pytest.param("2025-06-01", "UTC", None, "UTC", id="iso day is no moment"),
        pytest.param("sometime", None, None, None, id="words"),
        pytest.param("0001-01-01T00:00:00+14:00", None, None, "+14:00", id="before all time"),
    ],
)
def test_a_moment_has_a_zone_only_if_stated(
    text: str, stated: str | None, utc: str | None, zone: str | None
) -> None:
    found = moments.moment(text, stated_zone=stated)

    assert found.original == text
    assert found.zone == zone
    assert (f"{found.utc:%H:%M}" if found.utc else None) == utc


def test_a_day_over_twelve_settles_the_order() -> None:
    found = moments.moment("25/06/2025 21:05:00", stated_zone="UTC")

    assert found.utc == datetime(2025, 6, 25, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param(f"id {AADHAAR} seen", "id XXXX-XXXX-0124 seen", id="bare"),
        pytest.param("id 2345 6789 0124", "id XXXX-XXXX-0124", id="grouped"),
        pytest.param("2345-6789-0124 2025", "XXXX-XXXX-0124 2025", id="a year behind it"),
        pytest.param("आधार: 234567890124", "आधार: XXXX-XXXX-0124", id="hindi"),
        pytest.param("234567890125", "234567890125", id="check digit is wrong"),
        pytest.param("ab234567890124", "ab234567890124", id="inside a hash"),
        pytest.param("1234567890124", "1234567890124", id="thirteen digits"),
        pytest.param("x.org/234567890124", "x.org/234567890124", id="in an address"),
        pytest.param("no digits at all here", "no digits at all here", id="none"),
    ],
)
def test_aadhaar_in_prose_keeps_its_last_four(text: str, masked: str) -> None:
    assert aadhaar.mask_aadhaar(text) == masked


def test_a_mobile_number_is_no_aadhaar_unless_it_is_called_so() -> None:
    number = next(
        text for text in (f"9198100{n:05d}" for n in range(100)) if aadhaar.is_verhoeff_valid(text)
    )

    assert aadhaar.mask_aadhaar(f"call {number}") == f"call {number}"
    assert aadhaar.mask_aadhaar(f"Aadhaar {number}") == f"Aadhaar XXXX-XXXX-{number[-4:]}"


@pytest.mark.parametrize("unit", ["9", "2345 ", "2345-6789-", "a@", "1.", "[", ":", "५", "+"])
def test_a_mebibyte_of_anything_is_quick(unit: str) -> None:
    text = unit * (1024 * 1024 // len(unit))
    for rule in (
        aadhaar.mask_aadhaar,
        normalising.phone,
        normalising.email,
        normalising.url,
        normalising.ip,
        moments.moment,
    ):
        begun = time.process_time()

        rule(text)

        assert time.process_time() - begun < 1


LONGEST = normalising.VALUE_CHARACTERS_AT_MOST
CAPPED = [
    pytest.param(normalising.fold, "", LONGEST, id="fold"),
    pytest.param(normalising.group, "", LONGEST, id="group"),
    pytest.param(normalising.email, "", LONGEST, id="email"),
    pytest.param(normalising.upi, "", LONGEST, id="upi"),
    pytest.param(normalising.pan, "", LONGEST, id="pan"),
    pytest.param(normalising.vehicle, "", LONGEST, id="vehicle"),
    pytest.param(normalising.url, "", normalising.URL_CHARACTERS_AT_MOST, id="url"),
    pytest.param(partial(normalising.account, "Google"), "google:", LONGEST, id="account"),
    pytest.param(partial(normalising.screen_name, "Google"), "google:", LONGEST, id="screen name"),
    pytest.param(partial(normalising.device, "IMEI"), "imei:", LONGEST, id="device"),
    pytest.param(partial(normalising.digest, "MD5"), "md5:", LONGEST, id="digest"),
]


@pytest.mark.parametrize(("normal", "space", "longest"), CAPPED)
def test_text_that_is_too_long_for_an_identifier_stays_as_it_is_written(
    normal: Callable[[str], str], space: str, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = f" Ａ{'a' * longest} "  # full width, and with blanks, which a normal form has not
    unify = unicodedata.normalize

    def short_only(form: Any, text: str) -> str:
        assert len(text) <= longest
        return unify(form, text)

    monkeypatch.setattr(unicodedata, "normalize", short_only)

    assert normal(written) == f"{space}{written}"
    assert normal(written[:longest]) != f"{space}{written[:longest]}"
    # Nothing is lost, and two of one beginning do not meet.
    assert normal(f"{written}b") != normal(f"{written}c")


@pytest.mark.parametrize("normal", [normalising.phone, normalising.ip])
def test_a_phone_and_an_ip_that_are_too_long_stay_too(normal: Callable[[str], str]) -> None:
    written = "+91 98100 12345" + " " * LONGEST

    assert normal(written) == written
