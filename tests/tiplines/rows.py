"""Makers of what hangs on a tipline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tests.factories import NOON, make_document
from tiplines.covering import NOBODY
from tiplines.minors import is_protected
from tiplines.models import FileRecord, Identifier, Party, Sighting, Tipline, Version
from tiplines.models.sealable import about_tipline
from tiplines.parsing.records import PartyRole
from tiplines.sealing import seal_json
from tiplines.services.correcting import standing_of
from tiplines.services.covers import party_covers, sealed
from tiplines.services.hanging import Hanging


def add_party(
    tipline: Tipline,
    *,
    role: PartyRole = PartyRole.SUSPECT,
    name: str = "Arun Kumar",
    age: int | None = None,
    date_of_birth: date | None = None,
    display_names: Sequence[str] = (),
    place: str = "report/party[1]",
) -> Party:
    """A party kept as intake keeps it: sealed, if it is protected."""
    party = Party(
        tipline=tipline,
        position=tipline.parties.count() + 1,
        role=role.value,
        age=age,
        place=place,
    )
    told = {
        "name": name,
        "display_names": list(display_names),
        "date_of_birth": date_of_birth,
        "text": "",
    }
    party.is_protected = is_protected(
        role=role, age=age, date_of_birth=date_of_birth, at=tipline.offence_at
    )
    covers = party_covers(told, NOBODY, own=party.is_protected)
    for column, value in sealed(told, covers, about=party.about).items():
        setattr(party, column, value)
    party.save()
    protect(tipline)
    return Party.objects.get(pk=party.pk)


def protect(tipline: Tipline) -> None:
    """Cover what hangs on a tipline as its rows need it now."""
    held = Tipline.objects.get(pk=tipline.pk)
    Hanging(held).keep(standing_of([held.pk])[held.pk])


def add_version(
    tipline: Tipline,
    *,
    number: int = 1,
    format: str = "json",
    source: dict[str, Any] | None = None,
    difference: Sequence[Sequence[Any]] = (),
    received_at: datetime = NOON,
) -> Version:
    source, about = source or {}, about_tipline(tipline.pk)
    return Version.objects.create(
        tipline=tipline,
        number=number,
        format=format,
        sealed_source=seal_json(source, about=about),
        is_whole=format != "xml" or "report" in source,
        sealed_difference=seal_json(difference, about=about) if difference else None,
        sha256=f"{number:064x}",
        dispatch=tipline.dispatch,
        document=make_document(dispatch=tipline.dispatch),
        received_at=received_at,
    )


def add_sighting(
    tipline: Tipline,
    *,
    kind: str = "phone",
    value: str = "+919800000011",
    party: Party | None = None,
    file: FileRecord | None = None,
    place: str = "report/party[1]/phone[1]",
    links: bool = True,
) -> Sighting:
    identifier = Identifier.objects.get_or_create(
        digest=Identifier.digest_of(kind, value),
        defaults={
            "kind": kind,
            "value": value,
            "network": Identifier.network_of(kind, value),
            "chunks": Identifier.chunks_in(kind, value),
        },
    )[0]
    seen = Sighting.objects.create(
        tipline=tipline,
        identifier=identifier,
        party=party,
        file=file,
        links=links,
        original=value,
        provenance="reported",
        at=NOON,
        at_original="2026-11-12T06:30:00Z",
        zone="Z",
        place=place,
    )
    protect(tipline)
    return Sighting.objects.select_related("identifier").get(pk=seen.pk)


def add_account(tipline: Tipline, value: str) -> Sighting:
    """A suspect's account at the company."""
    return add_sighting(tipline, kind="account", value=value, party=add_party(tipline))


def add_viral_file(tipline: Tipline, value: str, *, mark: str = "viral") -> FileRecord:
    """A file that the company marks, with one hash: `sha1:…`."""
    file = FileRecord.objects.create(
        tipline=tipline, position=1, name="1.jpg", annotations=[mark], place="report/file[1]"
    )
    add_sighting(tipline, kind="hash", value=value, file=file, place="report/file[1]/hash")
    return file
