"""A made moment in the spelling of its sender."""

from __future__ import annotations

from datetime import timedelta

from tiplines.making.reports import MadeMoment, ZoneStyle

INDIA_OFFSET = timedelta(hours=5, minutes=30)


def iso_text(moment: MadeMoment) -> str:
    """ISO 8601; without zone the digits are UTC, which the reader of the text cannot know."""
    if moment.style is ZoneStyle.UTC:
        return moment.at.isoformat()[:19] + "Z"
    if moment.style is ZoneStyle.FRACTION:
        return f"{moment.at.isoformat()[:19]}.{moment.at.microsecond // 1000:03d}Z"
    if moment.style is ZoneStyle.INDIA:
        return (moment.at + INDIA_OFFSET).isoformat()[:19] + "+05:30"
    return moment.at.isoformat()[:19]
