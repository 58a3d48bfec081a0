"""Makers of what hangs on a tipline."""

from __future__ import annotations

from tests.factories import NOON
from tiplines.models import FileRecord, Identifier, Party, Sighting, Tipline
from tiplines.parsing.records import PartyRole


def add_party(
    tipline: Tipline,
    *,
    role: PartyRole = PartyRole.SUSPECT,
    name: str = "Arun Kumar",
    age: int | None = None,
    place: str = "report/party[1]",
) -> Party:
    return Party.objects.create(
        tipline=tipline, position=1, role=role.value, name=name, age=age, place=place
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
        digest=Identifier.digest_of(kind, value), defaults={"kind": kind, "value": value}
    )[0]
    return Sighting.objects.create(
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
