"""One covered thing is uncovered for one officer, who says what for. It stands on the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from cases.models import Accused, CaseTipline
from cases.models.fir import AccusedQuerySet
from cases.naming import UNCOVERED, masks_of, names_of
from cases.tipline_lines import KIND_LABELS
from tiplines.covering import COVER, Guard, Protected
from tiplines.models import Party, Tipline
from tiplines.services.cleaning import clean

WORDS_AT_MOST = 300  # characters


class Purpose(models.TextChoices):
    FIR = "fir", _("Preparing the FIR")
    FAMILY = "family", _("Contacting the family or the Child Welfare Committee")
    MEDICAL = "medical", _("Medical help")
    COURT = "court", _("Court")
    SUPERVISION = "supervision", _("Supervision")


class NothingCovered(Exception):
    """The officer may not see the tipline, or nothing of that kind is covered in it."""


class PurposeMissing(Exception):
    """Nobody is named without a purpose in the officer's own words."""


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One thing that can be uncovered."""

    whose: str
    """`Victim 1`; empty for what is nobody's own."""
    what: str
    value: str
    field: str
    """For the record: what kind of thing it is."""
    position: int | None
    """Of the party, for the record."""
    accused: int | None = None
    """Key of the accused, for the record."""


def find(*, number: str, asked: str, by: User) -> Covered:
    """What is asked for: `party-12-name`, `sighting-7`, `address-3`, or of an accused in the case
    that the tipline is in, `accused-5-name`. Raises NothingCovered.
    """
    tipline = Tipline.objects.visible_to(by).filter(number=number).first()
    kind, _dash, rest = asked.partition("-")
    key, _dash, field = rest.partition("-")
    if tipline is None or kind not in FINDERS or not key.isdecimal() or len(key) > 18:
        raise NothingCovered
    found = FINDERS[kind](tipline, int(key), field, by)
    if found is None:
        raise NothingCovered
    return found


def of_party(tipline: Tipline, key: int, field: str, _by: User) -> Covered | None:
    party = tipline.parties.filter(pk=key).first()
    inside = party.inside() if party else {}
    if party is None or field not in UNCOVERED or not inside.get(field):
        return None
    return Covered(
        whose=whose(tipline, party),
        what=str(UNCOVERED[field]),
        value=written(party.told(field)),
        field=field,
        position=party.position,
    )


def of_sighting(tipline: Tipline, key: int, _field: str, _by: User) -> Covered | None:
    seen = tipline.sightings.filter(pk=key).select_related("identifier", "party").first()
    if seen is None or "original" not in seen.inside():
        return None
    return Covered(
        whose=whose(tipline, seen.party),
        what=str(KIND_LABELS.get(seen.identifier.kind, seen.identifier.kind)),
        value=written(seen.told("original")),
        field=seen.identifier.kind,
        position=seen.party.position if seen.party else None,
    )


def of_address(tipline: Tipline, key: int, _field: str, _by: User) -> Covered | None:
    address = tipline.addresses.filter(pk=key).select_related("party").first()
    if address is None or not address.sealed:
        return None
    parts = [address.told(name) for name in ("text", "city", "postal_code", "state", "country")]
    return Covered(
        whose=whose(tipline, address.party),
        what=str(_("Address")),
        value=", ".join(part for part in parts if part),
        field="address",
        position=address.party.position if address.party else None,
    )


def of_accused(tipline: Tipline, key: int, field: str, by: User) -> Covered | None:
    accused = accused_with(tipline, by).filter(pk=key).first()
    inside = accused.inside() if accused else {}
    if accused is None or field not in OF_ACCUSED or not inside.get(field):
        return None
    return Covered(
        whose=accused.shown_name,
        what=str(OF_ACCUSED[field]),
        value=written(accused.told(field)),
        field=field,
        position=None,
        accused=accused.pk,
    )


def accused_with(tipline: Tipline, officer: User) -> AccusedQuerySet:
    """Who is accused in the case that the tipline is in, as far as the officer sees it."""
    entries = CaseTipline.objects.filter(tipline=tipline, left_at__isnull=True)
    return Accused.objects.visible_to(officer).filter(fir__case__in=entries.values("case"))


OF_ACCUSED: Mapping[str, Promise] = {"name": _("Name"), "address": _("Address")}
FINDERS: Mapping[str, Callable[[Tipline, int, str, User], Covered | None]] = {
    "party": of_party,
    "sighting": of_sighting,
    "address": of_address,
    "accused": of_accused,
}


def whose(tipline: Tipline, party: Party | None) -> str:
    if party is None:
        return ""
    parties = list(tipline.parties.order_by("position", "pk"))
    return names_of(parties).get(party.pk, str(party.get_role_display()))


def written(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return value.strftime("%d-%m-%Y") if isinstance(value, date) else str(value)


@transaction.atomic
def reveal(
    *, number: str, asked: str, purpose: Purpose, words: str, by: User, at: datetime
) -> Covered:
    """Uncover one thing. Raises NothingCovered and PurposeMissing.

    The officer's words go on record without what they may say of the protected persons themselves.
    """
    words = clean(" ".join(words.split()), WORDS_AT_MOST)
    if not words:
        raise PurposeMissing
    found = find(number=number, asked=asked, by=by)
    tipline = Tipline.objects.visible_to(by).get(number=number)
    words = masks_of([tipline])[tipline.pk].text(without_accused(words, tipline, by))
    detail = {"field": found.field, "words": words}
    if found.accused is not None:
        detail["accused"] = str(found.accused)
    if found.position is not None:
        detail["party"] = str(found.position)
    record(
        verb="party.revealed",
        subject=f"tipline:{number}",
        actor=by,
        at=at,
        detail=detail,
        purpose=purpose.value,
    )
    return found


def without_accused(words: str, tipline: Tipline, officer: User) -> str:
    """The words without what names a child accused in the case."""
    children = [each for each in accused_with(tipline, officer) if each.sealed is not None]
    guard = Guard(
        tuple(
            Protected(
                position=each.pk,
                label=COVER,
                names=(each.told("name"),),
                texts=(each.told("address"),),
                values=frozenset(),
            )
            for each in children
        )
    )
    return guard.prose.text(words)
