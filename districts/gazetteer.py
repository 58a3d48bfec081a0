"""The gazetteer of the present version, read from the database once per process and version."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from . import reference
from .indexing import PlaceRow, build_gazetteer
from .models import (
    MAPPED_KINDS,
    Boundary,
    GazetteerVersion,
    Locality,
    PinStation,
    PoliceStation,
    StationAlias,
    StationStatus,
)
from .places import Gazetteer, StationFact


class NoGazetteer(Exception):
    """No reference data is loaded; `manage.py load_gazetteer` does it."""


def present_version() -> GazetteerVersion:
    """The version now in force. Raises NoGazetteer."""
    newest = GazetteerVersion.objects.order_by("-number").first()
    if newest is None:
        raise NoGazetteer
    return newest


def present_gazetteer() -> Gazetteer:
    """The gazetteer now in force; one small query once it is built. Raises NoGazetteer.

    Rows changed by other means than the two load commands are seen after the next version.
    """
    newest = present_version()
    return _read(newest.number, newest.digest, newest.layer_digest)


def forget() -> None:
    """Read the rows again next time; for tests, which undo versions and use their numbers again."""
    _read.cache_clear()


@lru_cache(maxsize=1)
def _read(version: int, digest: str, layer_digest: str) -> Gazetteer:  # the digests are the key
    parents: dict[str, list[str]] = defaultdict(list)
    for newer, older in PoliceStation.parents.through.objects.values_list(
        "from_policestation__code", "to_policestation__code"
    ):
        parents[newer].append(older)
    stations = PoliceStation.objects.filter(
        kind__in=MAPPED_KINDS, status=StationStatus.ACTIVE, valid_to__isnull=True
    )
    return build_gazetteer(
        version=version,
        stations=[
            StationFact(
                code=code,
                name=name,
                district_code=district,
                lat=lat,
                lon=lon,
                parents=tuple(sorted(parents[code])),
            )
            for code, name, district, lat, lon in stations.order_by("code").values_list(
                "code", "name", "district__code", "area_lat", "area_lon"
            )
        ],
        pins=PinStation.objects.order_by("pin", "rank").values_list(
            "pin", "station__code", "share"
        ),
        places=[
            PlaceRow(
                name=name, kind=kind, station=station, share=share, lat=lat, lon=lon, edge_m=edge_m
            )
            for name, kind, station, share, lat, lon, edge_m in Locality.objects.order_by(
                "name", "kind", "lat", "lon", "station__code"
            ).values_list("name", "kind", "station__code", "share", "lat", "lon", "edge_m")
        ],
        aliases=[
            *StationAlias.objects.order_by("alias", "station__code").values_list(
                "alias", "station__code"
            ),
            *stations.exclude(name_hi="").order_by("code").values_list("name_hi", "code"),
        ],
        states=reference.states(),
        cities=reference.cities(),
        pin_ranges=reference.pin_districts(),
        regions=reference.regions(),
        abroad=reference.abroad(),
        other_names=reference.other_names(),
        areas=Boundary.objects.order_by("station__code").values_list("station__code", "geojson"),
    )
