"""FIR, accused, arrest and production, in an order in which they can have happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Min

from accounts.models import User
from accounts.roles import Rank, at_least
from audit.services import record
from cases.lifecycle import CaseStatus
from cases.models import Accused, Arrest, Case, Fir
from cases.models.fir import FirKind, is_child
from cases.services.assigning import station_of
from cases.services.holding import move, tiplines_of
from cases.services.reach import CaseNotVisible, lock_case
from cases.statutes import (
    INDIA,
    INSPECTOR_RULE,
    needs_inspector,
    offence_days,
    section,
    sections_for,
)
from tiplines.covering import COVER
from tiplines.models import FileRecord, Party
from tiplines.parsing.records import PartyRole
from tiplines.services.covers import sealed

LOWEST_RANK = Rank.INSPECTOR  # who may investigate an offence under the IT Act, s. 78


class FirNumberTaken(Exception):
    """The station has an FIR of this number, year and kind. Whose it is, is not said."""


class YearDiffers(Exception):
    """The year in the number is not that of the registration in India."""

    def __init__(self, year: int) -> None:
        super().__init__(f"registered in {year}")
        self.year = year


class InTheFuture(Exception):
    """What has not happened yet cannot be recorded."""


class NoSections(Exception):
    """An FIR names at least one section."""


class NotInForce(Exception):
    """Sections that no day of the offence falls under."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.labels = tuple(section(code).label for code in codes)


class RankTooLow(Exception):
    """The investigating officer is below Inspector, and a section is of the IT Act."""

    source = INSPECTOR_RULE


class BeforeTheFir(Exception):
    """An arrest, or word to the informant, would lie before the FIR was registered."""


class BeforeTheArrest(Exception):
    """The production would lie before the arrest."""


class AlreadyRecorded(Exception):
    """An accused is arrested once, produced once; an informant is told once. It stands already."""


@transaction.atomic
def register_fir(
    *,
    case_id: int,
    kind: FirKind,
    number: int,
    year: int,
    station_id: int,
    registered_at: datetime,
    sections: Sequence[str],
    investigating_officer: str,
    officer_rank: Rank,
    by: User,
    at: datetime,
) -> Fir:
    """Record an FIR of the case; the first one moves the case to registered.

    Raises lifecycle.MoveNotAllowed unless the case is under enquiry or registered, FirNumberTaken,
    YearDiffers, InTheFuture, NoSections, NotInForce, RankTooLow, statutes.UnknownSection,
    assigning.StationNotInDistrict, reach.CaseNotVisible and deciding.NotAllowed.
    """
    case = lock_case(case_id=case_id, by=by)
    station = station_of(station_id, district_id=case.district_id)
    check_not_future(registered_at, at=at)
    if registered_at.astimezone(INDIA).year != year:
        raise YearDiffers(registered_at.astimezone(INDIA).year)
    check_sections(case, sections)
    if needs_inspector(sections) and not at_least(officer_rank, LOWEST_RANK):
        raise RankTooLow
    if case.status != CaseStatus.REGISTERED:
        move(case, CaseStatus.REGISTERED, at=at)
    fir = Fir(
        case=case,
        kind=kind.value,
        number=number,
        year=year,
        station=station,
        registered_at=registered_at,
        sections=list(sections),
        investigating_officer=investigating_officer,
        officer_rank=officer_rank.value,
        recorded_at=at,
        recorded_by=by,
    )
    try:
        with transaction.atomic():
            fir.save(force_insert=True)
    except IntegrityError as error:
        if "fir_number_once_a_year" in str(error):
            raise FirNumberTaken from error
        raise
    keep_waiting(case.pk)
    record(
        verb="case.fir-registered",
        subject=f"case:{case.pk}",
        actor=by,
        at=at,
        detail={"fir": fir.label, "kind": kind.value, "station": station.code},
    )
    return fir


@transaction.atomic
def add_accused(
    *, fir_id: int, name: str, age: int | None, address: str, by: User, at: datetime
) -> Accused:
    """Name a person in an FIR. `age` is that at the offence; None if not known. What names a child
    is kept sealed.

    Raises reach.CaseNotVisible and deciding.NotAllowed.
    """
    fir = lock_fir(fir_id, by=by)
    said = {"name": name, "address": address}
    covers = child_covers(said) if is_child(age) else {}
    kept = sealed(said, covers, about=Accused.about_of(fir.pk))
    accused = Accused.objects.create(fir=fir, age=age, recorded_at=at, recorded_by=by, **kept)
    record_about(fir, verb="case.accused-added", accused=accused, by=by, at=at)
    return accused


def child_covers(said: Mapping[str, str]) -> dict[str, str]:
    """What the columns say instead, of a child in conflict with law."""
    return {name: COVER if text else "" for name, text in said.items()}


@transaction.atomic
def record_arrest(
    *,
    accused_id: int,
    arrested_at: datetime,
    place: str,
    arrested_by: str,
    by: User,
    at: datetime,
) -> Arrest:
    """Record an arrest; BNSS 58 asks for production within 24 hours of `arrested_at`.

    Raises InTheFuture, BeforeTheFir, AlreadyRecorded, reach.CaseNotVisible and deciding.NotAllowed.
    """
    accused = lock_accused(accused_id, by=by)
    check_not_future(arrested_at, at=at)
    if arrested_at < accused.fir.registered_at:
        raise BeforeTheFir
    if Arrest.objects.filter(accused=accused).exists():
        raise AlreadyRecorded
    arrest = Arrest.objects.create(
        accused=accused,
        arrested_at=arrested_at,
        place=place,
        arrested_by=arrested_by,
        recorded_at=at,
        recorded_by=by,
    )
    keep_waiting(accused.fir.case_id)
    record_about(accused.fir, verb="case.arrest-recorded", accused=accused, by=by, at=at)
    return arrest


@transaction.atomic
def record_production(*, arrest_id: int, produced_at: datetime, by: User, at: datetime) -> Arrest:
    """Record that the arrested person was produced before the Magistrate, late or in time.

    Raises InTheFuture, BeforeTheArrest, AlreadyRecorded, reach.CaseNotVisible and
    deciding.NotAllowed.
    """
    arrest = lock_arrest(arrest_id, by=by)
    check_not_future(produced_at, at=at)
    if produced_at < arrest.arrested_at:
        raise BeforeTheArrest
    if arrest.produced_at is not None:
        raise AlreadyRecorded
    arrest.produced_at = produced_at
    arrest.save(update_fields=["produced_at"])
    keep_waiting(arrest.accused.fir.case_id)
    record_about(
        arrest.accused.fir, verb="case.production-recorded", accused=arrest.accused, by=by, at=at
    )
    return arrest


@transaction.atomic
def record_progress(*, fir_id: int, informed_at: datetime, by: User, at: datetime) -> Fir:
    """Record that the informant was told of the progress of the investigation.

    Raises InTheFuture, BeforeTheFir, AlreadyRecorded, reach.CaseNotVisible and
    deciding.NotAllowed.
    """
    fir = lock_fir(fir_id, by=by)
    check_not_future(informed_at, at=at)
    if informed_at < fir.registered_at:
        raise BeforeTheFir
    if fir.informed_at is not None:
        raise AlreadyRecorded
    fir.informed_at = informed_at
    fir.save(update_fields=["informed_at"])
    keep_waiting(fir.case_id)
    record(
        verb="case.informant-told",
        subject=f"case:{fir.case_id}",
        actor=by,
        at=at,
        detail={"fir": fir.label},
    )
    return fir


def lock_fir(fir_id: int, *, by: User) -> Fir:
    """The FIR, its case locked. Raises reach.CaseNotVisible and deciding.NotAllowed."""
    firs = Fir.objects.visible_to(by).filter(pk=fir_id)
    case_id = firs.values_list("case", flat=True).first()
    if case_id is None:
        raise CaseNotVisible
    lock_case(case_id=case_id, by=by)
    return firs.get()


def lock_accused(accused_id: int, *, by: User) -> Accused:
    """The accused with the FIR, the case locked. Raises as `lock_fir`."""
    try:
        accused = Accused.objects.visible_to(by).select_related("fir").get(pk=accused_id)
    except Accused.DoesNotExist as error:
        raise CaseNotVisible from error
    lock_case(case_id=accused.fir.case_id, by=by)
    return accused


def lock_arrest(arrest_id: int, *, by: User) -> Arrest:
    """The arrest with accused and FIR, the case locked. Raises as `lock_fir`."""
    arrests = Arrest.objects.visible_to(by).filter(pk=arrest_id)
    case_id = arrests.values_list("accused__fir__case", flat=True).first()
    if case_id is None:
        raise CaseNotVisible
    lock_case(case_id=case_id, by=by)
    return arrests.select_related("accused__fir").get()


def keep_waiting(case_id: int) -> None:
    """Bring what the case says of its limits in line with its FIRs and arrests."""
    arrests = Arrest.objects.filter(accused__fir__case=case_id, produced_at__isnull=True)
    firs = Fir.objects.filter(case=case_id, informed_at__isnull=True)
    Case.objects.filter(pk=case_id).update(
        unproduced_since=arrests.aggregate(since=Min("arrested_at"))["since"],
        uninformed_since=firs.aggregate(since=Min("registered_at"))["since"],
    )


def check_not_future(moment: datetime, *, at: datetime) -> None:
    if moment > at:
        raise InTheFuture


def check_sections(case: Case, codes: Sequence[str]) -> None:
    """Raise NoSections, NotInForce or statutes.UnknownSection."""
    if not codes:
        raise NoSections
    offered = {offered.code for offered in sections_for(days_of(case))}
    wrong = [code for code in codes if section(code).code not in offered]
    if wrong:
        raise NotInForce(wrong)


def days_of(case: Case) -> tuple[date, ...]:
    """The days of the offences in the case's tiplines, in India; empty if none is known."""
    return offence_days(tiplines_of(case).values_list("incident_at", flat=True))


def is_passed_on(case: Case) -> bool:
    """Whether a report of the case shows material going to somebody else or to the public."""
    tiplines = tiplines_of(case)
    return (
        Party.objects.filter(tipline__in=tiplines, role=PartyRole.RECIPIENT).exists()
        or FileRecord.objects.filter(tipline__in=tiplines, publicly_available=True).exists()
    )


def record_about(fir: Fir, *, verb: str, accused: Accused, by: User, at: datetime) -> None:
    record(
        verb=verb,
        subject=f"case:{fir.case_id}",
        actor=by,
        at=at,
        detail={"fir": fir.label, "accused": accused.pk},
    )
