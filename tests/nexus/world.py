"""A made world of tiplines with planted truth: rings, lone offenders, and what looks alike.

Seeded, in arrays, so that a million tiplines are made in a minute. What is planted: rings that
share private channels, payment handles, packs of files, devices, houses or each other's contacts;
lone offenders with several accounts; and, holding nobody together, addresses behind carrier-grade
translation, addresses that are given to the next subscriber, exit nodes, viral files, leaked packs,
public channels and links, sellers of used SIM cards, second-hand phones, common names, junk values.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nexus.holdings import NO_DISTRICT, Mentions
from nexus.kinds import Kind

DAYS = 1100
DISTRICTS = 15


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How often things are. Shares are of all tiplines, fills are chances for one tipline."""

    rings: float = 0.12
    loners: float = 0.20
    fill: float = 1.0
    """Of every personal field, as a factor."""
    resellers: float = 1.0
    leaks: float = 1.0
    reencodes: float = 0.15
    """Chance that a file of a ring or pack arrives as another copy."""
    translated: float = 0.5
    """Share of addresses that are behind carrier-grade translation."""
    exits: float = 0.03
    public: float = 1.0
    junk: float = 0.005


PROFILES = {
    "default": Profile(),
    "hard": Profile(fill=0.65, resellers=3.0, leaks=3.0, reencodes=0.35),
    "hubs": Profile(translated=0.75, exits=0.10, public=3.0, junk=0.03),
    "sparse": Profile(rings=0.03),
}


@dataclass(frozen=True, kw_only=True)
class World:
    """What tiplines say, and for each of them what is true."""

    mentions: Mentions
    ring: NDArray[np.int32]
    """-1 outside any ring."""
    person: NDArray[np.int64]

    @property
    def count(self) -> int:
        return len(self.ring)


class Making:
    """The world while it is made: columns that grow."""

    def __init__(self, profile: Profile, rng: np.random.Generator) -> None:
        self.profile = profile
        self.rng = rng
        self.day = array("d")
        self.account = array("q")
        self.district = array("h")
        self.ring = array("i")
        self.person = array("q")
        self.of = array("q")
        self.kind = array("b")
        self.value = array("q")
        self.next_value = 1
        self.next_account = 1
        self.next_person = 1

    def fresh(self) -> int:
        self.next_value += 1
        return self.next_value

    def mention(self, report: int, kind: Kind, value: int) -> None:
        self.of.append(report)
        self.kind.append(kind)
        self.value.append(value)

    def report(self, *, day: float, account: int, district: int, ring: int, person: int) -> int:
        self.day.append(min(max(day, 0.0), DAYS))
        self.account.append(account)
        self.district.append(district)
        self.ring.append(ring)
        self.person.append(person)
        return len(self.day) - 1


@dataclass
class Person:
    """What one offender has in hand; accounts show parts of it."""

    key: int
    district: int
    emails: list[int]
    phones: list[int]
    devices: list[int]
    screen_names: list[int]
    name: int
    payment: int
    home: int


class Surroundings:
    """Values that many unrelated people hold."""

    def __init__(self, making: Making, count: int) -> None:
        profile, rng = making.profile, making.rng

        def pool(size: float) -> NDArray[np.int64]:
            n = max(2, round(size))
            values = np.arange(making.next_value + 1, making.next_value + 1 + n)
            making.next_value += n
            return values

        self.rng = rng
        self.translated = pool(count / 900)
        self.reassigned = pool(count / 5)
        self.exits = pool(max(5, count / 8000))
        self.viral = pool(count / 1500)
        self.packs = [
            pool(int(rng.integers(15, 80)))
            for _ in range(max(2, round(count / 2500 * profile.leaks)))
        ]
        self.channels = pool(count / 900 * profile.public)
        self.urls = pool(count / 700 * profile.public)
        self.used_sims = pool(count / 45 * profile.resellers)
        self.second_hand = pool(count / 90)
        self.handles = pool(count / 8)
        self.names = pool(count / 15)
        self.junk = {kind: pool(3) for kind in (Kind.EMAIL, Kind.PHONE, Kind.DEVICE, Kind.IP)}

    def popular(self, values: NDArray[np.int64], power: float = 2.0) -> int:
        """One of them, the first ones much more often than the last."""
        return int(values[int(len(values) * self.rng.random() ** power)])


def make_person(making: Making, around: Surroundings, district: int | None = None) -> Person:
    rng, profile = making.rng, making.profile
    making.next_person += 1
    used = rng.random() < 0.06 * profile.resellers
    device = int(rng.choice(around.second_hand)) if rng.random() < 0.04 else making.fresh()
    return Person(
        key=making.next_person,
        district=int(rng.integers(DISTRICTS)) if district is None else district,
        emails=[making.fresh() for _ in range(1 + (rng.random() < 0.3))],
        phones=[int(rng.choice(around.used_sims)) if used else making.fresh()],
        devices=[device],
        screen_names=[
            around.popular(around.handles, 3.0) if rng.random() < 0.25 else making.fresh()
        ],
        name=around.popular(around.names) if rng.random() < 0.8 else making.fresh(),
        payment=making.fresh(),
        home=making.fresh(),
    )


def tell_address(making: Making, around: Surroundings, person: Person, report: int) -> None:
    rng, profile = making.rng, making.profile
    for _ in range(1 + int(rng.integers(3))):
        chance = rng.random()
        if chance < profile.exits:
            value = around.popular(around.exits)
        elif chance < profile.exits + profile.translated:
            value = around.popular(around.translated, 1.5)
        elif chance < profile.exits + profile.translated + 0.35:
            value = int(rng.choice(around.reassigned))
        else:
            value = person.home
        making.mention(report, Kind.IP, value)


def tell_person(
    making: Making, around: Surroundings, person: Person, report: int, shown: dict[Kind, int]
) -> None:
    """The fields that an account shows, and the noise that comes with every tipline."""
    rng, profile = making.rng, making.profile
    for kind, value in shown.items():
        making.mention(report, kind, value)
    for kind, pool in around.junk.items():
        if rng.random() < profile.junk:
            making.mention(report, kind, int(rng.choice(pool)))
    tell_address(making, around, person, report)
    if rng.random() < 0.25:
        making.mention(report, Kind.FILE, around.popular(around.viral, 3.0))
    if rng.random() < 0.04 * profile.leaks:
        pack = around.packs[int(rng.integers(len(around.packs)))]
        for value in rng.choice(pool_part(pack, rng), size=int(rng.integers(1, 5))):
            making.mention(report, Kind.FILE, int(value))
    for _ in range(int(rng.poisson(1.2))):
        making.mention(report, Kind.FILE, making.fresh())
    if rng.random() < 0.03 * profile.public:
        making.mention(report, Kind.CHANNEL, around.popular(around.channels))
    if rng.random() < 0.03 * profile.public:
        making.mention(report, Kind.URL, around.popular(around.urls))


def pool_part(pool: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    start = int(rng.integers(len(pool)))
    return pool[start : start + 20]


def account_fields(making: Making, person: Person) -> dict[Kind, int]:
    """What one account of a person shows: chosen once, so that its tiplines agree."""
    rng, fill = making.rng, making.profile.fill
    shown: dict[Kind, int] = {}
    if rng.random() < 0.75 * fill:
        again = rng.random() < 0.55
        if not again:
            person.emails.append(making.fresh())
        shown[Kind.EMAIL] = (
            person.emails[int(rng.integers(len(person.emails)))] if again else person.emails[-1]
        )
    if rng.random() < 0.5 * fill:
        if rng.random() < 0.15:
            person.phones.append(making.fresh())
        shown[Kind.PHONE] = person.phones[-1]
    if rng.random() < 0.4 * fill:
        if rng.random() < 0.1:
            person.devices.append(making.fresh())
        shown[Kind.DEVICE] = person.devices[-1]
    if rng.random() < 0.8:
        if rng.random() < 0.5:
            person.screen_names.append(making.fresh())
        shown[Kind.SCREEN_NAME] = person.screen_names[int(rng.integers(len(person.screen_names)))]
    if rng.random() < 0.35 * fill:
        shown[Kind.NAME] = person.name
    if rng.random() < 0.05 * fill:
        shown[Kind.PAYMENT] = person.payment
    return shown


def seen_district(making: Making, district: int) -> int:
    chance = making.rng.random()
    if chance < 0.35:
        return NO_DISTRICT
    return district if chance < 0.9 else int(making.rng.integers(DISTRICTS))


def tell_accounts(
    making: Making,
    around: Surroundings,
    person: Person,
    *,
    accounts: int,
    begin: float,
    span: float,
    ring: int = -1,
    tell_ring: Callable[[int], None] | None = None,
) -> None:
    rng = making.rng
    for _ in range(accounts):
        making.next_account += 1
        account = making.next_account
        shown = account_fields(making, person)
        at = begin + rng.random() * span
        for _ in range(int(rng.geometric(0.65))):
            report = making.report(
                day=at,
                account=account,
                district=seen_district(making, person.district),
                ring=ring,
                person=person.key,
            )
            tell_person(making, around, person, report, shown)
            if tell_ring is not None:
                tell_ring(report)
            at += float(rng.exponential(12.0))


def make_ring(making: Making, around: Surroundings, ring: int) -> None:
    """Members who share some of: private channels, payment handles, a pack, a house, contacts."""
    rng, profile = making.rng, making.profile
    size = int(np.clip(round(float(rng.lognormal(1.9, 0.75))), 3, 60))
    home = int(rng.integers(DISTRICTS))
    is_local = rng.random() < 0.6
    members = [
        make_person(making, around, home if is_local and rng.random() < 0.8 else None)
        for _ in range(size)
    ]
    begin, span = rng.random() * (DAYS - 60), float(rng.lognormal(4.5, 0.6))
    ways = set(
        rng.choice(5, size=int(rng.integers(1, 4)), replace=False, p=[0.32, 0.18, 0.22, 0.1, 0.18])
    )
    channels = [making.fresh() for _ in range(int(rng.integers(1, 4)))]
    handles = [making.fresh() for _ in range(int(rng.integers(1, 3)))]
    pack = [making.fresh() for _ in range(int(rng.integers(6, 50)))]
    house = [making.fresh() for _ in range(max(1, size // 8))]
    drop = making.fresh()

    for number, member in enumerate(members):
        part = [pack[(number * 3 + step) % len(pack)] for step in range(10)]

        def tell_ring(report: int, number: int = number, part: list[int] = part) -> None:
            if 0 in ways and rng.random() < 0.6:
                making.mention(report, Kind.CHANNEL, channels[int(rng.integers(len(channels)))])
            if 1 in ways and rng.random() < 0.45 * profile.fill:
                making.mention(report, Kind.PAYMENT, handles[int(rng.integers(len(handles)))])
            if 2 in ways and rng.random() < 0.7:
                for value in rng.choice(part, size=int(rng.integers(1, 5))):
                    copied = rng.random() < profile.reencodes
                    making.mention(report, Kind.FILE, making.fresh() if copied else int(value))
            if 3 in ways and rng.random() < 0.5:
                making.mention(report, Kind.IP, house[number % len(house)])
            if 4 in ways and rng.random() < 0.5:
                other = members[int(rng.integers(max(1, number)))]
                kind, values = (
                    (Kind.EMAIL, other.emails)
                    if rng.random() < 0.4
                    else (Kind.PHONE, other.phones)
                    if rng.random() < 0.5
                    else (Kind.SCREEN_NAME, other.screen_names)
                )
                making.mention(report, kind, values[0])
            if 0 in ways and rng.random() < 0.1:
                making.mention(report, Kind.URL, drop)

        tell_accounts(
            making,
            around,
            member,
            accounts=1 + int(rng.random() < 0.25),
            begin=begin + rng.random() * span * 0.5,
            span=span * 0.5,
            ring=ring,
            tell_ring=tell_ring,
        )


def make_world(count: int, *, profile: str = "default", seed: int = 1) -> World:
    """About `count` tiplines, a few more where the last person has several, in random order."""
    making = Making(PROFILES[profile], np.random.default_rng(seed))
    rng, around = making.rng, Surroundings(making, count)
    ring = 0
    while len(making.day) < count * making.profile.rings:
        make_ring(making, around, ring)
        ring += 1
    while len(making.day) < count * (making.profile.rings + making.profile.loners):
        tell_accounts(
            making,
            around,
            make_person(making, around),
            accounts=int(np.clip(rng.geometric(0.4), 1, 12)),
            begin=rng.random() * DAYS,
            span=float(rng.exponential(150.0)),
        )
    while len(making.day) < count:
        tell_accounts(
            making,
            around,
            make_person(making, around),
            accounts=1,
            begin=rng.random() * DAYS,
            span=1.0,
        )
    return shuffled(making)


def shuffled(making: Making) -> World:
    order = making.rng.permutation(len(making.day))
    report = np.argsort(order)[np.frombuffer(making.of, np.int64)]
    by_report = np.argsort(report, kind="stable")
    return World(
        mentions=Mentions(
            report_day=np.frombuffer(making.day, np.float64)[order],
            report_account=np.frombuffer(making.account, np.int64)[order],
            report_district=np.frombuffer(making.district, np.int16)[order],
            report=report[by_report],
            kind=np.frombuffer(making.kind, np.int8)[by_report],
            value=np.frombuffer(making.value, np.int64)[by_report],
            is_prose=np.zeros(len(report), bool),
        ),
        ring=np.frombuffer(making.ring, np.int32)[order],
        person=np.frombuffer(making.person, np.int64)[order],
    )
