"""The nodes of one report and of the documents beside it, to a TipReport.

`source` is `{"report": node, "fileDetails": [node, …], "reportResponse": [node, …],
"reportDoneResponse": [node, …], "around": [node, …]}`, each key only where there is something;
what a node looks like is told in `xml_tree`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tiplines.parsing import moments, normalising
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.records import TipReport
from tiplines.parsing.xml_files import read_file, with_response_hashes
from tiplines.parsing.xml_incidents import read_incidents
from tiplines.parsing.xml_people import people, police, police_facts, prior_reports, reporter
from tiplines.parsing.xml_tree import Node, attribute, part_of, parts_of, text_of, texts_of
from tiplines.parsing.xml_values import flags_of, joined, prose_of

FORMAT = "xml"
SUMMARY_PROSE = ("escalateToHighPriority", "incidentDateTimeDescription")


@dataclass(kw_only=True)
class Gathered:
    """The documents that speak of one report, before they are read."""

    number: str | None = None
    report: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    around: list[Node] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


def read_report(gathered: Gathered) -> TipReport:
    """Return the report. All may be missing: file details alone give a report with files only."""
    report = gathered.report or {}
    summary = part_of(report, "incidentSummary")
    provider = provider_of(report)
    law = part_of(report, "lawEnforcement")
    parties = [
        *people(report, provider),
        *reporter(part_of(report, "reporter")),
        *police(law),
    ]
    incidents, places, tales, told = read_incidents(report, provider)
    files = with_response_hashes(
        [
            read_file(node, place=f"fileDetails[{n}]", provider=provider)
            for n, node in enumerate(gathered.files, 1)
        ],
        gathered.responses,
    )
    tales.extend(police_facts(law))
    tales.extend(texts_of(report, "additionalInfo"))
    told += prose_of(summary, SUMMARY_PROSE, "report/incidentSummary")
    told += prose_of(report, ("additionalInfo",), "report")
    reported = [*incidents, *(each for party in parties for each in party.mentions)]
    batched = report.get("batchedReport")
    incident_text = text_of(summary, "incidentDateTime")

    return TipReport(
        number=gathered.number,
        format=FORMAT,
        provider=provider,
        platform=text_of(summary, "platform"),
        incident_type=text_of(summary, "incidentType"),
        incident_moment=moments.moment(incident_text) if incident_text else None,
        incident_moment_note=text_of(summary, "incidentDateTimeDescription"),
        escalation=text_of(summary, "escalateToHighPriority"),
        annotations=flags_of(summary, "reportAnnotations"),
        batched_reason=attribute(batched, "reason") or "batched" if batched is not None else "",
        parties=tuple(parties),
        files=tuple(files),
        stated_file_count=_stated_files(gathered.done),
        mentions=(*incidents, *mine_beside(told, reported=reported, provider=provider)),
        addresses=tuple(places),
        prior_reports=prior_reports(report),
        police_reference=joined((text_of(law, "agencyName"), text_of(law, "caseNumber")), ", "),
        narrative="\n\n".join(tales),
        source=_source(gathered),
        unread=tuple(sorted(gathered.unread)),
    )


def provider_of(report: dict[str, Any]) -> str:
    """Return the reporting company, as written.

    ispws has no field for it. The account that submits is the company's, and clients differ in what
    they put in its reporting person, so the first of these that says something is taken:
    1. first and last name of the reporting person, or one of them, where that names a company
       (one that we know, or one with a legal form such as Inc.);
    2. `espService` of the first reported user that is not a `thirdPartyUserReported`;
    3. the domain of the reporting person's e-mail address, unless it is a public mail service: its
       known company name, else the domain;
    4. the reporting person's name as it is.
    """
    person = part_of(part_of(report, "reporter"), "reportingPerson")
    first, last = text_of(person, "firstName"), text_of(person, "lastName")
    name = joined((first, last), " ")
    for candidate in (name, last, first):
        if candidate and normalising.is_company(candidate):
            return candidate
    for user in parts_of(report, "personOrUserReported"):
        service = text_of(user, "espService")
        if service and normalising.flag(text_of(user, "thirdPartyUserReported")) is not True:
            return service
    for mail in texts_of(person, "email"):
        if company := normalising.company_of_email(mail):
            return company
    return name


def _stated_files(done: list[dict[str, Any]]) -> int | None:
    counts = [len(texts_of(part_of(node, "files"), "fileId")) for node in done if "files" in node]
    return max(counts, default=None)


def _source(gathered: Gathered) -> dict[str, Any]:
    source: dict[str, Any] = {}
    if gathered.report is not None:
        source["report"] = gathered.report
    for name, nodes in (
        ("fileDetails", gathered.files),
        ("reportResponse", gathered.responses),
        ("reportDoneResponse", gathered.done),
        ("around", gathered.around),
    ):
        if nodes:
            source[name] = nodes
    return source
