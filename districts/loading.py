"""Reference data and boundary layers into rows. Both may be run again: nothing changes twice."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from django.db import transaction
from django.utils import timezone

from . import reference
from .folding import fold
from .gazetteer import keep, keep_missing, rows_in_tables
from .layer_file import UnreadableBoundaries, geometries_of
from .merging import Changes, lock, merge
from .models import (
    Boundary,
    District,
    GazetteerVersion,
    Locality,
    PinStation,
    PoliceStation,
    StationAlias,
    StationKind,
    SubDivision,
)


class ReorganisationWaits(Exception):
    """A new set of stations and areas waits for its day: what is loaded now would be lost then."""

    def __str__(self) -> str:
        return "a reorganisation is proposed or waits for its day; load after it, or call it off"


class FilesOfBefore(Exception):
    """The reference files know nothing of a reorganisation that is in force; the text names it."""


@dataclass(kw_only=True)
class LoadReport:
    version: int
    is_new: bool
    tables: dict[str, Changes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BoundaryReport:
    version: int
    changes: Changes
    unknown: tuple[str, ...]
    """Codes in the file that no station has; their features were left out."""
    without: tuple[str, ...]
    """Territorial stations that the file gives no area."""


@transaction.atomic
def load_gazetteer(*, at: datetime, folder: Path = reference.DATA) -> LoadReport:
    """Bring the tables to what the files say. A new version is made only if something changed.

    Raises ReorganisationWaits and FilesOfBefore.
    """
    lock()
    last = _last()
    _check_files(folder)
    digest = reference.digest(folder=folder)
    version = _next_version(last, digest=digest, at=at, note="reference data")
    report = LoadReport(version=version.number, is_new=True)
    report.tables = _load_tables(folder, version, on=timezone.localdate(at))
    if last and last.digest == digest and not any(t.any for t in report.tables.values()):
        version.delete()
        report.version, report.is_new = last.number, False
    else:
        keep(version, rows_in_tables(folder=folder))
    return report


@transaction.atomic
def load_boundaries(*, layer: Any, source: str, at: datetime) -> BoundaryReport:
    """Replace the boundary layer by a GeoJSON FeatureCollection with `ps_code` on each feature.

    Raises UnreadableBoundaries, and then nothing has changed. Coordinates are WGS84.
    """
    lock()
    last = _last()
    if last is None:
        raise UnreadableBoundaries("no stations are loaded yet; run load_gazetteer first")
    shapes = geometries_of(layer)
    stations = dict(PoliceStation.objects.values_list("code", "pk"))
    known = {code: geometry for code, geometry in shapes.items() if code in stations}
    if not known:
        raise UnreadableBoundaries("no feature names a station that is loaded")
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
    version = _next_version(last, digest=last.digest, at=at, note=f"boundaries: {source}"[:500])
    version.layer_digest = digest
    version.save(update_fields=["layer_digest"])
    changes = merge(
        Boundary,
        ("station_id",),
        [
            {"station_id": stations[code], "geojson": known[code], "source": source[:200]}
            for code in sorted(known)
        ],
        version,
        new={"loaded_at": at},
    )
    number = version.number
    if changes.any:
        keep(version, rows_in_tables())
    else:
        version.delete()
        number = last.number
    territorial = PoliceStation.objects.territorial().filter(valid_to__isnull=True)
    return BoundaryReport(
        version=number,
        changes=changes,
        unknown=tuple(sorted(set(shapes) - set(known))),
        without=tuple(
            territorial.exclude(code__in=known).order_by("code").values_list("code", flat=True)
        ),
    )


def _last() -> GazetteerVersion | None:
    """Raises ReorganisationWaits."""
    if GazetteerVersion.objects.waiting().exists():
        raise ReorganisationWaits
    keep_missing()
    return GazetteerVersion.objects.newest()


def _check_files(folder: Path) -> None:
    listed = {row["code"] for row in reference.rows("police_stations", folder=folder)}
    stands: dict[str, tuple[bool, int]] = {}
    for version in GazetteerVersion.objects.filter(applied_at__isnull=False).order_by("number"):
        stands |= {each["code"]: (True, version.number) for each in version.opens}
        stands |= dict.fromkeys(version.closes, (False, version.number))
    for code, (is_open, number) in sorted(stands.items()):
        if is_open != (code in listed):
            raise FilesOfBefore(f"police_stations.csv is of before gazetteer {number}: see {code}")


def _next_version(
    last: GazetteerVersion | None, *, digest: str, at: datetime, note: str
) -> GazetteerVersion:
    return GazetteerVersion.objects.create(
        number=last.number + 1 if last else 1,
        digest=digest,
        layer_digest=last.layer_digest if last else "",
        loaded_at=at,
        note=note,
    )


def _load_tables(folder: Path, version: GazetteerVersion, *, on: date) -> dict[str, Changes]:
    tables: dict[str, Changes] = {}
    files = {name: reference.rows(name, folder=folder) for name in reference.FILES}
    starts, parents = _changes_of_jurisdiction(files["jurisdiction_changes"])
    station_rows = files["police_stations"]

    tables["districts"] = merge(
        District,
        ("code",),
        _district_rows(files["districts"], station_rows, starts),
        version,
        close_on=on,
    )
    districts = dict(District.objects.values_list("code", "pk"))
    tables["sub-divisions"] = merge(
        SubDivision,
        ("district_id", "name"),
        [
            {"district_id": districts[row["district_code"]], "name": row["sub_division"]}
            for row in files["sub_divisions"]
        ],
        version,
        close_on=on,
    )
    sub_divisions = {
        (district, name): pk
        for district, name, pk in SubDivision.objects.values_list("district_id", "name", "pk")
    }
    tables["stations"] = merge(
        PoliceStation,
        ("code",),
        [_station_row(row, districts, sub_divisions, starts) for row in station_rows],
        version,
        close_on=on,
    )
    stations = dict(PoliceStation.objects.values_list("code", "pk"))
    district_of = dict(PoliceStation.objects.values_list("pk", "district_id"))
    tables["parents of stations"] = _merge_parents(parents, stations)
    tables["aliases"] = merge(
        StationAlias,
        ("alias", "station_id"),
        [
            {"alias": row["alias"], "station_id": stations[row["ps_code"]]}
            for row in files["ps_aliases"]
        ],
        version,
    )
    tables["stations of PINs"] = merge(
        PinStation,
        ("pin", "station_id"),
        [
            {
                "pin": row["pin"],
                "rank": int(row["rank"]),
                "station_id": stations[row["ps_code"]],
                "share": float(row["model_area_share"]),
            }
            for row in files["pin_police_stations"]
        ],
        version,
    )
    tables["localities"] = merge(
        Locality,
        ("name", "kind", "station_id", "lat", "lon"),
        [
            *(_locality_row(row, districts, stations) for row in files["localities"]),
            *(each for row in files["places"] for each in _place_rows(row, stations, district_of)),
        ],
        version,
    )
    return tables


def _changes_of_jurisdiction(
    rows: Iterable[dict[str, str]],
) -> tuple[dict[str, date], dict[str, list[str]]]:
    """Code of district or station to its first day, and of stations to the ones it came out of."""
    starts: dict[str, date] = {}
    parents: dict[str, list[str]] = {}
    for row in rows:
        codes = reference.split(row["district_code"]) + reference.split(row["ps_codes"])
        for code in codes:
            if row["effective_date"]:
                starts[code] = date.fromisoformat(row["effective_date"])
            if row["parent_ps_codes"]:
                parents[code] = reference.split(row["parent_ps_codes"])
    return starts, parents


def _district_rows(
    rows: Iterable[dict[str, str]],
    station_rows: Iterable[dict[str, str]],
    starts: Mapping[str, date],
) -> list[dict[str, Any]]:
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in station_rows:
        if row["kind"] == StationKind.TERRITORIAL and row["area_point_lat"]:
            point = float(row["area_point_lat"]), float(row["area_point_lon"])
            points[row["district_code"]].append(point)
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "name_hi": row["name_hi"],
            "kind": row["kind"],
            "range_name": row["range"],
            "cctns_code": row["cctns_code"],
            "valid_from": starts.get(row["code"]),
            "centre_lat": _centre(points[row["code"]], axis=0),
            "centre_lon": _centre(points[row["code"]], axis=1),
        }
        for row in rows
    ]


def _centre(points: list[tuple[float, float]], *, axis: int) -> float | None:
    return round(fmean(point[axis] for point in points), 6) if points else None


def _station_row(
    row: dict[str, str],
    districts: Mapping[str, int],
    sub_divisions: Mapping[tuple[int, str], int],
    starts: Mapping[str, date],
) -> dict[str, Any]:
    district = districts[row["district_code"]]
    return {
        "code": row["code"],
        "name": row["name"],
        "name_hi": row.get("name_hi", ""),
        "district_id": district,
        "sub_division_id": sub_divisions.get((district, row["sub_division"])),
        "kind": row["kind"],
        "status": row["status"],
        "cctns_code": row["cctns_code"],
        "lat": reference.number(row["lat"]),
        "lon": reference.number(row["lon"]),
        "area_lat": reference.number(row["area_point_lat"]),
        "area_lon": reference.number(row["area_point_lon"]),
        "area_sqkm": reference.number(row["area_sqkm"]),
        "valid_from": starts.get(row["code"]),
    }


def _locality_row(
    row: dict[str, str], districts: Mapping[str, int], stations: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "name": row["locality"],
        "folded_name": " ".join(fold(row["locality"])),
        "kind": row["kind"],
        "station_id": stations[row["ps_code"]],
        "district_id": districts[row["district_code"]],
        "share": reference.number(row["ps_share"]),
        "lat": float(row["lat"]),
        "lon": float(row["lon"]),
        "edge_m": reference.number(row["edge_m"]),
        "confidence": row["confidence"],
        "source": row["source"],
    }


def _place_rows(
    row: dict[str, str], stations: Mapping[str, int], district_of: Mapping[int, int]
) -> list[dict[str, Any]]:
    """A point and the shares of the stations around it, a row for each station."""
    shares = [part.rpartition(":") for part in reference.split(row["stations"])]
    return [
        {
            "name": row["name"],
            "folded_name": " ".join(fold(row["name"])),
            "kind": row["kind"],
            "station_id": stations[code],
            "district_id": district_of[stations[code]],
            "share": float(share),
            "lat": float(row["lat"]),
            "lon": float(row["lon"]),
            "edge_m": None,
            "confidence": row["confidence"],
            "source": row["source"],
        }
        for code, _, share in shares
    ]


def _merge_parents(parents: Mapping[str, list[str]], stations: Mapping[str, int]) -> Changes:
    through = PoliceStation.parents.through
    wanted = {
        (stations[newer], stations[older]) for newer, olders in parents.items() for older in olders
    }
    present = {
        (newer, older): pk
        for newer, older, pk in through.objects.values_list(
            "from_policestation_id", "to_policestation_id", "pk"
        )
    }
    gone = [pk for pair, pk in present.items() if pair not in wanted]
    through.objects.filter(pk__in=gone).delete()
    added = [
        through(from_policestation_id=newer, to_policestation_id=older)
        for newer, older in sorted(wanted - set(present))
    ]
    through.objects.bulk_create(added)
    return Changes(total=len(wanted), added=len(added), removed=len(gone))
