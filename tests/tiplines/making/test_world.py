"""The made world: same seed, same values; right proportions; nothing that could be real."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter, defaultdict
from functools import lru_cache

import pytest

from tiplines.making.json_writer import write_json
from tiplines.making.places import delhi_places
from tiplines.making.plan import End, Shares
from tiplines.making.reports import MadeFile, MadeParty, MadeReport
from tiplines.making.truth import Truth
from tiplines.making.world import MOST_REPORTS, World, make_reports
from tiplines.making.xml_writer import write_documents

COUNT = 5_000

EMAIL = re.compile(r"[\w.+'-]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
HOST = re.compile(r"https?://([^/\s\"<]+)")
NOT_A_PLACE = {"www.w3.org"}  # the schema's name space, no page
ALLOWED_NETWORKS = [
    ipaddress.ip_network(text)
    for text in (
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "198.18.0.0/15",
        "100.64.0.0/10",
        "2001:db8::/32",
    )
]


@lru_cache(maxsize=1)
def made() -> list[tuple[MadeReport, Truth]]:
    return list(make_reports(COUNT, seed=11))


@lru_cache(maxsize=1)
def all_text() -> str:
    parts = [data.decode() for report, _ in made() for _, data in write_documents(report)]
    parts += [write_json(report).decode() for report, _ in made()]
    return "\n".join(parts)


def is_reserved(host: str) -> bool:
    parts = host.lower().split(".")
    return parts[-1] == "example" or parts[-2:] in (
        ["example", "com"],
        ["example", "org"],
        ["example", "net"],
    )


def test_the_same_seed_gives_the_same_reports_and_another_does_not() -> None:
    first, again = list(make_reports(300, seed=5)), list(make_reports(300, seed=5))
    other = list(make_reports(300, seed=6))

    assert first == again
    assert [report.reported for report, _ in first] != [report.reported for report, _ in other]


def test_a_report_can_be_made_alone() -> None:
    world = World(300, seed=5)

    assert world.report(217) == list(world)[217]


@pytest.mark.parametrize("count", [0, 1, 2, 9, 40, 333])
def test_exactly_as_many_reports_as_asked_for(count: int) -> None:
    reports = [report for report, _ in make_reports(count, seed=2)]

    assert len({report.number for report in reports}) == len(reports) == count


@pytest.mark.parametrize("count", [-1, MOST_REPORTS + 1])
def test_a_count_that_does_not_fit_the_numbers_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="count"):
        World(count, seed=1)


def test_numbers_have_nine_digits_and_belong_to_no_real_series() -> None:
    assert all(990_000_000 < report.number <= 999_999_999 for report, _ in made())


@pytest.mark.parametrize(
    ("end", "share"),
    [
        pytest.param(End.OTHER_STATE, 0.59, id="other State"),
        pytest.param(End.NOT_ACTIONABLE, 0.28, id="not actionable"),
        pytest.param(End.DISTRICT, 0.12, id="district"),
        pytest.param(End.RETURNED, 0.01, id="returned"),
    ],
)
def test_the_ends_have_the_proportions_of_a_real_year(end: End, share: float) -> None:
    ends = Counter(truth.end for _, truth in made())

    assert ends[end] / COUNT == pytest.approx(share, abs=0.01)


def test_the_proportions_can_be_changed() -> None:
    shares = Shares(other_state=0.1, not_actionable=0.1, returned=0.0)

    ends = Counter(truth.end for _, truth in make_reports(500, seed=3, shares=shares))

    assert ends[End.DISTRICT] == pytest.approx(400, abs=10)


def test_files_and_levels_are_as_numerous_as_in_real_years() -> None:
    file_counts = [len(report.files) for report, _ in made()]
    levels = Counter(report.ncmec_priority for report, _ in made())

    assert sum(file_counts) / COUNT == pytest.approx(2.8, abs=0.3)
    assert levels["E"] / COUNT > 0.9
    assert set(levels) == {"E", "1", "2", "3"}
    assert 0 < sum(bool(report.escalation) for report, _ in made()) < COUNT * 0.02


def test_every_email_and_page_is_in_a_reserved_domain() -> None:
    hosts = set(EMAIL.findall(all_text())) | set(HOST.findall(all_text())) - NOT_A_PLACE

    assert len(hosts) > 10
    assert [host for host in hosts if not is_reserved(host)] == []


def test_every_ip_address_is_in_a_reserved_range() -> None:
    written = set(re.findall(r"<ipAddress>([^<]+)</ipAddress>", all_text()))
    addresses = [ipaddress.ip_address(text) for text in written]
    plain = [getattr(one, "ipv4_mapped", None) or one for one in addresses]

    assert any(isinstance(one, ipaddress.IPv6Address) for one in plain)
    assert [one for one in plain if not any(one in network for network in ALLOWED_NETWORKS)] == []


def test_every_telephone_number_is_in_the_level_chosen_for_fiction() -> None:
    phones = {
        phone.dialled
        for report, _ in made()
        for party in (*report.reported, *report.recipients, *report.victims)
        if party.person
        for phone in party.person.phones
    }

    assert len(phones) > 500
    assert [phone for phone in phones if not re.fullmatch(r"\+91666\d{7}", phone)] == []


def test_truth_names_a_station_for_every_report_of_a_district() -> None:
    stations = {place.station_code: place.district_code for place in delhi_places()}

    for report, truth in made():
        assert truth.number == report.number
        assert (truth.end is End.DISTRICT) == (truth.station is not None)
        if truth.station:
            assert stations[truth.station] == truth.district
            assert (truth.place, truth.state) == ("delhi", "Delhi")
        if truth.end is End.OTHER_STATE:
            assert truth.place == "other-state"
            assert truth.state not in (None, "Delhi")


def test_every_territorial_district_is_reached() -> None:
    districts = {truth.district for _, truth in made()} - {None}

    assert len(districts) == 15


def test_references_point_to_earlier_reports() -> None:
    by_number = {truth.number: (report, truth) for report, truth in made()}
    duplicates = [truth for _, truth in made() if truth.duplicate_of]
    supplements = [truth for _, truth in made() if truth.supplement_of]

    assert duplicates
    assert supplements
    for truth in duplicates:
        earlier, _ = by_number[truth.duplicate_of or 0]
        assert earlier.number < truth.number
        assert earlier.reported == by_number[truth.number][0].reported
    for truth in supplements:
        report, _ = by_number[truth.number]
        assert truth.supplement_of in report.reported[0].prior_reports
        assert by_number[truth.supplement_of or 0][1].offender == truth.offender


def test_an_account_keeps_its_number_over_its_reports() -> None:
    accounts = defaultdict(set)
    reports = Counter[int]()
    for report, truth in made():
        if truth.offender is not None:
            accounts[truth.offender].add((report.provider, report.reported[0].account_id))
            reports[truth.offender] += 1

    assert max(reports.values()) >= 4
    assert all(len(held) == 1 for held in accounts.values())


def test_ring_members_share_personal_values_across_districts() -> None:
    rings = defaultdict(list)
    for report, truth in made():
        if truth.ring is not None:
            rings[truth.ring].append((report, truth))

    assert len(rings) >= 5
    assert any(len({truth.district for _, truth in ring} - {None}) >= 2 for ring in rings.values())
    tied = 0
    for ring in rings.values():
        holders = defaultdict(set)
        for report, truth in ring:
            party = report.reported[0]
            for device in party.devices:
                holders[device.id_value].add(truth.offender)
            for phone in party.person.phones if party.person else ():
                holders[phone.dialled].add(truth.offender)
            holders[party.group_id].add(truth.offender)
        holders.pop("", None)
        tied += any(len(members) > 1 for members in holders.values())
    assert tied / len(rings) > 0.6


def test_addresses_behind_nat_are_shared_by_strangers_with_and_without_port() -> None:
    holders = defaultdict(set)
    ports = Counter[bool]()
    for report, truth in made():
        for capture in report.reported[0].ips:
            if capture.ip.startswith("198.18."):
                holders[capture.ip].add(truth.offender)
                ports[capture.port is not None] += 1

    assert max(len(offenders) for offenders in holders.values()) > 10
    assert ports[True] > 50
    assert ports[False] > 50


def test_a_batched_report_says_no_more_than_the_rules_allow() -> None:
    batched = [(report, truth) for report, truth in made() if report.batched_reason]

    assert batched
    for report, truth in batched:
        (file,) = report.files
        assert truth.batched
        assert truth.viral_batch is not None
        assert report.batched_reason == "VIRAL_POTENTIAL_MEME"
        assert file.potential_meme or set(file.annotations) & {"viral", "potentialMeme"}
        assert not (file.potential_meme and file.annotations)
        assert file == MadeFile(
            file_id=file.file_id,
            classification=file.classification,
            potential_meme=file.potential_meme,
            annotations=file.annotations,
        )
        forbidden = (report.escalation, report.incidents, report.police, report.additional_info)
        assert not any((*forbidden, report.recipients, report.victims))
        assert len(report.reported) > 1
        for party in report.reported:
            assert party == MadeParty(account_id=party.account_id)


def test_what_is_missing_or_unclear_is_told_by_the_truth() -> None:
    unclear = sum(truth.zone_unclear for _, truth in made()) / COUNT
    missing = Counter(name for _, truth in made() for name in truth.missing)

    assert unclear == pytest.approx(0.035, abs=0.015)
    assert set(missing) == {
        "name", "date-of-birth", "phone", "email", "address", "account",
        "ip", "ip-time", "port", "file", "hash", "viewed",
    }  # fmt: skip
    assert any(truth.minor_suspect for _, truth in made())
    assert any(report.victims for report, _ in made())
