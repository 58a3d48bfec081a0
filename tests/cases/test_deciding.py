"""Transfer, closing and return to the sender, one or many in as many statements."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Act, Role
from audit.models import Event
from tests.factories import NOON, make_dispatch, make_officer, make_tipline
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason, Kind
from tiplines.models.tipline import Status
from tiplines.services import deciding

pytestmark = pytest.mark.django_db

Deed = Callable[[list[int], User], deciding.Decided]


def close(tipline_ids: list[int], by: User) -> deciding.Decided:
    return deciding.close(tipline_ids=tipline_ids, reason=CloseReason.NO_LEAD, by=by, at=NOON)


def transfer(tipline_ids: list[int], by: User) -> deciding.Decided:
    return deciding.transfer(tipline_ids=tipline_ids, state_name="Haryana", by=by, at=NOON)


def send_back(tipline_ids: list[int], by: User) -> deciding.Decided:
    return deciding.send_back(tipline_ids=tipline_ids, by=by, at=NOON, note="no content")


ACTS = [
    pytest.param(close, Status.CLOSED, Kind.CLOSE, "tipline.closed", id="close"),
    pytest.param(transfer, Status.TRANSFERRED, Kind.TRANSFER, "tipline.transferred", id="transfer"),
    pytest.param(send_back, Status.SENT_BACK, Kind.SEND_BACK, "tipline.sent-back", id="send back"),
]


@pytest.mark.parametrize(("act", "status", "kind", "verb"), ACTS)
def test_a_decision_ends_the_tipline_and_is_recorded(
    act: Deed, status: Status, kind: Kind, verb: str
) -> None:
    tip, officer = make_tipline(), make_officer()

    decided = act([tip.pk], officer)

    tip.refresh_from_db()
    decision = Decision.objects.get(tipline=tip)
    event = Event.objects.get(verb=verb)
    assert (decided.count, decided.skipped) == (1, ())
    assert (tip.status, tip.status_at) == (status, NOON)
    assert (decision.kind, decision.by, decision.at) == (kind, officer, NOON)
    assert decision.batch == decided.batch
    assert event.subject == f"tipline:{tip.number}"
    assert event.detail["batch"] == str(decided.batch)


@pytest.mark.parametrize(("act", "status", "kind", "verb"), ACTS)
def test_the_second_officer_is_told_what_was_decided_already(
    act: Deed, status: Status, kind: Kind, verb: str
) -> None:
    first, second = make_tipline(), make_tipline()
    close([first.pk], make_officer())

    decided = act([first.pk, second.pk], make_officer())

    assert (decided.count, decided.skipped) == (1, (first.number,))
    assert Decision.objects.filter(tipline=first).count() == 1


@pytest.mark.parametrize(("act", "status", "kind", "verb"), ACTS)
def test_statements_do_not_grow_with_the_tiplines(
    act: Deed, status: Status, kind: Kind, verb: str
) -> None:
    officer, dispatch = make_officer(), make_dispatch()
    one = [make_tipline(dispatch=dispatch).pk]
    many = [make_tipline(dispatch=dispatch).pk for _ in range(300)]

    with CaptureQueriesContext(connection) as for_one:
        act(one, officer)
    with CaptureQueriesContext(connection) as for_many:
        act(many, officer)

    assert len(for_one) == len(for_many) <= 7
    assert Tipline.objects.filter(status=status).count() == 301


def test_each_goes_to_the_state_found_for_it_and_the_others_wait() -> None:
    north, south, unknown = make_tipline(), make_tipline(), make_tipline()
    Tipline.objects.filter(pk=north.pk).update(state_name="Haryana")
    Tipline.objects.filter(pk=south.pk).update(state_name="Kerala")

    decided = deciding.transfer(
        tipline_ids=[north.pk, south.pk, unknown.pk], state_name=None, by=make_officer(), at=NOON
    )

    unknown.refresh_from_db()
    assert (decided.count, decided.without_state) == (2, (unknown.number,))
    assert unknown.status == Status.AWAITING
    assert dict(Decision.objects.values_list("tipline", "state_name")) == {
        north.pk: "Haryana",
        south.pk: "Kerala",
    }


def test_a_return_to_the_sender_says_why() -> None:
    tip, officer = make_tipline(), make_officer()
    before = Event.objects.count()

    with pytest.raises(deciding.NoteMissing):
        deciding.send_back(tipline_ids=[tip.pk], by=officer, at=NOON, note="  ")

    tip.refresh_from_db()
    assert tip.status == Status.AWAITING
    assert Event.objects.count() == before


@pytest.mark.parametrize("role", list(Role))
def test_only_the_unit_decides(role: Role) -> None:
    tip, officer = make_tipline(), make_officer(role)
    before = Event.objects.count()

    if officer.duty.may(Act.TRIAGE):
        assert close([tip.pk], officer).count == 1
        return
    with pytest.raises(deciding.NotAllowed):
        close([tip.pk], officer)

    tip.refresh_from_db()
    assert tip.status == Status.AWAITING
    assert Event.objects.count() == before
    assert not Decision.objects.exists()


def test_a_tipline_that_does_not_exist_stops_the_whole_act() -> None:
    tip, officer = make_tipline(), make_officer()

    with pytest.raises(deciding.NotVisible) as refusal:
        close([tip.pk, 0], officer)

    tip.refresh_from_db()
    assert refusal.value.count == 1
    assert tip.status == Status.AWAITING


def test_nothing_chosen_decides_nothing() -> None:
    officer = make_officer()
    before = Event.objects.count()

    assert close([], officer).count == 0
    assert Event.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_is_told() -> None:
    tips = [make_tipline().pk for _ in range(20)]
    officers = [make_officer(), make_officer()]
    results: list[deciding.Decided] = []

    def work(officer: User, chosen: list[int]) -> None:
        try:
            results.append(close(chosen, officer))
        finally:
            connection.close()

    threads = [
        Thread(target=work, args=(officers[0], tips)),
        Thread(target=work, args=(officers[1], tips[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((done.count, len(done.skipped)) for done in results) == [(0, 20), (20, 0)]
    assert Decision.objects.count() == 20
