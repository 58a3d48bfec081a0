"""A report as a document of a dispatch brought it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from tiplines.parsing.records import TipReport
from tiplines.services.cleaning import clean, clean_tree


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A report as a document of a dispatch brought it."""

    report: TipReport
    document_id: int
    dispatch_id: int
    is_read_again: bool = False
    """Whether the document was read before, to its end, and an officer has it read again."""
    source: str = field(init=False)
    """What the document said, as canonical JSON."""
    sha256: str = field(init=False)
    number: str = field(init=False)

    def __post_init__(self) -> None:
        source = canonical(self.report.source)
        digest = hashlib.sha256(source.encode()).hexdigest()
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "sha256", digest)
        object.__setattr__(self, "number", clean(self.report.number or f"U-{digest[:12]}", 40))

    @property
    def is_whole(self) -> bool:
        """Whether it is a report; else an addition to one, as files that came apart from it."""
        return self.report.format != "xml" or "report" in self.report.source

    @property
    def is_stub(self) -> bool:
        return self.report.format == "list"


def canonical(source: dict[str, Any]) -> str:
    """JSON that the database can hold, the same for the same content."""
    text = json.dumps(source, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text or not is_storable(text):
        return canonical(clean_tree(source))
    return text


def is_storable(text: str) -> bool:
    """Whether it has a UTF-8 form: a lone surrogate has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
