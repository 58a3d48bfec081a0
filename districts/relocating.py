"""A reorganisation as a version that waits for its day, and what happens on that day.

Until then no table changes: the version is a snapshot and two lists of stations. On the day the
workers open and close stations, bring the tables to the snapshot and put the version in force.
Closed stations stay as rows with their last day, and cases stay with them.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit.services import record

from . import reference
from .folding import fold
from .gazetteer import keep, keep_missing, present_version, rows_of
from .layer_file import geometries_of
from .merging import lock, merge
from .models import (
    Boundary,
    District,
    GazetteerSnapshot,
    GazetteerVersion,
    Locality,
    PinStation,
    PoliceStation,
    StationKind,
)
from .reorganising import Opened, Reorganisation, WrongReorganisation, reorganised
from .snapshots import Rows

COLUMNS = ("change", "ps_code", "name", "name_hi", "district_code", "parent_ps_codes")


def read_change(*, stations: Iterable[str], layer: Any) -> Reorganisation:
    """From the lines of a CSV file with COLUMNS (`change` is `opens` or `closes`) and a GeoJSON
    layer of all areas. Raises WrongReorganisation and layer_file.UnreadableBoundaries.
    """
    lines = csv.DictReader(stations)
    missing = [name for name in COLUMNS if name not in (lines.fieldnames or [])]
    if missing:
        raise WrongReorganisation(f"the list of stations has no column {missing[0]}")
    opens, closes = [], []
    for row in lines:
        match row["change"]:
            case "opens":
                opens.append(
                    Opened(
                        code=row["ps_code"],
                        name=row["name"],
                        name_hi=row["name_hi"],
                        district_code=row["district_code"],
                        parents=tuple(reference.split(row["parent_ps_codes"])),
                    )
                )
            case "closes":
                closes.append(row["ps_code"])
            case other:
                raise WrongReorganisation(f"{row['ps_code']} neither opens nor closes: {other!r}")
    return Reorganisation(opens=tuple(opens), closes=tuple(closes), areas=geometries_of(layer))


def rows_after(change: Reorganisation) -> Rows:
    """Raises WrongReorganisation and gazetteer.NoGazetteer."""
    keep_missing()
    return reorganised(rows_of(present_version().number), change)


@transaction.atomic
def propose(*, change: Reorganisation, from_on: date, source: str, at: datetime) -> int:
    """Keep a reorganisation for its day, in the place of one that waits; return its number.

    Raises WrongReorganisation and gazetteer.NoGazetteer.
    """
    lock()
    take_back()
    rows = rows_after(change)
    present = present_version()
    layer = json.dumps(dict(change.areas), sort_keys=True)
    highest = GazetteerVersion.objects.aggregate(highest=Max("number"))["highest"]
    version = GazetteerVersion.objects.create(
        number=highest + 1,
        digest=present.digest,
        layer_digest=hashlib.sha256(layer.encode()).hexdigest(),
        loaded_at=at,
        note=f"reorganisation: {source}"[:500],
        from_on=from_on,
        opens=[vars(each) for each in change.opens],
        closes=list(change.closes),
    )
    keep(version, rows)
    record(
        verb="gazetteer.reorganisation-loaded",
        subject=f"gazetteer:{version.number}",
        actor=None,
        at=at,
        detail={
            "from": from_on.isoformat(),
            "opens": [each.code for each in change.opens],
            "closes": list(change.closes),
        },
    )
    return version.number


def take_back() -> bool:
    """Forget the reorganisation that waits; whether there was one."""
    waiting = GazetteerVersion.objects.waiting()
    GazetteerSnapshot.objects.filter(version__in=waiting).delete()
    return bool(waiting.delete()[0])


@transaction.atomic
def apply_due(*, today: date, at: datetime) -> int:
    """Put the waiting reorganisation in force if its day has come; return its number, or 0."""
    due = GazetteerVersion.objects.waiting().filter(from_on__lte=today)
    if not due.exists():
        return 0
    lock()
    version = due.select_for_update().first()
    if version is None:
        return 0
    rows = rows_of(version.number)
    on = version.from_on or today
    PoliceStation.objects.filter(code__in=version.closes).update(valid_to=on, version=version)
    open_stations(version, rows, on=on)
    bring_tables(version, rows, at=at)
    version.applied_at = at
    version.save(update_fields=["applied_at"])
    record(verb="gazetteer.in-force", subject=f"gazetteer:{version.number}", actor=None, at=at)
    return version.number


def open_stations(version: GazetteerVersion, rows: Rows, *, on: date) -> None:
    districts = dict(District.objects.values_list("code", "pk"))
    points = {station.code: (station.lat, station.lon) for station in rows.stations}
    for each in version.opens:
        lat, lon = points[each["code"]]
        station = PoliceStation.objects.create(
            code=each["code"],
            name=each["name"],
            name_hi=each["name_hi"],
            district_id=districts[each["district_code"]],
            kind=StationKind.TERRITORIAL,
            area_lat=lat,
            area_lon=lon,
            valid_from=on,
            version=version,
        )
        station.parents.set(PoliceStation.objects.filter(code__in=each["parents"]))


def bring_tables(version: GazetteerVersion, rows: Rows, *, at: datetime) -> None:
    """Areas, PINs and localities as the snapshot has them: what is loaded next starts from it."""
    stations = {code: (pk, district) for code, pk, district in station_keys()}
    areas = [
        {
            "station_id": stations[code][0],
            "geojson": geometry,
            "source": version.note[:200],
        }
        for code, geometry in rows.areas
    ]
    merge(Boundary, ("station_id",), areas, version, new={"loaded_at": at})
    rank: Counter[str] = Counter()
    pins = []
    for pin, code, share in rows.pins:
        rank[pin] += 1
        pins.append(
            {"pin": pin, "rank": rank[pin], "station_id": stations[code][0], "share": share}
        )
    merge(PinStation, ("pin", "station_id"), pins, version)
    wanted = list(localities(rows, stations))
    merge(Locality, ("name", "kind", "station_id", "lat", "lon"), wanted, version)


def station_keys() -> Iterator[tuple[str, int, int]]:
    yield from PoliceStation.objects.values_list("code", "pk", "district_id")


def localities(rows: Rows, stations: dict[str, tuple[int, int]]) -> Iterator[dict[str, Any]]:
    said = {
        (name, kind, lat, lon): (confidence, source)
        for name, kind, lat, lon, confidence, source in Locality.objects.values_list(
            "name", "kind", "lat", "lon", "confidence", "source"
        )
    }
    for row in rows.places:
        station, district = stations[row.station]
        confidence, source = said.get(
            (row.name, row.kind, row.lat, row.lon), ("derived", "reorganisation")
        )
        yield {
            "name": row.name,
            "folded_name": " ".join(fold(row.name)),
            "kind": row.kind,
            "station_id": station,
            "district_id": district,
            "share": row.share,
            "lat": row.lat,
            "lon": row.lon,
            "edge_m": row.edge_m,
            "confidence": confidence,
            "source": source,
        }
