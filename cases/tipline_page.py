"""All that the page of one tipline shows, gathered in a constant number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from accounts.models import User
from audit.models import Event
from cases.masking import COVER, Mask, Node, is_about_a_victim, secrets_of, tree
from cases.models import Case, CaseTipline
from districts import wording as place_words
from nexus.models import Link
from nexus.wording import word_evidence, word_strength
from tiplines.models import (
    Address,
    Candidate,
    FileRecord,
    Identifier,
    Party,
    Sighting,
    Tipline,
    Version,
)
from tiplines.models.decision import Decision
from tiplines.models.tipline import KINDS, PROVENANCES
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance
from tiplines.wording import word_annotation, word_missing, word_urgency

LINKS_AT_MOST = 20
ELSEWHERE_AT_MOST = 20
EVENTS_AT_MOST = 10
SIGHTINGS_AT_MOST = 1_000
KIND_LABELS = dict(KINDS)
PROVENANCE_LABELS = dict(PROVENANCES)
OF_A_FILE = IdentifierKind.HASH
ASIDE = frozenset({PartyRole.REPORTER, PartyRole.CONTACT, PartyRole.POLICE})
EVENTS: Mapping[str, Promise] = {
    "tipline.opened": lazy_("opened"),
    "tipline.printed": lazy_("printed"),
    "tipline.assigned": lazy_("assigned"),
    "tipline.transferred": lazy_("transferred"),
    "tipline.closed": lazy_("closed"),
    "tipline.sent-back": lazy_("returned to the sender"),
    "tipline.decision-undone": lazy_("decision undone"),
    "tipline.came-back": lazy_("came back"),
    "tipline.reopened": lazy_("opened again"),
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    words: str
    points: int = 0


@dataclass(frozen=True, kw_only=True)
class IdentifierLine:
    """One identifier of a party, a file or the incident, with every moment it was seen at."""

    kind: str
    text: str
    label: str
    provenance: str
    verified: bool | None
    possible_proxy: bool
    ports: tuple[int, ...]
    elsewhere: int
    """Other tiplines that hold it."""
    elsewhere_is_more: bool
    moments: tuple[MomentLine, ...]
    is_covered: bool = False


@dataclass(frozen=True, kw_only=True)
class MomentLine:
    event: str
    at: datetime | None
    original: str
    text: str = ""
    port: int | None = None


@dataclass(frozen=True, kw_only=True)
class PartyLine:
    role: str
    name: str
    display_names: tuple[str, ...]
    age: int | None
    date_of_birth: date | None
    is_protected: bool
    identifiers: tuple[IdentifierLine, ...]
    addresses: tuple[AddressLine, ...]
    text: str
    is_aside: bool
    """A company's desk or an officer named in the report: folded, for nothing hangs on it."""


@dataclass(frozen=True, kw_only=True)
class AddressLine:
    label: str
    text: str
    provenance: str
    point: str
    is_covered: bool = False


@dataclass(frozen=True, kw_only=True)
class FileLine:
    name: str
    classification: str
    viewed: str
    public: str
    annotations: tuple[str, ...]
    hashes: tuple[IdentifierLine, ...]
    others: tuple[IdentifierLine, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class CandidateLine:
    rank: int
    candidate: Candidate
    percent: int
    reasons: tuple[Reason, ...]
    place: str
    """As the form's `place` field wants it."""


@dataclass(frozen=True, kw_only=True)
class LinkLine:
    other: Tipline
    bits: float
    strength: str
    reasons: tuple[Reason, ...]


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
    file_classes: str
    """How many files of each class: `A1 × 1, B2 × 3`."""
    viewed_count: int
    state: str
    candidates: tuple[CandidateLine, ...]
    links: tuple[LinkLine, ...]
    link_count: int
    """Of all links that the officer may see."""
    moments: tuple[MomentLine, ...]
    versions: tuple[Version, ...]
    changes: tuple[tuple[int, str, str, str], ...]
    source: tuple[Node, ...]
    source_is_cut: bool
    unread: tuple[str, ...]
    narrative: str
    escalation: str
    police_reference: str
    came_back: str
    """Why it came back, for the unit; another place's words are no business of the next holder."""
    decisions: tuple[tuple[Decision, str], ...]
    """With the name of the State, where one is named."""
    cases: tuple[CaseTipline, ...]
    events: tuple[tuple[Event, str], ...]
    """With what was done, in words."""


def sheet_of(tipline: Tipline, officer: User) -> Sheet:
    """Gather the sheet: as many statements, whatever the tipline holds."""
    parties = list(tipline.parties.order_by("position", "pk"))
    sightings = list(
        tipline.sightings.select_related("identifier").order_by("pk")[:SIGHTINGS_AT_MOST]
    )
    addresses = list(tipline.addresses.order_by("pk"))
    names = names_of(parties)
    mask = mask_of(parties, names, sightings, addresses)
    hidden = frozenset(seen.identifier_id for seen in sightings if seen.party_id in names)
    elsewhere = held_elsewhere(tipline, sightings, officer)
    lines = Lines(
        names=names,
        hidden=hidden,
        sightings=sightings,
        addresses=addresses,
        elsewhere=elsewhere,
    )
    files = [(file, file_line(file, lines, mask)) for file in files_of(tipline)]
    versions = versions_of(tipline)
    source, is_cut = tree(source_of(versions), mask)
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
        files=tuple(line for _file, line in files),
        file_classes=classes_of(line for _file, line in files),
        viewed_count=sum(file.viewed_by_provider is True for file, _line in files),
        state=state_of(tipline.state_name),
        candidates=candidates_of(tipline),
        links=links_of(tipline, sightings, mask, officer, elsewhere),
        link_count=link_count_of(tipline, officer),
        moments=moments_of(tipline, sightings, names, hidden),
        versions=tuple(versions),
        changes=tuple(changes_of(versions, mask)),
        source=source,
        source_is_cut=is_cut,
        unread=tuple(versions[0].unread) if versions else (),
        narrative=mask.text(tipline.narrative),
        escalation=mask.text(tipline.escalation),
        police_reference=mask.text(tipline.police_reference),
        came_back=mask.text(tipline.came_back) if officer.duty.sees_everything else "",
        decisions=decisions_of(tipline, mask, officer),
        cases=tuple(
            CaseTipline.objects.filter(tipline=tipline, case__in=Case.objects.visible_to(officer))
            .select_related("case__district", "case__station")
            .order_by("-added_at", "-pk")
        ),
        events=events_of(tipline, officer),
    )


# --- What was done with it ----------------------------------------------------------------------


def decisions_of(tipline: Tipline, mask: Mask, officer: User) -> tuple[tuple[Decision, str], ...]:
    """Every decision for the unit; for others the one that stands and those on their own places."""
    found = tipline.decisions.all()
    duty = officer.duty
    if not duty.sees_everything:
        found = found.filter(
            Q(undone_at__isnull=True)
            | Q(district__in=duty.district_ids)
            | Q(station__in=duty.station_ids)
        )
    rows = found.select_related("by", "district", "station", "undone_by").order_by("-at", "-pk")
    for row in rows:
        row.note = mask.text(row.note)  # as it is shown; the row is not saved
    return tuple((row, state_of(row.state_name)) for row in rows)


def events_of(tipline: Tipline, officer: User) -> tuple[tuple[Event, str], ...]:
    """The newest events; for officers outside the unit those since it has been with its holder."""
    found = Event.objects.about(f"tipline:{tipline.number}")
    if not officer.duty.sees_everything:
        found = found.filter(at__gte=tipline.status_at)
    return tuple((each, str(EVENTS.get(each.verb, each.verb))) for each in found[:EVENTS_AT_MOST])


# --- Parties: who may be named ------------------------------------------------------------------


def names_of(parties: Sequence[Party]) -> dict[int, str]:
    """What each protected party is called on the page: Victim 1, Minor 2 …; others are left out."""
    called: dict[int, str] = {}
    victims = minors = 0
    for party in parties:
        if not party.is_protected:
            continue
        if party.role == PartyRole.VICTIM:
            victims += 1
            called[party.pk] = _("Victim %(number)s") % {"number": victims}
        else:
            minors += 1
            called[party.pk] = _("Minor %(number)s") % {"number": minors}
    return called


def mask_of(
    parties: Iterable[Party],
    names: dict[int, str],
    sightings: Iterable[Sighting],
    addresses: Iterable[Address],
) -> Mask:
    """What covers the protected parties in every text of the tipline."""
    values: dict[int, list[str]] = defaultdict(list)
    for seen in sightings:
        if seen.party_id in names:
            value = seen.identifier.value
            values[seen.party_id] += [seen.original, value, value.partition(":")[2]]
    for address in addresses:
        if address.party_id in names:
            values[address.party_id].append(address.text)
    labels: dict[str, str] = {}
    whole: dict[str, str] = {}
    for party in parties:
        if party.pk in names:
            whole |= dict.fromkeys(party.name.casefold().split(), names[party.pk])
            own = [party.name, *party.display_names]
            texts = [*values[party.pk], party.text]
            labels.update(secrets_of(names=own, values=texts, label=names[party.pk]))
    return Mask(labels, whole)


def party_line(party: Party, lines: Lines, mask: Mask) -> PartyLine:
    covered = lines.names.get(party.pk)
    return PartyLine(
        role=party.get_role_display(),
        name=covered or party.name,
        display_names=() if covered else tuple(party.display_names),
        age=party.age,
        date_of_birth=None if covered else party.date_of_birth,
        is_protected=covered is not None,
        identifiers=lines.identifiers(party=party.pk, file=None),
        addresses=lines.places(party=party.pk),
        text="" if covered else mask.text(party.text),
        is_aside=party.role in ASIDE,
    )


# --- Identifiers and addresses ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Lines:
    names: dict[int, str]
    hidden: frozenset[int]
    """Identifiers of protected parties, covered also where they stand outside any party."""
    sightings: Sequence[Sighting]
    addresses: Sequence[Address]
    elsewhere: dict[int, int]

    def identifiers(self, *, party: int | None, file: int | None) -> tuple[IdentifierLine, ...]:
        """The identifiers that belong to a party, to a file, or to neither: each once."""
        groups: dict[int, list[Sighting]] = defaultdict(list)
        for seen in self.sightings:
            if seen.party_id == party and seen.file_id == file:
                groups[seen.identifier_id].append(seen)
        return tuple(self.line(group) for group in groups.values())

    def line(self, seen: Sequence[Sighting]) -> IdentifierLine:
        first = seen[0]
        covered = is_covered(first, self.names, self.hidden)
        others = self.elsewhere.get(first.identifier_id, 0)
        return IdentifierLine(
            kind=str(KIND_LABELS.get(first.identifier.kind, first.identifier.kind)),
            text="" if covered else first.original,
            label=first.label,
            provenance=source_words(first.provenance),
            verified=True if any(each.verified for each in seen) else first.verified,
            possible_proxy=any(each.possible_proxy for each in seen),
            ports=tuple(sorted({each.port for each in seen if each.port})),
            elsewhere=min(others, ELSEWHERE_AT_MOST),
            elsewhere_is_more=others > ELSEWHERE_AT_MOST,
            moments=tuple(
                MomentLine(event=each.event, at=each.at, original=each.at_original, port=each.port)
                for each in seen
                if each.at or each.at_original
            ),
            is_covered=covered,
        )

    def places(self, *, party: int | None) -> tuple[AddressLine, ...]:
        return tuple(self.place(each) for each in self.addresses if each.party_id == party)

    def place(self, address: Address) -> AddressLine:
        """A protected party's address only as city, State and country."""
        covered = address.party_id in self.names
        parts = [address.city, address.state, address.country]
        if not covered:
            parts = [address.text, address.city, address.postal_code, *parts[1:]]
        has_point = address.latitude is not None and address.longitude is not None
        return AddressLine(
            label=address.label,
            text=", ".join(part for part in parts if part),
            provenance=source_words(address.provenance),
            point=f"{address.latitude}, {address.longitude}" if has_point and not covered else "",
            is_covered=covered,
        )


def is_covered(seen: Sighting, names: dict[int, str], hidden: frozenset[int]) -> bool:
    """A protected party's own, or the same value in the incident or in a file of the report."""
    return seen.party_id in names or (seen.party_id is None and seen.identifier_id in hidden)


def source_words(provenance: str) -> str:
    """Who says it; empty for the provider itself, which says nearly everything."""
    if provenance == Provenance.REPORTED:
        return ""
    return str(PROVENANCE_LABELS.get(provenance, provenance))


def held_elsewhere(
    tipline: Tipline, sightings: Iterable[Sighting], officer: User
) -> dict[int, int]:
    """How many others hold each identifier that may tie tiplines, up to one over the cap."""
    linking = {seen.identifier_id for seen in sightings if seen.links}
    others = (
        Sighting.objects.visible_to(officer)
        .filter(identifier=OuterRef("pk"), links=True)
        .exclude(tipline=tipline)
        .order_by("tipline_id")
        .distinct()
        .values("tipline_id")[: ELSEWHERE_AT_MOST + 1]
    )
    found = Identifier.objects.filter(pk__in=linking).annotate(others=ArraySubquery(others))
    return {pk: len(others) for pk, others in found.values_list("pk", "others")}


def moments_of(
    tipline: Tipline,
    sightings: Iterable[Sighting],
    names: dict[int, str],
    hidden: frozenset[int],
) -> tuple[MomentLine, ...]:
    """Every moment in order; those that cannot be placed in time come first, to be settled."""
    moments = [
        MomentLine(event=_("Incident"), at=tipline.incident_at, original=tipline.incident_original),
        MomentLine(event=_("NCMEC received it"), at=tipline.ncmec_received_at, original=""),
        MomentLine(event=_("The unit received it"), at=tipline.received_at, original=""),
    ]
    moments += [
        MomentLine(
            event=seen.event or _("Seen"),
            at=seen.at,
            original=seen.at_original,
            text=names.get(seen.party_id or 0)
            or (COVER if is_covered(seen, names, hidden) else seen.original),
            port=seen.port,
        )
        for seen in sightings
    ]
    told = dict.fromkeys(moment for moment in moments if moment.at or moment.original)
    return tuple(
        sorted(told, key=lambda moment: (moment.at is not None, moment.at or tipline.received_at))
    )


# --- Files --------------------------------------------------------------------------------------


def files_of(tipline: Tipline) -> Iterable[FileRecord]:
    return tipline.files.order_by("position", "pk")


def file_line(file: FileRecord, lines: Lines, mask: Mask) -> FileLine:
    own = lines.identifiers(party=None, file=file.pk)
    is_hash = str(KIND_LABELS[OF_A_FILE.value])
    return FileLine(
        name=mask.text(file.name) or file.file_id,
        classification=file.classification,
        viewed=said(file.viewed_by_provider, yes=_("viewed"), no=_("not viewed")),
        public=said(file.publicly_available, yes=_("public"), no=_("not public")),
        annotations=tuple(word_annotation(name) for name in file.annotations),
        hashes=tuple(line for line in own if line.kind == is_hash),
        others=tuple(line for line in own if line.kind != is_hash),
        text=mask.text(file.text),
    )


def classes_of(files: Iterable[FileLine]) -> str:
    counted = Counter(file.classification for file in files if file.classification)
    return ", ".join(f"{name} × {count}" for name, count in sorted(counted.items()))


def said(value: bool | None, *, yes: str, no: str) -> str:  # noqa: FBT001 - a value as stated
    if value is None:
        return _("not stated")
    return yes if value else no


# --- Place, links, versions ---------------------------------------------------------------------


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


def candidates_of(tipline: Tipline) -> tuple[CandidateLine, ...]:
    found = tipline.candidates.select_related("district", "station").order_by("rank")
    return tuple(
        CandidateLine(
            rank=each.rank,
            candidate=each,
            percent=round(each.share * 100),
            reasons=place_reasons(each.reasons),
            place=f"s:{each.station_id}" if each.station_id else f"d:{each.district_id}",
        )
        for each in found
    )


def links_of(
    tipline: Tipline,
    sightings: Iterable[Sighting],
    mask: Mask,
    officer: User,
    elsewhere: dict[int, int],
) -> tuple[LinkLine, ...]:
    """The strongest links, each worded: what ties stands in this tipline too.

    Outside the unit an officer is told of the holders that the officer may see, not of all.
    """
    sees_all = officer.duty.sees_everything
    values = {seen.identifier_id: mask.text(seen.original) for seen in sightings}
    links = list(
        Link.objects.visible_to(officer)
        .of(tipline.pk)
        .select_related("first", "second")
        .defer("first__narrative", "second__narrative")
        .order_by("-bits", "pk")[:LINKS_AT_MOST]
    )
    return tuple(
        LinkLine(
            other=link.second if link.first_id == tipline.pk else link.first,
            bits=link.bits,
            strength=word_strength(link.bits),
            reasons=tuple(
                Reason(
                    words=word_evidence(
                        kind,
                        values.get(pk, ""),
                        holders if sees_all else elsewhere.get(pk, 0) + 1,
                        bits,
                    )
                )
                for kind, pk, holders, bits in link.evidence
            ),
        )
        for link in links
    )


def link_count_of(tipline: Tipline, officer: User) -> int:
    if officer.duty.sees_everything:
        return tipline.link_count
    return Link.objects.visible_to(officer).of(tipline.pk).count()


def versions_of(tipline: Tipline) -> list[Version]:
    """Every version, the newest first. Sources are large: only those of what holds now are read,
    the newest whole version and the additions since.
    """
    whole = tipline.versions.whole().order_by("-number").values("number")[:1]
    newest = models.Case(
        When(number__gte=Coalesce(Subquery(whole), 1), then=F("source")),
        default=Value(None, models.JSONField()),
        output_field=models.JSONField(),
    )
    return list(
        tipline.versions.defer("source")
        .select_related("dispatch", "document")
        .annotate(newest_source=newest)
        .order_by("-number")
    )


def source_of(versions: Iterable[Version]) -> dict[str, Any]:
    """What the documents said; with additions each part below the version that brought it."""
    held = [each for each in versions if each.newest_source is not None]  # type: ignore[attr-defined]
    if len(held) == 1:
        return dict(held[0].newest_source)  # type: ignore[attr-defined]
    return {f"version {each.number}": each.newest_source for each in reversed(held)}  # type: ignore[attr-defined]


def changes_of(versions: Iterable[Version], mask: Mask) -> Iterator[tuple[int, str, str, str]]:
    """Version, path, before and after of each difference, covered like the source."""
    for version in versions:
        for path, before, after in version.difference:
            hidden = any(is_about_a_victim(part) for part in str(path).split("/"))
            old, new = (
                "" if value is None else COVER if hidden else mask.text(str(value))
                for value in (before, after)
            )
            yield version.number, mask.text(str(path)), old, new
