"""What a board shows: numbers with the address of their rows, bars, shades and trends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from districts.models import District
from operations.counting import Counted, Figure
from operations.maps import Area

SHADES = 4  # besides the lightest, which is for none

Link = Callable[[Figure, District | None], str]
"""The address of the list behind a number."""


@dataclass(frozen=True, kw_only=True)
class Number:
    figure: Figure
    number: int
    href: str
    place: str = ""
    """The district's code; empty for the whole."""

    @property
    def id(self) -> str:
        """Stays the same from poll to poll, so that the focus stays where the officer put it."""
        return f"n-{self.figure.key}-{self.place or 'all'}"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the funnel."""

    shown: Number
    percent: int
    """Of the longest step."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sparkline in a box of 100 by 20."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Trend:
    columns: tuple[Column, ...]
    days: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DistrictRow:
    district: District
    numbers: tuple[Number, ...]
    oldest: Number | None = None
    oldest_age: str = ""
    """Of the oldest open case, in words; empty without one."""
    trend: Trend | None = None


@dataclass(frozen=True, kw_only=True)
class Shaded:
    """A district on the map."""

    area: Area
    district: District
    shown: Number
    shade: int


@dataclass(frozen=True, kw_only=True)
class Band:
    """A shade of the legend and the numbers it stands for."""

    shade: int
    lowest: int
    highest: int


def number(figure: Figure, counted: Mapping[str, Counted], link: Link) -> Number:
    return Number(figure=figure, number=counted[figure.key].total, href=link(figure, None))


def number_in(
    district: District, figure: Figure, counted: Mapping[str, Counted], link: Link
) -> Number:
    return Number(
        figure=figure,
        number=counted[figure.key].of(district.pk),
        href=link(figure, district),
        place=district.code,
    )


def steps(
    figures: Sequence[Figure], counted: Mapping[str, Counted], link: Link
) -> tuple[Step, ...]:
    longest = max((counted[figure.key].total for figure in figures), default=0)
    return tuple(
        Step(
            shown=number(figure, counted, link),
            percent=percent(counted[figure.key].total, of=longest),
        )
        for figure in figures
    )


def percent(part: int, *, of: int) -> int:
    """Rounded, yet never 0 for something and never 100 for less than all."""
    if part <= 0 or of <= 0:
        return 0
    if part >= of:
        return 100
    return min(max(round(100 * part / of), 1), 99)


def district_rows(
    districts: Sequence[District],
    columns: Sequence[Figure],
    counted: Mapping[str, Counted],
    link: Link,
    *,
    now: datetime,
    oldest: Figure | None = None,
    trends: Mapping[int, list[int]] | None = None,
) -> tuple[DistrictRow, ...]:
    highest = max((max(days) for days in (trends or {}).values()), default=0)
    return tuple(
        DistrictRow(
            district=district,
            numbers=tuple(number_in(district, figure, counted, link) for figure in columns),
            oldest=number_in(district, oldest, counted, link) if oldest else None,
            oldest_age=(
                age_words(now - counted[oldest.key].earliest_by_district[district.pk])
                if oldest and district.pk in counted[oldest.key].earliest_by_district
                else ""
            ),
            trend=(
                sparkline(trends[district.pk], highest=highest)
                if trends and district.pk in trends
                else None
            ),
        )
        for district in districts
    )


def age_words(age: timedelta) -> str:
    """In the largest unit that fits, e.g. 4 d."""
    seconds = max(int(age.total_seconds()), 0)
    if seconds >= 24 * 3600:
        return _("%(count)s d") % {"count": seconds // (24 * 3600)}
    if seconds >= 3600:
        return _("%(count)s h") % {"count": seconds // 3600}
    if seconds >= 60:
        return _("%(count)s min") % {"count": seconds // 60}
    return _("%(count)s s") % {"count": seconds}


def sparkline(days: Sequence[int], *, highest: int) -> Trend:
    """Columns to one scale for all districts, so that two rows can be compared."""
    wide = 100 / len(days)
    columns = []
    for index, value in enumerate(days):
        high = 1.0 if not value or not highest else max(20 * value / highest, 2.0)
        columns.append(
            Column(
                x=round(index * wide + 0.5, 1),
                y=round(20 - high, 1),
                width=round(wide - 1, 1),
                height=round(high, 1),
            )
        )
    return Trend(columns=tuple(columns), days=tuple(days))


def shaded(
    districts: Sequence[District],
    areas: Mapping[int, Area],
    figure: Figure,
    counted: Mapping[str, Counted],
    link: Link,
) -> tuple[tuple[Shaded, ...], tuple[Band, ...]]:
    """The districts of the map and the legend; equal steps up to the highest number."""
    highest = max((counted[figure.key].of(district.pk) for district in districts), default=0)
    places = tuple(
        Shaded(
            area=areas[district.pk],
            district=district,
            shown=number_in(district, figure, counted, link),
            shade=shade(counted[figure.key].of(district.pk), highest=highest),
        )
        for district in districts
        if district.pk in areas
    )
    return places, legend(highest)


def shade(value: int, *, highest: int) -> int:
    """0 for none, else 1 to SHADES."""
    return 0 if value <= 0 else -(-value * SHADES // highest)


def legend(highest: int) -> tuple[Band, ...]:
    bands = [Band(shade=0, lowest=0, highest=0)]
    for step in range(1, SHADES + 1):
        lowest, top = highest * (step - 1) // SHADES + 1, highest * step // SHADES
        if lowest <= top:
            bands.append(Band(shade=step, lowest=lowest, highest=top))
    return tuple(bands)
