"""The uploaded files of Section A: labels, questions and the table of sources of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tiplines.parsing import moments, normalising
from tiplines.parsing.mining import mine_beside
from tiplines.parsing.pdf_fields import Value, values
from tiplines.parsing.pdf_people import capture
from tiplines.parsing.pdf_sections import Line
from tiplines.parsing.pdf_tables import Row, is_header, rows
from tiplines.parsing.records import FileRecord, IdentifierKind, Mention

ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha512", "pdq", "photodna"})
OTHER_HASH = re.compile(r"original binary hash of file \((.+)\)", re.IGNORECASE)
FACT_LABELS = frozenset(
    {
        "filename",
        "original filename",
        "submittal id",
        "image categorization by esp",
        "file relevance",
        "file annotations",
    }
)
LABELS = frozenset(
    (
        *FACT_LABELS,
        "number of uploaded files",
        "uploaded to esp",
        "location of file",
        "source information",
        "additional information",
        *ALGORITHMS,
        *(f"original binary hash of file ({name})" for name in ALGORITHMS),
    )
)
ENDINGS = {"additional information": frozenset({"filename"})}
SOURCE_COLUMNS = frozenset({"type", "value", "event", "date/time", "port"})
CATEGORY = re.compile(r"[AB][12]")
YES_OR_NO = {"yes": True, "no": False}


class FilesReader:
    """Reads the block of uploaded files; what it does not know is left in `unread`."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.stated_count: int | None = None
        self.unread: list[str] = []

    def read(self) -> list[FileRecord]:
        found: list[FileRecord] = []
        for values_of_file, table in self._cut():
            found.append(self._file(values_of_file, table, ordinal=len(found) + 1))
        return found

    def _cut(self) -> Iterator[tuple[list[Value], list[Row]]]:
        """Yield labels and source rows of each file. What stands before the first is the block's.

        The tables are taken out first: their rows look like the rest of a value.
        """
        tables: list[tuple[int, list[Row]]] = []
        plain: list[Line] = []
        lines = self.lines
        while lines:
            at = next((n for n, one in enumerate(lines) if is_header(one, SOURCE_COLUMNS)), None)
            if at is None:
                break
            found, rest = rows(lines[at], lines[at + 1 :])
            plain += lines[:at]
            tables.append((len(plain), found))
            lines = rest
        plain += lines
        starts = [n for n, one in enumerate(plain) if one.text.lower().startswith("filename:")]
        before = plain[: starts[0]] if starts else plain
        for value in values(before, LABELS):
            self._take_count(value)
        for start, end in pairwise([*starts, len(plain)]):
            table = [row for at, found in tables if start < at <= end for row in found]
            yield list(values(plain[start:end], LABELS, ENDINGS)), table

    def _take_count(self, value: Value) -> None:
        count = value.phrase
        if value.label.lower() == "number of uploaded files" and count.isdecimal():
            self.stated_count = int(count) if len(count) < 7 else None
        elif value.label or value.phrase:
            self._leave(value)

    def _leave(self, value: Value) -> None:
        text = f"{value.label}: {value.phrase}" if value.label else value.phrase
        self.unread.append(f"page {value.page}: {text}")

    def _file(self, told: list[Value], table: list[Row], *, ordinal: int) -> FileRecord:
        place = f"page {told[0].page}/Uploaded File {ordinal}"
        facts: dict[str, str] = {}
        mentions: list[Mention] = []
        lines: list[str] = []
        pieces: list[tuple[str, str]] = []
        flags: dict[str, bool | None] = {}
        for value in told:
            label = value.label.lower()
            other = OTHER_HASH.fullmatch(label)
            if label in ALGORITHMS or other:
                name = OTHER_HASH.sub(r"\1", value.label)
                mentions.append(self._hash(name, value, place))
            elif label.endswith("?"):
                self._answer(label, value, flags)
            elif label == "additional information":
                lines.append(value.prose)
                pieces.append((_on(value.page, place, value.label), value.prose))
            elif label == "uploaded to esp":
                lines.append(f"Upload time: {value.phrase}")
            elif label == "location of file":
                mentions.append(self._location(value, place))
            elif label in FACT_LABELS:
                facts.setdefault(label, value.token)
            elif value.phrase or label not in LABELS:
                self._leave(value)
        mentions += self._captures(table, place, lines)
        name, original = facts.get("filename", ""), facts.get("original filename", "")
        if original and name and original != name:
            lines.append(f"filename: {name}")
        category = CATEGORY.match(facts.get("image categorization by esp", ""))
        return FileRecord(
            file_id=facts.get("submittal id", ""),
            name=original or name,
            place=place,
            mentions=(*mentions, *mine_beside(pieces, reported=mentions)),
            classification=category.group() if category else "",
            viewed_by_provider=flags.get("viewed"),
            publicly_available=flags.get("public"),
            relevance=facts.get("file relevance", ""),
            annotations=tuple(
                one.strip() for one in facts.get("file annotations", "").split(",") if one.strip()
            ),
            text="\n".join(lines),
        )

    def _answer(self, label: str, value: Value, flags: dict[str, bool | None]) -> None:
        """Take the answer to a question; "not provided by company" is no answer."""
        answer = YES_OR_NO.get(value.phrase.rstrip(".").lower())
        if "publicly available" in label:
            flags["public"] = answer
        elif "view" in label and "exif" not in label:
            flags["viewed"] = answer
        elif "exif" not in label:
            self._leave(value)

    def _hash(self, name: str, value: Value, place: str) -> Mention:
        text = value.code
        return Mention(
            kind=IdentifierKind.HASH,
            original=text,
            value=normalising.digest(name, text),
            place=_on(value.page, place, name),
            label=name,
        )

    def _location(self, value: Value, place: str) -> Mention:
        text = value.code
        return Mention(
            kind=IdentifierKind.URL,
            original=text,
            value=normalising.url(text),
            place=_on(value.page, place, value.label),
            label="URL",
        )

    def _captures(self, table: list[Row], place: str, lines: list[str]) -> Iterator[Mention]:
        for order, row in enumerate(table, 1):
            kind, text = row.cells.get("type", ""), row.cells.get("value", "")
            when = row.cells.get("date/time", "")
            moment = moments.moment(when) if when else None
            spot = _on(row.page, place, f"Source Information[{order}]")
            event = row.cells.get("event", "")
            if kind.lower() in ("ip address", "ip"):
                port = row.cells.get("port", "")
                whole = f"{text} ({event})" + (f" Port: {port}" if port else "")
                found = capture(whole, place=spot, moment=moment)
                if found is not None:
                    yield found
                    continue
            elif kind.lower() == "url":
                yield Mention(
                    kind=IdentifierKind.URL,
                    original=text,
                    value=normalising.url(text),
                    place=spot,
                    label=kind,
                    event=event,
                    moment=moment,
                )
                continue
            elif kind and text:
                yield Mention(
                    kind=IdentifierKind.DEVICE,
                    original=text,
                    value=normalising.device(kind, text),
                    place=spot,
                    label=kind,
                    event=event,
                    moment=moment,
                )
                continue
            lines.append(" ".join(filter(None, (kind, text, event, when))))


def _on(page: int, place: str, name: str) -> str:
    """Return the place of a value that may stand on a later page than its file begins."""
    return f"page {page}/{place.partition('/')[2]}/{name}"
