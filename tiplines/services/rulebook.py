"""The rules in force, and those of before, by their number."""

from __future__ import annotations

from datetime import date

from districts.models import PoliceStation
from districts.rules import DEFAULT, RegistersAt, Rules
from tiplines.models import RuleSet


class NoSuchRules(Exception):
    """No rules were ever in force under the number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there are no rules {number}")
        self.number = number


def present_rules() -> Rules:
    """Read anew each time, in one small statement: a worker never goes on with those of before."""
    row = RuleSet.objects.in_force().only("number", "content").first()
    return DEFAULT if row is None else row.rules


def rules_of(number: int) -> Rules:
    """The rules as they were under a number. Raises NoSuchRules."""
    if number == DEFAULT.number:
        return DEFAULT
    row = RuleSet.objects.filter(number=number).only("number", "content").first()
    if row is None:
        raise NoSuchRules(number)
    return row.rules


def cyber_registers(day: date) -> dict[int, PoliceStation]:
    """By the key of each district that registers at its cyber station that day: the station."""
    at = present_rules().registers_at
    codes = [code for code, where in at.items() if where is RegistersAt.CYBER]
    if not codes:
        return {}
    stations = PoliceStation.objects.cyber().in_force(day).filter(district__code__in=codes)
    # Of several the first by code registers, as in `tiplines.services.grounds`.
    return {each.district_id: each for each in stations.order_by("-code")}
