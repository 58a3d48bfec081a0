"""What supervisors may set about whose a tipline is: weights, thresholds, where a district
registers. No Django, no clock.

The values in force are a row of their own, changed by two officers (the rule lab); those here are
what the system starts with. How likely a statement is wrong is measured, not set, and stands with
the code that weighs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EvidenceKind(StrEnum):
    """Kinds of evidence of place, the most trusted first."""

    INSTALLATION_ADDRESS = "installation-address"
    """Where a provider's reply says the connection is installed."""
    BILLING_ADDRESS = "billing-address"
    """Billing or know-your-customer address."""
    DECLARED_ADDRESS = "declared-address"
    """What the person told the platform."""
    DEVICE_POINT = "device-point"
    PHONE_ADDRESS = "phone-address"
    """Address of a telephone's subscriber."""
    FREE_TEXT = "free-text"
    PROVIDER_ESTIMATE = "provider-estimate"
    IP_LOOKUP = "ip-lookup"


NAMES_NO_STATION = frozenset({EvidenceKind.PROVIDER_ESTIMATE, EvidenceKind.IP_LOOKUP})
"""A platform's own guess and an address look-up place the exchange, not the person: they say Delhi
or not, and no setting lets them name a station."""

_WEIGHTS: Mapping[EvidenceKind, float] = {
    # Points out of 100, in the order in which an enquiry would believe them; estimates of ours
    # until returned hand-offs allow them to be measured.
    EvidenceKind.INSTALLATION_ADDRESS: 100,
    EvidenceKind.BILLING_ADDRESS: 85,
    EvidenceKind.DECLARED_ADDRESS: 70,
    EvidenceKind.DEVICE_POINT: 65,
    EvidenceKind.PHONE_ADDRESS: 55,
    EvidenceKind.FREE_TEXT: 25,
    EvidenceKind.PROVIDER_ESTIMATE: 15,
    EvidenceKind.IP_LOOKUP: 10,
}


class RegistersAt(StrEnum):
    """Which station of a district registers what its stations of residence are answerable for."""

    TERRITORIAL = "territorial"
    CYBER = "cyber"


class UnusableRules(ValueError):
    """Values that no rule may have; the text names which and why."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    number: int = 0
    """Of the row in force; 0 is what the system starts with."""
    weights: Mapping[EvidenceKind, float] = field(default_factory=lambda: dict(_WEIGHTS))
    """What evidence of a kind is worth against the others, above 0 and at most 100."""
    decide_from: float = 0.66
    """Share of the weighed claims on Delhi, a State or abroad; below it an officer decides."""
    assign_from: float = 0.95
    """Confidence in the first station; below it an officer decides."""
    registers_at: Mapping[str, RegistersAt] = field(default_factory=dict)
    """District code to where it registers; a district left out registers at the territorial
    station."""

    def __post_init__(self) -> None:
        missing = [kind.value for kind in EvidenceKind if kind not in self.weights]
        if missing:
            raise UnusableRules(f"weights: {missing[0]} has none")
        for kind, weight in self.weights.items():
            if not 0 < weight <= 100:
                raise UnusableRules(f"weights: {kind.value} must be above 0 and at most 100")
        for name, value, least in (
            ("decide_from", self.decide_from, 0.5),
            ("assign_from", self.assign_from, 0.0),
        ):
            if not least < value <= 1:
                raise UnusableRules(f"{name} must be above {least} and at most 1")

    def registering(self, district_code: str) -> RegistersAt:
        return self.registers_at.get(district_code, RegistersAt.TERRITORIAL)

    def as_data(self) -> dict[str, object]:
        """Plain data to keep in a row; `from_data` reads it again."""
        return {
            "weights": {kind.value: weight for kind, weight in self.weights.items()},
            "decide_from": self.decide_from,
            "assign_from": self.assign_from,
            "registers_at": {code: at.value for code, at in sorted(self.registers_at.items())},
        }

    @classmethod
    def from_data(cls, data: Mapping[str, object], *, number: int) -> Rules:
        """What `as_data` gave. Raises UnusableRules."""
        try:
            weights = _mapping(data["weights"])
            registers = _mapping(data["registers_at"])
            return cls(
                number=number,
                weights={EvidenceKind(kind): float(str(value)) for kind, value in weights.items()},
                decide_from=float(str(data["decide_from"])),
                assign_from=float(str(data["assign_from"])),
                registers_at={code: RegistersAt(str(at)) for code, at in registers.items()},
            )
        except UnusableRules:
            raise
        except (KeyError, TypeError, ValueError) as fault:
            raise UnusableRules(f"the rules cannot be read: {fault}") from fault


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise UnusableRules("weights and registers_at must be tables")
    return value


DEFAULT = Rules()
