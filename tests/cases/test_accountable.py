"""Never a tipline without an accountable holder: the rule over every state, the proof over rows."""

from __future__ import annotations

from itertools import product

import pytest

from cases.accountability import Answers, Holder, NobodyAnswers, Standing, holder_of
from cases.lifecycle import CaseStatus
from cases.models import Case, CaseTipline
from cases.services.accountable import holders_of, unaccounted
from tests.cases.made import make_case, make_letter
from tests.cases.test_letters import answer
from tests.factories import make_district, make_station, make_tipline
from tiplines.models import Decision, Tipline
from tiplines.models.tipline import Status


@pytest.mark.parametrize(
    ("status", "escalated", "acknowledged", "station"),
    list(product(Status.values, *[(False, True)] * 3)),
)
def test_in_every_state_exactly_one_holder_is_named(
    *, status: str, escalated: bool, acknowledged: bool, station: bool
) -> None:
    held = status == Status.HELD

    found = holder_of(
        Standing(
            status=status,
            is_escalated=escalated,
            is_acknowledged=acknowledged,
            addressee="Haryana",
            district_id=1 if held else None,
            station_id=2 if held and station else None,
        )
    )

    theirs = {Status.TRANSFERRED: Answers.STATE, Status.SENT_BACK: Answers.SENDER}
    expected = {
        Status.AWAITING: Answers.SUPERVISORS if escalated else Answers.DESK,
        Status.HELD: Answers.STATION if station else Answers.DISTRICT,
        Status.CLOSED: Answers.DESK,
        **{each: theirs[each] if acknowledged else Answers.DESK for each in theirs},
    }
    assert found.answers == expected[Status(status)]
    assert bool(found.name) == (found.answers in theirs.values())


@pytest.mark.parametrize("status", ["held", "lost"])
def test_what_names_nobody_is_an_error(status: str) -> None:
    with pytest.raises(NobodyAnswers):
        holder_of(Standing(status=status))


@pytest.mark.django_db
def test_what_is_transferred_stays_the_desks_until_it_is_acknowledged() -> None:
    tip = make_tipline()
    letter = make_letter(tip)

    before = holders_of(Tipline.objects.all())
    answer(letter)

    assert before == {tip.pk: Holder(answers=Answers.DESK)}
    assert holders_of(Tipline.objects.all()) == {
        tip.pk: Holder(answers=Answers.STATE, name="Haryana")
    }


@pytest.mark.django_db
def test_rows_that_disagree_are_found() -> None:
    cases = [make_case() for _ in range(4)]
    make_case(with_station=False)
    make_letter()
    make_case(status=CaseStatus.RETURNED)
    assert list(unaccounted()) == []
    other = make_station(code="DWA-1", name="DWA-1", district=make_district(code="DWA"))

    Case.objects.filter(pk=cases[0].pk).update(status="returned")
    Case.objects.filter(pk=cases[1].pk).update(district=other.district)
    CaseTipline.objects.filter(case=cases[2]).update(left_at=cases[2].opened_at)
    Decision.objects.filter(tipline__case_entries__case=cases[3]).update(
        undone_at=cases[3].opened_at
    )

    assert len(unaccounted()) == 4
