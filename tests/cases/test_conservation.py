"""Whatever officers and senders do, in any order: each tipline stands in exactly one place."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.accountability import Answers
from cases.lifecycle import OPEN, CaseStatus, MoveNotAllowed
from cases.models import Case, CaseTipline, HandOff, Letter, LetterEntry, Proposal
from cases.models.case import ReturnReason
from cases.services import (
    accountable,
    assigning,
    ending,
    following,
    holding,
    lettering,
    news,
    proposing,
    registering,
)
from cases.services.proposing import Wish
from cases.services.reach import CaseNotVisible
from districts.evidence import Outcome
from districts.models import PoliceStation, StationKind
from districts.rules import DEFAULT, RegistersAt
from tests.cases.made import make_fir
from tests.factories import NOON, make_district, make_officer, make_rules, make_station
from tests.tiplines.intake import bring, json_report, zip_of
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services import deciding
from tiplines.services.assessing import assess_next
from tiplines.services.reading import read_next
from tiplines.services.receiving import unpack_next
from tiplines.services.reconciling import reconcile

pytestmark = pytest.mark.django_db
TIPLINES = 12
ACTS = 200
REFUSALS = (
    MoveNotAllowed,
    CaseNotVisible,
    assigning.CannotUndo,
    deciding.NotAllowed,
    holding.AlreadyThere,
    holding.NotOfTheDistrict,
    registering.FirNumberTaken,
    proposing.OnesOwn,
    proposing.NotOnesOwn,
    proposing.NotWaiting,
    lettering.NoSuchLetter,
    lettering.NotWaiting,
)


class World:
    """Two districts with two stations each, officers of every kind, and what they may try."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.at: datetime = NOON
        self.serial = 0
        districts = [make_district(), make_district(code="DWK", name="Dwarka", name_hi="")]
        self.stations: list[PoliceStation] = [
            make_station(code=f"{district.code}-{name}", name=name, district=district)
            for district in districts
            for name in ("NORTH", "SOUTH")
        ]
        cyber = make_station(code="DWK-CYBER", name="Cyber Dwarka", district=districts[1])
        PoliceStation.objects.filter(pk=cyber.pk).update(kind=StationKind.CYBER)
        make_rules(replace(DEFAULT, registers_at={"DWK": RegistersAt.CYBER}, number=1))
        # Mostly supervisors: what came back twice nobody else assigns.
        self.unit = [make_officer(), *(make_officer(Role.SUPERVISOR) for _ in range(3))]
        self.holders = [make_officer(Role.DISTRICT, district=each) for each in districts]
        self.holders += [make_officer(Role.STATION, station=each) for each in self.stations]
        self.numbers = [str(990_000_000 + number) for number in range(TIPLINES)]
        self.deliver(self.numbers)
        self.acts: list[Callable[[], object]] = [
            *(self.assign,) * 4,
            *(self.assign_each,) * 2,
            *(self.acknowledge,) * 2,
            *(self.accept,) * 3,
            *(self.return_case,) * 3,
            *(self.undo,) * 3,
            *(self.end,) * 2,
            *(self.allot,) * 2,
            self.register,
            *(self.renew,) * 2,
            *(self.follow,) * 6,
            self.take_note,
            self.answer_letter,
            self.remind,
            self.judge,
        ]

    def someone(self, likely: list[User]) -> User:
        """Mostly an officer of `likely`, sometimes anybody."""
        anybody = [*self.unit, *self.holders]
        return self.draw.choice(likely if likely and self.draw.random() < 0.8 else anybody)

    def holder_of(self, case_id: int) -> User:
        return self.someone(
            [
                each
                for each in self.holders
                if Case.objects.visible_to(each).filter(pk=case_id).exists()
            ]
        )

    def tiplines(self) -> list[int]:
        keys = list(Tipline.objects.order_by("pk").values_list("pk", flat=True))
        return self.draw.sample(keys, self.draw.randint(1, 4))

    def case_id(self) -> int:
        """Mostly an open one; 0 while there is none at all."""
        cases = Case.objects.open() if self.draw.random() < 0.8 else Case.objects.all()
        keys = list(cases.order_by("pk").values_list("pk", flat=True))
        return self.draw.choice(keys) if keys else 0

    def deliver(self, numbers: list[str]) -> None:
        self.serial += 1
        said = f"2026-10-20T10:{self.serial // 60:02d}:{self.serial % 60:02d}Z"
        reports = {f"{each}.json": json_report(each, dateReceived=said) for each in numbers}
        bring(zip_of({f"{self.serial}/{name}": each for name, each in reports.items()}))
        while unpack_next(at=self.at) or read_next(at=self.at):
            pass
        for number in self.numbers[2::3]:  # each supplements the one before it
            Tipline.objects.filter(number=number).update(prior_reports=[str(int(number) - 1)])

    def follow(self) -> None:
        following.send_after(tipline_ids=self.tiplines(), by=self.someone(self.unit), at=self.at)

    def take_note(self) -> None:
        case_id = self.case_id()
        news.mark_seen(case_id=case_id, until=self.at, by=self.holder_of(case_id), at=self.at)

    def letter_id(self) -> int:
        letters = list(Letter.objects.order_by("pk").values_list("pk", flat=True))
        return self.draw.choice(letters) if letters else 0

    def answer_letter(self) -> None:
        lettering.acknowledge(
            letter_id=self.letter_id(),
            reference="HR/7",
            on=timezone.localtime(self.at).date(),
            from_="SP Cyber",
            by=self.someone(self.unit),
            at=self.at,
        )

    def remind(self) -> None:
        lettering.remind(letter_id=self.letter_id(), by=self.someone(self.unit), at=self.at)

    def judge(self) -> None:
        while assess_next(at=self.at):
            pass

    def assign(self) -> None:
        station = self.draw.choice(self.stations)
        assigning.assign(
            tipline_ids=self.tiplines(),
            district_id=station.district_id,
            station_id=self.draw.choice([station.pk, None]),
            by=self.someone(self.unit),
            at=self.at,
        )

    def assign_each(self) -> None:
        keys = self.tiplines()
        for key in keys:
            station = self.draw.choice(self.stations)
            Tipline.objects.filter(pk=key).update(
                outcome=Outcome.DELHI,
                best_district=station.district,
                best_station=station,
                best_share=self.draw.choice([0.5, 0.99]),
            )
        assigning.assign_each(tipline_ids=keys, by=self.someone(self.unit), at=self.at)

    def end(self) -> None:
        by, keys = self.someone(self.unit), self.tiplines()
        match self.draw.randrange(3):
            case 0:
                reason = self.draw.choice(list(CloseReason))
                deciding.close(tipline_ids=keys, reason=reason, by=by, at=self.at)
            case 1:
                ending.transfer(tipline_ids=keys, state_name="Haryana", by=by, at=self.at)
            case _:
                ending.send_back(tipline_ids=keys, by=by, at=self.at, note="Which account?")

    def propose(self) -> None:
        wish = self.draw.choice(
            [
                Wish(wanted=Proposal.Wanted.CLOSE, reason=CloseReason.NO_LEAD.value),
                Wish(wanted=Proposal.Wanted.TRANSFER, state_name="Haryana"),
                Wish(wanted=Proposal.Wanted.FOLLOW),
            ]
        )
        by = self.someone(self.unit)
        proposing.propose(wish=wish, tipline_ids=self.tiplines(), by=by, at=self.at)

    def answer(self) -> None:
        waiting = Proposal.objects.filter(settled_at__isnull=True).order_by("pk")
        if keys := list(waiting.values_list("pk", flat=True)):
            key, by = self.draw.choice(keys), self.someone(self.unit)
            match self.draw.randrange(4):
                case 0:
                    proposing.refuse(proposal_id=key, reason="not these", by=by, at=self.at)
                case 1:
                    proposing.withdraw(proposal_id=key, by=by, at=self.at)
                case _:
                    proposing.confirm(proposal_id=key, by=by, at=self.at)

    def undo(self) -> None:
        batches = list(Decision.objects.order_by("batch").values_list("batch", flat=True))
        if batches:
            by = self.someone(self.unit)
            assigning.undo(batch=self.draw.choice(batches), by=by, at=self.at)

    def acknowledge(self) -> None:
        case_id = self.case_id()
        holding.acknowledge(case_id=case_id, by=self.holder_of(case_id), at=self.at)

    def accept(self) -> None:
        case_id = self.case_id()
        holding.accept(case_id=case_id, by=self.holder_of(case_id), at=self.at)

    def return_case(self) -> None:
        case_id = self.case_id()
        holding.return_case(
            case_id=case_id,
            reason=ReturnReason.OTHER_STATION,
            note="",
            by=self.holder_of(case_id),
            at=self.at,
        )

    def allot(self) -> None:
        case = Case.objects.filter(pk=self.case_id()).first()
        if case is not None:
            near = [each for each in self.stations if each.district_id == case.district_id]
            station_id = self.draw.choice(near).pk
            holding.allot_station(
                case_id=case.pk, station_id=station_id, by=self.holder_of(case.pk), at=self.at
            )

    def register(self) -> None:
        case = Case.objects.filter(pk=self.case_id()).first()
        if case is not None:
            near = [each for each in self.stations if each.district_id == case.district_id]
            make_fir(
                case=case,
                by=self.holder_of(case.pk),
                at=self.at,
                number=self.draw.randint(1, 20),
                station=self.draw.choice(near),
            )

    def renew(self) -> None:
        self.deliver(self.draw.sample(self.numbers, 2))


def check() -> None:
    for account in reconcile():
        assert account.holds, account.faults
    held = set(Tipline.objects.filter(status=Status.HELD).values_list("pk", flat=True))
    inside = CaseTipline.objects.filter(left_at__isnull=True).select_related("case", "tipline")
    assert {entry.tipline_id for entry in inside} == held
    for entry in inside:
        case, tip = entry.case, entry.tipline
        assert case.status in OPEN
        assert (tip.holder_district_id, tip.holder_station_id) == (
            case.district_id,
            case.station_id,
        )
    assert {entry.case_id for entry in inside} == set(
        Case.objects.open().values_list("pk", flat=True)
    )
    check_who_answers()
    returned = HandOff.objects.filter(returned_at__isnull=False)
    assert sorted(returned.values_list("case_id", flat=True)) == sorted(
        Case.objects.filter(status=CaseStatus.RETURNED).values_list("pk", flat=True)
    )
    with_fir = Case.objects.filter(firs__isnull=False).distinct().values_list("pk", flat=True)
    registered = Case.objects.filter(status=CaseStatus.REGISTERED)
    assert set(with_fir) == set(registered.values_list("pk", flat=True))


def check_who_answers() -> None:
    """Each tipline has one holder that answers for it, told here again from other rows."""
    assert list(accountable.unaccounted()) == []
    found = accountable.holders_of(Tipline.objects.all())
    for tip in Tipline.objects.all():
        holder = found.pop(tip.pk)
        letters = LetterEntry.objects.filter(tipline=tip, decision__undone_at__isnull=True)
        match tip.status:
            case Status.AWAITING:
                often = HandOff.objects.filter(
                    case__entries__tipline=tip, returned_at__isnull=False
                ).count()
                assert (holder.answers == Answers.SUPERVISORS) == (often > 1)
                assert not letters.exists()
            case Status.HELD:
                case = CaseTipline.objects.get(tipline=tip, left_at__isnull=True).case
                assert (holder.district_id, holder.station_id) == (
                    case.district_id,
                    case.station_id,
                )
            case Status.CLOSED:
                assert holder.answers == Answers.DESK
            case _:
                letter = letters.get().letter
                assert letter.withdrawn_at is None
                assert (holder.answers == Answers.DESK) == (letter.acknowledged_at is None)
                if letter.acknowledged_at:
                    assert holder.name == letter.addressee
    assert not found


@pytest.mark.parametrize("seed", [2, 5])
def test_no_sequence_of_acts_loses_or_doubles_a_tipline(seed: int) -> None:
    world = World(seed)
    done = 0

    joined = Event.objects.filter(verb="case.supplemented")
    for number in range(5 * ACTS):
        if number >= ACTS and joined.exists():
            break
        world.at += timedelta(minutes=world.draw.randint(1, 90))
        act = world.draw.choice(world.acts)
        with suppress(*REFUSALS):
            act()
            done += 1
        check()

    assert Tipline.objects.count() == TIPLINES
    assert Tipline.objects.filter(parent__isnull=False).count() == TIPLINES // 3
    assert joined.exists()  # rare: a report's supplements follow it only while its case is open
    assert done > ACTS // 3


@pytest.mark.parametrize("seed", [3, 4])
def test_nor_does_one_with_proposals_and_second_officers(seed: int) -> None:
    world = World(seed)
    world.acts += [*(world.propose,) * 6, *(world.answer,) * 9]

    for _ in range(ACTS):
        world.at += timedelta(minutes=world.draw.randint(1, 90))
        with suppress(*REFUSALS):
            world.draw.choice(world.acts)()
        check()

    assert Tipline.objects.count() == TIPLINES
    assert Proposal.objects.filter(answer=Proposal.Answer.CONFIRMED).count() > 1
