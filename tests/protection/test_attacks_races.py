"""A33: of two who do the same at once one does it, and the other is told by name why not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts import scope
from accounts.models import User
from accounts.roles import Role
from accounts.services.duties import duty_of
from cases.lifecycle import MoveNotAllowed
from cases.models import Access, Case, HandOff, Proposal
from cases.services import assigning, holding, proposing, restricting
from cases.services.proposing import Wish
from tests.cases.made import make_case, make_proposal
from tests.factories import (
    make_dispatch,
    make_district,
    make_gazetteer_version,
    make_officer,
    make_reorganisation,
    make_tipline,
)
from tests.tiplines.intake import bring, work, zip_of
from tiplines.models import Decision, QuarantineItem, Reorganisation, Tipline
from tiplines.models.decision import CloseReason
from tiplines.models.tipline import Status
from tiplines.services import quarantine, reorganising, ruling

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 50
REFUSED = "refused"


def two_at_once(
    act: Callable[[User, Any], object],
    officers: list[User],
    about: list[Any],
    *,
    refusal: type[Exception] | None,
) -> list[list[Any]]:
    """What each of two threads got, in each round; both begin each round together."""
    barrier = Barrier(2, timeout=30)

    def one(officer: User) -> list[Any]:
        token = scope.PRESENT.set(scope.SYSTEM)
        got: list[Any] = []
        try:
            for each in about:
                barrier.wait()
                try:
                    got.append(act(officer, each))
                except Exception as error:
                    if refusal is None or not isinstance(error, refusal):
                        barrier.abort()
                        raise
                    got.append(REFUSED)
            return got
        finally:
            scope.PRESENT.reset(token)
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return [list(pair) for pair in zip(*pool.map(one, officers), strict=True)]


def test_a33_of_two_who_acknowledge_one_does() -> None:
    at = timezone.now()
    cases = [make_case(at=at - timedelta(hours=1)).pk for _round in range(ROUNDS)]
    officers = [make_officer(Role.DISTRICT, district=make_district()) for _each in range(2)]

    got = two_at_once(
        lambda by, pk: holding.acknowledge(case_id=pk, by=by, at=at).pk,
        officers,
        cases,
        refusal=MoveNotAllowed,
    )

    assert [pair.count(REFUSED) for pair in got] == [1] * ROUNDS
    taken = HandOff.objects.filter(case__in=cases, acknowledged_by__in=officers)
    assert taken.count() == ROUNDS


def test_a33_of_two_who_assign_one_does() -> None:
    at = timezone.now()
    tips = [make_tipline().pk for _round in range(ROUNDS)]
    officers = [make_officer(Role.ANALYST) for _each in range(2)]
    district = make_district()

    got = two_at_once(
        lambda by, pk: (
            assigning.assign(tipline_ids=[pk], district_id=district.pk, by=by, at=at).count
        ),
        officers,
        tips,
        refusal=None,
    )

    assert [sorted(pair) for pair in got] == [[0, 1]] * ROUNDS
    assert Case.objects.count() == ROUNDS
    assert Decision.objects.count() == ROUNDS


def test_a33_of_two_who_answer_a_request_one_does() -> None:
    at = timezone.now()
    case = make_case(at=at - timedelta(hours=1))
    owner, other = make_officer(Role.SUPERVISOR), make_officer(Role.SUPERVISOR)
    asking = make_officer(Role.ANALYST)
    restricting.restrict(
        case_id=case.pk, officers=[other], hides_existence=False, reason="r", by=owner, at=at
    )
    for officer in (owner, other):
        officer.duty = duty_of(officer, at=at)
    asked = [
        Access.objects.create(
            case=case,
            kind=Access.Kind.BREAK_GLASS,
            officer=asking,
            owner=owner,
            reason="a sentence",
            at=at,
            until_at=at,
        ).pk
        for _round in range(ROUNDS)
    ]

    got = two_at_once(
        lambda by, pk: (
            restricting.answer(
                access_id=pk, is_well=by.pk == owner.pk, note="", by=by, at=at
            ).answer
        ),
        [owner, other],
        asked,
        refusal=restricting.AlreadyAnswered,
    )

    assert [pair.count(REFUSED) for pair in got] == [1] * ROUNDS
    answers = dict(Access.objects.values_list("pk", "answer"))
    for pk, pair in zip(asked, got, strict=True):
        assert answers[pk] in pair


def test_a33_of_two_who_confirm_a_proposal_one_does() -> None:
    at = timezone.now()
    proposer = make_officer(Role.ANALYST)
    officers = [make_officer(Role.ANALYST) for _each in range(2)]
    proposals = [make_proposal([make_tipline()], by=proposer, at=at) for _round in range(ROUNDS)]

    got = two_at_once(
        lambda by, pk: proposing.confirm(proposal_id=pk, by=by, at=at).count,
        officers,
        [each.pk for each in proposals],
        refusal=proposing.NotWaiting,
    )

    assert [pair.count(REFUSED) for pair in got] == [1] * ROUNDS
    assert Decision.objects.count() == ROUNDS
    settled = dict(Proposal.objects.values_list("pk", "settled_by"))
    for each, pair in zip(proposals, got, strict=True):
        assert settled[each.pk] == officers[pair.index(1)].pk


def test_a33_two_bulk_acts_of_one_officer_at_once_are_counted_together() -> None:
    """Thirty and thirty in two windows are sixty: the second is proposed."""
    at, rounds = timezone.now(), 5
    officers = [make_officer(Role.ANALYST) for _round in range(rounds)]
    dispatch = make_dispatch()
    chosen = {
        (number, half): [make_tipline(dispatch=dispatch).pk for _each in range(30)]
        for number in range(rounds)
        for half in range(2)
    }
    wish = Wish(wanted=Proposal.Wanted.CLOSE, reason=CloseReason.NO_LEAD.value)

    def close(half: User, number: int) -> bool:
        keys = chosen[number, windows.index(half)]
        done = proposing.end(wish=wish, tipline_ids=keys, by=officers[number], at=at)
        return isinstance(done, Proposal)

    windows = [make_officer(Role.ANALYST) for _half in range(2)]
    got = two_at_once(close, windows, list(range(rounds)), refusal=None)

    assert [sorted(pair) for pair in got] == [[False, True]] * rounds
    assert Tipline.objects.filter(status=Status.CLOSED).count() == 30 * rounds


def test_a33_of_two_who_settle_an_item_one_does() -> None:
    at = timezone.now()
    bring(zip_of({f"{number}.json": b"{" for number in range(ROUNDS)}))
    work()
    items = list(QuarantineItem.objects.order_by("pk").values_list("pk", flat=True))
    assert len(items) == ROUNDS
    officers = [make_officer(Role.ANALYST) for _each in range(2)]

    def settle(by: User, pk: int) -> int:
        if by.pk == officers[0].pk:
            return quarantine.set_aside(item_ids=[pk], reason="no report", by=by, at=at)
        return quarantine.read_again(item_ids=[pk], by=by, at=at)

    got = two_at_once(settle, officers, items, refusal=quarantine.NothingOpen)

    assert [pair.count(REFUSED) for pair in got] == [1] * ROUNDS
    for pk, pair in zip(items, got, strict=True):
        item = QuarantineItem.objects.get(pk=pk)
        winner = officers[pair.index(1)]
        assert item.settled_by_id == winner.pk


def test_a33_of_two_who_confirm_a_reorganisation_one_does() -> None:
    at, rounds = timezone.now(), 10
    make_gazetteer_version()
    officers = [make_officer(Role.SUPERVISOR) for _each in range(2)]

    for number in range(1, rounds + 1):
        make_reorganisation(number=number)
        [pair] = two_at_once(
            lambda by, key: reorganising.confirm(number=key, by=by, at=at).number,
            officers,
            [number],
            refusal=ruling.NotWaiting,
        )
        found = Reorganisation.objects.get(number=number)
        assert pair.count(REFUSED) == 1
        assert found.settled_by_id == officers[pair.index(number)].pk
        reorganising.call_off(number=number, reason="next round", by=officers[0], at=at)
