"""What supervisors may set, as plain data and back."""

from typing import Any

import pytest

from districts.evidence import Evidence
from districts.locating import locate
from districts.rules import DEFAULT, EvidenceKind, RegistersAt, Rules, UnusableRules
from tests.districts.made import make_gazetteer

DATA = DEFAULT.as_data()


def test_rules_come_back_from_their_data() -> None:
    rules = Rules(number=4, assign_from=0.9, registers_at={"AAA": RegistersAt.CYBER})

    again = Rules.from_data(rules.as_data(), number=4)

    assert again == rules
    assert again.registering("AAA") is RegistersAt.CYBER
    assert again.registering("BBB") is RegistersAt.TERRITORIAL


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"assign_from": 1.2}, "assign_from", id="above 1"),
        pytest.param({"decide_from": 0.5}, "decide_from", id="no majority"),
        pytest.param({"weights": {"free-text": 25}}, "weights", id="a kind without weight"),
        pytest.param(
            {"weights": {**dict(DATA["weights"]), "ip-lookup": 0}},  # type: ignore[call-overload]
            "ip-lookup",
            id="no weight at all",
        ),
        pytest.param({"registers_at": {"AAA": "elsewhere"}}, "elsewhere", id="no such place"),
        pytest.param({"registers_at": "AAA"}, "registers_at", id="no table"),
        pytest.param({"assign_from": None}, "None", id="no number"),
    ],
)
def test_unusable_values_are_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UnusableRules, match=named):
        Rules.from_data({**DATA, **change}, number=1)


def test_the_weights_decide_between_two_addresses() -> None:
    pieces = [
        Evidence(kind=EvidenceKind.BILLING_ADDRESS, text="Kesar Bagh, Delhi 110081"),
        Evidence(kind=EvidenceKind.DECLARED_ADDRESS, text="Dwarika Enclave, Delhi 110001"),
    ]
    turned = Rules(weights={**DEFAULT.weights, EvidenceKind.BILLING_ADDRESS: 5})

    first, other = (locate(pieces, make_gazetteer(), rules) for rules in (DEFAULT, turned))

    assert first.best is not None
    assert first.best.station_code == "AAA-BELGRAM"
    assert other.best is not None
    assert other.best.station_code == "BBB-CHITRAKUND"


def test_no_weight_lets_a_look_up_name_a_station() -> None:
    heavy = Rules(weights={**DEFAULT.weights, EvidenceKind.IP_LOOKUP: 100})
    pieces = [Evidence(kind=EvidenceKind.IP_LOOKUP, city="New Delhi", postal_code="110081")]

    assert not locate(pieces, make_gazetteer(), heavy).candidates
