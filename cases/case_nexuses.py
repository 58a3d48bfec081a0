"""Who else holds tiplines of the organised nexuses that a case is part of: places, and nothing of
what they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.models import Case
from districts.models import District, PoliceStation
from nexus.models import Nexus
from tiplines.models import Tipline


@dataclass(frozen=True, kw_only=True)
class NexusLine:
    label: str
    others: tuple[str, ...]
    """Names of the other districts and stations, as holders were last told."""
    told_at: datetime | None


def nexuses_of(case: Case, tiplines: Sequence[Tipline]) -> tuple[NexusLine, ...]:
    """Those of these tiplines with another holder; no statement where none is organised."""
    keys = {tip.organised_in for tip in tiplines if tip.organised_in}
    if not keys:
        return ()
    found = list(Nexus.objects.filter(pk__in=keys).order_by("pk"))
    own = (case.station or case.district).code
    codes = {code for nexus in found for code in nexus.told} - {own}
    names = names_of(codes)
    lines = [
        NexusLine(
            label=nexus.label,
            others=tuple(sorted(names[code] for code in nexus.told if code in names)),
            told_at=nexus.told_at,
        )
        for nexus in found
    ]
    return tuple(line for line in lines if line.others)


def names_of(codes: set[str]) -> dict[str, str]:
    """The names of stations with their districts, and of districts, by their codes."""
    districts = District.objects.filter(code__in=codes)
    stations = PoliceStation.objects.filter(code__in=codes).select_related("district")
    return {each.code: each.local_name for each in districts} | {
        each.code: f"{each.local_name}, {each.district.local_name}" for each in stations
    }
