"""A small world in which every text says whose it is, so that a leak names itself.

Each text of a place carries a word like `canaryrohinione` that stands nowhere else. `Place.word` is
that word; an officer who meets a word of a place out of reach has found a leak.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Rank, Role
from accounts.services.duties import duty_of
from cases.models import Case, Letter
from cases.models.fir import FirKind
from cases.services import assigning, ending, holding, registering, restricting
from districts.evidence import Evidence
from districts.models import District, PoliceStation
from districts.replaying import Basis
from districts.rules import EvidenceKind, Rules
from nexus.calibrating import IP_BY_HAND
from nexus.models import (
    Folded,
    Joined,
    Judged,
    Judgement,
    Lineage,
    Membership,
    Nexus,
    Run,
    Tie,
    Tier,
    Verdict,
    Worth,
)
from operations.services import drives
from tests.cases.made import make_proposal
from tests.factories import (
    make_district,
    make_move,
    make_officer,
    make_reorganisation,
    make_rules,
    make_station,
    make_tipline,
)
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import (
    Bundle,
    Dispatch,
    Document,
    KeptBasis,
    QuarantineItem,
    Sighting,
    Tipline,
)
from tiplines.models.decision import CloseReason
from tiplines.models.sealable import about_tipline
from tiplines.sealing import seal_json
from tiplines.services import correcting, deciding

SHARED = "+919811122233"  # one telephone in every report: what links them all


@dataclass
class Place:
    """One holder, or the unit itself, and what is there.

    How a report came in is the unit's in any case: it has a word of its own.
    """

    word: str
    district: District | None = None
    station: PoliceStation | None = None
    tipline: Tipline = field(init=False)
    case: Case | None = None
    ids: dict[str, Any] = field(default_factory=dict)
    """By the name of the converter in a route."""

    @property
    def intake_word(self) -> str:
        return f"canaryintake{self.word.removeprefix('canary')}"


@dataclass
class World:
    places: dict[str, Place]
    officers: dict[str, User]
    reach: dict[str, frozenset[str]]
    """Officer to the names of the places whose words may be met."""

    def foreign(self, officer: str) -> set[str]:
        """Words that the officer must not meet."""
        words = {each.word for name, each in self.places.items() if name not in self.reach[officer]}
        if not self.officers[officer].duty.sees_everything:
            words |= {
                each.intake_word
                for name, each in self.places.items()
                if name not in self.reach[officer]
            }
        return words


def make_world() -> World:
    now = timezone.now()
    rohini, dwarka = district("ROH", "Rohini"), district("DWA", "Dwarka")
    one, two = station("ROH-1", rohini), station("ROH-2", rohini)
    there = station("DWA-1", dwarka)
    places = {
        "one": Place("canaryrohinione", rohini, one),
        "two": Place("canaryrohinitwo", rohini, two),
        "there": Place("canarydwarka", dwarka, there),
        "restricted": Place("canaryrestricted", rohini, one),
        "hidden": Place("canaryhidden", rohini, one),
        "unit": Place("canaryunit"),
        "ended": Place("canaryended"),
    }
    officers = {
        "analyst": make_officer(Role.ANALYST),
        "supervisor": make_officer(Role.SUPERVISOR),
        "owner": make_officer(Role.SUPERVISOR),
        "rohini": make_officer(Role.DISTRICT, district=rohini),
        "dwarka": make_officer(Role.DISTRICT, district=dwarka),
        "one": make_officer(Role.STATION, station=one),
        "two": make_officer(Role.STATION, station=two),
        "named": make_officer(Role.STATION, station=there),
        "auditor": make_officer(Role.AUDITOR),
        "administrator": make_officer(Role.ADMINISTRATOR),
    }
    for serial, place in enumerate(places.values()):
        fill(place, serial, officers, now=now)
    tie(places, officers, now=now)
    for name, hides in (("restricted", False), ("hidden", True)):
        case = places[name].case
        assert case is not None
        restricting.restrict(
            case_id=case.pk,
            officers=[officers["named"]] if name == "restricted" else [],
            hides_existence=hides,
            reason=f"{places[name].word} reason of the restriction",
            by=officers["owner"],
            at=now,
        )
    for officer in officers.values():
        officer.duty = duty_of(officer, at=timezone.now())
    everywhere = frozenset({"one", "two", "there", "unit", "ended"})
    reach = {
        "analyst": everywhere,
        "supervisor": everywhere,
        "owner": everywhere | {"restricted", "hidden"},
        "rohini": frozenset({"one", "two"}),
        "dwarka": frozenset({"there"}),
        "one": frozenset({"one"}),
        "two": frozenset({"two"}),
        "named": frozenset({"there", "restricted"}),
        "auditor": frozenset[str](),
        "administrator": frozenset[str](),
    }
    return World(places=places, officers=officers, reach=reach)


def district(code: str, name: str) -> District:
    return make_district(code=code, name=name, name_hi=name)


def station(code: str, of: District) -> PoliceStation:
    return make_station(code=code, name=code, district=of)


def fill(place: Place, serial: int, officers: dict[str, User], *, now: datetime) -> None:
    """A dispatch with one report that says the place's word in every field, and a broken file."""
    word, number = place.word, str(995_000_000 + serial)
    report = json_report(number, policeReference=f"{word} reference")
    about = report["reportedInformation"]
    about["additionalInformations"] = {"additionalInformations": [{"value": f"{word} told us"}]}
    [person] = about["reportedPeople"]["reportedPersons"]
    person |= {
        "firstName": word.title(),
        "lastName": "Suspect",
        "espUserId": f"{word}account",
        "screenName": {"value": f"{word}screen"},
        "emails": {"emails": [{"value": f"{word}@example.com"}]},
        "phones": {"phones": [{"value": SHARED}]},
    }
    person["addresses"]["addresses"][0]["street1"] = f"{word} street, Prashant Vihar"
    about["uploadedFiles"] = {
        "uploadedFiles": [{"fileName": f"{word}.jpg", "originalFileName": f"{word}-original.jpg"}]
    }
    came = place.intake_word
    content = zip_of({f"{came}.json": report, f"{came}-broken.json": b"{"})
    dispatch = bring(content, name=f"{came}.zip", at=now)
    work(at=now)
    place.tipline = Tipline.objects.get(number=number)
    read = Evidence(kind=EvidenceKind.DECLARED_ADDRESS, text=f"{word} street")
    basis = Basis(evidence=(read,), location={"candidates": []}, answer={}, gazetteer=1, rules=0)
    KeptBasis.objects.create(
        tipline=place.tipline,
        sealed_basis=seal_json(basis.as_data(), about=about_tipline(place.tipline.pk)),
    )
    Dispatch.objects.filter(pk=dispatch.pk).update(reference=f"{came} ref", sender=f"{came} sender")
    made = correcting.correct(
        tipline=place.tipline.pk,
        place="",
        field="police_reference",
        after=f"{word} corrected",
        reason=f"{word} reason",
        by=officers["analyst"],
        at=now,
    )
    place.ids = {
        "number": number,
        "dispatch_id": dispatch.pk,
        "item_id": QuarantineItem.objects.get(dispatch=dispatch).pk,
        "document_id": Document.objects.filter(dispatch=dispatch).order_by("pk")[0].pk,
        "correction_id": made.pk,
    }
    if place.station is not None:
        hold(place, officers, now=now)


def hold(place: Place, officers: dict[str, User], *, now: datetime) -> None:
    """The report becomes a case with FIR, accused and arrest."""
    assert place.station is not None
    word, analyst = place.word, officers["analyst"]
    officer = make_officer(Role.STATION, station=place.station)
    assigning.assign(
        tipline_ids=[place.tipline.pk],
        district_id=place.station.district_id,
        station_id=place.station.pk,
        note=f"{word} note of the decision",
        by=analyst,
        at=now - timedelta(hours=3),
    )
    case = Case.objects.get(entries__tipline=place.tipline)
    holding.accept(case_id=case.pk, by=officer, at=now - timedelta(hours=2))
    fir = registering.register_fir(
        case_id=case.pk,
        kind=FirKind.REGULAR,
        number=100 + case.pk,
        year=timezone.localtime(now).year,
        station_id=place.station.pk,
        registered_at=now - timedelta(hours=2),
        sections=("IT-67B", "POCSO-15-1"),
        investigating_officer=f"{word.title()} Inspector",
        officer_rank=Rank.INSPECTOR,
        by=officer,
        at=now - timedelta(hours=1),
    )
    accused = registering.add_accused(
        fir_id=fir.pk, name=f"{word} accused", age=34, address=f"{word} lane", by=officer, at=now
    )
    registering.record_arrest(
        accused_id=accused.pk,
        arrested_at=now - timedelta(hours=1),
        place=f"{word} square",
        arrested_by=f"{word} sub-inspector",
        by=officer,
        at=now,
    )
    place.case = case
    place.ids |= {"case_id": case.pk}


def group(places: dict[str, Place], officers: dict[str, User], *, now: datetime) -> None:
    """A nexus over every place, as a run leaves it."""
    run = Run.objects.create(
        at=now,
        engine=1,
        tiplines=len(places),
        accounts=len(places),
        ip_bits=IP_BY_HAND.tolist(),
        gap_bits=[],
        district_bits=[],
    )
    nexus, before = (
        Nexus.objects.create(
            tier=Tier.ALERT,
            score=4.0,
            persons=4.0,
            weakest_bits=9.0,
            accounts=len(places),
            tiplines=len(places),
            first_at=now,
            last_at=now,
            found_at=now,
        )
        for _ in range(2)
    )
    Nexus.objects.filter(pk=nexus.pk).update(
        alerted_at=now,
        told=[each.station.code for each in places.values() if each.station],
        told_at=now,
    )
    Lineage.objects.create(source=before, target=nexus, is_end=False, tiplines=1, run=run)
    tips = sorted(place.tipline.pk for place in places.values())
    Membership.objects.bulk_create(
        Membership(nexus=nexus, tipline_id=tip, since=now) for tip in tips
    )
    Tipline.objects.filter(pk__in=tips).update(organised_in=nexus.pk)
    Folded.objects.bulk_create(Folded(tipline_id=tip, account_id=tips[0]) for tip in tips)
    Tie.objects.bulk_create(
        Tie(run=run, first_id=tips[0], second_id=tip, bits=9.0, context=0.0, evidence=[])
        for tip in tips[1:]
    )
    unit = places["unit"]
    open_to_all = [places[name].tipline.pk for name in ("unit", "one", "two")]
    said = Judgement.objects.create(
        verdict=Verdict.TOGETHER,
        nexus=nexus,
        tiplines=len(open_to_all),
        reason=f"{unit.word} judgement",
        by=officers["analyst"],
        at=now,
    )
    Judged.objects.bulk_create(Judged(judgement=said, tipline_id=tip) for tip in open_to_all)
    unit.ids |= {"nexus_id": nexus.pk, "judgement_id": said.pk}
    seen = Sighting.objects.filter(tipline__in=tips).order_by("pk")[0]
    Joined.objects.create(value_id=seen.identifier_id, stands_for_id=seen.identifier_id)
    Worth.objects.create(
        run=run, kind=0, value=seen.identifier_id, holders=2, chance=0.9, beside=1.0, core=tips
    )


def tie(places: dict[str, Place], officers: dict[str, User], *, now: datetime) -> None:
    """What belongs to the unit: an ended report, a bundle, an operation over all cases."""
    deciding.close(
        tipline_ids=[places["ended"].tipline.pk],
        reason=CloseReason.NOT_AN_OFFENCE,
        note=f"{places['ended'].word} note",
        by=officers["analyst"],
        at=now,
    )
    group(places, officers, now=now)
    unit = places["unit"]
    bundle = Bundle.objects.create(key=f"batch/{unit.word}", provider=unit.word, made_at=now)
    Tipline.objects.filter(pk=unit.tipline.pk).update(bundle=bundle)
    supervisor = officers["supervisor"]
    operation = drives.begin(
        name=f"{unit.word} drive",
        purpose=f"{unit.word} purpose",
        from_at=now - timedelta(days=1),
        until_at=None,
        by=supervisor,
        at=now,
    )
    drives.add_chosen(
        operation_id=operation.pk,
        case_ids=[each.case.pk for each in places.values() if each.case],
        by=supervisor,
        at=now,
    )
    proposal = make_proposal(
        [unit.tipline], by=officers["analyst"], at=now, note=f"{unit.word} note of the proposal"
    )
    told = make_tipline(number="995000099", suspect_line=unit.word)
    ending.transfer(
        tipline_ids=[told.pk],
        state_name="Haryana",
        note=f"{unit.word} remark of the letter",
        by=officers["analyst"],
        at=now,
    )
    make_rules(Rules(number=1, assign_from=0.75))
    waiting = make_rules(Rules(number=2, assign_from=0.7), from_at=None, by=officers["owner"])
    make_reorganisation(number=1, by=officers["owner"], in_force_at=now)
    proposed = make_reorganisation(number=2, by=officers["owner"])
    for place in places.values():
        make_move(waiting, place.tipline)
        make_move(proposed, place.tipline, part="station")
    unit.ids |= {
        "rules_number": waiting.number,
        "reorganisation_number": proposed.number,
        "letter_id": Letter.objects.get(entries__tipline=told).pk,
        "language": "en",
        "bundle_id": bundle.pk,
        "operation_id": operation.pk,
        "proposal_id": proposal.pk,
    }
