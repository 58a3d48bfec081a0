"""Which XML documents speak of one report.

A `<report>` carries no id. It takes the number that a response or file details beside it state: in
the same element, in the same document, in the same folder. Failing that, the number in its file
name, then in the names of its folders from the nearest. Several reports in one folder are told
apart by the digits of their file names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiplines.parsing.limits import UnreadableReport
from tiplines.parsing.records import Found, Refusal, SourceDocument
from tiplines.parsing.xml_reader import Gathered, read_report
from tiplines.parsing.xml_tree import Document, Part, read_tree, text_of

NUMBER_DIGITS = range(6, 13)
USUAL_NUMBER_DIGITS = 9
NUMBER_DIGITS_AT_MOST = 20  # what a document states is believed up to here


@dataclass(kw_only=True)
class Cluster:
    """Parts that certainly belong together, and the documents they came from."""

    parts: list[Part] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    around: list[Document] = field(default_factory=list)
    number: str | None = None

    @property
    def report(self) -> Part | None:
        return next((part for part in self.parts if part.kind == "report"), None)

    @property
    def name(self) -> str:
        return self.documents[0]

    def take(self, other: Cluster) -> None:
        self.parts += other.parts
        self.documents += other.documents
        self.around += other.around


def read_xml_documents(
    documents: Sequence[SourceDocument],
) -> tuple[list[Found], list[Refusal]]:
    """Return the reports of all XML documents given; what cannot be read is refused by document."""
    clusters: list[Cluster] = []
    refused: list[Refusal] = []
    for document in documents:
        try:
            tree = read_tree(document.data)
        except UnreadableReport as error:
            refused.append(
                Refusal(
                    document=document.name,
                    reason=error.reason,
                    place=error.place,
                    number=number_in_name(document.name),
                )
            )
            continue
        clusters.extend(_clusters(document.name, tree))

    by_folder: dict[str, list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        by_folder[cluster.name.rpartition("/")[0]].append(cluster)
    joined = [cluster for folder in by_folder.values() for cluster in _numbered(folder)]
    return [_found(cluster) for cluster in _merged(joined)], refused


# --- inside one document ------------------------------------------------------------------------


def stated_number(part: Part) -> str | None:
    """Return the report id that a part states, digits only; None if it states none."""
    digits = text_of(part.node, "reportId")
    # int() is not asked: it would take signs, spaces and digits of other scripts.
    if digits.isascii() and digits.isdecimal() and len(digits) <= NUMBER_DIGITS_AT_MOST:
        return digits.lstrip("0") or None
    return None


def _clusters(name: str, tree: Document) -> Iterable[Cluster]:
    """Cut a document: each report with the parts that follow it under the same element."""
    by_parent: dict[int, list[Part]] = defaultdict(list)
    for part in tree.parts:
        by_parent[part.parent].append(part)
    for parts in by_parent.values():
        yield from _cut(name, tree, parts)


def _cut(name: str, tree: Document, parts: list[Part]) -> Iterable[Cluster]:
    runs: list[list[Part]] = [[]]
    for part in parts:
        # What stands before the first report belongs to it.
        if part.kind == "report" and any(p.kind == "report" for p in runs[-1]):
            runs.append([])
        runs[-1].append(part)
    for run in runs:
        # A response speaks before file details: it is the answer to this very submission.
        numbers = [
            number
            for kind in ("reportResponse", "reportDoneResponse", "fileDetails")
            for part in run
            if part.kind == kind and (number := stated_number(part))
        ]
        own = numbers[0] if numbers else None
        by_number: dict[str | None, list[Part]] = defaultdict(list)
        for part in run:
            by_number[stated_number(part) or own].append(part)
        around = [tree] if tree.wrapping else []
        for number, chosen in by_number.items():
            yield Cluster(parts=chosen, documents=[name], around=around[:], number=number)


# --- across documents ---------------------------------------------------------------------------


def number_in_name(name: str) -> str | None:
    """Return the report number that a path names: of the file first, then of the nearest folder.

    A run of 6 to 12 digits that stands alone, or behind letters as in CTR195000123; nine digits are
    preferred, and eight that make a day of this age are taken for one.
    """
    path = name.rpartition(".")[0] if "." in name.rpartition("/")[2] else name
    for step in reversed(path.split("/")):
        runs = [
            run
            for token in _tokens(step)
            if (run := token.lstrip("abcdefghijklmnopqrstuvwxyz#")).isdecimal()
            and len(run) in NUMBER_DIGITS
            and not _is_day(run)
        ]
        if runs:
            return next((run for run in runs if len(run) == USUAL_NUMBER_DIGITS), runs[0])
    return None


def _tokens(text: str) -> list[str]:
    return [token for token in re.split(r"[^0-9a-z#]+", text.lower()) if token]


def _is_day(run: str) -> bool:
    if len(run) != 8:
        return False
    for text in (run, run[4:] + run[2:4] + run[:2], run[4:] + run[:2] + run[2:4]):
        try:
            year = date.fromisoformat(text).year
        except ValueError:
            continue
        if 1998 <= year <= 2100:  # the CyberTipline opened in 1998
            return True
    return False


def _digits_of_file(name: str) -> tuple[str, ...]:
    stem = name.rpartition("/")[2].rpartition(".")[0]
    return tuple(token for token in _tokens(stem) if token.isdecimal())


def _numbered(folder: list[Cluster]) -> list[Cluster]:
    """Give each nameless cluster of a folder its number, where one is certain."""
    reports = [cluster for cluster in folder if cluster.report is not None]
    loose = [cluster for cluster in folder if cluster.report is None]
    for cluster in loose:
        cluster.number = cluster.number or _number_of_file(cluster.name)
    if len(reports) == 1:
        _number_only_report(reports[0], loose)
        for cluster in loose:
            if cluster.number is None:
                reports[0].take(cluster)
        return [*reports, *(cluster for cluster in loose if cluster.number)]

    taken = {cluster.number for cluster in reports}
    twins: dict[tuple[str, ...], set[str | None]] = defaultdict(set)
    for cluster in loose:
        twins[_digits_of_file(cluster.name)].add(cluster.number)
    for cluster in reports:
        if cluster.number is None:
            cluster.number = _number_of_file(cluster.name) or _twin(cluster, twins, taken)
    for cluster in loose:
        cluster.number = cluster.number or number_in_name(cluster.name)
    return folder


def _number_only_report(report: Cluster, loose: list[Cluster]) -> None:
    if report.number is not None:
        return
    beside = {cluster.number for cluster in loose if cluster.number}
    own = _number_of_file(report.name)
    if len(beside) == 1 and (own is None or own in beside):
        report.number = beside.pop()
    else:
        report.number = own or number_in_name(report.name)


def _number_of_file(name: str) -> str | None:
    return number_in_name(name.rpartition("/")[2])


def _twin(
    report: Cluster, twins: dict[tuple[str, ...], set[str | None]], taken: set[str | None]
) -> str | None:
    """Return the number of the documents whose names hold the same digits: report_1, response_1."""
    digits = _digits_of_file(report.name)
    same = twins.get(digits, set()) - taken - {None}
    return same.pop() if digits and len(same) == 1 else None


def _merged(clusters: list[Cluster]) -> list[Cluster]:
    """Join clusters of one number. A second, different report of a number stays one of its own."""
    merged: list[Cluster] = []
    first: dict[str, Cluster] = {}
    for cluster in sorted(clusters, key=lambda one: one.report is None):
        known = first.get(cluster.number) if cluster.number else None
        if known is None:
            if cluster.number:
                first[cluster.number] = cluster
            merged.append(cluster)
        elif cluster.report is None or known.report is None:
            known.take(cluster)
        elif cluster.report.node == known.report.node:
            cluster.parts.remove(cluster.report)
            known.take(cluster)
        else:
            merged.append(cluster)
    return merged


def _found(cluster: Cluster) -> Found:
    gathered = Gathered(number=cluster.number)
    for tree in cluster.around:
        if tree.wrapping not in gathered.around:
            gathered.around.append(tree.wrapping)
    for part in cluster.parts:
        gathered.unread.update(part.unread)
        if part.kind == "report":
            gathered.report = part.node
        elif part.kind == "fileDetails":
            gathered.files.append(part.node)
        elif part.kind == "reportResponse":
            gathered.responses.append(part.node)
        else:
            gathered.done.append(part.node)
    return Found(report=read_report(gathered), documents=tuple(dict.fromkeys(cluster.documents)))
