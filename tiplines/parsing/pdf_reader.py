"""The police-side PDF, both generations: lines of text to a TipReport.

Identifiers come from the party and file blocks of Section A only. Section B is read as added by
NCMEC; sections C and D (NCMEC's own type, notes, contacts of police) stay in `source`.

`source` is {"pages": [[line, …], …]}, lines as `pdf_text` describes them, with Aadhaar numbers
masked; the report can be read again from it alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from typing import Any

from tiplines.parsing import normalising, pdf_process
from tiplines.parsing.aadhaar import is_verhoeff_valid, mask_aadhaar
from tiplines.parsing.bundling import number_in_name
from tiplines.parsing.limits import UNREAD_PATHS_AT_MOST, UnreadableReport, check_size
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.moments import moment
from tiplines.parsing.pdf_added import read_added, with_look_ups
from tiplines.parsing.pdf_fields import Value, prose, values
from tiplines.parsing.pdf_files import FilesReader
from tiplines.parsing.pdf_people import LABELS as PARTY_LABELS
from tiplines.parsing.pdf_people import PartyReader
from tiplines.parsing.pdf_sections import Block, BlockKind, Line, blocks, cut, plain
from tiplines.parsing.records import (
    Found,
    IdentifierKind,
    Mention,
    Party,
    PartyRole,
    Refusal,
    SourceDocument,
    TipReport,
)

FORMAT = "pdf"
NUMBER = re.compile(r"CyberTipline Report\s*(?:#|No\.?|Number)?:?\s*(\d{6,12})\b")
RECEIVED = re.compile(r"Received by NCMEC on (\d\d-\d\d-\d{4} \d\d:\d\d(?::\d\d)?(?: ?UTC)?)")
PRIORITY = re.compile(r"Priority Level:\s*(\w)")
UPLOADED = re.compile(r"Total Uploaded Files:\s*(\d{1,6})")
# An Aadhaar number that a line end runs through, or not; checked by its last digit.
AADHAAR_ACROSS = re.compile(r"(?<!\w)([2-9]\d{3})([ -]?\n?)(\d{4})([ -]?\n?)(\d{4})(?!\w)")

COMPANY_LABELS = frozenset(
    {"submitter", "point of contact for law enforcement", "business address"}
)
INCIDENT_LABELS = frozenset(
    {
        "incident type",
        "primary incident type",
        "incident time",
        "description of incident time",
        "platform",
        "report annotations",
        "escalated to high priority",
        "batched report",
        "known to law enforcement",
        "url",
        "chat service/im client",
        "chat room name",
        "content",
        "additional information",
    }
)
SUMMARY_LABELS = INCIDENT_LABELS - {
    "url",
    "chat service/im client",
    "chat room name",
    "content",
    "additional information",
}
COMPANY_ENDINGS = dict.fromkeys(COMPANY_LABELS, COMPANY_LABELS)
PROSE_LABELS = frozenset({"name", "display name", "additional information"})
NO_SECTION = "section-a"
INCIDENT_ENDINGS = {
    "additional information": frozenset[str](),
    "content": frozenset({"additional information"}),
}
# What a report of this kind has, and what each part is worth when it was found. Sum: 100.
CONFIDENCE_POINTS = {
    "number": 20,
    "section A": 20,
    "sections B to D": 10,
    "provider": 10,
    "incident type": 10,
    "incident time": 10,
    "party": 10,
    "every file that is counted": 10,
}


def read_pdf_document(
    document: SourceDocument, password: str = ""
) -> tuple[list[Found], list[Refusal]]:
    """Return the report of a PDF. Raises UnreadableReport: encrypted, a scan, damaged, no report.

    An empty password is tried by itself; `password` is for a file that has another.
    """
    check_size(document.data)
    source = {"pages": masked(pdf_process.read_pages(document.data, password))}
    report = report_from_source(source)
    number = report.number or number_in_name(document.name)
    if NO_SECTION in report.missing:
        raise UnreadableReport(
            "the PDF is no CyberTipline report: it has no Section A", number=number
        )
    return [Found(report=replace(report, number=number), documents=(document.name,))], []


def report_from_source(source: dict[str, Any]) -> TipReport:
    """Return the report that a kept `source` says, but for a number that only its file name had."""
    return PdfReport(source["pages"]).read()


class PdfReport:
    """One report being read from its lines."""

    def __init__(self, pages: list[list[str]]) -> None:
        self.pages = pages
        self.sections = cut(pages)
        found, loose = blocks(self.sections.a)
        self.blocks: dict[BlockKind, list[Block]] = {kind: [] for kind in BlockKind}
        for block in found:
            self.blocks[block.kind].append(block)
        self.unread = [_unread(line) for line in loose if plain(line.text)]
        self.unread += [
            f"page {number}: no text on this page"
            for number, page in enumerate(pages, 1)
            if not page
        ]
        self.fields: dict[str, Value] = {}
        self.provider = ""
        self.parties: list[tuple[str, Party]] = []
        self.priors: list[str] = []
        self.mentions: list[Mention] = []
        self.tales: list[str] = []
        self.pieces: list[tuple[str, str]] = []  # place and prose, to be mined

    def read(self) -> TipReport:
        desks = self._company()
        for block in self.blocks[BlockKind.INCIDENT]:
            self._incident(block)
        self._people()
        files = FilesReader([line for one in self.blocks[BlockKind.FILES] for line in one.lines])
        records = tuple(files.read())
        self.unread += files.unread
        for block in self.blocks[BlockKind.REMARKS]:
            self._remarks(block)
        added = read_added(self.sections.b, self.parties)
        parties = [
            with_look_ups(party, added.by_party.get(order, ()))
            for order, (_, party) in enumerate(self.parties)
        ]
        cover = "\n".join(line.text for line in self.sections.cover)
        received, priority = RECEIVED.search(cover), PRIORITY.search(cover)
        report = TipReport(
            number=self._number(),
            format=FORMAT,
            provider=self.provider,
            platform=self._field("platform"),
            incident_type=self._field("primary incident type") or self._field("incident type"),
            incident_moment=moment(when) if (when := self._field("incident time")) else None,
            incident_moment_note=self._field("description of incident time"),
            received_moment=moment(received[1]) if received else None,
            ncmec_priority=priority[1] if priority else "",
            escalation=self._field("escalated to high priority"),
            annotations=_listed(self._field("report annotations")),
            batched_reason=self._field("batched report"),
            parties=(*parties, *desks),
            files=records,
            stated_file_count=self._stated_count(files, cover),
            mentions=(*self.mentions, *self._found_in_prose()),
            addresses=tuple(added.unplaced),
            prior_reports=tuple(dict.fromkeys(self.priors)),
            police_reference=self._field("known to law enforcement"),
            narrative="\n\n".join((*self.tales, *added.words)),
            source={"pages": self.pages},
            unread=tuple(self.unread[:UNREAD_PATHS_AT_MOST]),
        )
        return replace(report, confidence=self._confidence(report), missing=self._missing(report))

    def _number(self) -> str | None:
        """Return the number of the cover, else of any head or foot: never one inside the text."""
        edges = [line for page in self.pages for line in (*page[:2], *page[-2:])]
        for text in chain((line.text for line in self.sections.cover), edges):
            if found := NUMBER.search(text):
                return found[1].lstrip("0") or None
        return None

    def _stated_count(self, files: FilesReader, cover: str) -> int | None:
        if files.stated_count is not None:
            return files.stated_count
        printed = UPLOADED.search(cover)
        return int(printed[1]) if printed else None

    def _field(self, name: str) -> str:
        value = self.fields.get(name)
        return value.phrase if value else ""

    # --- blocks ---------------------------------------------------------------------------------

    def _company(self) -> list[Party]:
        """Take the provider; return its desk and whom police should ask, without identifiers."""
        desks: list[Party] = []
        lines: list[str] = []
        product, page = "", 0
        for block in self.blocks[BlockKind.COMPANY]:
            for value in values(side_by_side(block.lines), COMPANY_LABELS, COMPANY_ENDINGS):
                label, text = value.label.lower(), value.prose
                page = page or value.page
                if label == "submitter":
                    self.provider, _, product = text.partition("\n")
                elif label == "point of contact for law enforcement":
                    desks.append(_desk(PartyRole.CONTACT, value, text))
                elif text:
                    lines.append(f"{value.label}: {text}" if value.label else text)
        if product or lines:
            place = f"page {page}/Company Information"
            text = "\n".join(lines)
            desks.append(Party(role=PartyRole.REPORTER, place=place, name=product, text=text))
        return desks

    def _incident(self, block: Block) -> None:
        client = ""
        for value in values(block.lines, INCIDENT_LABELS, INCIDENT_ENDINGS):
            label, text = value.label.lower(), value.phrase
            place = f"page {value.page}/{block.heading}/{value.label}"
            if label in SUMMARY_LABELS:
                self.fields.setdefault(label, value)
            elif not text:
                continue
            elif label == "url":
                url = value.code
                self._mention(IdentifierKind.URL, url, normalising.url(url), place, "URL")
            elif label == "chat service/im client":
                client = text
                self.tales.append(f"chatClient: {text}")
            elif label == "chat room name":
                found = normalising.screen_name(client or self.provider, text)
                self._mention(IdentifierKind.GROUP, text, found, place, "chat room")
                self.tales.append(f"chatRoomName: {text}")
            elif label in ("content", "additional information"):
                self.tales.append(value.prose)
                self.pieces.append((place, value.prose))
            else:
                shown = f"{value.label}: {text}" if value.label else text
                self.unread.append(f"page {value.page}: {shown}")

    def _mention(self, kind: IdentifierKind, text: str, found: str, place: str, label: str) -> None:
        order = 1 + sum(1 for one in self.mentions if one.place.rpartition("[")[0] == place)
        self.mentions.append(
            Mention(kind=kind, original=text, value=found, place=f"{place}[{order}]", label=label)
        )

    def _remarks(self, block: Block) -> None:
        if text := prose(line.text for line in block.lines):
            self.tales.append(text)
            self.pieces.append((f"page {block.lines[0].page}/{block.heading}", text))

    def _found_in_prose(self) -> tuple[Mention, ...]:
        note = self.fields.get("description of incident time")
        if note is not None:
            self.pieces.append((f"page {note.page}/{note.label}", note.phrase))
        parties = (mention for _, party in self.parties for mention in party.mentions)
        reported = [*self.mentions, *parties]
        return mine_beside(self.pieces, reported=reported, provider=self.provider)

    def _people(self) -> None:
        counts: dict[str, int] = {}
        for block in self.blocks[BlockKind.PARTY]:
            counts[block.heading] = ordinal = counts.get(block.heading, 0) + 1
            reader = PartyReader(block, ordinal=ordinal, provider=self.provider)
            self.parties.append((block.heading, reader.read()))
            self.priors += reader.priors
            self.unread += reader.unread

    # --- what was found -------------------------------------------------------------------------

    def _confidence(self, report: TipReport) -> int:
        """Return the points of the parts that were found: a sum that an officer can check."""
        found = {
            "number": report.number is not None,
            "section A": "A" in self.sections.found,
            "sections B to D": self.sections.found.endswith("BCD"),
            "provider": bool(report.provider),
            "incident type": bool(report.incident_type),
            "incident time": report.incident_moment is not None,
            "party": bool(self.parties),
            "every file that is counted": report.stated_file_count == len(report.files),
        }
        return sum(points for part, points in CONFIDENCE_POINTS.items() if found[part])

    def _missing(self, report: TipReport) -> tuple[str, ...]:
        suspects = [party for _, party in self.parties if party.role is PartyRole.SUSPECT]
        held = [mention for party in suspects for mention in party.mentions]
        of_files = [mention for one in report.files for mention in one.mentions]
        ips = [one for one in (*held, *of_files) if one.kind is IdentifierKind.IP]
        hashes = [one for one in of_files if one.kind is IdentifierKind.HASH]
        accounts = (IdentifierKind.ACCOUNT, IdentifierKind.SCREEN_NAME)
        found = {
            NO_SECTION: "A" in self.sections.found,
            "number": report.number is not None,
            "received-time": report.received_moment is not None,
            "priority": bool(report.ncmec_priority),
            "provider": bool(report.provider),
            "incident-type": bool(report.incident_type),
            "incident-time": report.incident_moment is not None,
            "suspect": bool(suspects),
            "account": any(mention.kind in accounts for mention in held),
            "ip": bool(ips),
            "ip-time": any(mention.moment is not None for mention in ips),
            "files": report.stated_file_count in (None, len(report.files)),
            "hash": bool(hashes) or not report.files,
        }
        return tuple(name for name, is_there in found.items() if not is_there)


def side_by_side(lines: list[Line]) -> list[Line]:
    """Return lines of two columns one column after the other, where labels head the columns."""
    ordered: list[Line] = []
    columns: list[list[Line]] = []
    for line in lines:
        cells = line.text.split("\t")
        heads = sum(cell.partition(":")[0].strip().lower() in COMPANY_LABELS for cell in cells)
        if heads > 1:
            ordered += chain.from_iterable(columns)
            columns = [[] for _ in cells]
        if not columns or len(cells) != len(columns):
            ordered += chain.from_iterable(columns)
            columns = []
            ordered.append(line)
            continue
        for column, cell in zip(columns, cells, strict=True):
            if cell:
                column.append(Line(line.page, cell))
    return [*ordered, *chain.from_iterable(columns)]


def masked(pages: list[list[str]]) -> list[list[str]]:
    """Return the lines with Aadhaar numbers masked, and fit for the database.

    A line whose label says that it holds an identifier is left: an account's number can look like
    one. So is a line that is one bare number.
    """
    cleaned = []
    for page in pages:
        text = normalising.storable("\n".join(page))
        if AADHAAR_ACROSS.search(text):
            text = AADHAAR_ACROSS.sub(_masked_across, text)
            text = "\n".join(
                line if _is_identifier(line) else mask_aadhaar(line) for line in text.split("\n")
            )
        cleaned.append(text.split("\n") if text else [])
    return cleaned


def _masked_across(match: re.Match[str]) -> str:
    first, one, second, two, last = match.groups()
    if "\n" not in one + two or not is_verhoeff_valid(first + second + last):
        return match.group()
    return f"XXXX{one}XXXX{two}{last}"


def _is_identifier(line: str) -> bool:
    label, colon, _ = line.partition(":")
    name = label.strip().lower()
    is_label = bool(colon) and name in PARTY_LABELS and name not in PROSE_LABELS
    return is_label or line.strip().isdecimal()


def _desk(role: PartyRole, value: Value, text: str) -> Party:
    name, _, rest = text.partition("\n")
    return Party(role=role, place=f"page {value.page}/{value.label}", name=name, text=rest)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _unread(line: Line) -> str:
    return f"page {line.page}: {plain(line.text)}"
