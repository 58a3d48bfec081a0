"""The persons, identifiers, addresses and files of a tipline as its page shows them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from cases.correction_lines import word_field
from cases.naming import UNCOVERED
from tiplines.covering import COVER, Mask
from tiplines.models import Address, Correction, FileRecord, Identifier, Party, Sighting, Tipline
from tiplines.models.content import KINDS, PROVENANCES
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance
from tiplines.wording import word_annotation

ELSEWHERE_AT_MOST = 20
KIND_LABELS = dict(KINDS)
PROVENANCE_LABELS = dict(PROVENANCES)
OF_A_FILE = IdentifierKind.HASH
ASIDE = frozenset({PartyRole.REPORTER, PartyRole.CONTACT, PartyRole.POLICE})


@dataclass(frozen=True, kw_only=True)
class IdentifierLine:
    """One identifier of a party, a file or the incident."""

    kind: str
    text: str
    label: str
    provenance: str
    verified: bool | None
    possible_proxy: bool
    elsewhere: int
    """Other tiplines that hold it."""
    elsewhere_is_more: bool
    is_covered: bool = False
    asked: str = ""
    """How a request to uncover it names it."""
    original: str = ""
    """As received, where an officer corrected it."""
    network: str = ""
    """Kind and operator of the network of an IP address, in words."""
    network_as_of: date | None = None
    """The day of the table that says so."""


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
    originals: tuple[str, ...]
    """What was received, in words, where an officer corrected it."""
    uncovers: tuple[tuple[str, str], ...]
    """What can be uncovered: as a request names it, and in words."""
    is_aside: bool
    """A company's desk or an officer named in the report: folded, for nothing hangs on it."""


@dataclass(frozen=True, kw_only=True)
class AddressLine:
    label: str
    text: str
    provenance: str
    point: str
    is_covered: bool = False
    asked: str = ""
    originals: tuple[str, ...] = ()


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


# --- Parties ------------------------------------------------------------------------------------


def party_line(party: Party, lines: Lines, mask: Mask) -> PartyLine:
    covered, inside = lines.names.get(party.pk), party.inside()
    return PartyLine(
        role=party.get_role_display(),
        name=covered or lines.called.text(party.name),
        display_names=tuple(map(lines.called.text, party.display_names)),
        age=party.age,
        date_of_birth=None if covered else party.date_of_birth,
        is_protected=covered is not None,
        identifiers=lines.identifiers(party=party.pk, file=None),
        addresses=lines.places(party=party.pk),
        text="" if covered else mask.text(party.text),
        originals=() if covered else lines.originals(party),
        uncovers=tuple(
            (f"party-{party.pk}-{field}", str(words))
            for field, words in UNCOVERED.items()
            if inside.get(field)
        ),
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
    called: Mask
    """Puts what the page calls the protected parties where a kept text covers them."""
    corrected: Mapping[tuple[str, str], Correction] = field(default_factory=dict)
    """The standing corrections by place and field."""

    def originals(self, row: Party | Address) -> tuple[str, ...]:
        """What was received in each corrected field of a party or address, in words."""
        return tuple(
            _("%(field)s as received: %(value)s")
            % {"field": word_field(name), "value": each.before or "–"}
            for (place, name), each in self.corrected.items()
            if place == row.place and hasattr(row, name)
        )

    def is_corrected(self, seen: Sighting) -> bool:
        kind = f"{seen.identifier.kind}:"
        value = seen.identifier.told("value")
        return any(
            place == seen.place and name.startswith(kind) and each.after == value
            for (place, name), each in self.corrected.items()
        )

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
        is_corrected = not covered and self.is_corrected(first)
        text = first.identifier.told("value") if is_corrected else first.original
        return IdentifierLine(
            kind=str(KIND_LABELS.get(first.identifier.kind, first.identifier.kind)),
            text="" if covered else text,
            original=first.original if is_corrected else "",
            label=first.label,
            provenance=source_words(first.provenance),
            verified=True if any(each.verified for each in seen) else first.verified,
            possible_proxy=any(each.possible_proxy for each in seen),
            elsewhere=min(others, ELSEWHERE_AT_MOST),
            elsewhere_is_more=others > ELSEWHERE_AT_MOST,
            is_covered=covered,
            asked=f"sighting-{first.pk}" if first.sealed else "",
            network="" if covered else network_words(first),
            network_as_of=first.network_as_of,
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
            asked=f"address-{address.pk}" if address.sealed else "",
            originals=() if covered else self.originals(address),
        )


def is_covered(seen: Sighting, names: dict[int, str], hidden: frozenset[int]) -> bool:
    """A protected party's own, the same value in the incident or in a file of the report, or any
    other that names a protected party.
    """
    return (
        seen.party_id in names
        or (seen.party_id is None and seen.identifier_id in hidden)
        or seen.original == COVER
    )


def network_words(seen: Sighting) -> str:
    return " · ".join(filter(None, (seen.get_network_display(), seen.operator)))


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


def classes_of(files: Iterable[FileRecord]) -> str:
    counted = Counter(file.classification for file in files if file.classification)
    return ", ".join(f"{name} × {count}" for name, count in sorted(counted.items()))


def said(value: bool | None, *, yes: str, no: str) -> str:  # noqa: FBT001 - a value as stated
    if value is None:
        return _("not stated")
    return yes if value else no
