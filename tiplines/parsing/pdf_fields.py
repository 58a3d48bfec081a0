"""Labels and values of a block: which lines belong to which label, and how they are joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tiplines.parsing import moments
from tiplines.parsing.pdf_sections import Line
from tiplines.parsing.pdf_text import BROKEN_WORD
from tiplines.parsing.records import Moment

# Letters only: neither an address nor a time is taken for a label.
UNKNOWN_LABEL = re.compile(r"[A-Z][A-Za-z'/()-]*(?: [A-Za-z'/()-]+){0,5}:(?:\s|$)")
QUESTION = re.compile(r"((?:Did|Were|Was) [^?]*\?)\s*(.*)", re.DOTALL)
TIME = re.compile(r"\d\d-\d\d-\d{4} \d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:UTC|GMT))?")
REMARKS = "Additional Information"
NO_ENDINGS: Mapping[str, frozenset[str]] = {}


@dataclass(slots=True)
class Value:
    """A label and the lines behind it, the first of which may stand on the label's own line."""

    label: str
    page: int
    lines: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        """A value that has no line breaks of its own: a name of a file, an address, a hash."""
        return "".join(_bare(line) for line in self.lines).strip()

    @property
    def code(self) -> str:
        """A value that has no spaces at all: a number, a hash, an address."""
        return "".join(self.token.split())

    @property
    def phrase(self) -> str:
        """A value in words: a broken line goes on after a space."""
        joined = "".join(
            line[:-1] if line.endswith(BROKEN_WORD) else f"{line.strip()} " for line in self.lines
        )
        return " ".join(joined.split())

    @property
    def prose(self) -> str:
        """Text with the line breaks that the sender made, as far as the layout tells."""
        return prose(self.lines)

    def without_times(self) -> tuple[str, Moment | None]:
        """Return the value and the moment that stands behind it or on the following line."""
        joined, when = "", ""
        for line in self.lines:
            bare = line.strip(f" \t{BROKEN_WORD}")
            if when and bare in ("UTC", "GMT"):
                when = f"{when} {bare}"
                continue
            found = TIME.search(bare)
            if found and not when and "(Verified" not in bare[: found.start()]:
                when = found.group()
                bare = f"{bare[: found.start()]}{bare[found.end() :]}".strip()
            is_apart = bare.startswith(("(", "Port", "Possible")) or joined.endswith(")")
            joined += f" {bare}" if is_apart else bare
        return joined.strip(), moments.moment(when) if when else None


def prose(lines: Iterable[str]) -> str:
    joined = "".join(
        _bare(line) if line.endswith((" ", BROKEN_WORD)) else f"{line.strip()}\n" for line in lines
    )
    return joined.strip()


def _bare(line: str) -> str:
    return line.strip("\t").removesuffix(BROKEN_WORD)


def values(
    lines: Iterable[Line],
    labels: frozenset[str],
    endings: Mapping[str, frozenset[str]] = NO_ENDINGS,
) -> Iterator[Value]:
    """Yield each label with its lines; a label of "" for lines that stand behind none.

    `labels` are those of the block, in lower case. A label that is not among them is yielded too:
    it ends the value before it. `endings` names the labels whose values are prose, each with the
    labels that alone end it: prose may hold anything that looks like a label.
    """
    present = Value("", 0)
    ending: frozenset[str] | None = None
    for line in lines:
        text = line.text.strip("\t")
        label, rest = _label(text, labels)
        if label and (ending is None or label.lower() in ending):
            if present.label or present.lines:
                yield present
            present = Value(label, line.page, [rest] if rest else [])
            ending = endings.get(label.lower())
        else:
            if not present.lines and not present.label:
                present.page = line.page
            present.lines.append(line.text)
    if present.label or present.lines:
        yield present


def _label(text: str, labels: frozenset[str]) -> tuple[str, str]:
    """Return the label that a line begins with and what follows it, or two empty texts."""
    name, colon, rest = text.partition(":")
    if colon:
        if name.strip().lower() in labels:
            return name.strip(), rest.lstrip(" \t")
        if UNKNOWN_LABEL.match(text):
            return name.strip(), rest.lstrip(" \t")
    if text.startswith(("Did ", "Were ", "Was ")) and (asked := QUESTION.match(text)):
        return asked[1], asked[2]
    return (REMARKS, "") if text.rstrip() == REMARKS else ("", "")
