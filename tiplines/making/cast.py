"""Who acts in the made world: accounts with a person and a place behind them, and rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from tiplines.making.drawing import Weighted
from tiplines.making.people import (
    MINOR_SHARE,
    MadePerson,
    make_email,
    make_imei,
    make_payment_handle,
    make_person,
    make_phone,
)
from tiplines.making.places import (
    NOWHERE,
    Detail,
    MadePlace,
    delhi_places,
    make_delhi_place,
    make_other_place,
    make_place_abroad,
)
from tiplines.making.plan import End, Slot
from tiplines.making.providers import PROVIDER_WEIGHTS, PROVIDERS, Provider

DISTRICT_DETAILS = Weighted(
    (Detail.FULL, 45),
    (Detail.LOCALITY, 12),
    (Detail.PIN, 10),
    (Detail.CITY, 18),
    (Detail.ESTIMATE, 15),
)
OTHER_DETAILS = Weighted(
    (Detail.FULL, 20),
    (Detail.LOCALITY, 5),
    (Detail.PIN, 10),
    (Detail.CITY, 15),
    (Detail.ESTIMATE, 50),
)
WINDOW = timedelta(days=45)  # reports of one dispatch reached NCMEC within this time before it
MOBILE_SHARE = 0.55  # of accounts: seen behind carrier-grade NAT
PEOPLE_PER_SHARED_ADDRESS = 60


@dataclass(frozen=True, slots=True)
class Ring:
    """What the members of one ring have in common; each report shows some of it."""

    phones: tuple[str, ...]
    devices: tuple[str, ...]
    payments: tuple[str, ...]
    group_id: str
    invite: str
    sessions: tuple[tuple[str, datetime], ...]
    """Addresses used by several members within hours of a moment."""
    file_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """One account and who is behind it. All its reports meet the same actor."""

    person: MadePerson
    minor: bool
    provider: Provider
    account_id: str
    phone: str
    email: str
    device: str
    place: MadePlace
    detail: Detail
    mobile: bool
    home_v4: str
    home_v6: str
    shared_ip: str


class Cast:
    """Actors and rings of one world, made anew whenever asked for, always the same."""

    def __init__(self, *, seed: int, count: int, sent_at: datetime) -> None:
        self.seed = seed
        self.sent_at = sent_at
        self.places = delhi_places()
        self.shared_addresses = max(3, count // PEOPLE_PER_SHARED_ADDRESS)
        self.ring = lru_cache(maxsize=4096)(self._make_ring)

    def actor(self, slot: Slot) -> Actor:
        rng = Random(f"{self.seed}:actor:{slot.actor}")
        today = self.sent_at.date()
        minor = slot.ring < 0 and rng.random() < MINOR_SHARE
        person = make_person(rng, today=today, minor=minor, woman=rng.random() < 0.07)
        provider = rng.choices(PROVIDERS, PROVIDER_WEIGHTS)[0]
        place, detail = self._make_place(rng, slot)
        return Actor(
            person=person,
            minor=minor,
            provider=provider,
            account_id=account_number(rng, provider),
            phone=make_phone(rng),
            email=make_email(rng, person),
            device=make_imei(rng),
            place=place,
            detail=detail,
            mobile=rng.random() < MOBILE_SHARE,
            home_v4=f"198.19.{rng.randrange(256)}.{rng.randrange(1, 255)}",
            home_v6=f"2001:db8:{rng.randrange(65536):x}:{rng.randrange(65536):x}",
            shared_ip=shared_ip(rng.randrange(self.shared_addresses)),
        )

    def _make_place(self, rng: Random, slot: Slot) -> tuple[MadePlace, Detail]:
        if slot.end is End.DISTRICT:
            return make_delhi_place(rng, self.places), DISTRICT_DETAILS.draw(rng)
        if slot.end is End.OTHER_STATE:
            return make_other_place(rng), OTHER_DETAILS.draw(rng)
        if slot.end is End.RETURNED:
            return make_place_abroad(rng), rng.choice((Detail.CITY, Detail.ESTIMATE))
        return NOWHERE, Detail.NOTHING

    def _make_ring(self, ring: int) -> Ring:
        rng = Random(f"{self.seed}:ring:{ring}")
        person = make_person(rng, today=self.sent_at.date())
        group = f"{rng.getrandbits(48):012x}"
        start = self.sent_at - WINDOW - timedelta(days=rng.uniform(8, 26))
        return Ring(
            phones=tuple(make_phone(rng) for _ in range(2)),
            devices=tuple(make_imei(rng) for _ in range(2)),
            payments=tuple(make_payment_handle(rng, person) for _ in range(2)),
            group_id=f"group-{group}",
            invite=f"https://chat.example.com/invite/{group}",
            sessions=tuple(
                (
                    f"198.19.{rng.randrange(256)}.{rng.randrange(1, 255)}",
                    start + timedelta(days=rng.uniform(0, 6)),
                )
                for _ in range(3)
            ),
            file_keys=tuple(f"{self.seed}:ring:{ring}:{number}" for number in range(8)),
        )


def shared_ip(which: int) -> str:
    """The public address of a network that puts many customers behind it."""
    return f"198.18.{which // 250 % 256}.{which % 250 + 1}"


def account_number(rng: Random, provider: Provider) -> str:
    """Digits as many as this company's ids have; nothing where it has no such ids."""
    digits = provider.account_digits
    return str(rng.randrange(10 ** (digits - 1), 10**digits)) if digits else ""
