"""What the page of a case shows, read in a constant number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from accounts.models import CaseGrant, User
from accounts.roles import Act
from audit.models import Event
from cases.case_nexuses import NexusLine, nexuses_of
from cases.clocks import running
from cases.lifecycle import NEXT, CaseStatus
from cases.models import Accused, Case, CaseTipline, Fir, HandOff, Restriction
from cases.naming import masks_of
from cases.services.news import news_of
from cases.services.reach import is_held_by
from cases.statutes import Section, offence_days, section, straddles_change
from cases.tipline_page import Reason, place_reasons
from cases.version_lines import changes_of
from cases.wording import DETAILS, EVENTS, ClockLine, clock_line
from tiplines.covering import COVER
from tiplines.models import Decision, Party, Sighting, Tipline, Version
from tiplines.models.decision import Kind
from tiplines.parsing.records import LINKING_ROLES, IdentifierKind
from tiplines.wording import word_type, word_urgency

IDENTIFIERS_AT_MOST = 100  # lines; the page of the tipline has the rest
EVENTS_AT_MOST = 200


@dataclass(frozen=True, kw_only=True)
class TiplineLine:
    tipline: Tipline
    kind: str
    urgency_reasons: tuple[Reason, ...]
    place_reasons: tuple[Reason, ...]
    has_left: bool


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    role: str
    name: str
    age: int | None
    is_protected: bool
    tipline: Tipline


@dataclass(frozen=True, kw_only=True)
class FirLine:
    fir: Fir
    sections: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class EventLine:
    at: datetime
    words: str
    officer: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class NewsLine:
    """What is new about one tipline, with its differences covered as on its own page."""

    tipline: Tipline
    versions: tuple[Version, ...]
    changes: tuple[tuple[int, str, str, str], ...]
    supplements: tuple[Tipline, ...]
    is_added: bool
    is_organised: bool


@dataclass(frozen=True, kw_only=True)
class CasePage:
    case: Case
    news: tuple[NewsLine, ...]
    until: str
    """When the page was made: what came in later is not on it."""
    may_say_seen: bool
    nexuses: tuple[NexusLine, ...]
    """Organised ones that others hold parts of, too."""
    clocks: tuple[ClockLine, ...]
    assignment: Decision | None
    """By which it was opened, if that stored the stations and its tipline may be seen."""
    tiplines: tuple[TiplineLine, ...]
    persons: tuple[PersonLine, ...]
    identifiers: tuple[Sighting, ...]
    hand_offs: tuple[HandOff, ...]
    firs: tuple[FirLine, ...]
    accused: tuple[Accused, ...]
    uncovers_in: str
    """Number of the tipline by which a child among the accused is uncovered; empty if none is seen.
    """
    events: tuple[EventLine, ...]
    offence_days: tuple[date, ...]
    straddles_change: bool
    has_minor_suspect: bool
    has_arrests: bool
    may_acknowledge: bool
    may_accept: bool
    may_return: bool
    may_allot: bool
    may_register: bool
    may_restrict: bool
    restriction: Restriction | None
    named: tuple[CaseGrant, ...]


def page_of(case: Case, officer: User, *, now: datetime) -> CasePage:
    """Everything on the page of a case that `officer` may see."""
    entries = list(
        # A tipline that left is told to whoever may see where it is now, and to nobody else.
        CaseTipline.objects.filter(case=case, tipline__in=Tipline.objects.visible_to(officer))
        .select_related("tipline")
        .order_by("pk")
    )
    tiplines = [entry.tipline for entry in entries]
    parties = list(
        Party.objects.filter(tipline__in=tiplines, role__in=[*LINKING_ROLES])
        .select_related("tipline")
        .order_by("tipline", "position")
    )
    firs = list(Fir.objects.filter(case=case).select_related("station").order_by("pk"))
    accused = list(
        Accused.objects.filter(fir__case=case).select_related("fir", "arrest").order_by("pk")
    )
    arrests = [each.arrest for each in accused if hasattr(each, "arrest")]
    days = offence_days(tipline.incident_at for tipline in tiplines)
    status = CaseStatus(case.status)
    works = officer.duty.may(Act.WORK_CASES) and is_held_by(case, officer)
    restriction = None
    if case.is_restricted:
        standing = Restriction.objects.filter(case=case, lifted_at__isnull=True)
        restriction = standing.select_related("owner").first()
    limits = list(
        running(
            now=now,
            handed_over_at=case.handed_over_at if status == CaseStatus.HANDED_OVER else None,
            acknowledged_at=case.status_at if status == CaseStatus.ACKNOWLEDGED else None,
            unproduced_arrests=tuple(
                arrest.arrested_at for arrest in arrests if arrest.produced_at is None
            ),
        )
    )
    for fir in firs:
        if fir.informed_at is None:
            limits += running(now=now, registered_at=fir.registered_at)
    return CasePage(
        case=case,
        news=news_lines(case),
        nexuses=nexuses_of(case, [each.tipline for each in entries if each.left_at is None]),
        until=now.isoformat(),
        may_say_seen=works and case.is_open,
        clocks=tuple(clock_line(limit) for limit in sorted(limits, key=lambda limit: limit.due_at)),
        assignment=assignment_of(case, tiplines),
        tiplines=tuple(tipline_line(entry) for entry in entries),
        persons=tuple(person_line(party) for party in parties),
        identifiers=identifiers_of(tiplines),
        hand_offs=tuple(
            HandOff.objects.filter(case=case)
            .select_related(
                *("district", "station", "by", "acknowledged_by", "accepted_by", "returned_by"),
                *("better_district", "better_station"),
            )
            .order_by("at", "pk")
        ),
        firs=tuple(
            FirLine(fir=fir, sections=tuple(section(code) for code in fir.sections)) for fir in firs
        ),
        accused=tuple(accused),
        uncovers_in=next((each.tipline.number for each in entries if each.left_at is None), ""),
        events=events_of(case),
        offence_days=days,
        straddles_change=straddles_change(days),
        has_minor_suspect=any(party.is_protected for party in parties),
        has_arrests=bool(arrests),
        may_acknowledge=works and status == CaseStatus.HANDED_OVER,
        may_accept=works and CaseStatus.UNDER_ENQUIRY in NEXT[status],
        may_return=works and CaseStatus.RETURNED in NEXT[status],
        may_allot=case.district_id in officer.duty.district_ids
        and status in {CaseStatus.HANDED_OVER, CaseStatus.ACKNOWLEDGED, CaseStatus.UNDER_ENQUIRY},
        may_register=works and status in {CaseStatus.UNDER_ENQUIRY, CaseStatus.REGISTERED},
        may_restrict=officer.duty.may(Act.RESTRICT),
        restriction=restriction,
        named=named_in(case) if restriction else (),
    )


def assignment_of(case: Case, tiplines: Sequence[Tipline]) -> Decision | None:
    made = Decision.objects.filter(tipline__in=tiplines, kind=Kind.ASSIGN, at=case.opened_at)
    with_stations = made.select_related("residence_station", "registering_station")
    found = with_stations.defer("sealed_basis").order_by("pk").first()
    return found if found is not None and found.says_stations else None


def named_in(case: Case) -> tuple[CaseGrant, ...]:
    """Whom a restricted case names, those who broke the glass among them."""
    grants = CaseGrant.objects.filter(content_object=case).select_related("user")
    return tuple(grants.order_by("until_at", "user__full_name"))


def news_lines(case: Case) -> tuple[NewsLine, ...]:
    """What is new, while the case is open. Only tiplines with a difference are read for a mask."""
    news = news_of(case) if case.is_open else ()
    masks = masks_of([each.tipline for each in news if each.versions])
    return tuple(
        NewsLine(
            tipline=each.tipline,
            versions=each.versions,
            changes=tuple(changes_of(each.versions, masks[each.tipline.pk]))
            if each.versions
            else (),
            supplements=each.supplements,
            is_added=each.is_added,
            is_organised=each.is_organised,
        )
        for each in news
    )


def tipline_line(entry: CaseTipline) -> TiplineLine:
    tipline = entry.tipline
    return TiplineLine(
        tipline=tipline,
        kind=word_type(tipline.incident_type),
        urgency_reasons=tuple(
            Reason(words=word_urgency(reason), points=int(reason.get("points", 0)))
            for reason in tipline.urgency_reasons
        ),
        place_reasons=place_reasons(tipline.location_reasons),
        has_left=entry.left_at is not None,
    )


def person_line(party: Party) -> PersonLine:
    names = [name for name in (party.name, *party.display_names) if name]
    return PersonLine(
        role=party.get_role_display(),
        name=COVER if party.is_protected else " · ".join(dict.fromkeys(names)),
        age=party.age,
        is_protected=party.is_protected,
        tipline=party.tipline,
    )


def identifiers_of(tiplines: Sequence[Tipline]) -> tuple[Sighting, ...]:
    """The suspects' identifiers, each once: never a victim's or a minor's, and no file hashes."""
    adults = Party.objects.nameable().filter(tipline__in=tiplines, role__in=[*LINKING_ROLES])
    seen = (
        Sighting.objects.filter(
            tipline__in=tiplines, party__in=adults.values("pk"), file__isnull=True
        )
        .exclude(identifier__kind=IdentifierKind.HASH)
        .select_related("identifier")
        .order_by("identifier", F("at").desc(nulls_last=True), "pk")
        .distinct("identifier")[: IDENTIFIERS_AT_MOST + 1]
    )
    return tuple(sorted(seen, key=lambda one: (one.identifier.kind, one.pk)))


def events_of(case: Case) -> tuple[EventLine, ...]:
    """What was done in the case, newest first. Who merely looked stands in the record, not here."""
    events = list(Event.objects.about(f"case:{case.pk}").filter(verb__in=EVENTS)[:EVENTS_AT_MOST])
    officers = User.objects.in_bulk({event.actor_id for event in events if event.actor_id})
    return tuple(
        EventLine(
            at=event.at,
            words=str(EVENTS[event.verb]),
            officer=officers[event.actor_id].title
            if event.actor_id in officers
            else event.actor_name,
            detail=" · ".join(str(event.detail[key]) for key in DETAILS if event.detail.get(key)),
        )
        for event in events
    )
