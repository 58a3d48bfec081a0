"""What hangs on one tipline, with everything told, for an officer's corrections: read whole,
changed and kept again, so that nothing of a protected person reaches a column on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tiplines.covering import NOBODY, Guard, Protected, label_of, texts_of
from tiplines.minors import is_protected
from tiplines.models import Address, Correction, FileRecord, Party, Sighting, Tipline
from tiplines.models.content import name_keys
from tiplines.services.changing import report_of
from tiplines.services.cleaning import clean
from tiplines.services.covers import (
    Covers,
    address_covers,
    file_covers,
    hidden_by,
    party_covers,
    sealed,
    sighting_covers,
)
from tiplines.services.rows import seal_identifiers
from tiplines.sounding import address_sound, name_sound

TEXTS = ("narrative", "escalation", "police_reference")
TOLD: dict[type, tuple[str, ...]] = {
    Party: ("role", "name", "display_names", "date_of_birth", "age", "text", "place", "position"),
    FileRecord: ("file_id", "name", "classification", "relevance", "annotations", "text"),
    Address: (
        *("party_id", "label", "text", "city", "postal_code", "state", "country"),
        *("latitude", "longitude", "place"),
    ),
    Sighting: ("party_id", "original", "label", "event", "at_original", "zone", "place"),
}
Hung = Party | FileRecord | Address | Sighting


class Hanging:
    """The rows of a locked tipline. `set` changes what is told, `keep` writes it."""

    def __init__(self, held: Tipline) -> None:
        self.held = held
        self.parties = list(held.parties.order_by("position", "pk"))
        self.addresses = list(held.addresses.order_by("pk"))
        self.sightings = list(held.sightings.select_related("identifier").order_by("pk"))
        self._told: dict[Hung, dict[str, Any]] = {}
        self.was_guarded = any(party.is_protected for party in self.parties)
        self.present = NOBODY
        """Who is protected, once it is kept."""

    def told(self, row: Hung) -> dict[str, Any]:
        if row not in self._told:
            inside = row.inside()
            self._told[row] = {
                name: row.told(name) if name in inside else getattr(row, name)
                for name in TOLD[type(row)]
            }
        return self._told[row]

    def set(self, row: Hung, field: str, value: Any) -> None:
        self.told(row)[field] = value

    def guard(self, corrections: Iterable[Correction]) -> tuple[Guard, frozenset[int]]:
        """Who is protected by what the rows say now, and the keys of these parties.

        The documents go on naming a child as they did before an officer corrected it.
        """
        received: dict[str, list[str]] = defaultdict(list)
        for each in corrections:
            if each.names_somebody:
                received[each.place].append(each.before)
        own = [party for party in self.parties if self.protects(party)]
        texts: dict[int, list[str]] = defaultdict(list)
        values: dict[int, set[tuple[str, str]]] = defaultdict(set)
        keys = frozenset(party.pk for party in own)
        for seen in self.sightings:
            if seen.party_id in keys:
                value = seen.identifier.told("value")
                texts[seen.party_id] += texts_of(self.told(seen)["original"], value)
                texts[seen.party_id] += received[seen.place]
                values[seen.party_id].add((seen.identifier.kind, value))
        for address in self.addresses:
            if address.party_id in keys:
                texts[address.party_id] += [self.told(address)["text"], *received[address.place]]
        persons = (
            Protected(
                position=party.position,
                label=label_of(party.position),
                names=(told["name"], *told["display_names"], *received[party.place]),
                texts=(*texts[party.pk], told["text"]),
                values=frozenset(values[party.pk]),
            )
            for party, told in ((party, self.told(party)) for party in own)
        )
        return Guard(tuple(persons)), keys

    def protects(self, party: Party) -> bool:
        told = self.told(party)
        return is_protected(
            role=party.role,
            age=told["age"],
            date_of_birth=told["date_of_birth"],
            at=self.held.offence_at,
        )

    def keep(self, corrections: Sequence[Correction]) -> None:
        """Write the rows that say other than before, covered as their report needs it."""
        self.present, own = self.guard(corrections)
        guard = self.present
        for party in self.parties:
            told, is_own = self.told(party), party.pk in own
            party.is_protected = is_own
            names = (told["name"], *told["display_names"])
            party.name_keys = name_keys(names) if is_own else []
            party.sound = None if is_own else name_sound(told["name"])
            self.write(party, party_covers(told, guard, own=is_own))
        for address in self.addresses:
            told, is_own = self.told(address), address.party_id in own
            sounds = not is_own and address.party_id is not None
            address.sound = address_sound(told["text"], told["postal_code"]) if sounds else None
            self.write(address, address_covers(told, guard, own=is_own))
        if not guard and not self.was_guarded:
            return
        for seen in self.sightings:
            value = (seen.identifier.kind, seen.identifier.told("value"))
            self.write(
                seen,
                sighting_covers(self.told(seen), guard, own=seen.party_id in own, value=value),
            )
        for file in self.held.files.order_by("position", "pk"):
            self.write(file, file_covers(self.told(file), guard))
        seal_identifiers(
            {
                bytes(seen.identifier.digest): seen.identifier.told("value")
                for seen in self.sightings
                if seen.sealed
            }
        )
        self.keep_texts(guard, corrections)

    def write(self, row: Hung, covers: Covers) -> None:
        told = self.told(row)
        hidden = hidden_by(told, covers)
        columns = {**told, **covers}
        names = [name for name in columns if getattr(row, name) != columns[name]]
        if not names and row.inside() == hidden and not isinstance(row, Party | Address):
            return
        for name, value in sealed(told, covers, about=row.about).items():
            setattr(row, name, value)
        row.save()

    def keep_texts(self, guard: Guard, corrections: Iterable[Correction]) -> None:
        """The tipline's own texts, covered anew from what the documents say."""
        report = report_of(self.held)
        texts: Mapping[str, str] = {name: getattr(report or self.held, name) for name in TEXTS} | {
            each.field: each.after for each in corrections if each.field in TEXTS
        }
        for name, text in texts.items():
            setattr(self.held, name, clean(guard.prose.text(text)))
        self.held.save(update_fields=TEXTS)
