"""A made-up gazetteer as rows: two districts, four stations, two PINs, a few places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from districts import gazetteer, layer
from districts.folding import fold
from districts.models import Boundary, GazetteerVersion, Locality, PinStation, PoliceStation
from tests.districts.made import AREAS, PINS, PLACES, STATIONS
from tests.factories import NOON, make_district, make_gazetteer_version, make_station

DISTRICTS = {"AAA": "Amra", "BBB": "Banga"}


@contextmanager
def made_rows(*, with_areas: bool = True) -> Iterator[GazetteerVersion]:
    """The rows of `tests.districts.made`; what was read of others before is forgotten."""
    forget()
    version = make_gazetteer_version()
    stations: dict[str, PoliceStation] = {}
    for fact in STATIONS:
        district = make_district(
            code=fact.district_code, name=DISTRICTS[fact.district_code], name_hi=""
        )
        station = make_station(code=fact.code, name=fact.name, district=district)
        PoliceStation.objects.filter(pk=station.pk).update(area_lat=fact.lat, area_lon=fact.lon)
        station.parents.set([stations[code] for code in fact.parents])
        stations[fact.code] = station
    PinStation.objects.bulk_create(
        PinStation(pin=pin, rank=rank, station=stations[code], share=share, version=version)
        for rank, (pin, code, share) in enumerate(PINS, 1)
    )
    Locality.objects.bulk_create(
        Locality(
            name=row.name,
            folded_name=" ".join(fold(row.name)),
            kind=row.kind,
            station=stations[row.station],
            district=stations[row.station].district,
            share=row.share,
            lat=row.lat,
            lon=row.lon,
            edge_m=row.edge_m,
            confidence="high",
            source="made",
            version=version,
        )
        for row in PLACES
    )
    if with_areas:
        Boundary.objects.bulk_create(
            Boundary(
                station=stations[code],
                geojson=area,
                source="made",
                loaded_at=NOON,
                version=version,
            )
            for code, area in AREAS
        )
    yield version
    forget()


def forget() -> None:
    gazetteer.forget()
    layer.forget()
