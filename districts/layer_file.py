"""A layer of station areas as a GeoJSON FeatureCollection, checked before any of it is used."""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils.translation import gettext as _
from shapely import force_2d
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
CODE_AT_MOST = 60
KINDS = ("Polygon", "MultiPolygon")
POINTS_OF_ONE_AT_MOST = 20_000  # a detailed area has some hundreds; checks take longer than linear
POINTS_AT_MOST = 200_000
AROUND_DELHI = ((76.0, 78.5), (27.5, 29.5))  # longitudes, latitudes; swapped axes fall outside


class UnreadableBoundaries(Exception):
    """The file is not a layer of station areas; the text names the feature and the fault."""


def is_code(text: str) -> bool:
    return len(text) <= CODE_AT_MOST and CODE.fullmatch(text) is not None


def shapes_of(layer: Any) -> list[tuple[str, BaseGeometry]]:
    """Stations and their areas of a layer. Raises UnreadableBoundaries."""
    return [(code, shape(geometry)) for code, geometry in geometries_of(layer).items()]


def geometries_of(layer: Any) -> dict[str, dict[str, Any]]:
    """Station code to geometry, every one checked. Raises UnreadableBoundaries."""
    if not isinstance(layer, dict) or layer.get("type") != "FeatureCollection":
        raise UnreadableBoundaries(
            _("the file is not a GeoJSON FeatureCollection; export the layer as GeoJSON")
        )
    features = layer.get("features")
    if not isinstance(features, list) or not features:
        raise UnreadableBoundaries(_("the file has no features"))
    out: dict[str, dict[str, Any]] = {}
    points = 0
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        code = properties.get("ps_code") if isinstance(properties, dict) else None
        if not isinstance(code, str) or not code:
            raise UnreadableBoundaries(
                _("feature %(number)s: property ps_code is missing; write the station's code there")
                % {"number": number}
            )
        if not is_code(code):
            raise UnreadableBoundaries(
                _(
                    "feature %(number)s: a station cannot have this ps_code; write capital "
                    "letters, digits and hyphens, 60 at most"
                )
                % {"number": number}
            )
        if code in out:
            raise UnreadableBoundaries(
                _("feature %(number)s: %(code)s is there twice; join the areas to one feature")
                % {"number": number, "code": code}
            )
        where = _("feature %(number)s (%(code)s)") % {"number": number, "code": code}
        geometry = feature.get("geometry")
        points += _points_of(geometry, where)
        if points > POINTS_AT_MOST:
            raise UnreadableBoundaries(
                _("the layer has more than %(count)s points; simplify the areas")
                % {"count": POINTS_AT_MOST}
            )
        out[code] = _checked_geometry(geometry, where)
    return out


def _points_of(geometry: Any, where: str) -> int:
    """How many points it has, before anything is built of them."""
    if not isinstance(geometry, dict) or geometry.get("type") not in KINDS:
        raise UnreadableBoundaries(
            _("%(where)s: the geometry is not a Polygon or MultiPolygon") % {"where": where}
        )
    parts: Any = geometry.get("coordinates")
    try:
        rings = (
            parts if geometry["type"] == "Polygon" else [ring for part in parts for ring in part]
        )
        count = sum(len(ring) for ring in rings)
    except TypeError as fault:
        raise UnreadableBoundaries(
            _("%(where)s: the coordinates cannot be read; export the layer again")
            % {"where": where}
        ) from fault
    if count > POINTS_OF_ONE_AT_MOST:
        raise UnreadableBoundaries(
            _("%(where)s: the area has more than %(count)s points; simplify it")
            % {"where": where, "count": POINTS_OF_ONE_AT_MOST}
        )
    return count


def _checked_geometry(geometry: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        area = force_2d(shape(geometry))
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, OverflowError) as fault:
        raise UnreadableBoundaries(
            _("%(where)s: the coordinates cannot be read; export the layer again")
            % {"where": where}
        ) from fault
    if area.is_empty or not area.is_valid:
        raise UnreadableBoundaries(
            _("%(where)s: the area is not valid (%(fault)s); mend it where it was drawn")
            % {"where": where, "fault": explain_validity(area)}
        )
    west, south, east, north = area.bounds
    (least_lon, most_lon), (least_lat, most_lat) = AROUND_DELHI
    if not (least_lon <= west and east <= most_lon and least_lat <= south and north <= most_lat):
        raise UnreadableBoundaries(
            _("%(where)s: lies far from Delhi; coordinates must be longitude, latitude in WGS84")
            % {"where": where}
        )
    plain: dict[str, Any] = json.loads(json.dumps(mapping(area)))  # as a row gives it back: lists
    return plain
