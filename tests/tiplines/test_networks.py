"""The offline look-up of IP addresses: what IANA sets aside, the loaded table, its command."""

from __future__ import annotations

import random
from datetime import date
from io import StringIO
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from tests.factories import NOON
from tiplines import models
from tiplines.networks import (
    Answer,
    NetworkKind,
    NetworkTable,
    Span,
    UnreadableTable,
    read_spans,
)
from tiplines.services import networks

DAY = date(2026, 10, 1)
CSV = """prefix,first,last,kind,operator
1.2.0.0/16,,,fixed,Made Broadband
,1.2.3.0,1.2.3.63,cgnat,Made Mobile
2401:4900::/32,,,mobile,Made Mobile
"""


def span(prefix: str, kind: NetworkKind, operator: str = "") -> Span:
    network = ip_network(prefix)
    return Span(network[0], network[-1], kind, operator)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        pytest.param("10.1.2.3", "private", id="RFC 1918"),
        pytest.param("172.31.255.255", "private", id="RFC 1918, last"),
        pytest.param("172.32.0.0", None, id="just behind it"),
        pytest.param("192.168.0.1", "private", id="RFC 1918, homes"),
        pytest.param("fd00::1", "private", id="RFC 4193"),
        pytest.param("100.64.0.0", "cgnat", id="RFC 6598"),
        pytest.param("100.127.255.255", "cgnat", id="RFC 6598, last"),
        pytest.param("100.128.0.0", None, id="just behind RFC 6598"),
        pytest.param("127.0.0.1", "reserved", id="loopback"),
        pytest.param("::1", "reserved", id="loopback of IPv6"),
        pytest.param("0.0.0.0", "reserved", id="unspecified"),  # noqa: S104 - bound by nobody
        pytest.param("169.254.1.1", "reserved", id="link-local"),
        pytest.param("fe80::1", "reserved", id="link-local of IPv6"),
        pytest.param("fec0::1", "reserved", id="site-local, RFC 3879"),
        pytest.param("224.0.0.1", "reserved", id="multicast"),
        pytest.param("ff02::1", "reserved", id="multicast of IPv6"),
        pytest.param("192.0.2.1", "reserved", id="RFC 5737"),
        pytest.param("203.0.113.255", "reserved", id="RFC 5737, the third"),
        pytest.param("198.18.0.1", "reserved", id="benchmarks"),
        pytest.param("240.0.0.1", "reserved", id="former class E"),
        pytest.param("255.255.255.255", "reserved", id="broadcast"),
        pytest.param("192.88.99.1", "reserved", id="RFC 7526"),
        pytest.param("2001:db8::1", "reserved", id="RFC 3849"),
        pytest.param("3fff::1", "reserved", id="RFC 9637"),
        pytest.param("64:ff9b::102:304", "reserved", id="RFC 6052"),
        pytest.param("8.8.8.8", None, id="anybody's"),
        pytest.param("2401:4900::1", None, id="anybody's IPv6"),
        pytest.param("::ffff:10.1.2.3", "private", id="mapped"),
        pytest.param("2002:0a01:0203::1", "private", id="6to4 of a private address"),
        pytest.param("2001:0:4136:e378:8000:63bf:f5fe:fdfc", "private", id="teredo of one"),
        pytest.param("", None, id="nothing"),
        pytest.param("not an address", None, id="words"),
        pytest.param("10.1.2.3.4", None, id="no address"),
    ],
)
def test_iana_answers_for_what_it_sets_aside(address: str, kind: str | None) -> None:
    answer = NetworkTable().answer(address)

    assert answer == Answer(NetworkKind(kind) if kind else None)


def test_of_nested_ranges_the_narrowest_answers() -> None:
    table = NetworkTable(
        [
            span("1.2.3.64/32", NetworkKind.HOSTING, "one host"),
            span("1.0.0.0/8", NetworkKind.FIXED, "outer"),
            span("1.2.3.0/24", NetworkKind.MOBILE, "inner"),
        ],
        as_of=DAY,
    )

    told = {
        text: table.answer(text).operator
        for text in ("0.255.255.255", "1.0.0.0", "1.2.3.63", "1.2.3.64", "1.2.3.65", "1.2.4.0")
    }
    assert list(told.values()) == ["", "outer", "inner", "one host", "inner", "outer"]
    assert table.answer("2.0.0.0") == Answer()
    assert table.answer("1.2.3.4") == Answer(NetworkKind.MOBILE, "inner", DAY)
    assert table.answer("::ffff:1.2.3.4") == table.answer("2002:102:304::9") != Answer()


def test_a_table_cannot_overrule_iana() -> None:
    table = NetworkTable([span("0.0.0.0/0", NetworkKind.FIXED, "everything")], as_of=DAY)

    assert table.answer("10.0.0.1") == Answer(NetworkKind.PRIVATE)
    assert table.answer("9.9.9.9").operator == "everything"


@pytest.mark.parametrize("seed", range(20))
def test_overlapping_ranges_answer_as_a_search_through_all_would(seed: int) -> None:
    rng = random.Random(seed)
    base = int(ip_address("9.0.0.0"))
    spans = []
    for n in range(12):
        first = base + rng.randrange(60)
        last = first + rng.randrange(40)
        spans.append(Span(ip_address(first), ip_address(last), NetworkKind.FIXED, str(n)))
    table = NetworkTable(spans, as_of=DAY)

    for number in range(base - 1, base + 102):
        holders = [one for one in spans if int(one.first) <= number <= int(one.last)]
        widths = {one.operator: int(one.last) - int(one.first) for one in holders}
        operator = table.answer(str(ip_address(number))).operator
        assert widths.get(operator) == min(widths.values(), default=None)


def test_a_table_is_read_from_prefixes_and_from_ends() -> None:
    spans = read_spans(CSV.splitlines())

    assert [(str(one.first), str(one.last), one.kind, one.operator) for one in spans] == [
        ("1.2.0.0", "1.2.255.255", NetworkKind.FIXED, "Made Broadband"),
        ("1.2.3.0", "1.2.3.63", NetworkKind.CGNAT, "Made Mobile"),
        ("2401:4900::", str(ip_network("2401:4900::/32")[-1]), NetworkKind.MOBILE, "Made Mobile"),
    ]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        pytest.param("prefix,operator\n", "line 1: columns", id="no kind"),
        pytest.param("first,kind\n", "line 1: columns", id="no last"),
        pytest.param("", "line 1: columns", id="empty"),
        pytest.param("prefix,kind\n", "no ranges", id="header only"),
        pytest.param("prefix,kind\n1.2.3.0/33,fixed\n", "line 2: ", id="no prefix"),
        pytest.param("prefix,kind\n1.2.3.4/24,fixed\n", "host bits", id="host bits"),
        pytest.param("prefix,kind\n1.2.3.0/24,fast\n", "line 2: fast is none of", id="kind"),
        pytest.param("prefix,kind\n1.2.3.0/24\n", "line 2: an empty kind", id="short line"),
        pytest.param("first,last,kind\n1.2.3.9,1.2.3.4,fixed\n", "stands behind", id="order"),
        pytest.param("first,last,kind\n1.2.3.4,::1,fixed\n", "one family", id="families"),
        pytest.param("first,last,kind\n,,fixed\n", "line 2: ", id="no ends"),
        pytest.param(
            f"prefix,kind,operator\n1.2.3.0/24,fixed,{'x' * 121}\n", "characters", id="long"
        ),
    ],
)
def test_a_faulty_line_is_named(lines: str, fault: str) -> None:
    with pytest.raises(UnreadableTable, match=fault):
        read_spans(lines.splitlines())


def test_every_faulty_line_is_named_up_to_a_bound() -> None:
    lines = ["prefix,kind", "1.2.3.0/24,fixed", *["x,fixed"] * 50]

    with pytest.raises(UnreadableTable) as caught:
        read_spans(lines)

    assert len(caught.value.faults) == 20
    assert caught.value.faults[0].startswith("line 3: ")


# --- loaded -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_a_table_only_iana_answers() -> None:
    answer = networks.lookup()

    assert answer("10.0.0.1") == Answer(NetworkKind.PRIVATE)
    assert answer("1.2.3.4") == Answer()


@pytest.mark.django_db
def test_the_newest_table_answers_also_if_it_was_loaded_first() -> None:
    old = [span("1.2.3.0/24", NetworkKind.FIXED, "old")]
    new = [span("1.2.3.0/24", NetworkKind.MOBILE, "new")]

    networks.load(old, as_of=date(2026, 8, 1), source="made", at=NOON)
    assert networks.lookup()("1.2.3.4") == Answer(NetworkKind.FIXED, "old", date(2026, 8, 1))
    networks.load(new, as_of=DAY, source="made", at=NOON)
    networks.load(old, as_of=date(2026, 9, 1), source="made", at=NOON)

    assert networks.lookup()("1.2.3.4") == Answer(NetworkKind.MOBILE, "new", DAY)


@pytest.mark.django_db
def test_a_lookup_costs_one_statement_once_the_table_is_read(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    networks.load(read_spans(CSV.splitlines()), as_of=DAY, source="made", at=NOON)
    networks.lookup()

    with django_assert_num_queries(1):
        answer = networks.lookup()
        told = [answer(f"1.2.3.{n}").kind for n in (1, 63, 64)]

    assert told == [NetworkKind.CGNAT, NetworkKind.CGNAT, NetworkKind.FIXED]


@pytest.mark.django_db
def test_a_table_of_one_day_and_source_is_kept_once_and_never_changed() -> None:
    spans = read_spans(CSV.splitlines())

    first, is_new = networks.load(spans, as_of=DAY, source="made", at=NOON)
    again = networks.load(reversed(spans), as_of=DAY, source="made", at=NOON)

    assert is_new
    assert again == (first, False)
    assert models.NetworkRange.objects.count() == len(spans)
    with pytest.raises(networks.TableHeld):
        networks.load(spans[1:], as_of=DAY, source="made", at=NOON)
    assert networks.load(spans[1:], as_of=DAY, source="mended", at=NOON)[1]


@pytest.mark.django_db
def test_the_command_loads_a_file_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "networks.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    out = StringIO()

    for _ in range(2):
        call_command("load_networks", str(file), as_of=DAY, source="Made", stdout=out)

    assert out.getvalue().splitlines() == [
        "3 ranges of 2026-10-01, Made: loaded.",
        "3 ranges of 2026-10-01, Made: already held.",
    ]
    assert networks.lookup()("2401:4900::7") == Answer(NetworkKind.MOBILE, "Made Mobile", DAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "source", "words"),
    [
        pytest.param(b"prefix,kind\nx,fixed\n", "Made", "line 2: ", id="a faulty line"),
        pytest.param(b"\xff\xfe\x00", "Made", "cannot be read", id="not text"),
        pytest.param(None, "Made", "cannot be read", id="no file"),
        pytest.param(b"prefix,kind\n1.2.3.0/24,fixed\n", "x" * 301, "source", id="long source"),
    ],
)
def test_the_command_says_why_nothing_was_loaded(
    tmp_path: Path, content: bytes | None, source: str, words: str
) -> None:
    file = tmp_path / "networks.csv"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=words):
        call_command("load_networks", str(file), as_of=DAY, source=source)

    assert not models.NetworkTable.objects.exists()
