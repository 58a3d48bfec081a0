"""A reorganisation as a version that waits for its day, and what happens on that day.

Until then no table changes: the version is a snapshot and two lists of stations. On the day the
workers open and close stations, bring the tables to the snapshot and put the version in force.
Closed stations stay as rows with their last day, and cases stay with them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Max, QuerySet

from .folding import fold
from .gazetteer import keep, keep_missing, present_version, rows_of
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
from .reorganising import Reorganisation, reorganised
from .snapshots import Rows


def rows_after(change: Reorganisation, *, back_to: int | None = None) -> Rows:
    """The rows as they will be; with `back_to` those of that earlier version.

    Raises gazetteer.NoGazetteer.
    """
    keep_missing()
    if back_to is not None:
        return rows_of(back_to)
    return reorganised(rows_of(present_version().number), change)


def hold(
    change: Reorganisation, *, back_to: int | None, from_on: date, source: str, at: datetime
) -> GazetteerVersion:
    """Make the version that waits. Within a transaction that holds the lock of loads."""
    rows, present = rows_after(change, back_to=back_to), present_version()
    layer = json.dumps(dict(rows.areas), sort_keys=True)
    highest = GazetteerVersion.objects.aggregate(highest=Max("number"))["highest"]
    version = GazetteerVersion.objects.create(
        number=highest + 1,
        digest=present.digest,
        layer_digest=hashlib.sha256(layer.encode()).hexdigest() if rows.areas else "",
        loaded_at=at,
        note=f"reorganisation: {source}"[:500],
        from_on=from_on,
        opens=[vars(each) for each in change.opens],
        closes=list(change.closes),
    )
    keep(version, rows)
    return version


def drop(waiting: QuerySet[GazetteerVersion]) -> None:
    """Forget versions that will not come in force."""
    GazetteerSnapshot.objects.filter(version__in=waiting).delete()
    waiting.delete()


def put_in_force(version: GazetteerVersion, *, on: date, at: datetime) -> None:
    """Bring the tables to a version that waited. Within a transaction."""
    lock()
    rows = rows_of(version.number)
    PoliceStation.objects.filter(code__in=version.closes).update(valid_to=on, version=version)
    open_stations(version, rows, on=on)
    bring_tables(version, rows, at=at)
    version.applied_at = at
    version.save(update_fields=["applied_at"])


def open_stations(version: GazetteerVersion, rows: Rows, *, on: date) -> None:
    districts = dict(District.objects.values_list("code", "pk"))
    points = {station.code: (station.lat, station.lon) for station in rows.stations}
    for each in version.opens:
        again = PoliceStation.objects.filter(code=each["code"])
        if again.update(valid_to=None, version=version):  # an earlier state comes back
            continue
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
