"""Every pair of statuses."""

from itertools import product

import pytest

from cases.lifecycle import NEXT, OPEN, CaseStatus, MoveNotAllowed, check_move

ALLOWED = {
    (CaseStatus.HANDED_OVER, CaseStatus.ACKNOWLEDGED),
    (CaseStatus.HANDED_OVER, CaseStatus.UNDER_ENQUIRY),
    (CaseStatus.ACKNOWLEDGED, CaseStatus.UNDER_ENQUIRY),
    (CaseStatus.ACKNOWLEDGED, CaseStatus.RETURNED),
    (CaseStatus.ACKNOWLEDGED, CaseStatus.HANDED_OVER),
    (CaseStatus.HANDED_OVER, CaseStatus.RETURNED),
    (CaseStatus.HANDED_OVER, CaseStatus.WITHDRAWN),
    (CaseStatus.UNDER_ENQUIRY, CaseStatus.HANDED_OVER),
    (CaseStatus.UNDER_ENQUIRY, CaseStatus.REGISTERED),
    (CaseStatus.UNDER_ENQUIRY, CaseStatus.RETURNED),
}


@pytest.mark.parametrize(
    ("present", "wanted"),
    [pytest.param(*pair, id=f"{pair[0]} to {pair[1]}") for pair in product(CaseStatus, repeat=2)],
)
def test_a_move_is_allowed_only_if_listed(present: CaseStatus, wanted: CaseStatus) -> None:
    if (present, wanted) in ALLOWED:
        check_move(present, wanted)
        return

    with pytest.raises(MoveNotAllowed) as refusal:
        check_move(present, wanted)

    assert (refusal.value.present, refusal.value.wanted) == (present, wanted)


def test_only_open_cases_can_move() -> None:
    assert set(NEXT) == set(CaseStatus)
    assert {status for status, wanted in NEXT.items() if wanted} <= OPEN
