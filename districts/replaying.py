"""What an answer rests on, as plain data, and the same answer given again from it.

No Django, no clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .answering import answer_of
from .evidence import Evidence
from .locating import Location, locate
from .places import Gazetteer
from .rules import EvidenceKind, Rules

ENGINE = 7
"""Raised with every change of the code that can change an answer: what an earlier engine gave is
not compared. `tests/districts/test_replaying.py` fails when answers change and this does not.
"""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """An answer with everything it was given from."""

    evidence: tuple[Evidence, ...]
    location: Mapping[str, Any]
    answer: Mapping[str, Any]
    gazetteer: int
    rules: int
    engine: int = ENGINE

    def as_data(self) -> dict[str, Any]:
        return vars(self) | {"evidence": [_plain(vars(each)) for each in self.evidence]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Basis:
        """What `as_data` gave. Raises KeyError, TypeError and ValueError where it is no such."""
        evidence = tuple(
            Evidence(**{**row, "kind": EvidenceKind(row["kind"])}) for row in data["evidence"]
        )
        return cls(**{**data, "evidence": evidence})

    @property
    def found(self) -> str:
        """Code of the first station; empty if none was named."""
        candidates = self.location["candidates"]
        return (candidates[0]["station_code"] or "") if candidates else ""

    @property
    def found_district(self) -> str:
        candidates = self.location["candidates"]
        return str(candidates[0]["district_code"]) if candidates else ""


def locate_on(
    evidence: Sequence[Evidence], gazetteer: Gazetteer, rules: Rules
) -> tuple[Location, Basis]:
    """Whose it is, and what that rests on."""
    location = locate(evidence, gazetteer, rules)
    return location, Basis(
        evidence=tuple(evidence),
        location=_plain(location.as_data()),
        answer=_plain(answer_of(location, rules).as_data()),
        gazetteer=gazetteer.version,
        rules=rules.number,
    )


def differences(basis: Basis, gazetteer: Gazetteer, rules: Rules) -> tuple[str, ...]:
    """Which parts come out otherwise from the same evidence, gazetteer and rules; none if the
    answer is the same.
    """
    _location, again = locate_on(basis.evidence, gazetteer, rules)
    return tuple(
        name
        for name in ("gazetteer", "rules", "location", "answer")
        if getattr(again, name) != getattr(basis, name)
    )


def _plain(value: Any) -> Any:
    """As JSON gives it back."""
    return json.loads(json.dumps(value))
