"""A layer of station areas as a GeoJSON FeatureCollection, checked before any of it is used."""

from __future__ import annotations

from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

AROUND_DELHI = ((76.0, 78.5), (27.5, 29.5))  # longitudes, latitudes; swapped axes fall outside


class UnreadableBoundaries(Exception):
    """The file is not a layer of station areas; the text names the feature and the fault."""


def shapes_of(layer: Any) -> list[tuple[str, BaseGeometry]]:
    """Stations and their areas of a layer. Raises UnreadableBoundaries."""
    return [(code, shape(geometry)) for code, geometry in geometries_of(layer).items()]


def geometries_of(layer: Any) -> dict[str, dict[str, Any]]:
    """Station code to geometry, every one checked. Raises UnreadableBoundaries."""
    if not isinstance(layer, dict) or layer.get("type") != "FeatureCollection":
        raise UnreadableBoundaries("the file is not a GeoJSON FeatureCollection")
    features = layer.get("features")
    if not isinstance(features, list) or not features:
        raise UnreadableBoundaries("the file has no features")
    out: dict[str, dict[str, Any]] = {}
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        code = properties.get("ps_code") if isinstance(properties, dict) else None
        if not isinstance(code, str) or not code:
            raise UnreadableBoundaries(f"feature {number}: property ps_code is missing")
        if code in out:
            raise UnreadableBoundaries(f"feature {number}: {code} is there twice")
        out[code] = _checked_geometry(feature.get("geometry"), f"feature {number} ({code})")
    return out


def _checked_geometry(geometry: Any, where: str) -> dict[str, Any]:
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise UnreadableBoundaries(f"{where}: the geometry is not a Polygon or MultiPolygon")
    try:
        area = shape(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError) as fault:
        raise UnreadableBoundaries(f"{where}: the coordinates cannot be read") from fault
    if area.is_empty or not area.is_valid:
        raise UnreadableBoundaries(f"{where}: {explain_validity(area)}")
    west, south, east, north = area.bounds
    (least_lon, most_lon), (least_lat, most_lat) = AROUND_DELHI
    if not (least_lon <= west and east <= most_lon and least_lat <= south and north <= most_lat):
        raise UnreadableBoundaries(
            f"{where}: lies far from Delhi; coordinates must be longitude, latitude in WGS84"
        )
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}
