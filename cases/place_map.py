"""The map of where a tipline or an address belongs, as the pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from districts.drawing import SHADES, Drawing, Mark, Shaded, draw, shade_of
from districts.evidence import Reason
from districts.layer import Mapped, marks_of
from districts.locating import Candidate


@dataclass(frozen=True, kw_only=True)
class Band:
    """One line of the legend: percent from and to."""

    shade: int
    lowest: int
    highest: int


@dataclass(frozen=True, kw_only=True)
class PlaceMap:
    drawing: Drawing
    bands: tuple[Band, ...]
    """Those shades that are used, darkest first."""


def map_of(
    mapped: Mapped,
    candidates: Sequence[Candidate],
    reasons: Iterable[Reason],
    *,
    points: Iterable[tuple[float, float]] = (),
) -> PlaceMap | None:
    """The map of candidates, highest share first, with the points given and the localities that
    the reasons name. None where none of them can be placed.
    """
    names = mapped.names
    shaded = [_shaded(each, mapped, names) for each in candidates]
    stations = [code for each in shaded for code in each.stations]
    marks = [Mark(lat=lat, lon=lon) for lat, lon in points]
    marks += marks_of(reasons, stations)
    drawing = draw(mapped.layer, shaded, names=names, marks=marks)
    if drawing is None:
        return None
    used = {each.shade for each in drawing.candidates}
    return PlaceMap(drawing=drawing, bands=tuple(band for band in legend() if band.shade in used))


def _shaded(each: Candidate, mapped: Mapped, names: dict[str, str]) -> Shaded:
    code = each.station_code or each.district_code
    stations = (each.station_code,) if each.station_code else mapped.stations_of.get(code, ())
    return Shaded(
        name=names.get(code, code),
        share=each.share,
        stations=stations,
        district=names.get(each.district_code, each.district_code),
    )


def legend() -> list[Band]:
    """Every shade with the percents that it stands for, darkest first."""
    by_shade: dict[int, list[int]] = {}
    for percent in range(101):
        by_shade.setdefault(shade_of(percent / 100), []).append(percent)
    return [
        Band(shade=shade, lowest=min(by_shade[shade]), highest=max(by_shade[shade]))
        for shade in range(SHADES, 0, -1)
    ]
