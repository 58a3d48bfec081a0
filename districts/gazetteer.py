"""The gazetteer of a version, built once per process and version from what was kept with it."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from . import reference
from .indexing import PlaceRow
from .models import (
    MAPPED_KINDS,
    Boundary,
    GazetteerSnapshot,
    GazetteerVersion,
    Locality,
    PinStation,
    PoliceStation,
    StationAlias,
    StationStatus,
)
from .places import Gazetteer, StationFact
from .snapshots import Packed, Rows, pack, unpack

BUILT_AT_MOST = 3  # some ten megabytes each: the present one, and what a replay goes through


class NoGazetteer(Exception):
    """No reference data is loaded; `manage.py load_gazetteer` does it."""


class NotKept(Exception):
    """No snapshot was kept with the version: it was loaded before there were any."""

    def __init__(self, number: int) -> None:
        super().__init__(f"gazetteer {number} was not kept")
        self.number = number


def present_version() -> GazetteerVersion:
    """The version now in force. Raises NoGazetteer."""
    newest = GazetteerVersion.objects.newest()
    if newest is None:
        raise NoGazetteer
    return newest


def present_gazetteer() -> Gazetteer:
    """The gazetteer now in force; one small query once it is built. Raises NoGazetteer.

    Rows changed by other means than the load commands are seen after the next version.
    """
    newest = present_version()
    try:
        kept = newest.snapshot
    except GazetteerSnapshot.DoesNotExist:
        return _from_tables(newest.number, newest.digest, newest.layer_digest)
    return _from_snapshot(newest.number, kept.digest)


def gazetteer_of(number: int) -> Gazetteer:
    """The gazetteer as it was at a version, whatever the tables hold by now.

    Raises NotKept and snapshots.DamagedSnapshot.
    """
    kept = GazetteerSnapshot.objects.filter(version__number=number).values_list("digest", flat=True)
    digest = kept.first()
    if digest is None:
        raise NotKept(number)
    return _from_snapshot(number, digest)


def rows_of(number: int) -> Rows:
    """What `gazetteer_of` builds from. Raises NotKept and snapshots.DamagedSnapshot."""
    kept = GazetteerSnapshot.objects.filter(version__number=number).first()
    if kept is None:
        raise NotKept(number)
    return unpack(Packed(digest=kept.digest, content=bytes(kept.content)))


def keep(version: GazetteerVersion, rows: Rows) -> None:
    """Keep the rows with their version."""
    packed = pack(rows)
    made = GazetteerSnapshot(version=version, digest=packed.digest, content=packed.content)
    # Two workers may keep a missing one at once: the same rows.
    GazetteerSnapshot.objects.bulk_create([made], ignore_conflicts=True)


def keep_missing() -> None:
    """A newest version that was loaded before snapshots were kept gets one while its rows stand:
    the load commands ask for it first, and the workers.
    """
    newest = GazetteerVersion.objects.newest()
    if newest is not None and not GazetteerSnapshot.objects.filter(version=newest).exists():
        keep(newest, rows_in_tables())


def forget() -> None:
    """Read the rows again next time; for tests, which undo versions and use their numbers again."""
    _from_snapshot.cache_clear()
    _from_tables.cache_clear()


@lru_cache(maxsize=BUILT_AT_MOST)
def _from_snapshot(version: int, digest: str) -> Gazetteer:  # the digest is part of the key
    return rows_of(version).build(version=version)


@lru_cache(maxsize=1)
def _from_tables(version: int, digest: str, layer_digest: str) -> Gazetteer:
    return rows_in_tables().build(version=version)


def rows_in_tables(*, folder: Path = reference.DATA) -> Rows:
    """What the tables say now; States and cities, which have no table, from the files."""
    parents: dict[str, list[str]] = defaultdict(list)
    for newer, older in PoliceStation.parents.through.objects.values_list(
        "from_policestation__code", "to_policestation__code"
    ):
        parents[newer].append(older)
    stations = PoliceStation.objects.filter(
        kind__in=MAPPED_KINDS, status=StationStatus.ACTIVE, valid_to__isnull=True
    )
    return Rows(
        stations=tuple(
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
        ),
        pins=tuple(
            PinStation.objects.order_by("pin", "rank").values_list("pin", "station__code", "share")
        ),
        places=tuple(
            PlaceRow(
                name=name, kind=kind, station=station, share=share, lat=lat, lon=lon, edge_m=edge_m
            )
            for name, kind, station, share, lat, lon, edge_m in Locality.objects.order_by(
                "name", "kind", "lat", "lon", "station__code"
            ).values_list("name", "kind", "station__code", "share", "lat", "lon", "edge_m")
        ),
        aliases=(
            *StationAlias.objects.order_by("alias", "station__code").values_list(
                "alias", "station__code"
            ),
            *stations.exclude(name_hi="").order_by("code").values_list("name_hi", "code"),
        ),
        states=tuple(reference.states(folder=folder)),
        cities=tuple(reference.cities(folder=folder)),
        pin_ranges=tuple(reference.pin_districts(folder=folder)),
        regions=reference.regions(folder=folder),
        abroad=reference.abroad(folder=folder),
        other_names=tuple(reference.other_names(folder=folder)),
        post_towns=reference.post_towns(folder=folder),
        areas=tuple(
            Boundary.objects.order_by("station__code").values_list("station__code", "geojson")
        ),
    )
