"""Where a tipline belongs, beyond its candidates: the check that would decide, and the map."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.place_map import PlaceMap, map_of
from districts.deciding_check import deciding_check
from districts.evidence import Outcome, Reason
from districts.gazetteer import NoGazetteer, present_gazetteer
from districts.layer import present_map
from districts.locating import Candidate as Place
from districts.locating import Location
from districts.rules import NAMES_NO_STATION, EvidenceKind
from districts.wording_of_checks import check_words
from tiplines.models import Address, Candidate, Party, Tipline
from tiplines.services.placing import ELSEWHERE, kind_of

LACKS_PORT = "ip-port"
"""As the assessment calls it among what is missing."""


@dataclass(frozen=True, kw_only=True)
class PlaceSheet:
    check: str
    """In words; empty where nothing is left to decide."""
    map: PlaceMap | None


def place_of(
    tipline: Tipline,
    candidates: Sequence[Candidate],
    *,
    parties: Iterable[Party],
    addresses: Iterable[Address],
    covered: Collection[int],
) -> PlaceSheet:
    """`candidates` with district and station, best first; `covered` are keys of parties of whom
    no point may be shown.
    """
    location = location_of(tipline, candidates)
    if location is None:
        return PlaceSheet(check="", map=None)
    hidden = {*covered, *(party.pk for party in parties if party.role in ELSEWHERE)}
    points = points_of(each for each in addresses if each.party_id not in hidden)
    mapped = present_map()
    return PlaceSheet(
        check=check_of(location, mapped.names, has_port=LACKS_PORT not in tipline.missing),
        map=map_of(mapped, location.candidates, location.reasons, points=points),
    )


def location_of(tipline: Tipline, candidates: Sequence[Candidate]) -> Location | None:
    """What the locator found, as it was kept. None where it has not looked yet."""
    if not tipline.located_at:
        return None
    return Location(
        outcome=Outcome(tipline.outcome),
        candidates=tuple(
            Place(
                district_code=each.district.code,
                station_code=each.station.code if each.station else None,
                share=each.share,
                reasons=reasons_of(each.reasons),
            )
            for each in candidates
        ),
        reasons=reasons_of(tipline.location_reasons),
        state_name=tipline.state_name,
        gazetteer_version=int(tipline.gazetteer_version or 0),
    )


def reasons_of(kept: Iterable[dict[str, Any]]) -> tuple[Reason, ...]:
    """Reasons kept as data; one that rests on a kind of evidence no longer known rests on all."""
    return tuple(
        Reason(
            code=str(each.get("code", "")),
            params=tuple(dict(each.get("params", {})).items()),
            evidence=EvidenceKind(kind) if (kind := each.get("evidence")) in KINDS else None,
        )
        for each in kept
    )


KINDS = frozenset(EvidenceKind)


def check_of(location: Location, names: Mapping[str, str], *, has_port: bool) -> str:
    try:
        check = deciding_check(location, present_gazetteer(), has_port=has_port)
    except NoGazetteer:
        return ""
    except KeyError:  # reasons kept by a version of the locator that said less
        return ""
    return check_words(check, names) if check else ""


def points_of(addresses: Iterable[Address]) -> list[tuple[float, float]]:
    """Points that may name a station; a sealed one has none here."""
    return [
        (each.latitude, each.longitude)
        for each in addresses
        if each.latitude is not None
        and each.longitude is not None
        and kind_of(each) not in NAMES_NO_STATION
    ]
