"""Ending more than fifty tiplines takes two officers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import services as officers
from accounts.models import User
from accounts.roles import Role
from accounts.scope import scoped
from accounts.services.duties import duty_of
from audit.models import Event
from cases.models import Proposal
from cases.proposal_lines import left_out_of, numbers_of
from cases.services import assigning, proposing, restricting
from cases.services.proposing import ALONE_AT_MOST, COUNTED_WITHIN, Wish
from tests.cases.made import make_case, make_proposal
from tests.cases.test_following import make_supplement
from tests.cases.test_triage_pages import signed_in
from tests.factories import NOON, make_dispatch, make_district, make_officer, make_tipline
from tests.statements import Statements
from tiplines.models import Decision, Tipline
from tiplines.models.decision import CloseReason, Kind
from tiplines.models.tipline import Status
from tiplines.services import deciding

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=1)
Wanted = Proposal.Wanted


@pytest.fixture
def first() -> User:
    return make_officer(Role.ANALYST, full_name="Asha Verma")


@pytest.fixture
def second() -> User:
    return make_officer(Role.ANALYST, full_name="Ravi Menon")


def make_many(count: int) -> list[Tipline]:
    dispatch = make_dispatch()
    return [make_tipline(dispatch=dispatch) for _ in range(count)]


def end(tips: Sequence[Tipline], *, by: User, at: Any = NOON, wanted: Wanted = Wanted.CLOSE) -> Any:
    reason = CloseReason.NO_LEAD.value if wanted == Wanted.CLOSE else ""
    state = "Haryana" if wanted == Wanted.TRANSFER else ""
    return proposing.end(
        wish=Wish(wanted=wanted, reason=reason, state_name=state, note="seen together"),
        tipline_ids=[tip.pk for tip in tips],
        by=by,
        at=at,
    )


def standing() -> set[str]:
    return set(Tipline.objects.values_list("status", flat=True))


# --- When a second officer is needed --------------------------------------------------------------


@pytest.mark.parametrize("wanted", [Wanted.CLOSE, Wanted.TRANSFER])
def test_fifty_exactly_need_none_and_one_more_does(first: User, wanted: Wanted) -> None:
    fifty, more = make_many(50), make_many(51)

    assert end(fifty, by=first, wanted=wanted).count == 50
    later = NOON + COUNTED_WITHIN
    proposal = end(more, by=first, at=later, wanted=wanted)

    assert ALONE_AT_MOST == 50
    assert isinstance(proposal, Proposal)
    assert (proposal.by, proposal.at, proposal.note) == (first, later, "seen together")
    keys = sorted(proposal.entries.values_list("tipline", flat=True))
    assert keys == [tip.pk for tip in more]
    assert Tipline.objects.filter(pk__in=keys, status=Status.AWAITING).count() == 51
    assert Decision.objects.count() == 50


def test_what_was_ended_in_the_minutes_before_counts_with_it(first: User, second: User) -> None:
    end(make_many(49), by=first)
    soon = NOON + COUNTED_WITHIN - MOMENT

    assert isinstance(end(make_many(2), by=first, at=soon), Proposal)
    assert end(make_many(1), by=first, at=soon).count == 1
    assert end(make_many(2), by=second, at=soon).count == 2
    assert end(make_many(2), by=first, at=NOON + COUNTED_WITHIN).count == 2


def test_single_decisions_and_what_was_undone_do_not_count(first: User) -> None:
    for tip in make_many(5):
        end([tip], by=first)
    undone = end(make_many(50), by=first)
    assigning.undo(batch=undone.batch, by=first, at=NOON)

    assert end(make_many(50), by=first).count == 50


def test_what_a_second_officer_confirmed_does_not_count(first: User, second: User) -> None:
    proposal = end(make_many(60), by=first)
    proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)

    assert end(make_many(50), by=first, at=NOON + MOMENT).count == 50


@pytest.mark.parametrize("said", [{"act": "assign"}, {"act": "send-back", "note": "Which one?"}])
def test_assigning_and_returning_many_need_none(first: User, said: dict[str, str]) -> None:
    make_many(60)
    place = {"place": f"d:{make_district().pk}"} if said["act"] == "assign" else {}

    preview, _answer = ask(
        signed_in(Client(), first), "/decide/", every="1", back="", **said, **place
    )

    assert "second officer" not in preview.content.decode()
    assert Decision.objects.count() == 60


# --- Supplements ----------------------------------------------------------------------------------


def follow(tips: Sequence[Tipline], *, by: User) -> Any:
    return proposing.send_after(
        wish=Wish(wanted=Wanted.FOLLOW), tipline_ids=[tip.pk for tip in tips], by=by, at=NOON
    )


def make_ending(count: int) -> list[Tipline]:
    """Supplements of a report that is closed."""
    parent = make_tipline()
    end([parent], by=make_officer())
    return [make_supplement(parent) for _ in range(count)]


def test_supplements_that_would_end_wait_and_those_that_join_a_case_do_not(
    first: User, second: User
) -> None:
    ending = make_ending(51)
    case = make_case()
    joining = make_supplement(case.entries.get().tipline)

    done, proposal = follow([*ending, joining], by=first)

    joining.refresh_from_db()
    assert (done.count, joining.status) == (1, Status.HELD)
    assert proposal.entries.count() == 51
    assert not Decision.objects.filter(tipline__in=ending).exists()
    decided = proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)
    assert decided.count == 51
    assert set(Decision.objects.filter(tipline__in=ending).values_list("kind", "by")) == {
        (Kind.CLOSE, first.pk)
    }


def test_fifty_supplements_that_would_end_need_none(first: User) -> None:
    done, proposal = follow(make_ending(50), by=first)

    assert (done.count, proposal) == (50, None)


# --- Answers --------------------------------------------------------------------------------------


def test_a_confirmed_proposal_is_the_decision_of_the_first_and_names_the_second(
    first: User, second: User
) -> None:
    tips = make_many(51)
    proposal = end(tips, by=first)

    decided = proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON + MOMENT)

    assert decided.count == 51
    assert standing() == {Status.CLOSED}
    said = Decision.objects.values_list("by", "at", "reason", "note", "batch").distinct()
    assert list(said) == [(first.pk, NOON + MOMENT, "no-lead", "seen together", decided.batch)]
    proposal.refresh_from_db()
    assert (proposal.answer, proposal.settled_by) == ("confirmed", second)
    events = Event.objects.filter(verb="tipline.closed")
    assert events.count() == 51
    assert {(each.actor_id, each.detail["proposed_by"]) for each in events} == {
        (second.pk, first.pk)
    }


def test_what_changed_meanwhile_is_left_as_it_is_and_named(first: User, second: User) -> None:
    tips = make_many(51)
    proposal = end(tips, by=first)
    deciding.send_back(tipline_ids=[tips[3].pk], by=second, at=NOON, note="Which account?")

    decided = proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)

    tips[3].refresh_from_db()
    assert (decided.count, decided.skipped) == (50, (tips[3].number,))
    assert tips[3].status == Status.SENT_BACK


def test_a_transfer_takes_each_to_the_state_found_for_it(first: User, second: User) -> None:
    tips = make_many(51)
    Tipline.objects.filter(pk__in=[tip.pk for tip in tips[1:]]).update(state_name="Kerala")
    proposal = proposing.end(
        wish=Wish(wanted=Wanted.TRANSFER), tipline_ids=[tip.pk for tip in tips], by=first, at=NOON
    )
    assert isinstance(proposal, Proposal)

    decided = proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)

    assert (decided.count, decided.without_state) == (50, (tips[0].number,))
    assert set(Decision.objects.values_list("state_name", flat=True)) == {"Kerala"}


def test_nobody_is_the_second_officer_to_oneself(first: User) -> None:
    proposal = make_proposal(make_many(2), by=first)

    with pytest.raises(proposing.OnesOwn):
        proposing.confirm(proposal_id=proposal.pk, by=first, at=NOON)
    with pytest.raises(proposing.OnesOwn):
        proposing.refuse(proposal_id=proposal.pk, reason="no", by=first, at=NOON)
    with pytest.raises(IntegrityError, match="nobody_confirms_ones_own"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(
            answer="confirmed", settled_at=NOON, settled_by=first, batch=uuid4()
        )

    assert standing() == {Status.AWAITING}


def test_only_who_proposed_withdraws(first: User, second: User) -> None:
    proposal = make_proposal(make_many(2), by=first)

    with pytest.raises(proposing.NotOnesOwn):
        proposing.withdraw(proposal_id=proposal.pk, by=second, at=NOON)
    proposing.withdraw(proposal_id=proposal.pk, by=first, at=NOON)

    with pytest.raises(proposing.NotWaiting):
        proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)
    assert standing() == {Status.AWAITING}


def test_a_refusal_says_why_and_settles_it(first: User, second: User) -> None:
    proposal = make_proposal(make_many(2), by=first)

    with pytest.raises(proposing.ReasonMissing):
        proposing.refuse(proposal_id=proposal.pk, reason=" ", by=second, at=NOON)
    proposing.refuse(proposal_id=proposal.pk, reason="some are urgent", by=second, at=NOON)

    proposal.refresh_from_db()
    assert (proposal.answer, proposal.answer_note) == ("refused", "some are urgent")
    with pytest.raises(proposing.NotWaiting):
        proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)
    assert standing() == {Status.AWAITING}


def test_after_seven_days_nobody_confirms_it(first: User, second: User) -> None:
    dies = NOON + timedelta(days=7)
    late, timely = (make_proposal(make_many(2), by=first) for _ in range(2))

    with pytest.raises(proposing.NotWaiting):
        proposing.confirm(proposal_id=late.pk, by=second, at=dies)
    assert proposing.confirm(proposal_id=timely.pk, by=second, at=dies - MOMENT).count == 2

    assert not Proposal.objects.waiting(at=dies).exists()
    assert list(Proposal.objects.waiting(at=dies - MOMENT)) == [late]


def test_who_proposed_must_still_be_at_the_desk(first: User, second: User) -> None:
    proposal = make_proposal(make_many(2), by=first)
    officers.set_active(user=first, active=False, by=make_officer(Role.ADMINISTRATOR), at=NOON)

    with pytest.raises(proposing.ProposerGone):
        proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)

    assert standing() == {Status.AWAITING}


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.STATION, Role.AUDITOR, Role.ADMINISTRATOR])
def test_nobody_but_the_triage_desk_proposes_or_answers(first: User, role: Role) -> None:
    proposal, other = make_proposal(make_many(2), by=first), make_officer(role)

    with pytest.raises(deciding.NotAllowed):
        proposing.confirm(proposal_id=proposal.pk, by=other, at=NOON)
    with pytest.raises(deciding.NotAllowed):
        end(make_many(2), by=other)
    assert not Proposal.objects.visible_to(other).exists()


def test_each_step_is_one_event_about_the_proposal(first: User, second: User) -> None:
    made = [make_proposal(make_many(2), by=first) for _ in range(3)]

    proposing.confirm(proposal_id=made[0].pk, by=second, at=NOON)
    proposing.refuse(proposal_id=made[1].pk, reason="no", by=second, at=NOON)
    proposing.withdraw(proposal_id=made[2].pk, by=first, at=NOON)

    told = Event.objects.filter(subject__startswith="proposal:").order_by("pk")
    assert list(told.values_list("verb", "subject", "actor_id")) == [
        *(("proposal.made", f"proposal:{each.pk}", first.pk) for each in made),
        ("proposal.confirmed", f"proposal:{made[0].pk}", second.pk),
        ("proposal.refused", f"proposal:{made[1].pk}", second.pk),
        ("proposal.withdrawn", f"proposal:{made[2].pk}", first.pk),
    ]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SUPERVISOR])
def test_the_first_officer_or_a_supervisor_undoes_a_confirmed_one(
    first: User, second: User, role: Role
) -> None:
    tips = make_many(51)
    proposal = end(tips, by=first)
    decided = proposing.confirm(proposal_id=proposal.pk, by=second, at=NOON)
    undoing = first if role == Role.ANALYST else make_officer(role)

    with pytest.raises(assigning.CannotUndo):
        assigning.undo(batch=decided.batch, by=undoing, at=NOON + timedelta(hours=24) + MOMENT)
    assert assigning.undo(batch=decided.batch, by=undoing, at=NOON + timedelta(hours=24)) == 51

    assert standing() == {Status.AWAITING}


# --- Restricted cases -----------------------------------------------------------------------------


def make_restricted(owner: User) -> Tipline:
    """One that awaits and only `owner` sees: a supplement of a report in a restricted case."""
    case = make_case(at=timezone.now() - timedelta(hours=1))
    supplement = make_supplement(case.entries.get().tipline)
    with scoped(owner):
        restricting.restrict(
            case_id=case.pk,
            officers=[],
            hides_existence=False,
            reason="an officer is named",
            by=owner,
            at=timezone.now(),
        )
    owner.duty = duty_of(owner, at=timezone.now())
    supplement.refresh_from_db()
    return supplement


def test_what_the_second_officer_does_not_see_is_neither_shown_nor_decided(
    client: Client, second: User
) -> None:
    owner = make_officer(Role.SUPERVISOR)
    hidden, seen = make_restricted(owner), make_many(2)
    now = timezone.now()
    proposal = make_proposal([hidden, *seen], by=owner, at=now)
    only_hidden = make_proposal([hidden], by=owner, at=now)
    browser = signed_in(client, second)

    page = browser.get(f"/proposals/{proposal.pk}/").content.decode()
    listed = browser.get("/proposals/").content.decode()
    browser.post(f"/proposals/{proposal.pk}/confirm/")

    assert "Close 2 tiplines" in page
    assert seen[0].number in page
    assert hidden.number not in page
    assert "Waiting for a second officer: 1" in listed
    assert browser.get(f"/proposals/{only_hidden.pk}/").status_code == 404
    assert browser.post(f"/proposals/{only_hidden.pk}/confirm/").status_code == 404
    after = browser.get(f"/proposals/{proposal.pk}/").content.decode()
    assert hidden.number not in after
    hidden.refresh_from_db()
    assert hidden.status == Status.AWAITING
    assert Tipline.objects.filter(status=Status.CLOSED).count() == 2


def test_the_plan_leaves_it_alone_without_the_net_below(second: User) -> None:
    """The services themselves, where no row-level security hides a row."""
    owner = make_officer(Role.SUPERVISOR)
    hidden, seen = make_restricted(owner), make_many(2)
    proposal = make_proposal([hidden, *seen], by=owner, at=timezone.now())

    numbers = numbers_of(proposal, second)
    decided = proposing.confirm(proposal_id=proposal.pk, by=second, at=timezone.now())

    proposal.refresh_from_db()
    hidden.refresh_from_db()
    assert numbers == [tip.number for tip in seen]
    assert (decided.count, decided.skipped, hidden.status) == (2, (), Status.AWAITING)
    assert left_out_of(proposal, second) is None
    assert left_out_of(proposal, owner) is not None


# --- Pages ----------------------------------------------------------------------------------------


def ask(browser: Client, path: str, **said: Any) -> Any:
    """Preview and confirm, as an officer does."""
    preview = browser.post(path, said)
    return preview, browser.post(path, {**said, "confirmed": preview.context["sealed"]})


def test_closing_many_from_the_queue_is_proposed_and_confirmed_by_another(
    first: User, second: User
) -> None:
    make_many(101)
    make_tipline(provider="Instagram")
    mine, theirs = signed_in(Client(), first), signed_in(Client(), second)

    preview, answer = ask(
        mine, "/decide/", act="close", every="1", back="?provider=google", reason="viral"
    )
    proposal = Proposal.objects.get()
    path = f"/proposals/{proposal.pk}/"
    own, other = mine.get(path).content.decode(), theirs.get(path).content.decode()

    assert "need a second officer" in preview.content.decode()
    assert answer.url == path
    assert not Decision.objects.exists()
    assert "Waiting for a second officer: 1" in mine.get("/queue/").content.decode()
    assert f"{path}withdraw/" in own
    assert f"{path}confirm/" not in own
    assert f"{path}confirm/" in other
    assert f"{path}refuse/" in other
    assert "Viral material shared without malice" in other
    assert "All of the list: Awaiting decision · google" in other
    assert other.count('href="/tiplines/') == 100
    assert "and 1 more" in other

    mine.post(f"{path}confirm/")
    assert not Decision.objects.exists()
    told = theirs.post(f"{path}confirm/", follow=True).content.decode()
    assert "Confirmed: 101 tiplines are decided." in told
    assert Decision.objects.filter(by=first).count() == 101
    assert "Waiting for a second officer" not in mine.get("/queue/").content.decode()

    batch = str(Decision.objects.first().batch)  # type: ignore[union-attr]
    assert batch in mine.get(path).content.decode()
    assert batch not in theirs.get(path).content.decode()
    mine.post("/undo/", {"batch": batch, "back": ""})
    assert standing() == {Status.AWAITING}


def test_the_page_names_what_was_left_out(first: User, second: User) -> None:
    tips = make_many(51)
    proposal = end(tips, by=first, at=timezone.now())
    end([tips[7]], by=second)
    browser = signed_in(Client(), second)

    told = browser.post(f"/proposals/{proposal.pk}/confirm/", follow=True).content.decode()

    notice = told[told.index("1 was left as it is") : told.index("Where they belong")]
    assert tips[7].number in notice
    assert tips[8].number not in notice


def test_a_refusal_without_a_reason_comes_back(first: User, second: User) -> None:
    proposal = make_proposal(make_many(2), by=first, at=timezone.now())
    browser = signed_in(Client(), second)

    assert browser.post(f"/proposals/{proposal.pk}/refuse/", {"reason": " "}).status_code == 422
    page = browser.post(f"/proposals/{proposal.pk}/refuse/", {"reason": "urgent"}, follow=True)

    assert "urgent" in page.content.decode()
    assert "Refused" in page.content.decode()


def test_following_from_the_queue_is_proposed(first: User) -> None:
    make_ending(51)
    Tipline.objects.update(urgency=10)
    browser = signed_in(Client(), first)

    preview, answer = ask(browser, "/follow/", every="1", back="?supplement=1")

    assert "51 of them would be closed or transferred" in preview.content.decode()
    assert answer.url == f"/proposals/{Proposal.objects.get().pk}/"
    assert "Send 51 supplements" in browser.get(answer.url).content.decode()


def test_the_list_costs_the_same_however_many_wait(first: User, second: User) -> None:
    browser, spent = signed_in(Client(), second), []
    for more in (1, 6):
        for _ in range(more):
            make_proposal(make_many(2), by=first, at=timezone.now())
        with Statements() as asked:
            page = browser.get("/proposals/").content.decode()
        spent.append(len(asked))

    assert "Waiting for a second officer: 7" in page
    assert spent[0] == spent[1]
