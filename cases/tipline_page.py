"""All that the page of one tipline shows, gathered in a constant number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from accounts.models import User
from audit.models import Event
from cases.correction_lines import CorrectionLine, lines_of
from cases.masking import Node, tree
from cases.models import Case, CaseTipline, HandOff
from cases.naming import labels_of, mask_of, names_of
from cases.tipline_lines import (
    AddressLine,
    FileLine,
    IdentifierLine,
    Lines,
    MomentLine,
    PartyLine,
    classes_of,
    file_line,
    files_of,
    held_elsewhere,
    moments_of,
    party_line,
)
from cases.tipline_parts import FILES_A_PART, Part, part_of, shown_of, sightings_of
from cases.tipline_place import PlaceSheet, place_of
from cases.tipline_ties import TiesSheet, account_of, ties_of
from cases.version_lines import VersionLine, changes_of, source_of, version_line, versions_of
from districts import wording as place_words
from districts.models import PoliceStation
from nexus.models import Folded
from tiplines.covering import Mask
from tiplines.models import Candidate, Tipline, Version
from tiplines.models.decision import Decision
from tiplines.models.tipline import Status
from tiplines.services.correcting import standing_of
from tiplines.wording import word_annotation, word_missing, word_urgency

EVENTS_AT_MOST = 10
EVENTS: Mapping[str, Promise] = {
    "tipline.opened": lazy_("opened"),
    "tipline.printed": lazy_("printed"),
    "party.revealed": lazy_("uncovered what names a victim or a minor"),
    "tipline.assigned": lazy_("assigned"),
    "tipline.transferred": lazy_("transferred"),
    "tipline.closed": lazy_("closed"),
    "tipline.sent-back": lazy_("returned to the sender"),
    "tipline.decision-undone": lazy_("decision undone"),
    "tipline.came-back": lazy_("came back"),
    "tipline.reopened": lazy_("opened again"),
    "tipline.corrected": lazy_("corrected"),
    "tipline.correction-undone": lazy_("correction undone"),
    "tipline.left-bundle": lazy_("taken out of its bundle"),
    "tipline.rejoined-bundle": lazy_("put back into its bundle"),
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    words: str
    points: int = 0


@dataclass(frozen=True, kw_only=True)
class CandidateLine:
    rank: int
    candidate: Candidate
    percent: int
    reasons: tuple[Reason, ...]
    place: str
    """As the form's `place` field wants it."""
    registers: str
    """Name of the cyber station, where the district registers there; else empty."""


@dataclass(frozen=True, kw_only=True)
class BetterLine:
    """What whoever returned it proposes: one act follows it."""

    returned: HandOff
    place: str
    """As the form's `place` field wants it; empty for another State."""


@dataclass(frozen=True, kw_only=True)
class PriorLine:
    """An earlier report that it names."""

    number: str
    is_held: bool
    """Whether there is such a tipline for this officer."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything that the page of a tipline says."""

    tipline: Tipline
    urgency_reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    annotations: tuple[str, ...]
    location_reasons: tuple[Reason, ...]
    parties: tuple[PartyLine, ...]
    incident_identifiers: tuple[IdentifierLine, ...]
    incident_addresses: tuple[AddressLine, ...]
    files: tuple[FileLine, ...]
    of_files: Part
    of_sightings: Part
    file_classes: str
    """How many files of each class: `A1 × 1, B2 × 3`."""
    viewed_count: int
    state: str
    candidates: tuple[CandidateLine, ...]
    place: PlaceSheet
    related: TiesSheet
    same_account: tuple[Tipline, ...]
    moments: tuple[MomentLine, ...]
    versions: tuple[VersionLine, ...]
    changes: tuple[tuple[int, str, str, str], ...]
    new_changes: tuple[tuple[int, str, str, str], ...]
    """Those that came after its last decision, where it awaits another one."""
    parent: Tipline | None
    supplements: tuple[Tipline, ...]
    priors: tuple[PriorLine, ...]
    corrections: tuple[CorrectionLine, ...]
    originals: Mapping[str, str]
    """What the documents say where a field of the tipline's own was corrected."""
    source: tuple[Node, ...]
    source_is_cut: bool
    unread: tuple[str, ...]
    narrative: str
    escalation: str
    police_reference: str
    came_back: str
    """Why it came back, for the unit; another place's words are no business of the next holder."""
    better: BetterLine | None
    """Where it belongs by the word of the holder that returned it last, while it awaits."""
    decisions: tuple[tuple[Decision, str], ...]
    """With the name of the State, where one is named."""
    cases: tuple[CaseTipline, ...]
    events: tuple[tuple[Event, str], ...]
    """With what was done, in words."""


def sheet_of(
    tipline: Tipline,
    officer: User,
    *,
    files_part: str = "",
    sightings_part: str = "",
    cyber: Mapping[int, PoliceStation] | None = None,
) -> Sheet:
    """Gather the sheet of a tipline with `nexus.models.in_nexus`: as many statements, whatever it
    holds.

    The parts are numbers as a request names them: which files and which identifiers are shown.
    `cyber` are the stations that register for their districts, as `rulebook.cyber_registers` says.
    """
    parties = list(tipline.parties.order_by("position", "pk"))
    addresses = list(tipline.addresses.order_by("pk"))
    names = names_of(parties)
    files = list(files_of(tipline))
    of_files = part_of(files_part, size=FILES_A_PART, total=len(files))
    sightings = sightings_of(tipline, names, of_files.of(files))
    of_sightings, shown = shown_of(sightings, sightings_part)
    standing = standing_of([tipline.pk])[tipline.pk]
    mask = mask_of(parties, names, sightings, addresses, standing)
    hidden = frozenset(seen.identifier_id for seen in sightings if seen.party_id in names)
    lines = Lines(
        names=names,
        hidden=hidden,
        sightings=shown,
        addresses=addresses,
        elsewhere=held_elsewhere(tipline, sightings, officer),
        called=Mask(labels_of(parties, names)),
        corrected={(each.place, each.field): each for each in standing},
    )
    versions = versions_of(tipline)
    source, is_cut = tree(source_of(versions), mask)
    decisions = decisions_of(tipline, mask, officer)
    changes = tuple(changes_of(versions, mask))
    relatives = relatives_of(tipline, officer)
    candidates = candidates_of(tipline, cyber or {})
    return Sheet(
        tipline=tipline,
        urgency_reasons=tuple(
            Reason(words=word_urgency(each), points=int(each.get("points") or 0))
            for each in tipline.urgency_reasons
        ),
        missing=tuple(word_missing(code) for code in tipline.missing),
        annotations=tuple(word_annotation(name) for name in tipline.annotations),
        location_reasons=place_reasons(tipline.location_reasons),
        parties=tuple(party_line(party, lines, mask) for party in parties),
        incident_identifiers=lines.identifiers(party=None, file=None),
        incident_addresses=lines.places(party=None),
        files=tuple(file_line(file, lines, mask) for file in of_files.of(files)),
        of_files=of_files,
        of_sightings=of_sightings,
        file_classes=classes_of(files),
        viewed_count=sum(file.viewed_by_provider is True for file in files),
        state=state_of(tipline.state_name),
        candidates=candidates,
        place=place_of(
            tipline,
            [line.candidate for line in candidates],
            parties=parties,
            addresses=addresses,
            covered=names,
        ),
        related=ties_of(tipline, sightings, mask, officer),
        same_account=tuple(each for each in relatives.values() if each.is_of_account),
        moments=moments_of(tipline, shown, names, hidden),
        versions=tuple(map(version_line, versions)),
        changes=changes,
        new_changes=new_changes(tipline, versions, decisions, changes),
        parent=next((each for each in relatives.values() if each.pk == tipline.parent_id), None),
        supplements=tuple(each for each in relatives.values() if each.parent_id == tipline.pk),
        priors=tuple(
            PriorLine(number=number, is_held=number in relatives)
            for number in tipline.prior_reports
        ),
        corrections=lines_of(
            standing,
            rows=[*parties, *addresses, *sightings],
            names=names,
            hidden=hidden,
            mask=mask,
        ),
        originals={each.field: each.before for each in standing if not each.place},
        source=source,
        source_is_cut=is_cut,
        unread=tuple(versions[0].unread) if versions else (),
        narrative=mask.text(tipline.narrative),
        escalation=mask.text(tipline.escalation),
        police_reference=mask.text(tipline.police_reference),
        came_back=mask.text(tipline.came_back) if officer.duty.sees_everything else "",
        better=better_of(tipline, officer),
        decisions=decisions,
        cases=tuple(
            CaseTipline.objects.filter(tipline=tipline, case__in=Case.objects.visible_to(officer))
            .select_related("case__district", "case__station")
            .order_by("-added_at", "-pk")
        ),
        events=events_of(tipline, officer),
    )


# --- Reports of the same matter -----------------------------------------------------------------


def relatives_of(tipline: Tipline, officer: User) -> dict[str, Any]:
    """By number: its parent, its supplements, the reports it names and those about its account, as
    far as they are there for the officer.
    """
    related = Q(parent=tipline) | Q(pk=tipline.parent_id) | Q(number__in=tipline.prior_reports)
    same = Folded.objects.filter(account__in=account_of(tipline)).exclude(tipline=tipline)
    found = (
        Tipline.objects.visible_to(officer)
        .annotate(is_of_account=Exists(same.filter(tipline=OuterRef("pk"))))
        .filter(related | Q(pk__in=same.values("tipline")))
        .select_related("holder_district", "holder_station")
        .defer("narrative")
        .order_by("pk")
    )
    return {each.number: each for each in found}


def new_changes(
    tipline: Tipline,
    versions: Iterable[Version],
    decisions: Iterable[tuple[Decision, str]],
    changes: tuple[tuple[int, str, str, str], ...],
) -> tuple[tuple[int, str, str, str], ...]:
    """The differences of versions that came after the last decision, while none stands."""
    moments = [decision.at for decision, _state in decisions]
    if not moments or tipline.status != Status.AWAITING:
        return ()
    later = {version.number for version in versions if version.received_at > max(moments)}
    return tuple(change for change in changes if change[0] in later)


# --- What was done with it ----------------------------------------------------------------------


def decisions_of(tipline: Tipline, mask: Mask, officer: User) -> tuple[tuple[Decision, str], ...]:
    """Every decision for the unit; for others the one that stands and those on their own places."""
    found = tipline.decisions.all()
    duty = officer.duty
    if not duty.sees_everything:
        found = found.filter(
            Q(undone_at__isnull=True)
            | Q(district__in=duty.district_ids)
            | Q(registering_station__in=duty.station_ids)
            | Q(registering_station=None, station__in=duty.station_ids)
        )
    rows = (
        found.defer("sealed_basis")
        .select_related("by", "district", "station", "undone_by")
        .select_related("residence_station", "registering_station")
        .order_by("-at", "-pk")
    )
    for row in rows:
        row.note = mask.text(row.note)  # as it is shown; the row is not saved
    return tuple((row, state_of(row.state_name)) for row in rows)


def events_of(tipline: Tipline, officer: User) -> tuple[tuple[Event, str], ...]:
    """The newest events; for officers outside the unit those since it has been with its holder."""
    found = Event.objects.about(f"tipline:{tipline.number}")
    if not officer.duty.sees_everything:
        found = found.filter(at__gte=tipline.status_at)
    return tuple((each, str(EVENTS.get(each.verb, each.verb))) for each in found[:EVENTS_AT_MOST])


# --- Place, versions ---------------------------------------------------------------------


def state_of(name: str) -> str:
    return place_words.state_words(name) if name else ""


def place_reasons(reasons: Iterable[dict[str, Any]]) -> tuple[Reason, ...]:
    return tuple(Reason(words=place_reason(each)) for each in reasons)


def place_reason(reason: dict[str, Any]) -> str:
    """One reason of the locator with the kind of evidence it rests on; an unknown code as it is."""
    try:
        words = place_words.words_of(code=reason["code"], params=reason.get("params", {}))
        kind = place_words.kind_label(reason.get("evidence", ""))
    except (KeyError, ValueError):
        return str(reason.get("code", ""))
    return _("%(kind)s: %(words)s") % {"kind": kind, "words": words} if kind else words


def candidates_of(
    tipline: Tipline, cyber: Mapping[int, PoliceStation]
) -> tuple[CandidateLine, ...]:
    found = tipline.candidates.select_related("district", "station").order_by("rank")
    return tuple(
        CandidateLine(
            rank=each.rank,
            candidate=each,
            percent=round(each.share * 100),
            reasons=place_reasons(each.reasons),
            place=f"s:{each.station_id}" if each.station_id else f"d:{each.district_id}",
            registers=cyber[each.district_id].local_name if each.district_id in cyber else "",
        )
        for each in found
    )


def better_of(tipline: Tipline, officer: User) -> BetterLine | None:
    """What the last of its returns proposes, to the unit."""
    if not (tipline.return_count and tipline.status == Status.AWAITING):
        return None
    if not officer.duty.sees_everything:
        return None
    last = (
        HandOff.objects.filter(
            case__in=Case.objects.visible_to(officer),
            case__entries__tipline=tipline,
            case__entries__left_at=F("returned_at"),
        )
        .select_related("district", "station", "better_district", "better_station")
        .order_by("-returned_at", "-pk")
        .first()
    )
    if last is None or not (last.better_district_id or last.better_state):
        return None
    place = (
        f"s:{last.better_station_id}" if last.better_station_id else f"d:{last.better_district_id}"
    )
    return BetterLine(returned=last, place="" if last.better_state else place)
