"""A made-up gazetteer: two districts, four stations a few kilometres apart, in real coordinates."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from districts import reference
from districts.indexing import PlaceRow, build_gazetteer
from districts.places import Gazetteer, StationFact

NORTH_POINT = (28.72, 77.10)
"""Inside Amraipur, in the middle."""

STATIONS = (
    StationFact(code="AAA-AMRAIPUR", name="Amraipur", district_code="AAA", lat=28.72, lon=77.10),
    StationFact(code="AAA-BELGRAM", name="Belgram", district_code="AAA", lat=28.72, lon=77.14),
    StationFact(code="BBB-CHITRAKUND", name="Chitrakund", district_code="BBB", lat=28.60, lon=77.2),
    StationFact(code="BBB-DEVSAR", name="Devsar", district_code="BBB", lat=28.60, lon=77.24),
    StationFact(
        code="BBB-NAVIN-PATH",
        name="Navin Path",
        district_code="BBB",
        lat=None,
        lon=None,
        parents=("BBB-DEVSAR",),
    ),
)
PINS = (
    ("110081", "AAA-AMRAIPUR", 0.6),
    ("110081", "AAA-BELGRAM", 0.4),
    ("110001", "BBB-CHITRAKUND", 0.5),
    ("110001", "BBB-DEVSAR", 0.5),
)


def place(
    name: str,
    station: str,
    *,
    kind: str = "post-office locality",
    share: float | None = None,
    at: tuple[float, float] = NORTH_POINT,
    edge_m: float | None = 500,
) -> PlaceRow:
    return PlaceRow(
        name=name, kind=kind, station=station, share=share, lat=at[0], lon=at[1], edge_m=edge_m
    )


PLACES = (
    place("Kesar Bagh", "AAA-BELGRAM", at=(28.722, 77.141)),
    place("Padmini Sector 7", "AAA-AMRAIPUR", at=(28.721, 77.101)),
    place("Padmini Sector 9", "AAA-BELGRAM", at=(28.721, 77.141)),
    place("Padmini C Block", "AAA-BELGRAM", at=(28.722, 77.142)),
    place("Lotus Hospital Padmini Sector 7", "AAA-AMRAIPUR", kind="landmark", at=(28.72, 77.102)),
    place("Lotus Hospital Padmini Sector 7", "AAA-BELGRAM", kind="bus stop", at=(28.72, 77.125)),
    place(
        "Girls School Padmini Sector 7 Pocket 1",
        "AAA-AMRAIPUR",
        kind="landmark",
        at=(28.72, 77.103),
    ),
    place("D Block Padmini Phase 2", "AAA-BELGRAM", kind="locality", at=(28.721, 77.143)),
    place("West Block", "BBB-DEVSAR", kind="locality", at=(28.6, 77.246)),
    place("Delhi Museum of Boats", "BBB-DEVSAR", kind="landmark", at=(28.6, 77.245)),
    place("Hanuman Mandir", "BBB-DEVSAR", kind="bus stop", at=(28.6, 77.241)),
    place("Pipal Mor", "BBB-DEVSAR", kind="bus stop", at=(28.6, 77.242)),
    place("KLM", "BBB-DEVSAR", kind="locality", at=(28.6, 77.243)),
    place("Tamra Marg", "BBB-DEVSAR", kind="road", at=(28.6, 77.244)),
    place("Dwarika Enclave", "BBB-CHITRAKUND", at=(28.601, 77.201)),
    place("Model Town", "BBB-DEVSAR", at=(28.601, 77.241)),
    place("Anand Parbat", "BBB-DEVSAR", at=(28.602, 77.241)),
    place("Deepak Delhi", "BBB-CHITRAKUND", at=(28.602, 77.201)),
    place("Sonapat", "AAA-BELGRAM", at=(28.723, 77.141)),
    place("Sonapat Chandipur", "BBB-DEVSAR", at=(28.603, 77.241)),
    place("Mehtab Khurd", "BBB-CHITRAKUND", share=0.8, at=(28.603, 77.215)),
    place("Mehtab Khurd", "BBB-DEVSAR", share=0.2, at=(28.603, 77.215)),
    place("Suraj Garh", "BBB-DEVSAR", at=(28.604, 77.241)),
    place("Silver Cinema", "BBB-DEVSAR", kind="reported", at=(28.605, 77.241)),
    place("Lalkothi", "AAA-AMRAIPUR", kind="municipal ward (2007 delimitation)", share=0.7),
    place("Lalkothi", "AAA-BELGRAM", kind="municipal ward (2007 delimitation)", share=0.3),
    place("Belgram", "AAA-BELGRAM", kind="station name", at=(28.72, 77.14), edge_m=None),
)


def square(lat: float, lon: float, *, half: float = 0.02) -> dict[str, Any]:
    west, east, south, north = lon - half, lon + half, lat - half, lat + half
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


AREAS = (
    ("AAA-AMRAIPUR", square(28.72, 77.10)),
    ("AAA-BELGRAM", square(28.72, 77.14)),
    ("BBB-CHITRAKUND", square(28.60, 77.20)),
    ("BBB-DEVSAR", square(28.60, 77.24)),
)


def make_gazetteer(
    *,
    areas: Iterable[tuple[str, Mapping[str, Any]]] = (),
    aliases: Iterable[tuple[str, str]] = (("Amrai Pur Kalan", "AAA-AMRAIPUR"),),
    more_places: Iterable[PlaceRow] = (),
    more_regions: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
) -> Gazetteer:
    return build_gazetteer(
        version=7,
        stations=STATIONS,
        pins=PINS,
        places=(*PLACES, *more_places),
        aliases=aliases,
        states=reference.states(),
        cities=reference.cities(),
        pin_ranges=reference.pin_districts(),
        abroad=reference.abroad(),
        other_names=[("General Hospital of Amraipur", "Lotus Hospital Padmini Sector 7")],
        regions={
            "north delhi": {"AAA": 1.0},
            "north district": {"AAA": 1.0},
            **more_regions,
        },
        post_towns={"Suraj Garh": ("BBB-CHITRAKUND", "BBB-DEVSAR")},
        areas=areas,
    )
