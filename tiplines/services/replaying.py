"""Every decision's answer given again from what was stored with it, and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.services import record
from districts.gazetteer import NotKept, gazetteer_of
from districts.models import PoliceStation
from districts.registering import Assigned
from districts.replaying import ENGINE, Basis, differences
from districts.rules import RegistersAt
from districts.snapshots import DamagedSnapshot
from tiplines.models import Decision
from tiplines.sealing import CannotOpen
from tiplines.services.grounds import decided, opened
from tiplines.services.rulebook import NoSuchRules, rules_of

BATCH = 500


@dataclass(frozen=True)
class Differing:
    decision: int
    number: str
    """Of the tipline."""
    what: tuple[str, ...]


@dataclass(kw_only=True)
class Replayed:
    same: int = 0
    differing: list[Differing] = field(default_factory=list)
    not_kept: Counter[int] = field(default_factory=Counter)
    """By the gazetteer of which no snapshot is kept."""
    other_engine: Counter[int] = field(default_factory=Counter)
    not_located: int = 0
    """Decided before the tipline was located: no answer to give again. The rest is compared."""
    without_basis: int = 0
    """Decided before bases were kept."""

    @property
    def total(self) -> int:
        compared = self.same + len(self.differing)
        apart = self.not_kept.total() + self.other_engine.total()
        return compared + apart + self.not_located + self.without_basis


def replay(*, since: datetime | None, at: datetime) -> Replayed:
    """Replay every decision, or those made from `since` on. Nothing is changed."""
    found = Replayed()
    codes = dict(PoliceStation.objects.values_list("pk", "code"))
    for decision in decisions(since):
        replay_one(decision, codes, found)
    record(
        verb="decisions.replayed",
        subject="decisions:all",
        actor=None,
        at=at,
        detail={
            "since": since.isoformat() if since else "",
            "count": found.total,
            "same": found.same,
            "differing": [each.decision for each in found.differing[:BATCH]],
        },
    )
    return found


def decisions(since: datetime | None) -> Iterator[Decision]:
    """Those of one gazetteer together, so that each is built once."""
    chosen = Decision.objects.select_related("tipline")
    if since is not None:
        chosen = chosen.filter(at__gte=since)
    columns = ("tipline__number", *(each.attname for each in Decision._meta.concrete_fields))
    ordered = chosen.only(*columns).order_by("gazetteer_version", "pk")
    return ordered.iterator(chunk_size=BATCH)


def replay_one(decision: Decision, codes: dict[int, str], found: Replayed) -> None:
    def differs(*what: str) -> None:
        found.differing.append(Differing(decision.pk, decision.tipline.number, what))

    if decision.sealed_basis is None:
        if decision.gazetteer_version is None:
            found.without_basis += 1
        else:
            differs("basis is missing")
        return
    try:
        data = opened(decision.sealed_basis, tipline_id=decision.tipline_id)
        wrong = wrong_columns(decision, data, codes) + wrong_stations(data)
        basis = None if data["basis"] is None else Basis.from_data(data["basis"])
        if basis is not None and basis.engine == ENGINE and not wrong:
            wrong += differences(basis, gazetteer_of(basis.gazetteer), rules_of(basis.rules))
    except (CannotOpen, KeyError, TypeError, ValueError):
        differs("basis cannot be read")
    except NotKept as missing:
        found.not_kept[missing.number] += 1
    except DamagedSnapshot:
        differs("gazetteer is damaged")
    except NoSuchRules:
        differs("rules are missing")
    else:
        if wrong:
            differs(*wrong)
        elif basis is None:
            found.not_located += 1
        elif basis.engine != ENGINE:
            found.other_engine[basis.engine] += 1
        else:
            found.same += 1


def wrong_columns(
    decision: Decision, data: dict[str, Any], codes: dict[int, str]
) -> tuple[str, ...]:
    """Columns of the row that say something else than its seal."""
    now, then = decided(decision, codes), data["decided"]
    basis = data["basis"] or {"gazetteer": None, "rules": None, "engine": None}
    now |= {
        "gazetteer": decision.gazetteer_version,
        "rules": decision.rules_number,
        "engine": decision.engine,
    }
    then = then | {name: basis[name] for name in ("gazetteer", "rules", "engine")}
    return tuple(f"column {name}" for name in now if now[name] != then.get(name))


def wrong_stations(data: dict[str, Any]) -> tuple[str, ...]:
    """Of an assignment: whether both stations follow from what was known that day."""
    if data["assigned"] is None:
        return ()
    at = RegistersAt(data["assigned"]["registers_at"])
    assigned = Assigned(**{**data["assigned"], "registers_at": at})
    wrong = []
    if rules_of(assigned.rules).registering(assigned.district) is not at:
        wrong.append("where the district registered")
    if assigned.residence != data["decided"]["residence"]:
        wrong.append("station of residence")
    # Before `is_fixed` was kept, another rule said who registers.
    is_known = "is_fixed" in data["assigned"]
    if is_known and assigned.registering != data["decided"]["registering"]:
        wrong.append("registering station")
    return tuple(wrong)
