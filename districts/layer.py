"""What the map of an answer is drawn from, read once per process and state of the gazetteer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language
from shapely.geometry import shape

from .drawing import Layer, Mark, flat
from .evidence import Reason
from .folding import fold
from .models import Boundary, District, GazetteerVersion, Locality, PoliceStation
from .places import plane

MARKS_AT_MOST = 3  # named localities on one map
NAMED = ("locality-name", "locality-like")
"""Reasons that say which locality the text names, as their parameter `name`."""
STATION_NAME_KIND = "station name"
TAILS = ("", " part", " po", " so")
"""What the lists add to a name, which the locator leaves out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Mapped:
    """The layer, and what its stations and districts are called."""

    layer: Layer
    english: Mapping[str, str]
    """Codes of stations and of districts with their names."""
    hindi: Mapping[str, str]
    """The same where a Hindi name is known."""
    stations_of: Mapping[str, tuple[str, ...]]
    """District code to the codes of its stations."""

    @property
    def names(self) -> dict[str, str]:
        """Names by code in the active language."""
        is_hindi = (get_language() or "").startswith("hi")
        return {**self.english, **self.hindi} if is_hindi else dict(self.english)


def present_map() -> Mapped:
    """What can be drawn now; one small statement once it is read. Empty without a gazetteer."""
    newest = GazetteerVersion.objects.newest()
    if newest is None:
        return Mapped(layer=Layer(areas={}, points={}), english={}, hindi={}, stations_of={})
    return _read(newest.number, newest.digest, newest.layer_digest)


def forget() -> None:
    """Read the rows again next time; for tests, which undo versions and use their numbers again."""
    _read.cache_clear()


@lru_cache(maxsize=1)
def _read(version: int, digest: str, layer_digest: str) -> Mapped:  # they are the key
    areas = Boundary.objects.order_by("station__code").values_list("station__code", "geojson")
    stations = list(PoliceStation.objects.select_related("district").order_by("code"))
    districts = list(District.objects.order_by("code"))
    named = [(each.code, each.name, each.name_hi) for each in districts]
    named += [(each.code, each.name, each.name_hi) for each in stations]
    stations_of: dict[str, tuple[str, ...]] = {}
    for each in stations:
        code = each.district.code
        stations_of[code] = (*stations_of.get(code, ()), each.code)
    return Mapped(
        layer=Layer(
            areas={code: flat(shape(geojson.get("geometry", geojson))) for code, geojson in areas},
            points={
                each.code: plane(each.area_lat, each.area_lon)
                for each in stations
                if each.area_lat is not None and each.area_lon is not None
            },
        ),
        english={code: name for code, name, _ in named},
        hindi={code: name_hi for code, _, name_hi in named if name_hi},
        stations_of=stations_of,
    )


def marks_of(reasons: Iterable[Reason], stations: Sequence[str]) -> list[Mark]:
    """Points of the localities that the text names, in these stations: a name may be elsewhere too.

    A locality that is listed in parts, one for each station, is marked at its first part.
    """
    names = {str(dict(reason.params)["name"]): None for reason in reasons if reason.code in NAMED}
    folded = {f"{' '.join(fold(name))}{tail}": name for name in reversed(names) for tail in TAILS}
    if not folded:
        return []
    rows = (
        Locality.objects.filter(folded_name__in=folded, station__code__in=stations)
        .exclude(kind=STATION_NAME_KIND)
        .order_by("-share", "pk")
        .values_list("folded_name", "lat", "lon")
    )
    first: dict[str, Mark] = {}
    for folded_name, lat, lon in rows:
        name = folded[folded_name]
        first.setdefault(name, Mark(lat=lat, lon=lon, name=name))
    return list(first.values())[:MARKS_AT_MOST]
