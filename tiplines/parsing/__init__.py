"""Bytes to reports: every document of a bundle is read, or refused with a reason. Rules only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from tiplines.parsing.bundling import number_in_name, read_xml_documents
from tiplines.parsing.detecting import HEAD_BYTES, Kind, detect
from tiplines.parsing.json_reader import read_json_document
from tiplines.parsing.limits import REFUSALS_AT_MOST, UnreadableReport
from tiplines.parsing.list_headers import NO_MAPPINGS, Mappings
from tiplines.parsing.list_reader import read_csv_document, read_workbook_document
from tiplines.parsing.pdf_reader import read_pdf_document
from tiplines.parsing.records import Found, Reading, Refusal, SourceDocument

READERS: dict[Kind, Callable[[SourceDocument], tuple[list[Found], list[Refusal]]]] = {
    Kind.JSON: read_json_document,
    Kind.PDF: read_pdf_document,
}
LIST_READERS: dict[
    Kind, Callable[[SourceDocument, Mappings], tuple[list[Found], list[Refusal]]]
] = {
    Kind.CSV: read_csv_document,
    Kind.XLSX: read_workbook_document,
}
NOT_READ = {
    Kind.ZIP: "an archive inside a dispatch is not opened: unpack it and send its files",
    Kind.TEXT: "plain text is kept but not read: no known report format",
    Kind.MEDIA: "not text: listed by name and size only",
}
OLD_WORKBOOK_MAGIC = b"\xd0\xcf\x11\xe0"
OLD_WORKBOOK = "an old or password-protected Excel file: save it as .xlsx without a password"


def read_bundle(
    documents: Sequence[SourceDocument], *, mappings: Mappings = NO_MAPPINGS
) -> Reading:
    """Return the reports of the documents that came together, one folder or one file.

    Nothing is lost: every document given is in `Found.documents` or in a Refusal, or in both when
    part of it could be read. XML documents of one report are joined; JSON objects and list rows
    are reports of their own, which intake joins by number. `mappings` are what officers approved
    for covering lists of this sender.
    """
    found: list[Found] = []
    refused: list[Refusal] = []
    xml: list[SourceDocument] = []
    for document in documents:
        kind = detect(document.name, document.data[:HEAD_BYTES])
        if kind is Kind.XML:
            xml.append(document)
        elif kind in READERS or kind in LIST_READERS:
            try:
                reports, refusals = (
                    LIST_READERS[kind](document, mappings)
                    if kind in LIST_READERS
                    else READERS[kind](document)
                )
            except UnreadableReport as error:
                refused.append(
                    Refusal(
                        document=document.name,
                        reason=error.reason,
                        place=error.place,
                        number=error.number or _number(document, kind),
                    )
                )
            else:
                found += reports
                refused += refusals
        else:
            is_old = document.data.startswith(OLD_WORKBOOK_MAGIC)
            refused.append(
                Refusal(
                    document=document.name,
                    reason=OLD_WORKBOOK if is_old else NOT_READ[kind],
                    number=_number(document, kind),
                )
            )
    reports, refusals = read_xml_documents(xml)
    return Reading(found=(*reports, *found), refused=tuple(_told([*refusals, *refused])))


def _told(refused: Sequence[Refusal]) -> Iterator[Refusal]:
    """Yield the refusals, of each document no more than an officer can go through one by one."""
    count = Counter(refusal.document for refusal in refused)
    seen: Counter[str] = Counter()
    for refusal in refused:
        name = refusal.document
        seen[name] += 1
        if seen[name] <= REFUSALS_AT_MOST or count[name] == REFUSALS_AT_MOST + 1:
            yield refusal
        elif seen[name] == count[name]:
            more = count[name] - REFUSALS_AT_MOST
            reason = f"{more} more places of it cannot be read; the last of them: {refusal.reason}"
            yield Refusal(document=name, reason=reason, place=refusal.place)


def _number(document: SourceDocument, kind: Kind) -> str | None:
    """Return the number in the name of a refused report; other files are named by anything."""
    return number_in_name(document.name) if kind in (Kind.PDF, Kind.JSON) else None
