"""What each decision rests on goes into it: the evidence, the answer, and for an assignment the
station of residence and the one that registers.

A constant number of statements for any number of decisions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from districts.models import MAPPED_KINDS, District, PoliceStation, StationKind
from districts.registering import Assigned
from districts.replaying import Basis
from districts.rules import DEFAULT
from tiplines.models import Decision, KeptBasis
from tiplines.models.decision import Kind
from tiplines.models.sealable import about_tipline
from tiplines.sealing import seal_json, unseal_json
from tiplines.services.rulebook import present_rules


def put_grounds(
    decisions: Sequence[Decision], *, at: datetime, fixed: Collection[int] = ()
) -> None:
    """Fill what these decisions, all of one kind and not saved yet, rest on.

    `fixed` are keys of tiplines whose named station registers, whatever the district's setting.
    """
    kept = dict(
        KeptBasis.objects.filter(tipline__in=[each.tipline_id for each in decisions]).values_list(
            "tipline_id", "sealed_basis"
        )
    )
    bases = {pk: Basis.from_data(opened(sealed, tipline_id=pk)) for pk, sealed in kept.items()}
    places = Places(decisions)
    if decisions[0].kind == Kind.ASSIGN:
        places.read_stations(bases, at=at)
    for decision in decisions:
        basis = bases.get(decision.tipline_id)
        assigned = None
        if basis is not None:
            decision.gazetteer_version = basis.gazetteer
            decision.rules_number = basis.rules
            decision.engine = basis.engine
        if decision.kind == Kind.ASSIGN:
            assigned = places.assigned(decision, basis, is_fixed=decision.tipline_id in fixed)
            decision.residence_station_id = places.keys.get(assigned.residence)
            decision.registering_station_id = places.keys.get(assigned.registering)
        decision.sealed_basis = seal_json(
            {
                "basis": None if basis is None else basis.as_data(),
                "assigned": None if assigned is None else vars(assigned),
                "decided": decided(decision, places.codes),
            },
            about=about_tipline(decision.tipline_id),
        )


def opened(sealed: bytes | memoryview, *, tipline_id: int) -> dict[str, Any]:
    """Raises sealing.CannotOpen."""
    found: dict[str, Any] = unseal_json(bytes(sealed), about=about_tipline(tipline_id))
    return found


def decided(decision: Decision, codes: Mapping[int, str]) -> dict[str, Any]:
    """The decision itself, beside what it rests on; `codes` by the key of a station."""
    return {
        "kind": str(decision.kind),
        "reason": str(decision.reason),
        "state_name": decision.state_name,
        "district": decision.district_id,
        "station": codes.get(decision.station_id or 0, ""),
        "residence": codes.get(decision.residence_station_id or 0, ""),
        "registering": codes.get(decision.registering_station_id or 0, ""),
        "by": decision.by_id,
        "at": decision.at.isoformat(),
        "batch": str(decision.batch),
    }


class Places:
    """Districts and stations that these decisions are about, by key and code."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self.district_ids = {each.district_id for each in decisions if each.district_id}
        self.station_ids = {each.station_id for each in decisions if each.station_id}
        self.codes: dict[int, str] = {}
        self.keys: dict[str, int] = {}
        self.with_area: set[str] = set()
        self.districts: dict[int, str] = {}
        self.cyber: dict[int, str] = {}
        self.rules = DEFAULT

    def read_stations(self, bases: Mapping[int, Basis], *, at: datetime) -> None:
        self.rules = present_rules()
        found = {basis.found for basis in bases.values()} - {""}
        districts = District.objects.filter(pk__in=self.district_ids)
        self.districts = dict(districts.values_list("pk", "code"))
        today = timezone.localdate(at)
        named = PoliceStation.objects.filter(
            Q(district__in=self.district_ids) | Q(pk__in=self.station_ids) | Q(code__in=found)
        )
        for station in named.order_by("-code"):
            self.codes[station.pk], self.keys[station.code] = station.code, station.pk
            if station.kind in MAPPED_KINDS:
                self.with_area.add(station.code)
            elif station.kind == StationKind.CYBER and station.is_in_force(today):
                self.cyber[station.district_id] = station.code

    def assigned(self, decision: Decision, basis: Basis | None, *, is_fixed: bool) -> Assigned:
        key = decision.district_id or 0  # an assignment names one
        district = self.districts[key]
        chosen = self.codes.get(decision.station_id or 0, "")
        is_here = basis is not None and basis.found_district == district
        return Assigned(
            district=district,
            chosen=chosen,
            chosen_has_area=chosen in self.with_area,
            found=basis.found if basis is not None and is_here else "",
            cyber=self.cyber.get(key, ""),
            registers_at=self.rules.registering(district),
            rules=self.rules.number,
            is_fixed=is_fixed,
        )
