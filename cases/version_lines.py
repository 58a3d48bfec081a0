"""The documents behind a tipline: what each said, how sure its reading is, what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy_

from cases.correction_lines import word_field
from cases.masking import is_about_a_victim
from tiplines.covering import COVER, Mask
from tiplines.models import Tipline, Version
from tiplines.wording import word_not_found

FIELD_OF = {"incident_moment": "incident_at", "received_moment": "ncmec_received_at"}
FIELDS: Mapping[str, Promise] = {
    "escalation": lazy_("Reason for high priority"),
    "batched_reason": lazy_("Viral batch"),
    "stated_file_count": lazy_("Number of files"),
    "incident_moment_note": lazy_("Note on the time"),
}


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    version: Version
    format: str
    gave: tuple[str, ...]
    """The fields that it gave, where several documents speak of the report."""
    not_found: tuple[str, ...]


def version_line(version: Version) -> VersionLine:
    return VersionLine(
        version=version,
        format=version.format.upper(),
        gave=tuple(
            str(FIELDS.get(name) or word_field(FIELD_OF.get(name, name))) for name in version.filled
        ),
        not_found=tuple(map(word_not_found, version.missing)),
    )


def versions_of(tipline: Tipline) -> list[Version]:
    """Every version, the newest first. Sources are large: only those of what holds now are read."""
    newest = models.Case(
        When(Version.present(), then=F("sealed_source")),
        default=Value(None, models.BinaryField()),
        output_field=models.BinaryField(),
    )
    return list(
        tipline.versions.defer("sealed_source")
        .select_related("dispatch", "document")
        .annotate(newest_source=newest)
        .order_by("-number")
    )


def source_of(versions: Iterable[Version]) -> dict[str, Any]:
    """What the documents said; of several, each below the version that brought it."""
    held = [
        (each.number, each.opened(each.newest_source))  # type: ignore[attr-defined]
        for each in versions
        if each.newest_source is not None  # type: ignore[attr-defined]
    ]
    if len(held) == 1:
        return dict(held[0][1])
    return {f"version {number}": source for number, source in reversed(held)}


def changes_of(versions: Iterable[Version], mask: Mask) -> Iterator[tuple[int, str, str, str]]:
    """Version, path, before and after of each difference, covered like the source."""
    for version in versions:
        for path, before, after in version.difference:
            hidden = any(is_about_a_victim(part) for part in str(path).split("/"))
            old, new = (
                "" if value is None else COVER if hidden else mask.text(str(value))
                for value in (before, after)
            )
            yield version.number, mask.text(str(path)), old, new
