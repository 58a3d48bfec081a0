"""Corrections in words: what can be corrected, and what was, with the names of children covered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_

from tiplines.covering import COVER, Mask
from tiplines.models import Address, Correction, Party, Sighting, Tipline
from tiplines.models.content import KINDS
from tiplines.services.correcting import MOMENT, Target

FIELDS: Mapping[str, Promise] = {
    "provider": lazy_("Provider"),
    "platform": lazy_("Platform"),
    "incident_type": lazy_("Type of incident"),
    "incident_at": lazy_("Time of the incident"),
    "ncmec_received_at": lazy_("Received by NCMEC"),
    "ncmec_priority": lazy_("NCMEC's priority"),
    "police_reference": lazy_("Reference of the police"),
    "name": lazy_("Name"),
    "date_of_birth": lazy_("Date of birth"),
    "age": lazy_("Age in years"),
    "text": lazy_("House, street, locality"),
    "city": lazy_("City"),
    "postal_code": lazy_("PIN code"),
    "state": lazy_("State or Union Territory"),
    "country": lazy_("Country"),
    MOMENT: lazy_("Time seen"),
}
KIND_LABELS: Mapping[str, Promise | str] = dict(KINDS)


@dataclass(frozen=True, kw_only=True)
class CorrectionLine:
    correction: Correction
    field: str
    before: str
    after: str
    reason: str
    applies: bool
    """Whether the place that it corrects is still there in the newest version."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A field offered for correction."""

    value: str
    """As the form sends it back: place and field."""
    words: str


def word_field(field: str) -> str:
    name = field.partition(":")[0]
    return str(FIELDS.get(name) or KIND_LABELS.get(name, name))


def choices_of(targets: Sequence[Target], names: Mapping[int, str]) -> list[Choice]:
    """Every field with the value it has; a protected party is called as on the page."""
    return [
        Choice(
            value=f"{target.place}|{target.field}",
            words=": ".join(filter(None, [*owner_of(target, names), present(target, names)])),
        )
        for target in targets
    ]


def owner_of(target: Target, names: Mapping[int, str]) -> list[str]:
    row = target.row
    if isinstance(row, Tipline):
        return [word_field(target.field)]
    party = row if isinstance(row, Party) else row.party
    if party is None:
        whose = _("The incident itself")
    else:
        whose = names.get(party.pk) or f"{party.get_role_display()} {party.name}".strip()
    return [f"{whose} · {word_field(target.field)}"]


def present(target: Target, names: Mapping[int, str]) -> str:
    return COVER if target.value and is_protected(target, names) else target.value or "–"


def is_protected(target: Target, names: Mapping[int, str]) -> bool:
    """Whether the field is a protected party's, or names one."""
    row = target.row
    if isinstance(row, Sighting) and row.sealed and not target.field.startswith(f"{MOMENT}:"):
        return True
    if isinstance(row, (Party, Address)) and target.field in row.inside():
        return True
    party = row.pk if isinstance(row, Party) else None
    if isinstance(row, (Address, Sighting)):
        party = row.party_id
    return party in names


def lines_of(
    standing: Sequence[Correction],
    *,
    rows: Sequence[Party | Address | Sighting],
    names: Mapping[int, str],
    hidden: Collection[int],
    mask: Mask,
) -> tuple[CorrectionLine, ...]:
    """The standing corrections. Where the place is gone nobody can say whose it was: covered."""
    by_place: dict[str, list[Party | Address | Sighting]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row)
    return tuple(
        line_of(each, by_place.get(each.place, []), names, hidden, mask) for each in standing
    )


def line_of(
    correction: Correction,
    rows: Sequence[Party | Address | Sighting],
    names: Mapping[int, str],
    hidden: Collection[int],
    mask: Mask,
) -> CorrectionLine:
    applies = not correction.place or any(fits(correction, row) for row in rows)
    covered = bool(correction.place) and (
        not applies
        or any((row.pk if isinstance(row, Party) else row.party_id) in names for row in rows)
        or any(isinstance(row, Sighting) and row.identifier_id in hidden for row in rows)
        or any(correction.field in row.inside() for row in rows)
        or any(isinstance(row, Sighting) and row.sealed for row in rows)
    )
    said = correction.said
    return CorrectionLine(
        correction=correction,
        field=word_field(correction.field),
        before=COVER if covered and said["before"] else mask.text(said["before"]),
        after=COVER if covered and said["after"] else mask.text(said["after"]),
        reason=COVER if covered else mask.text(said["reason"]),
        applies=applies,
    )


def fits(correction: Correction, row: Party | Address | Sighting) -> bool:
    """Whether the correction is one of this row's fields."""
    kind = correction.field.partition(":")[0]
    if isinstance(row, Sighting):
        if kind == MOMENT:
            return True
        return kind == row.identifier.kind and row.identifier.told("value") == correction.after
    return hasattr(row, kind) and ":" not in correction.field
