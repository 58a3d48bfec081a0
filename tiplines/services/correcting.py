"""An officer puts right what a document said wrong. The row changes, so that everything that reads
it goes by the corrected value; the correction keeps what the document said, and why it was changed.

A field is named by its place in the report and its name. An identifier's is its kind and the first
letters of the digest of the value as received, because one place can hold several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Act
from audit.services import record
from tiplines import nudges
from tiplines.covering import COVER
from tiplines.models import Address, Correction, Identifier, Party, Sighting, Tipline
from tiplines.parsing import normalising
from tiplines.parsing.records import IdentifierKind, PartyRole, Provenance
from tiplines.services.cleaning import clean
from tiplines.services.correctable import READERS, Row, normalised, read_moment, written
from tiplines.services.deciding import check_may
from tiplines.services.facts import line_of
from tiplines.services.hanging import Hanging
from tiplines.services.rows import upserted

DIGEST_LETTERS = 12
MOMENT = "at"


class NothingThere(Exception):
    """No such field at this place of the tipline, or no such correction to undo."""


class UnreadableValue(Exception):
    """The value is none that the field can hold."""

    def __init__(self, field: str) -> None:
        super().__init__(f"not a value for {field}")
        self.field = field


class NothingChanged(Exception):
    """The field has this value already."""


class ReasonMissing(Exception):
    """A correction has to say why."""


# --- What can be corrected ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Target:
    """One field of a tipline that can be corrected."""

    row: Row
    place: str
    field: str
    value: str


def targets_of(tipline: Tipline) -> list[Target]:
    """Every field of the tipline, in the order of the page."""
    return targets_in(Hanging(tipline))


def targets_in(hanging: Hanging) -> list[Target]:
    tipline = hanging.held
    found = [
        Target(row=tipline, place="", field=name, value=written(getattr(tipline, name)))
        for name in READERS[Tipline]
    ]
    hung: list[Party | Address] = [*hanging.parties, *hanging.addresses]
    found += [
        Target(row=row, place=row.place, field=name, value=written(hanging.told(row)[name]))
        for row in hung
        for name in READERS[type(row)]
    ]
    standing = standing_of([tipline.pk])[tipline.pk]
    for seen in hanging.sightings:
        name = name_of(seen, standing)
        value = seen.identifier.told("value")
        found.append(Target(row=seen, place=seen.place, field=name, value=value))
        if seen.at_original or seen.at:
            found.append(
                Target(
                    row=seen,
                    place=seen.place,
                    field=f"{MOMENT}:{name.partition(':')[2]}",
                    value=written(seen.at),
                )
            )
    return found


def name_of(seen: Sighting, standing: Collection[Correction]) -> str:
    """The field's name of a sighting: by the value as received, also where it is corrected."""
    kind = seen.identifier.kind
    for each in standing:
        if (
            each.place == seen.place
            and each.field.startswith(f"{kind}:")
            and each.after == seen.identifier.told("value")
        ):
            return each.field
    return f"{kind}:{bytes(seen.identifier.digest).hex()[:DIGEST_LETTERS]}"


def standing_of(tipline_ids: Collection[int]) -> dict[int, list[Correction]]:
    found: dict[int, list[Correction]] = defaultdict(list)
    rows = Correction.objects.filter(tipline__in=tipline_ids, undone_at__isnull=True)
    for each in rows.select_related("by").order_by("pk"):
        found[each.tipline_id].append(each)
    return found


# --- The acts -------------------------------------------------------------------------------------


@transaction.atomic
def correct(
    *, tipline: int, place: str, field: str, after: str, reason: str, by: User, at: datetime
) -> Correction:
    """Put a field right. A correction of the same field before this one no longer stands.

    Raises NothingThere, UnreadableValue, NothingChanged, ReasonMissing and deciding.NotAllowed.
    """
    check_may(by, Act.TRIAGE)
    if not reason.strip():
        raise ReasonMissing
    held = lock(tipline, by=by)
    hanging = Hanging(held)
    target = find(hanging, place, field)
    value = read(target, after, held)
    if value == target.value:
        raise NothingChanged
    earlier = Correction.objects.filter(
        tipline=held, place=place, field=field, undone_at__isnull=True
    ).first()
    if earlier is not None:
        earlier.undone_at, earlier.undone_by = at, by
        earlier.save(update_fields=["undone_at", "undone_by"])
    made = Correction(tipline=held, place=place, field=field, by=by, at=at)
    before = earlier.before if earlier else target.value
    made.say(before=before, after=value, reason=clean(reason.strip()))
    made.save()
    put(target, value, hanging)
    follow_up(hanging)
    tell(made, verb="tipline.corrected", by=by, at=at)
    return made


@transaction.atomic
def undo(*, correction: int, by: User, at: datetime) -> Correction:
    """Give the field back the value that the document has. Raises NothingThere and
    deciding.NotAllowed.
    """
    check_may(by, Act.TRIAGE)
    found = Correction.objects.filter(pk=correction, undone_at__isnull=True).first()
    if found is None:
        raise NothingThere
    held = lock(found.tipline_id, by=by)
    found = Correction.objects.select_for_update().filter(pk=correction, undone_at=None).first()
    if found is None:
        raise NothingThere
    hanging = Hanging(held)
    targets = targets_in(hanging)
    found.undone_at, found.undone_by = at, by
    found.save(update_fields=["undone_at", "undone_by"])
    for target in targets:
        if (target.place, target.field) == (found.place, found.field):
            put(target, found.before, hanging)
            break
    follow_up(hanging)
    tell(found, verb="tipline.correction-undone", by=by, at=at)
    return found


def reapply(tipline_ids: Sequence[int]) -> None:
    """Let the standing corrections of these locked tiplines hold over a version just stored.

    One whose place is gone stays on record and changes nothing.
    """
    standing = standing_of(tipline_ids)
    for held in Tipline.objects.filter(pk__in=standing).order_by("pk"):
        hanging = Hanging(held)
        targets = {(each.place, each.field): each for each in targets_in(hanging)}
        for each in standing[held.pk]:
            if target := targets.get((each.place, each.field)):
                put(target, each.after, hanging)
        refresh(hanging)


def lock(tipline: int, *, by: User) -> Tipline:
    found = Tipline.objects.visible_to(by).filter(pk=tipline).select_for_update(of=("self",))
    held = found.first()
    if held is None:
        raise NothingThere
    return held


def find(hanging: Hanging, place: str, field: str) -> Target:
    for target in targets_in(hanging):
        if (target.place, target.field) == (place, field):
            return target
    raise NothingThere


def tell(made: Correction, *, verb: str, by: User, at: datetime) -> None:
    """On the record stands which field, never what it said: that may name a child."""
    record(
        verb=verb,
        subject=f"tipline:{made.tipline.number}",
        actor=by,
        at=at,
        detail={"correction": made.pk, "field": made.field.partition(":")[0], "place": made.place},
    )
    transaction.on_commit(lambda: nudges.send(*nudges.STAGES))


# --- Values in and out of rows --------------------------------------------------------------------


def read(target: Target, text: str, held: Tipline) -> str:
    """What was typed in the form in which the field keeps it. Raises UnreadableValue."""
    try:
        if not isinstance(target.row, Sighting):
            return written(READERS[type(target.row)][target.field](text))
        if target.field.startswith(f"{MOMENT}:"):
            return written(read_moment(text))
        value = normalised(target.row.identifier, text, held)
    except ValueError as error:
        raise UnreadableValue(target.field) from error
    if not value:
        raise UnreadableValue(target.field)
    return clean(value, 2200)


def put(target: Target, value: str, hanging: Hanging) -> None:
    """Write a value, in the form a correction keeps it, into its row; into what hangs on a tipline
    when that is kept.
    """
    row = target.row
    if isinstance(row, Tipline):
        setattr(row, target.field, READERS[Tipline][target.field](value))
        names = [target.field]
        if target.field == "provider":
            row.provider_key = clean(normalising.provider_key(value), 80) if value else ""
            names.append("provider_key")
        row.save(update_fields=names)
    elif not isinstance(row, Sighting):
        hanging.set(row, target.field, READERS[type(row)][target.field](value))
    elif target.field.startswith(f"{MOMENT}:"):
        row.at = read_moment(value)
        row.save(update_fields=["at"])
    else:
        row.identifier = identifier(row.identifier.kind, value, is_sealed=row.sealed is not None)
        row.save(update_fields=["identifier"])


def identifier(kind: str, value: str, *, is_sealed: bool) -> Identifier:
    digest = Identifier.digest_of(kind, value)
    key = upserted({digest: (kind, value)}, {digest} if is_sealed else ())[digest]
    return Identifier.objects.get(pk=key)


def follow_up(hanging: Hanging) -> None:
    """Bring the tipline in step with its corrected rows; the workers judge it anew."""
    refresh(hanging)
    Tipline.objects.filter(pk=hanging.held.pk).update(
        assessed_at=None, located_at=None, linked_at=None
    )


def refresh(hanging: Hanging) -> None:
    """Keep the rows, and what the tipline's own columns take from them."""
    held = hanging.held
    held.refresh_from_db()
    standing = standing_of([held.pk])[held.pk]
    hanging.keep(standing)
    unsettled = held.sightings.filter(at__isnull=True).exclude(at_original="").exists()
    held.zone_missing = unsettled or bool(held.incident_original and held.incident_at is None)
    held.suspect_line = suspect_line(hanging, standing)
    held.save(update_fields=["zone_missing", "suspect_line"])


def suspect_line(hanging: Hanging, standing: Sequence[Correction]) -> str:
    """The first adult suspect in one line, as intake writes it, with the corrected values."""
    suspects = (each for each in hanging.parties if each.role == PartyRole.SUSPECT)
    party = next((each for each in suspects if not each.is_protected), None)
    if party is None:
        return ""
    corrected = {(each.place, each.after): each for each in standing if each.place}
    return line_of(
        "" if COVER in party.name else party.name,
        (
            (seen.identifier.kind, shown(seen, corrected.keys()))
            for seen in hanging.sightings
            if seen.party_id == party.pk
            and seen.provenance != Provenance.FREE_TEXT
            and not seen.sealed
            and (seen.identifier.kind, seen.identifier.told("value")) not in hanging.present.values
        ),
    )


def shown(seen: Sighting, corrected: Collection[tuple[str, str]]) -> str:
    """An identifier as written, or, where an officer corrected it, as corrected."""
    value = str(seen.identifier.told("value"))
    if (seen.place, value) not in corrected:
        return seen.original
    spaced = {IdentifierKind.ACCOUNT, IdentifierKind.SCREEN_NAME, IdentifierKind.DEVICE}
    return value.partition(":")[2] if seen.identifier.kind in spaced else value
