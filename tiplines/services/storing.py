"""Reports become tiplines: new, already held, or a new version. Set-based: a batch costs a constant
number of statements, and of two workers with one report the second sees what the first has stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from tiplines.minors import is_minor
from tiplines.models import (
    Address,
    FileRecord,
    Identifier,
    Party,
    Sighting,
    Tipline,
    Version,
)
from tiplines.models.dispatch import Outcome
from tiplines.models.tipline import ENDED, Status
from tiplines.parsing import records
from tiplines.parsing.normalising import provider_key
from tiplines.parsing.records import LINKING_ROLES, Mention, PartyRole, TipReport
from tiplines.services.cleaning import clean, clean_tree
from tiplines.services.comparing import difference
from tiplines.services.deciding import put_back

ROWS_A_STATEMENT = 1000
REPORT_ACT = datetime(2024, 5, 7, tzinfo=UTC)  # REPORT Act, P.L. 118-59: 1 year instead of 90 days
LINE_IDENTIFIERS = 2  # in the suspect's line
CAME_AGAIN = {  # for the queue, in English as every reason there
    Status.TRANSFERRED: "New content arrived after it was transferred to another State.",
    Status.CLOSED: "New content arrived after it was closed.",
    Status.SENT_BACK: "The sender sent it again with other content.",
}


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A report as a document of a dispatch brought it."""

    report: TipReport
    document_id: int
    dispatch_id: int
    source: dict[str, Any] = field(init=False)
    sha256: str = field(init=False)
    number: str = field(init=False)

    def __post_init__(self) -> None:
        source = clean_tree(self.report.source)
        canonical = json.dumps(source, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "sha256", digest)
        object.__setattr__(self, "number", clean(self.report.number or f"U-{digest[:12]}", 40))

    @property
    def is_stub(self) -> bool:
        return self.report.format == "list"

    @property
    def is_addition(self) -> bool:
        """Files of a report that came apart from it: they add to what is held."""
        return self.report.format == "xml" and "report" not in self.report.source


def store(arrivals: Sequence[Arrival], *, at: datetime) -> None:
    """Store a batch inside the caller's transaction, and a receipt for each report in it."""
    if not arrivals:
        return
    lock_numbers({arrival.number for arrival in arrivals})
    identifiers = upsert_identifiers(arrivals)
    for one_round in rounds(arrivals):
        store_round(one_round, identifiers, at=at)


def lock_numbers(numbers: Iterable[str]) -> None:
    """Hold these report numbers until the transaction ends; taken in order, so nobody deadlocks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(key) from (select distinct hashtextextended(n, 0) as key"
            " from unnest(%s) as n order by 1) as keys",
            [list(numbers)],
        )


def rounds(arrivals: Sequence[Arrival]) -> Iterable[list[Arrival]]:
    """Split so that no number stands twice in one round; the order is kept."""
    split: list[dict[str, Arrival]] = []
    for arrival in arrivals:
        for one_round in split:
            if arrival.number not in one_round:
                one_round[arrival.number] = arrival
                break
        else:
            split.append({arrival.number: arrival})
    return [list(one_round.values()) for one_round in split]


def store_round(arrivals: list[Arrival], identifiers: dict[bytes, int], *, at: datetime) -> None:
    held = {
        tipline.number: tipline
        for tipline in Tipline.objects.select_for_update()
        .filter(number__in=[arrival.number for arrival in arrivals])
        .order_by("pk")
    }
    new = [arrival for arrival in arrivals if arrival.number not in held]
    again = [arrival for arrival in arrivals if arrival.number in held]
    known = set(
        Version.objects.filter(tipline__in=[each.pk for each in held.values()]).values_list(
            "tipline_id", "sha256"
        )
    )
    changed = [arrival for arrival in again if says_more(arrival, held[arrival.number], known)]
    made = Tipline.objects.bulk_create(
        [
            Tipline(
                number=arrival.number,
                dispatch_id=arrival.dispatch_id,
                received_at=at,
                status_at=at,
                content_sha256=arrival.sha256,
                is_stub=arrival.is_stub,
                **facts(arrival.report, at=at),
            )
            for arrival in new
        ]
    )
    tiplines = held | {tipline.number: tipline for tipline in made}
    differences = renew(changed, held, at=at) if changed else {}
    Version.objects.bulk_create(
        Version(
            tipline=tiplines[arrival.number],
            number=tiplines[arrival.number].version,
            format=arrival.report.format,
            source=arrival.source,
            unread=[clean(path, 500) for path in arrival.report.unread],
            sha256=arrival.sha256,
            dispatch_id=arrival.dispatch_id,
            document_id=arrival.document_id,
            received_at=at,
            difference=differences.get(arrival.number, []),
        )
        for arrival in [*new, *changed]
    )
    store_children(
        [(arrival, tiplines[arrival.number]) for arrival in [*new, *changed]], identifiers
    )
    outcomes = {arrival.number: Outcome.STORED for arrival in new} | {
        arrival.number: Outcome.NEW_VERSION for arrival in changed
    }
    give_receipts(arrivals, tiplines, outcomes)


def says_more(arrival: Arrival, held: Tipline, known: set[tuple[int, str]]) -> bool:
    """Whether a repeated report is worth a version: content that no version has, from a source that
    is no poorer: a list never outdoes a report."""
    if arrival.is_stub and not held.is_stub:
        return False
    return (held.pk, arrival.sha256) not in known


def renew(
    changed: Sequence[Arrival], held: dict[str, Tipline], *, at: datetime
) -> dict[str, list[list[Any]]]:
    """Bring held tiplines to the newer content; return each number's field-by-field difference.

    One that a district holds stays there; one that had ended awaits a decision again.
    """
    replaced = [arrival for arrival in changed if not arrival.is_addition]
    ids = [held[arrival.number].pk for arrival in replaced]
    newest = {
        version.tipline_id: version.source
        for version in Version.objects.whole()
        .filter(tipline__in=ids)
        .order_by("tipline_id", "number")
    }
    for child in (Sighting, Address, FileRecord, Party):
        child.objects.filter(tipline__in=ids).delete()
    differences = {}
    for arrival in changed:
        tipline = held[arrival.number]
        if arrival.is_addition:
            tipline.file_count += len(arrival.report.files)
        else:
            differences[arrival.number] = difference(newest.get(tipline.pk, {}), arrival.source)
            for name, value in facts(arrival.report, at=tipline.received_at).items():
                setattr(tipline, name, value)
            tipline.is_stub = arrival.is_stub
            tipline.content_sha256 = arrival.sha256
        tipline.version += 1
        tipline.assessed_at = tipline.located_at = tipline.linked_at = None
    names = [
        *facts(changed[0].report, at=at),
        *("version", "is_stub", "content_sha256", "assessed_at", "located_at", "linked_at"),
    ]
    renewed = [held[arrival.number] for arrival in changed]
    Tipline.objects.bulk_update(renewed, names)
    reopen(renewed, at=at)
    return differences


def reopen(renewed: Sequence[Tipline], *, at: datetime) -> None:
    """Put what had ended back into the queue: it ended on less than is known now."""
    for status in ENDED:
        ids = {tipline.pk for tipline in renewed if tipline.status == status}
        if ids:
            put_back(
                ids,
                came_back=CAME_AGAIN[Status(status)],
                verb="tipline.reopened",
                by=None,
                at=at,
            )


def facts(report: TipReport, *, at: datetime) -> dict[str, Any]:
    """The columns of `Tipline` that a report fills; `at` is when it reached the unit first."""
    incident, received = report.incident_moment, report.received_moment
    told_at = (received and received.utc) or (incident and incident.utc) or None
    offence_at = (incident and incident.utc) or told_at or at
    classes = sorted(file.classification for file in report.files if file.classification)
    return {
        "provider": clean(report.provider, 300),
        "provider_key": clean(provider_key(report.provider), 80) if report.provider else "",
        "platform": clean(report.platform, 300),
        "incident_type": clean(report.incident_type, 200),
        "incident_at": incident.utc if incident else None,
        "incident_original": clean(incident.original, 200) if incident else "",
        "zone_missing": any(moment.utc is None for moment in moments(report)),
        "ncmec_received_at": received.utc if received else None,
        "ncmec_priority": clean(report.ncmec_priority, 20),
        "escalation": clean(report.escalation),
        "annotations": [clean(each, 80) for each in report.annotations],
        "batched_reason": clean(report.batched_reason, 80),
        "police_reference": clean(report.police_reference),
        "prior_reports": [clean(each, 40) for each in report.prior_reports],
        "narrative": clean(report.narrative),
        "suspect_line": suspect_line(report, offence_at=offence_at),
        "file_count": max(len(report.files), report.stated_file_count or 0),
        "worst_class": classes[0][:2] if classes else "",
        "preserved_until": preserved_until(told_at) if told_at else None,
    }


def moments(report: TipReport) -> Iterable[records.Moment]:
    """Every moment that a notice could be built on."""
    if report.incident_moment:
        yield report.incident_moment
    for mention, *_ in mentions(report):
        if mention.moment:
            yield mention.moment


def preserved_until(told_at: datetime) -> datetime:
    """Until when a provider in the US must keep what it reported: 18 USC 2258A(h)."""
    return told_at + (timedelta(days=365) if told_at >= REPORT_ACT else timedelta(days=90))


def suspect_line(report: TipReport, *, offence_at: datetime) -> str:
    """The first adult suspect in one line: name and the two most telling identifiers.

    Nothing of a minor stands in it: an account or a number names a child as its name does.
    """
    for party in report.parties:
        if party.role is PartyRole.SUSPECT and not is_minor(
            age=party.age, date_of_birth=party.date_of_birth, at=offence_at
        ):
            order = [kind.value for kind in records.IdentifierKind]
            telling = sorted(
                (each for each in party.mentions if each.kind.value in order[:4]),
                key=lambda each: order.index(each.kind.value),
            )
            shown = [party.name] if party.name else []
            shown += list(dict.fromkeys(each.original for each in telling))[:LINE_IDENTIFIERS]
            return clean(" · ".join(shown), 300)
    return ""


# Everything that hangs on a tipline


def mentions(
    report: TipReport,
) -> Iterable[tuple[Mention, records.Party | None, records.FileRecord | None]]:
    """Every identifier of a report with the party or file that it belongs to."""
    for mention in report.mentions:
        yield mention, None, None
    for party in report.parties:
        for mention in party.mentions:
            yield mention, party, None
    for file in report.files:
        for mention in file.mentions:
            yield mention, None, file


def digest(mention: Mention) -> bytes:
    return hashlib.sha256(f"{mention.kind.value}\0{clean(mention.value)}".encode()).digest()[:16]


def upsert_identifiers(arrivals: Sequence[Arrival]) -> dict[bytes, int]:
    """The key of every identifier named in the batch, by digest; new ones are added."""
    wanted = {
        digest(mention): mention for arrival in arrivals for mention, *_ in mentions(arrival.report)
    }
    if not wanted:
        return {}
    keys = sorted(wanted)
    columns: list[Any] = [
        [wanted[key].kind.value for key in keys],
        [clean(wanted[key].value, 2200) for key in keys],
        keys,
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tiplines_identifier (kind, value, digest)"
            " select * from unnest(%s::text[], %s::text[], %s::bytea[])"
            " on conflict (digest) do nothing",
            columns,
        )
    found = Identifier.objects.filter(digest__in=keys).values_list("digest", "pk")
    return {bytes(key): pk for key, pk in found}


def store_children(pairs: Sequence[tuple[Arrival, Tipline]], identifiers: dict[bytes, int]) -> None:
    parties: list[Party] = []
    files: list[FileRecord] = []
    addresses: list[Address] = []
    sightings: list[Sighting] = []
    for arrival, tipline in pairs:
        report = arrival.report
        first = len(sightings)
        for position, party in enumerate(report.parties, 1):
            row = party_row(party, tipline, position)
            parties.append(row)
            addresses += [address_row(each, tipline, row) for each in party.addresses]
            sightings += [
                sighting_row(each, tipline, identifiers, party=row, role=party.role)
                for each in party.mentions
            ]
        for position, file in enumerate(report.files, 1):
            file_row = file_record_row(file, tipline, position)
            files.append(file_row)
            sightings += [
                sighting_row(each, tipline, identifiers, file=file_row) for each in file.mentions
            ]
        addresses += [address_row(each, tipline, None) for each in report.addresses]
        sightings += [sighting_row(each, tipline, identifiers) for each in report.mentions]
        never_link(sightings[first:])
    Party.objects.bulk_create(parties, batch_size=ROWS_A_STATEMENT)
    FileRecord.objects.bulk_create(files, batch_size=ROWS_A_STATEMENT)
    Address.objects.bulk_create(addresses, batch_size=ROWS_A_STATEMENT)
    Sighting.objects.bulk_create(sightings, batch_size=ROWS_A_STATEMENT)


def never_link(sightings: Sequence[Sighting]) -> None:
    """A victim's value ties nothing either where the report repeats it outside the party."""
    victims = {
        seen.identifier_id
        for seen in sightings
        if seen.party is not None and seen.party.role == PartyRole.VICTIM
    }
    for seen in sightings:
        if seen.party is None and seen.identifier_id in victims:
            seen.links = False


def party_row(party: records.Party, tipline: Tipline, position: int) -> Party:
    return Party(
        tipline=tipline,
        position=position,
        role=party.role.value,
        name=clean(party.name, 500),
        display_names=[clean(name, 300) for name in party.display_names],
        date_of_birth=party.date_of_birth,
        age=party.age if party.age is not None and 0 <= party.age <= 150 else None,
        place=clean(party.place, 300),
        text=clean(party.text),
    )


def file_record_row(file: records.FileRecord, tipline: Tipline, position: int) -> FileRecord:
    return FileRecord(
        tipline=tipline,
        position=position,
        file_id=clean(file.file_id, 64),
        name=clean(file.name, 2056),
        classification=clean(file.classification, 20),
        viewed_by_provider=file.viewed_by_provider,
        publicly_available=file.publicly_available,
        relevance=clean(file.relevance, 60),
        annotations=[clean(each, 80) for each in file.annotations],
        place=clean(file.place, 300),
        text=clean(file.text),
    )


def address_row(address: records.Address, tipline: Tipline, party: Party | None) -> Address:
    return Address(
        tipline=tipline,
        party=party,
        label=clean(address.label, 60),
        text=clean(address.text),
        city=clean(address.city, 255),
        postal_code=clean(address.postal_code, 40),
        state=clean(address.state, 255),
        country=clean(address.country, 60),
        latitude=address.latitude,
        longitude=address.longitude,
        provenance=address.provenance.value,
        place=clean(address.place, 300),
    )


def sighting_row(
    mention: Mention,
    tipline: Tipline,
    identifiers: dict[bytes, int],
    *,
    party: Party | None = None,
    file: FileRecord | None = None,
    role: PartyRole | None = None,
) -> Sighting:
    moment = mention.moment
    return Sighting(
        tipline=tipline,
        identifier_id=identifiers[digest(mention)],
        party=party,
        file=file,
        links=role is None or role in LINKING_ROLES,
        original=clean(mention.original),
        label=clean(mention.label, 255),
        provenance=mention.provenance.value,
        event=clean(mention.event, 60),
        at=moment.utc if moment else None,
        at_original=clean(moment.original, 200) if moment else "",
        zone=clean(moment.zone or "", 10) if moment else "",
        port=mention.port,
        possible_proxy=mention.possible_proxy,
        verified=mention.verified,
        place=clean(mention.place, 300),
    )


def give_receipts(
    arrivals: Sequence[Arrival], tiplines: dict[str, Tipline], outcomes: dict[str, Outcome]
) -> None:
    """One receipt for each report and dispatch; a report named again there is counted on it."""
    rows = sorted(arrivals, key=lambda arrival: (arrival.dispatch_id, arrival.number))
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into tiplines_receipt"
            " (dispatch_id, number, tipline_id, document_id, outcome, copies)"
            " select *, 1 from unnest"
            "(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])"
            " on conflict (dispatch_id, number) do update set copies = tiplines_receipt.copies + 1",
            [
                [arrival.dispatch_id for arrival in rows],
                [arrival.number for arrival in rows],
                [tiplines[arrival.number].pk for arrival in rows],
                [arrival.document_id for arrival in rows],
                [outcomes.get(arrival.number, Outcome.ALREADY_HELD).value for arrival in rows],
            ],
        )
