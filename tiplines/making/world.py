"""The made world: from a seed to reports and the truth about each, one after another.

Everything is drawn from generators that are seeded by (seed, what, which), never from one running
stream: report 7 is the same whether or not report 6 was made before, and an account's second report
meets the same person as its first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from tiplines.making import wording
from tiplines.making.cast import WINDOW, Actor, Cast
from tiplines.making.digests import hex_digest
from tiplines.making.drawing import Weighted
from tiplines.making.habits import (
    ENTICEMENT,
    REPORTERS,
    make_dialect,
    report_annotations,
    zone_style,
)
from tiplines.making.places import NOWHERE, Detail, MadePlace
from tiplines.making.plan import DELHI_2025, End, Shares, Slot, plan_slots
from tiplines.making.providers import PROVIDERS
from tiplines.making.reports import MadeFile, MadeMoment, MadeParty, MadeReport
from tiplines.making.telling import Telling
from tiplines.making.truth import (
    CONTACT_TYPES,
    Truth,
    expected_urgency,
    missing_fields,
    zone_is_unclear,
)

DEFAULT_SENT_ON = date(2025, 12, 19)

# No real series: report numbers had nine digits and began with 1 or 2 when this was written.
FIRST_NUMBER = 990_000_001
NUMBERS_PER_SEED = 200_000  # a larger world runs on into the numbers of the next seed
SEEDS_WITH_OWN_NUMBERS = 45
MOST_REPORTS = 999_999_999 - FIRST_NUMBER - SEEDS_WITH_OWN_NUMBERS * NUMBERS_PER_SEED
EARLIER_NUMBERS = 989_000_000  # reports named as earlier ones that no dispatch holds


POSSESSION = "Child Pornography (possession, manufacture, and distribution)"
INCIDENT_TYPES = Weighted(
    (POSSESSION, 84),
    (ENTICEMENT, 8),
    ("Unsolicited Obscene Material Sent to a Child", 3),
    ("Child Sexual Molestation", 2),
    ("Child Sex Trafficking", 1),
    ("Misleading Words or Digital Images on the Internet", 1),
    ("Misleading Domain Name", 0.5),
    ("Child Sex Tourism", 0.5),
)
FILE_COUNTS = Weighted(
    ((0, 0), 5),
    ((1, 1), 50),
    ((2, 2), 16),
    ((3, 3), 9),
    ((4, 5), 10),
    ((6, 10), 6),
    ((11, 25), 3),
    ((26, 60), 1),
)
PRIORITIES = Weighted(("E", 93), ("3", 3.5), ("2", 2), ("1", 1.5))

ESCALATION_SHARE = 0.008
PACK_SHARE = 0.12  # of files: known files that circulate among strangers
PACK_SIZE = 400
CHANNEL_SHARE = 0.04  # of reports: a public channel that strangers share
CHANNELS = 40


class World:
    """All reports of one seed. Memory: the plan only, about 100 bytes a report."""

    def __init__(
        self,
        count: int,
        seed: int,
        *,
        sent_on: date = DEFAULT_SENT_ON,
        shares: Shares = DELHI_2025,
    ) -> None:
        if not 0 <= count <= MOST_REPORTS:
            raise ValueError(f"count must be between 0 and {MOST_REPORTS}")
        self.count = count
        self.seed = seed
        self.shares = shares
        self.sent_at = datetime(sent_on.year, sent_on.month, sent_on.day, 4, 30, tzinfo=UTC)
        self.slots = plan_slots(count, seed, shares)
        self.first_number = FIRST_NUMBER + seed % SEEDS_WITH_OWN_NUMBERS * NUMBERS_PER_SEED
        self._cast = Cast(seed=seed, count=count, sent_at=self.sent_at)

    def __iter__(self) -> Iterator[tuple[MadeReport, Truth]]:
        for index in range(self.count):
            yield self.report(index)

    def report(self, index: int) -> tuple[MadeReport, Truth]:
        """Return report `index` (from 0) and the truth about it."""
        slot = self.slots[index]
        content = slot.repeats if slot.repeats >= 0 else index
        source = self.slots[content]
        rng = Random(f"{self.seed}:report:{content}")
        actor = self._cast.actor(source)
        received_at = self._received_at(content)
        if source.batched:
            report = self._make_batched(rng, content, source, received_at)
        else:
            report = self._make_report(rng, content, source, actor, received_at)
        if content != index:
            report = replace(
                report,
                number=self.first_number + index,
                received_at=MadeMoment(self._received_at(index)),
                files=tuple(
                    replace(file, file_id=hex_digest(f"{self.seed}:{index}:{order}", 16))
                    for order, file in enumerate(report.files)
                ),
            )
        return report, self._truth(slot, source, actor, report)

    def _truth(self, slot: Slot, source: Slot, actor: Actor, report: MadeReport) -> Truth:
        place = NOWHERE if slot.batched else actor.place
        earlier = [one for party in report.reported for one in party.prior_reports]
        return Truth(
            number=report.number,
            end=slot.end,
            place=_kind_of_place(place),
            district=place.district_code or None,
            station=place.station_code or None,
            state="Delhi" if place.district_code else place.state or None,
            country=place.country or None,
            place_evidence=Detail.NOTHING if slot.batched else actor.detail,
            offender=None if slot.batched else slot.actor,
            ring=slot.ring if slot.ring >= 0 else None,
            viral_batch=slot.viral if slot.viral >= 0 else None,
            batched=slot.batched,
            duplicate_of=self.first_number + slot.repeats if slot.repeats >= 0 else None,
            supplement_of=earlier[0] if source.supplements >= 0 and earlier else None,
            shared_address=any(
                capture.ip == actor.shared_ip for party in report.reported for capture in party.ips
            ),
            minor_suspect=actor.minor and not slot.batched,
            zone_unclear=zone_is_unclear(report),
            missing=missing_fields(report),
            urgency=expected_urgency(report),
        )

    def _received_at(self, index: int) -> datetime:
        share = (index + 1) / (self.count + 1)
        at = self.sent_at - WINDOW * (1 - share)
        return at.replace(microsecond=0)

    def _make_batched(
        self, rng: Random, index: int, slot: Slot, received_at: datetime
    ) -> MadeReport:
        """A batched report: account ids, one marked file, and nothing else that could tie it."""
        provider = Random(f"{self.seed}:viral:{slot.viral}").choices(PROVIDERS[:2], (6, 4))[0]
        parties = 3 + min(int(rng.expovariate(1 / 12)), 150)
        old_form = rng.random() < 0.3
        marks = () if old_form else rng.choice((("viral",), ("viral", "potentialMeme")))
        return MadeReport(
            number=self.first_number + index,
            provider=provider.name,
            platform=provider.name,
            incident_type=POSSESSION,
            incident_at=MadeMoment(received_at - timedelta(hours=rng.uniform(1, 72))),
            reporter=REPORTERS[provider.name],
            received_at=MadeMoment(received_at),
            batched_reason="VIRAL_POTENTIAL_MEME",
            reported=tuple(
                MadeParty(account_id=str(rng.randrange(10**14, 10**15))) for _ in range(parties)
            ),
            files=(
                MadeFile(
                    file_id=hex_digest(f"{self.seed}:{index}:0", 16),
                    classification=rng.choice(("", "A2", "B2")),
                    potential_meme=True if old_form else None,
                    annotations=marks,
                ),
            ),
            dialect=make_dialect(rng, provider),
        )

    def _make_report(
        self, rng: Random, index: int, slot: Slot, actor: Actor, received_at: datetime
    ) -> MadeReport:
        provider = actor.provider
        ring = self._cast.ring(slot.ring) if slot.ring >= 0 else None
        style = zone_style(rng, provider, self.shares.unstated_zone)
        incident_at = received_at - timedelta(hours=1 + rng.gammavariate(1.2, 120))
        session = rng.choice(ring.sessions) if ring else None
        if session is not None:
            incident_at = session[1] + timedelta(minutes=rng.uniform(0, 150))
        telling = Telling(
            rng=rng,
            actor=actor,
            ring=ring,
            session=session,
            style=style,
            incident_at=incident_at.replace(microsecond=rng.randrange(1000) * 1000),
            known=actor.detail is not Detail.NOTHING,
        )
        incident_type = POSSESSION if slot.viral >= 0 else INCIDENT_TYPES.draw(rng)
        priors: tuple[int, ...] = ()
        if slot.supplements >= 0:
            priors = (self.first_number + slot.supplements,)
        elif rng.random() < 0.02:
            priors = (EARLIER_NUMBERS + rng.randrange(900_000),)
        escalated = slot.end is not End.NOT_ACTIONABLE and rng.random() < ESCALATION_SHARE
        in_contact = incident_type in CONTACT_TYPES
        return MadeReport(
            number=self.first_number + index,
            provider=provider.name,
            platform=provider.name if rng.random() < 0.7 else "",
            incident_type=incident_type,
            incident_at=MadeMoment(telling.incident_at, style),
            reporter=REPORTERS[provider.name],
            received_at=MadeMoment(received_at),
            ncmec_priority="1" if escalated else PRIORITIES.draw(rng),
            escalation=rng.choice(wording.ESCALATIONS) if escalated else "",
            annotations=report_annotations(rng, incident_type),
            incident_note=rng.choice(wording.INCIDENT_NOTES) if rng.random() < 0.3 else "",
            incidents=telling.incidents(self._channel(rng)),
            police=telling.police(),
            reported=(telling.suspect(priors),),
            recipients=telling.recipients(),
            victims=telling.victims(self.sent_at.date())
            if in_contact and slot.end is not End.NOT_ACTIONABLE
            else (),
            additional_info=rng.choice(wording.REPORT_NOTES) if rng.random() < 0.5 else "",
            files=self._files(telling, index, slot, incident_type),
            dialect=make_dialect(rng, provider),
        )

    def _channel(self, rng: Random) -> str:
        """A public channel many strangers know, or nothing."""
        if rng.random() >= CHANNEL_SHARE:
            return ""
        return f"https://channels.example.com/c/{int(rng.paretovariate(1)) % CHANNELS}"

    def _files(
        self, telling: Telling, index: int, slot: Slot, incident_type: str
    ) -> tuple[MadeFile, ...]:
        rng = telling.rng
        low, high = FILE_COUNTS.draw(rng)
        if slot.viral >= 0 or (incident_type == POSSESSION and high == 0):
            low = high = 1
        return tuple(
            telling.file(
                file_id=hex_digest(f"{self.seed}:{index}:{order}", 16),
                key=self._file_key(telling, slot, index, order),
                viral=slot.viral >= 0,
            )
            for order in range(rng.randint(low, high))
        )

    def _file_key(self, telling: Telling, slot: Slot, index: int, order: int) -> str:
        """What the hashes are made from: equal keys are the same file."""
        rng = telling.rng
        if slot.viral >= 0:
            return f"{self.seed}:viral:{slot.viral}"
        if telling.ring is not None and rng.random() < 0.4:
            return rng.choice(telling.ring.file_keys)
        if rng.random() < PACK_SHARE:
            return f"{self.seed}:pack:{int(rng.paretovariate(0.6)) % PACK_SIZE}"
        return f"{self.seed}:file:{index}:{order}"


def make_reports(
    count: int, seed: int, *, sent_on: date = DEFAULT_SENT_ON, shares: Shares = DELHI_2025
) -> Iterator[tuple[MadeReport, Truth]]:
    """Yield `count` reports with the truth about each; the same arguments give the same values."""
    return iter(World(count, seed, sent_on=sent_on, shares=shares))


def _kind_of_place(place: MadePlace) -> str:
    if place.district_code:
        return "delhi"
    if not place.country:
        return "unknown"
    return "other-state" if place.country == "IN" else "abroad"
