import ast
from pathlib import Path

import pytest
from django.utils import translation

from districts import evidence, locating
from districts.evidence import Evidence, Outcome, Reason
from districts.locating import locate
from districts.rules import EvidenceKind
from districts.wording import (
    KIND_LABELS,
    OUTCOME_LABELS,
    REASONS,
    kind_label,
    reason_words,
    reason_words_lazy,
    state_words,
)
from tests.districts.made import make_gazetteer


def codes_in_the_rule() -> set[str]:
    """Every code that the rule gives a reason, read from its source."""
    trees = [
        ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for module in (evidence, locating)
    ]
    codes: set[str] = set()
    nodes = (node for tree in trees for node in ast.walk(tree))
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        name = (
            call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        )
        place = {"say": 0, "say_of": 1, "Reason": 0}.get(name)
        if place is not None:
            codes |= {
                node.value
                for node in ast.walk(call.args[place])
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return codes


def test_every_reason_has_a_wording_and_none_is_left_over() -> None:
    assert codes_in_the_rule() == {*REASONS, "pin-stations"}


def test_every_kind_and_outcome_has_a_label() -> None:
    assert set(KIND_LABELS) == set(EvidenceKind)
    assert set(OUTCOME_LABELS) == set(Outcome)
    assert kind_label("") == ""


def test_a_reason_reads_as_a_sentence() -> None:
    params = (("pin", "110085"), ("count", 4), ("station", "Prashant Vihar"), ("percent", 51))
    reason = Reason("pin-stations", params, EvidenceKind.DECLARED_ADDRESS)

    with translation.override("en"):
        said = [reason_words(reason), str(reason_words_lazy(reason))]

    assert said == ["PIN 110085 reaches into 4 stations; Prashant Vihar holds 51 % of it"] * 2


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(kind=EvidenceKind.DECLARED_ADDRESS, text="Kesar Bagh, Lalkothi road, Delhi-81"),
        Evidence(kind=EvidenceKind.DECLARED_ADDRESS, text="Noida", postal_code="110081"),
        Evidence(kind=EvidenceKind.IP_LOOKUP, country="US"),
        Evidence(kind=EvidenceKind.DEVICE_POINT, lat=19.0, lon=72.8),
    ],
)
def test_reasons_of_real_answers_can_be_worded(evidence: Evidence) -> None:
    location = locate([evidence], make_gazetteer())

    candidates = [reason for candidate in location.candidates for reason in candidate.reasons]
    for reason in [*location.reasons, *candidates]:
        assert "%(" not in reason_words(reason)
        assert reason_words(reason)


def test_a_state_has_its_hindi_name() -> None:
    with translation.override("hi"):
        assert state_words("Uttar Pradesh") == "उत्तर प्रदेश"
    with translation.override("en"):
        assert state_words("Uttar Pradesh") == "Uttar Pradesh"
