"""All that the page of one tipline shows, gathered in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import Event
from cases.masking import COVER, Mask, Node, is_about_a_victim, secrets_of, tree
from cases.models import CaseTipline
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
from tiplines.parsing.records import IdentifierKind, PartyRole
from tiplines.wording import word_annotation, word_missing, word_urgency

LINKS_AT_MOST = 20
ELSEWHERE_AT_MOST = 20
EVENTS_AT_MOST = 10
SIGHTINGS_AT_MOST = 1_000
KIND_LABELS = dict(KINDS)
PROVENANCE_LABELS = dict(PROVENANCES)
OF_A_FILE = IdentifierKind.HASH


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
    candidates: tuple[CandidateLine, ...]
    links: tuple[LinkLine, ...]
    moments: tuple[MomentLine, ...]
    versions: tuple[Version, ...]
    changes: tuple[tuple[int, str, str, str], ...]
    source: tuple[Node, ...]
    source_is_cut: bool
    unread: tuple[str, ...]
    narrative: str
    escalation: str
    police_reference: str
    decisions: tuple[Decision, ...]
    cases: tuple[CaseTipline, ...]
    events: tuple[Event, ...]


def sheet_of(tipline: Tipline, officer: User) -> Sheet:
    """Gather the sheet: as many statements, whatever the tipline holds."""
    parties = list(tipline.parties.order_by("position", "pk"))
    sightings = list(
        tipline.sightings.select_related("identifier").order_by("pk")[:SIGHTINGS_AT_MOST]
    )
    addresses = list(tipline.addresses.order_by("pk"))
    names = names_of(parties)
    mask = mask_of(parties, names, sightings, addresses)
    lines = Lines(
        names=names,
        sightings=sightings,
        addresses=addresses,
        elsewhere=held_elsewhere(tipline, sightings, officer),
    )
    versions = versions_of(tipline)
    source, is_cut = tree(versions[0].newest_source if versions else {}, mask)  # type: ignore[attr-defined]
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
        files=tuple(file_line(file, lines, mask) for file in files_of(tipline)),
        candidates=candidates_of(tipline),
        links=links_of(tipline, sightings, mask, officer),
        moments=moments_of(tipline, sightings, names),
        versions=tuple(versions),
        changes=tuple(changes_of(versions, mask)),
        source=source,
        source_is_cut=is_cut,
        unread=tuple(versions[0].unread) if versions else (),
        narrative=mask.text(tipline.narrative),
        escalation=mask.text(tipline.escalation),
        police_reference=mask.text(tipline.police_reference),
        decisions=tuple(
            tipline.decisions.select_related("by", "district", "station", "undone_by").order_by(
                "-at", "-pk"
            )
        ),
        cases=tuple(
            CaseTipline.objects.filter(tipline=tipline)
            .select_related("case__district", "case__station")
            .order_by("-added_at", "-pk")
        ),
        events=tuple(Event.objects.about(f"tipline:{tipline.number}")[:EVENTS_AT_MOST]),
    )


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
    for party in parties:
        if party.pk in names:
            own = [party.name, *party.display_names]
            texts = [*values[party.pk], party.text]
            labels.update(secrets_of(names=own, values=texts, label=names[party.pk]))
    return Mask(labels)


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
    )


# --- Identifiers and addresses ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Lines:
    names: dict[int, str]
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
        covered = first.party_id in self.names
        others = self.elsewhere.get(first.identifier_id, 0)
        return IdentifierLine(
            kind=str(KIND_LABELS.get(first.identifier.kind, first.identifier.kind)),
            text="" if covered else first.original,
            label=first.label,
            provenance=str(PROVENANCE_LABELS.get(first.provenance, first.provenance)),
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
            provenance=str(PROVENANCE_LABELS.get(address.provenance, address.provenance)),
            point=f"{address.latitude}, {address.longitude}" if has_point and not covered else "",
            is_covered=covered,
        )


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
    tipline: Tipline, sightings: Iterable[Sighting], names: dict[int, str]
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
            text=names.get(seen.party_id or 0) or seen.original,
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


def said(value: bool | None, *, yes: str, no: str) -> str:  # noqa: FBT001 - a value as stated
    if value is None:
        return _("not stated")
    return yes if value else no


# --- Place, links, versions ---------------------------------------------------------------------


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
    tipline: Tipline, sightings: Iterable[Sighting], mask: Mask, officer: User
) -> tuple[LinkLine, ...]:
    """The strongest links, each worded: what ties stands in this tipline too."""
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
                Reason(words=word_evidence(kind, values.get(pk, ""), holders, bits))
                for kind, pk, holders, bits in link.evidence
            ),
        )
        for link in links
    )


def versions_of(tipline: Tipline) -> list[Version]:
    """Every version, the newest first and it alone with its source: sources are large."""
    newest = models.Case(
        When(number=tipline.version, then=F("source")),
        default=Value(None, models.JSONField()),
        output_field=models.JSONField(),
    )
    return list(
        tipline.versions.defer("source")
        .select_related("dispatch", "document")
        .annotate(newest_source=newest)
        .order_by("-number")
    )


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
