"""The tipline's own columns, as a report fills them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tiplines.covering import Guard
from tiplines.parsing.normalising import provider_key
from tiplines.parsing.records import (
    IdentifierKind,
    Mention,
    Moment,
    PartyRole,
    Provenance,
    TipReport,
)
from tiplines.services.cleaning import clean
from tiplines.services.covers import others

REPORT_ACT = datetime(2024, 5, 7, tzinfo=UTC)  # REPORT Act, P.L. 118-59: 1 year instead of 90 days
LINE_IDENTIFIERS = 2  # in the suspect's line
TELLING = tuple(kind.value for kind in IdentifierKind)[:4]  # for the suspect's line, the best first


def facts(report: TipReport, guard: Guard) -> dict[str, Any]:
    """The columns of `Tipline` that a report fills, with its protected persons covered."""
    incident, received = report.incident_moment, report.received_moment
    told_at = (received and received.utc) or (incident and incident.utc) or None
    classes = sorted(file.classification for file in report.files if file.classification)
    provider = guard.others.text(report.provider)
    found = {
        "provider": clean(provider, 300),
        "provider_key": clean(provider_key(provider), 80) if provider else "",
        "platform": clean(report.platform, 300),
        "incident_type": clean(report.incident_type, 200),
        "incident_at": incident.utc if incident else None,
        "incident_original": clean(incident.original, 200) if incident else "",
        "zone_missing": any(moment.utc is None for moment in moments(report)),
        "ncmec_received_at": received.utc if received else None,
        "ncmec_priority": clean(report.ncmec_priority, 20),
        "escalation": clean(guard.prose.text(report.escalation)),
        "annotations": [clean(each, 80) for each in report.annotations],
        "batched_reason": clean(report.batched_reason, 80),
        "police_reference": clean(guard.prose.text(report.police_reference)),
        "prior_reports": [clean(each, 40) for each in report.prior_reports],
        "narrative": clean(guard.prose.text(report.narrative)),
        "suspect_line": suspect_line(report, guard),
        "file_count": max(len(report.files), report.stated_file_count or 0),
        "worst_class": classes[0][:2] if classes else "",
        "preserved_until": preserved_until(told_at) if told_at else None,
    }
    return found | others(found, guard) if guard else found


def moments(report: TipReport) -> Iterator[Moment]:
    """Every moment that a notice could be built on."""
    if report.incident_moment:
        yield report.incident_moment
    for mention in mentions(report):
        if mention.moment:
            yield mention.moment


def preserved_until(told_at: datetime) -> datetime:
    """Until when a provider in the US must keep what it reported: 18 USC 2258A(h)."""
    return told_at + (timedelta(days=365) if told_at >= REPORT_ACT else timedelta(days=90))


def suspect_line(report: TipReport, guard: Guard) -> str:
    """The first adult suspect in one line: name and the two most telling identifiers.

    Nothing of a protected person stands in it: an account or a number names a child as its name
    does.
    """
    for position, party in enumerate(report.parties, 1):
        if party.role is PartyRole.SUSPECT and position not in guard.positions:
            return line_of(
                "" if guard and guard.others.covers(party.name) else party.name,
                (
                    (each.kind.value, each.original)
                    for each in party.mentions
                    if each.provenance is not Provenance.FREE_TEXT
                    and not (guard and is_theirs(each, guard))
                ),
            )
    return ""


def is_theirs(mention: Mention, guard: Guard) -> bool:
    """Whether it is a protected person's identifier, or says the name of one."""
    return value_of(mention) in guard.values or guard.others.covers(mention.original)


def offence_at(report: TipReport, *, at: datetime) -> datetime:
    """The moment by which ages count; `at` is when the report reached the unit first."""
    incident, received = report.incident_moment, report.received_moment
    return (incident and incident.utc) or (received and received.utc) or at


def line_of(name: str, told: Iterable[tuple[str, str]]) -> str:
    """A name and the two most telling identifiers, given as kind and text in their order."""
    telling = sorted(
        (each for each in told if each[0] in TELLING), key=lambda each: TELLING.index(each[0])
    )
    texts = list(dict.fromkeys(text for _, text in telling))[:LINE_IDENTIFIERS]
    return clean(" · ".join([name, *texts] if name else texts), 300)


def mentions(report: TipReport) -> Iterator[Mention]:
    """Every identifier of a report, wherever it stands."""
    yield from report.mentions
    for party in report.parties:
        yield from party.mentions
    for file in report.files:
        yield from file.mentions


def value_of(mention: Mention) -> tuple[str, str]:
    return mention.kind.value, mention.value
